"""Logging: constant event names with keys, one line each on standard error.

Configured once, by the composition root; modules call `get_logger(__name__)` and never configure.
"""

import logging
import sys
from typing import cast

import structlog


def configure(level: str) -> None:
    """Send the log to standard error: readable on a terminal, JSON lines elsewhere."""
    terminal = sys.stderr.isatty()
    # Plain tracebacks: the coloured ones with local variables take seconds each and hide the message.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last: list[structlog.types.Processor] = (
        [console]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry `module=name`."""
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(module=name))
