"""Ten processes that begin at the same moment on one database: one makes the book, and all serve that."""

import concurrent.futures
import hashlib
import subprocess

import pytest

from control import Control
from program import POSTGRES, Program

TEN = range(10)


class Sharer(Program):
    """One of several on a database, with a data directory of its own and the secret of all."""

    def __init__(self, place, number, address, *options, **named):
        directory = place / f"process-{number}"
        directory.mkdir()
        super().__init__(directory, "--store", address, "--secret-file", str(place / "secret"), *options, **named)


def asked(address, sql):
    return subprocess.run(["psql", "-Atqc", sql, address], capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.fixture
def address(tmp_path):
    (tmp_path / "secret").write_text("5" * 64)
    (tmp_path / "secret").chmod(0o600)
    name = f"fz_{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:24]}"
    subprocess.run(["createdb", f"--maintenance-db={POSTGRES}&dbname=postgres", name], check=True)
    return f"{POSTGRES}&dbname={name}"


@pytest.mark.parametrize("options", [{"demo": True, "seed": 7}, {"seed": None}], ids=["a world", "empty"])
def test_ten_at_once_make_one_book(tmp_path, address, options):
    processes = [Sharer(tmp_path, number, address, **options) for number in TEN]
    with concurrent.futures.ThreadPoolExecutor(len(processes)) as pool:
        started = list(pool.map(lambda process: process.start(), processes))
    try:
        assert asked(address, "SELECT count(*) FROM book") == ["1"]
        assert asked(address, "SELECT count(*) FROM platform_key WHERE kind = 1") == ["1"]
        books = [Control(process.control).audit() for process in started]
        assert all(book == books[0] for book in books)
        if options.get("demo"):
            assert all(process.demo["TRANSACTION_ID"] == started[0].demo["TRANSACTION_ID"] for process in started)
            assert books[0]["payments"] > 5
    finally:
        for process in started:
            process.stop()
