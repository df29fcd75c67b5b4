"""The basis of a readiness component in words.

`monitor.readiness.state` says it in English sentences; here each is taken apart and said in the reader's
language. A sentence that is not known is shown as it is, never hidden.
"""

import re
from datetime import date

from monitor.i18n import Translator

_DAY = r"(\d{4}-\d{2}-\d{2})"
_ROADMAP = re.compile(rf"(\d+) of (\d+) due critical tasks finished \(report of {_DAY}\)")
_MEAN = re.compile(rf"mean of (\d+) values?, newest of {_DAY}")
_DATED = (
    (re.compile(rf"first critical task is due {_DAY}"), "detail.first_due"),
    (re.compile(rf"first period ends {_DAY}"), "detail.first_period"),
)
_PLAIN = {
    "no roadmap report": "detail.no_report",
    "no critical tasks in this group": "detail.no_tasks",
    "no data": "detail.no_data",
    "no value that can be read as done or not done": "detail.no_value",
    "the source says it does not apply": "detail.not_applicable",
}


def detail(text: str, t: Translator) -> str:
    """`text` in the language of `t`."""
    if match := _ROADMAP.fullmatch(text):
        day = t.day(date.fromisoformat(match[3]))
        return t("detail.roadmap", done=int(match[1]), of=int(match[2]), day=day)
    if match := _MEAN.fullmatch(text):
        return t("detail.mean", n=int(match[1]), day=t.day(date.fromisoformat(match[2])))
    for pattern, key in _DATED:
        if match := pattern.fullmatch(text):
            return t(key, day=t.day(date.fromisoformat(match[1])))
    return t(_PLAIN[text]) if text in _PLAIN else text
