"""`tilannekuva run`: the service for real use."""

import click

from monitor.app import make_app
from monitor.cli.parameters import PORT
from monitor.settings import load_settings


@click.command("run")
@click.option("--port", type=PORT, help="Port of the web page; the setting WEB_PORT otherwise.")
@click.option("--no-worker", is_flag=True, help="Only the web page, no polling.")
def run_command(port: int | None, no_worker: bool) -> None:
    """Poll feeds.yaml on a schedule and serve the web page until stopped.

    Stops cleanly on Ctrl-C and SIGTERM. Started again, it goes on where it stopped.
    """
    from monitor.service import serve

    settings = load_settings() if port is None else load_settings(web_port=port)
    serve(make_app(settings), with_worker=not no_worker, announce=click.echo)
