"""Fills a store with an invented, plausible picture: feeds, polls, stories, claims, readiness, scores.

Everything is invented. The scores are computed by the real use-case from what is stored here, so the
pages show what they would show in earnest: one region without any source, one whose feeds are down, one
without readiness data.
"""

import random
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.clock import ManualClock
from monitor.db.engine import transaction
from monitor.db.tables import (
    ArticleRow,
    ClaimRow,
    EventRow,
    FeedRow,
    ImportRow,
    ObservationRow,
    PollRow,
    RoadmapTaskRow,
    StoryRow,
)
from monitor.progress import Silent
from monitor.risk.run import score_weeks
from monitor.settings import load_settings
from monitor.values import SAMPLE_NOTE, Evidence
from monitor.weeks import previous, week_bounds

WEEK = "2026-W46"
NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
UNHEARD = "17"  # its feeds fail in the last week
UNSOURCED = "16"  # no feed at all
UNREPORTED = "10"  # no readiness data
HOSTILE = '<script>alert("x")</script>'
TROUBLED = "19"  # much news of one topic in the last week, little readiness; its text is hostile

Tale = tuple[str, str, str, str, str]  # topic, direction, title, text, words that are evidence

FINNISH: tuple[Tale, ...] = (
    (
        "personnel",
        "risk",
        "{r} aloittaa yt-neuvottelut",
        "{r} aloittaa yhteistoimintaneuvottelut, jotka koskevat noin neljääsataa työntekijää. "
        "Johto perustelee irtisanomisia alijäämällä, joka on kattamatta. Luottamusmiehen mukaan "
        "hoitajat ovat jo nyt uupuneita, ja vuoroja jää täyttämättä joka viikko.",
        "irtisanomisia",
    ),
    (
        "finance",
        "risk",
        "Alijäämä kasvoi taas: {r} hakee lisärahoitusta",
        "Osavuosikatsauksen mukaan alijäämä kasvaa kahteenkymmeneen miljoonaan euroon. "
        "{r} aikoo hakea valtiolta lisärahoitusta ennen vuodenvaihdetta.",
        "alijäämä kasvaa",
    ),
    (
        "health_access",
        "risk",
        "Hoitojonot venyvät, {r} maksaa uhkasakkoa",
        "Kiireettömään hoitoon pääsyä odottaa yli kolme kuukautta satoja potilaita. {r} ei ole "
        "pystynyt palkkaamaan lääkäreitä, ja hoitotakuu ylittyy kolmella terveysasemalla.",
        "hoitotakuu ylittyy",
    ),
    (
        "ict",
        "risk",
        "Potilastietojärjestelmä kaatui kesken aamuvastaanoton",
        "Potilastietojärjestelmän häiriö pysäytti vastaanotot maanantaina. {r} joutui perumaan "
        "kiireettömät ajat, ja päivystys kirjasi potilaat paperille.",
        "häiriö pysäytti",
    ),
    (
        "rescue",
        "risk",
        "Pelastuslaitos ei pysy lähtövalmiudessa yöllä",
        "Pelastuslaitoksen selvityksen mukaan lähtövalmius jää tavoitteesta kahdella asemalla. "
        "{r} ei ole saanut sopimuspalokuntaan riittävästi väkeä.",
        "lähtövalmius jää tavoitteesta",
    ),
    (
        "service_network",
        "neutral",
        "Aluevaltuusto päättää palveluverkosta joulukuussa",
        "{r} käsittelee palveluverkkoa valtuuston joulukuun kokouksessa. Esitys julkaistaan "
        "kaksi viikkoa aiemmin.",
        "palveluverkkoa",
    ),
    (
        "health_access",
        "progress",
        "Jono lyheni puoleen: {r} sai omalääkärit käyttöön",
        "Omalääkärimalli on lyhentänyt jonoa puoleen vuodessa. {r} laajentaa mallin kaikille "
        "terveysasemille ensi vuonna.",
        "lyhentänyt jonoa",
    ),
    (
        "finance",
        "progress",
        "Talous tasapainossa: {r} alittaa budjettinsa",
        "Ennuste näyttää ylijäämää ensimmäistä kertaa. {r} kattaa vanhaa alijäämää etuajassa.",
        "näyttää ylijäämää",
    ),
)
SWEDISH: tuple[Tale, ...] = (
    (
        "personnel",
        "risk",
        "{r} inleder samarbetsförhandlingar",
        "{r} inleder samarbetsförhandlingar som gäller närmare trehundra anställda. Ledningen "
        "hänvisar till underskottet. Enligt förtroendemannen är uppsägningar ett hot mot vården.",
        "uppsägningar",
    ),
    (
        "language_equality",
        "risk",
        "Svensk service brister på hälsocentralen",
        "Patienter får inte vård på sitt modersmål. {r} saknar svenskspråkig personal på tre "
        "hälsocentraler, och klagomålen ökar.",
        "klagomålen ökar",
    ),
    (
        "health_access",
        "risk",
        "Köerna växer: {r} klarar inte vårdgarantin",
        "Över tusen personer väntar på tandvård. {r} har inte lyckats rekrytera, och vårdgarantin "
        "överskrids.",
        "vårdgarantin överskrids",
    ),
    (
        "service_network",
        "neutral",
        "Fullmäktige behandlar servicenätet",
        "{r} behandlar servicenätet i december. Förslaget publiceras två veckor tidigare.",
        "servicenätet",
    ),
)


@dataclass(frozen=True)
class Outlet:
    """An invented outlet."""

    id: str
    title: str
    lang: str
    home: tuple[str, ...]
    group: str


def seed(
    engine: Engine, reference: Reference, weeks: int = 8, last: str = WEEK, now: datetime = NOW
) -> tuple[str, ...]:
    """Fill `engine` and score the `weeks` up to `last`; returns them, oldest first."""
    rng = random.Random(20261116)
    outlets = _outlets(reference)
    shown = tuple(previous(last, n) for n in reversed(range(weeks)))
    with transaction(engine) as session:
        _feeds(session, outlets, now)
        _polls(session, outlets, shown, now)
        for week in shown:
            _stories(session, outlets, reference, week, rng)
        _readiness(session, reference, rng)
    settings = load_settings({}, draws=100)
    rates = {task: {"precision": 0.85, "recall": 0.8} for task in MODELS}
    clock = ManualClock(now)
    score_weeks(engine, shown, reference, settings, MODELS, rates, clock, Silent())
    return shown


MODELS = {
    "relevance": "v1-3f2a9c1d77e0",
    "region": "v1-90ab12cd34ef",
    "topic": "v1-55e1c0d2a7b9",
    "direction": "v1-0c4d8e21f6aa",
}


def _outlets(reference: Reference) -> tuple[Outlet, ...]:
    found = [Outlet("valtakunnan-uutiset", "Valtakunnan Uutiset", "fi", (), "valtakunta")]
    for code in reference.units:
        if code == UNSOURCED:
            continue
        region, key = reference.region[code], code.lower()
        found.append(Outlet(f"viesti-{key}", f"Viesti {region.short.fi}", "fi", (code,), f"g{key}"))
        found.append(Outlet(f"aamu-{key}", f"Aamu {region.short.fi}", "fi", (code,), "aamu"))
        if region.bilingual:
            title = f"Nyheter {region.short.sv}"
            found.append(Outlet(f"nyheter-{key}", title, "sv", (code,), f"s{key}"))
    return tuple(found)


def _feeds(session: Session, outlets: tuple[Outlet, ...], now: datetime) -> None:
    for number, outlet in enumerate(outlets):
        failing = UNHEARD in outlet.home
        session.add(
            FeedRow(
                id=outlet.id,
                url=f"http://{outlet.id}.localhost:8766/feed.xml",
                title=outlet.title,
                lang=outlet.lang,
                home=list(outlet.home),
                publisher_group=outlet.group,
                kind="daily",
                note=SAMPLE_NOTE,
                status="gone" if number == 9 else "active",
                failures=4.0 if failing else 0.5 if number == 5 else 0.0,
                last_poll=now - timedelta(minutes=7 * number % 50),
                last_success=now - timedelta(days=9 if failing else 0, minutes=20 + number),
                next_poll=now + timedelta(minutes=23 + number),
                moved_to="https://uusi.localhost:8766/feed.xml" if number == 3 else None,
            )
        )
    session.add(
        FeedRow(
            id="uusi-lehti",
            url="http://uusi-lehti.localhost:8766/feed.xml",
            title="Uusi Lehti",
            lang="fi",
            home=["05"],
            publisher_group="uusi",
            kind="weekly",
        )
    )
    session.flush()


def _polls(
    session: Session, outlets: tuple[Outlet, ...], weeks: tuple[str, ...], now: datetime
) -> None:
    for outlet in outlets:
        for week in weeks:
            start, end = week_bounds(week)
            at = min(end - timedelta(minutes=5), now)
            if UNHEARD in outlet.home and week == weeks[-1]:
                reason = "timeout: the server did not answer in 30 seconds"
                session.add(PollRow(feed_id=outlet.id, at=at, outcome="failed", reason=reason))
            else:
                session.add(
                    PollRow(
                        feed_id=outlet.id,
                        at=at,
                        outcome="ok",
                        status=200,
                        items=30,
                        new=30,
                        oldest_item=start - timedelta(hours=5),
                    )
                )


def _stories(
    session: Session,
    outlets: tuple[Outlet, ...],
    reference: Reference,
    week: str,
    rng: random.Random,
) -> None:
    start, _ = week_bounds(week)
    for number, code in enumerate(reference.units):
        local = [o for o in outlets if code in o.home]
        # Some regions are in trouble, and one of them in much more of it in the last week.
        trouble = 4 if code in ("21", "01") else 2 if number % 3 == 0 else 1
        trouble += 18 if code == TROUBLED and week == WEEK else 0
        for _ in range(rng.randint(trouble // 2, trouble) if local else 0):
            at = start + timedelta(minutes=rng.randint(60, 6 * 24 * 60))
            tellers = rng.sample(local, rng.randint(1, len(local)))
            _story(session, tellers, reference, code, at, rng)


def _story(
    session: Session,
    tellers: list[Outlet],
    reference: Reference,
    code: str,
    at: datetime,
    rng: random.Random,
) -> None:
    story = StoryRow(first_published=at, last_published=at + timedelta(hours=len(tellers)))
    session.add(story)
    session.flush()
    pick = rng.choice((0, 2, 2, 2)) if code == TROUBLED else rng.randrange(len(FINNISH))
    for number, outlet in enumerate(tellers):
        tales = FINNISH if outlet.lang == "fi" else SWEDISH
        tale = tales[pick % len(tales)]
        name = reference.region[code].name.get(outlet.lang)
        _article(session, outlet, story.id or 0, tale, name, code, at + timedelta(hours=number))


def _article(
    session: Session, outlet: Outlet, story: int, tale: Tale, name: str, code: str, at: datetime
) -> None:
    topic, direction, title, text, words = tale
    title, text = title.format(r=name), text.format(r=name)
    if code == TROUBLED:
        text += f" {HOSTILE}"
    number = f"{story}-{outlet.id}"
    row = ArticleRow(
        address=f"http://{outlet.id}.localhost:8766/{at:%Y/%m/%d}/{story}.html",
        feed_id=outlet.id,
        publisher_group=outlet.group,
        feed_home=list(outlet.home),
        title=title,
        text=text,
        language=outlet.lang,
        language_confidence=0.99,
        completeness="full",
        text_source="page",
        published=at,
        published_source="feed",
        first_seen=at,
        content_hash=f"v1:{number}",
        fingerprint=b"",
        story_id=story,
        tagged_with=f"v1:{number}|seed",
    )
    session.add(row)
    session.flush()
    _claims(session, row, topic, direction, words, name, code)


def _claims(
    session: Session, row: ArticleRow, topic: str, direction: str, words: str, name: str, code: str
) -> None:
    place, sign = _evidence(row.text, name, "gazetteer"), _evidence(row.text, words, "word")
    said: tuple[tuple[str, str, float, str | None, list[Evidence | None]], ...] = (
        ("relevance", "relevant", 0.97, None, []),
        ("region", code, 0.94, "happens", [place]),
        ("topic", topic, 0.9, None, [_evidence(row.title, row.title.split()[-1], "word", "title")]),
        ("direction", direction, 0.88, None, [sign]),
    )
    for task, label, probability, role, evidence in said:
        session.add(
            ClaimRow(
                article_id=row.id or 0,
                content_hash=row.content_hash,
                task=task,
                label=label,
                probability=probability,
                decided=True,
                author="model",
                author_id=MODELS[task],
                role=role,
                evidence=[asdict(e) for e in evidence if e is not None],
                at=row.published,
            )
        )
    session.flush()


def _evidence(text: str, words: str, why: str, field: str = "text") -> Evidence | None:
    start = text.find(words)
    if start < 0:
        return None
    return Evidence("title" if field == "title" else "text", start, start + len(words), words, why)


def _readiness(session: Session, reference: Reference, rng: random.Random) -> None:
    taken = ImportRow(
        kind="roadmap", source="keksitty / invented", licence="CC0", file_hash="0" * 64, rows=1,
        imported_at=datetime(2026, 9, 1, tzinfo=UTC), imported_by="seed",
    )  # fmt: skip
    session.add(taken)
    session.flush()
    for code in reference.units:
        if code == UNREPORTED:
            continue
        done = rng.uniform(0.35, 0.97) - (0.5 if code == TROUBLED else 0.25 if code == "21" else 0)
        for group in reference.groups:
            _tasks(session, taken.id or 0, code, group.id, done, rng)
            for component in ("indicator", "interview", "organisers", "grants"):
                if rng.random() < 0.85:
                    _observation(session, taken.id or 0, component, code, group.id, done, rng)
    for code, kind, on in (
        (TROUBLED, "assessment_opened", date(2026, 6, 3)),
        (TROUBLED, "steering_opened", date(2025, 9, 17)),
        ("21", "additional_funding", date(2026, 2, 12)),
    ):
        session.add(EventRow(import_id=taken.id or 0, region=code, kind=kind, on=on))
    session.flush()


def _tasks(
    session: Session, taken: int, code: str, group: str, done: float, rng: random.Random
) -> None:
    for number in range(5):
        finished = rng.random() < done
        session.add(
            RoadmapTaskRow(
                import_id=taken, as_of=date(2026, 8, 31), region=code, group=group,
                task_whole="kokonaisuus", task="tehtävä", subtask=f"osatehtävä {number}",
                critical=True, phase=3, due=date(2026, 6, 30), started=date(2026, 1, 10),
                finished=date(2026, 6, 1) if finished else None,
            )
        )  # fmt: skip


def _observation(
    session: Session,
    taken: int,
    component: str,
    code: str,
    group: str,
    done: float,
    rng: random.Random,
) -> None:
    value = min(1.0, max(0.0, rng.gauss(done, 0.15)))
    session.add(
        ObservationRow(
            import_id=taken, component=component, region=code, group=group,
            indicator=f"{component}-1", period_start=date(2026, 1, 1),
            period_end=date(2026, 6, 30), value=value, unit="share", done=value,
        )
    )  # fmt: skip
