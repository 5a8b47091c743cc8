"""A category under many media: what each of them causes, by taking it away."""

from adsim.media.asking import MediaRun, media
from adsim.scenario.media import load_media

__all__ = ["MediaRun", "load_media", "media"]
