import pytest

from adsim.scenario import check_scenario, load_scenario

CROSSED = [
    (
        "keywords.csv",
        "tail,cups",
        "tali,cups",
        ["row 2: campaign must be declared under [[camp", "tali is not", "did you mean tail?"],
    ),
    ("keywords.csv", "1.0,cup", "1.0,mug", ["row 1: product must be declared", "known: cup"]),
    ("keywords.csv", "2.00", "0.05", ["row 1: bid must be >= 0.1 (auction.bid_min)", "0.05"]),
    ("keywords.csv", "2.00", "100.01", ["row 1: bid must be <= 100 (auction.bid_max)"]),
    ("keywords.csv", "2.00", "2.005", ["row 1: bid must be a multiple of 0.01", "is 2.005"]),
    ("queries.csv", "lognormal", "lognorm", ["row 1: rival_family must be", "mean lognormal?"]),
    ("queries.csv", "table:thin", "table:thn", ["row 2: rival_family", "mean table:thin?"]),
    ("queries.csv", "lognormal", "", ["row 1: rival_family must be given where rivals > 0"]),
    ("queries.csv", "8,0.6", ",0.6", ["row 1: rival_scale must be given where rivals > 0"]),
    ("queries.csv", "8,0.6", "8,", ["row 1: rival_shape must be given where rivals > 0"]),
    ("negatives.csv", "tail,cups", "tali,cups", ["row 1: campaign must be declared", "tail?"]),
    (
        "negatives.csv",
        "tail,cups",
        "tail,cup",
        ["campaign, ad_group must be that of a row of keywords.csv", "mean tail, cups?"],
    ),
    (
        "links.csv",
        "cup,core",
        "cap,core",
        ["row 1: query must be that of a row of queries.csv", "mean cup?"],
    ),
    (
        "links.csv",
        "cups,cup",
        "cups,cap",
        ["row 1: campaign, ad_group, keyword, match_type", "did you mean core, cups, cup, exact?"],
    ),
    ("links.csv", "exact", "broad", ["links.csv row 1", "core, cups, cup, broad is not"]),
    (
        "rivals.csv",
        "Potter",
        "Poter",
        ["row 1: rival must be declared under [[rivals]]", "Potter?"],
    ),
    (
        "rival_tables.csv",
        "thin,1,9",
        "thin,0.9,9",
        ["row 1: the highest probability of a table must be 1", "0.9 in thin"],
    ),
    (
        "rival_tables.csv",
        "thin,0,1",
        "thin,0.1,1",
        ["row 2: the least probability of a table must be 0"],
    ),
    (
        "rival_tables.csv",
        "thin,0.5,3",
        "thin,0.5,10",
        ["row 1: ad_rank must not fall as probability", "9 in thin"],
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "parts"), CROSSED)
def test_tables_must_fit_together(folder, edit, name, old, new, parts):
    edit(name, old, new)
    messages = [str(problem) for problem in check_scenario(folder)]
    assert any(all(part in message for part in parts) for message in messages), messages
    assert str(folder / name) in messages[0]


def test_organic_orders_are_of_a_declared_product(folder, edit):
    edit("queries.csv", "ctr,cvr\n", "ctr,cvr,organic,organic_product\n")
    edit("queries.csv", "0.08,0.03", "0.08,0.03,0.01,")
    edit("queries.csv", "0.1,0.04", "0.1,0.04,1.5,mug")
    found = [str(problem) for problem in check_scenario(folder)]
    assert len(found) == 2
    assert "row 2: organic must be <= 1, but is 1.5" in found[0]
    assert "row 2: organic_product must be declared under [[products]]" in found[1]
    edit("queries.csv", "1.5,mug", "0,")
    assert check_scenario(folder) == []
    edit("scenario.toml", "[[campaigns]]\nname = \"core\"",
         "[[products]]\nname = \"mug\"\nprice = 9.0\n[[campaigns]]\nname = \"core\"")  # fmt: skip
    (problem,) = check_scenario(folder)
    assert "row 1: organic_product must be given where organic > 0 and there are several" in str(
        problem
    )


def test_texts_are_compared_after_normalization(folder, edit):
    edit("links.csv", "cup,core,cups,cup", "ＣＵＰ,core,Cups,CUP")
    assert check_scenario(folder) == []


def test_a_family_is_not_needed_without_rivals(folder, edit):
    edit("queries.csv", "1000,6,lognormal,8,0.6", "1000,0,,,")
    assert load_scenario(folder).tables.queries["rivals"][0] == 0.0


def test_each_rival_table_must_be_whole(folder, edit):
    edit("rival_tables.csv", "thin,0.5,3", "thin,0.5,3\nfat,0,2\nfat,0.6,5")
    (problem,) = check_scenario(folder)
    assert "the highest probability of a table must be 1, but is 0.6 in fat" in str(problem)


def test_a_bid_step_forgives_binary_noise(folder, edit):
    edit("keywords.csv", "2.00", "0.29")  # 0.29 / 0.01 = 28.999999999999996
    assert check_scenario(folder) == []


def test_a_mistake_in_one_file_does_not_hide_those_of_others(folder, edit):
    edit("scenario.toml", "slots = 2", "slots = 2\nfoo = 1")
    edit("keywords.csv", "core,cups", "cor,cups")
    edit("keywords.csv", "0.50", "0.05")
    edit("queries.csv", "0.08", "8")
    (folder / "rivals.csv").write_bytes(b"\xff\xfe")
    wheres = [problem.where.rsplit("/", 1)[-1] for problem in check_scenario(folder)]
    for place in (
        "scenario.toml",
        "keywords.csv row 1",
        "queries.csv row 1",
        "rivals.csv",
        "links.csv row 1",
    ):
        assert place in wheres
    assert wheres[0] == "scenario.toml"
    # the bids of a broken [auction] cannot be judged, all else is
    assert "keywords.csv row 2" not in wheres


def test_mistakes_elsewhere_in_the_toml_do_not_hide_refused_bids(folder, edit):
    edit("scenario.toml", "price = 50.0", "price = -1")
    edit("keywords.csv", "0.50", "0.05")
    rules = [problem.rule for problem in check_scenario(folder)]
    assert rules == ["products.cup.price must be > 0", "bid must be >= 0.1 (auction.bid_min)"]
