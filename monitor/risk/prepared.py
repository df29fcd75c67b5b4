"""The use-case: what region pages say of a week's uncertainty, computed once when the week is scored.

It takes a tenth of a second for each region, too long for a page; frozen inputs never change, so it is
kept beside them. A page that finds nothing kept computes it itself.
"""

import json

from sqlalchemy import Engine

from monitor.db import region_pictures as store
from monitor.db.engine import reading, transaction
from monitor.db.evidence import bases_json
from monitor.db.frozen import inputs_text
from monitor.db.region_pictures import RegionPicture
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.risk.constants import load_constants
from monitor.risk.frozen import thaw
from monitor.risk.uncertainty import packed, uncertain_of

_log = get_logger(__name__)
WEEKS_AT_ONCE = 8  # a store filled before there were pictures has many weeks to make up for


def prepare_pages(engine: Engine, progress: Progress) -> int:
    """Keep what is missing, the newest weeks first; returns how many weeks."""
    with reading(engine) as session:
        waiting = store.unprepared(session, load_constants().name, WEEKS_AT_ONCE)
    done = 0
    for digest in progress.over(waiting, "weeks prepared", len(waiting)):
        done += _prepare(engine, digest)
    if done:
        _log.info("pages_prepared", weeks=done)
    return done


def _prepare(engine: Engine, digest: str) -> bool:
    with reading(engine) as session:
        text = inputs_text(session, digest)
    if text is None:
        return False
    inputs, name = thaw(text), load_constants().name
    bases = bases_json(json.loads(text))
    pictures = {
        unit: RegionPicture(name, packed(uncertain_of(inputs, unit)), bases.get(unit, []))
        for unit in inputs.units
    }
    with transaction(engine) as session:
        store.keep_pictures(session, digest, pictures)
    return True
