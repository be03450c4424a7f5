"""Server-sent events, as GET /requests/stream tells them; read by hand, so that nothing is read ahead."""

import json
import socket
from urllib.parse import urlsplit

from client import PATIENCE


class EventStream:
    """One reader. Iterating gives (event, id, data); comments are passed over."""

    def __init__(self, control_url, query="", headers=(), receive_buffer=None):
        parts = urlsplit(control_url)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10 * PATIENCE)
        self.socket.connect((parts.hostname, parts.port))
        lines = [f"GET /requests/stream{query} HTTP/1.1", f"Host: {parts.netloc}", *headers]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self._file = self.socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value
        self._left = b""
        self.comments = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._file.close()
        self.socket.close()

    def body(self):
        """Of an answer that is no stream."""
        return self._file.read(int(self.headers["content-length"])).decode()

    def _line(self):
        """A line of the body, which comes in chunks; None at its end."""
        while b"\n" not in self._left:
            size = int(self._file.readline() or b"0", 16)
            if size == 0:
                return None
            self._left += self._file.read(size)
            assert self._file.readline() == b"\r\n"
        line, self._left = self._left.split(b"\n", 1)
        return line.decode()

    def begun(self):
        """Waits for the comment that every stream begins with: from here on it misses nothing."""
        while not self.comments:
            line = self._line()
            if line.startswith(":"):
                self.comments.append(line)
        assert self._line() == ""
        return self

    def __iter__(self):
        fields = {}
        while (line := self._line()) is not None:
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                yield fields["event"], fields.get("id"), json.loads(fields["data"])
                fields = {}

    def until(self, sequence):
        """The events up to the request of this sequence."""
        told = []
        for event, number, data in self:
            told.append((event, data))
            if number == str(sequence):
                return told

    def take(self, count):
        """The next events, but for their ids."""
        events = iter(self)
        return [(event, data) for event, _, data in (next(events) for _ in range(count))]
