"""What docs/cli.md shows works when it is pasted: its blocks run in order, in one shell; and what it lists is what there is."""
import os
import re
import subprocess

import pytest
from pages import ROOT, blocks
from program import BINARY, Program

from command import environment, run

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """At the real time, as whoever reads the page starts it."""
    running = Program(tmp_path_factory.mktemp("server"), demo=True, seed=None).start()
    yield running
    running.stop()


def commands(block):
    """Its commands, lines that go on in the next one together."""
    return [line for line in block.replace("\\\n", "").splitlines() if line.strip()]


def test_every_example_works(server, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fenzhang").symlink_to(BINARY)
    (tmp_path / "data").symlink_to(server.data)
    lines = [line for _, block in blocks(PAGE, "sh") for line in commands(block)]
    script = "".join(f"{line} || {{ echo \"FAILED: $? {number}\"; exit 1; }}\n" for number, line in enumerate(lines))
    env = environment(PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / "config"))
    done = subprocess.run(["sh", "-u"], input=script, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=120, check=False)
    assert done.returncode == 0, (done.stderr, lines[int(done.stdout.split("FAILED: ")[1].split()[1])])
    assert len(lines) > 45 and done.stdout.count("10.00 CNY") >= 3 and done.stdout.rstrip().startswith("merchant  1900000100\nbalance   10.00 CNY\n")


def test_every_command_that_calls_the_api_is_on_the_page():
    used = {" ".join(re.findall(r"fenzhang ([\w-]+(?: [a-z][\w-]*)?)", line)[:1]) for _, block in blocks(PAGE, "sh") for line in commands(block)}
    for group in ("refund", "share", "receiver", "order", "config"):
        members = re.findall(r"^  ([\w-]+) ", run("help", group).stdout, re.M)
        for member in members:
            if member != "fenzhang":
                assert f"{group} {member}" in used, f"fenzhang {group} {member}"
    for name in ("balance", "amounts", "settlements", "upload", "certificates", "call", "whoami", "completion"):
        assert any(one.split()[0] == name for one in used if one), name


def test_every_setting_is_on_the_page():
    (table,) = re.findall(r"^\| setting \|.*?\n\n", PAGE, re.S | re.M)
    listed = {name for row in table.strip().splitlines()[2:] for name in re.findall(r"`([a-z\d_]+)`", row.split("|")[1])}
    settings = {line.split()[0] for line in run("config", "list", "--all").stdout.splitlines()[1:]}
    assert listed == settings
