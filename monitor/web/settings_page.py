"""The settings in force as a page shows them: name, value, meaning, where it comes from. Pure.

What is secret is never shown, nor is a password inside an address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.i18n import Translator
from monitor.settings import PREFIX, Settings

SECRET = (
    "password",
    "secret",
    "token",
)  # in the name of a setting that is none of the readers' business


@dataclass(frozen=True, slots=True)
class Line:
    """One setting."""

    name: str  # of the environment variable
    value: str  # "" where it is not set
    secret: bool  # its value is not shown; `given` says whether there is one
    given: bool  # by the environment, or a program's own choice; else the default holds
    meaning: str
    language: str  # of the meaning


def lines(settings: Settings, t: Translator) -> tuple[Line, ...]:
    """Every setting, in the order of the settings' page of the documentation."""
    return tuple(_line(name, settings, t) for name in type(settings).model_fields)


def _line(name: str, settings: Settings, t: Translator) -> Line:
    value = getattr(settings, name)
    secret = isinstance(value, SecretStr) or any(word in name for word in SECRET)
    key = f"settings.{name}"
    described = type(settings).model_fields[name].description or ""
    return Line(
        PREFIX + name.upper(),
        "" if secret else _written(value, t),
        secret,
        name in settings.model_fields_set,
        t(key) if t.has(key) else described,
        t.language if t.has(key) else "en",
    )


def _written(value: Any, t: Translator) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return t("forms.yes" if value else "forms.no")
        case tuple() | list():
            return "; ".join(_written(part, t) for part in _parts(value))
        case _:
            return _without_password(str(value))


def _parts(value: Iterable[Any]) -> list[Any]:
    return list(value)


def _without_password(text: str) -> str:
    """An address without the password inside it."""
    if "://" not in text:
        return text
    try:
        password = urlsplit(text).password
    except ValueError:
        return text
    return text.replace(f":{password}@", ":***@") if password else text
