"""What the libraries export is what their headers declare, and the interface is the one that abi/ describes."""
import importlib.util
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, run

HEADERS = {
    "fenzhang-sandbox": [ROOT / "include" / "fenzhang-sandbox.h"],
    "fenzhang": sorted((ROOT / "include" / "fenzhang").glob("*.h")),
}

specification = importlib.util.spec_from_file_location("declared", ROOT / "packaging" / "library" / "declared.py")
declared_py = importlib.util.module_from_spec(specification)
specification.loader.exec_module(declared_py)


def declared(name):
    return {one for header in HEADERS[name] for one in declared_py.declared(header.read_text("utf-8"))}


def exported(library):
    """{symbol: its version}"""
    lines = run("nm", "-D", "--defined-only", "--with-symbol-versions", library).splitlines()
    return dict(line.split()[-1].replace("@@", "@").split("@") for line in lines if " A " not in line)


@pytest.mark.parametrize("name", HEADERS)
def test_nothing_is_exported_that_is_not_declared(installation, name):
    found = exported(installation.libraries / f"lib{name}.so")
    assert set(found) - declared(name) == set()
    assert set(found.values()) == {"FENZHANG_1"}


@pytest.mark.parametrize("name", HEADERS)
def test_everything_that_is_declared_is_exported(installation, name):
    assert declared(name) - set(exported(installation.libraries / f"lib{name}.so")) == set()


@pytest.mark.parametrize("name", HEADERS)
def test_a_static_library_has_the_same_global_names(installation, name):
    lines = run("nm", "--extern-only", "--defined-only", installation.libraries / f"lib{name}.a").splitlines()
    names = {line.split()[-1] for line in lines if len(line.split()) == 3}
    assert names == set(exported(installation.libraries / f"lib{name}.so"))


def test_a_declaration_is_found_however_it_is_written():
    text = """
        #define FZ_API __attribute__((visibility("default")))
        /* FZ_API int fz_in_a_comment(void); */
        FZ_API const char *fz_text(const fz_thing *thing);
        FZ_API void fz_hook(void *(*allocate)(size_t size),
                            void (*release)(void *memory));
        FZ_API struct fz_point
        fz_split(int x);
        int fz_not_public(void);
    """
    assert declared_py.declared(text) == ["fz_text", "fz_hook", "fz_split"]


# ---- the interface ----


@pytest.mark.skipif(
    shutil.which("abidiff") is None and os.environ.get("FENZHANG_CLIENTS") != "must",
    reason="abidiff is missing: install abigail-tools (script/bootstrap does) to compare the libraries with abi/",
)
@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "abi").glob("*.abi"))])
def test_the_interface_is_the_one_that_is_described(installation, name):
    """Functions and types only ever come in addition: what abidiff calls a change would break programs that were built before. A new
    function is told by the test, too, so that it is described: script/abi."""
    command = ["abidiff", "--headers-dir2", installation.include, ROOT / "abi" / f"{name}.abi", installation.libraries / f"lib{name}.so"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nIf it is as it should be, describe it anew: script/abi"


def test_a_change_of_the_interface_is_noticed(installation, tmp_path):
    if shutil.which("abidiff") is None:
        pytest.skip("abidiff is missing: install abigail-tools")
    text = (ROOT / "abi" / "fenzhang-sandbox.abi").read_text("utf-8")
    changed = tmp_path / "changed.abi"
    changed.write_text(re.sub("fz_sandbox_reset", "fz_sandbox_restart", text))
    done = subprocess.run(["abidiff", changed, installation.libraries / "libfenzhang-sandbox.so"], capture_output=True, text=True)
    assert done.returncode != 0 and "fz_sandbox_restart" in done.stdout
