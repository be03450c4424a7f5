"""The page of `fenzhang reconcile --html`, looked at in a real browser."""
import json
import re

import pytest

import browser
from command import run

pytestmark = pytest.mark.plain  # a browser knows nothing of sanitizers

ONE = r"-?\d+(\.\d+)?"
AMOUNT = re.compile(rf"-?\d+\.\d\d|{ONE} [A-Z]{{3}}(, {ONE} [A-Z]{{3}})*")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    assert run("lab", "bills", "--refunds", 300, "--seed", 12, "--plant", "all=2", "--out", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def reconciled(lab):
    """(the page, the same report as JSON)"""
    page = lab / "report.html"
    done = run("reconcile", "--refunds", *sorted(lab.glob("refunds-*.csv")), "--records", lab / "records.csv", "--html", page, "--json")
    assert done.returncode == 1, done.stderr
    return page.read_bytes(), json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(reconciled):
    return browser.look(reconciled[0])


def test_the_browser_would_notice():
    """What the tests below say is not there: a page that fetches, needs a script, leads nowhere and is too wide."""
    page = b"""<!doctype html><title>x</title><script>document.title = "y"</script><img src="/picture"><style>@import "/style";</style>
        <a href="#nowhere">x</a><a href="#here">y</a><section id="here" style="width:4000px">here</section><table><tr><td>12.30 CNY</table>"""
    wanted = {"inline", "picture", "style"}
    for _ in range(5):  # it is told as the browser ends, and not waited for
        seen = browser.look(page)
        if {uri.rsplit("/", 1)[-1] for uri in seen["wanted"]} == wanted:
            break
    assert seen["title"] == "x" and {uri.rsplit("/", 1)[-1] for uri in seen["wanted"]} == wanted
    assert [link["shows"] for link in seen["links"]] == [False, True]
    assert seen["needs"] > seen["width"] and seen["cells"][0]["align"] == "start"


def test_nothing_is_fetched_and_no_script_is_needed(reconciled, seen):
    page = reconciled[0]
    assert seen["wanted"] == [] == seen["resources"]
    assert re.search(rb"<script|<link|<img|<iframe|\bon\w+=|https?:|url\(|@import|javascript:", page) is None


def test_it_stands_alone_as_text(reconciled, seen):
    report = reconciled[1]
    assert re.fullmatch(rf"Reconciliation {report['days']['first']} to {report['days']['last']}", seen["title"])
    assert f"in {len(report['differences'])} places" in seen["text"]
    assert len(seen["sections"]) == len(report["differences"]) == 30
    for section, difference in zip(seen["sections"], report["differences"]):
        assert section["height"] > 0
        assert difference["out_refund_no"] in section["text"] and difference["reason"] in section["text"]


def test_amounts_are_right_aligned(seen):
    """By their style, and where their last digit stands."""
    amounts = [cell for cell in seen["cells"] if not cell["head"] and re.fullmatch(AMOUNT, cell["text"])]
    assert len(amounts) > 300
    for cell in amounts:
        assert cell["align"] == "right" and cell["numerals"] == "tabular-nums", cell
        assert abs(cell["from_right"]) <= 1 and cell["lines"] <= 1, cell
    columns = {(cell["table"], cell["column"]) for cell in amounts}
    heads = [cell for cell in seen["cells"] if cell["head"] and (cell["table"], cell["column"]) in columns]
    assert heads and {cell["align"] for cell in heads} == {"right"}


def test_each_difference_leads_to_its_lines(reconciled, seen):
    assert len(seen["ids"]) == len(set(seen["ids"]))
    assert all(link["href"].startswith("#") and link["shows"] for link in seen["links"])
    targets = {link["href"]: link for link in seen["links"]}
    for section, difference in zip(seen["sections"], reconciled[1]["differences"]):
        assert section["links"], difference
        for href in section["links"]:
            file, line = re.fullmatch(r"(.+):(\d+)", targets[href]["text"]).groups()
            assert file in targets[href]["target"] and line in targets[href]["target"]


def test_the_lines_are_those_of_the_files(lab, seen):
    """Where a link says refunds-2026-01-20.csv:12, that line has the refund."""
    for section in seen["sections"]:
        number = re.search(r"RF\d{10}", section["text"])[0]
        for href in section["links"]:
            file, line = next(link["text"] for link in seen["links"] if link["href"] == href).rsplit(":", 1)
            assert number in (lab / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_it_fits_a_telephone(reconciled):
    """Wide tables scroll by themselves; the page does not."""
    seen = browser.look(reconciled[0], width=500)
    assert seen["width"] <= 500 and seen["needs"] <= seen["width"]


def test_it_is_printed(reconciled, tmp_path):
    sheets, texts = browser.print_pdf(reconciled[0], tmp_path / "report.pdf")
    assert 3 <= sheets <= 40 and texts > 500


def test_a_page_without_differences(lab, tmp_path):
    assert run("lab", "bills", "--refunds", 20, "--out", tmp_path / "lab").returncode == 0
    bills = sorted((tmp_path / "lab").glob("refunds-*.csv"))
    done = run("reconcile", "--refunds", *bills, "--records", tmp_path / "lab" / "records.csv", "--html", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    seen = browser.look((tmp_path / "report.html").read_bytes())
    assert "All agrees." in seen["text"] and seen["wanted"] == [] and all(link["shows"] for link in seen["links"])
