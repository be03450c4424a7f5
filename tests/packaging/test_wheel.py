"""The wheel: installed without a network on Debian 13, and become the program that is in it. For Debian 12 test_installing_page.py does it."""
import base64
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from conftest import run
from machine import Machine

TEST = """
def test_a_payment(fenzhang):
    assert fenzhang.pay(10000)["transaction_id"]
"""


@pytest.fixture(scope="module")
def machine(portable, root):
    """A Debian with Python, and the wheel in an environment of its own."""
    machine = Machine(root("trixie", "python3-venv").path)
    shutil.copy(portable["wheel"], machine.root / "tmp")
    machine.run("python3", "-m", "venv", "/venv")
    machine.run("/venv/bin/pip", "install", "--no-index", f"/tmp/{portable['wheel'].name}")
    return machine


def test_it_serves_and_calls(machine):
    machine.run("/venv/bin/pip", "check")
    for program in [["/venv/bin/fenzhang"], ["/venv/bin/python", "-m", "fenzhang"]]:
        with machine.serving(*program, options=["--tls"]) as server:
            assert server.health() == 200
            assert json.loads(machine.run(*program, "balance", "--json", "--env", "/root/book/demo.env"))["balance"] == 1000
            own = [name for name in server.mapped() if "/site-packages/fenzhang/lib/" in name]
            assert {"libcrypto.so.3", "libcurl.so.4", "libgnutls.so.30"} <= {name.rsplit("/", 1)[1] for name in own}
            assert [name for name in server.mapped() if name not in own and "libc" in name and not name.endswith("/libc.so.6")] == []
        shutil.rmtree(machine.root / "root/book")


def test_it_ends_as_the_program_does(machine):
    """By a closed pipe, too, although Python ignores that signal."""
    (program,) = machine.root.glob("venv/lib/python3*/site-packages/fenzhang/bin/fenzhang")
    statuses = [
        machine.run("/bin/bash", "-c", f'"{name}" openapi | true; echo ${{PIPESTATUS[0]}}; "{name}" nonsense 2>/dev/null; echo $?')
        for name in ["/venv/bin/fenzhang", f"/{program.relative_to(machine.root)}"]
    ]
    assert statuses[0] == statuses[1]


def test_its_manual_is_there(machine):
    assert (machine.root / "venv/share/man/man1/fenzhang.1").is_file()


def test_the_record_is_true(portable):
    with zipfile.ZipFile(portable["wheel"]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
        rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
        assert [row[0] for row in rows] == archive.namelist()
        for path, digest, size in rows[:-1]:
            data = archive.read(path)
            assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert int(size) == len(data)


def test_the_fixture_of_pytest_is_in_it(portable, tmp_path):
    run(sys.executable, "-m", "pip", "install", "--no-index", "--target", tmp_path / "site", portable["wheel"])
    (tmp_path / "project").mkdir()
    (tmp_path / "project/test_mine.py").write_text(TEST)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FENZHANG", "PYTEST"))}
    environment |= {"PYTHONPATH": str(tmp_path / "site"), "PATH": f"{tmp_path / 'site/bin'}:{os.environ['PATH']}"}
    assert "1 passed" in run(sys.executable, "-m", "pytest", "-q", cwd=tmp_path / "project", env=environment)
