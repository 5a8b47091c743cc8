"""One page of HTML that shows a result and opens anywhere, without a connection."""

from adsim.report.writing import render_page, write_page

__all__ = ["render_page", "write_page"]
