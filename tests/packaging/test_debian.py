"""The Debian packages: built, looked at, and lived with in a Debian 12 and a Debian 13 that systemd has booted: installed, used, upgraded,
removed, purged."""
import hashlib
import os
import re
import shutil
import subprocess

import pytest

from conftest import PACKAGING, ROOT, run
from systems import Booted

NAMES = {"fenzhang", "fenzhang-doc", "libfenzhang-dev", "libfenzhang-sandbox1", "libfenzhang1"}
SERVICE = PACKAGING / "debian" / "fenzhang.service"


def build(out, **environment):
    out.mkdir()
    run(PACKAGING / "debian" / "build", out, env={**os.environ, "DEB_BUILD_OPTIONS": "nocheck", **environment}, timeout=1800)
    return out


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    return build(tmp_path_factory.mktemp("debian") / "packages")


def named(directory):
    """The packages there by their names, without those of debug symbols."""
    found = {path.name.split("_")[0]: path for path in directory.glob("*.deb")}
    return {name: path for name, path in found.items() if not name.endswith("-dbgsym")}


@pytest.fixture(scope="session")
def former(packages, tmp_path_factory):
    """The same packages as an older version: what dpkg does when they are upgraded."""
    out = tmp_path_factory.mktemp("former")
    for name, path in named(packages).items():
        run("dpkg-deb", "--raw-extract", path, out / name)
        control = out / name / "DEBIAN" / "control"
        text, count = re.subn(r"^Version: .*$", "Version: 0.0.9", control.read_text("utf-8"), flags=re.M)
        assert count == 1
        control.write_text(re.sub(r"\(= [^)]*\)", "(= 0.0.9)", text))
        run("dpkg-deb", "--root-owner-group", "--build", out / name, out / f"{name}_0.0.9.deb")
        shutil.rmtree(out / name)
    return out


def test_what_a_build_needs_is_the_same_for_debian_as_for_script_bootstrap():
    control, bootstrap = ((ROOT / path).read_text("utf-8") for path in ("packaging/debian/control", "script/bootstrap"))
    libraries = re.search(r"^ *(.*) # libraries$", bootstrap, re.M)[1].split()
    needed = re.search(r"^Build-Depends:$(.*?)^\S", control, re.M | re.S)[1]
    assert len(libraries) >= 10 and set(libraries) == set(re.findall(r"\b(?:lib[\w.+-]+|zlib1g)-dev\b", needed)) - {"libcurl4-gnutls-dev"}


def test_they_are_those_that_were_meant_with_the_version_of_the_source(packages):
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text("utf-8"))[1]
    assert set(named(packages)) == NAMES
    assert {run("dpkg-deb", "--field", path, "Version").strip() for path in named(packages).values()} == {version}


def test_built_twice_they_have_the_same_bytes(packages, tmp_path):
    again = build(tmp_path / "again", TZ="Asia/Shanghai", LC_ALL="C", TMPDIR=str(tmp_path))
    digests = [{path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.glob("*.deb")} for out in (packages, again)]
    assert len(digests[0]) >= 5 and digests[0] == digests[1]


def test_lintian_has_nothing_to_say(packages):
    done = subprocess.run(["lintian", "--allow-root", "--pedantic", "--fail-on", "none", next(packages.glob("*.changes"))],
                          capture_output=True, text=True, timeout=900)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def contents(package):
    """Paths, as they are installed, and what they are."""
    lines = run("dpkg-deb", "--contents", package).splitlines()
    return {line.split()[5].removeprefix("."): line.split()[0] for line in lines}


def test_everything_lies_where_debian_wants_it(packages):
    found = {name: contents(path) for name, path in named(packages).items()}
    library = next(path for path in found["libfenzhang1"] if path.endswith("/libfenzhang.so.1"))[: -len("/libfenzhang.so.1")]
    assert {"/usr/bin/fenzhang", "/lib/systemd/system/fenzhang.service", "/lib/systemd/system/fenzhang.socket", "/usr/lib/sysusers.d/fenzhang.conf",
            "/usr/lib/tmpfiles.d/fenzhang.conf", "/etc/fenzhang/fenzhang.conf", "/usr/share/man/man1/fenzhang.1.gz", "/usr/share/man/man1/fenzhang-serve.1.gz",
            "/usr/share/bash-completion/completions/fenzhang", "/usr/share/zsh/vendor-completions/_fenzhang"} <= set(found["fenzhang"])
    assert f"{library}/libfenzhang-sandbox.so.1" in found["libfenzhang-sandbox1"]
    for name in ("fenzhang", "fenzhang-sandbox"):
        assert {f"{library}/lib{name}.so", f"{library}/lib{name}.a", f"{library}/pkgconfig/{name}.pc", f"/usr/include/{name}.h"} <= set(found["libfenzhang-dev"])
    assert {"/usr/share/man/man3/fenzhang.3.gz", "/usr/include/fenzhang/calls.h"} <= set(found["libfenzhang-dev"])
    assert {"/usr/share/doc/fenzhang/docs/operators.md", "/usr/share/doc/fenzhang/docs/zh/cli.md", "/usr/share/fenzhang/corpus/README.md",
            "/usr/share/doc/fenzhang/examples/python/shop.py"} <= set(found["fenzhang-doc"])


def test_the_unit_is_closed_to_what_a_server_does_not_need():
    told = run("systemd-analyze", "security", "--offline=true", "--no-pager", SERVICE)
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told)[1])
    assert exposure <= 1.5, told


def asks(system, *command):
    """fenzhang, which speaks to the server of the service."""
    return system.run("fenzhang", *command, "--control", "http://127.0.0.1:8081")


def payments(system):
    return int(re.search(r"^payments +(\d+)$", asks(system, "audit"), re.M)[1])


def serves(system):
    """And systemd was told so."""
    system.until(lambda: system.shows("fenzhang", "ActiveState") in ("active", "failed"), "the service has started")
    assert system.shows("fenzhang", "StatusText") == "Serving the API on http://127.0.0.1:8080, control on http://127.0.0.1:8081", system.journal()
    assert asks(system, "health").startswith("ok")


def install(root, former, packages):
    """The former version, with what it depends on from Debian; the new one lies ready."""
    for name, source in (("former", former), ("packages", packages)):
        (root.path / name).mkdir()
        for package, path in named(source).items():
            shutil.copyfile(path, root.path / name / f"{package}.deb")
    root.run("sh", "-ec", "apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /former/*.deb")


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_a_life_of_the_service(root, former, packages, release):
    system_root = root(release, "systemd-sysv")
    before = files(system_root)
    install(system_root, former, packages)
    with Booted(system_root) as system:
        starts_by_itself_and_keeps_a_book(system)
        is_upgraded_with_the_book(system)
        does_what_its_configuration_says(system)
        is_started_by_its_sockets(system)
        leaves_its_book_when_it_is_removed(system)
        takes_everything_along_when_it_is_purged(system)
    assert [path for path in files(system_root) - before if not path.startswith(("/former/", "/packages/"))] == []


def files(root):
    """Whatever has our name."""
    return {"/" + str(path.relative_to(root.path)) for path in root.path.rglob("*fenzhang*")}


def starts_by_itself_and_keeps_a_book(system):
    serves(system)
    assert system.run("dpkg-query", "--show", "--showformat", "${Version}", "fenzhang") == "0.0.9"
    assert system.run("stat", "--format", "%U", f"/proc/{system.shows('fenzhang', 'MainPID')}").strip() == "fenzhang"
    assert system.run("stat", "--format", "%a %U:%G", "/var/lib/fenzhang").strip() == "700 fenzhang:fenzhang"
    asks(system, "merchants", "add", "1900000777", "direct", "--contract-date", "2025-01-01")
    asks(system, "pay", "100", "--mchid", "1900000777")
    assert payments(system) == 1


def is_upgraded_with_the_book(system):
    assert runs(system)
    process = system.shows("fenzhang", "MainPID")
    system.run("sh", "-c", "dpkg --install /packages/*.deb")
    assert system.run("dpkg-query", "--show", "--showformat", "${Version}", "fenzhang") != "0.0.9"
    serves(system)
    assert system.shows("fenzhang", "MainPID") != process, "the new program serves"
    assert payments(system) == 1
    asks(system, "pay", "100", "--mchid", "1900000777")


def restart(system):
    """As often as one likes: systemd allows five starts in ten seconds."""
    system.run("systemctl", "reset-failed", "fenzhang")
    return system.does("systemctl", "restart", "fenzhang")


def does_what_its_configuration_says(system):
    system.run("sh", "-c", "echo 'control = 127.0.0.1:8888' >>/etc/fenzhang/fenzhang.conf")
    assert restart(system).returncode == 0
    assert system.shows("fenzhang", "StatusText").endswith(", control on http://127.0.0.1:8888")
    system.run("sh", "-c", "echo 'contrl = 8081' >>/etc/fenzhang/fenzhang.conf")
    assert restart(system).returncode != 0
    assert "there is no option `contrl'" in system.journal()
    system.run("sed", "-i", "/^contr/d", "/etc/fenzhang/fenzhang.conf")
    assert restart(system).returncode == 0
    serves(system)


def is_started_by_its_sockets(system):
    system.run("systemctl", "stop", "fenzhang")
    assert system.shows("fenzhang", "ActiveState") == "inactive" and not runs(system)
    system.run("systemctl", "start", "fenzhang.socket")
    assert payments(system) == 2  # the first call
    serves(system)
    process = system.shows("fenzhang", "MainPID")
    assert restart(system).returncode == 0 and system.shows("fenzhang", "MainPID") != process
    assert payments(system) == 2


def runs(system):
    return system.does("sh", "-c", "grep -qsx fenzhang /proc/[0-9]*/comm").returncode == 0


def leaves_its_book_when_it_is_removed(system):
    system.run("dpkg", "--remove", "fenzhang")
    assert not runs(system)
    assert system.does("systemctl", "is-active", "fenzhang.socket").stdout == "inactive\n"
    system.run("test", "-s", "/var/lib/fenzhang/book.db")
    system.run("test", "-e", "/etc/fenzhang/fenzhang.conf")
    system.run("dpkg", "--install", "/packages/fenzhang.deb")
    serves(system)
    assert payments(system) == 2


def takes_everything_along_when_it_is_purged(system):
    system.run("dpkg", "--purge", *sorted(NAMES))
    assert not runs(system)
    assert system.does("test", "-e", "/var/lib/fenzhang").returncode == 1 and system.does("test", "-e", "/etc/fenzhang").returncode == 1
    assert system.does("systemctl", "cat", "fenzhang").returncode != 0
