"""A mail server of our own on loopback: takes messages, refuses whom it is told to, may hang up."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough of RFC 5321 for a client that behaves."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[tuple[str, bytes]] = []  # envelope recipient, message
        self.refuse: set[str] = set()
        self.hang_up: set[str] = set()  # after the message was taken, before the answer

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def messages(self) -> dict[str, EmailMessage]:
        parsed = {to: message_from_bytes(raw, policy=default) for to, raw in self.taken}
        return {to: cast(EmailMessage, message) for to, message in parsed.items()}


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server, to = cast(MailServer, self.server), ""
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
                self._say("550 no such mailbox" if to in server.refuse else "250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                server.taken.append((to, self._body()))
                if to in server.hang_up:
                    return
                self._say("250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
