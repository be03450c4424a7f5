"""The package of npm: installed offline in an empty project, run by npx and where Node is not."""
import fcntl
import json
import os
import pty
import shutil
import subprocess
import tarfile
import termios

import pytest

from conftest import run
from machine import READY, Machine

SERVE = ["serve", "--demo", "--seed", "1", "--listen", "0", "--control", "0", "--data", "book", "--ready-file", "ready.json"]


@pytest.fixture(scope="module")
def project(portable, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(portable["npm"], folder)
    run("npm", "install", "--no-audit", "--no-fund", f"./{portable['npm'].name}", cwd=folder, env=environment(folder))
    return folder


def environment(folder):
    return os.environ | {"npm_config_offline": "true", "npm_config_update_notifier": "false", "HOME": str(folder)}


def started(project, *words, **options):
    return subprocess.Popen(words, cwd=project, env=environment(project), text=True, stdout=subprocess.PIPE, **options)


def test_npm_takes_it_as_it_is(portable, project):
    """What it would publish is what was made, and the program can be run."""
    (told,) = json.loads(run("npm", "pack", "--dry-run", "--json", portable["npm"], cwd=project, env=environment(project)))
    with tarfile.open(portable["npm"]) as archive:
        made = {entry.name.removeprefix("package/"): entry.mode for entry in archive}
    assert {entry["path"]: entry["mode"] for entry in told["files"]} == made
    assert [name for name, mode in made.items() if mode == 0o755] == ["bin/fenzhang"]


def test_npx_runs_it_and_hands_its_status_on(project):
    assert run("npx", "fenzhang", "--version", cwd=project, env=environment(project)).startswith("fenzhang ")
    process = started(project, "npx", "fenzhang", "balance", "--env", "nowhere", stderr=subprocess.PIPE)
    said = process.communicate(timeout=300)[1]
    assert (process.returncode, "nowhere" in said) == (2, True)


def test_its_signals_are_its_own(project):
    """Behind npm's link stands the program, not something that starts it."""
    process = started(project, "node_modules/.bin/fenzhang", *SERVE)
    assert READY.fullmatch(process.stdout.readline())
    assert os.readlink(f"/proc/{process.pid}/exe") == str((project / "node_modules/fenzhang/bin/fenzhang").resolve())
    process.terminate()
    assert process.wait(300) == 0
    process.stdout.close()


def test_ctrl_c_behind_npx_ends_it_well(project):
    """Between them are npm and a shell; what is typed reaches all three, and the program perhaps twice."""
    ours, its = pty.openpty()
    process = started(project, "npx", "fenzhang", *SERVE, stdin=its, preexec_fn=lambda: own_terminal(its))
    os.close(its)
    assert READY.fullmatch(process.stdout.readline())
    assert (project / "ready.json").exists()
    os.write(ours, b"\x03")
    assert process.stdout.read() == ""  # whoever could write there has ended
    assert not (project / "ready.json").exists()  # and the server not by force
    process.wait(300)
    process.stdout.close()
    os.close(ours)


def own_terminal(its):
    """As a shell does for what it runs: what is typed there goes to all of this process's group."""
    os.setsid()
    fcntl.ioctl(its, termios.TIOCSCTTY, 0)


def test_where_node_is_not_it_is_the_program(project, tmp_path):
    machine = Machine.bare(tmp_path / "bare", "/")
    shutil.copytree(project / "node_modules", machine.root / "app/node_modules", symlinks=True)
    program = "/app/node_modules/.bin/fenzhang"
    with machine.serving(program) as server:
        assert server.health() == 200
        assert json.loads(machine.run(program, "balance", "--json", "--env", "/root/book/demo.env"))["balance"] == 1000
