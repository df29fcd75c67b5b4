"""A document with every block in it, in Finnish and Swedish, for tests of the formats."""

from monitor import charts
from monitor.summary.document import (
    Bullets,
    Cell,
    Document,
    Figure,
    Heading,
    Paragraph,
    Run,
    Table,
)

HOSTILE = '<script>alert("1")</script> #image("x") $x$ *b* =1+1 \\u{1} {{ 7*7 }} 😀 \u202egnp\x07'

WORDS = {
    "fi": {
        "title": "Alueiden tilannekuva, viikko 46/2026",
        "subtitle": "Julkaistu versio 2, ma 16.11.2026 klo 6.15",
        "national": "Koko maan tilanne",
        "text": "Kokonaisriski on suurin Kymenlaaksossa (62, väli 54–70).",
        "matrix": "Alueet",
        "columns": ("Alue", "Taso", "Kokonaisriski", "Valmiusvaje", "Mediapaine", "Muutos"),
        "level": "kohtalainen",
        "unknown": "ei riittävää kuuluvuutta",
        "stories": "Viikon tapahtumat",
        "grid": "Kokonaisriski kaaviokartalla",
        "more": ("Hälytykset", "Varaukset"),
    },
    "sv": {
        "title": "Lägesbild över områdena, vecka 46/2026",
        "subtitle": "Publicerad version 2, må 16.11.2026 kl. 6.15",
        "national": "Läget i hela landet",
        "text": "Den sammanvägda risken är störst i Kymmenedalen (62, intervall 54–70).",
        "matrix": "Områdena",
        "columns": (
            "Område",
            "Nivå",
            "Sammanvägd risk",
            "Beredskapsgap",
            "Medietryck",
            "Förändring",
        ),
        "level": "måttlig",
        "unknown": "otillräcklig hörbarhet",
        "stories": "Veckans händelser",
        "grid": "Sammanvägd risk på diagramkarta",
        "more": ("Larm", "Förbehåll"),
    },
}
HEADLINES = {
    "fi": Run("Sairaanhoitajista on pulaa", "fi", "https://lehti.example/a?x=1&y=2"),
    "sv": Run("Brist på sjukskötare", "sv", "https://tidning.example/b"),
}


def text(words: str) -> tuple[Run, ...]:
    return (Run(words),)


def matrix(language: str, rows: int = 23) -> Table:
    w = WORDS[language]
    lines = [
        (
            Cell(text(f"Hyvinvointialue {i}"), header=True),
            Cell(text(str(w["level"])), band=1 + i % 4),
            Cell(text(f"{90 - i} ({85 - i}–{95 - i})"), number=True, band=1 + i % 4),
            Cell(text(f"{40 + i}"), number=True),
            Cell(text(str(w["unknown"]))),
            Cell(text("−2" if i % 2 else "+3"), number=True),
        )
        for i in range(rows)
    ]
    return Table(str(w["matrix"]), tuple(w["columns"]), tuple(lines), "matrix-table")


def grid(language: str) -> Figure:
    w = WORDS[language]
    tiles = [charts.Tile(1, i, f"Alue {i}", str(20 * i), "taso", i) for i in range(1, 5)]
    svg = charts.tile_grid(tiles, title=str(w["grid"]), description="4", name="grid")
    rows = tuple((Cell(text(t.name), True), Cell(text(t.number), number=True)) for t in tiles)
    data = Table(str(w["grid"]), (str(w["columns"][0]), str(w["columns"][2])), rows, "grid-data")
    return Figure(str(w["grid"]), str(svg), f"{w['grid']}: 20, 40, 60, 80.", data)


def document(language: str) -> Document:
    """Every block; the other language's headline and a hostile one stand among the stories."""
    w = WORDS[language]
    blocks = (
        Heading(1, str(w["title"]), "title"),
        Heading(2, str(w["national"]), "national"),
        Paragraph((Run(str(w["text"])), Run(" "), Run("62", strong=True))),
        Paragraph(text("Huom."), "note"),
        Paragraph(text(str(w["unknown"])), "warning"),
        Paragraph(text("Virkahenkilön kommentti."), "comment"),
        grid(language),
        Heading(2, str(w["matrix"]), "matrix"),
        matrix(language),
        Heading(2, str(w["stories"]), "stories"),
        Heading(3, "Kymenlaakso", "stories-10"),
        Bullets(
            (
                (HEADLINES["fi"], Run(" – Lehti")),
                (HEADLINES["sv"], Run(" – Tidning")),
                (Run(HOSTILE, "fi", "javascript:alert(1)"), Run(" – <b>Lehti</b>")),
                (Run("matriisi", href="#matrix-table"), Run("tyhjään", href="#nowhere")),
            )
        ),
        *(Heading(2, name, f"more-{i}") for i, name in enumerate(w["more"])),
    )
    sources = ("Lähde: Sotkanet, THL, CC BY 4.0",)
    return Document(
        language, str(w["title"]), str(w["subtitle"]), "2026-W46", "full", blocks, sources
    )
