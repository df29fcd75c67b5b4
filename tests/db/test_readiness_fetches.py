"""Fetched imports in the store, on each database: the newest answer, and whom to name."""

from datetime import date, timedelta

from sqlalchemy import Engine

from monitor.db.engine import reading, transaction
from monitor.db.readiness import Provenance, add_import, undo_import
from monitor.db.readiness_fetches import add_fetch, attributions, newest_answer
from monitor.readiness.attribution import attribution_line
from monitor.readiness.convert import Reading
from monitor.readiness.importers import Batch
from tests.conftest import NOW

RECIPE = "sotkanet 9001 2024 as x"


def _reading(value: float | None) -> Reading:
    return Reading(
        "indicator", "05", "all", "x", date(2024, 1, 1), date(2024, 12, 31), value, "percent", 0.1 + 0.2
    )  # fmt: skip


def _store(
    engine: Engine, value: float | None, source: str = "THL Sotkanet: keksitty (9001)"
) -> int:
    batch = Batch("indicator", 1, readings=(_reading(value),))
    of = Provenance("care", "ab" * 32, source, "CC BY 4.0", NOW, "virkailija")
    with transaction(engine) as session:
        done = add_import(session, batch, of)
        add_fetch(session, done.id, RECIPE, "https://sotkanet.fi/x", NOW - timedelta(hours=2))
    return done.id


def test_the_newest_answer_in_force_comes_back_as_it_was(engine: Engine) -> None:
    with reading(engine) as session:
        assert newest_answer(session, RECIPE) is None
    first, second = _store(engine, 67.5), _store(engine, None)
    with reading(engine) as session:
        newest = newest_answer(session, RECIPE)
        assert newest is not None
        assert (newest.id, newest.readings) == (second, frozenset([_reading(None)]))
        assert newest_answer(session, "another") is None
    with transaction(engine) as session:
        undo_import(session, second, "virkailija", NOW)
    with reading(engine) as session:
        newest = newest_answer(session, RECIPE)
        assert newest is not None
        assert (newest.id, newest.readings) == (first, frozenset([_reading(67.5)]))


def test_whom_to_name_is_known_of_fetched_and_of_brought_data(engine: Engine) -> None:
    _store(engine, 67.5)
    _store(engine, 68.5)
    undone = _store(engine, 1.0, source="Peruttu")
    with transaction(engine) as session:
        undo_import(session, undone, "virkailija", NOW)
        of = Provenance("a.csv", "cd" * 32, "Pirkanmaa", "sisäinen", NOW, "virkailija")
        add_import(session, Batch("indicator", 0), of)
    with reading(engine) as session:
        brought, fetched = attributions(session)
        assert len(attributions(session, NOW - timedelta(days=1))) == 0
    assert fetched.on == NOW - timedelta(hours=2)
    assert attribution_line(fetched, "fi") == (
        "Lähde: THL Sotkanet: keksitty (9001). Käyttöehdot: CC BY 4.0. Haettu 16.11.2026. "
        "https://sotkanet.fi/x"
    )
    assert attribution_line(brought, "sv") == (
        "Källa: Pirkanmaa. Licens: sisäinen. Importerad 16.11.2026."
    )
