"""The Chinese pages say what the English ones say: the same sections, the same code, the same numbers and names. What is wanted of a translation's words is for readers to
judge; that nothing is left out when an English page changes is judged here."""

import re
import subprocess

import pytest

from test_documents import ROOT, anchor, program, tables

PAIRS = [
    ("README.md", "README.zh-CN.md"),
    ("docs/integrators.md", "docs/zh/integrators.md"),
    ("docs/finance.md", "docs/zh/finance.md"),
    ("docs/c.md", "docs/zh/c.md"),
    ("docs/cli.md", "docs/zh/cli.md"),
    ("docs/local.md", "docs/zh/local.md"),
    ("docs/clients.md", "docs/zh/clients.md"),
    ("docs/snapshots.md", "docs/zh/snapshots.md"),
    ("docs/reconcile.md", "docs/zh/reconcile.md"),
    ("docs/installing.md", "docs/zh/installing.md"),
    ("docs/worlds.md", "docs/zh/worlds.md"),
    ("docs/containers.md", "docs/zh/containers.md"),
    ("docs/operators.md", "docs/zh/operators.md"),
    ("docs/operations.md", "docs/zh/operations.md"),
    ("docs/portability.md", "docs/zh/portability.md"),
]
CODE = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)
COMMENT = re.compile(r"(^|\s+)(# .*|/\*.*?\*/)$", re.M)


@pytest.fixture(params=PAIRS, ids=lambda pair: pair[0])
def pair(request):
    return [(ROOT / name).read_text("utf-8") for name in request.param]


def prose(page):
    return CODE.sub("", page)


def english_sections(page):
    """The text behind each heading, by its anchor; what stands above them is ""."""
    parts = re.split(r"^##+ (.+)$", prose(page), flags=re.M)
    return {"": parts[0], **{anchor(name): text for name, text in zip(parts[1::2], parts[2::2])}}


def chinese_sections(page):
    """The same; a Chinese heading has the anchor of the English one in the line above it."""
    parts = re.split(r'^<a id="([\w-]+)"></a>\n##+ .+$', prose(page), flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def test_every_section_has_its_counterpart(pair):
    """In the same order. A list with what is missing, or too much, says it all."""
    english, chinese = pair
    assert list(chinese_sections(chinese)) == list(english_sections(english))
    headings = [re.findall(r"^(##+) ", prose(page), re.M) for page in pair]
    assert headings[0] == headings[1]


def code(page):
    """Its blocks without what is said in comments."""
    return [(kind, COMMENT.sub("", content)) for kind, content in CODE.findall(page)]


def test_code_is_the_same_but_for_comments(pair):
    english, chinese = map(code, pair)
    assert len(english) > 1 or "```" not in pair[0]
    assert chinese == english


def names(text):
    """What stands in backquotes, and WORDS_LIKE_THIS."""
    return set(re.findall(r"`([^`\n]+)`", text)) | set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", text))


def numbers(text):
    """Of two digits and more. 5 000 is one."""
    bare = re.sub(r"`[^`\n]+`|\]\([^)]*\)", " ", text)
    return set(re.findall(r"\d[\d.]*\d(?: \d{3}\b)*", bare))


@pytest.mark.parametrize("what", [names, numbers], ids=["names", "numbers"])
def test_names_and_numbers_of_a_section_are_in_its_counterpart(pair, what):
    english, chinese = english_sections(pair[0]), chinese_sections(pair[1])
    missing = {section: what(text) - what(chinese.get(section, "")) for section, text in english.items()}
    assert {section: left for section, left in missing.items() if left} == {}


def test_tables_have_the_same_rows(pair):
    english, chinese = ([(len(header), len(rows)) for header, rows in tables(prose(page))] for page in pair)
    assert chinese == english


def test_each_leads_to_the_other():
    for english, chinese in PAIRS:
        ways = [re.match(r"English \| \[简体中文\]\((\S+)\)\n", (ROOT / english).read_text("utf-8"))]
        ways.append(re.match(r"\[English\]\((\S+)\) \| 简体中文\n", (ROOT / chinese).read_text("utf-8")))
        assert all(ways), english
        assert ((ROOT / english).parent / ways[0][1]).resolve() == ROOT / chinese
        assert ((ROOT / chinese).parent / ways[1][1]).resolve() == ROOT / english


def test_punctuation_is_chinese(pair):
    """A comma, semicolon, colon or full stop of the Latin alphabet behind a Chinese letter is a slip."""
    bare = re.sub(r"`[^`\n]+`", "`", prose(pair[1]))
    assert re.findall(r".{0,12}[\u4e00-\u9fff][,;:?!.](?:\s.{0,12}|$)", bare, re.M) == []


# ---- what every bill has, in both languages ----

FORMS = {"refunds.c": 20, "distributions.c": 17, "trades.c": 38}


def columns_of(file, block):
    """The columns of a bill's block, "LINE" or "TOTAL", as the program's table has them."""
    text = (ROOT / "src/spec/bill" / file).read_text("utf-8")
    return re.findall(rf'^    {block}\((?:\w+, )+"([^"]*)"', text, re.M)


@pytest.mark.parametrize("page", PAIRS[2])
def test_finance_tells_every_column_and_every_summary(page):
    text = (ROOT / page).read_text("utf-8")
    numbered = [rows for header, rows in tables(text) if header[0] == "#"]
    assert [covered(rows) for rows in numbered] == [list(range(1, count + 1)) for count in FORMS.values()]
    for file in ("refunds.c", "distributions.c"):
        told = numbered[list(FORMS).index(file)]
        assert ", ".join(row[1] for row in told).split(", ") == columns_of(file, "LINE")
    summaries = {row[1] for _, rows in tables(text) for row in rows}
    for file, count in FORMS.items():
        assert len(columns_of(file, "LINE")) == count
        assert ", ".join(columns_of(file, "TOTAL")) in summaries


def covered(rows):
    """The numbers of the first cells: "3, 4", "2 to 9"."""
    found = []
    for first, *_ in rows:
        ends = [int(number) for number in re.findall(r"\d+", first)]
        found += range(ends[0], ends[1] + 1) if re.search("to|至", first) else ends
    return found


# ---- what the README names ----


@pytest.mark.parametrize("page", PAIRS[0])
def test_the_readme_names_ports_and_options_that_are_the_program_s(page):
    sections = english_sections if page == "README.md" else chinese_sections
    text = sections((ROOT / page).read_text("utf-8"))["two-commands"]
    told = subprocess.run([program(), "serve", "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    assert options >= {"--listen", "--control", "--tls", "--proxy", "--limits", "--seed", "--data"}
    assert {option for option in options if not re.search(rf"{option}\b", told)} == set()
    for port in ("127.0.0.1:8080", "127.0.0.1:8081"):
        assert port in text and port in told
