"""The texts of pages about ad auctions games, in English and Chinese."""

from __future__ import annotations

from adsim.report.texts import Text

GAME_TEXTS = {
    "game_title": Text(
        "{name}: {games} games of {days} days", "{name}：{games} 局，每局 {days} 天"
    ),
    "games": Text("Games", "局数"),
    "users": Text("Users", "用户数"),
    "played_by": Text("Played by Python", "由 Python 代打"),
    "game_profit": Text("Who earns what", "谁赚了多少"),
    "game_profit_note": Text(
        "Mean profit of a game with its 95 % interval over games; specialties, capacities and "
        "effects are drawn anew for each game.",
        "每局平均利润及其 95% 区间（按局）；专长、产能与吸引力每局重新抽签。",
    ),
    "profit_of_a_game": Text("Profit of a game", "每局利润"),
    "game_slots": Text("What a slot brings", "各广告位的表现"),
    "game_slots_note": Text(
        "Of a mean game. CTR: clicks on an ad that is shown, whether the user reads so far or not.",
        "每局平均。点击率：广告被展示后的点击比例，无论用户是否看到那里。",
    ),
    "game_states": Text("Users by state over the days", "各状态用户随天数变化"),
    "game_states_note": Text(
        "Of all users, at the end of each day, means over games. Left out: {name}.",
        "占全部用户的比例，每天结束时，各局均值。未画出：{name}。",
    ),
    "share_of_users": Text("% of users", "占用户 %"),
    "day_of_game": Text("Day", "天"),
    "game_days": Text("Profit day by day", "每天的利润"),
    "game_days_note": Text(
        "Mean over games, all advertisers together.", "各局均值，全部广告主合计。"
    ),
}
