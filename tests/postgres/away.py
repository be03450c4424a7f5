"""A PostgreSQL server of a test's own, which can be halted, ended and started again."""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path


class Server:
    """The newest PostgreSQL of this machine, in a temporary directory, listening on a socket there alone."""

    def __init__(self, **settings):
        self.bin = Path(os.environ.get("POSTGRES_BIN") or sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.place = Path(tempfile.mkdtemp(prefix="fenzhang-away-", dir="/tmp"))
        if os.getuid() == 0:  # PostgreSQL refuses root
            shutil.chown(self.place, "nobody", "nogroup")
        self._run("initdb", "--auth", "trust", "--username", "fenzhang", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        own = {"listen_addresses": "''", "unix_socket_directories": f"'{self.place}'", "fsync": "off", "log_connections": "on", **settings}
        with open(self.place / "data" / "postgresql.conf", "a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in own.items())
        self.start()
        self.address = f"postgresql://fenzhang@/?host={self.place}"
        subprocess.run(["createdb", f"--maintenance-db={self.address}&dbname=postgres", "book"], check=True)
        self.book = f"{self.address}&dbname=book"

    def _run(self, program, *arguments):
        command = [str(self.bin / program), "--pgdata", str(self.place / "data"), *arguments]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.place, text=True)
        assert done.returncode == 0, done.stderr

    def is_running(self):
        return (self.place / "data" / "postmaster.pid").exists()

    def start(self):
        self._run("pg_ctl", "--log", str(self.place / "log"), "--wait", "--silent", "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "--mode", mode, "--wait", "--silent", "stop")

    def ask(self, sql):
        return subprocess.run(["psql", "-Atqc", sql, self.book], capture_output=True, text=True, check=True).stdout.strip()

    def _processes(self):
        """The server's own and all of its children."""
        first = int((self.place / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def halt(self):
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)

    def go_on(self):
        for process in self._processes():
            os.kill(process, signal.SIGCONT)

    def remove(self):
        if self.is_running():
            self.stop()
        shutil.rmtree(self.place)
