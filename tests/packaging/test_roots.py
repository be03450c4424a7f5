"""The systems that packages are tried in."""
import pathlib
import subprocess

import pytest

from conftest import PACKAGING


OURS = ("libmicrohttpd", "libjansson", "libcurl", "libinih", "libpq", "libfenzhang", "fenzhang")


@pytest.fixture(scope="module")
def bookworm(root):
    return root("bookworm")


def has_nothing_of_ours(system):
    installed = system.run("dpkg-query", "--show", "--showformat", "${Package}\n").split()
    return "apt" in installed and not [package for package in installed if package.startswith(OURS)]


def test_a_root_of_bookworm_is_debian_12_and_has_none_of_our_libraries(bookworm):
    assert 'VERSION_ID="12"' in bookworm.run("cat", "/etc/os-release")
    assert has_nothing_of_ours(bookworm)


def test_a_root_of_trixie_is_debian_13_and_has_none_of_our_libraries(root):
    system = root("trixie")
    assert 'VERSION_ID="13"' in system.run("cat", "/etc/os-release")
    assert has_nothing_of_ours(system)


def test_what_ran_in_a_root_leaves_no_process_and_no_mount(bookworm):
    assert bookworm.run("sh", "-c", "sleep 600 & cat /proc/1/comm") == "sh\n"
    assert str(bookworm.path) not in pathlib.Path("/proc/self/mounts").read_text("utf-8")
    assert not [link for link in pathlib.Path("/proc").glob("[0-9]*/root") if reads(link) == str(bookworm.path)]


def reads(link):
    try:
        return str(link.readlink())
    except OSError:  # it has ended meanwhile
        return None


def test_what_a_command_says_and_its_status_come_out(bookworm):
    done = subprocess.run([PACKAGING / "in-root", bookworm.path, "sh", "-c", "echo out; echo err >&2; exit 7"],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")


@pytest.mark.parametrize("words,told", [
    (["woody", "there"], "unknown release 'woody': use bookworm or trixie"),
    (["bookworm"], "which release, and where to?"),
    (["bookworm", "/"], "/ is not empty"),
])
def test_what_cannot_be_made_is_told_and_nothing_is_changed(tmp_path, words, told):
    done = subprocess.run([PACKAGING / "root", *words], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode != 0 and told in done.stderr
    assert not list(tmp_path.iterdir())
