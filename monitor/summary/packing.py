"""Zip files that are the same bytes whenever and wherever they are made. Pure."""

import io
import zipfile
from collections.abc import Callable, Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file can say


def packed(files: Mapping[str, bytes]) -> bytes:
    """Name -> content as a zip file, in the order given.

    Nothing is squeezed: compressors of different versions give different bytes for the same content.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def repacked(
    archive: bytes, changed: Mapping[str, Callable[[bytes], bytes]] | None = None
) -> bytes:
    """The same files without the time they were packed at; those in `changed` put through it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        files = {info.filename: source.read(info) for info in source.infolist()}
    for name, change in (changed or {}).items():
        files[name] = change(files[name])
    return packed(files)
