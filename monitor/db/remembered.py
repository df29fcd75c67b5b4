"""What was read from a store and can never read otherwise, kept in memory.

The key says everything the value depends on: a hash of frozen inputs, or how the table it comes from stands.
So nothing here grows old, two processes need not agree, and what the key does not name must not be kept. Values
are shared between requests: they are never changed.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session

MOST = 1024  # values of one store, of 0.5 MB at most: a week's scores, a summary's numbers
T = TypeVar("T")

_KEPT: WeakKeyDictionary[Any, OrderedDict[Hashable, Any]] = (
    WeakKeyDictionary()
)  # by pool of connections
_LOCK = Lock()


def remembered(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """The value of `key` in this session's store, made where it is not kept. A session that may write, or
    is part of another's transaction, remembers nothing: what it sees may yet be taken back."""
    bind = session.get_bind()
    if not isinstance(bind, Engine) or bind.get_execution_options().get("writes"):
        return make()
    with _LOCK:
        kept = _KEPT.setdefault(bind.engine.pool, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return cast(T, kept[key])
    made = make()
    if made is None:  # what is not there may come
        return made
    with _LOCK:
        kept[key] = made
        while len(kept) > MOST:
            kept.popitem(last=False)
    return made
