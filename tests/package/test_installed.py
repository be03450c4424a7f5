"""What is installed can be used by somebody who has nothing else of ours: compiled, linked and run by what pkg-config says."""
import os
import pathlib
import shutil
import stat

import pytest

from conftest import ROOT, run

HERE = pathlib.Path(__file__).parent
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LANGUAGES = [("cc", "c", "-std=c11"), ("cc", "c", "-std=c17"), ("c++", "c++", "-std=c++11"), ("c++", "c++", "-std=c++20")]
PACKAGES = {"client": ["fenzhang"], "sandbox": ["fenzhang-sandbox", "fenzhang"]}


def compiled(compiler, language, standard, program, flags, folder):
    """In a folder of its own, from a copy of the source alone."""
    source = shutil.copy(HERE / f"{program}.c", folder)
    out = folder / program
    run(compiler, standard, *STRICT, "-x", language, source, "-x", "none", "-o", out, *flags, cwd=folder)
    return out


def test_everything_is_in_its_place(installation):
    found = {path.relative_to(installation.libraries).as_posix() for path in installation.libraries.glob("*fenzhang*")}
    for name in PACKAGES["sandbox"]:
        assert {f"lib{name}.a", f"lib{name}.so", f"lib{name}.so.1"} <= found
        assert (installation.pkgconfig / f"{name}.pc").is_file()
        assert "libfz_" not in (installation.pkgconfig / f"{name}.pc").read_text()
    assert {path.relative_to(installation.include).as_posix() for path in installation.include.rglob("*.h")} == {
        path.relative_to(ROOT / "include").as_posix() for path in (ROOT / "include").rglob("*.h")
    } | {"fenzhang/calls.h"}
    (program,) = installation.root.rglob("bin/fenzhang")
    assert program.stat().st_mode & stat.S_IXUSR
    assert list(installation.root.rglob("man1/fenzhang.1*"))


def test_nothing_else_is_installed(installation):
    places = ("bin/", "include/", "lib/", "share/man/", "share/bash-completion/completions/fenzhang", "share/zsh/site-functions/_fenzhang",
              "share/fenzhang/worlds/")
    strangers = [path for path in installation.root.rglob("*") if path.is_file() and not any(place in path.as_posix() for place in places)]
    assert strangers == []
    assert [path.name for path in installation.root.rglob("*.a") if path.name.startswith("libfz_")] == []


@pytest.mark.parametrize("name", PACKAGES["sandbox"])
def test_the_soname_is_versioned(installation, name):
    assert f"[lib{name}.so.1]" in run("readelf", "-d", installation.libraries / f"lib{name}.so")


@pytest.mark.parametrize("compiler,language,standard", LANGUAGES)
@pytest.mark.parametrize("program", PACKAGES)
def test_a_program_is_built_and_runs(installation, tmp_path, program, compiler, language, standard):
    flags = installation.pkg_config("--cflags", "--libs", *PACKAGES[program])
    out = compiled(compiler, language, standard, program, flags, tmp_path)
    version = run(out, env={**os.environ, "LD_LIBRARY_PATH": str(installation.libraries)}).split()[0]
    assert version == installation.pkg_config("--modversion", "fenzhang")[0]


def test_both_static_libraries_are_in_one_program(installation, tmp_path):
    for name in PACKAGES["sandbox"]:
        shutil.copy(installation.libraries / f"lib{name}.a", tmp_path)  # without the shared ones, which the linker prefers
    flags = installation.pkg_config("--static", "--cflags", "--libs", *PACKAGES["sandbox"])
    flags = [f"-L{tmp_path}" if flag.startswith("-L") else flag for flag in flags]
    # What a build with coverage or a sanitizer needs of the compiler's own.
    out = compiled("cc", "c", "-std=c11", "sandbox", [*flags, "--coverage"], tmp_path)
    assert "libfenzhang" not in run("ldd", out)
    run(out, env={**os.environ, "GCOV_PREFIX": str(tmp_path)})


def test_each_header_can_be_the_only_one(installation, tmp_path):
    for header in sorted(path.relative_to(installation.include).as_posix() for path in installation.include.rglob("*.h")):
        if "adapters" in header:
            continue  # these need the headers of a loop
        for compiler, language, standard in LANGUAGES:
            source = tmp_path / "one.c"
            source.write_text(f"#include <{header}>\nint main(void) {{ return 0; }}\n")
            run(compiler, standard, *STRICT, "-x", language, "-fsyntax-only", source, *installation.pkg_config("--cflags", "fenzhang"))
