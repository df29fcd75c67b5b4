"""A tiny labelled corpus that trains in a second: topics that a few words tell apart, in both languages."""

from classifiers.values import Direction, Example, Text

_FINANCE = {
    "fi": ["alijäämä kasvoi miljoonaan euroon", "talousarvio ylittyi", "säästöt eivät riitä"],
    "sv": ["underskottet växte till en miljon euro", "budgeten överskreds", "inbesparingar räcker inte"],
}  # fmt: skip
_RESCUE = {
    "fi": ["paloasema avattiin", "pelastuslaitos palkkasi pelastajia", "ambulanssi saapuu ajoissa"],
    "sv": ["brandstationen öppnades", "räddningsverket anställde", "ambulansen kommer i tid"],
}
_SPORT = {
    "fi": ["joukkue voitti ottelun", "kapellimestari johti konsertin", "sade jatkuu viikonloppuna"],
    "sv": ["laget vann matchen", "dirigenten ledde konserten", "regnet fortsätter i helgen"],
}
_PLACE = {
    "fi": [("Oulussa", "19"), ("Turussa", "05"), ("Vaasassa", "17"), ("Kuopiossa", "13")],
    "sv": [("i Uleåborg", "19"), ("i Åbo", "05"), ("i Vasa", "17"), ("i Kuopio", "13")],
}


def tiny_examples() -> list[Example]:
    """72 texts, each a story of its own: a third on money, a third on rescue, a third on neither."""
    kinds: list[tuple[str, dict[str, list[str]], Direction | None]] = [
        ("finance", _FINANCE, "risk"),
        ("rescue", _RESCUE, "progress"),
        ("", _SPORT, None),
    ]
    return [
        _example(f"{topic}-{lang}-{n}-{code}", lang, phrase, place, code, topic, direction)
        for topic, phrases, direction in kinds
        for lang in ("fi", "sv")
        for n, phrase in enumerate(phrases[lang])
        for place, code in _PLACE[lang]
    ]


def _example(
    id_: str, lang: str, phrase: str, place: str, code: str, topic: str, way: Direction | None
) -> Example:
    text = Text(id_, f"{phrase.capitalize()} {place}", f"{place.capitalize()} {phrase}.", lang)
    return Example(text, bool(topic), (code,), (), False, (topic,) if topic else (), way, story=id_)
