"""The error tables of the four documents, row by row, against the program's own table (src/base/errors.def)."""

import re

import pytest

import rows

NOT_SIGNED_UP = "The merchant has not signed up for the overseas funds-distribution function."
WAITING = (
    "The merchant has enabled the funds-distribution function and is waiting for it to take effect. "
    "(In most cases, the function will take effect only on the next day.)"
)
PARENT_CHILD = "The merchant parent-child relationship does not exist. Initiate the request with the correct Sub-Merchant ID."

BALANCE_AMOUNTS_AND_BILL = [
    # refundable-balance
    (400, "INVALID_REQUEST", "This order does not support ledger splitting"),
    (403, "NO_AUTH", NOT_SIGNED_UP),
    (403, "NO_AUTH", WAITING),
    (403, "NO_AUTH", PARENT_CHILD),
    # amounts (spelling mended)
    (400, "INVALID_REQUEST", "The WeChat Pay transaction ID is inconsistent with that in the original command"),
    (403, "NO_AUTH", "Confirm that the receiver is legally compliant before requesting funds-distribution"),
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
    (500, "SYSTEMERROR", "SYSTEM_ERROR", "System error"),
    (404, "REFUNDNOTEXIST", "RESOURCE_NOT_EXISTS", "Failed to view the refund order"),
    (400, "INVALID_TRANSACTIONID", "INVALID_REQUEST", "Invalid transaction_id"),
    (400, "PARAM_ERROR", "PARAM_ERROR", "Request parameter was not properly filled in as instructed"),
    (400, "APPID_NOT_EXIST", "APPID_NOT_EXIST", "APPID does not exist"),
    (404, "MCHID_NOT_EXIST", "MCH_NOT_EXISTS", "MCHID does not exist"),
    (405, "REQUIRE_POST_METHOD", "METHOD_NOT_ALLOWED", "Use post method"),
    (401, "SIGNERROR", "SIGN_ERROR", "Signature error"),
]


@pytest.mark.parametrize("status,code,description", BALANCE_AMOUNTS_AND_BILL)
def test_row_of_the_documents(status, code, description):
    wanted = (status, code, description.rstrip("."))
    assert any((row.status, row.code, row.english.rstrip(".")) == wanted for row in rows.ROWS), wanted


@pytest.mark.parametrize("status,hk_code,code,description", QUERY_REFUND)
def test_row_of_the_refund_query(status, hk_code, code, description):
    found = [
        row
        for row in rows.ROWS
        if (row.status, row.hk_code, row.code) == (status, hk_code, code) and row.english.startswith(description)
    ]
    assert found, f"{status} {hk_code} {description}"


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
    for message in (row.english, row.chinese):
        assert 1 <= len(message) <= 256
        assert all(ord(character) < 0x10000 for character in message), "beyond three bytes of UTF-8"
    assert row.english.isascii() and re.search(r"[一-鿿]", row.chinese)


def test_a_number_stands_for_one_reason():
    """NOT_ENOUGH has two balances, and S-AMT describes three reasons in words of its own; otherwise a number is one row's."""
    numbers = [row.number for row in rows.ROWS]
    assert {number for number in numbers if numbers.count(number) > 1} == {88430113, 290000202, 290000203, 268443701}
    for row in rows.ROWS:
        assert {other.code for other in rows.ROWS if other.number == row.number} == {row.code}
