"""How well the extractor finds the article: word F1 per page against gold texts.

    python -m bench.extract_quality [FOLDER]

FOLDER holds `NAME.html.gz` with `NAME.gold.json` beside it (by default the captured newsroom's pages
beside this repository). Gold is title, lead, headings and paragraphs; what is compared is the multiset of
lower-case words, since some gold is tokenised. Pages that carry their own state as JSON in a script are
measured a second time without it. Exit code 1 where a page stays below the floor.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import click

from monitor.articles.extract import extract
from monitor.values import Extracted, Page

DEFAULT = Path(__file__).resolve().parent.parent.parent / "shared" / "newsroom" / "pages"
FLOOR = 0.90
_STATE = re.compile(rb"<script[^>]*>\s*window\.__INITIAL.*?</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Measured:
    """One page, measured once."""

    name: str
    form: str  # "as captured" or "without state"
    f1: float
    precision: float
    recall: float
    title: bool  # the headline's words are found exactly


def word_f1(found: str, gold: str) -> tuple[float, float, float]:
    """F1, precision and recall of the words of `found` against those of `gold`, as multisets."""
    a, b = (Counter(re.findall(r"\w+", text.lower())) for text in (found, gold))
    common = sum((a & b).values())
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / sum(a.values()), common / sum(b.values())
    return 2 * precision * recall / (precision + recall), precision, recall


def gold_text(gold: dict[str, object]) -> tuple[str, str]:
    """Title and text of a gold file of either form."""
    title = str(gold.get("headline") or gold.get("title"))
    lead = str(gold.get("lead") or gold.get("ingress") or "")
    paragraphs = [str(p) for p in gold["paragraphs"]]  # type: ignore[attr-defined]
    headings = [str(h) for h in gold.get("headings", []) if h != title]  # type: ignore[attr-defined]
    if lead and paragraphs[:1] != [lead]:
        paragraphs.insert(0, lead)
    return title, "\n".join([*paragraphs, *headings])


def measure(folder: Path) -> Iterator[Measured]:
    """Every page of `folder`, and again without its state script where it has one."""
    for file in sorted(folder.glob("*.html.gz")):
        name = file.name.removesuffix(".html.gz")
        gold = json.loads((folder / f"{name}.gold.json").read_text(encoding="utf-8"))
        body = gzip.decompress(file.read_bytes())
        bare = _STATE.sub(b"", body)
        forms = {"as captured": body} | ({"without state": bare} if bare != body else {})
        for form, bytes_ in forms.items():
            yield _measure_one(name, form, Page(str(gold.get("url", "")), bytes_, None), gold)


def _measure_one(name: str, form: str, page: Page, gold: dict[str, object]) -> Measured:
    title, text = gold_text(gold)
    found = extract(page)
    if not isinstance(found, Extracted):
        return Measured(name, form, 0.0, 0.0, 0.0, False)
    scores = word_f1(f"{found.title}\n{found.text}", f"{title}\n{text}")
    return Measured(name, form, *scores, word_f1(found.title, title)[0] == 1.0)


@click.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=DEFAULT
)
def main(folder: Path) -> None:
    """Measure the extractor on the pages of FOLDER."""
    pages = sorted(measure(folder), key=lambda m: m.f1)
    if not pages:
        raise click.ClickException(f"no NAME.html.gz in {folder}")
    for m in pages:
        click.echo(f"{m.f1:.4f}  p {m.precision:.3f}  r {m.recall:.3f}  {m.name} ({m.form})")
    for form in sorted({m.form for m in pages}):
        some = [m.f1 for m in pages if m.form == form]
        below = sum(f1 < FLOOR for f1 in some)
        click.echo(
            f"{form}: {len(some)} pages, lowest {min(some):.4f}, mean {fmean(some):.4f}, "
            f"below {FLOOR:.2f}: {below}"
        )
    click.echo(f"headline exact: {sum(m.title for m in pages)} of {len(pages)}")
    sys.exit(1 if any(m.f1 < FLOOR for m in pages) else 0)


if __name__ == "__main__":
    main()
