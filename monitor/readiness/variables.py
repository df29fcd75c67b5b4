"""The variables of a statistical table, and which of them is the region, the time and the contents.

Statistics Finland renamed the variables of its tables in June 2026: in queries `Alue`, `Vuosi` and
`Tiedot` became `alue_23_20260101`, `timeperiod_y` and `contentscode`, and the stamp of the classification
changes every year. So nothing here is matched by one spelling: role, code, code without its stamp, old
name and text all count, and the region is the variable whose values are wellbeing services counties.
Knows neither JSON nor the network.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from monitor.readiness import cells
from monitor.readiness.cells import Period, Wrong

TOTAL = "sss"  # Statistics Finland's code of a total
TIMES = (
    "vuosi", "vuosineljännes", "neljännes", "kuukausi", "aika",
    "år", "kvartal", "månad", "tid",
    "year", "quarter", "month", "time", "period",
)  # fmt: skip
CONTENTS = ("contentscode", "tiedot", "uppgifter", "information", "contents")
COUNTY_WORDS = ("hyvinvointialue", "välfärdsområde", "wellbeing services count")

_STAMP = re.compile(r"(_\d+)?_\d{8}$")  # the classification's number and first day
_CODE = re.compile(r"(?P<prefix>[a-zåäö]*)[_-]?(?P<digits>\d+)")
_OTHER_AREAS = ("ku", "mk", "sk", "sa", "ely", "avi")  # municipalities, regions, sub-regions ...
_COMPASS = {"northern": "north", "southern": "south", "eastern": "east", "western": "west"}
_MONTH = re.compile(r"(\d{4})M(\d{1,2})", re.ASCII)
_SHOWN = 12


def plain(text: object, most: int = 300) -> str:
    """What a source wrote, on one line, without control characters, and of bounded length."""
    words = " ".join(str(text).split())
    return "".join(c for c in words if c.isprintable())[:most]


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a variable."""

    code: str
    label: str  # the code where the table gives no text
    unit: str = ""  # as the table names it; of contents only


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, or dimension, of a table."""

    code: str
    text: str
    categories: tuple[Category, ...]
    role: str = ""  # time | geo | metric, where the table says it
    optional: bool = False  # left out of a query, the table sums over it

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it may be called, case-folded: code, code without its stamp, text."""
        code = self.code.casefold()
        return (code, _STAMP.sub("", code), self.text.casefold())


@dataclass(frozen=True, slots=True)
class Roles:
    """Which variable is which."""

    region: Variable
    counties: Mapping[str, str]  # code of a category -> code of the unit
    time: Variable | None  # None: the table is of one time, which it does not say in a variable
    contents: Variable | None  # None: a table of one content may do without
    others: tuple[Variable, ...]


def roles(variables: Sequence[Variable], regions: Mapping[str, str]) -> Roles | Wrong:
    """Tell the variables apart. `regions` maps case-folded names to unit codes (importers.Known)."""
    time = _only(variables, (_is_role("time"), _is_time, _named(TIMES)))
    rest = [v for v in variables if v is not time]
    contents = _only(rest, (_is_role("metric"), _named(CONTENTS)))
    rest = [v for v in rest if v is not contents]
    found: list[tuple[Variable, dict[str, str]]] = []
    for variable in rest:
        counties = counties_of(variable, regions)
        if isinstance(counties, Wrong):
            return counties
        found.append((variable, counties))
    most = max((len(counties) for _, counties in found), default=0)
    best = [(v, counties) for v, counties in found if len(counties) == most]
    if most == 0 or len(best) > 1:
        expected = "one variable whose values are wellbeing services counties"
        remedy = f"the table has {_listed(rest)}; choose a table by wellbeing services county"
        return Wrong(expected, remedy)
    region, counties = best[0]
    return Roles(region, counties, time, contents, tuple(v for v in rest if v is not region))


def _only(
    variables: Sequence[Variable], tests: Sequence[Callable[[Variable], bool]]
) -> Variable | None:
    """The one variable that passes the first test that any passes."""
    for test in tests:
        found = [v for v in variables if test(v)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is_role(role: str) -> Callable[[Variable], bool]:
    return lambda variable: variable.role == role


def _is_time(variable: Variable) -> bool:
    return variable.names[0].startswith("timeperiod")


def _named(names: Sequence[str]) -> Callable[[Variable], bool]:
    return lambda variable: any(name in names for name in variable.names)


def _listed(variables: Sequence[Variable]) -> str:
    return ", ".join(f"'{v.text}' ({v.code})" for v in variables) or "no other variable"


# --- regions -------------------------------------------------------------------------------------


def counties_of(variable: Variable, regions: Mapping[str, str]) -> dict[str, str] | Wrong:
    """Which categories are wellbeing services counties, Helsinki or HUS: category code -> unit code.

    The label decides. A name without the word for a county ("Pirkanmaa") is also the name of a region
    (maakunta), whose numbers differ from the counties'; it counts only where the variable or the
    prefix of the code says that counties are meant, and its number must then be the county's.
    """
    prefixes = _county_prefixes(variable)
    all_counties = any(word in name for name in variable.names for word in COUNTY_WORDS)
    units = frozenset(regions.values())
    found: dict[str, str] = {}
    for category in variable.categories:
        prefix, digits = _parts(category.code)
        meant = all_counties or (bool(prefix) and prefix in prefixes)
        unit = _county(category, prefix, digits, meant, regions, units)
        if isinstance(unit, Wrong):
            return unit
        if unit is not None and unit in found.values():
            expected = f"one value for {category.label}"
            return Wrong(expected, f"the variable '{variable.text}' has two; choose another table")
        if unit is not None:
            found[category.code] = unit
    return found


def _county(
    category: Category, prefix: str, digits: str, meant: bool,
    regions: Mapping[str, str], units: frozenset[str],
) -> str | Wrong | None:  # fmt: skip
    if prefix in _OTHER_AREAS or (not prefix and len(digits) == 3):
        return None
    label = " ".join(category.label.casefold().split())
    unit = regions.get(label) or regions.get(_plain_english(label))
    if unit is not None and any(word in label for word in COUNTY_WORDS):
        return unit
    if not meant:
        return None
    if unit is None:
        return digits if prefix and digits in units else None
    if digits and digits != unit:
        expected = f"wellbeing services counties; {category.label} has the code {unit} there"
        remedy = f"code {category.code} looks like a region (maakunta); choose another table"
        return Wrong(expected, remedy)
    return unit


def _county_prefixes(variable: Variable) -> frozenset[str]:
    """The prefixes that stand before the codes of counties in this variable."""
    said = {
        _parts(c.code)[0]
        for c in variable.categories
        if any(word in c.label.casefold() for word in COUNTY_WORDS)
    }
    return frozenset(said - {""} | {"hva"})


def _parts(code: str) -> tuple[str, str]:
    match = _CODE.fullmatch(code.casefold())
    return (match["prefix"], match["digits"]) if match else ("", "")


def _plain_english(label: str) -> str:
    """'Wellbeing Services County of Western Uusimaa' -> 'west uusimaa wellbeing services county'."""
    county = COUNTY_WORDS[2] + "y"
    name = label.replace(county + " of", "").replace(county, "").replace("the ", "")
    words = [_COMPASS.get(word, word) for word in name.split()]
    return " ".join([*words, county])


# --- time and single values ----------------------------------------------------------------------


def period_of(category: Category) -> Period | Wrong:
    """The span of days that a category of time means, by its code, else by its text."""
    by_code = _period(category.code)
    return by_code if isinstance(by_code, Period) else _period(category.label)


def _period(text: str) -> Period | Wrong:
    plain = text.strip().rstrip("*").strip()  # a star marks preliminary figures
    if match := _MONTH.fullmatch(plain):
        plain = f"{match[1]}-{match[2]}"
    return cells.read_period(plain)


def category_of(variable: Variable, said: str) -> Category | Wrong:
    """The value of `variable` that `said` means: its code, its code's last part or its text."""
    word = " ".join(said.casefold().split())
    for told in (
        lambda c: c.code.casefold(),
        # before June 2026 `vaesto`, since then `vaerak-vaesto`
        lambda c: c.code.casefold().rpartition("-")[2],
        lambda c: " ".join(c.label.casefold().split()),
    ):
        found = [c for c in variable.categories if told(c) == word]
        if len(found) == 1:
            return found[0]
    labels = {c.label.casefold(): c.code for c in variable.categories}
    near = get_close_matches(word, [*labels, *(c.code.casefold() for c in variable.categories)], 1)
    hint = f"did you mean '{labels.get(near[0], near[0])}'?" if near else "choose one of them"
    return Wrong(f"a value of '{variable.text}': {shown_values(variable)}", hint)


def total_of(variable: Variable) -> Category | None:
    """Its only value, or its total."""
    if len(variable.categories) == 1:
        return variable.categories[0]
    return next((c for c in variable.categories if c.code.casefold() == TOTAL), None)


def shown_values(variable: Variable) -> str:
    """The first of its values, for a message."""
    some = "; ".join(f"{c.code} = {c.label}" for c in variable.categories[:_SHOWN])
    more = len(variable.categories) - _SHOWN
    return f"{some}; and {more} more" if more > 0 else some
