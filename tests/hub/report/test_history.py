"""The report over the nights: the same ids, what is new, what is accepted, and no personal value kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import StateError, UsageError
from connectors.phrase import Phrase
from hub import store
from hub.person import Answer, Person
from hub.report import Night, families, make_report
from hub.report.history import FILE, KEEP_DAYS, Remembered, opened
from tests.hub.report.nights import NOON, held, night, person

SILENT = Answer("phone", "", "silent", reason=Phrase("{source} did not answer.", source="phone"), listed=False)


def her(note: str = "diabetes", phone: str = "0501234567") -> Person:
    """A customer with a phone that differs, and a health word."""
    return person(
        held("customers", "1", name="Aino", phone="0441234567", note=note), held("phone", "a", name="Aino", phone=phone)
    )


def remember(state: Path, day: int, persons: Sequence[Person], *answers: Answer) -> Remembered:
    """The report of a day, counted from the first one."""
    with opened(state) as history:
        of = night("customers", "phone", answers=answers, now=NOON + timedelta(days=day))
        return history.remember(make_report(replace(of, key=history.id_key), persons))


def test_the_first_report_knows_nothing_as_new(tmp_path: Path) -> None:
    """There is no night before it."""
    told = remember(tmp_path, 0, [her()])

    assert sorted(item.kind for item in told.findings) == ["conflict", "special_data"]
    assert {item.since for item in told.findings} == {"2026-11-27"}
    assert (told.new, told.gone, len(told.nights)) == (frozenset(), 0, 1)


def test_a_finding_keeps_its_id_and_its_first_night(tmp_path: Path) -> None:
    """What comes later is new, what is put right is gone."""
    first = remember(tmp_path, 0, [her()])
    second = remember(tmp_path, 1, [her("diabetes, astma")])
    third = remember(tmp_path, 2, [her("astma", "0441234567")])

    assert {item.id for item in first.findings} < {item.id for item in second.findings}
    assert [item.since for item in second.findings if item.id in second.new] == ["2026-11-28"]
    assert (len(second.new), second.gone) == (1, 0)
    assert [item.since for item in third.findings] == ["2026-11-28"]
    assert (len(third.new), third.gone) == (0, 2)
    assert [sum(item.counts.values()) for item in third.nights] == [2, 3, 1]


def test_a_second_run_on_one_day_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """What was new in the morning is new in the evening."""
    remember(tmp_path, 0, [her("")])
    morning = remember(tmp_path, 1, [her()])
    evening = remember(tmp_path, 1, [her()])

    assert morning.new == evening.new
    assert len(evening.new) == 1
    assert [item.day for item in evening.nights] == ["2026-11-27", "2026-11-28"]


def test_what_only_the_morning_saw_was_never_there(tmp_path: Path) -> None:
    """It is not gone the night after, and nothing of it is kept."""
    remember(tmp_path, 0, [her("", "0441234567")])
    remember(tmp_path, 1, [her("diabetes", "0441234567")])
    evening = remember(tmp_path, 1, [her("", "0441234567")])
    after = remember(tmp_path, 2, [her("", "0441234567")])

    assert (len(evening.findings), evening.gone, after.gone) == (0, 0, 0)
    assert rows(tmp_path) == []


def test_a_night_like_the_one_before_writes_itself_only(tmp_path: Path) -> None:
    """A row for each finding every night would be most of what a report of very many costs."""
    remember(tmp_path, 0, [her()])
    before = rows(tmp_path)
    with opened(tmp_path) as history:
        written = history._database.total_changes
        history.remember(make_report(replace(night("customers", "phone", now=NOON + timedelta(1)), key=history.id_key), [her()]))
        assert history._database.total_changes - written == 1
    assert rows(tmp_path) == before != []


def test_a_file_that_wrote_every_night_down_is_gone_on_from(tmp_path: Path) -> None:
    """As hubs did once: what was there last night is there, what was not is not."""
    remember(tmp_path, 0, [her()])
    gone = remember(tmp_path, 1, [her("")])
    with opened(tmp_path) as history, history._database:
        history._database.execute("UPDATE findings SET last = '2026-11-28' WHERE last = ''")
        history._database.execute("PRAGMA user_version = 0")
    told = remember(tmp_path, 2, [her("")])

    assert gone.gone == 1
    assert (len(told.findings), told.new, told.gone) == (1, frozenset(), 0)
    assert {last for _, last in rows(tmp_path)} == {"", "2026-11-27"}


def rows(state: Path) -> list[tuple[str, str]]:
    """The findings as they are remembered: the first and the last night."""
    with opened(state) as history:
        found: list[tuple[str, str]] = history._database.execute("SELECT first, last FROM findings ORDER BY id").fetchall()
    return found


def test_what_a_silent_source_had_is_neither_gone_nor_new(tmp_path: Path) -> None:
    """Nothing is known about it until it answers again."""
    first = remember(tmp_path, 0, [her("")])
    silent = remember(tmp_path, 1, [person(held("customers", "1", name="Aino", phone="0441234567"))], SILENT)
    again = remember(tmp_path, 2, [her("")])

    assert [item.kind for item in silent.findings] == ["silent_source"]
    assert silent.gone == 0
    assert silent.nights[-1].silent == ("phone",)
    assert [item.id for item in again.findings] == [item.id for item in first.findings]
    assert (again.new, again.findings[0].since, again.gone) == (frozenset(), "2026-11-27", 1)


def test_what_comes_back_is_new_since_last_night(tmp_path: Path) -> None:
    """Its first night stays the first, and a night later it is not new any more."""
    nights = [
        remember(tmp_path, day, [her(note, "0441234567")]) for day, note in enumerate(("diabetes", "", "diabetes", "diabetes"))
    ]

    assert [[*told.new] for told in nights[1:]] == [[], [nights[0].findings[0].id], []]
    assert [item.since for told in nights for item in told.findings] == ["2026-11-27"] * 3


def test_an_accepted_finding_is_silent_even_when_it_comes_back(tmp_path: Path) -> None:
    """Until it is shown again."""
    (finding,) = remember(tmp_path, 0, [her("")]).findings
    with opened(tmp_path) as history:
        history.accept([finding.id], "molemmat käytössä", date(2026, 11, 27))
    quiet = [remember(tmp_path, day, [someone]) for day, someone in ((1, her("")), (2, her("", "0441234567")), (3, her("")))]

    assert [item.findings for item in quiet] == [(), (), ()]
    assert [item.gone for item in quiet] == [0, 0, 0]
    assert [[(one.reason, one.seen, one.kind) for one in item.accepted] for item in quiet] == [
        [("molemmat käytössä", seen, "conflict")] for seen in (True, False, True)
    ]
    assert quiet[-1].nights[-1].counts == {}
    with opened(tmp_path) as history:
        history.unaccept([finding.id])
    assert [item.id for item in remember(tmp_path, 4, [her("")]).findings] == [finding.id]


def test_only_what_a_report_showed_can_be_accepted(tmp_path: Path) -> None:
    """A wrong id is told, and nothing is accepted then."""
    (finding,) = remember(tmp_path, 0, [her("")]).findings
    with opened(tmp_path) as history:
        with pytest.raises(UsageError, match="no finding"):
            history.accept([finding.id, "ffffffffffff"], "x", date(2026, 11, 27))
        with pytest.raises(UsageError, match="not accepted"):
            history.unaccept([finding.id])
        assert history.accepted() == ()


def test_what_was_not_seen_for_long_is_forgotten(tmp_path: Path) -> None:
    """What was accepted is not."""
    first = remember(tmp_path, 0, [her()])
    with opened(tmp_path) as history:
        history.accept([first.findings[0].id], "x", date(2026, 11, 27))
    later = remember(tmp_path, KEEP_DAYS + 1, [])
    with opened(tmp_path) as history:
        (kept,) = history.accepted()

    assert [item.day for item in later.nights] == [(NOON + timedelta(days=KEEP_DAYS + 1)).date().isoformat()]
    assert kept.kind == first.findings[0].kind
    again = remember(tmp_path, KEEP_DAYS + 2, [her()])
    assert [item.since for item in again.findings] == [(NOON + timedelta(days=KEEP_DAYS + 2)).date().isoformat()]


def test_nothing_personal_is_kept(tmp_path: Path) -> None:
    """Neither in the bytes nor, with the key, in any table."""
    secret = person(
        held("customers", "row-7", name="Kanarian Lintunen", phone="0441234567", note="diabetes 010594Y9021"),
        held("phone", "a", name="Kanarian Lintunen", phone="0501234567"),
        name="Kanarian Lintunen",
    )
    assert len(remember(tmp_path, 0, [secret]).findings) == 3
    with opened(tmp_path) as history:
        rows = [
            row for table in ("nights", "findings", "accepted") for row in history._database.execute(f"SELECT * FROM {table}")
        ]

    told = repr(rows).casefold()
    assert not any(value in told for value in ("kanarian", "lintunen", "diabetes", "010594", "1234567", "row-7"))
    data = (tmp_path / FILE).read_bytes()
    assert not data.startswith(b"SQLite")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_two_findings_that_cannot_be_told_apart_have_two_ids(tmp_path: Path) -> None:
    """Namesakes with the same word; the ids are the same every night."""
    names = [person(held("customers", ref, name="Aino", note="diabetes", phone=ref)) for ref in ("1", "2")]
    nights = [{item.id for item in remember(tmp_path, day, names).findings if item.kind == "special_data"} for day in (0, 1)]

    assert nights[0] == nights[1]
    assert len(nights[0]) == 2


def test_the_gravest_come_first(tmp_path: Path) -> None:
    """By weight, then by kind, whatever the order of the persons."""
    told = remember(tmp_path, 0, [her("010594Y9021, syntynyt 1.2.1980")], SILENT)

    assert [item.severity for item in told.findings] == ["error", "error", "warning", "info"]


def test_the_report_keeps_no_person() -> None:
    """Persons stream by: what is kept grows with the findings only."""
    import gc
    import weakref

    class Entryless(Person):
        """A person that can be watched."""

        __slots__ = ("__weakref__",)

    alive: list[weakref.ref[Entryless]] = []

    def stream() -> Iterator[Any]:
        for number in range(50):
            one = Entryless(str(number), "x", her("").members)
            alive.append(weakref.ref(one))
            yield one
            del one
            if number % 10 == 9:
                gc.collect()
                assert sum(item() is not None for item in alive) <= 2

    report = make_report(night("customers", "phone"), stream(), families())
    assert report.overview.persons == 50


def test_a_lost_key_is_said(tmp_path: Path) -> None:
    """A history that another key made is left alone."""
    other = store.open_database(tmp_path / FILE, b"x" * 32, "CREATE TABLE a (b)")
    other.close()
    before = (tmp_path / FILE).read_bytes()

    with pytest.raises(StateError, match="key"), opened(tmp_path):
        pass
    assert (tmp_path / FILE).read_bytes() == before
    assert not (tmp_path / "key").exists()


def test_a_night_says_what_was_listed() -> None:
    """A source that broke off or is silent did not list all."""
    of: Night = night("customers", answers=[SILENT, Answer("mail", "", "partial", listed=False)])

    assert of.listed == {"customers"}
