"""The columns of a tally, in the order in which every fidelity writes them."""

from __future__ import annotations

SEARCHES = 0
ELIGIBLE = 1
IMPRESSIONS = 2
CLICKS = 3
CARTS = 4
ORDERS = 5  # after a click
SPEND = 6  # micros
REVENUE = 7  # micros
GOODS_COST = 8  # micros: orders x unit cost
POSITION_SUM = 9  # over impressions, the top slot counts 1
LOST_TO_RANK = 10
LOST_TO_BUDGET = 11
ORGANIC_ORDERS = 12  # without a click
ORGANIC_REVENUE = 13  # micros
ORGANIC_GOODS_COST = 14  # micros
LOST_TO_CAP = 15
N_FIELDS = 16
