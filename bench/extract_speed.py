"""How fast the extractor is beside bare trafilatura on the same pages in the same run.

    python -m bench.extract_speed [FOLDER] [--rounds N]

Reads every `*.html.gz` and `*.html` of FOLDER (by default the captured pages beside this repository, else
the pages of the tests) and lets three ways take turns page by page, so that a busy machine slows all
alike: ours, `trafilatura.extract`, and `trafilatura.bare_extraction` with metadata, which like ours finds
title and date. Prints pages per second and ratios of the medians over the rounds.
"""

import gzip
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import click
import trafilatura

from monitor.articles.extract import extract
from monitor.values import Page

ROOT = Path(__file__).resolve().parent.parent
PLACES = (ROOT.parent / "shared" / "newsroom" / "pages", ROOT / "tests" / "data" / "pages")
Way = Callable[[bytes], object]
WAYS: dict[str, Way] = {
    "ours": lambda body: extract(Page("", body, None)),
    "trafilatura.extract": lambda body: trafilatura.extract(body, include_comments=False),
    "trafilatura.bare_extraction with metadata": lambda body: trafilatura.bare_extraction(
        body, include_comments=False, with_metadata=True
    ),
}


def load(folder: Path | None) -> list[bytes]:
    """The pages of `folder`, or of the first usual place that has any."""
    for place in (folder,) if folder else PLACES:
        files = sorted([*place.glob("*.html.gz"), *place.glob("*.html")])
        if files:
            return [
                gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes()
                for f in files
            ]
    raise click.ClickException("no pages found; give a FOLDER with *.html or *.html.gz")


def seconds(pages: list[bytes]) -> dict[str, float]:
    """Time each way took for all pages, the ways taking turns."""
    taken = dict.fromkeys(WAYS, 0.0)
    for number, body in enumerate(pages):
        names = list(WAYS)
        for name in names[number % 3 :] + names[: number % 3]:
            start = time.perf_counter()
            WAYS[name](body)
            taken[name] += time.perf_counter() - start
    return taken


@click.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--rounds", default=3, show_default=True, help="Times the whole folder is read.")
def main(folder: Path | None, rounds: int) -> None:
    """Measure pages per second."""
    pages = load(folder)
    seconds(pages[:3])  # dictionaries and patterns load at first use
    results = [seconds(pages) for _ in range(rounds)]
    for name in WAYS:
        took = median(r[name] for r in results)
        click.echo(f"{name}: {len(pages) / took:.1f} pages/s")
    for name in list(WAYS)[1:]:
        ratio = median(r[name] / r["ours"] for r in results)
        click.echo(f"ours against {name}: {ratio:.2f} times as fast")


if __name__ == "__main__":
    main()
