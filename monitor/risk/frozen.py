"""A week's inputs as they are kept: compressed canonical JSON, and back to the very same values. Pure."""

import zlib
from functools import cache

from pydantic import TypeAdapter

from monitor.risk.inputs import WeekInputs


def pack(inputs: WeekInputs) -> bytes:
    """The canonical JSON, compressed. What counts are the bytes inside: another zlib packs differently."""
    return zlib.compress(inputs.canonical().encode(), 6)


def unpack(packed: bytes) -> str:
    """The canonical JSON that was packed. Raises zlib.error for anything else."""
    return zlib.decompress(packed).decode()


def thaw(text: str) -> WeekInputs:
    """The inputs whose canonical JSON is `text`. Raises pydantic.ValidationError for anything else."""
    return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[WeekInputs]:
    return TypeAdapter(WeekInputs)
