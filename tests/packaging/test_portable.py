"""Packages for any Linux: used where a C library is and nothing else, made twice, and true in what they say of themselves."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from conftest import ROOT, make_portable, run
from machine import GLIBC, LOADER, Machine

PLACE = "opt/支付 tools"  # wherever a person puts it
DEMO = "/root/book/demo.env"


@pytest.fixture(scope="module", params=["this system's", "Debian 13's"])
def machine(request, tree, root, tmp_path_factory):
    """A C library, and the unpacked tarball."""
    system = "/" if request.param == "this system's" else root("trixie").path
    machine = Machine.bare(tmp_path_factory.mktemp("bare"), system)
    shutil.copytree(tree, machine.root / PLACE)
    return machine


def program(machine, *words):
    return machine.run(f"/{PLACE}/bin/fenzhang", *words)


def test_it_serves_and_calls_where_only_a_c_library_is(machine):
    with machine.serving(f"/{PLACE}/bin/fenzhang", options=["--tls"]) as server:
        assert server.api.startswith("https://")
        assert server.health() == 200
        balance = json.loads(program(machine, "balance", "--json", "--env", DEMO))
        assert balance == {"sponsor_mchid": "1900000100", "balance": 1000, "currency": "CNY"}
        foreign = {pathlib.Path(name).name for name in server.mapped() if f"{PLACE}/lib" not in name}
        assert foreign <= {*GLIBC, pathlib.Path(LOADER).name}
    shutil.rmtree(machine.root / "root/book")


def test_authorities_are_found_where_other_distributions_keep_them(machine):
    with machine.serving(f"/{PLACE}/bin/fenzhang", options=["--tls"]):
        env = [line for line in (machine.root / DEMO[1:]).read_text().splitlines() if not line.startswith("CA_CERT_PEM=")]
        (machine.root / "root/without-ca.env").write_text("\n".join(env) + "\n")
        words = [f"/{PLACE}/bin/fenzhang", "balance", "--env", "/root/without-ca.env"]
        machine.run(*words, status=2)
        for place in ["etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem"]:
            (machine.root / place).parent.mkdir(parents=True)
            shutil.copy(machine.root / "root/book/tls/ca_cert.pem", machine.root / place)
            machine.run(*words)
            shutil.rmtree(machine.root / "etc")


def test_bills_are_reconciled_there(machine):
    program(machine, "lab", "bills", "--seed", "1", "--days", "2", "--plant", "all=1", "--out", "/tmp/lab")
    planted = json.loads((machine.root / "tmp/lab/key.json").read_text())["differences"]
    bills = sorted(f"/tmp/lab/{path.name}" for path in (machine.root / "tmp/lab").glob("refunds-*.csv"))
    words = ["reconcile", "--refunds", *bills, "--records", "/tmp/lab/records.csv", "--json"]
    told = json.loads(machine.run(f"/{PLACE}/bin/fenzhang", *words, status=1))["differences"]
    assert {(one["kind"], one["out_refund_no"]) for one in planted} == {(one["kind"], one["out_refund_no"]) for one in told}


def test_it_is_found_by_a_link_and_by_path(machine):
    (machine.root / "usr/bin").mkdir(parents=True)
    (machine.root / "usr/bin/fenzhang").symlink_to(f"/{PLACE}/bin/fenzhang")
    assert machine.run("fenzhang", "--version") == machine.run("/usr/bin/fenzhang", "--version") == program(machine, "--version")


def test_libraries_of_others_do_not_come_before_its_own(tree, tmp_path):
    for name in ["libcrypto.so.3", "libcurl.so.4", "libz.so.1"]:
        (tmp_path / name).write_text("no library")
    done = subprocess.run([tree / "bin/fenzhang", "--version"], env={"LD_LIBRARY_PATH": str(tmp_path)}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_same_source_gives_the_same_bytes(portable, tmp_path):
    """Packed by somebody else, elsewhere, another day. What compiles is the compiler's promise; the next test looks for what breaks it."""
    elsewhere = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "TMPDIR": str(tmp_path)}
    other = make_portable(tmp_path / "out", cwd=tmp_path, umask=0o077, env=os.environ | elsewhere)
    assert {kind: digest(path) for kind, path in other.items()} == {kind: digest(path) for kind, path in portable.items()}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_names_the_place_where_it_was_built(tree):
    found = [path for path in tree.rglob("*") if path.is_file() and os.fsencode(ROOT) in path.read_bytes()]
    assert found == []


def test_objects_are_the_same_in_another_folder(portable, tmp_path):
    """Compiled again below another path: neither it nor the hour is in them. The layers at the bottom; all, with FENZHANG_SLOW=1."""
    source = tmp_path / "somewhere/else entirely"
    for name in run("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")[:-1]:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    layers = ["src/base/libfz_base.a", "src/base/libfz_base_server.a", "src/wire/libfz_wire.a"]
    targets = ["program"] if os.environ.get("FENZHANG_SLOW") == "1" else layers
    run(source / "script/build", "portable", *targets, env=os.environ | {"CCACHE_DISABLE": "1"})
    objects = sorted(path.relative_to(source) for path in source.glob("build-portable/src/**/*.p/*.o"))
    assert len(objects) > 20
    programs = [path.relative_to(source) for path in source.glob("build-portable/src/cli/fenzhang")]
    assert [name for name in objects + programs if digest(source / name) != digest(ROOT / name)] == []


def test_the_list_of_contents_is_that_of_the_files(tree):
    listed = json.loads((tree / "share/doc/fenzhang/fenzhang.spdx.json").read_text())
    sums = {entry["fileName"]: entry["checksums"][1]["checksumValue"] for entry in listed["files"]}
    there = [path for path in tree.rglob("*") if path.is_file() and path.name != "fenzhang.spdx.json"]
    assert sums == {f"./{path.relative_to(tree)}": digest(path) for path in there}


def test_libraries_are_debians_own(tree):
    """Byte for byte what the packages have that the list names, by the package manager's own sums; each with its licence."""
    listed = json.loads((tree / "share/doc/fenzhang/fenzhang.spdx.json").read_text())
    packages = {entry["SPDXID"]: entry for entry in listed["packages"]}
    origins = [entry for entry in listed["relationships"] if entry["relationshipType"] == "EXPANDED_FROM_ARCHIVE"]
    of = {entry["spdxElementId"]: packages[entry["relatedSpdxElement"]] for entry in origins}
    libraries = [entry for entry in listed["files"] if entry["fileName"].startswith("./lib/")]
    assert {entry["SPDXID"] for entry in libraries} == set(of)
    for entry in libraries:
        package, data = of[entry["SPDXID"]], (tree / entry["fileName"]).read_bytes()
        sums = run("dpkg-query", "--control-show", package["name"], "md5sums")
        assert hashlib.md5(data).hexdigest() in sums, entry["fileName"]
        assert package["versionInfo"] == run("dpkg-query", "--show", "--showformat", "${Version}", package["name"])
        assert (tree / "share/doc/fenzhang/licences" / package["name"]).stat().st_size > 200


def test_what_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    unknown = (["deb"], "there is no kind deb: the kinds are tarball, npm, wheel")
    for words, said in [unknown, (["--out", tmp_path / "file/x"], "Not a directory")]:
        done = subprocess.run([ROOT / "packaging/portable/build", *words], capture_output=True, text=True, timeout=600, check=False)
        assert (done.returncode != 0, said in done.stderr, "Traceback" in done.stderr) == (True, True, False)


def test_it_is_small(portable):
    assert {kind: path.stat().st_size for kind, path in portable.items() if path.stat().st_size > 15_000_000} == {}


def test_version_is_said_once(portable, tree):
    """In meson.build; everything else has it from there."""
    (version,) = re.findall(r"^  version: '(\d+\.\d+\.\d+)',$", (ROOT / "meson.build").read_text(), re.MULTILINE)
    with tarfile.open(portable["npm"]) as archive:
        npm = json.load(archive.extractfile("package/package.json"))
    with zipfile.ZipFile(portable["wheel"]) as archive:
        metadata = archive.read(f"fenzhang-{version}.dist-info/METADATA").decode()
    pkg_config = {name: (ROOT / f"build-portable/meson-private/{name}.pc").read_text() for name in ["fenzhang", "fenzhang-sandbox"]}
    listed = json.loads((tree / "share/doc/fenzhang/fenzhang.spdx.json").read_text())
    assert {
        "program": run(tree / "bin/fenzhang", "--version").split()[1],
        "API": json.loads(run(tree / "bin/fenzhang", "openapi"))["info"]["version"],
        "Debian": re.match(r"fenzhang \(([\d.]+)", run(sys.executable, ROOT / "packaging/debian/changelog.py", ROOT))[1],
        "npm": npm["version"],
        "wheel": re.search(r"^Version: (.*)$", metadata, re.MULTILINE)[1],
        "list": listed["packages"][0]["versionInfo"],
        "change log": re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1],
        **{name: re.search(r"^Version: (.*)$", text, re.MULTILINE)[1] for name, text in pkg_config.items()},
    } == dict.fromkeys(["program", "API", "Debian", "npm", "wheel", "list", "change log", "fenzhang", "fenzhang-sandbox"], version)
    assert all(f"fenzhang-{version}" in path.name for path in portable.values())


@pytest.mark.parametrize("name", ["fenzhang", "fenzhang-sandbox"])
def test_debians_package_of_a_library_has_its_interface_s_number(name):
    """That of the soname, which abi/ has; no part of the version."""
    (number,) = re.findall(rf"soname='lib{name}\.so\.(\d+)'", (ROOT / f"abi/{name}.abi").read_text())
    assert f"Package: lib{name}{number}\n" in (ROOT / "packaging/debian/control").read_text()
