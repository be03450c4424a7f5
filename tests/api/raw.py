"""Bytes on a socket: for requests that no well-behaved client would send, and for several at once."""

import http.client
import io
import socket
import ssl
from urllib.parse import urlsplit

from answers import Answer
from client import PATIENCE, authorization, encoded_body


class _Shared:
    """http.client closes its file after each answer; this one stays open for the next."""

    def __init__(self, file):
        self._file = file

    def __getattr__(self, name):
        return getattr(self._file, name)

    def close(self):
        pass

    def makefile(self, *_):
        return self


class RawConnection:
    def __init__(self, url, timeout_s=10):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout_s * PATIENCE)
        self._file = io.BufferedReader(socket.SocketIO(self.socket, "rb"))

    def begin_tls(self, context, host, **options):
        """From here on everything is inside a TLS session with `host`."""
        self.socket = context.wrap_socket(self.socket, server_hostname=host, **options)
        self._file = io.BufferedReader(socket.SocketIO(self.socket, "rb"))
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self, method="GET", target="/"):
        """Reads the next answer on this connection."""
        response = http.client.HTTPResponse(_Shared(self._file), method=method)
        response.begin()
        tunnel = method == "CONNECT" and response.status == 200  # what follows is no body
        return Answer(method, target, response.status, response.msg.items(), b"" if tunnel else response.read())

    def ended(self):
        """True when the peer has closed (waits for it up to the connection's time-out)."""
        try:
            return self._file.read(1) == b""
        except (ConnectionResetError, ssl.SSLError):
            return True


def request_bytes(credentials, method, target, body=None, headers=None, *, leave_out=(), **options):
    """A whole signed request. `headers` adds or replaces, `leave_out` drops; `options` go to authorization()."""
    data = encoded_body(body)
    sent = {"Host": "127.0.0.1", "Accept": "application/json", "User-Agent": "fenzhang-tests/1"}
    if credentials is not None:
        sent["Authorization"] = authorization(credentials, method, target, data, **options)
    if data or method != "GET":
        sent["Content-Type"] = "application/json"
        sent["Content-Length"] = str(len(data))
    sent.update(headers or {})
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in sent.items() if name not in leave_out]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + data
