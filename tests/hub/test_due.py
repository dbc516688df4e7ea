"""Requests whose time is nearly over are told by the report, and only these."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hub.report import Night, make_report


@pytest.mark.parametrize(
    ("day", "kind", "severity"),
    [
        (date(2026, 12, 20), None, None),
        (date(2026, 12, 2), "due_soon", "warning"),
        (date(2026, 11, 27), "due_soon", "warning"),
        (date(2026, 11, 26), "overdue", "error"),
    ],
)
def test_a_request_is_told_when_its_time_is_nearly_over(day: date, kind: str | None, severity: str | None) -> None:
    """Soon is a warning, too late an error; until then nothing is said."""
    night = Night(now=datetime(2026, 11, 27, 3, tzinfo=UTC), answers=(), registers={}, due={"2026-0007": day})

    found = make_report(night, ()).findings

    assert [(item.kind, item.severity, item.entries) for item in found] == ([(kind, severity, ())] if kind else [])
    assert all("2026-0007" in item.what and day.isoformat() in item.what for item in found)
