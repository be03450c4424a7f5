"""adopt/pytest: the plugin in a project of its own, as docs/clients.md shows it"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from client import PATIENCE
from fetch import fetched_or_skipped
from page import pasted
from program import BINARY

KIT = Path(__file__).resolve().parents[2] / "adopt" / "pytest"

pytestmark = pytest.mark.plain


class Project:
    def __init__(self, folder):
        self.folder = folder
        shutil.copy(KIT / "fenzhang_pytest.py", folder)
        self.write("conftest.py", 'pytest_plugins = ["fenzhang_pytest"]\n')
        self.write("pytest.ini", "[pytest]\n")
        self.environment = {**os.environ, "FENZHANG": str(BINARY), "PYTHONDONTWRITEBYTECODE": "1",
                            "FENZHANG_CONTROL_TOKEN": "of-a-server-that-is-not-the-plugin-s"}

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def command(self, *options):
        return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", self.folder / "tmp", *options]

    def run(self, *options):
        how = {"cwd": self.folder, "env": self.environment, "capture_output": True, "text": True, "timeout": 120 * PATIENCE}
        done = subprocess.run(self.command(*options), **how)
        return done.returncode, done.stdout


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_the_example_with_a_real_library_on_two_processes(project):
    project.environment["PYTHONPATH"] = str(fetched_or_skipped("python") / "lib")
    shutil.copy(KIT / "test_refund.py", project.folder)
    status, text = project.run("-n", "2")
    assert status == 0 and "2 passed" in text, text


def test_what_the_page_shows(project):
    project.write("test_payment.py", pasted("python", "With pytest"))
    status, text = project.run()
    assert status == 0 and "1 passed" in text, text


@pytest.mark.parametrize("conftest", ["", 'pytest_plugins = ["fenzhang_pytest"]'])
def test_the_wheel_s_fixture_is_there_by_itself(project, conftest):
    """As the wheel says it to pytest; a conftest.py from before the wheel may name it too."""
    entry_points = re.search(r'ENTRY_POINTS = """(.*?)"""', (KIT.parents[1] / "packaging" / "portable" / "wheel.py").read_text(), re.S)[1]
    site = project.folder / "site"
    (site / "fenzhang-1.dist-info").mkdir(parents=True)
    (project.folder / "fenzhang_pytest.py").rename(site / "fenzhang_pytest.py")
    (site / "fenzhang-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: fenzhang\nVersion: 1\n")
    (site / "fenzhang-1.dist-info" / "entry_points.txt").write_text(entry_points)
    project.environment["PYTHONPATH"] = str(site)
    project.write("conftest.py", conftest)
    project.write("test_any.py", "def test_any(fenzhang):\n    pass\n")
    status, text = project.run()
    assert status == 0, text


def test_what_one_test_does_no_other_sees(project):
    project.write("test_worlds.py", """
import pytest

seen = []

@pytest.mark.parametrize("_", range(3))
def test_world(fenzhang, _):
    assert fenzhang.now == "2026-01-05T10:00:00+08:00" and fenzhang.control("/faults")["faults"] == []
    assert fenzhang.control("/limits") == {"limits": "off"}
    assert fenzhang.pay(100, out_trade_no="THESAME")["out_trade_no"] == "THESAME"
    fenzhang.fault(error="SYSTEM_ERROR")
    fenzhang.advance("P1D")
    assert fenzhang._process.pid not in seen
    seen.append(fenzhang._process.pid)
""")
    assert project.run()[0] == 0


def test_what_every_test_begins_with_is_made_once(project):
    project.write("pytest.ini", "[pytest]\nfenzhang_book = --demo --seed 5\n")
    project.write("conftest.py", """
import pytest
pytest_plugins = ["fenzhang_pytest"]

@pytest.fixture(scope="session")
def fenzhang_base(fenzhang_base):
    with fenzhang_base.serving() as world:
        world.control("/merchants", {"mchid": "1900000777", "kind": "direct", "contract_date": "2025-01-01"})
    return fenzhang_base
""")
    project.write("test_ours.py", """
import pytest

@pytest.mark.parametrize("_", range(2))
def test_ours(fenzhang, _):
    assert fenzhang.pay(100, mchid="1900000777", out_trade_no="ONLYONCE")["amount"] == 100
    assert (fenzhang.data / "merchants" / "1900000777" / "apiclient_key.pem").is_file()
""")
    status, text = project.run()
    assert status == 0, text


def test_one_server_comes_back_to_its_beginning(project):
    project.write("test_shared.py", """
import urllib.request, urllib.error
import pytest

@pytest.mark.parametrize("number", range(3))
def test_shared(fenzhang_shared, fenzhang_server, number):
    assert fenzhang_shared is fenzhang_server and fenzhang_shared.now == "2026-01-05T10:00:00+08:00"
    assert fenzhang_shared.control("/faults")["faults"] == [] and fenzhang_shared.control("/limits") == {"limits": "off"}
    assert fenzhang_shared.pay(100, out_trade_no="THESAME")["out_trade_no"] == "THESAME"
    fenzhang_shared.fault(error="SYSTEM_ERROR")
    fenzhang_shared.advance("P1D")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(fenzhang_shared.base_url + f"/v3/number-{number}")
    assert number != 1
""")
    status, text = project.run()
    assert status == 1 and "1 failed, 2 passed" in text, text
    told = text.partition("What fenzhang saw")[2]
    assert "/v3/number-1 " in told and "/v3/number-0 " not in told and "/v3/number-2 " not in told, text


def test_a_failing_test_says_why_the_signature_was_refused(project):
    project.write("test_signature.py", """
import pathlib, urllib.request

def test_signature(fenzhang):
    target = fenzhang.base_url + "/v3/global/profit-sharing/refunds/refundable-balance"
    urllib.request.urlopen(urllib.request.Request(target, headers={"Accept": "*/*", "Authorization": "WECHATPAY2-SHA256-RSA2048 mchid=1"}))

def test_nothing_of_it(fenzhang):
    assert fenzhang.control("/requests")["requests"] == []
""")
    status, text = project.run()
    assert status == 1 and "1 failed, 1 passed" in text
    assert re.search(r'GET /v3/global/profit-sharing/refunds/refundable-balance 401 SIGN_ERROR \w+ "MEMBER_UNQUOTED: ', text), text
    assert text.count("What fenzhang saw") == 1
    assert [one.name for one in (project.folder / "tmp").glob("fenzhang[0-9]*")] == ["fenzhang0"], "of the other nothing is kept"


def test_a_call_that_is_refused_says_what_the_server_said(project):
    project.write("test_refused.py", """
import pytest
from fenzhang_pytest import Refused

def test_refused(fenzhang):
    with pytest.raises(Refused, match="/payments: .*amount") as caught:
        fenzhang.pay(-1)
    assert caught.value.status == 400
""")
    status, text = project.run()
    assert status == 0, text


@pytest.mark.parametrize("program, says", [("/nowhere/fenzhang", "/nowhere/fenzhang is not to be found"), ("/bin/false", "did not start")])
def test_a_program_that_is_not_there_or_does_not_start(project, program, says):
    project.environment["FENZHANG"] = program
    project.write("test_any.py", "def test_any(fenzhang):\n    pass\n")
    status, text = project.run()
    assert status == 1 and says in text, text


def test_options_that_are_wrong_are_told(project):
    project.write("pytest.ini", "[pytest]\nfenzhang_options = --limits never\n")
    project.write("test_any.py", "def test_any(fenzhang):\n    pass\n")
    status, text = project.run()
    assert status == 1 and "--limits never is neither real nor off" in text, text


def has_ended(pid):
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_run_that_is_killed_leaves_no_server(project):
    project.write("test_long.py", """
import time

def test_long(fenzhang):
    print(f"\\nserver {fenzhang._process.pid}.", flush=True)
    time.sleep(600)
""")
    with subprocess.Popen(project.command("-s"), cwd=project.folder, env=project.environment, stdout=subprocess.PIPE, text=True) as process:
        pid = next(line for line in process.stdout if line.startswith("server ")).split()[1].rstrip(".")
        process.kill()
    deadline = time.monotonic() + 20 * PATIENCE
    while not has_ended(pid):
        assert time.monotonic() < deadline, "the server outlives the run"
        time.sleep(0.02)
