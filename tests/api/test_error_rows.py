"""The error tables of the four documents, row by row, against the program's own table (src/base/server/errors.def); and every row of that
table, on demand. In their own states the rows are met all over the scenarios: tests/declared looks whether each was."""

import json
import re
import subprocess

import pytest

import rows
from answers import refused
from client import NEGATIVE_TEST
from program import BINARY
from world import FUNDS, ORDER, PREFIXES, World

NOT_SIGNED_UP = "The merchant has not signed up for the overseas funds-distribution function."
WAITING = (
    "The merchant has enabled the funds-distribution function and is waiting for it to take effect. "
    "(In most cases, the function will take effect only on the next day.)"
)
PARENT_CHILD = "The merchant parent-child relationship does not exist. Initiate the request with the correct Sub-Merchant ID."

# (status, code, description) as the documents have them, to the full stop; what they cut off or misspell is mended.
BALANCE_AMOUNTS_AND_BILL = [
    # refundable-balance
    (400, "INVALID_REQUEST", "This order does not support ledger splitting"),
    (403, "NO_AUTH", NOT_SIGNED_UP),
    (403, "NO_AUTH", WAITING),
    (403, "NO_AUTH", PARENT_CHILD),
    # amounts
    (400, "INVALID_REQUEST", "The WeChat Pay transaction ID is inconsistent with that in the original command"),
    (403, "NO_AUTH", "The merchant has not signed the overseas funds-distribution product"),
    (
        403,
        "NO_AUTH",
        "The merchant has enabled the funds-distribution product and is waiting for it to take effect (Usually takes effect the "
        "next day)",
    ),
    (403, "NO_AUTH", "Confirm that the receiver is legally compliant before requesting funds-distribution"),
    (
        403,
        "NO_AUTH",
        "The parent-child relationship of the merchant does not exist. Please use correct sub-merchant ID to initiate the request",
    ),
    (
        500,
        "SYSTEM_ERROR",
        "The freeze process of the transaction funds specified by the merchant when initiating funds-distribution request has "
        "not been completed. Try again later",
    ),
    # refund bill
    (400, "NO_STATEMENT_EXIST", "The requested billing file does not exist."),
    (400, "STATEMENT_CREATING", "Generating the bill."),
]

# Query of a refund: the names of the document under /hk/v3; their newer spelling under /v3/global.
QUERY_REFUND = [
    (500, "SYSTEMERROR", "SYSTEM_ERROR", "Errors returned from the API"),
    (404, "REFUNDNOTEXIST", "RESOURCE_NOT_EXISTS", "Failed to view the refund order"),
    (400, "INVALID_TRANSACTIONID", "INVALID_REQUEST", "Invalid transaction_id"),
    (400, "PARAM_ERROR", "PARAM_ERROR", "Request parameter was not properly filled in as instructed."),
    (400, "APPID_NOT_EXIST", "APPID_NOT_EXIST", "APPID does not exist."),
    (404, "MCHID_NOT_EXIST", "MCH_NOT_EXISTS", "MCHID does not exist."),
    (405, "REQUIRE_POST_METHOD", "METHOD_NOT_ALLOWED", "Use post method."),
    (401, "SIGNERROR", "SIGN_ERROR", "Signature error"),
]


@pytest.mark.parametrize("status,code,description", BALANCE_AMOUNTS_AND_BILL)
def test_row_of_the_documents(status, code, description):
    wanted = (status, code, description)
    assert any((row.status, row.code, row.english) == wanted for row in rows.ROWS), wanted


@pytest.mark.parametrize("status,hk_code,code,description", QUERY_REFUND)
def test_row_of_the_refund_query(status, hk_code, code, description):
    wanted = (status, hk_code, code, description)
    assert any((row.status, row.hk_code, row.code, row.hk_english) == wanted for row in rows.ROWS), wanted


@pytest.mark.parametrize("status,code,_,description", QUERY_REFUND)
def test_a_code_of_the_refund_query_on_demand(world, institution, status, code, _, description):
    target = "/hk/v3/refunds/id/5"
    answer = world.client.get(institution.caller, target, institution.in_payment(), headers={NEGATIVE_TEST: code})
    assert refused(answer, status, code).json["message"] == description


@pytest.mark.parametrize(
    "number,code",
    [
        (270283348, "SIGN_ERROR"),
        (268512771, "ORDER_NOT_EXIST"),
        (268443704, "PARAM_ERROR"),
        (268443701, "NO_AUTH"),
        (268447845, "INVALID_REQUEST"),
        (268435461, "PARAM_ERROR"),
        (268498688, "PARAM_ERROR"),
        (88430113, "NOT_ENOUGH"),
    ],
)
def test_internal_numbers_of_the_vendor(number, code):
    assert {row.code for row in rows.ROWS if row.number == number} == {code}


@pytest.mark.parametrize("row", rows.ROWS, ids=lambda row: row.name)
def test_every_row_is_fit_to_be_sent(row):
    assert 400 <= row.status <= 599
    for code in (row.code, row.hk_code):
        assert re.fullmatch(r"[A-Z_]{1,32}", code), code
    for message in (row.english, row.hk_english, row.chinese):
        assert 1 <= len(message) <= 256
        assert all(ord(character) < 0x10000 for character in message), "beyond three bytes of UTF-8"
    assert row.english.isascii() and row.hk_english.isascii() and re.search(r"[一-鿿]", row.chinese)


def test_a_number_stands_for_one_reason():
    """NOT_ENOUGH has two balances, and S-AMT describes three reasons in words of its own; otherwise a number is one row's."""
    numbers = [row.number for row in rows.ROWS]
    assert {number for number in numbers if numbers.count(number) > 1} == {88430113, 290000202, 290000203, 268443701}
    for row in rows.ROWS:
        assert {other.code for other in rows.ROWS if other.number == row.number} == {row.code}


# ---- on demand ----

every_row = pytest.mark.parametrize("row", rows.ROWS, ids=lambda row: row.name)


def is_the_row(answer, row, target):
    assert refused(answer, row.status, row.code_for(target)).number == row.number
    assert answer.json["message"] == row.message_for(target)


@every_row
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_row_by_the_header(world, institution, row, prefix):
    target = f"{prefix}/refunds/out-refund-no/NONE0001"
    query = institution.in_payment()
    answer = world.client.get(institution.caller, target, query, headers={NEGATIVE_TEST: row.name})
    is_the_row(answer, row, target)


@every_row
@pytest.mark.parametrize("when", ["before", "after"])
def test_every_row_by_a_fault(world, institution, row, when):
    world.control.add_fault(error=row.name, when=when, count=1)
    world.client.on_demand = True
    try:
        is_the_row(world.balance(institution), row, "/v3/global/")
    finally:
        world.client.on_demand = False
        world.control.clear_faults()


def test_an_asked_for_error_in_chinese(world, institution):
    headers = {NEGATIVE_TEST: "REFUND_SHORT", "Accept-Language": "zh-CN"}
    answer = refused(world.client.get(institution.caller, "/v3/global/certificates", headers=headers), 403, "NOT_ENOUGH")
    assert "退款资金来源余额不足" in answer.json["message"]


# ---- what `fenzhang errors` says ----


def told(*options):
    return subprocess.run([str(BINARY), "errors", *options], capture_output=True, text=True, check=True).stdout


def test_the_command_tells_the_table():
    listed = json.loads(told("--json"))
    assert [
        (one["row"], one["status"], one["code"], one["hk_code"], one["number"], one["message"], one["message_zh"], one["when"])
        for one in listed
    ] == [(row.name, row.status, row.code, row.hk_code, row.number, row.english, row.chinese, row.when) for row in rows.ROWS]


def test_the_command_tells_how_to_reach_each():
    assert {one["row"] for one in json.loads(told("--json")) if "reach" not in one} == rows.ON_DEMAND_ONLY


def test_the_command_s_list_and_page_have_every_row():
    listed, page = told(), told("--markdown")
    for row in rows.ROWS:
        assert f"{row.name}: {row.status} " in listed and f"| `{row.name}` | {row.status} |" in page


def test_the_command_tells_one_refusal():
    """By its name, its status, a code (in either spelling, in small letters too), its number, or the Request-ID of an answer."""
    short = next(row for row in rows.ROWS if row.name == "REFUND_SHORT")
    asked = {
        "REFUND_SHORT": lambda row: row.name == "REFUND_SHORT",
        "not_enough": lambda row: row.code == "NOT_ENOUGH",
        "NOTENOUGH": lambda row: row.hk_code == "NOTENOUGH",
        "429": lambda row: row.status == 429,
        str(short.number): lambda row: row.number == short.number,
        f"08F78BB5-0000000A-{short.number}": lambda row: row.number == short.number,
    }
    for name, wanted in asked.items():
        names = [row.name for row in rows.ROWS if wanted(row)]
        assert [one["row"] for one in json.loads(told("--json", name))] == names != []
        assert re.findall(r"^(\w+): \d", told(name), re.M) == names
    both = json.loads(told("--json", "REFUND_SHORT", "NO_AUTH"))
    assert {one["code"] for one in both} == {"NOT_ENOUGH", "NO_AUTH"}


def test_the_command_tells_what_a_diagnosis_names():
    """As the log prints it: no refusal, but people look it up here."""
    means = "has the same JSON as the one sent, written differently"
    for name in ("BODY_RESERIALISED", "body_reserialised"):
        said = told(name)
        assert said.startswith("BODY_RESERIALISED: no refusal, but the mistake ") and means in said
    both = json.loads(told("--json", "BODY_RESERIALISED", "REFUND_SHORT"))
    assert [one.get("row") for one in both] == ["REFUND_SHORT", None]
    assert both[1]["mistake"] == "BODY_RESERIALISED" and means in both[1]["message"] and "同一JSON" in both[1]["message_zh"]
    for arguments, said in ((["BODY_RESERIALIZED"], "Did you mean BODY_RESERIALISED?"), (["--markdown", "BODY_RESERIALISED"], "no refusal has")):
        done = subprocess.run([str(BINARY), "errors", *arguments], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (2, "") and said in done.stderr


def test_a_refused_refund_of_a_marked_order_is_told_to_name_its_source(world, institution):
    """Waiting helps where a pool is short, not here: the words for it, and what they say works."""
    short = json.loads(told("--json", "REFUND_SHORT"))[0]
    assert "`amount.from`" in short["when"] and "FUNDS_REFUNDABLE_BALANCE" in short["reach"]
    order = world.paid(institution, 10_000, marked=True)
    world.distribute(order, 2_000)
    world.raise_advance_balance(institution, 2_000)
    number = world.number("R")
    assert world.refundable(order) == (7_988, 2_012)
    refused(world.refund(order, 10_000, number), 403, "NOT_ENOUGH")
    world.refunded(order, 10_000, number=number, sources=[(ORDER, 7_988), (FUNDS, 2_012)])


def test_a_refusal_that_is_not_there():
    done = subprocess.run([str(BINARY), "errors", "NOT_ENOUHG"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "") and "Did you mean NOT_ENOUGH?" in done.stderr


def control_calls():
    """(path, body) of every control call that the column "how to reach it" names."""
    calls = set()
    for one in json.loads(told("--json")):
        reach = one.get("reach", "").replace("`POST /receivers/ACCOUNT` or ", "").replace(", `{", " `{")
        calls |= set(re.findall(r"`POST (/\S+)` `(\{[^`]*\})`", reach))
    assert len(calls) >= 15
    return sorted(calls)


@pytest.mark.parametrize("path,body", control_calls(), ids=str)
def test_the_control_calls_that_it_names_are_taken(program, path, body):
    world = World(program())
    world.start_of_scenario()
    body = json.loads(body.replace("…", str(world.today())))
    order = world.paid(world.new_direct(), 1000, frozen=False)
    party = world.new_institution() if "penalised" in body else order.party
    world.control.post(path.replace("MCHID", party.sponsor).replace("OUT_TRADE_NO", order.out_trade_no), body)
