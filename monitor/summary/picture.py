"""A chart's SVG made to stand alone: checked, coloured for paper, and as a PNG for DOCX.

The charts take their colours from a stylesheet with variables, which only browsers know; here every
variable is put in its place, from the light colours. Draws nothing itself.
"""

import re
from functools import lru_cache
from xml.etree import ElementTree

import resvg_py

from monitor import charts
from monitor.summary import fonts

PNG_WIDTH = 1340  # pixels: 200 to an inch over the width of the text
FORBIDDEN = frozenset(("script", "foreignObject", "iframe", "image", "use", "animate", "set"))

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")
_SIZES = re.compile(r'\s(?:width|height)="[^"]*"')
_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def checked(svg: str) -> str:
    """The same SVG. Raises ValueError where it could run or fetch something, or has no size."""
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError("a chart is no well-formed SVG") from error
    for element in root.iter():
        if element.tag.rpartition("}")[2] in FORBIDDEN:
            raise ValueError(f"a chart holds {element.tag}")
        for name, value in element.attrib.items():
            _check(name.rpartition("}")[2], value)
    size(svg)
    return svg


def _check(name: str, value: str) -> None:
    outside = name == "href" and not value.startswith("#")
    fetching = "url(" in value.replace("url(#", "")
    if name.startswith("on") or outside or fetching:
        raise ValueError(f"a chart holds {name}={value[:40]!r}")


def size(svg: str) -> tuple[float, float]:
    """Width and height in the chart's own units. Raises ValueError where there is no viewBox."""
    box = _BOX.search(svg)
    if box is None:
        raise ValueError("a chart has no viewBox that starts at 0 0")
    return float(box[1]), float(box[2])


@lru_cache(maxsize=256)
def printable(svg: str) -> str:
    """The SVG with its size, its typeface and the colours of the light page inside it."""
    width, height = size(checked(svg))
    head, rest = svg.split(">", 1)
    # one unit more on each side, or the outer strokes are cut in half
    wide = _BOX.sub(f'viewBox="-1 -1 {width + 2:g} {height + 2:g}"', _SIZES.sub("", head))
    sized = f'{wide} width="{width + 2:g}" height="{height + 2:g}">'
    return f"{sized}<style>{_paper_style()}</style>{rest}"


@lru_cache(maxsize=256)
def png(svg: str) -> bytes:
    """The chart as a PNG, white behind. Same SVG, same bytes: no system font is looked at."""
    return resvg_py.svg_to_bytes(
        svg_string=printable(svg),
        background="white",
        skip_system_fonts=True,
        width=PNG_WIDTH,
        font_files=[str(path) for path in fonts.FILES],
        font_family=fonts.FAMILY,
        sans_serif_family=fonts.FAMILY,
    )


@lru_cache(maxsize=1)
def _paper_style() -> str:
    sheet = re.sub(r"/\*.*?\*/", "", charts.stylesheet(), flags=re.DOTALL)
    light = re.search(r":root\s*\{([^{}]*)\}", sheet)
    assert light is not None, "charts.css begins with its light colours"
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", light[1]))
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    rules = []
    for chooser, body in _RULE.findall(plain):
        parts = [c.strip() for c in chooser.split(",")]
        wanted = [c for c in parts if ":" not in c and not c.startswith(".step")]
        if wanted:
            coloured = _VARIABLE.sub(lambda m: colours[m[1]], body)
            rules.append(f"{', '.join(wanted)} {{{coloured}}}")
    style = "".join(rules).replace("system-ui, sans-serif", f"'{fonts.FAMILY}'")
    return style.replace("display: block; width: 100%; height: auto; ", "")
