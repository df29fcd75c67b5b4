"""The store: types that reject what SQLite would take, migrations, locks."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, select

from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.outcomes import counts, record
from monitor.db.tables import ActivationRow, EntryRow, OutcomeRow
from monitor.errors import StoreError
from monitor.values import Outcome, Stage

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)


def _activation(at: datetime) -> ActivationRow:
    return ActivationRow(task="topic", version="v1", at=at, by="test", reason="test")


def test_an_instant_comes_back_aware_and_equal(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(_activation(AT))
    with reading(engine) as session:
        stored = session.exec(select(ActivationRow)).one().at
    assert stored == AT
    assert stored.utcoffset() is not None


def test_a_naive_instant_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="naive"), transaction(engine) as session:
        session.add(_activation(datetime(2026, 11, 16, 4, 0)))  # noqa: DTZ001


def test_foreign_keys_hold(engine: Engine) -> None:
    orphan = EntryRow(
        feed_id="nobody", key="k", link="", own_page=False, title="t", summary="",
        first_seen=AT, last_seen=AT, entry_hash="h",
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(orphan)


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    found = inspect(engine)
    for table in SQLModel.metadata.sorted_tables:
        columns = {c["name"]: c["nullable"] for c in found.get_columns(table.name)}
        assert columns == {c.name: bool(c.nullable) for c in table.columns}, table.name


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(_activation(AT))
    migrate(engine)
    with reading(engine) as session:
        assert len(session.exec(select(ActivationRow)).all()) == 1


def _fail_half_way(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(_activation(AT))
        session.flush()
        raise ZeroDivisionError


def test_an_exception_rolls_the_whole_transaction_back(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_half_way(engine)
    with reading(engine) as session:
        assert session.exec(select(ActivationRow)).all() == []


def test_writers_wait_for_each_other_and_none_is_lost(engine: Engine) -> None:
    def write(name: str) -> None:
        for number in range(20):
            with transaction(engine) as session:
                session.exec(select(OutcomeRow)).all()  # a read first: the case that used to fail
                record(session, [Outcome(Stage.TAG, f"{name}{number}", "done")], AT)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert counts(session, Stage.TAG) == {"done": 80}


def test_one_outcome_per_item_and_stage(engine: Engine) -> None:
    with transaction(engine) as session:
        record(session, [Outcome(Stage.TAG, "1", "done"), Outcome(Stage.FLAG, "1", "done")], AT)
    with pytest.raises(IntegrityError), transaction(engine) as session:
        record(session, [Outcome(Stage.TAG, "1", "again")], AT)


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////proc/nowhere/x.db", "oracle://x/y"])
def test_a_bad_address_is_a_sentence(url: str) -> None:
    with pytest.raises(StoreError, match="expected sqlite:///PATH or postgresql"):
        open_engine(url)


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="not one of this program"):
        migrate(open_engine(f"sqlite:///{file}"))


def test_a_store_of_a_newer_version_is_said_in_a_sentence(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    with pytest.raises(StoreError, match="newer version"):
        migrate(engine)
