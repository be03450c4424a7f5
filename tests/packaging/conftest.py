"""Packages and images, tried where nothing of Fenzhang is: minimal Debian systems that packaging/root makes. Tests that need one need root.

    release     the release build that all tests share (a directory; script/test packaging builds it)
    root        root("bookworm") or root("trixie", "nodejs"): a system of one's own, thrown away after the module
"""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def run(*command, **options):
    """Has to end well; what it printed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **{"timeout": 900, **options})
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class Root:
    """A system in a directory."""

    def __init__(self, path):
        self.path = path

    def run(self, *command, **options):
        """Has to end well in there; what it printed. Nothing that it started outlives it."""
        return run(PACKAGING / "in-root", self.path, *command, **options)

    def start(self, *command, **options):
        """A process in there that the test ends."""
        return subprocess.Popen([PACKAGING / "in-root", self.path, *map(str, command)], text=True, **options)


@pytest.fixture(scope="session")
def release():
    build = pathlib.Path(os.environ.get("FENZHANG_BUILD", ROOT / "build-release"))
    assert (build / "src/cli/fenzhang").exists(), f"{build} has no program: script/build release makes it"
    return build


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("only root can unpack a system")
    made = []

    def make(name, *packages):
        path = tmp_path_factory.mktemp(name) / "root"
        made.append(path)
        run(PACKAGING / "root", name, path, *packages)
        return Root(path)

    yield make
    for path in made:
        shutil.rmtree(path)
