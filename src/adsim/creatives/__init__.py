"""Tests of creatives: who is the best by the user's own counts, and how large a test must be."""

from adsim.creatives.planning import CreativePlan, plan_creative_test
from adsim.creatives.testing import CreativeTest, creative_test

__all__ = ["CreativePlan", "CreativeTest", "creative_test", "plan_creative_test"]
