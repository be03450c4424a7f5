"""The lists of what is inside, as SPDX's own validator judges them."""
import json
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import pytest

from conftest import PACKAGING, ROOT, run

HERE = pathlib.Path(__file__).parent
JUDGE = """
import sys
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
for message in validate_full_spdx_document(parse_file(sys.argv[1])):
    print(message.validation_message)
"""


def listed(kind, path):
    """The text of its list."""
    if kind == "wheel":
        with zipfile.ZipFile(path) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/sboms/fenzhang.spdx.json")]
            return archive.read(name).decode()
    with tarfile.open(path) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith("/share/doc/fenzhang/fenzhang.spdx.json")]
        return archive.extractfile(name).read().decode()


@pytest.fixture(scope="module")
def validator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("validator")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, "-r", HERE / "spdx-requirements.txt"]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        pytest.skip(f"SPDX's validator cannot be had: {done.stderr[-300:]}")
    return folder


@pytest.mark.parametrize("kind", ["tarball", "npm", "wheel"])
def test_the_list_is_one(portable, validator, tmp_path, kind):
    path = tmp_path / "list.spdx.json"
    path.write_text(listed(kind, portable[kind]))
    assert run(sys.executable, "-c", JUDGE, path, env={"PYTHONPATH": str(validator)}) == ""
    assert json.loads(path.read_text())["packages"][0]["packageFileName"] == portable[kind].name


def test_the_validator_sees_a_fault(portable, validator, tmp_path):
    changed = json.loads(listed("tarball", portable["tarball"]))
    changed["packages"][1]["licenseDeclared"] = "no licence of this name"
    path = tmp_path / "list.spdx.json"
    path.write_text(json.dumps(changed))
    assert "licen" in run(sys.executable, "-c", JUDGE, path, env={"PYTHONPATH": str(validator)})


def test_a_library_whose_licence_nobody_named_ends_a_build():
    ask = "import spdx; spdx.debian_packages(['libcurl4', 'libnobody1'])"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, env={"PYTHONPATH": str(PACKAGING / "portable")}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "packaging/portable/licences has no line for libnobody1" in done.stderr
