"""Structs keep their places in memory: abi/layouts has what programs compiled into themselves, as no symbol of the library tells of requests
and answers. What grows at its end passes; what moves, changes, or cannot grow does not."""
import importlib.util
import os
import re
import shutil

import pytest

from conftest import ROOT

specification = importlib.util.spec_from_file_location("layouts", ROOT / "packaging" / "library" / "layouts.py")
layouts = importlib.util.module_from_spec(specification)
specification.loader.exec_module(layouts)

pytestmark = pytest.mark.skipif(
    shutil.which("abidw") is None and os.environ.get("FENZHANG_CLIENTS") != "must",
    reason="abidw is missing: install abigail-tools (script/bootstrap does) to compare structs with abi/layouts",
)


@pytest.fixture(scope="module")
def now(installation):
    return layouts.table([installation.include])


def test_structs_are_where_programs_know_them(now):
    found = layouts.breaks((ROOT / "abi" / "layouts").read_text("utf-8"), now)
    assert found == [], "Programs that were built before break. A new member comes at the end of a struct that grows; script/abi describes it"


def test_every_request_and_answer_is_described(installation):
    """Of each call the two structs that its function has."""
    kept = layouts.parsed((ROOT / "abi" / "layouts").read_text("utf-8"))
    calls = (installation.include / "fenzhang" / "calls.h").read_text("utf-8")
    named = set(re.findall(r"struct fz_\w+", calls))
    assert len(named) > 30 and named - set(kept) == set()


def test_what_stands_inside_answers_is_fixed(now):
    types = layouts.parsed(now)
    assert types["struct fz_timestamp"][0][1] == "fixed"  # in nearly all
    assert types["struct fz_refund_source"][0][1] == "fixed"  # a request's list
    assert types["struct fz_refund_answer"][0][1] == "fixed"  # also the items of fz_refunds_of_order_answer
    assert types["struct fz_refund_submit_request"][0][1] == types["struct fz_order_answer"][0][1] == "grows"


CHANGES = [
    # header, what stands there, what takes its place, and what is said of it
    ("refund.h", "(struct fz_refund_by_id_request \\{.*?)\\};", r"\1    const char *more;\n};", None),
    ("order.h", "(struct fz_order_answer \\{.*?)\\};", r"\1    int64_t more[8];\n};", None),
    ("refund.h", "(struct fz_refund_by_id_request \\{\n.*?\n)", r"\1    const char *more;\n", "struct fz_refund_by_id_request: was"),
    ("refund.h", "(struct fz_refund_source \\{.*?)\\};", r"\1    const char *more;\n};", "struct fz_refund_source stands inside others"),
    ("money.h", "int64_t rate;", "int32_t rate;", "struct fz_exchange_rate: was '8 rate int64_t'"),
    ("error.h", "FZ_CODE_NETWORK = 5", "FZ_CODE_NETWORK = 50", "enum fz_code: was '5 FZ_CODE_NETWORK'"),
    ("error.h", "(FZ_CODE_TRADE_OVERDUE = 164)", r"\1, FZ_CODE_MORE = 165", None),
    ("order.h", "struct fz_mark_request", "struct fz_remark_request", "struct fz_mark_request is gone"),
]


@pytest.mark.parametrize("header,there,then,said", CHANGES)
def test_a_change_is_told_from_growth(installation, tmp_path, now, header, there, then, said):
    include = shutil.copytree(installation.include, tmp_path / "include")
    path = include / "fenzhang" / header
    text, count = re.subn(there, then, path.read_text("utf-8"), count=1, flags=re.S)
    assert count == 1
    path.write_text(text)
    (include / "fenzhang" / "calls.h").write_text("")  # its functions are not what is looked at
    found = layouts.breaks(now, layouts.table([include]))
    assert (found == []) == (said is None) and (said is None or said in found[0]), found
