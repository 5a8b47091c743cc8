"""A report in, a market out: `fit`, with every assumption said and what it gives back."""

from adsim.calibrate.fits import Fit, fit

__all__ = ["Fit", "fit"]
