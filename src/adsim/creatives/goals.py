"""What creatives can be judged by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One measure.

    Attributes:
        name: As in `--goal`; `texts.py` says what it is.
        column: Its column in the results.
        successes, trials: Columns of the table whose ratio is the rate that it rests on.
        pays: Whether successes are weighed by what they bring: revenue an order.
        per_spend: Whether that is divided by what a trial costs.
    """

    name: str
    column: str
    successes: str
    trials: str
    pays: bool = False
    per_spend: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns of the table that it is made of."""
        money = ("revenue",) * self.pays + ("spend",) * self.per_spend
        return tuple(dict.fromkeys((self.trials, self.successes, *money)))


GOALS = {
    goal.name: goal
    for goal in (
        Goal("ctr", "ctr", "clicks", "impressions"),
        Goal("carts", "cart_rate", "carts", "clicks"),
        Goal("cvr", "cvr", "orders", "clicks"),
        Goal("orders", "order_rate", "orders", "impressions"),
        Goal("revenue", "revenue_rate", "orders", "impressions", pays=True),
        Goal("roi", "roi", "orders", "clicks", pays=True, per_spend=True),
    )
}
"""By name."""
