"""The `[notice]` table: what is said of all registers and of one, in one language or both, and everything wrong with it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import ConfigError
from connectors.phrase import Phrase
from hub import config
from hub.language import Language
from hub.law import Rule
from hub.person import Person
from hub.render.notice import TITLES, Said, topics, unsaid
from tests.hub.shown import AINO, CARD, ROW, member

SOURCES = '[source.customers]\nkind = "csv"\npath = "a.csv"\n[source.mail]\nkind = "vcard"\npath = "b.vcf"\n'


def load(folder: Path, notice: str, sources: str = SOURCES) -> config.Config:
    """A configuration of two sources with this `[notice]` table."""
    file = folder / "hub.toml"
    file.write_text(f"{sources}\n{notice}\n", encoding="utf-8")
    return config.load(file, {})


def test_what_is_said_of_all_and_of_one(tmp_path: Path) -> None:
    """A text, a list and both languages; a register of its own tells only what differs."""
    notice = load(
        tmp_path, '[notice]\npurposes = "a"\nbasis = ["b", "c"]\n[notice.mail]\npurposes = { fi = "d", en = ["e", "f"] }'
    ).notice
    assert notice == {
        "": {"purposes": {"": ("a",)}, "basis": {"": ("b", "c")}},
        "mail": {"purposes": {"fi": ("d",), "en": ("e", "f")}},
    }
    assert load(tmp_path, "").notice == {}
    assert load(tmp_path, "[notice]").notice == {}


@pytest.mark.parametrize(
    ("notice", "problems"),
    [
        ("notice = 1", ["notice"]),
        ("[notice]\npurpose = 'x'", ["notice.purpose"]),
        ("[notice]\npurposes = ''", ["notice.purposes"]),
        ("[notice]\npurposes = []", ["notice.purposes"]),
        ("[notice]\npurposes = [1]", ["notice.purposes"]),
        ("[notice]\npurposes = { sv = 'x' }", ["notice.purposes"]),
        ("[notice.nobody]\npurposes = 'x'", ["notice.nobody"]),
        ("[notice.mail]\npurpos = 'x'\nbasis = 7", ["notice.mail.purpos", "notice.mail.basis"]),
        ("[notice]\nmail = 'x'\nbasis = true", ["notice.mail", "notice.basis"]),
    ],
)
def test_everything_wrong_is_said_at_once(tmp_path: Path, notice: str, problems: list[str]) -> None:
    """Each problem with its key; no value is quoted."""
    top = notice.startswith("notice")
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, "" if top else notice, f"{notice}\n{SOURCES}" if top else SOURCES)
    said = sorted(str(problem) for problem in raised.value.problems)
    assert [one.split(" (")[0].split(":")[0] for one in said] == sorted(problems)


@pytest.mark.parametrize("days", ["-1", "true", '"7"', "4000", "1.5"])
def test_package_days_are_whole_days(tmp_path: Path, days: str) -> None:
    """A number of days from 0 on; 30 when left out."""
    assert load(tmp_path, "").package_days == 30
    assert load(tmp_path, "", f"package_days = 0\n{SOURCES}").package_days == 0
    with pytest.raises(ConfigError, match="1 to correct"):
        load(tmp_path, "", f"package_days = {days}\n{SOURCES}")


def _told(code: str = "en", **more: tuple[str, ...]) -> dict[str, tuple[tuple[Said, ...], tuple[str, ...]]]:
    notice = {
        "": {"purposes": {"": ("All",)}, "basis": {"fi": ("Sopimus",)}},
        "mail": {"purposes": {"fi": ("Vain posti",), "en": ("Mail only",)}},
    }
    told = topics(AINO, notice, {"customers": Rule(24, "a quote")}, Language(code), more.get("disclosed", ()))
    return {topic.key: (topic.said, topic.missing) for topic in told}


def test_each_register_is_told_what_holds_of_it() -> None:
    """What holds of all stands once; what differs stands beside its register; another language is better than none."""
    assert _told()["purposes"] == ((Said(("customers",), ("All",)), Said(("mail",), ("Mail only",))), ())
    assert _told("fi")["purposes"][0][1] == Said(("mail",), ("Vain posti",))
    assert _told()["basis"] == ((Said((), ("Sopimus",)),), ())


def test_the_owners_own_rule_tells_how_long() -> None:
    """A line of `[retention]` is said where the notice says nothing; where there is neither, it is missing."""
    said, missing = _told()["retention"]
    assert said == (Said(("customers",), ("24 months from the latest day in the entry (date): a quote",)),)
    assert missing == ("mail",)


def test_recorded_recipients_are_told_and_replace_nothing() -> None:
    """Who was given data of this person stands beside what the notice says; what it does not say is still missing."""
    assert _told(disclosed=("Tilitoimisto, 2026-02-01",))["recipients"] == (
        (Said((), ("Tilitoimisto, 2026-02-01",)),),
        ("customers", "mail"),
    )


def test_every_item_of_article_15_has_its_topic() -> None:
    """Purposes, categories, recipients, retention, origin, automated decisions, transfers; and the basis."""
    assert set(TITLES) == {"purposes", "basis", "categories", "recipients", "transfers", "retention", "origin", "automated"}
    assert _told()["categories"][0][0] == Said(("customers",), ("name, phone, company",))
    assert all(not said for key, (said, _) in _told().items() if key in {"recipients", "transfers", "origin", "automated"})


def test_what_is_unsaid_is_grouped_for_the_owner() -> None:
    """Registers that lack the same topics share a sentence; a person of whom nothing is held lacks nothing."""
    one = Person("x", "Aino", (member("customers", ROW), member("mail", CARD)))
    assert [Language("en").say(item) for item in unsaid(topics(one, {"": {"basis": {"": ("x",)}}}, {}, Language("en")))] == [
        "Under [notice] hub.toml does not say of customers, mail: purposes, recipients, transfers, retention, origin, automated"
    ]
    assert unsaid(topics(Person("x", "", ()), {}, {}, Language("en"))) == []
    assert all(isinstance(item, Phrase) for item in unsaid(topics(one, {}, {}, Language("en"))))
