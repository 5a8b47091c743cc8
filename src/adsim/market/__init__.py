"""The declared account and its queries, made into arrays of numbers once, before the run."""
