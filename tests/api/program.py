"""The running program: starts it, reads its ready line, stops it and looks at how it ended."""

import contextlib
import functools
import hashlib
import os
import re
import selectors
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from client import PATIENCE

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("FENZHANG", REPOSITORY / "build" / "src" / "cli" / "fenzhang"))

# A server in which each book gets a database of its own; without, books are files (tests/postgres/with).
POSTGRES = os.environ.get("FENZHANG_POSTGRES")

URL = r"https?://\S+"
READY = re.compile(rf"ready api=(?P<api>{URL}) control=(?P<control>{URL}) data=(?P<data>.+?)(?: proxy=(?P<proxy>http://\S+))?\n")
SANITIZER = re.compile(r"Sanitizer|runtime error:|Assertion .* failed")


@functools.cache
def _databases():
    """A connection that makes them: createdb would be a Perl script and a process for each."""
    import psycopg2  # is there where PostgreSQL is

    connection = psycopg2.connect(f"{POSTGRES}&dbname=postgres")
    connection.autocommit = True
    return connection


@functools.cache
def _tables():
    """A database with the tables of a book and no row in them, for the others to be copies of: making them takes a server longer than the rest of
    its start. Of the processes that run tests one makes it. A start in an empty database is in tests/postgres."""
    import psycopg2

    name = "fz_tables"
    cursor = _databases().cursor()
    cursor.execute("SELECT pg_advisory_lock(1)")
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    if not cursor.fetchall():
        cursor.execute("CREATE DATABASE fz_in_the_making")
        address = f"{POSTGRES}&dbname=fz_in_the_making"
        with tempfile.TemporaryDirectory() as place:
            Program(place, "--store", address).start().stop()
        with contextlib.closing(psycopg2.connect(address)) as book, book:
            rows = book.cursor()
            rows.execute("SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'")
            rows.execute(f"TRUNCATE {rows.fetchone()[0]}")
        cursor.execute(f"ALTER DATABASE fz_in_the_making RENAME TO {name}")
    cursor.execute("SELECT pg_advisory_unlock(1)")
    return name


@functools.cache
def make_database(name):
    """If it is not there."""
    import psycopg2.errors

    with contextlib.suppress(psycopg2.errors.DuplicateDatabase):
        _databases().cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE {_tables()}')


def sleeps(pid):
    """Whether all threads of a process sleep at once: none works, wants to, waits for the disk or was halted."""
    states = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it, or a thread, has ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            states.add((task / "stat").read_text().rsplit(") ", 1)[1][0])
    return states == {"S"}


def processor_time(pid):
    """In seconds; 0 of a process that has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0


def end_of(process, seconds):
    """Waits for its end and says how long it took, by what it did itself: it worked, or slept. For how long a busy machine did not let it is not
    its fault."""
    start = at = time.monotonic()
    began = used = processor_time(process.pid)
    slept = 0
    while process.poll() is None:
        if at - start > seconds:
            process.kill()
            process.wait()
            raise AssertionError(f"still running {seconds} s after the signal")
        asleep, before = sleeps(process.pid), at
        time.sleep(0.005)
        at = time.monotonic()
        slept += min(at - before, 0.05) if asleep else 0  # longer than that this process stood still itself
        used = max(used, processor_time(process.pid))
    return slept + used - began


class Program:
    """`fenzhang serve` on free ports of 127.0.0.1, with its data in `directory`/data."""

    def __init__(self, directory, *options, demo=False, seed=7, limits="off"):
        self.directory = Path(directory)
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.arguments = [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
        self.arguments += ["--data", str(self.data), "--limits", limits]
        if demo:
            self.arguments.append("--demo")
        if seed is not None:
            self.arguments += ["--seed", str(seed)]
        self.arguments += options
        self.process = None
        self.api = self.control = self.proxy = None

    @property
    def database(self):
        """The address of the database of this data directory; None if the book is a file."""
        if not POSTGRES or any(str(option) == "--store" or str(option).startswith("--store=") for option in self.arguments):
            return None
        return f"{POSTGRES}&dbname=fz_{hashlib.sha256(str(self.data).encode()).hexdigest()[:24]}"

    def _shared_store(self):
        """--store with the database of this data directory, made if it is not there."""
        if self.database is None:
            return []
        make_database(self.database.rpartition("=")[2])
        return ["--store", self.database]

    @property
    def command(self):
        """What starts it."""
        return [str(word) for word in self.arguments] + self._shared_store()

    @property
    def book(self):
        """The options by which other commands find its book, too, while it rests."""
        return ["--data", str(self.data)] + self._shared_store()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        line = self._first_line(20 * PATIENCE)
        ready = READY.fullmatch(line)
        assert ready, f"instead of the ready line: {line!r}; log: {self.log_text()[-2000:]}"
        self.api, self.control, self.proxy = ready["api"], ready["control"], ready["proxy"]
        assert Path(ready["data"]).resolve() == self.data.resolve()
        return self

    def _first_line(self, seconds):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                self.process.kill()
                raise AssertionError(f"not ready after {seconds} s; log: {self.log_text()[-2000:]}")
        return self.process.stdout.readline()

    def log_text(self):
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    @property
    def ca(self):
        """The certificate that clients have to trust where the program makes its own."""
        return str(self.data / "tls" / "ca_cert.pem")

    @property
    def demo(self):
        """demo.env as a dictionary."""
        lines = (self.data / "demo.env").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def rests(self):
        """Whether all of its threads sleep at once: what was sent to it before has been worked on."""
        return sleeps(self.process.pid)

    def stop(self, signal_number=signal.SIGTERM):
        """Ends it as a user would: within a second, status 0, no complaint of a sanitizer."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal_number)
        try:
            took, status = end_of(process, 20 * PATIENCE), process.returncode
        finally:
            process.stdout.close()
        complaint = SANITIZER.search(self.log_text())
        assert complaint is None, self.log_text()[max(0, complaint.start() - 500) :][:4000]
        assert status == 0, f"exit status {status}; log: {self.log_text()[-2000:]}"
        assert took <= PATIENCE, f"took {took:.2f} s to end"

    def kill(self):
        """kill -9, for tests of what is left behind."""
        process, self.process = self.process, None
        process.kill()
        process.wait()
        process.stdout.close()
