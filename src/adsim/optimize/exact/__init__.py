"""The exact part: bids from closed forms, their bound, and the plans to compare them with."""
