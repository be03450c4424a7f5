"""The public corpus as a server takes it: the good requests verify, and each broken one is explained by the mistake that its case names"""

import json
import pathlib
import re
import subprocess
import sys

import pytest
from program import BINARY

CORPUS = pathlib.Path(__file__).resolve().parents[2] / "corpus"
GOOD, BROKEN = 7, 28


def cases():
    names = [name for name in json.loads((CORPUS / "cases.json").read_text()) if name.startswith("request-")]
    return [(name, json.loads((CORPUS / name / "case.json").read_text("utf-8"))) for name in names]


def explained(name, case):
    """As from a log, with the merchant's certificates alone; of a header that is none, the mistake's name stands behind the error's message."""
    folder = CORPUS / name
    keys = [option for path in case["certificates"] for option in ("--key", folder / path)]
    done = subprocess.run([BINARY, "explain", *map(str, keys), str(folder / case["request"])], capture_output=True, timeout=60)
    return next(line for line in done.stdout.decode("utf-8").splitlines() if re.fullmatch("[A-Z0-9_, ]+", line))


def test_all_are_there():
    valid = [case["valid"] for _, case in cases()]
    assert (valid.count(True), valid.count(False)) == (GOOD, BROKEN)


@pytest.mark.parametrize(("name", "case"), cases(), ids=[name for name, _ in cases()])
def test_each_request(name, case):
    assert explained(name, case) == (case["reason"] or "NONE")


def test_the_folder_is_what_the_generator_writes(tmp_path):
    """Nobody edits a case by hand, and a change of the generator comes with its cases."""
    copy = tmp_path / "corpus"
    (copy / "keys").mkdir(parents=True)
    for path in [CORPUS / "make.py", *CORPUS.glob("keys/*_key.pem")]:
        (copy / path.relative_to(CORPUS)).write_bytes(path.read_bytes())
    subprocess.run([sys.executable, copy / "make.py"], check=True, timeout=60)
    written = {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    kept = {path.relative_to(CORPUS): path.read_bytes() for path in CORPUS.rglob("*") if path.is_file() and path.suffix != ".md" and path.name != ".gitattributes"}
    assert written.keys() == kept.keys()
    assert [name for name in written if written[name] != kept[name]] == []
