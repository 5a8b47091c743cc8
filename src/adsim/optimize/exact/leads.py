"""Where the search begins in each mode: the worth of clicks and the money plans are made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from adsim.kernels.spending import REACH, WHOLE
from adsim.optimize.aims.goals import GOALS, ROI_SPENDS, Aim, Goal, spend_of
from adsim.optimize.exact.allocation import allocate
from adsim.optimize.exact.ascent import Climb, climb
from adsim.optimize.exact.choosing import list_choices
from adsim.optimize.exact.closing_in import Guess, Point, close_in, crossing, secant
from adsim.optimize.exact.task import Task
from adsim.results.tables import Floats

MARGINS = (1.0, 1.003, 1.01, 1.03, 1.1, 1.3, 1.8, 3.0)  # spends above the least that are tried
REACH_MARGINS = (1.3, 1.15, 1.05)  # more than enough money, for the last step to begin from
FIRST_PRESSURE = 0.3  # of value / spend
LARGEST_PRESSURE = 1e7
STRETCH = 4.0
ROUNDS = 14  # of closing in on a target as if keywords stood alone
SHARED_ROUNDS = 3  # and where they share queries


@dataclass(frozen=True)
class Lead:
    """A task at some pressure, and the money [C + 1] of a mean day that a plan is made for."""

    task: Task
    money: Floats
    rule: int = WHOLE

    def alone(self) -> Climb:
        """The plan as if every keyword stood alone on its queries."""
        return self.task.alone(self.money, self.rule)

    def ascend(self, start: Climb) -> list[Climb]:
        """Plans where own keywords stand against each other, better from one to the next."""
        task = self.task
        known = (task.bench, task.plan, task.choice, task.days.mean)
        return list(climb(*known, start, self.money))


@dataclass(frozen=True)
class Knob:
    """How a condition is closed in on: the lead at every place, the slack, the way to guess."""

    lead: Callable[[float], Lead]
    slack: Callable[[np.ndarray], Floats]
    guess: Guess
    low: Point
    high: Point | None

    def point(self, task: Task, place: float, climbs: list[Climb]) -> Point:
        """What comes of these plans, the last one at the place of the knob."""
        tallies = task.expect(climbs[-1:])
        value = float(task.aim.goal.measure(tallies, task.aim.goal.value)[0])
        return Point(place, climbs, value, float(self.slack(tallies)[0]))


def leads_of(task: Task) -> tuple[Task, list[Lead], Knob | None]:
    """The task with its floor, the leads to begin from, the best guess last; the knob, if any."""
    if task.aim.target is not None:
        return task, *_target_leads(task)
    if task.aim.reach is not None:
        return task, *_reach_leads(task)
    if task.aim.goal.is_return:
        task = replace(task, aim=replace(task.aim, floor=task.aim.floor or _floor(task)))
        money = [task.with_money(task.aim.floor * margin) for margin in MARGINS]
        return task, [Lead(task, one, REACH) for one in money], None
    return task, [Lead(task, money) for money in task.daily_money()], None


def _floor(task: Task) -> float:
    """The least spend where the goal is a return: a part of the budget, else of today's spend.

    No more than the plan spends that spends most.
    """
    budget = task.budgets[-1]
    most = task.alone(np.append(task.budgets[:-1], np.inf))
    today, largest = spend_of(task.expect([Climb(task.plan.bid, most.price), most]))
    wanted = today if np.isinf(budget) else budget * task.days.count.sum()
    return float(min(ROI_SPENDS * wanted, max(today, largest)))


def _target_leads(task: Task) -> tuple[list[Lead], Knob | None]:
    """At the pressures on both sides of where the target just holds."""
    target = task.aim.target
    assert target is not None

    def lead(pressure: float) -> Lead:
        return Lead(task.pressed(pressure), task.budgets)

    first = lead(0.0).alone()
    knob = Knob(lead, target.slack, crossing, Point(0.0, [first], 0.0, 0.0), None)
    low = knob.point(task, 0.0, [first])
    if low.slack >= 0:
        return [Lead(task, money) for money in task.daily_money()], None
    spent = spend_of(task.expect([first]))[0] * target.spend_worth
    pressure = FIRST_PRESSURE * max(abs(low.value), 1e-6) / spent
    high, limit = None, LARGEST_PRESSURE * pressure
    while high is None and pressure < limit:
        point = knob.point(task, pressure, [lead(pressure).alone()])
        low, high = (low, point) if point.slack >= 0 else (point, None)
        pressure *= STRETCH
    if high is None:
        return [lead(low.knob)], None
    low, high = close_in(
        lambda place: knob.point(task, place, [lead(place).alone()]), low, high, crossing, ROUNDS
    )
    ends = [task.pressed(point.knob) for point in (low, high)]
    leads = [Lead(end, money) for end in ends for money in end.daily_money()]
    return leads, replace(knob, low=low, high=high)


def _reach_leads(task: Task) -> tuple[list[Lead], Knob | None]:
    """With the money on both sides of what just reaches the amount."""
    amount, days = task.aim.reach, task.days.count.sum()
    assert amount is not None

    def slack(tallies: np.ndarray) -> Floats:
        return task.aim.goal.measure(tallies) - amount

    def lead(money: float) -> Lead:
        least = np.minimum(task.with_money(money), task.budgets)
        return Lead(task, least)

    def at(money: float) -> Point:
        return knob.point(task, money, [lead(money).alone()])

    most = days * min(task.budgets[-1], allocate(task.hulls, task.budgets).spend)
    knob = Knob(lead, slack, secant, Point(0.0, [lead(0.0).alone()], 0.0, -amount), None)
    high = at(float(most))
    if high.slack < 0:
        return [lead(float(most))], None
    low, high = close_in(at, at(0.0), high, secant, ROUNDS)
    money = [*(high.knob * margin for margin in REACH_MARGINS), low.knob, high.knob]
    return [lead(one) for one in money], replace(knob, low=low, high=high)


def ascend(task: Task, lead: Lead, start: Climb, knob: Knob | None) -> list[Climb]:
    """Plans where own keywords stand against each other; with a knob, closing in on its condition.

    What holds for keywords that stand alone does not where they meet: the knob is turned again.
    """
    found = lead.ascend(start)
    if knob is None or knob.high is None:
        return found
    place, low, high = knob.high.knob, None, None
    for _ in range(SHARED_ROUNDS):
        point = knob.point(task, place, found)
        low, high = (low, point) if point.slack >= 0 else (point, high)
        if low is not None and high is not None:
            place = secant(low, high)
        else:
            place *= 1.25 if high is None else 0.8
        found = [*found, *knob.lead(place).ascend(found[-1])]
    return found


def nearest_return(task: Task, goal: Goal) -> tuple[Task, list[Climb], float]:
    """The best return that any plan can have (a task without target), plans, and its bound.

    Dinkelbach's method (1967): the price of money is the return found so far, until no bid is
    worth more than it costs.
    """
    market = task.bench.market.arrays
    choice = list_choices(task.ranges, market, task.plan, goal)
    plans: list[Climb] = []
    rate = 0.0
    while len(plans) < ROUNDS:
        priced = task.worth(choice._replace(spend_worth=rate))
        given = allocate(priced.hulls, task.budgets)
        if given.spend <= 0 or given.value <= rate * given.spend * 1e-12:
            break
        rate += given.value / given.spend
        plans.append(Climb(given.bids, np.append(np.zeros(len(task.budgets) - 1), rate)))
    aim = Aim(GOALS[goal.name])
    bound = rate if goal.rises else 1 / rate if rate > 0 else 0.0
    return replace(task, aim=aim, choice=choice, pressure=0.0), plans, bound
