"""Keys of programs, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from monitor.db.engine import reading, transaction
from monitor.db.keys import add_key, all_keys, find_key, revoke_key
from monitor.db.tables import ApiKeyRow

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


def test_a_key_is_found_by_itself_alone(engine: Engine) -> None:
    with transaction(engine) as session:
        made, secret = add_key(session, "lägesbild", "export", "maija", NOW)
    with reading(engine) as session:
        assert find_key(session, secret) == made
        for other in ("", secret[:-1], secret + "x", secret.upper(), "\udcff"):
            assert find_key(session, other) is None
    assert (made.role, made.created_at, made.revoked_at) == ("export", NOW, None)


def test_a_revoked_key_is_found_no_more_and_stays_listed(engine: Engine) -> None:
    with transaction(engine) as session:
        old, secret = add_key(session, "a", "read", "maija", NOW)
        new, _ = add_key(session, "b", "read", "maija", NOW)
    later = NOW + timedelta(days=1)
    with transaction(engine) as session:
        assert revoke_key(session, old.id, "maija", NOW) is not None
    with transaction(engine) as session:
        again = revoke_key(session, old.id, "maija", later)
        assert again is not None
        assert again.revoked_at == NOW
        assert revoke_key(session, 99, "maija", later) is None
    with reading(engine) as session:
        assert find_key(session, secret) is None
        assert [(k.id, k.revoked_at) for k in all_keys(session)] == [(new.id, None), (old.id, NOW)]


def test_no_two_keys_have_one_hash(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(_row())
    with reading(engine) as session:
        session.add(_row())
        with pytest.raises(IntegrityError):
            session.flush()


def _row() -> ApiKeyRow:
    return ApiKeyRow(hash="0" * 64, name="a", role="read", created_at=NOW, created_by="m")
