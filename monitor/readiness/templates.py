"""What columns each kind of readiness file has, in three languages, and empty files to fill in.

Only describes; reading is `monitor.readiness.importers`.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from monitor.readiness.organisers import ORGANISER_KINDS

Form = Literal[
    "amount", "count", "date", "event", "flag", "group", "group or all", "indicator", "number",
    "period", "phase", "rating", "region", "text", "value", "business id", "organiser kind",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a template; a file may name it in any of the three languages."""

    id: str  # also its English name
    fi: str
    sv: str
    form: Form
    required: bool = True  # False: the column, or a cell of it, may be empty

    def name(self, language: str) -> str:
        return {"fi": self.fi, "sv": self.sv}.get(language, self.id)


_REGION = Column("region", "alue", "område", "region")
_GROUP = Column("group", "ryhmä", "grupp", "group or all")
_DATE = Column("date", "päivä", "dag", "date")
_RATING = Column("rating", "arvio", "bedömning", "rating")
_NOTE = Column("note", "huomio", "anteckning", "text", required=False)
_AS_OF = Column("as_of", "raporttipäivä", "rapportdag", "date")
# Where the rows come from and on what terms; a file that says it need not be given it by hand.
_ORIGIN = (
    Column("source", "lähde", "källa", "text", required=False),
    Column("licence", "käyttöehdot", "licens", "text", required=False),
)

KINDS: Mapping[str, tuple[Column, ...]] = {
    "roadmap": (
        _AS_OF,
        _REGION,
        Column("group", "ryhmä", "grupp", "group"),
        Column("task_whole", "tehtäväkokonaisuus", "uppgiftshelhet", "text"),
        Column("task", "tehtävä", "uppgift", "text"),
        Column("subtask", "osatehtävä", "deluppgift", "text"),
        Column("critical", "kriittinen", "kritisk", "flag"),
        Column("phase", "vaihe", "fas", "phase"),
        Column("due", "määräaika", "tidsfrist", "date"),
        Column("started", "aloitettu", "påbörjad", "date", required=False),
        Column("finished", "valmis", "slutförd", "date", required=False),
        *_ORIGIN,
    ),
    "organisers": (
        Column("region", "alue", "område", "region", required=False),
        _GROUP,
        Column("organiser", "järjestäjä", "anordnare", "text"),
        Column("from", "alkaa", "från", "date"),
        Column("to", "päättyy", "till", "date"),
        _RATING,
        _NOTE,
        *_ORIGIN,
    ),
    "organiser-links": (
        Column("organiser", "järjestäjä", "anordnare", "text"),
        Column("also", "muu_nimi", "annat_namn", "text", required=False),
        Column("kind", "laji", "slag", "organiser kind"),
        Column("business_id", "y-tunnus", "fo-nummer", "business id", required=False),
        _REGION,
        Column("from", "alkaa", "från", "date"),
        Column("to", "päättyy", "till", "date", required=False),
        _NOTE,
        *_ORIGIN,
    ),
    "grants": (
        _REGION,
        _GROUP,
        Column("programme", "ohjelma", "program", "text"),
        _AS_OF,
        Column("start", "alkaa", "börjar", "date"),
        Column("deadline", "määräaika", "tidsfrist", "date"),
        Column("granted", "myönnetty", "beviljat", "amount"),
        Column("paid", "maksettu", "utbetalt", "amount"),
        Column("used", "käytetty", "använt", "amount"),
        Column("milestones_due", "välitavoitteita", "delmål", "count", required=False),
        Column("milestones_done", "välitavoitteita_valmiina", "delmål_nådda", "count", False),
        *_ORIGIN,
    ),
    "survey": (
        Column("survey", "kysely", "enkät", "text"),
        Column("question", "kysymys", "fråga", "text"),
        _REGION,
        _GROUP,
        _DATE,
        Column("value", "arvo", "värde", "value"),
        Column("worst", "huonoin", "sämst", "number"),
        Column("best", "paras", "bäst", "number"),
        *_ORIGIN,
    ),
    "indicator": (
        Column("indicator", "mittari", "indikator", "indicator"),
        _REGION,
        Column("period", "jakso", "period", "period"),
        Column("value", "arvo", "värde", "value"),
        *_ORIGIN,
    ),
    "interview": (
        _REGION,
        _GROUP,
        _DATE,
        Column("role", "rooli", "roll", "text"),
        _RATING,
        _NOTE,
        *_ORIGIN,
    ),
    "event": (
        _REGION,
        Column("event", "tapahtuma", "händelse", "event"),
        _DATE,
        _NOTE,
        *_ORIGIN,
    ),
}

# Dated events of a region: id -> names that a file may use.
EVENTS: Mapping[str, tuple[str, str, str]] = {
    "steering_opened": (
        "ennakollinen ohjausmenettely avattu",
        "förebyggande styrförfarande inlett",
        "early steering procedure opened",
    ),
    "steering_closed": (
        "ennakollinen ohjausmenettely päättynyt",
        "förebyggande styrförfarande avslutat",
        "early steering procedure closed",
    ),
    "assessment_opened": (
        "arviointimenettely avattu",
        "utvärderingsförfarande inlett",
        "assessment procedure opened",
    ),
    "assessment_closed": (
        "arviointimenettely päättynyt",
        "utvärderingsförfarande avslutat",
        "assessment procedure closed",
    ),
    "additional_funding": (
        "lisärahoituspäätös",
        "beslut om tilläggsfinansiering",
        "additional funding decided",
    ),
    "borrowing_changed": (
        "lainanottovaltuutta muutettu",
        "fullmakten att uppta lån ändrad",
        "borrowing authority changed",
    ),
    "director_changed": (
        "hyvinvointialuejohtaja vaihtunut",
        "välfärdsområdesdirektören bytt",
        "county director changed",
    ),
    "other": ("muu", "annan", "other"),
}

_FORMS: Mapping[Form, tuple[str, str, str]] = {
    "amount": ("euroa, esim. 1250000,50", "euro, t.ex. 1250000,50", "euros, e.g. 1250000.50"),
    "business id": (
        "Y-tunnus, esim. 1234567-1",
        "FO-nummer, t.ex. 1234567-1",
        "Finnish business id, e.g. 1234567-1",
    ),
    "count": ("kokonaisluku", "heltal", "whole number"),
    "date": ("päivä, esim. 16.11.2026", "dag, t.ex. 16.11.2026", "day, e.g. 2026-11-16"),
    "event": (
        "jokin näistä: " + "; ".join(e[0] for e in EVENTS.values()),
        "någon av dessa: " + "; ".join(e[1] for e in EVENTS.values()),
        "one of: " + "; ".join(EVENTS),
    ),
    "flag": ("kyllä tai ei", "ja eller nej", "yes or no"),
    "group": (
        "valmisteluryhmän nimi tai tunnus",
        "beredningsgruppens namn eller kod",
        "name or id of a roadmap group",
    ),
    "group or all": (
        "valmisteluryhmän nimi tai tunnus; kaikki, jos koskee koko aluetta",
        "beredningsgruppens namn eller kod; alla om det gäller hela området",
        "name or id of a roadmap group; all where it is about the whole region",
    ),
    "indicator": (
        "mittarin nimi tai tunnus, ks. docs/readiness.md",
        "indikatorns namn eller kod, se docs/readiness.md",
        "name or id of an indicator, see docs/readiness.md",
    ),
    "number": ("luku, esim. 4,5", "tal, t.ex. 4,5", "number, e.g. 4.5"),
    "organiser kind": (
        "jokin näistä: " + "; ".join(k[0] for k in ORGANISER_KINDS.values()),
        "någon av dessa: " + "; ".join(k[1] for k in ORGANISER_KINDS.values()),
        "one of: " + "; ".join(k[2] for k in ORGANISER_KINDS.values()),
    ),
    "period": (
        "vuosi, neljännes, kuukausi tai päivä: 2026, 2026Q3, 2026-10, 16.11.2026",
        "år, kvartal, månad eller dag: 2026, 2026Q3, 2026-10, 16.11.2026",
        "year, quarter, month or day: 2026, 2026Q3, 2026-10, 2026-11-16",
    ),
    "phase": ("tiekartan vaihe 1-5", "färdplanens fas 1-5", "phase of the roadmap, 1-5"),
    "rating": ("arvio 1-5, 5 paras", "bedömning 1-5, 5 bäst", "rating 1-5, 5 best"),
    "region": ("alueen nimi tai koodi", "områdets namn eller kod", "name or code of the region"),
    "text": ("teksti", "text", "text"),
    "value": (
        "luku, myös 85 %; .. jos tietoa ei ole; . jos ei koske aluetta",
        "tal, även 85 %; .. om uppgift saknas; . om det inte gäller området",
        "number, 85 % too; .. where there are no data; . where it does not apply",
    ),
}
_OPTIONAL = {"fi": "voi jättää tyhjäksi", "sv": "får lämnas tom", "en": "may be left empty"}


def template(kind: str, language: str = "fi") -> str:
    """An empty CSV file of `kind`: what each column holds as comments, then the header.

    The comments may stay in the file. Raises KeyError for an unknown kind.
    """
    columns = KINDS[kind]
    out = io.StringIO()
    for column in columns:
        out.write(f"# {column.name(language)}: {explain(column, language)}\n")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow([column.name(language) for column in columns])
    return out.getvalue()


def explain(column: Column, language: str) -> str:
    """What a cell of `column` looks like, and whether it may be empty."""
    about = form(column, language)
    return about if column.required else f"{about} ({_OPTIONAL[language]})"


def form(column: Column, language: str) -> str:
    """What a cell of `column` looks like."""
    return _FORMS[column.form][("fi", "sv", "en").index(language)]
