"""The long-running process: web page and worker together, stopped by SIGTERM or Ctrl-C."""

import errno
import signal
import socket
from collections.abc import Callable

import uvicorn

from monitor import heap, pipeline
from monitor.app import App
from monitor.errors import PortInUse, SettingsError
from monitor.logs import get_logger
from monitor.web.app import make_web
from monitor.worker import Worker

_log = get_logger(__name__)


def serve(app: App, *, with_worker: bool, announce: Callable[[str], object]) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises PortInUse, InputFileError."""
    settings = app.settings
    listener = listen(settings.web_host, settings.web_port)
    worker = Worker(app) if with_worker else None
    if worker:
        for mistake in pipeline.read_feeds(app):
            announce(f"feeds.yaml: {mistake}")
        worker.start()
    announce(f"web page: http://{settings.web_host}:{listener.getsockname()[1]}/")
    try:
        serve_on(app, listener)
    finally:
        if worker:
            worker.stop()
        app.close()
    announce("stopped")


def serve_on(app: App, listener: socket.socket) -> None:
    """Serve the web page on `listener` until SIGTERM or Ctrl-C, then return."""
    web = make_web(app)
    heap.settle()
    config = uvicorn.Config(web, log_level="warning", access_log=False)
    # uvicorn handles both signals, and when it has shut down raises them again for whoever was there
    # before: without a handler of ours the process would end here, with the worker's item half done.
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        _log.info("stopping")
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a port in use is a clear error before any work begins.

    Raises PortInUse, and SettingsError where `host` is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
    except OSError as error:
        raise SettingsError(_no_host(host)) from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise SettingsError(_no_host(host)) from error
        raise PortInUse(port, "--port or TILANNEKUVA_WEB_PORT") from error
    return listener


def _no_host(host: str) -> str:
    return f"TILANNEKUVA_WEB_HOST={host!r} is no address of this machine; 127.0.0.1 always is"
