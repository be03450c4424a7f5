"""A line between the program and PostgreSQL that can be cut at a chosen message of a chosen transaction."""

import socket
import struct
import threading

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102

BEFORE, AFTER = "before COMMIT is forwarded", "when COMMIT was done and the answer has not been forwarded"


def receive(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("ended")
        data += more
    return data


def message(connection):
    """One message with its letter: (letter, all bytes)."""
    head = receive(connection, 5)
    return head[:1], head + receive(connection, struct.unpack("!I", head[1:])[0] - 4)


class Passage:
    """One connection of the program's. What the program sends is read message by message, to know a COMMIT from the rest."""

    def __init__(self, wire, inner):
        self.wire, self.inner = wire, inner
        self.outer = None
        self.names = {}  # of prepared statements: their text
        self.marked = False  # the transaction under way has the words that are waited for in it
        self.dying = threading.Event()

    def run(self):
        try:
            self._greet()
            threading.Thread(target=self._back, daemon=True).start()
            while True:
                letter, data = message(self.inner)
                if not self._is_cut_by(letter, data):
                    self.outer.sendall(data)
        except OSError:
            pass
        finally:
            self.close()

    def _greet(self):
        while True:
            size, code = struct.unpack("!II", receive(self.inner, 8))
            rest = receive(self.inner, size - 8)
            if code not in (SSL_REQUEST, GSS_REQUEST):
                break
            self.inner.sendall(b"N")
        self.wire.may_connect.wait()
        self.outer = socket.create_connection(self.wire.server)
        for end in (self.inner, self.outer):  # else each message waits until the one before it was received
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.outer.sendall(struct.pack("!II", size, code) + rest)

    def _is_cut_by(self, letter, data):
        """Looks at a message; True if it ends here, and the connection with it."""
        if letter == b"P":
            name, text, _ = data[5:].split(b"\0", 2)
            self.names[name] = text
        if letter != b"B":
            return False
        text = self.names.get(data[5:].split(b"\0", 2)[1], b"")
        if text.startswith(b"BEGIN"):
            self.marked = False
        self.marked = self.marked or (self.wire.words is not None and self.wire.words in data)
        if text != b"COMMIT" or not self.marked:
            return False
        when = self.wire.take()
        if when == AFTER:
            self.dying.set()  # what comes back from here on is the COMMIT's outcome
        elif when == BEFORE:
            self.wire.is_cut()  # first: whoever is cut off may have asked elsewhere before this goes on
            self.close()
            raise ConnectionError("cut")
        return False

    def _back(self):
        try:
            while True:
                letter, data = message(self.outer)
                if self.dying.is_set() and letter == b"C" and data[5:].startswith(b"COMMIT"):
                    self.wire.is_cut()
                    break
                self.inner.sendall(data)
        except OSError:
            pass
        self.close()

    def close(self):
        for end in (self.inner, self.outer):
            if end is not None:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class Wire:
    """Listens on a port of 127.0.0.1 and leads to `server`, a pair of host and port, or another one later."""

    def __init__(self, server):
        self.server = server
        self.words = self.when = None
        self.cuts = 0
        self.may_connect = threading.Event()
        self.may_connect.set()
        self.holds_after_cut = False
        self._lock = threading.Lock()
        self._passages = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                inner, _ = self._listening.accept()
            except OSError:
                return
            passage = Passage(self, inner)
            self._passages.append(passage)
            threading.Thread(target=passage.run, daemon=True).start()

    def cut(self, words, when, then_hold=False):
        """The next transaction with `words` among its values loses its connection. `then_hold`: no other connects before `go_on`."""
        self.words, self.when, self.holds_after_cut = words.encode(), when, then_hold

    def take(self):
        """How the transaction that commits now is cut; None if it is not."""
        with self._lock:
            when, self.when = self.when, None
            if when is not None and self.holds_after_cut:
                self.may_connect.clear()
        return when

    def is_cut(self):
        self.cuts += 1

    def drop_all(self):
        for passage in self._passages:
            passage.close()

    def go_on(self, server=None):
        self.server = server or self.server
        self.may_connect.set()

    def close(self):
        self._listening.close()
        self.may_connect.set()
        self.drop_all()
