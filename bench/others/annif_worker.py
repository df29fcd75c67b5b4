"""Annif's side of `bench.annif`, run by the interpreter of Annif's own environment; nothing imports it.

    python -P bench/others/annif_worker.py FOLDER

Reads one JSON command a line and answers with one JSON line: {"do": "train", "project", "docs"} learns a
project of FOLDER/projects.cfg from a file in Annif's format; {"do": "scores", "routes", "texts"} gives the
score of every subject for each text; {"do": "time", "routes", "texts"} the seconds of processor
time that suggesting takes. `routes` names the project of each text, whose texts are suggested for in batches of 32.

Annif splits words with NLTK's word tokeniser after its sentence splitter. The splitter's data is fetched
at run time and may not be there: words are split without it, which takes less time.
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path

import nltk.data
import nltk.tokenize
from annif.corpus import Document, DocumentFileTSV
from annif.registry import AnnifRegistry
from annif.vocab import VocabFileTSV

BATCH = 32


class Worker:
    """The projects of a folder."""

    def __init__(self, folder: Path) -> None:
        self._registry = AnnifRegistry(str(folder / "projects.cfg"), str(folder / "data"), False)
        vocabulary = self._registry.get_vocab("topics")
        vocabulary.load_vocabulary(VocabFileTSV(str(folder / "topics.tsv"), "en"), force=True)
        self._subjects = [subject.uri for subject in vocabulary.subjects]

    def train(self, project, docs):
        project = self._registry.get_project(project)
        project.train(DocumentFileTSV(docs, project.subjects))
        project.initialize()
        return None

    def scores(self, routes, texts):
        found = [None] * len(texts)
        for project, rows in self._batches(routes):
            batch = project.suggest([Document(text=texts[i]) for i in rows])
            for i, row in zip(rows, batch.array.toarray().tolist(), strict=True):
                found[i] = dict(zip(self._subjects, row, strict=True))
        return found

    def time(self, routes, texts):
        batches = [
            (project, [Document(text=texts[i]) for i in rows])
            for project, rows in self._batches(routes)
        ]
        start = time.process_time()
        for project, documents in batches:
            project.suggest(documents)
        return time.process_time() - start

    def _batches(self, routes):
        for name in sorted(set(routes)):
            rows = [i for i, route in enumerate(routes) if route == name]
            for i in range(0, len(rows), BATCH):
                yield self._registry.get_project(name), rows[i : i + BATCH]


def _split_words_only():
    words = nltk.tokenize.NLTKWordTokenizer()
    nltk.data.find = lambda *_, **__: None
    nltk.tokenize.word_tokenize = lambda text, *_, **__: words.tokenize(text)


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    answers, sys.stdout = sys.stdout, sys.stderr
    _split_words_only()
    worker = Worker(Path(sys.argv[1]))
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(worker, command.pop("do"))(**command)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
