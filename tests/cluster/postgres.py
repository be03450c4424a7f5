"""A PostgreSQL server of a test's own, and a standby of it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from ports import free_ports

BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))[-1]

# PostgreSQL and Patroni refuse root. What they start ends with them, and they with the test.
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else ["setpriv"]
UNPRIVILEGED = [*AS_NOBODY, "--pdeathsig", "KILL"]


def nobodys(directory):
    """A directory that the unprivileged user may write."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        shutil.chown(directory, "nobody", "nogroup")
    return directory


class Server:
    def __init__(self, directory, settings="", of=None, like=None):
        """`of`: the server that this one is a standby of; `like`: one at rest, whose books it has too."""
        self.directory = nobodys(directory)
        self.data, self.log = directory / "data", directory / "log"
        (self.port,) = free_ports(1)  # its own while it is stopped, too
        self.process = None
        if like is not None:
            subprocess.run([*AS_NOBODY, "cp", "-a", like.data, self.data], check=True)
        elif of is None:
            self._run("initdb", "-D", self.data, "-A", "trust", "-U", "fenzhang", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        else:
            self._run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", of.address("postgres"))
        with open(self.data / "postgresql.conf", "a") as file:
            file.write(f"listen_addresses='127.0.0.1'\nport={self.port}\nunix_socket_directories=''\ncluster_name='{directory.name}'\n{settings}\n")

    def _run(self, program, *arguments):
        done = subprocess.run([*AS_NOBODY, BIN / program, *arguments], cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def address(self, database="book", port=None):
        return f"postgresql://fenzhang@127.0.0.1:{port or self.port}/{database}"

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-s", "start")
        self.postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        return self

    def stop(self, mode="immediate"):
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-s", "stop")

    def promote(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-s", "promote")

    def pause(self, paused):
        """With all its processes, as its machine would: each connection has one of its own."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        for process in (self.postmaster, *map(int, children)):
            os.kill(process, signal.SIGSTOP if paused else signal.SIGCONT)

    def ask(self, sql, database="postgres", options="-c default_transaction_read_only=off"):
        environment = {**os.environ, "PGOPTIONS": options}
        done = subprocess.run([BIN / "psql", "-Atqc", sql, self.address(database)], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def set(self, **settings):
        for name, value in settings.items():
            self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("SELECT pg_reload_conf()")
