"""A run: a scenario under a plan at a fidelity, its tables, and where to carry on."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.kernels.model import Window
from adsim.kernels.rotating import N_TRIED
from adsim.kernels.tally import N_FIELDS, SEARCHES
from adsim.market.compile import Market, compile_market
from adsim.results.registry import CAP_COLUMNS, GROUPS, ORGANIC_COLUMNS
from adsim.results.tables import report_table
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import loaded_problems, several, whole_problems
from adsim.simulate.creatives import creative_counts, creatives_table, steady_log
from adsim.simulate.diary import Diary, journey_table, open_diary, open_stocks
from adsim.simulate.grouping import (
    REPLICATION,
    Grouping,
    add_rows,
    by_replication,
    coarser,
    group_rows,
)
from adsim.simulate.histories import Progress, run_histories, thread_pool
from adsim.simulate.opening import OpenPlan, open_plan
from adsim.simulate.reaching import overlap_table, reach_table
from adsim.simulate.recipe import plan_digest, versions
from adsim.simulate.remembering import Memory, open_memory
from adsim.simulate.rotating import check_shares, has_trials, new_log
from adsim.simulate.settings import (
    LARGEST_SEED,
    Fidelity,
    RunState,
    check_groups,
    settle,
)
from adsim.simulate.tracing import trace_table

KEPT_BYTES = 64 << 20  # tallies by keyword are kept beside what was asked for up to this size


@dataclass(frozen=True, repr=False)
class Run:
    """The outcome of `simulate`.

    Attributes:
        scenario, plan, fidelity, seed, replications: What was run.
        first_day, last_day: Days first_day .. last_day - 1, counted from the scenario's start.
        state: Where to carry on.
    """

    scenario: Scenario
    plan: Plan
    fidelity: Fidelity
    seed: int
    replications: int
    first_day: int
    last_day: int
    market: Market
    opened: OpenPlan
    threads: int | None
    _begin: np.ndarray | None = None
    _trials: np.ndarray | None = None
    _remembered: Memory | None = None
    _kept: list[tuple[Grouping, np.ndarray]] = field(default_factory=list)
    _diaries: list[Diary] = field(default_factory=list)
    _logs: list[np.ndarray] = field(default_factory=list)
    _memories: list[Memory] = field(default_factory=list)

    def __repr__(self) -> str:
        world = f"{self.scenario.scenario.name!r} under {self.plan.name!r}"
        luck = f"{self.fidelity}, seed {self.seed}, replications {self.replications}"
        return f"<Run of {world}: {luck}, days {self.first_day} to {self.last_day - 1}>"

    @property
    def state(self) -> RunState:
        persons = self.diary.stocks if self.scenario.journey is not None else None
        return RunState(
            self.last_day,
            self.seed,
            self.replications,
            self.fidelity,
            self.scenario.digest(),
            persons,
            self.log[:, -1] if self.scenario.has_creatives else None,
            self.memory if self.opened.plan.exposure.cap.size else None,
        )

    @property
    def log(self) -> np.ndarray:
        """What creatives had brought, morning by morning: [replications, days + 1, m, N_TRIED]."""
        if not self._logs and has_trials(self.opened.plan.rotation, self.fidelity):
            self.keep(())
        elif not self._logs:
            self._logs.append(steady_log(self))
        return self._logs[-1]

    @property
    def first_trials(self) -> np.ndarray:
        """What creatives had brought before the first day: [replications, m, N_TRIED]."""
        if self._trials is not None:
            return self._trials
        shape = (self.replications, self.opened.plan.rotation.creatives.size, N_TRIED)
        return np.zeros(shape, np.float64 if self.fidelity == "expected" else np.int64)

    @property
    def diary(self) -> Diary:
        """Who was where, morning by morning."""
        if not self._diaries:
            self.keep(())
        return self._diaries[-1]

    @property
    def memory(self) -> Memory:
        """What persons remember after the last day; where that is large, the run is run again."""
        if not self._memories:
            self.keep((), remember=True)
        return self._memories[-1]

    def report(self, by: str | Sequence[str] = ()) -> pl.DataFrame:
        """One row a group, columns as in `adsim.results.registry`; without groups one row.

        Where queries.csv has organic orders or campaigns have caps, there are columns of them, too.

        `by` takes campaign, ad_group, keyword, query, audience, device, day, hour and replication
        (each history's own numbers, from 0), one or several.
        Raises SimulationError for another name.
        """
        names = several(by)
        check_groups(names, (*GROUPS, REPLICATION))
        tallies, labels = self.tallies([name for name in names if name != REPLICATION])
        if REPLICATION in names:
            tallies, labels = by_replication(tallies, labels)
        organic = ORGANIC_COLUMNS if self.scenario.has_organic else ()
        capped = any(campaign.frequency_cap is not None for campaign in self.plan.campaigns)
        more = (*organic, *(CAP_COLUMNS if capped else ()))
        return report_table(tallies, labels, self.fidelity, more)

    def reach(self, by: str | Sequence[str] = ()) -> pl.DataFrame:
        """Persons who saw an ad, and how often: one row a group, those of a report and crowd.

        Columns persons (of the population, or of the audience or crowd), impressions, reached (at
        least one impression), reach = reached / persons, frequency = impressions / reached,
        times_1 .. times_9, times_10 (10 or more): persons by their impressions over the whole run;
        reached_low and reached_high are its quantiles over replications; by day also
        reached_to_date, persons reached from the first day on. All are means over who makes a
        search, given the run's impressions (`adsim.simulate.reaching`), but for plans with
        frequency caps, whose persons are counted (fidelity events; by campaign, day, audience,
        crowd), and for persons who live (likewise; by campaign and day).
        Raises SimulationError without persons, or for an unknown group.
        """
        return reach_table(self, several(by))

    def overlap(self, by: str | Sequence[str]) -> pl.DataFrame:
        """Mean persons reached by both of two groups: a row and a column for each.

        Raises SimulationError as `reach` does, and for groups with several columns or above 100.
        """
        return overlap_table(self, several(by))

    def journey(self) -> pl.DataFrame:
        """Persons by state on every morning, one row a day and state: day, state, persons, share.

        The last morning is the one after the last day. Where several replications vary there are
        persons_low and persons_high, their 10 % and 90 % quantiles.
        Raises SimulationError where the scenario has no journey.
        """
        return journey_table(self)

    def creatives(self, by: str | Sequence[str] = ()) -> pl.DataFrame:
        """What every creative brought: one row a creative, with `by="day"` one a day and creative.

        Columns campaign, ad_group, creative, impressions, share (of the ad group's impressions),
        clicks, orders, spend, revenue, profit, ctr, cvr, and, where there are tests and no days,
        won (share of the replications in which it has won its test). Means over replications.
        Raises SimulationError where the scenario has no creatives, and for other groups than day.
        """
        return creatives_table(self, several(by))

    def creative_counts(self, replication: int = 0) -> pl.DataFrame:
        """The counts of one history by creative, for `adsim.creative_test`: what a user would see.

        Columns test (campaign / ad group), creative, impressions, clicks, orders, spend, revenue.
        Raises SimulationError as `creatives` does, and for fidelity expected, which has no counts.
        """
        return creative_counts(self, replication)

    def tallies(self, by: Sequence[str] = ()) -> tuple[np.ndarray, pl.DataFrame]:
        """Tallies of shape (replications, groups, N_FIELDS) and the groups' labels.

        The places of the last axis have names in `adsim.kernels.tally`, such as CLICKS; money is in
        micros. Counts and micros are int64, at fidelity `expected` float64.
        Groups that nothing was tallied for are kept, but for searches without an own keyword. What
        the run has not kept at this detail is run again: the same recipe, the same numbers.
        """
        check_groups(by)
        for grouping, tallies in self._kept:
            if set(by) <= set(grouping.by):
                row, labels = coarser(grouping, by)
                same = grouping.by == tuple(by)
                added = tallies if same else add_rows(tallies, row, max(1, labels.height))
                return _without_empty_nulls(added, grouping.labels if same else labels)
        self.keep(by)
        return self.tallies(by)

    def keep(
        self, by: Sequence[str], progress: Progress | None = None, remember: bool = False
    ) -> None:
        """Run the histories and keep their tallies at this detail.

        What persons remember is kept if that is little, or asked for.
        """
        grouping = group_rows(self.market, self.first_day, self.last_day, by)
        diary = self._new_diary()
        log = None
        if has_trials(self.opened.plan.rotation, self.fidelity):
            log = new_log(self.first_trials, self.last_day - self.first_day)
        memory = self._new_memory(remember)
        with thread_pool(self.threads) as pool:
            tallies = run_histories(
                self.market,
                [self.opened],
                grouping.groups,
                grouping.size,
                Window(self.first_day, self.last_day),
                fidelity=self.fidelity,
                seed=self.seed,
                replications=range(self.replications),
                pool=pool,
                progress=progress,
                diary=diary,
                log=log,
                memory=memory,
            )
        self._kept.append((grouping, tallies[0]))
        if log is not None:
            self._logs[:] = [log]
        if diary is not None:
            self._diaries[:] = [diary]
        if memory is not None:
            self._memories[:] = [memory]

    def _new_diary(self) -> Diary | None:
        """A diary that begins with the persons of the first morning; None without a journey."""
        if self.scenario.journey is None:
            return None
        begin = np.array([self.stocks(replication) for replication in range(self.replications)])
        days = self.last_day - self.first_day
        return open_diary(self.market.people, self.first_day, days, begin)

    def stocks(self, replication: int) -> np.ndarray:
        """The persons who live on a history's first morning; see `Diary`."""
        if self._begin is not None:
            return np.array(self._begin[replication])
        return open_stocks(self.market.people, self.fidelity, self.seed, replication)

    def seen(self, replication: int) -> np.ndarray:
        """What they have seen before it; see `Memory`."""
        if self._remembered is not None:
            return np.array(self._remembered.seen[replication])
        exposure = self.opened.plan.exposure
        return open_memory(exposure, self.fidelity, self.stocks(replication))

    def _new_memory(self, wanted: bool) -> Memory | None:
        """What histories begin with; None where nothing is counted, or much and nobody asked."""
        exposure = self.opened.plan.exposure
        if not exposure.cap.size:
            return None
        first = self.seen(0)
        carried = self._remembered is not None
        if not (wanted or carried or first.nbytes * self.replications <= KEPT_BYTES):
            return None
        others = [self.seen(replication) for replication in range(1, self.replications)]
        return Memory(exposure, np.array([first, *others]))

    def with_seed(self, seed: int) -> Run:
        """The run under another seed, nothing compiled anew; its tables are run when asked for.

        Raises SimulationError for a seed out of range.
        """
        if problems := whole_problems(("seed", seed, 0, LARGEST_SEED)):
            raise SimulationError(*problems)
        return replace(self, seed=int(seed), _kept=[], _diaries=[], _logs=[], _memories=[])

    def trace(self, auctions: int = 20) -> pl.DataFrame:
        """The first auctions of replication 0 one by one, in order of time (fidelity events).

        Columns time (local), query, audience, person (row of the population, from 0; without one a
        number where there is a journey, else null), device, campaign, ad_group, keyword,
        match_type (of the keyword that the search counts for), outcome, position (1 = top, null
        where not shown), clicked, charge (money), carted, ordered (after the click), and, where
        there are organic orders, organic (ordered without a click).
        Raises SimulationError for another fidelity, which has no single auctions.
        """
        problems = []
        if self.fidelity != "events":
            rule = "must be events for a trace: no other has single auctions"
            cure = 'simulate with fidelity="events"'
            problems.append(Problem("fidelity", rule, f"is {self.fidelity}", cure))
        if not (isinstance(auctions, int) and auctions > 0):
            rule = "must be a whole number above 0"
            problems.append(Problem("auctions", rule, f"is {auctions!r}", "give one"))
        if problems:
            raise SimulationError(*problems)
        window = Window(self.first_day, self.last_day)
        begin = (self.seen(0), self.stocks(0), self.first_trials[0].copy())
        return trace_table(self.market, self.opened, self.seed, window, begin, auctions)

    def recipe(self) -> dict[str, Any]:
        """All that the tables depend on: versions, digests, seed; no clock time, no path."""
        return {
            **versions(),
            "scenario": self.scenario.scenario.name,
            "scenario_digest": self.scenario.digest(),
            "plan": self.plan.name,
            "plan_digest": plan_digest(self.scenario, self.plan),
            "fidelity": self.fidelity,
            "seed": self.seed,
            "replications": self.replications,
            "first_day": self.first_day,
            "last_day": self.last_day,
        }


def simulate(
    scenario: Scenario,
    plan: Plan | None = None,
    fidelity: Fidelity = "counts",
    replications: int | None = None,
    seed: int | None = None,
    days: int | None = None,
    state: RunState | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    by: str | Sequence[str] = (),
) -> Run:
    """Run the account of a scenario under a plan.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    plan
        The advertiser's decisions; today's by default.
    fidelity
        "expected": means in closed form; "counts": exact samples of counts per cell and hour;
        "events": every search in order of time.
    replications
        Independent histories under the same plan, 64 by default; "expected" has one.
    seed
        0 to 2**32 - 1, 7 by default.
    days
        How many days to run, by default as many as the scenario has.
    state
        `run.state` of an earlier run: carry on after its last day with its seed, replications and
        fidelity.
    threads
        Number of threads; it never changes a result.
    progress
        Called with (histories done, histories in all).
    by
        Groups that `report` will be asked for, to run at that detail at once.

    Raises
    ------
    SimulationError
        Every argument that is out of its range.
    """
    if unloaded := loaded_problems(scenario, **({} if plan is None else {"plan": plan})):
        raise SimulationError(*unloaded)
    by = [name for name in several(by) if name != REPLICATION]
    settings = settle(scenario, fidelity, replications, seed, days, state, threads, by)
    plan = todays_plan(scenario) if plan is None else plan
    check_shares(scenario, plan, settings.fidelity)
    market = compile_market(scenario, [plan], settings.last_day)
    warn_of_unlimited_rivals(scenario, settings.fidelity)
    with thread_pool(threads) as pool:
        opened = open_plan(
            market.arrays,
            market.plans[0],
            pool,
            with_charge=settings.fidelity == "expected",
            with_prices=settings.fidelity != "expected",
        )
    memory, counting = settings.memory, market.plans[0].exposure
    run = Run(
        scenario,
        plan,
        settings.fidelity,
        settings.seed,
        settings.replications,
        settings.first_day,
        settings.last_day,
        market,
        opened,
        threads,
        settings.persons,
        settings.trials,
        memory.under(counting) if memory is not None and counting.cap.size else None,
    )
    kept = tuple(by)
    if "keyword" not in kept and _keyword_bytes(run, kept) <= KEPT_BYTES:
        kept = ("keyword", *kept)
    run.keep(kept, progress)
    return run


def warn_of_unlimited_rivals(scenario: Scenario, fidelity: Fidelity) -> None:
    """Say where named rivals spend on although their budgets may be gone."""
    limited = [rival.name for rival in scenario.rivals if rival.daily_budget is not None]
    if limited and fidelity != "events":
        names = ", ".join(limited)
        warnings.warn(
            f"fidelity {fidelity} lets named rivals bid without their budgets ({names}); "
            "use events to see them run out",
            stacklevel=3,
        )


def _keyword_bytes(run: Run, by: Sequence[str]) -> int:
    grouping = group_rows(run.market, run.first_day, run.last_day, by)
    return grouping.size * (len(run.market.keywords) + 1) * run.replications * N_FIELDS * 8


def _without_empty_nulls(
    tallies: np.ndarray, labels: pl.DataFrame
) -> tuple[np.ndarray, pl.DataFrame]:
    """Drop the groups of searches without an own keyword where there were no such searches."""
    if "campaign" not in labels.columns:
        return tallies, labels
    is_null = labels["campaign"].is_null().to_numpy()
    if not is_null.any():
        return tallies, labels
    used = tallies[:, is_null, SEARCHES].any(axis=0)
    kept = ~is_null
    kept[is_null] = used
    return (tallies, labels) if kept.all() else (tallies[:, kept], labels.filter(kept))
