"""What interface.md promises of the demo book and of demo.env"""

import re
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import times
from answers import ok
from book import book_rows
from demo_book import DemoBook
from world import APPID

BOTH = ["MCHID", "SERIAL_NO", "PRIVATE_KEY_PEM", "CERTIFICATE_PEM", "APIV3_KEY", "PLATFORM_SERIAL_NO", "PLATFORM_CERT_PEM", "APPID"]
NUMBERS = ["TRANSACTION_ID", "OUT_TRADE_NO", "REFUND_ID", "OUT_REFUND_NO", "MARKED_TRANSACTION_IDS", "MARKED_OUT_TRADE_NOS"]
ONCE = ["BASE_URL", "CONTROL_URL", "SUB_MCHID", "OTHER_SUB_MCHID", "BILL_DATE", "EMPTY_BILL_DATE"]


def test_the_names_in_demo_env(demo):
    wanted = ONCE + BOTH + NUMBERS
    wanted += [f"DIRECT_{name}" for name in BOTH + NUMBERS]
    assert [name for name in wanted if not demo.environment.get(name)] == []


def test_a_shell_can_read_it(demo):
    for line in (demo.program.data / "demo.env").read_text().splitlines():
        assert re.fullmatch(r"[A-Z0-9_]+=[^\s'\"$`\\;&|<>()]*|#.*|", line), line


def test_the_documents_own_numbers(demo):
    assert (demo["MCHID"], demo["SUB_MCHID"]) == ("1900000100", "1900000109")
    assert demo["TRANSACTION_ID"] == "4208450740201411110007820472"
    assert demo["REFUND_ID"] == demo["OUT_REFUND_NO"] == "1217752501201407033233368018"


def test_the_urls(demo):
    assert (demo["BASE_URL"], demo["CONTROL_URL"]) == (demo.program.api, demo.program.control)


def test_numbers_are_letters_and_digits(demo, mode):
    assert re.fullmatch(r"[0-9A-Za-z]+", demo.of(mode, "OUT_REFUND_NO"))
    for name in ("MCHID", "SUB_MCHID", "OTHER_SUB_MCHID", "DIRECT_MCHID"):
        assert re.fullmatch(r"[0-9]{8,32}", demo[name])
    assert len({demo["MCHID"], demo["SUB_MCHID"], demo["OTHER_SUB_MCHID"], demo["DIRECT_MCHID"]}) == 4


def test_keys_and_certificates(demo, mode):
    key = load_pem_private_key(Path(demo.of(mode, "PRIVATE_KEY_PEM")).read_bytes(), None)
    certificate = x509.load_pem_x509_certificate(Path(demo.of(mode, "CERTIFICATE_PEM")).read_bytes())
    assert certificate.public_key().public_numbers() == key.public_key().public_numbers()
    assert key.key_size == 2048
    assert format(certificate.serial_number, "040X") == demo.of(mode, "SERIAL_NO")
    assert re.fullmatch(r"[1-9A-F][0-9A-F]{39}", demo.of(mode, "SERIAL_NO"))
    assert len(demo.of(mode, "APIV3_KEY")) == 32
    assert demo.of(mode, "APIV3_KEY").encode() == demo.party(mode).caller.apiv3_key
    assert (certificate.not_valid_before.year, certificate.not_valid_after.year) == (2020, 2049)


def test_the_platform_certificate_signs_the_answers(demo, mode):
    certificate = x509.load_pem_x509_certificate(Path(demo.of(mode, "PLATFORM_CERT_PEM")).read_bytes())
    answer = demo.balance(demo.party(mode))
    assert answer.header("Wechatpay-Serial") == format(certificate.serial_number, "040X") == demo.of(mode, "PLATFORM_SERIAL_NO")


def test_the_marked_orders_are_all_that_the_book_has(demo, mode):
    """By both numbers, side by side. An order that is not in the list would stand in the statement as an unmarked one."""
    ids, numbers = (demo.of(mode, name).split(",") for name in ("MARKED_TRANSACTION_IDS", "MARKED_OUT_TRADE_NOS"))
    rows = book_rows(demo.program, "SELECT transaction_id, out_trade_no, marked FROM payment"
                     " WHERE caller = ? AND transaction_id LIKE '42084507402014%'", demo.of(mode, "MCHID"))
    assert sorted(rows) == sorted((*pair, 1) for pair in zip(ids, numbers, strict=True))
    assert demo.of(mode, "TRANSACTION_ID") in ids


def test_the_appid_is_the_one_of_every_order_here(demo, mode):
    assert demo.of(mode, "APPID") == APPID


def test_what_is_left_to_distribute(demo):
    assert ok(demo.amounts_of("institution"))["unsplit_amount"] == 1000
    assert ok(demo.amounts_of("direct"))["unsplit_amount"] > 0


def test_the_advance_balance(demo):
    assert demo.advance_balance(demo.institution) == 1000


def test_the_balance_is_gone_tomorrow(program):
    book = DemoBook(program(demo=True))
    book.start_of_scenario()
    book.to_next_morning()
    assert book.advance_balance(book.institution) == 0


def check_order_and_refund(demo, mode):
    party = demo.party(mode)
    order = ok(demo.order_by_id(party, demo.of(mode, "TRANSACTION_ID")))
    assert order["out_trade_no"] == demo.of(mode, "OUT_TRADE_NO")
    refund = ok(demo.refund_by_id(party, demo.of(mode, "REFUND_ID")))
    assert refund["out_refund_no"] == demo.of(mode, "OUT_REFUND_NO")
    assert refund["status"] in ("SUCCESS", "PROCESSING")


def test_the_order_and_the_refund(demo, mode):
    check_order_and_refund(demo, mode)


def check_bill_dates(demo):
    now = demo.now()
    out = now.date() - timedelta(days=1 if now.hour >= 10 else 2)
    assert demo["BILL_DATE"] == str(out)
    assert demo["EMPTY_BILL_DATE"] == str(out - timedelta(days=1))


def test_the_bill_dates(demo):
    check_bill_dates(demo)


def check_bills(demo, mode):
    assert ok(demo.refund_bill(demo.party(mode), demo["BILL_DATE"], sub_mchid=None))
    empty = demo.refund_bill(demo.party(mode), demo["EMPTY_BILL_DATE"], sub_mchid=None)
    assert empty.json["code"] == "NO_STATEMENT_EXIST"


def test_the_bills(demo, mode):
    """The files' cells are looked at in test_refund_bill_file."""
    check_bills(demo, mode)


def test_the_book_balances(demo):
    demo.control.audit()


def check_a_story_that_ends_now(book):
    assert abs(book.now() - datetime.now(times.BEIJING)) < timedelta(minutes=1)
    assert book.control.clock()["frozen"] is False
    assert book.advance_balance(book.institution) == 1000
    assert ok(book.amounts_of("institution"))["unsplit_amount"] == 1000
    check_bill_dates(book)
    for mode in ("institution", "direct"):
        check_bills(book, mode)
        check_order_and_refund(book, mode)
    book.control.audit()


def test_by_the_real_clock(program):
    """Without a seed the story ends now."""
    times.by_the_real_clock(lambda: check_a_story_that_ends_now(DemoBook(program(demo=True, seed=None))))


def test_an_existing_book_is_opened_as_it_is(program):
    running = program(demo=True)
    book = DemoBook(running)
    book.start_of_scenario()
    order = book.paid(book.direct, 1234)
    now = book.now()
    running.stop()
    running.start()
    again = DemoBook(running)
    assert again.now() == now
    assert again.unsplit(order) == 1227  # fee 7.404
    assert again.direct.caller.serial_no == book.direct.caller.serial_no


def test_the_tour_of_the_four_documents(demo, mode):
    """What a newcomer asks first, with nothing but demo.env."""
    party = demo.party(mode)
    ok(demo.balance(party))
    ok(demo.amounts_of(mode))
    ok(demo.refund_bill(party, demo["BILL_DATE"], sub_mchid=None))
    for prefix in ("/v3/global", "/hk/v3"):
        ok(demo.refund_by_id(party, demo.of(mode, "REFUND_ID"), prefix))
        ok(demo.refund_by_number(party, demo.of(mode, "OUT_REFUND_NO"), prefix))
