"""The client libraries as their own registries have them, in the versions that the lock files name, built once and kept for later runs.

They lie in ~/.cache/fenzhang-clients (or $XDG_CACHE_HOME), in a folder for each state of the files here. Where one cannot be had, its tests
are skipped and say why; with FENZHANG_CLIENTS=must they fail, though not over one answer of a registry that did not come.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fenzhang-clients"
MUST = os.environ.get("FENZHANG_CLIENTS") == "must"
TRIES, PAUSE_S = (3, 20) if MUST else (1, 0)


class NotToBeHad(Exception):
    pass


def asked(ask, is_answered=lambda status, text: status == 0):
    """What `ask` gives, (status, text), which goes to a registry: again where no answer came."""
    for _ in range(TRIES - 1):
        status, text = ask()
        if is_answered(status, text):
            return status, text
        time.sleep(PAUSE_S)
    return ask()


def fetch(*command, folder):
    """What may fail on a machine without that language, or without a way to its registry."""

    def run():
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
        return done.returncode, done.stderr + done.stdout

    if shutil.which(command[0]) is None:
        raise NotToBeHad(f"{command[0]} is not installed")
    status, text = asked(run)
    if status != 0:
        raise NotToBeHad(f"`{' '.join(command[:3])} …` failed: {text[-600:]}")


def compiled(*command, folder):
    """Our own programs have to compile wherever their libraries can be had."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def make_node(folder):
    fetch("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", folder=folder)


def make_go(folder):
    fetch("go", "mod", "download", "github.com/wechatpay-apiv3/wechatpay-go", folder=folder)
    compiled("go", "build", "-mod=readonly", "-o", "wechatpay-go", ".", folder=folder)


def make_java(folder):
    if shutil.which("javac") is None:
        raise NotToBeHad("javac is not installed")
    fetch("mvn", "-q", "-B", "-C", "dependency:copy-dependencies", "-DoutputDirectory=lib", folder=folder)
    compiled("javac", "-cp", "lib/*", "-d", "classes", *(file.name for file in folder.glob("*.java")), folder=folder)


def make_python(folder):
    pip = [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else ["pip"]
    fetch(*pip, "install", "--quiet", "--no-deps", "--require-hashes", "--target", "lib", "-r", "requirements.txt", folder=folder)


MAKERS = {"node": make_node, "go": make_go, "java": make_java, "python": make_python}


def state_of(files):
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def fetched(language, home):
    """A folder with the programs of `home` and the libraries that they need."""
    files = sorted(file for file in home.iterdir() if file.is_file())
    folder = CACHE / f"{language}-{state_of(files)}"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as building:
            made = Path(building) / language
            made.mkdir()
            for file in files:
                shutil.copy(file, made)
            MAKERS[language](made)
            try:
                made.rename(folder)
            except OSError:
                if not folder.exists():  # else another run was quicker
                    raise
    return folder


def not_to_be_had(why):
    """Skips the test that needs it; fails it where everything has to be there."""
    (pytest.fail if MUST else pytest.skip)(why)


def fetched_or_skipped(language, home=None):
    """The same, of tests/clients/LANGUAGE unless another home is named."""
    try:
        return fetched(language, home or HERE / language)
    except (NotToBeHad, subprocess.TimeoutExpired) as problem:
        not_to_be_had(f"the {language} libraries cannot be had here: {problem}")
