"""adopt/testcontainers: the modules fit the libraries that they are written for, and the program takes what they say to it

There is no Docker here, so no container is started.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from client import PATIENCE
from fetch import asked, fetched_or_skipped, not_to_be_had
from program import BINARY, Program

KIT = Path(__file__).resolve().parents[2] / "adopt" / "testcontainers"
MODULES = [KIT / "node" / "fenzhang.ts", KIT / "java" / "FenzhangContainer.java", KIT / "go" / "fenzhang.go"]

pytestmark = pytest.mark.plain


def run(*command, folder=None, **variables):
    done = subprocess.run(command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300 * PATIENCE)
    return done.returncode, done.stdout + done.stderr


def test_the_module_for_node_has_the_right_types_and_the_helper_too(tmp_path):
    (tmp_path / "node_modules").symlink_to(fetched_or_skipped("node", KIT / "node") / "node_modules")
    shutil.copy(MODULES[0], tmp_path)
    shutil.copy(KIT.parent / "node" / "fenzhang.d.mts", tmp_path / "helper.d.mts")
    (tmp_path / "use.mts").write_text("""
import test from 'node:test';
import { fenzhang } from './helper.mjs';

test('a', async (t) => {
  const world = await fenzhang(t);
  const order: string = (await world.pay(1)).out_trade_no;
  // @ts-expect-error: a duration is a text
  await world.advance(order.length);
});
""")
    options = "--noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext --skipLibCheck --types node".split()
    assert run("node", "node_modules/typescript/bin/tsc", *options, "fenzhang.ts", "use.mts", folder=tmp_path) == (0, "")


def test_the_module_for_java_compiles():
    assert (fetched_or_skipped("java", KIT / "java") / "classes" / "FenzhangContainer.class").is_file()


def test_the_module_for_go_compiles(tmp_path):
    if shutil.which("go") is None:
        not_to_be_had("go is not installed")
    shutil.copytree(KIT / "go", tmp_path / "go")
    status, said = asked(lambda: run("go", "mod", "download", folder=tmp_path / "go"))
    if status != 0:
        not_to_be_had(f"testcontainers-go: {said[-600:]}")
    assert run("go", "vet", "-mod=readonly", "./...", folder=tmp_path / "go", GOFLAGS="") == (0, "")


def words_of(module, first):
    """The words of the command that begins with `first`, as far as they are written out in the list."""
    text = module.read_text()
    for name, port in (("API", "8080"), ("PROXY", "3128")):
        text = text.replace(f"${{{name}}}", port).replace(f'" + {name}', f'{port}"')
    listed = re.search(rf"""["'`]{first}["'`].*?[)\]]""", text, re.S)[0]
    return re.findall(r"""["'`]([^"'`]+)["'`]""", listed)


def test_they_start_the_same_server_and_it_starts(tmp_path):
    serves = [words_of(module, "serve") for module in MODULES]
    assert serves[0] == serves[1] == serves[2]
    words = [word.replace("0.0.0.0:8080", "127.0.0.1:0").replace("0.0.0.0:3128", "127.0.0.1:0") for word in serves[0]]
    server = Program(tmp_path)
    server.arguments = [str(BINARY), *words, "--control", "127.0.0.1:0", "--data", str(server.data)]
    server.start()
    try:
        says = {"FENZHANG_ENV": str(server.data / "demo.env"), "XDG_STATE_HOME": str(tmp_path / "none")}
        paid = json.loads(run(BINARY, "pay", "10000", "--marked", "--json", **says)[1])
        assert paid["transaction_id"] and paid["out_trade_no"]
        assert json.loads(run(BINARY, "clock", "advance", "PT20M", "--json", **says)[1])["now"] == "2026-01-05T10:20:00+08:00"
        assert run(BINARY, "reset", **says)[0] == 0
    finally:
        server.stop()


def test_each_asks_for_what_the_program_has():
    for module in MODULES:
        text = module.read_text()
        for command in ("clock", "reset", "env", "ca", "pay"):
            assert re.search(rf"""["']{command}["']""", text), f"{module.name}: {command}"
        assert re.search(r"ready api=", text) and "/data/fenzhang/demo.env" in text
