"""Packages and images, tried where nothing of Fenzhang is: minimal Debian systems that packaging/root makes. Tests that need one need root.

    root        root("bookworm") or root("trixie", "nodejs"): a system of one's own, thrown away after the module
    portable    the packages for any Linux, by their kinds: tarball, npm, wheel
    tree        the tarball, unpacked
"""
import os
import pathlib
import shutil
import subprocess
import tarfile

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


def make_portable(out, **options):
    made = run(PACKAGING / "portable/build", "--out", out, **options)
    return dict(zip(["tarball", "npm", "wheel"], map(pathlib.Path, made.splitlines()), strict=True))


@pytest.fixture(scope="session")
def portable(tmp_path_factory):
    return make_portable(tmp_path_factory.mktemp("portable"))


@pytest.fixture(scope="session")
def tree(portable, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    with tarfile.open(portable["tarball"]) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top
