"""What docs/cli.md and its Chinese page show works when it is pasted: their blocks run in order, in one shell; and what they list is what there is."""
import os
import re
import subprocess
import time
from datetime import datetime, timedelta

import pytest
import times
from client import PATIENCE
from pages import ROOT, blocks
from program import BINARY, Program

from command import environment, run

PAGES = {"english": ROOT / "docs" / "cli.md", "chinese": ROOT / "docs" / "zh" / "cli.md"}


@pytest.fixture(params=PAGES.values(), ids=PAGES.keys())
def page(request):
    return request.param.read_text("utf-8")


@pytest.fixture
def server(tmp_path_factory):
    """At the real time, as whoever reads the page starts it, and not just before a midnight, as the balance is its day's. One for each page, for
    their numbers are the same."""
    left = (times.midnight(today := datetime.now(times.BEIJING)) + timedelta(days=1) - today).total_seconds()
    time.sleep(left + 1 if left < 100 else 0)
    running = Program(tmp_path_factory.mktemp("server"), demo=True, seed=None).start()
    yield running
    running.stop()


def commands(page):
    """Those of its blocks, lines that go on in the next one together."""
    return [line for _, block in blocks(page, "sh") for line in block.replace("\\\n", "").splitlines() if line.strip()]


def test_every_example_works(page, server, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fenzhang").symlink_to(BINARY)
    (tmp_path / "data").symlink_to(server.data)
    lines = commands(page)
    script = "".join(f"{line} || {{ echo \"FAILED: $? {number}\"; exit 1; }}\n" for number, line in enumerate(lines))
    env = environment(PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / "config"))
    done = subprocess.run(["sh", "-u"], input=script, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=120 * PATIENCE, check=False)
    assert done.returncode == 0, (done.stderr, lines[int(done.stdout.split("FAILED: ")[1].split()[1])])
    assert len(lines) > 45 and done.stdout.startswith("merchant  1900000100\nbalance   10.00 CNY\ntransaction ")
    # What was left of the order, 8.01, is the merchant's half a minute after it was unfrozen: before the last line, where the machine is slow.
    assert re.findall(r"^balance +(\S+) CNY$", done.stdout, re.M) in (["10.00", "10.00"], ["10.00", "18.01"])


def test_every_command_that_calls_the_api_is_on_the_page(page):
    used = {" ".join(re.findall(r"fenzhang ([\w-]+(?: [a-z][\w-]*)?)", line)[:1]) for line in commands(page)}
    for group in ("refund", "share", "receiver", "order", "config"):
        members = re.findall(r"^  ([\w-]+) ", run("help", group).stdout, re.M)
        for member in members:
            if member != "fenzhang":
                assert f"{group} {member}" in used, f"fenzhang {group} {member}"
    for name in ("balance", "amounts", "settlements", "upload", "certificates", "call", "whoami", "completion"):
        assert any(one.split()[0] == name for one in used if one), name


def test_every_setting_is_on_the_page(page):
    (table,) = re.findall(r"^\| `mchid` \|.*?\n\n", page, re.S | re.M)
    listed = {name for row in table.strip().splitlines() for name in re.findall(r"`([a-z\d_]+)`", row.split("|")[1])}
    settings = {line.split()[0] for line in run("config", "list", "--all").stdout.splitlines()[1:]}
    assert listed == settings
