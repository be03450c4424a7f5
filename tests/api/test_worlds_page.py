"""Every block of docs/worlds.md does what is said of it; the shipped worlds can be told and started."""
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from pages import ROOT, Shell, blocks
from program import BINARY

PAGE = (ROOT / "docs" / "worlds.md").read_text("utf-8")
WORLDS = sorted((ROOT / "worlds").glob("*.yaml"))


@pytest.fixture
def shell(tmp_path):
    """In a directory with the page's world and the project's, where `fenzhang` is found."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fenzhang").symlink_to(BINARY)
    (tmp_path / "worlds").symlink_to(ROOT / "worlds")
    ((_, world),) = blocks(PAGE, "yaml")
    (tmp_path / "shop.yaml").write_text(world)
    made = Shell(tmp_path, os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"})
    yield made
    made.close()


def test_the_commands_of_the_page(shell):
    printed = [shell.paste(content) for _, content in blocks(PAGE, "sh")]
    assert "BACK0001" in printed[0] and "600.00" in printed[0]
    assert printed[1].startswith("shop.yaml can be told.\n") and "to distribute  69.46 CNY" in printed[1] and "The book is sound." in printed[1]
    assert printed[2] == "" and printed[3].endswith("now.yaml can be told.\n")


def test_the_fault_that_the_page_shows(shell):
    ((_, told),) = blocks(PAGE, "text")
    assert shell.paste("sed -i 's/BACK0001, amount: 1000/BACK0001, amount: 20000/' shop.yaml; fenzhang world check shop.yaml 2>&1 || true") == told


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.name)
def test_a_shipped_world_is_told_of_and_sound(path, tmp_path):
    assert f"[{path.name}](../worlds/{path.name})" in PAGE
    done = subprocess.run([BINARY, "run", "--world", path, "--", BINARY, "audit"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "") and "The book is sound." in done.stdout


def test_the_finance_day_by_hand(tmp_path):
    """FIN0002 has a voucher of 10 %, which somebody else pays for; FIN0003 is a discount of 20.00. FIN0005 came back, so it is on no bill."""
    world = yaml.safe_load((ROOT / "worlds" / "finance-day.yaml").read_text())
    assert world["clock"]["now"] == "2026-03-11T11:00:00+08:00"
    subprocess.run([BINARY, "run", "--world", ROOT / "worlds" / "finance-day.yaml", "--", BINARY, "bill", "refunds", "2026-03-10", "--out", tmp_path],
                   capture_output=True, check=True, timeout=120)
    lines = [line.split(",`") for line in (tmp_path / "refunds-2026-03-10.csv").read_text("utf-8-sig").splitlines()[1:5]]
    assert [(line[3], line[6], line[8], line[9], line[14]) for line in lines] == [
        ("BACK0001", "600.00", "0.00", "600.00", "494.00"), ("BACK0001", "600.00", "0.00", "600.00", "106.00"),
        ("BACK0002", "100.00", "10.00", "90.00", "100.00"), ("BACK0003", "200.00", "20.00", "180.00", "200.00")]


def test_the_faults_of_a_world_stand_after_a_restart_and_a_reset(tmp_path):
    script = ("curl -s $CONTROL_URL/faults; curl -s -XDELETE $CONTROL_URL/faults; "
              "curl -s -XPOST $CONTROL_URL/reset -H 'Content-Type: application/json' -d '{}'; curl -s $CONTROL_URL/faults")
    done = subprocess.run([BINARY, "run", "--world", ROOT / "worlds" / "faults.yaml", "--", "sh", "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout.count('"effect":"wrong_signature"') == 2 and '{"cleared":3}' in done.stdout


def test_every_member_and_every_step_is_on_the_page():
    schema = subprocess.run([BINARY, "world", "--schema"], capture_output=True, text=True, check=True)
    document = yaml.safe_load(schema.stdout)["properties"]
    named = {*document, *document["merchants"]["items"]["properties"], *document["story"]["items"]["properties"], *document["clock"]["properties"],
             *document["environment"]["items"]["properties"], *document["platform"]["properties"]} - {"about"}
    missing = {name for name in named if f"`{name}`" not in PAGE and f"`{name.removesuffix('_file')}`" not in PAGE}
    assert missing == set()
