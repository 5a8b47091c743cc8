"""What is declared of a category under many media: states, keys, checks, loading."""

from adsim.scenario.media.loading import load_media
from adsim.scenario.media.models import MediaScenario

__all__ = ["MediaScenario", "load_media"]
