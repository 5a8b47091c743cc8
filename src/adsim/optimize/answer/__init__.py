"""What is answered: the plan, why it is so, and the sentences that say it."""
