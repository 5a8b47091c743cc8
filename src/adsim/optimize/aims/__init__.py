"""What is asked: goal, targets, limits, the days, and the bids that all of them allow."""
