"""Opens the application for a command. The store and all that hangs on it load only where it is needed."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from monitor.app import App


def open_app(shown: bool = False) -> "App":
    """The application by the environment's settings, closed when the command ends; `shown` with progress bars."""
    from monitor.app import make_app
    from monitor.progress import Shown
    from monitor.settings import load_settings

    app = make_app(load_settings(), progress=Shown() if shown else None)
    click.get_current_context().call_on_close(app.close)
    return app
