"""The search over policies around the exact bids: trials, study, race on fresh luck."""
