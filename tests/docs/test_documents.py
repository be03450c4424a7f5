"""What the documents point at is there: files, tests, refusals, links, options. Nothing here reads what the program answers; that is tests/api."""
import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIDELITY = ROOT / "docs" / "fidelity.md"
MANUAL = ROOT / "docs" / "fenzhang.1"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

STANDINGS = {"documented", "assumed", "contradictory"}
OWN_NUMBERS = 290000000  # from here on up

text = FIDELITY.read_text("utf-8")


# ---- fidelity.md, taken apart ----


def tables(page):
    """Each table as (cells of its header, rows of cells)."""
    found = []
    for line in page.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if header is None:
            header = cells
            found.append((header, []))
        elif set(line) <= set("|- "):
            continue
        else:
            found[-1][1].append(cells)
    return found


def columns(name, *others):
    """(row, its cell) of every table that has the column `name` (and the others)."""
    return [
        (row, row[header.index(name)])
        for header, rows in tables(text)
        if name in header and all(other in header for other in others)
        for row in rows
    ]


def spans(cell):
    return re.findall(r"`([^`]+)`", cell)


def source_names():
    """The short names of the section Sources."""
    (listed,) = [rows for header, rows in tables(text) if header == ["short", "what and where"]]
    return {name for row in listed for name in row[0].split(", ")}


def refusals():
    """(name, status, code, code under /hk/v3, number) of every row of errors.def."""
    definitions = (ROOT / "src" / "base" / "server" / "errors.def").read_text("utf-8")
    row = r'FZ_ROW\((\w+),\s*(\d+),\s*"(\w+)",\s*"(\w+)",\s*(\d+),'
    found = re.findall(row, definitions)
    assert len(found) == len(re.findall(r"^FZ_ROW\(", definitions, re.M)) > 50
    return found


def test_the_tables_are_read():
    assert len(tables(text)) >= 15
    assert len(columns("rule")) >= 150
    widths = {len(header) == len(row) for header, rows in tables(text) for row in rows}
    assert widths == {True}, [row for header, rows in tables(text) for row in rows if len(row) != len(header)]


# ---- files and tests ----


def test_every_file_exists():
    named = {span for _, cell in columns("code", "rule") for span in spans(cell)}
    assert len(named) > 40
    assert {name for name in named if not (ROOT / "src" / name).is_file()} == set()


def test_every_rule_names_its_code():
    assert [row[0] for row, cell in columns("code", "rule") if not spans(cell)] == []


def functions(path):
    """The test functions that are defined in a file, and in C also run."""
    source = path.read_text("utf-8")
    if path.suffix == ".py":
        return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    defined = set(re.findall(r"^static void (\w+)\(void \*\*\w+\)", source, re.M))
    return {name for name in defined if re.search(rf"\(\s*{name}\b[^;{{]*\),?", source.split("struct CMUnitTest", 1)[-1])}


def test_every_test_exists():
    named = {span for span in spans(text) if re.search(r"\w::\w", span)}
    assert len(named) > 150
    missing = set()
    for name in named:
        file, function = name.split("::")
        path = ROOT / "tests" / file
        if not path.is_file() or function not in functions(path):
            missing.add(name)
    assert missing == set()


def test_every_rule_names_its_test():
    assert [row[0] for row, cell in columns("test", "rule") if "::" not in cell] == []


# ---- standing and source ----


def test_every_standing_is_one_of_three():
    assert {cell for _, cell in columns("standing", "source")} == STANDINGS


def test_every_source_is_listed_and_used():
    known = source_names()
    assert {"S-BAL", "S-AMT", "S-RBILL", "S-RQ", "own"} <= known
    assert {name for _, cell in columns("source") for name in cell.split(", ")} == known


def test_our_own_choice_is_never_documented():
    assert [row[0] for row, cell in columns("source", "standing") if cell == "own" and "documented" in row] == []


# ---- refusals ----


def test_every_refusal_is_named():
    named = set(spans(text))
    assert {name for name, *_ in refusals()} - named == set()


def test_the_table_of_refusals_says_what_is_answered():
    listed = [[cell.strip("`") for cell in row[:5]] for row, _ in columns("row")]
    assert listed == [list(row) for row in refusals()]


def test_numbers_are_the_vendor_s_or_our_own():
    (listed,) = [rows for header, rows in tables(text) if header == ["number", "source", "rows"]]
    vendor = {(name, number) for number, _, names in listed for name in spans(names)}
    assert vendor == {(name, number) for name, _, _, _, number in refusals() if int(number) < OWN_NUMBERS}
    own = [int(number) for *_, number in refusals() if int(number) >= OWN_NUMBERS]
    assert f"| {min(own)} to {max(own)} | own |" in text


def program():
    named = os.environ.get("FENZHANG")
    if not named or not Path(named).exists():
        pytest.skip("FENZHANG names no program")
    return named


def test_the_page_of_refusals_is_the_program_s():
    """Rows were added or changed: make it anew with `fenzhang errors --markdown > docs/errors.md`."""
    printed = subprocess.run([program(), "errors", "--markdown"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == printed


def test_every_refusal_says_how_it_is_reached():
    """A line of src/base/server/reach.def each; without one it could only be asked for, and tests/api/rows.py lists those."""
    reached = set(re.findall(r"^FZ_REACH\((\w+),", (ROOT / "src" / "base" / "server" / "reach.def").read_text("utf-8"), re.M))
    listed = (ROOT / "tests" / "api" / "rows.py").read_text("utf-8").split("ON_DEMAND_ONLY = {", 1)[1].split("}", 1)[0]
    assert {name for name, *_ in refusals()} - reached == set(re.findall(r"\w+", listed))


# ---- files of the sources, in prose ----

NAMED_IN_PROSE = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCE_SPAN = re.compile(r"`((?:src|base|wire|store|book|spec|api|server|sandbox|client|cli)/[^`\s]*\.(?:c|h|def))`")


def sources_named(page):
    return SOURCE_SPAN.findall(page.read_text("utf-8"))


def test_sources_are_named_in_prose():
    """Else the pattern finds nothing, and the test below proves nothing."""
    assert len({name for page in NAMED_IN_PROSE for name in sources_named(page)}) > 100


@pytest.mark.parametrize("page", NAMED_IN_PROSE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_source_named_in_prose_exists(page):
    """As seen from the top of the tree or from src/, which is how the documents write them."""
    missing = [name for name in sources_named(page) if not any((ROOT / top / name).is_file() for top in (".", "src"))]
    assert missing == []


# ---- links ----


def anchor(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page):
    """The anchors of a page's headings, and those that it names itself."""
    prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", prose, re.M)} | set(re.findall(r'<a id="([\w-]+)">', prose))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_resolve(page):
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.S)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


# ---- the manual page ----


def test_the_manual_renders_without_a_warning():
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    command = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(MANUAL)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stderr) == (0, "")
    for heading in ("COMMANDS", "OPTIONS", "FILES", "EXIT STATUS", "SIGNALS", "EXAMPLES"):
        assert re.search(rf"^\W*{heading}", re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout), re.M), heading


def options_of_the_manual():
    """(short, long, argument) of the section OPTIONS."""
    section = MANUAL.read_text("utf-8").split(".SH OPTIONS", 1)[1].split("\n.SH ", 1)[0]
    tags = re.findall(r"^\.TP\n(.*)$", section, re.M)
    plain = [re.sub(r"\\f[BIR]", "", tag).replace("\\-", "-") for tag in tags]
    return {re.fullmatch(r"(?:(-\S), )?(--[a-z-]+)(?:=(\S+))?", tag).groups() for tag in plain}


def options_of_the_program(program):
    done = subprocess.run([program, "serve", "--help"], capture_output=True, text=True, check=True)
    return set(re.findall(r"^ +(?:(-\S), )?(--[a-z-]+)(?:=(\S+))?", done.stdout.split("\nExamples:\n")[0], re.M))


def test_the_manual_has_the_program_s_options():
    told = {tuple(part or "" for part in option) for option in options_of_the_manual()}
    assert len(told) > 10
    assert told == options_of_the_program(program())


# ---- the signature doctor ----


def test_every_mistake_is_told_to_integrators():
    defined = set(re.findall(r"^FZ_MISTAKE\((\w+),", (ROOT / "src" / "wire" / "doctor" / "mistakes.def").read_text("utf-8"), re.M))
    section = (ROOT / "docs" / "integrators.md").read_text("utf-8").split("### What it knows", 1)[1].split("\n## ", 1)[0]
    assert len(defined) > 60
    assert set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\bUNKNOWN\b", section)) == defined


def test_the_example_of_integrators_is_explained_as_printed(tmp_path):
    """The pasted request, asked with the certificate of the demo book."""
    page = (ROOT / "docs" / "integrators.md").read_text("utf-8")
    request = re.search(r"```http\n(.*?)```", page, re.S)[1]
    printed = re.search(r"`fenzhang explain --data data request.txt` prints\n\n```text\n(.*?)```", page, re.S)[1]
    options = ["--demo", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
    with subprocess.Popen([program(), "serve", *options], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline().startswith("ready ")
        server.terminate()
    done = subprocess.run([program(), "explain", "--data", tmp_path / "data"], input=request, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, printed)
