from __future__ import annotations

from tests.cli.commands import Commands


def test_every_archetype_is_counted_from_fewest_to_most(run: Commands) -> None:
    outcome = run("census", "--json")
    assert outcome.status == 0
    assert len(outcome.json["archetypes"]) >= 6
    for row in outcome.json["archetypes"]:
        assert 0 < row["fewest"] < row["most"] <= outcome.json["questions"]


def test_the_table_says_the_same_in_both_languages(run: Commands) -> None:
    row = run("census", "--json").json["archetypes"][0]
    counts = (str(row["fewest"]), str(row["most"]))
    zh = next(line for line in run("census").out.splitlines() if row["archetype"] in line)
    en = next(line for line in run("census", "--lang", "en").out.splitlines() if row["archetype"] in line)
    assert zh.split()[1:5] == [counts[0], "至", counts[1], "题"]
    assert en.split()[1:4] == [counts[0], "to", counts[1]]
    assert row["title"] in zh
    assert row["title"] not in en
