"""Words the reasons of `monitor.review.why` in a language. Pure."""

from datetime import datetime

from classifiers.reference import Reference
from monitor.i18n import Translator
from monitor.review.values import Why
from monitor.values import NATIONAL

WORDS = {"permission": "permission", "language": "language", "reason": "review.reason"}
INSTANTS = ("at", "until")


def said(why: Why, t: Translator, reference: Reference) -> str:
    """The reason as a sentence."""
    shown = {name: _shown(name, value, t, reference) for name, value in why.values.items()}
    return t(f"review.why.{why.code}", **shown)


def _shown(name: str, value: str | int | float, t: Translator, reference: Reference) -> object:
    text = str(value)
    if name in WORDS:
        return t.word(WORDS[name], text)
    if name in INSTANTS:
        return t.moment(datetime.fromisoformat(text)) if text else "–"
    if name == "region" and text in reference.region:
        return reference.region[text].short.get(t.language)
    if name == "region" and text == NATIONAL:
        return t("region.NAT")
    if name == "topic" and text in reference.topic:
        return reference.topic[text].name.get(t.language)
    return t.percent(value) if isinstance(value, float) else value
