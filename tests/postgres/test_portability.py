"""docs/portability.md names every word of SQL that the program says to PostgreSQL, and none that it does not."""

import os
import pathlib
import re
import subprocess

from pages import ROOT, section

PAGE = (ROOT / "docs" / "portability.md").read_text("utf-8")
BUILD = pathlib.Path(os.environ.get("FENZHANG_BUILD", pathlib.Path(os.environ["FENZHANG"]).parents[2] if "FENZHANG" in os.environ else ROOT / "build-debug"))
OWN = ROOT / "src" / "store" / "postgres"
NOT_SQL = {"FATAL", "PANIC", "WARNING", "UTF", "UTF8", "PGCOPY"}  # of the wire, in strings of that folder


def literals(source):
    """The strings of a C file, those that stand side by side as one."""
    bare = re.sub(r"/\*.*?\*/|^#include.*?$", "", source, flags=re.S | re.M)
    found = re.findall(r'(?:"(?:[^"\\]|\\.)*"\s*)+', bare)
    return ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', one)).replace('\\"', '"') for one in found]


def sql():
    """What is printed has strings in it that are no SQL; the store's own statements have some that are."""
    printed = subprocess.run([BUILD / "tests" / "unit" / "store" / "print-statements"], capture_output=True, text=True, check=True).stdout
    own = [text for path in sorted(OWN.glob("*.[ch]")) if path.name != "dialect.c" for text in literals(path.read_text("utf-8"))]
    return re.sub(r"'[^']*'", "''", printed) + "\n".join(own)


def words(text):
    """Keywords, which are written in capitals; functions; types of PostgreSQL's own; and the storage parameters of tables."""
    functions = set(re.findall(r"\b([a-z_]+[a-z0-9_]*)\(", text))  # a table has a space there
    parameters = {name for group in re.findall(r"\bWITH \(([^)]*)\)", text) for name in re.findall(r"(\w+) =", group)}
    types = set(re.findall(r"\bAS ([a-z]\w*[0-9])\)", text))
    return (set(re.findall(r"\b[A-Z][A-Z_]+\b", text)) | functions | parameters | types) - NOT_SQL


def named():
    rows = [row.split(" | ") for row in section(PAGE, "## What is used").splitlines() if row.startswith("| ") and not row.startswith(("| used", "| ---"))]
    assert len(rows) > 10 and {len(row) for row in rows} == {5}
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row[1])]


def test_the_sheet_names_what_the_statements_use_and_no_more():
    used, told = words(sql()), named()
    assert len(used) > 60 and {"SELECT", "BYTEA", "pg_xact_status", "fillfactor", "xid8"} <= used
    assert sorted(used - set(told)) == []
    assert sorted(set(told) - used) == []
    assert len(told) == len(set(told)), "a word has one place"
