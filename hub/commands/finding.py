"""find, persons, refresh: the questions that the mirror answers."""

from __future__ import annotations

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.commands.base import Run, answered, meant, show_persons
from hub.render import json as documents
from hub.search.refresh import gathering


def find(run: Run) -> int:
    """Find a person in every source."""
    gathered = run.gather()
    persons = meant(run, gathered, of_entry=True)
    if run.options.by_value:
        from hub.commands import by_value

        return by_value.find(run, gathered, persons)
    show_persons(run, gathered, persons)
    return answered(gathered)


def persons(run: Run) -> int:
    """List every person with their entries."""
    gathered = run.gather()
    everybody = gathered.matching.persons(run.config.engine)
    if run.options.json:
        for line in documents.person_lines(everybody):
            print(line)
    else:
        from hub.render import text

        text.persons(run.screen, gathered.answers, everybody)
    return answered(gathered)


def refresh(run: Run) -> int:
    """Bring the mirror up to date, or make it anew. Raises `UsageError` when the owner wants none."""
    if not run.glance.mirror:
        raise UsageError(
            Phrase("hub.toml says mirror = false: there is no mirror to bring up to date."),
            Phrase("Every command reads the sources themselves. To have a mirror, write mirror = true."),
        )
    with run.progress() as tick, gathering(run.glance, tick=tick, anew=run.options.full) as gathered:
        answers = gathered.answers
    if run.options.json:
        run.show_json(documents.refresh_document(answers))
    else:
        from hub.render import text

        text.refresh(run.screen, answers)
    return answered(gathered)
