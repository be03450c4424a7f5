"""Several processes on one database, each with a data directory of its own and the secret of all."""

import hashlib
import subprocess

from program import POSTGRES, Program


class Sharer(Program):
    def __init__(self, place, number, address, *options, binary=None, **named):
        directory = place / f"process-{number}"
        directory.mkdir()
        super().__init__(directory, "--store", address, "--secret-file", str(place / "secret"), *options, **named)
        self.run_by(binary)

    def run_by(self, binary):
        """From its next start on, this program."""
        if binary is not None:
            self.arguments[0] = str(binary)


def asked(address, sql):
    return subprocess.run(["psql", "-Atqc", sql, address], capture_output=True, text=True, check=True).stdout.splitlines()


def empty_database(place):
    """The address of a new one, and in `place` the secret for its book."""
    (place / "secret").write_text("5" * 64)
    (place / "secret").chmod(0o600)
    name = f"fz_{hashlib.sha256(str(place).encode()).hexdigest()[:24]}"
    subprocess.run(["createdb", f"--maintenance-db={POSTGRES}&dbname=postgres", name], check=True)
    return f"{POSTGRES}&dbname={name}"
