"""fenzhang reconcile as a person types it: what it prints where, how it ends, what it makes of odd arguments. What it finds is tests/unit/reconcile,
test_lab_reconcile.py and test_reconcile_week.py."""
import csv
import gzip
import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from command import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"english": ROOT / "docs" / "reconcile.md", "chinese": ROOT / "docs" / "zh" / "reconcile.md"}
KINDS = ("missing_here missing_there amount status currency duplicate_here duplicate_there day_boundary not_yet_due fee rate rounding "
         "part_of_a_refund closed_after_the_bill other_merchant").split()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    assert run("lab", "bills", "--days", 3, "--refunds", 200, "--seed", 5, "--plant", "all=1", "--out", folder).returncode == 0
    return folder


def bills(lab, name="refunds"):
    return sorted(lab.glob(f"{name}-*.csv"))


def reconcile(lab, *more, **options):
    return run("reconcile", "--refunds", *bills(lab), "--records", lab / "records.csv", *more, **options)


def report(lab, *more):
    done = reconcile(lab, "--json", *more)
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def pairs(report):
    return sorted((one["kind"], one["out_refund_no"]) for one in report["differences"])


# ---- the page, and the Chinese one ----


@pytest.fixture(params=PAGES.values(), ids=PAGES.keys())
def page(request):
    return request.param.read_text("utf-8")


def test_the_page_s_example_is_what_is_printed(page, tmp_path):
    commands, shown = re.search(r"```sh\n(.*?)```\n\n```text\n(.*?)```", page, re.S).groups()
    made, compared = (line.split()[1:] for line in commands.splitlines())
    assert run(*made, cwd=tmp_path).returncode == 0
    files = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.glob("lab/refunds-*.csv"))]
    at = compared.index("lab/refunds-*.csv")
    done = run(*compared[:at], *files, *compared[at + 1:], cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, shown, "")


def test_the_page_s_map_can_be_given_back(lab, tmp_path):
    printed = run("reconcile", "--records", lab / "records.csv", "--print-map")
    assert printed.returncode == 0 and "amount = amount\n" in printed.stdout
    (tmp_path / "map.ini").write_text(printed.stdout)
    assert pairs(report(lab, "--map", tmp_path / "map.ini")) == pairs(report(lab))


def test_the_page_has_every_kind(page):
    assert {kind for kind in KINDS if f"`{kind}`" not in page} == set()


# ---- forms of the report ----


def test_json_has_what_was_promised(lab):
    told = report(lab)
    assert told["agrees"] is False and len(told["differences"]) == len(KINDS)
    assert {one["kind"] for one in told["differences"]} == set(KINDS)
    for one in told["differences"]:
        assert {"kind", "reason", "refund_id", "out_refund_no", "here", "there"} <= set(one)
    for total in told["totals"]:
        assert {"sub_mchid", "currency", "day", "here", "there"} <= set(total)


def test_csv_has_a_line_for_each_difference(lab, tmp_path):
    path = tmp_path / "differences.csv"
    told = report(lab, "--csv", path)
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["kind"], line["out_refund_no"], line["reason"]) for line in lines] == [
        (one["kind"], one["out_refund_no"], one["reason"]) for one in told["differences"]]


def test_a_file_that_cannot_be_written(lab):
    done = reconcile(lab, "--csv", "/nonexistent/differences.csv")
    assert done.returncode == 2 and "/nonexistent/differences.csv could not be written" in done.stderr and done.stdout == ""


def test_what_agrees_ends_with_0(tmp_path):
    assert run("lab", "bills", "--days", 2, "--refunds", 100, "--seed", 6, "--out", tmp_path).returncode == 0
    done = reconcile(tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("All agrees, ")
    told = json.loads(reconcile(tmp_path, "--json").stdout)
    assert told["agrees"] is True and told["differences"] == []


# ---- inputs ----


def test_statement_and_shares_prove_and_change_nothing(lab):
    more = ["--statement", *bills(lab, "statement"), "--shares", *bills(lab, "shares")]
    assert pairs(report(lab, *more)) == pairs(report(lab))


def test_the_bills_agree_without_records(lab):
    """But for the line that is there twice, and the one that does not fit itself."""
    done = run("reconcile", "--refunds", *bills(lab), "--statement", *bills(lab, "statement"), "--json")
    assert {one["kind"] for one in json.loads(done.stdout)["differences"]} <= {"duplicate_there", "rate"}


def test_gzip_and_a_query_give_the_same(lab, tmp_path):
    zipped = []
    for path in bills(lab):
        zipped.append(tmp_path / f"{path.name}.gz")
        zipped[-1].write_bytes(gzip.compress(path.read_bytes()))
    with sqlite3.connect(tmp_path / "shop.db") as book, (lab / "records.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
        book.execute(f"CREATE TABLE refund ({', '.join(header)})")
        book.executemany(f"INSERT INTO refund VALUES ({', '.join('?' * len(header))})", rows)
    done = run("reconcile", "--refunds", *zipped, "--records", f"sqlite:{tmp_path}/shop.db", "--query", "SELECT * FROM refund", "--json")
    assert done.returncode == 1, done.stderr
    assert pairs(json.loads(done.stdout)) == pairs(report(lab))


def test_columns_under_other_names_are_told_on_standard_error(lab, tmp_path):
    text = (lab / "records.csv").read_text()
    (tmp_path / "own.csv").write_text(text.replace("out_refund_no,", "Refund No,", 1))
    done = run("reconcile", "--refunds", *bills(lab), "--records", tmp_path / "own.csv", "--json")
    assert "out_refund_no = Refund No\n" in done.stderr and pairs(json.loads(done.stdout)) == pairs(report(lab))


def test_days_of_a_place(lab):
    """Counted as the bills count, nothing that is on the bill is counted on another day."""
    kinds = [one["kind"] for one in report(lab, "--timezone", "Asia/Shanghai")["differences"]]
    assert "day_boundary" not in kinds


@pytest.mark.parametrize("arguments,told", [
    ([], "there is no bill"),
    (["--refunds", "REFUNDS"], "there is nothing to compare the bills with"),
    (["--refunds", "/nonexistent.csv", "--records", "RECORDS"], "/nonexistent.csv could not be opened"),
    (["--refunds", "RECORDS", "--records", "RECORDS"], "is no refund bill"),
    (["--refunds", "REFUNDS", "--records", "REFUNDS/.."], "could not be opened"),
    (["--refunds", "REFUNDS", "--records", "RECORDS", "--timezone", "Asia/Nowhere"], "there is no time zone Asia/Nowhere"),
    (["--refunds", "REFUNDS", "--records", "RECORDS", "--days", "yesterday"], "--days is a day or two"),
    (["--refunds", "REFUNDS", "--records", "RECORDS", "--map", "/nonexistent"], "The map /nonexistent could not be opened"),
])
def test_trouble_ends_with_2_and_says_what_to_do(lab, arguments, told):
    names = {"REFUNDS": bills(lab)[0], "RECORDS": lab / "records.csv"}
    done = run("reconcile", *(str(names.get(word, word)).replace("REFUNDS", str(bills(lab)[0])) for word in arguments))
    assert done.returncode == 2 and told in done.stderr and done.stdout == ""


ROW = "X1,,,,1900000109,{amount},CNY,SUCCESS,{time},,,,\n"


def records(path, text, amount="1", time="2026-01-05T10:00:00+08:00"):
    header = "out_refund_no,refund_id,transaction_id,out_trade_no,sub_mchid,amount,currency,status,success_time,create_time,fee,a,b\n"
    path.write_bytes((header + text.format(amount=amount, time=time)).encode())
    return path


@pytest.mark.parametrize("text,told", [
    (ROW.replace("X1", "A\0B"), 'out_refund_no: "A" has a zero byte in it'),
    (ROW.replace("{amount}", "1000000000001"), "is no whole number of the smallest unit"),
    (ROW.replace("{time}", "\0" * 10), "is no time"),
    (ROW.replace("{amount}", "\x1b]0;title\x07\x9b2J"), 'amount: "?]0;title?'),
    ("LONG\n", "has a line of more than 1048576 bytes"),
])
def test_records_that_are_none(lab, tmp_path, text, told):
    done = run("reconcile", "--refunds", *bills(lab), "--records", records(tmp_path / "own.csv", text.replace("LONG", "X" * (3 << 20))))
    assert done.returncode == 2 and told in done.stderr and done.stdout == ""
    assert not any(letter in done.stderr for letter in "\x1b\x07\x9b\0")


@pytest.mark.parametrize("change,told", [
    (lambda text: text.encode("utf-16"), "Save it as CSV in UTF-8"),
    (lambda text: text.replace("\n", "\r").encode(), "carriage returns alone"),
])
def test_records_saved_otherwise_are_no_records(lab, tmp_path, change, told):
    (tmp_path / "own.csv").write_bytes(change((lab / "records.csv").read_text()))
    done = run("reconcile", "--refunds", *bills(lab), "--records", tmp_path / "own.csv")
    assert done.returncode == 2 and told in done.stderr


@pytest.mark.parametrize("text,told", [
    ('[{"out_refund_no":"X1","amount":1}', "was cut: the list of its 1 records has no end"),
    ('[{"out_refund_no":"X1","amount":1.5}]', '"1.5" is no whole number of the smallest unit'),
    ('[1]', "is no JSON from its record 1 on"),
])
def test_json_that_is_no_list_of_records(lab, tmp_path, text, told):
    (tmp_path / "own.json").write_text(text)
    done = run("reconcile", "--refunds", *bills(lab), "--records", tmp_path / "own.json")
    assert done.returncode == 2 and told in done.stderr


def test_a_report_is_not_written_over_what_is_compared(lab, tmp_path):
    own = tmp_path / "records.csv"
    shutil.copy(lab / "records.csv", own)
    for option in ("--csv", "--html"):
        done = run("reconcile", "--refunds", *bills(lab), "--records", own, option, own)
        assert done.returncode == 2 and "would be written over" in done.stderr
    assert own.read_bytes() == (lab / "records.csv").read_bytes()


@pytest.mark.parametrize("query,told", [
    ("VACUUM INTO '{}/copy.db'", "would change something"),
    ("DELETE FROM refund", "Nothing was compared"),
    ("CREATE TEMP TABLE x (y)", "would change something"),
    ("SELECT * FROM refund; SELECT 1", "a second statement"),
    ("ATTACH '{}/copy.db' AS other", "Nothing was compared"),
])
def test_a_query_reads(lab, tmp_path, query, told):
    with sqlite3.connect(tmp_path / "shop.db") as book:
        book.execute("CREATE TABLE refund (out_refund_no, amount)")
    done = run("reconcile", "--refunds", *bills(lab), "--records", f"sqlite:{tmp_path}/shop.db", "--query", query.format(tmp_path))
    assert done.returncode == 2 and told in done.stderr
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("address", ["postgresql://u:s3cret@[bad", "postgresql://u:s3cret@127.0.0.1:1/db?x=s3cret",
                                     "postgresql://u:s3cret@127.0.0.1:1?password=s3cret"])
def test_a_password_is_not_told(lab, address):
    done = run("reconcile", "--refunds", *bills(lab), "--records", address, "--query", "SELECT 1")
    assert done.returncode == 2 and "could not be read" in done.stderr and "s3cret" not in done.stderr


def test_a_bill_that_is_cut_is_no_bill(lab, tmp_path):
    shutil.copytree(lab, tmp_path / "lab")
    path = bills(tmp_path / "lab")[0]
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut, why in [(whole[:whole.rindex(b",`", 0, 2000)], "it has no summary"), (b"".join(lines[:3]), "it has no summary"),
                     (b"".join(lines[:2] + lines[3:]), "its lines add up to")]:
        path.write_bytes(cut)
        done = reconcile(tmp_path / "lab")
        assert done.returncode == 2 and done.stdout == "" and path.name in done.stderr and why in done.stderr
