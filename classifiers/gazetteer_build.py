"""From the place tables to the lexicon the gazetteer searches: every inflected form of every name.

Inflects Finnish names from nominative and genitive, and Swedish names by genitive and by the
compounds the Finland-Swedish press uses (vasabo, Åboregionen). Does not look at text.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classifiers.places import Organisation, Place, PlaceTables

# Adjectives and prefixes that are left dangling in "Etelä- ja Keski-Pohjanmaa" and in
# "Norra, Mellersta och Södra Österbotten".
PREFIXES_FI = frozenset(
    ("Etelä", "Pohjois", "Keski", "Itä", "Länsi", "Kanta", "Päijät", "Varsinais", "Ylä")
)
PREFIXES_SV = frozenset(("Norra", "Södra", "Mellersta", "Östra", "Västra", "Egentliga"))
DWELLERS_SV = ("bo", "bon", "bos", "bor", "bors", "borna", "bornas", "boar", "boarna")
AREAS_SV = ("regionen", "regionens", "trakten", "trakterna", "nejden", "nejdens", "området")
CLITICS_FI = ("kaan", "kään", "kin", "han", "hän", "ko", "kö")
WORD = re.compile(r"[^\W_]+(?:[-:’'][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One reading of a surface form."""

    id: str  # place id, or the organisation's name
    name: str  # as people write it, in the language of the entry
    kind: str  # of the place or organisation, or "demonym", or "exception:<effect>"
    codes: tuple[str, ...]
    series: str  # grammatical | inner | outer | swedish | demonym
    anchor: str  # id that must be named too (a homonymous district), or ""
    flags: frozenset[str] = frozenset()
    nominative: bool = False


@dataclass(frozen=True)
class Lexicon:
    """What `Gazetteer` searches."""

    phrases: dict[str, tuple[tuple[tuple[str, ...], tuple[Entry, ...]], ...]]  # by first word
    demonyms: dict[str, tuple[Entry, ...]]  # Finnish stem before lai/läi
    after: tuple[tuple[str, str], ...]  # (beginning of the next word, effect), longest first
    cues: dict[str, tuple[str, ...]]  # lower-case word -> effects
    notices: dict[str, tuple[str, ...]]  # lower-case municipality name -> codes


def build(tables: PlaceTables) -> Lexicon:
    """The lexicon of `tables`; a surface keeps all its readings, in the order of the files."""
    by_first: dict[str, dict[tuple[str, ...], list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for surface, entry in _all_surfaces(tables):
        words = (surface,) if surface.isalpha() else tuple(WORD.findall(surface))
        readings = by_first[words[0]][words]
        if entry not in readings:
            readings.append(entry)
    after = {e.text: e.effect for e in tables.exceptions if e.where == "next"}
    return Lexicon(
        phrases={word: _longest_first(found) for word, found in by_first.items()},
        demonyms=_demonyms(tables.places),
        after=tuple(sorted(after.items(), key=lambda pair: -len(pair[0]))),
        cues=_cues(tables.cues),
        notices=_notices(tables.places),
    )


def _longest_first(
    found: dict[tuple[str, ...], list[Entry]],
) -> tuple[tuple[tuple[str, ...], tuple[Entry, ...]], ...]:
    order = sorted(found, key=lambda words: (-len(words), words)) if len(found) > 1 else found
    return tuple((words, tuple(found[words])) for words in order)


def inflect(nominative: str, genitive: str) -> Iterator[tuple[str, str]]:
    """Finnish case forms as (form, series), from nominative and genitive.

    The weak stem is the genitive without -n; the strong stem, of essive and illative, is the
    nominative where it ends in a vowel. A genitive in -sten is of a plural name (Oravainen).
    Forms nobody uses (the second locative series) are made on purpose: it costs a key, and no
    table says which series a village takes.
    """
    yield nominative, "grammatical"
    yield genitive, "grammatical"
    weak = genitive[:-3] + "i" if genitive.endswith("sten") else genitive.removesuffix("n")
    strong = _strong(nominative, weak)
    yield from ((weak + "ksi", "grammatical"), (weak + "lle", "outer"))
    yield _illative(strong), "inner"
    for a in _harmonies(weak):
        yield _partitive(nominative, strong, a), "grammatical"
        yield strong + "n" + a, "grammatical"
        yield from ((weak + "ss" + a, "inner"), (weak + "st" + a, "inner"))
        yield from ((weak + "ll" + a, "outer"), (weak + "lt" + a, "outer"))


def _harmonies(stem: str) -> str:
    """a or ä; both where the last syllables decide nothing (Alaveteli is a compound, Oravainen not)."""
    deciding = [i for i, c in enumerate(stem.lower()) if c in "aouäöy"]
    if not deciding:
        return "ä"
    if deciding[-1] < len(stem) - 3:
        return "aä"
    return "a" if stem[deciding[-1]].lower() in "aou" else "ä"


def _strong(nominative: str, weak: str) -> str:
    if nominative[-1] == "i" and weak[-1] == "e":
        return nominative[:-1] + "e"
    return nominative if nominative[-1] in "aouyäöi" else weak


def _partitive(nominative: str, strong: str, a: str) -> str:
    if nominative[-1] == "e":
        return nominative + "tt" + a
    if nominative[-1] == "s":
        return nominative + "t" + a
    return strong + ("t" + a if strong[-2:-1] == strong[-1] else a)


def _illative(strong: str) -> str:
    if len(strong) > 2 and strong[-1] == strong[-2] and strong[-1] != "i":
        return strong + "seen"
    return strong + ("in" if strong.endswith("si") else strong[-1] + "n")


def _all_surfaces(tables: PlaceTables) -> Iterator[tuple[str, Entry]]:
    for exception in tables.exceptions:
        if exception.where == "phrase":
            effect, _, code = exception.effect.partition(" ")
            kind = "organisation" if effect == "place" else f"exception:{effect}"
            codes = (code,) if code else ()
            yield (
                exception.text,
                Entry(exception.text, exception.text, kind, codes, "grammatical", ""),
            )
    for organisation in tables.organisations:
        yield from _organisation_surfaces(organisation)
    for place in tables.places:
        yield from _finnish(place, tables.forms.get(place.id, ()))
        yield from _swedish(place)


def _organisation_surfaces(o: Organisation) -> Iterator[tuple[str, Entry]]:
    flags = o.flags - {"anchor"}
    anchor = f"code:{o.codes[0]}" if "anchor" in o.flags else ""

    def entry(series: str, nominative: bool) -> Entry:
        name = o.fi or o.sv
        return Entry(name, name, o.kind, o.codes, series, anchor, flags, nominative)

    if o.fi:
        for form, series in _organisation_forms(o):
            yield form, entry(series, form == o.fi)
    if o.sv:
        for form in _swedish_forms(o.sv):
            yield form, entry("swedish", form == o.sv)


def _organisation_forms(o: Organisation) -> Iterator[tuple[str, str]]:
    """Forms of a name, and for an abbreviation both HUSin and HUS:n."""
    if not o.genitive:
        yield o.fi, "grammatical"
        return
    if ":" not in o.genitive:
        yield from inflect(o.fi, o.genitive)
    last = WORD.findall(o.fi)[-1]
    if last.isupper() or ":" in o.genitive or last in ("Tays", "Tyks", "SeKS"):
        yield o.fi, "grammatical"
        for ending, series in _COLON_ENDINGS:
            yield f"{o.fi}:{ending}", series
    if o.fi == "HUS":  # written like a word, it still differs from the Swedish for house
        yield from (pair for pair in inflect("Hus", "Husin") if pair[0] != "Hus")


_COLON_ENDINGS = tuple(
    [(e, "grammatical") for e in ("n", "in", "ta", "tä", "a", "ä", "ksi", "iksi", "na")]
    + [(e, "inner") for e in ("ssa", "ssä", "issa", "issä", "sta", "stä", "ista", "istä")]
    + [(e, "inner") for e in ("iin", "aan", "ään", "hen")]
    + [(e, "outer") for e in ("lla", "llä", "lta", "ltä", "lle", "ille", "illa", "ilta")]
)


def _finnish(place: Place, forms: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Entry]]:
    if not place.fi:
        return
    if place.genitive:
        forms = inflect(place.fi, place.genitive)
    if not forms:
        forms = ((place.fi, "grammatical"),)
    short = place.fi.removesuffix(" kunta").removesuffix("n") if " kunta" in place.fi else place.fi
    made: dict[tuple[str, bool], Entry] = {}  # forms share them: there are some 20 of each name
    for form, series in forms:
        key = series, form in (place.fi, short)
        found = made[key] = made.get(key) or _entry(place, *key)
        yield form, found
        if "lower" in place.flags:
            yield form.lower(), found


def _swedish(place: Place) -> Iterator[tuple[str, Entry]]:
    name = place.sv or ("" if place.genitive else place.fi)
    if not name:
        return
    for form in _swedish_forms(name):
        yield form, _entry(place, "swedish", form == name)
        if "lower" in place.flags:
            yield form.lower(), _entry(place, "swedish", form == name)
    if place.kind == "wide" or " " in name:
        return
    stems = {name, name.removesuffix("s") if name.endswith("fors") else name}
    dweller, area = _entry(place, "demonym", False, "demonym"), _entry(place, "swedish", False)
    for stem in stems:
        for suffix in DWELLERS_SV:
            yield from _both_cases(stem + suffix, dweller)
        for suffix in AREAS_SV:
            yield stem + suffix, area
    if name.endswith(("fors", "hus")):
        for suffix in ("are", "aren", "arna", "ares"):
            yield from _both_cases(name + suffix, dweller)


def _swedish_forms(name: str) -> Iterator[str]:
    yield name
    if not name.endswith(("s", "x", "z")):
        yield name + "s"
    if name.isupper():
        yield name + ":s"


def _both_cases(form: str, entry: Entry) -> Iterator[tuple[str, Entry]]:
    yield form, entry
    yield form.lower(), entry


def _entry(place: Place, series: str, nominative: bool, kind: str = "") -> Entry:
    anchor = place.within if "anchor" in place.flags else ""
    flags = place.flags - {"anchor", "lower"}
    if series == "swedish" and place.sv:
        flags &= {"word_sv", "homonym_sv"}  # Reso is no company and Lahtis no surname
    name = place.sv if series == "swedish" and place.sv else place.fi or place.sv
    return Entry(place.id, name, kind or place.kind, place.codes, series, anchor, flags, nominative)


def _demonyms(places: Iterable[Place]) -> dict[str, tuple[Entry, ...]]:
    stems: dict[str, list[Entry]] = defaultdict(list)
    for place in places:
        for stem in place.demonyms:
            stems[stem].append(_entry(place, "demonym", False, "demonym"))
    return {stem: tuple(found) for stem, found in stems.items()}


def _cues(cues: dict[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    words: dict[str, list[str]] = defaultdict(list)
    for effect in sorted(cues):
        for word in cues[effect]:
            words[word].append(effect)
    return {word: tuple(effects) for word, effects in words.items()}


def _notices(places: Iterable[Place]) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for place in places:
        if place.kind in ("municipality", "merged"):
            for name in (place.fi, place.sv):
                if name:
                    names.setdefault(name.lower(), place.codes)
    return names
