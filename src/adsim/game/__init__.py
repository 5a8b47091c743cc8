"""The ad auctions game: advertisers, or agents in Python, bid day by day for users who search."""

from adsim.game.agents import Agent, Bids, Report, Setup
from adsim.game.playing import GameRun, play
from adsim.scenario.game import Game, load_game

__all__ = ["Agent", "Bids", "Game", "GameRun", "Report", "Setup", "load_game", "play"]
