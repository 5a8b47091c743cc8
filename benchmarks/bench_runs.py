"""Runs at the three fidelities, in small scenes: the market compiled, the book opened."""

from __future__ import annotations

from benchmarks import scenes


class Events:
    """A replication of a day; the promised rates are in searches or bids a second."""

    params = ("dense", "thin", "named_dense", "named_thin")
    param_names = ("scene",)
    warmup_time = 0.0

    def setup(self, scene: str) -> None:
        self.scene: scenes.Scene = getattr(scenes, scene)()
        self.scene.run()

    def time_day(self, scene: str) -> None:
        self.scene.run()


class Counts:
    """A replication of a day, which costs as much for a thousand searches as for a billion."""

    def setup(self) -> None:
        self.scene = scenes.counts_day(queries=100)
        self.scene.run()

    def time_day(self) -> None:
        self.scene.run()

    def time_opening(self) -> None:
        with scenes.thread_pool(1) as pool:
            self.scene.open(pool)

    def peakmem_day(self) -> None:
        self.scene.run()


class Expected:
    """Closed forms of 30,000 offers, by the family of the rivals' ad ranks."""

    params = ("lognormal", "loglogistic", "gamma", "table")
    param_names = ("family",)

    def setup(self, family: str) -> None:
        self.scene = scenes.hundred_thousand(family, queries=10_000)
        self.scene.run()

    def time_opening(self, family: str) -> None:
        with scenes.thread_pool(1) as pool:
            self.scene.open(pool)

    def time_day(self, family: str) -> None:
        self.scene.run()
