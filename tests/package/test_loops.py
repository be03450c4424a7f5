"""The adapters for loops of others, as somebody uses them who has nothing but what is installed: a program each, in C and in C++, that makes its
calls beside the demo book of --seed 1 on its own epoll, libuv or libevent."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT, run

sys.path.append(str(ROOT / "tests" / "api"))
import program  # noqa: E402

HERE = pathlib.Path(__file__).parent / "loops"
LOOPS = {"epoll": [], "libuv": ["libuv"], "libevent": ["libevent_core"]}
LANGUAGES = [("cc", "c", "-std=gnu11"), ("c++", "c++", "-std=gnu++17")]


@pytest.fixture(scope="module")
def server(installation, tmp_path_factory):
    (program.BINARY,) = installation.root.rglob("bin/fenzhang")
    running = program.Program(tmp_path_factory.mktemp("server"), demo=True, seed=1).start()
    yield running
    running.stop()


def needed(packages):
    """Those of the machine's own; they are there wherever script/bootstrap ran."""
    for package in packages:
        if subprocess.run(["pkg-config", "--exists", package]).returncode != 0 and os.environ.get("FENZHANG_CLIENTS") != "must":
            pytest.skip(f"{package} is missing: script/bootstrap installs it")
    return run("pkg-config", "--cflags", "--libs", *packages).split() if packages else []


@pytest.mark.parametrize("compiler,language,standard", LANGUAGES, ids=["c", "c++"])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_program_makes_its_calls_on_its_own_loop(server, installation, tmp_path, loop, compiler, language, standard):
    for file in (*HERE.iterdir(), ROOT / "examples" / "c" / "settings.h"):
        shutil.copy(file, tmp_path)
    flags = [*installation.pkg_config("--cflags", "--libs", "fenzhang"), *needed(LOOPS[loop])]
    strict = ["-Wall", "-Wextra", "-Werror"]
    run(compiler, standard, *strict, "-x", language, f"on_{loop}.c", "-x", "none", "-o", "program", *flags, cwd=tmp_path)
    environment = {**os.environ, **server.demo, "LD_LIBRARY_PATH": str(installation.libraries)}
    assert run(tmp_path / "program", env=environment) == "8 of 8 answered\n"
