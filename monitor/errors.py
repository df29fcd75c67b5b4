"""The exceptions this program raises on purpose.

    TilannekuvaError
    ├── SettingsError      a setting is unknown or wrong
    ├── InputFileError     a file a person wrote cannot be used (carries the mistakes)
    ├── StoreError         the database cannot be reached or has another schema
    ├── ModelError         a trained version is missing, damaged or from another layout
    ├── MailError          the mail server cannot be used
    └── PortInUse          a server cannot listen where it was told to

Expected failures inside a stage are values (`monitor.values`), not exceptions. What a person reads is
`message`, a sentence that says what to do; the cause is chained for the log.
"""

from collections.abc import Sequence

from monitor.values import Mistake


class TilannekuvaError(Exception):
    """Base of all; `message` is meant for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsError(TilannekuvaError):
    """A setting is unknown or has a value that cannot be used."""


class InputFileError(TilannekuvaError):
    """A file a person wrote cannot be used; every mistake has its line."""

    def __init__(self, path: str, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(m) for m in mistakes))
        self.path = path
        self.mistakes = tuple(mistakes)


class StoreError(TilannekuvaError):
    """The database cannot be used."""


class ModelError(TilannekuvaError):
    """A trained version cannot be used."""


class MailError(TilannekuvaError):
    """The mail server cannot be used."""


class PortInUse(TilannekuvaError):
    """Another program listens on the port."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(
            f"port {port} is in use on this machine; stop the other program or give {option}"
        )
        self.port = port
