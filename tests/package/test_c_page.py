"""docs/c.md: every block of C on it is compiled by the installed pkg-config and run beside the demo book of --seed 1; what the block behind it
says is what is printed. A block without `main` stands in a function that has a client and an error."""
import os
import re
import sys

import pytest

from conftest import ROOT, run

sys.path.append(str(ROOT / "tests" / "api"))
import program  # noqa: E402

PAGE = (ROOT / "docs" / "c.md").read_text("utf-8")
BLOCKS = re.findall(r"^```c\n(.*?)^```\n\n```text\n(.*?)^```$", PAGE, re.S | re.M)
PROGRAM = '#include "settings.h"\n\n#include <string.h>\n\nint main(void)\n{\n    fz_client *client = client_by_environment();\n' + (
    "    fz_error *error = NULL;\n%s    fz_client_free(client);\n    return 0;\n}\n"
)


@pytest.fixture(scope="module")
def server(installation, tmp_path_factory):
    (program.BINARY,) = installation.root.rglob("bin/fenzhang")
    running = program.Program(tmp_path_factory.mktemp("server"), demo=True, seed=1).start()
    yield running
    running.stop()


def test_every_block_says_what_it_prints():
    assert len(BLOCKS) == PAGE.count("```c\n") > 5


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_runs(server, installation, tmp_path, number):
    block, printed = BLOCKS[number]
    packages = ["fenzhang-sandbox", "fenzhang"] if "fz_sandbox" in block else ["fenzhang"]
    source = tmp_path / "block.c"
    source.write_text(block if "int main(" in block else PROGRAM % block)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'examples' / 'c'}"]
    run("cc", *flags, source, "-o", tmp_path / "block", *installation.pkg_config("--cflags", "--libs", *packages))
    environment = {**os.environ, "LD_LIBRARY_PATH": str(installation.libraries)}
    if "fz_sandbox" not in block:
        environment.update(server.demo)
    assert run(tmp_path / "block", env=environment) == printed


def test_a_block_that_is_a_test_needs_no_server():
    assert [block for block, _ in BLOCKS if "fz_sandbox_new" in block and "getenv" not in block] != []


def test_every_option_is_told():
    header = (ROOT / "include" / "fenzhang" / "client.h").read_text("utf-8")
    struct = re.search(r"^struct fz_client_options \{(.*?)^\};", header, re.S | re.M)[1]
    struct = re.sub(r"/\*.*?\*/", "", struct, flags=re.S)
    names = set(re.findall(r"(\w+);|\(\*(\w+)\)", struct))
    names = {a or b for a, b in names} - {"size"}
    told = set(re.findall(r"`(\w+)`", PAGE.split("## Options")[1].split("## ")[0]))
    assert names - told == set() and len(names) > 20


def test_every_outcome_and_every_question_is_told():
    header = (ROOT / "include" / "fenzhang" / "error.h").read_text("utf-8")
    assert set(re.findall(r"^    (FZ_OUTCOME_\w+)", header, re.M)) <= set(re.findall(r"^\| `(FZ_OUTCOME_\w+)`", PAGE, re.M))
    questions = set(re.findall(r"^FZ_API .*\b(fz_error_\w+)\(", header, re.M)) - {"fz_error_request_id_meaning"}
    assert {name for name in questions if name not in PAGE} == set()
