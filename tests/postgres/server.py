"""A PostgreSQL of a test's own, for tests that stop it, copy it or put it back: its programs run as nobody where root runs the tests, because
PostgreSQL refuses root."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

from client import PATIENCE

USER = "fenzhang"


def programs():
    """The folder of PostgreSQL's programs, as tests/postgres/with finds it."""
    if named := os.environ.get("POSTGRES_BIN"):
        return pathlib.Path(named)
    found = pathlib.Path("/usr/lib/postgresql").glob("*/bin")
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name)))


def unprivileged(command):
    """The command as nobody, if root calls it."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command] if os.geteuid() == 0 else list(command)


def given(path):
    """Makes that user the owner."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return path


def own_directory(path):
    """A new directory in which that user may write."""
    path.mkdir(mode=0o700)
    return given(path)


def own_place():
    """One that it can reach (pytest's are root's), with a path that a socket's name still fits behind. The caller removes it."""
    return given(pathlib.Path(tempfile.mkdtemp(prefix="fenzhang-postgres-", dir="/tmp")))


class Server:
    """In `place`/data, listening on a socket in `place` alone."""

    def __init__(self, place, **settings):
        self.place = place
        self.data = place / "data"
        settings = {"listen_addresses": "", "unix_socket_directories": str(place), "fsync": "off", **settings}
        self.settings = "".join(f"{name} = '{value}'\n" for name, value in settings.items())

    def address(self, database):
        return f"postgresql://{USER}@/?host={self.place}&dbname={database}"

    def run(self, program, *arguments):
        done = subprocess.run(
            unprivileged([programs() / program, *arguments]), cwd=self.place, capture_output=True, text=True, timeout=120 * PATIENCE
        )
        assert done.returncode == 0, (program, done.stdout, done.stderr, self.log_text()[-2000:])
        return done.stdout

    def make(self):
        self.run("initdb", "--pgdata", self.data, "--auth", "trust", "--username", USER, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(self.settings)
        return self

    def start(self):
        self.run("pg_ctl", "--pgdata", self.data, "--log", self.place / "log", "--wait", "--silent", "start")
        return self

    def stop(self, mode="fast"):
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "--pgdata", self.data, "--mode", mode, "--wait", "--silent", "stop")

    def destroy(self):
        self.stop("immediate")
        shutil.rmtree(self.data)

    def log_text(self):
        log = self.place / "log"
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def ask(self, sql, database="postgres"):
        done = subprocess.run(["psql", "-Atqc", sql, self.address(database)], capture_output=True, text=True, timeout=60 * PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")
