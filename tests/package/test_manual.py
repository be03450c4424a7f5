"""Section 3 of the manual, as it is installed: a page for every call, one that names everything else, and all of them render without a warning."""
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, run


@pytest.fixture(scope="module")
def pages(installation):
    found = {path.name.removesuffix(".3"): path for path in installation.root.rglob("man3/*.3")}
    assert "fenzhang" in found
    return found


@pytest.fixture(scope="module")
def calls(installation):
    """{name: the text of its declaration and body}"""
    text = (installation.include / "fenzhang" / "calls.h").read_text("utf-8")
    return {part.split("(")[0]: part for part in text.split("static inline int ")[1:]}


def functions_of(header):
    return set(re.findall(r"^FZ_API [^(;]*?\b(fz_\w+)\(", (ROOT / "include" / "fenzhang" / header).read_text("utf-8"), re.M))


def is_alias(path):
    return path.read_text("utf-8").startswith(".so ")


def rendered(path):
    command = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
    assert (done.returncode, done.stderr) == (0, ""), path.name
    return re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)


def test_every_call_has_a_page_and_no_other_has(pages, calls, installation):
    """Those of the API that answer files have no function of their own; those that read files are beside them."""
    (program,) = installation.root.rglob("bin/fenzhang")
    described = json.loads(run(program, "openapi"))
    every = {"fz_" + re.sub(r"[-_]\d+$", "", call["operationId"]).replace("-", "_") for path in described["paths"].values() for call in path.values()}
    files = {"fz_bill_file", "fz_statement"}
    assert len(calls) > 30 and every == set(calls) | files
    assert set(pages) - {"fenzhang"} == set(calls) | files | functions_of("bill_file.h")


def test_functions_that_share_a_page_are_named_on_it(pages):
    aliases = {name: path for name, path in pages.items() if is_alias(path)}
    assert len(aliases) > 5
    for name, path in aliases.items():
        shared = re.fullmatch(r"\.so man3/(\w+)\.3\n", path.read_text("utf-8"))[1]
        text = pages[shared].read_text("utf-8")
        (named,) = re.findall(r"^\.SH NAME\n(.*) \\- ", text, re.M)
        assert name in named.split(", ") and f"{name}(" in text.split(".SH DESCRIPTION")[0]


def test_a_file_s_columns_are_on_its_page(pages):
    """Document 3.1.6 and S-RBILL, as they are spelt there."""
    statement, bills = (pages[name].read_text("utf-8") for name in ("fz_statement", "fz_bill_file"))
    assert '"Transaction time"' in statement and '"Official Account ID"' in statement
    assert '"Wechat refund number(refund_id)"' in bills and "fz_distribution_bill_summary" in bills


def test_every_page_renders_without_a_warning(pages):
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    for name, path in pages.items():
        if is_alias(path):
            continue
        text = rendered(path)
        for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"):
            assert re.search(rf"^{heading}$", text, re.M), (name, heading)


def test_every_page_says_what_the_header_says(pages, calls):
    """How it is declared, by which name fz_call makes it, and that the file it refers to is there."""
    for name, declared in calls.items():
        text = pages[name].read_text("utf-8").replace("\\-", "-")
        for one in re.findall(r"const struct \w+ \*request|struct \w+ \*\*answer", declared.split("{")[0]):
            assert one in text, name
        (called,) = re.findall(r'fz_call\(client, "([\w-]+)"', declared)
        assert rf"\(dq{called}\(dq" in text, name
    for path in pages.values():
        referred = re.findall(r"^\.BR (fz_\w+) \(3\)", path.read_text("utf-8"), re.M)
        assert set(referred) <= set(pages), path.name


def test_a_page_has_all_members(pages):
    """Of a struct that the page of the vendor's document describes in the same words: include/fenzhang/refund.h."""
    text = pages["fz_refund_submit"].read_text("utf-8")
    for member in ("out_refund_no", "amount.refund", "amount.from[].fund_source", "amount.exchange_rate.rate", "detail[].promotion_id"):
        assert f'"{member}"' in text
    assert "Required in Institutional mode." in text and "At most 64 characters." in text


def test_the_overview_names_every_other_function(pages):
    text = pages["fenzhang"].read_text("utf-8")
    for header in (ROOT / "include" / "fenzhang").glob("*.h"):
        for name in re.findall(r"^FZ_API [^(;]*?\b(fz_\w+)\(", header.read_text("utf-8"), re.M):
            assert re.search(rf"\b{name}\b", text), f"docs/fenzhang.3 does not name {name} of {header.name}"


# ---- section 1: the commands ----


def test_every_command_has_a_page(installation):
    """A page a command, or a group; its options and examples are those of its help."""
    pages = {path.name.removesuffix(".1"): path for path in installation.root.rglob("man1/fenzhang-*.1")}
    program = next(installation.root.rglob("bin/fenzhang"))
    help = run(program, "help")
    names = set(re.findall(r"^  ([\w-]+) +\S", help, re.M)) - {"fenzhang"}
    assert set(pages) == {f"fenzhang-{name}" for name in names}
    for name in ("refund", "serve", "call", "config", "bill"):
        page = rendered(pages[f"fenzhang-{name}"])
        assert f"fenzhang {name}" in page and "EXIT STATUS" in page
    refund = rendered(pages["fenzhang-refund"])
    assert "--from-balance=AMOUNT" in refund and "fenzhang refund submit [OPTION]... NUMBER" in refund


def test_the_shells_find_their_scripts(installation):
    bash, zsh = installation.root.rglob("bash-completion/completions/fenzhang"), installation.root.rglob("zsh/site-functions/_fenzhang")
    assert "complete " in next(bash).read_text() and next(zsh).read_text().startswith("#compdef fenzhang")
