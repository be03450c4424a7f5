"""The commands of docs/installing.md, in a folder with the files that it names. Its Chinese page has the same ones (tests/docs); those of
Debian's packages, of the image and from source are tried by the tests of these."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from conftest import ROOT, run
from machine import READY, Machine

sys.path.insert(0, str(ROOT / "tests/api"))

from pages import blocks, section  # noqa: E402

PAGE = (ROOT / "docs/installing.md").read_text("utf-8")


@pytest.fixture
def folder(portable, tmp_path):
    for path in portable.values():
        shutil.copy(path, tmp_path)
    script = {"test": 'test -n "$BASE_URL" && fenzhang balance'}
    (tmp_path / "package.json").write_text(json.dumps({"name": "mine", "version": "1.0.0", "scripts": script}))
    return tmp_path


def environment(folder):
    """Somebody who has never used any of this."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("FENZHANG", "npm_", "PIP_"))}
    return plain | {"HOME": str(folder), "npm_config_offline": "true", "npm_config_update_notifier": "false", "PIP_NO_INDEX": "1"}


def commands(heading):
    return [content for _, content in blocks(section(PAGE, f"## {heading}"), "sh")]


def test_the_files_are_called_so(portable):
    names = {path.name for path in portable.values()}
    assert names == set(re.findall(r"(?<=[ /])fenzhang-\d[\w.-]*\.(?:tgz|whl|tar\.gz)", PAGE))


@pytest.mark.parametrize("heading", ["With Node", "With Python", "As a directory"])
def test_what_serves(folder, heading):
    """Until Ctrl-C, which reaches all that is between. The book's place and the ports are the test's own."""
    (block,) = [block for block in commands(heading) if "serve --demo" in block]
    if "pipx" in block and shutil.which("pipx") is None:
        pytest.skip("pipx is not here")
    *before, line = block.splitlines()
    script = "\n".join([*before, f"{line} --listen 0 --control 0 --data book --ready-file ready.json"])
    how = {"cwd": folder, "env": environment(folder), "text": True, "stdout": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen(["sh", "-euc", script], **how) as process:
        assert READY.fullmatch(process.stdout.readline())
        assert (folder / "ready.json").exists()
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == ""
    assert not (folder / "ready.json").exists()


@pytest.mark.parametrize("heading", ["With Node", "With Python"])
def test_in_a_project(folder, heading):
    (block,) = [block for block in commands(heading) if "fenzhang run" in block]
    told = run("sh", "-euc", block, cwd=folder, env=environment(folder))
    assert "10.00" in told  # the balance


def test_for_everybody_on_a_machine(portable, root):
    machine = Machine(root("bookworm").path)
    shutil.copy(portable["tarball"], machine.root / "root")
    (block,) = [block for block in commands("As a directory") if "/opt" in block]
    machine.run("sh", "-euc", f"cd; {block}")
    assert machine.run("fenzhang", "run", "--", "fenzhang", "balance", "--json").count('"balance":1000') == 1


