"""The refund bill's link: GET /v3/global/profit-sharing/refunds/bill-download-url"""

import base64
import hashlib
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

import bills
import times
from answers import ok, refused, refused_parameter
from demo_book import DemoBook
from world import BALANCE_ARRIVAL, SHARING

NO_BILL = (400, "NO_STATEMENT_EXIST", "The requested billing file does not exist")
CREATING = (400, "STATEMENT_CREATING", "Generating the bill")


def refund_arrived(world, party, amount=1000):
    """A refund of a marked order that has arrived today."""
    refund = world.refunded(world.paid(party, amount), amount)
    world.forward(BALANCE_ARRIVAL)
    return refund


@pytest.fixture
def billed(world, party):
    """(party, day): the party has one bill, of yesterday; it is 10:00."""
    refund_arrived(world, party)
    day = world.today()
    world.to_next_morning()
    return party, day


# ---- the link ----


def test_the_demo_book_has_a_bill_and_a_day_without(demo, mode):
    party = demo.party(mode)
    assert ok(demo.refund_bill(party, demo["BILL_DATE"], sub_mchid=None))["download_url"]
    refused(demo.refund_bill(party, demo["EMPTY_BILL_DATE"], sub_mchid=None), *NO_BILL)


def test_the_answer_is_the_link_alone(world, billed):
    party, day = billed
    answer = ok(world.refund_bill(party, day))
    assert set(answer) == {"download_url"}
    assert 1 <= len(answer["download_url"]) <= 2048


def test_the_form_of_the_link(world, billed):
    """The path where client libraries accept an unsigned file; a token that survives being encoded again."""
    party, day = billed
    url = urlsplit(ok(world.refund_bill(party, day))["download_url"])
    assert f"{url.scheme}://{url.netloc}" == world.program.api
    assert url.path == "/v3/billdownload/file"
    assert list(parse_qs(url.query)) == ["token"]
    assert re.fullmatch(r"token=[0-9A-Za-z_-]+", url.query)


def test_the_link_leads_to_the_host_that_was_asked(world, billed):
    party, day = billed
    path = f"{SHARING}/refunds/bill-download-url"
    query = {**party.in_distribution(), "bill_date": str(day)}
    answer = world.client.get(party.caller, path, query, headers={"Host": "apihk.mch.weixin.qq.com"})
    assert ok(answer)["download_url"].startswith("http://apihk.mch.weixin.qq.com/v3/billdownload/file?token=")


def test_the_public_url_of_the_server_goes_before(program):
    book = DemoBook(program("--public-url", "https://pay.example.com", demo=True))
    answer = book.refund_bill(book.direct, book["BILL_DATE"])
    assert ok(answer)["download_url"].startswith("https://pay.example.com/v3/billdownload/file?token=")


def test_the_file_is_plain_text_without_signature(world, billed):
    party, day = billed
    target = bills.link_target(world.refund_bill(party, day))
    file = world.client.send(party.caller, "GET", target)
    assert file.status == 200
    assert file.header("Content-Type").startswith("text/plain")
    assert file.header("Wechatpay-Signature") is None
    assert file.body.startswith(bills.BYTE_ORDER_MARK)


def test_the_alias_carries_a_signature_over_the_file(world, billed):
    """answers.check verifies it, as it does on every answer that has to be signed."""
    party, day = billed
    target = bills.link_target(world.refund_bill(party, day))
    file = world.client.send(party.caller, "GET", target)
    alias = world.client.send(party.caller, "GET", target.replace("/v3/billdownload/file", "/v3/bill/downloadurl"))
    assert alias.status == 200
    assert base64.b64decode(alias.header("Wechatpay-Signature"))
    assert alias.body == file.body


def test_the_link_is_valid_for_30_seconds(world, billed):
    party, day = billed
    target = bills.link_target(world.refund_bill(party, day))
    for _ in range(2):
        assert world.client.send(party.caller, "GET", target).status == 200
    world.forward(seconds=29)
    assert world.client.send(party.caller, "GET", target).status == 200
    world.forward(seconds=2)
    refused(world.client.send(party.caller, "GET", target), 403, "INVALID_REQUEST", "valid for 30 seconds")


def test_the_link_belongs_to_the_one_who_asked(world, billed):
    party, day = billed
    target = bills.link_target(world.refund_bill(party, day))
    stranger = world.new_direct()
    refused(world.client.send(stranger.caller, "GET", target), 403, "NO_AUTH", "belongs to another merchant")
    refused(world.client.send(party.caller, "GET", target, signed=False), 401, "SIGN_ERROR")


def test_a_link_that_was_not_issued(world, billed):
    party, day = billed
    target = bills.link_target(world.refund_bill(party, day))
    path, token = target.split("?token=")
    middle = len(token) // 2
    wrong = "A" if token[middle] != "A" else "B"
    for forged in (token[:middle] + wrong + token[middle + 1 :], token[:-1], token + "A", "A" * 300, "x"):
        answer = world.client.send(party.caller, "GET", f"{path}?token={forged}")
        refused(answer, 403, "INVALID_REQUEST", "download link is not valid")
    refused_parameter(world.client.send(party.caller, "GET", path), "token", "query")


def test_the_log_does_not_tell_the_token(world, billed):
    party, day = billed
    target = bills.link_target(world.refund_bill(party, day))
    world.client.send(party.caller, "GET", target)
    assert target.split("token=")[1] not in world.program.log_text()


# ---- the file, made again ----


def test_the_file_is_the_same_whenever_it_is_made(world, billed):
    party, day = billed
    first = bills.download(world.client, party.caller, world.refund_bill(party, day))
    for made in (world.program.data / "bills").rglob("*"):
        if made.is_file():
            made.unlink()
    world.forward(days=20)
    second = bills.download(world.client, party.caller, world.refund_bill(party, day))
    assert hashlib.sha256(second).digest() == hashlib.sha256(first).digest()


# ---- which day, and when ----


def test_a_day_is_out_from_10_on_the_next(world, party):
    refund_arrived(world, party)
    day = world.today()
    refused(world.refund_bill(party, day), *CREATING)
    ten = times.at(day + timedelta(days=1))
    for moment in (ten - timedelta(hours=10), ten - timedelta(seconds=1)):
        world.to(moment)
        refused(world.refund_bill(party, day), *CREATING)
    world.to(ten)
    ok(world.refund_bill(party, day))


def test_an_empty_day_is_not_known_to_be_empty_before_10(world, mode):
    party = world.new_party(mode)
    day = world.today()
    refused(world.refund_bill(party, day), *CREATING)
    ten = times.at(day + timedelta(days=1))
    world.to(ten - timedelta(seconds=1))
    refused(world.refund_bill(party, day), *CREATING)
    world.to(ten)
    refused(world.refund_bill(party, day), *NO_BILL)


def test_tomorrow_has_no_bill(world, party):
    tomorrow = world.today() + timedelta(days=1)
    refused_parameter(world.refund_bill(party, tomorrow), "bill_date", "query", str(tomorrow))


def test_bills_of_the_last_90_days(world, billed):
    party, day = billed
    world.to(times.at(day + timedelta(days=90), "23:59:59"))
    ok(world.refund_bill(party, day))
    world.forward(seconds=1)
    refused(world.refund_bill(party, day), 400, "NO_STATEMENT_EXIST", "The requested billing file does not exist. Its date has expired: bills within 90 days")


@pytest.mark.parametrize(
    "bill_date",
    [
        "",
        "2026-1-05",
        "20260105",
        "2026-01-5",
        "2026-02-30",
        "2026-13-01",
        "2026/01/05",
        "2026-01-05T",
        "yesterday!",
        "-026-01-05",
    ],
)
def test_the_form_of_bill_date(world, party, bill_date):
    refused_parameter(world.refund_bill(party, bill_date), "bill_date", "query", bill_date)


def test_bill_date_is_required(world, party):
    refused_parameter(world.refund_bill(party, None, bill_date=None), "bill_date", "query")


# ---- whose bill ----


def test_an_institution_s_bill_has_all_its_children(world):
    first = world.new_institution()
    second = world.new_child(first)
    third = world.new_child(first)
    refunds = {party.sub_mchid: refund_arrived(world, party)["id"] for party in (first, second)}
    day = world.today()
    world.to_next_morning()

    def ids(sub_mchid):
        answer = world.refund_bill(first, day, sub_mchid=sub_mchid)
        bill = bills.parse(bills.download(world.client, first.caller, answer))
        return sorted(line["Wechat refund number(refund_id)"] for line in bill.lines)

    assert ids(None) == sorted(refunds.values())
    assert ids(first.sub_mchid) == [refunds[first.sub_mchid]]
    assert ids(second.sub_mchid) == [refunds[second.sub_mchid]]
    refused(world.refund_bill(third, day), *NO_BILL)


def test_another_merchant_s_refunds_are_not_in_it(world, mode):
    refund_arrived(world, world.party("institution"))
    refund_arrived(world, world.party("direct"))
    stranger = world.new_party(mode)
    day = world.today()
    world.to_next_morning()
    refused(world.refund_bill(stranger, day), *NO_BILL)


def test_no_child_of_the_caller(world, institution, direct):
    stranger = world.new_institution()
    day = world.today() - timedelta(days=1)
    for party in (institution, direct):
        answer = world.refund_bill(party, day, sub_mchid=stranger.sub_mchid)
        refused(answer, 403, "NO_AUTH", "parent-child relationship does not exist")


@pytest.mark.parametrize("sub_mchid", ["", "1" * 33])
def test_the_length_of_sub_mchid(world, institution, sub_mchid):
    answer = world.refund_bill(institution, world.today(), sub_mchid=sub_mchid)
    refused_parameter(answer, "sub_mchid", "query", sub_mchid)


def test_a_sub_merchant_that_does_not_exist(world, institution):
    refused(world.refund_bill(institution, world.today(), sub_mchid="1000000001"), 403, "NO_AUTH", "parent-child relationship")


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    refused(world.refund_bill(party, world.today()), 403, "NO_AUTH", "has not signed up")


def test_the_contract_takes_effect_on_the_next_day(world, mode):
    today = world.today()
    party = world.new_party(mode, contract_date=str(today))
    tomorrow = times.midnight(today + timedelta(days=1))
    world.to(tomorrow - timedelta(seconds=1))
    refused(world.refund_bill(party, today), 403, "NO_AUTH", "waiting for it to take effect")
    world.to(tomorrow)
    refused(world.refund_bill(party, today), *CREATING)
