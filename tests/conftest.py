"""What holds for every test: no property test is judged by the clock; and what a run of all tests says at its end.

That is at how many places of how many sources an erase was cut off.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

settings.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hub")

PROPERTY = "fault points"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the fault matrix, wherever its tests ran."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    told = sorted(value for report in reports for name, value in report.user_properties if name == PROPERTY)
    if told:
        count = sum(int(line.rpartition(": ")[2]) for line in told)
        terminalreporter.section("fault matrix")
        for line in told:
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"cut off and gone on with at {count} places in all")
