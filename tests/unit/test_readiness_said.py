"""What the readers of readiness files say, in Finnish and Swedish: nothing they write stays English."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.i18n import Translator
from monitor.readiness import cells, convert, importers, run, workbook
from monitor.readiness.said import said

FI, SV, EN = Translator("fi"), Translator("sv"), Translator("en")
SPOKEN = {"Wrong": (0, 1), "Complaint": (1, 2), "Mistake": (3, 4, 5), "_Unreadable": (0, 1, 2)}


def sentences() -> list[str]:
    """Every sentence the modules write as a literal, with 7 for each value."""
    found = set()
    for module in (cells, convert, importers, run, workbook):
        assert module.__file__
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wanted = SPOKEN.get(node.func.id, ())
                found |= {_text(node.args[i]) for i in wanted if i < len(node.args)}
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
                "expected", "remedy", "problem", "what",
            ):  # fmt: skip
                found.add(_text(node.value))
    return sorted(text for text in found if text)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "7" for p in node.values]
        return "".join(str(part) for part in parts)
    return ""


def test_there_is_much_to_say() -> None:
    assert len(sentences()) > 80


@pytest.mark.parametrize("t", [FI, SV], ids=["fi", "sv"])
def test_every_sentence_has_words_in_the_readers_language(t: Translator) -> None:
    english = [text for text in sentences() if said(text, t)[1] == "en"]
    beyond = [text for text in english if not re.fullmatch(r"[\W\d7]*|the file", text)]
    assert beyond == []


def test_values_stay_and_english_stays_as_it_is() -> None:
    assert said("did you mean 'kainuu'?", FI) == ("tarkoititko ”kainuu”?", "fi")
    assert (
        said("sheet 'A': cells B2:B3 are merged", SV)[0]
        == "bladet ”A”: cellerna B2:B3 är sammanslagna"
    )
    assert said("fill it in", EN) == ("fill it in", "en")
    assert said("something nobody wrote", FI) == ("something nobody wrote", "en")


@given(st.text(max_size=80))
def test_any_text_can_be_asked_for(text: str) -> None:
    assert isinstance(said(text, SV)[0], str)
