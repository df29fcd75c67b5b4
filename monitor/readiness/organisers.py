"""Organisers of health, social and rescue services, and which region each belongs to on a day.

Before 2023 municipalities and joint authorities organised the services; each is an entity of its own, linked
to regions with dates, because some changed region and some served several. Knows no files and no store.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

ORGANISERS = "organisers"  # component of what is said of them
# id -> what a file may call it
ORGANISER_KINDS: Mapping[str, tuple[str, str, str]] = {
    "municipality": ("kunta", "kommun", "municipality"),
    "joint_authority": ("kuntayhtymä", "samkommun", "joint authority"),
    "county": ("hyvinvointialue", "välfärdsområde", "wellbeing services county"),
    "other": ("muu", "annan", "other"),
}

_CHECK = (7, 9, 10, 5, 8, 4, 2)  # of a Finnish business id


@dataclass(frozen=True, slots=True)
class Link:
    """An organiser belongs to a region from a day to a day, both included."""

    organiser: str
    also: str  # its name in the other language, "" where it has none
    kind: str  # an id of ORGANISER_KINDS
    business_id: str  # "" where it is not known
    region: str
    first: date
    last: date | None  # None: still does
    note: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What may occur once in a file."""
        return (name_key(self.organiser), self.region, self.first)

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Organiser:
    """One organiser with all its links, the oldest first."""

    name: str
    also: str
    kind: str
    business_id: str
    links: tuple[Link, ...]

    def regions_on(self, day: date) -> tuple[str, ...]:
        """The regions it belongs to on `day`, by code; none, one or several."""
        return tuple(sorted({link.region for link in self.links if link.holds_on(day)}))


def name_key(name: str) -> str:
    """What tells one organiser from another, however its name is spaced and capitalised."""
    return " ".join(name.casefold().split())


def organisers(links: Iterable[Link]) -> Mapping[str, Organiser]:
    """The organisers by the `name_key` of each of their names, in alphabetical order.

    Kind and the other names are those of the last link. A name that is one organiser's own is not
    another's second name.
    """
    found: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        found[name_key(link.organiser)].append(link)
    made = {key: _organiser(of_one) for key, of_one in found.items()}
    also = {name_key(o.also): o for o in made.values() if o.also}
    return dict(sorted({**also, **made}.items()))


def still_organises(known: Mapping[str, Organiser], organiser: str, region: str, day: date) -> bool:
    """Whether what was said of `organiser` still speaks of `region` on `day`.

    An organiser that no link tells of is taken to go on: a county's own unit has none.
    """
    found = known.get(name_key(organiser))
    return found is None or region in found.regions_on(day)


def _organiser(links: Iterable[Link]) -> Organiser:
    ordered = tuple(sorted(links, key=lambda link: (link.first, link.region)))
    newest = ordered[-1]
    business_id = next((x.business_id for x in reversed(ordered) if x.business_id), "")
    return Organiser(newest.organiser, newest.also, newest.kind, business_id, ordered)


def is_business_id(text: str) -> bool:
    """Whether `text` is a Finnish business id (Y-tunnus, FO-nummer): 1234567-1 with a right check digit.

    The check digit is the Tax Administration's: weights 7, 9, 10, 5, 8, 4, 2, modulo 11.
    """
    number, dash, check = text.partition("-")
    if not (dash and len(number) == 7 and len(check) == 1 and (number + check).isascii()):
        return False
    if not (number + check).isdigit():
        return False
    rest = sum(w * int(digit) for w, digit in zip(_CHECK, number, strict=True)) % 11
    return rest != 1 and int(check) == (11 - rest) % 11
