"""The reconciler against the lab: whatever is planted is found with its reason, and nothing else, over 200 seeds."""
import gzip
import json
import subprocess

import pytest
from pages import ROOT, blocks, section
from program import BINARY

from command import environment, run

SEEDS = 200
KINDS = 15

# How the files are given, one seed like this and the next like that.
MANNERS = ("sorted", "shuffled", "with statement", "with shares", "with both", "shuffled, with both, gzip")


def lab_of(seed, manner, folder):
    """Days, sizes and numbers of differences vary with the seed; every kind is planted."""
    options = ["--days", 1 + seed % 14, "--refunds", 50 + seed % 7 * 25, "--seed", seed, "--plant", f"all={1 + seed % 2}"]
    done = run("lab", "bills", *options, *(["--shuffle"] if "shuffled" in manner else []), "--out", folder)
    assert done.returncode == 0, done.stderr
    return {kind: sorted(folder.glob(f"{kind}-*.csv")) for kind in ("refunds", "shares", "statement")}


def compressed(files):
    for path in (path for of_kind in files.values() for path in of_kind):
        path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    return {kind: [path.with_suffix(".csv.gz") for path in of_kind] for kind, of_kind in files.items()}


def reconcile(files, manner, records):
    """The report, as it stands."""
    if "gzip" in manner:
        files = compressed(files)
    given = ["--refunds", *files["refunds"], "--records", records]
    given += ["--statement", *files["statement"]] if "statement" in manner or "both" in manner else []
    given += ["--shares", *files["shares"]] if "shares" in manner or "both" in manner else []
    done = run("reconcile", *given, "--json")
    assert (done.returncode, json.loads(done.stdout)["agrees"]) == (1, False), done.stderr
    return done.stdout


def wrong(seed, folder):
    """What a seed's report has wrong, by the program's own score; how many were planted."""
    manner = MANNERS[seed % len(MANNERS)]
    (folder / "report.json").write_text(reconcile(lab_of(seed, manner, folder), manner, folder / "records.csv"), "utf-8")
    scored = run("lab", "score", folder / "key.json", folder / "report.json")
    told = json.loads(scored.stdout)
    planted = len(json.loads((folder / "key.json").read_text("utf-8"))["differences"])
    assert planted == KINDS * (1 + seed % 2)
    assert scored.returncode == (0 if (told["recall"], told["precision"]) == (1, 1) else 1)
    return [(seed, manner, one) for one in told["wrong"]]


@pytest.mark.plain
def test_everything_planted_is_found_with_its_reason_and_nothing_else(tmp_path):
    assert [one for seed in range(SEEDS) for one in wrong(seed, tmp_path / str(seed))] == []


def test_in_each_manner(tmp_path):
    """For builds in which 200 would take too long."""
    assert [one for seed in range(SEEDS, SEEDS + len(MANNERS)) for one in wrong(seed, tmp_path / str(seed))] == []


@pytest.mark.parametrize("manner", MANNERS)
def test_where_nothing_is_planted_nothing_is_found(tmp_path, manner):
    options = "--days", 9, "--refunds", 2000, "--seed", 77, *(["--shuffle"] if "shuffled" in manner else [])
    assert run("lab", "bills", *options, "--out", tmp_path).returncode == 0
    files = {kind: sorted(tmp_path.glob(f"{kind}-*.csv")) for kind in ("refunds", "shares", "statement")}
    given = ["--refunds", *files["refunds"], "--records", tmp_path / "records.csv"]
    given += ["--statement", *files["statement"], "--shares", *files["shares"]] if "both" in manner else []
    done = run("reconcile", *given, "--json")
    assert (done.returncode, json.loads(done.stdout)["differences"]) == (0, []), done.stdout


def test_every_difference_says_why_with_figures(tmp_path):
    """A reason names what proves it: the amounts, days or numbers of both sides."""
    files = lab_of(3, "with both", tmp_path)
    report = json.loads(reconcile(files, "with both", tmp_path / "records.csv"))
    assert len({one["kind"] for one in report["differences"]}) == KINDS
    for one in report["differences"]:
        assert any(letter.isdigit() for letter in one["reason"]) and len(one["reason"]) > 30, one
        assert one["here"] or one["there"]


def test_days_counted_as_the_bills_count_them(tmp_path):
    """What the reason of a day_boundary advises: then those that were matched agree, and at the edges there is nothing, or a bill to come."""
    done = run("lab", "bills", "--refunds", 120, "--seed", 8, "--plant", "day_boundary=16", "--out", tmp_path)
    assert done.returncode == 0
    given = ["--refunds", *sorted(tmp_path.glob("refunds-*.csv")), "--records", tmp_path / "records.csv", "--json"]
    told = json.loads(run("reconcile", *given).stdout)["differences"]
    assert len(told) == 16 and all("--timezone Asia/Shanghai" in one["reason"] for one in told if one["here"] and one["there"])
    assert {one["kind"] for one in json.loads(run("reconcile", *given, "--timezone", "Asia/Shanghai").stdout)["differences"]} == {"not_yet_due"}


PAGES = {"docs/finance.md": "## Trying a reconciler: the bill lab", "docs/zh/finance.md": "## 检验对账程序：账单实验室"}


@pytest.mark.parametrize("page,heading", PAGES.items(), ids=["english", "chinese"])
def test_what_the_page_shows(tmp_path, page, heading):
    """Pasted into a shell that finds the program by its name."""
    shown = dict(blocks(section((ROOT / page).read_text("utf-8"), heading)))
    env = environment(PATH=f"{BINARY.parent}:/usr/bin:/bin")
    done = subprocess.run(["sh", "-eu"], input=shown["sh"], capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, "") and json.loads(done.stdout) == json.loads(shown["json"])
