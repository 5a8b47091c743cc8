"""What is declared of an ad auctions game: states, classes of queries, advertisers; its checks."""

from adsim.scenario.game.loading import load_game
from adsim.scenario.game.models import Game

__all__ = ["Game", "load_game"]
