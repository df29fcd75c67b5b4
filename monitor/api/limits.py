"""How often a key may ask: a token bucket per key, in this process. Pure but for its own memory."""

from dataclasses import dataclass
from math import ceil
from threading import Lock


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """Each key has `burst` requests at once and gets `per_minute` back a minute.

    Times are seconds of any clock that never goes back.
    """

    def __init__(self, per_minute: int, burst: int) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._buckets: dict[int, _Bucket] = {}
        self._lock = Lock()

    def wait(self, key: int, now: float) -> int:
        """0 where `key` may ask now, which uses a token; otherwise whole seconds until it may, from 1."""
        with self._lock:
            bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
            earned = max(0.0, now - bucket.at) * self._rate
            bucket.tokens, bucket.at = min(self._burst, bucket.tokens + earned), max(now, bucket.at)
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0
            return max(1, ceil((1 - bucket.tokens) / self._rate))
