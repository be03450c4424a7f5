"""Every command of docs/snapshots.md and of its Chinese page does what is said of it."""

import os
import re
import subprocess

import pytest

from client import PATIENCE
from demo_book import DemoBook
from pages import ROOT, blocks
from program import BINARY, READY

PAGES = {"english": ROOT / "docs/snapshots.md", "chinese": ROOT / "docs/zh/snapshots.md"}

pytestmark = [pytest.mark.plain, pytest.mark.sqlite("a snapshot is a copy of the book's file")]


@pytest.fixture
def place(program, tmp_path):
    """A directory with data/, and a way to run what is pasted there."""
    server = program(demo=True, seed=None)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/fenzhang").symlink_to(BINARY)
    (tmp_path / "data").symlink_to(server.data)
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "FENZHANG_ENV": str(tmp_path / "data/demo.env"), "TMPDIR": str(tmp_path)}

    def paste(*command):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60 * PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    paste.book, paste.directory, paste.environment = DemoBook(server), tmp_path, environment
    return paste


def serve(place, line):
    """The ready line of a server that is then ended."""
    running = subprocess.Popen(["sh", "-euc", f"exec {line}"], cwd=place.directory, env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ready = READY.fullmatch(running.stdout.readline())
    running.terminate()
    running.stdout.close()
    assert running.wait(30 * PATIENCE) == 0
    return ready


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_block(place, page):
    payments = place.book.control.audit()["payments"]
    ran = 0
    for kind, content in blocks(page.read_text("utf-8"), "sh", "python"):
        ran += 1
        if content.startswith("fenzhang serve"):
            assert serve(place, content.strip())
        elif kind == "python":
            place.book.control.make_payment(**place.book.direct.in_control(), amount=5)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*\+08:00\n", place("/usr/bin/python3", "-c", content))
            assert place.book.control.audit()["payments"] == payments + 1  # the one of the page's beginning
        else:
            printed = place("sh", "-euc", content)
            assert "-n 2" not in content or {"[0] world 0: http", "[1] world 1: http"} <= {line[:17] for line in printed.splitlines()}, printed
    assert ran == 6
    assert place.book.control.get("/snapshots") == {"snapshots": []}
