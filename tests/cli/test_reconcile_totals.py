"""What the totals of `fenzhang reconcile` say: both sides where there are two, and nothing that looks like a difference where there is one."""
import csv
import json
import re

import pytest

from command import run

ROW = re.compile(r"^(2026-\d\d-\d\d) +\d+ +(\d+) +(\d+\.\d\d) CNY$", re.M)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    assert run("lab", "bills", "--days", 3, "--refunds", 40, "--seed", 7, "--out", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def bills(lab):
    return ["--refunds", *sorted(lab.glob("refunds-*.csv"))]


def names_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_without_records_the_refund_bills_own_sums_are_shown(lab, bills, tmp_path):
    others = ["--statement", *sorted(lab.glob("statement-*.csv"))]
    done = run("reconcile", *bills, *others, "--html", tmp_path / "page.html")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("All agrees, ")
    assert "HERE" not in done.stdout and "DIFFERENCE" not in done.stdout and "REFUND BILL" in done.stdout
    told = json.loads(run("reconcile", *bills, *others, "--json").stdout)["totals"]
    assert [(total["here"], total["here_count"], total["hides_differences"]) for total in told] == [(None, None, False)] * len(told)
    assert [(total["day"], total["there_count"], total["there"]) for total in told if total["currency"] == "CNY"] == [
        (day, int(count), round(100 * float(amount))) for day, count, amount in ROW.findall(done.stdout)] != []
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Refund bill</th>" in page and "Difference</th>" not in page and "differs" not in page


def test_with_records_both_sides_are_named(lab, bills, tmp_path):
    rows = names_of(lab / "records.csv")
    wrong = next(row for row in rows if row["status"] == "SUCCESS" and row["currency"] == "CNY")
    wrong["amount"] = str(int(wrong["amount"]) + 7)
    with (tmp_path / "records.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = run("reconcile", *bills, "--records", tmp_path / "records.csv")
    assert done.returncode == 1 and re.search(r"^DAY +SUB_MCHID +RECORDS \(HERE\) +BILLS \(THERE\) +DIFFERENCE$", done.stdout, re.M)
    assert re.search(r" 0\.07 CNY$", done.stdout, re.M), done.stdout


def test_records_without_a_known_amount_are_not_taken_for_zero(lab, bills, tmp_path):
    rows = names_of(lab / "records.csv")
    path = tmp_path / "records.csv"
    path.write_text("out_refund_no,sum\n" + "".join(f"{row['out_refund_no']},{row['amount']}\n" for row in rows), encoding="utf-8")
    done = run("reconcile", *bills, "--records", path)
    assert "amounts are not compared" in done.stderr and "amount = YOUR COLUMN" in done.stderr
    assert "DIFFERENCE" not in done.stdout and "REFUND BILL" in done.stdout
    mapped = tmp_path / "records.map"
    mapped.write_text("[columns]\nout_refund_no = out_refund_no\namount = sum\n", encoding="utf-8")
    assert run("reconcile", *bills, "--records", path, "--map", mapped).stderr == ""
