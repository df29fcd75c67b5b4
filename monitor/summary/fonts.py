"""The typeface of the PDF and of pictures in DOCX: Source Sans Pro, from the package that carries it.

Never a font of the system: the same summary gives the same bytes on every machine, whatever fonts that has.
Says which characters the typeface can write; draws nothing.
"""

import struct
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

FILES = tuple(
    Path(str(files("font_source_sans_pro"))) / "files" / f"SourceSansPro-{style}.ttf"
    for style in ("Regular", "It", "Bold")
)
FAMILY = "Source Sans Pro"
STAND_IN = "¤"  # for a character that the typeface lacks, such as an emoji in a headline


def writable(text: str) -> str:
    """`text` with what the typeface lacks replaced, and marks that have no shape left out.

    PDF/UA forbids a character without a shape, so one emoji would cost the whole file.
    """
    known = _characters()
    return "".join(c if ord(c) in known else _instead(c) for c in text)


def _instead(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if category == "Pd":
        return "-"
    return "" if category[0] in "CM" and category != "Cn" else STAND_IN


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    found = [_cmap(path.read_bytes()) for path in FILES]
    return frozenset.intersection(*found)


def _cmap(font: bytes) -> frozenset[int]:
    """Code points of a font's character map of format 4 (OpenType specification, table cmap)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * i) for i in range(tables)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    count = struct.unpack_from(">H", font, start + 2)[0]
    maps = [start + struct.unpack_from(">HHI", font, start + 4 + 8 * i)[2] for i in range(count)]
    at = next(m for m in maps if struct.unpack_from(">H", font, m)[0] == 4)
    return frozenset(_segments(font, at))


def _segments(font: bytes, at: int) -> set[int]:
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    rest = [struct.unpack_from(f">{count}H", font, at + 16 + 2 * count * i) for i in (1, 2, 3)]
    found = set()
    for i, (end, start, delta, shift) in enumerate(zip(ends, *rest, strict=True)):
        places = at + 16 + 6 * count + 2 * i + shift
        for code in range(start, end + 1 if end < 0xFFFF else start):
            glyph = code + delta
            if shift:
                glyph = struct.unpack_from(">H", font, places + 2 * (code - start))[0]
            if glyph % 0x10000:
                found.add(code)
    return found
