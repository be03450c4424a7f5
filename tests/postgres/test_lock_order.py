"""Whatever a book's writes lock, they lock in one order, so nobody waits for somebody who waits for him: the order's row, then pools by kind, day
and slot, and behind a pool nothing."""

from datetime import timedelta

import pytest

from answers import ok, refused
from demo_book import DemoBook
from lock_trace import ALONE, ORDER, POOL, REVERSAL, faults_of, traced
from program import POSTGRES, Program
from world import BALANCE_ARRIVAL, FUNDS, ORDER as OWN

ADD = "UPDATE pool SET balance = balance + $1 WHERE sponsor = $2 AND kind = $3 AND day = $4 AND slot = $5"


def live(book):
    """All that moves money: paid, distributed, refunded out of each source, arrived, closed, abnormal, reversed, released."""
    book.start_of_scenario()
    for party in (book.institution, book.direct):
        yesterday = book.paid(party, 8000)
        book.send_outbound(yesterday, 5000)
        book.to_next_morning()
        order = book.paid(party, 10000)
        book.send_outbound(order, 4000)
        book.refunded(order, 4500, sources=[(OWN, 3500), (FUNDS, 1000)])
        closed = book.refunded(yesterday, 300, sources=[(FUNDS, 300)])  # out of today's pool, where another order has put it
        book.control.set_outcome(closed["id"], "REFUNDCLOSE")
        refused(book.refund(yesterday, 4000, book.number("R"), sources=[(FUNDS, 4000)]), 403)
        sales = [book.paid(party, 500, marked=False) for _ in range(3)]
        book.refunded(sales[0], 500)
        book.refunded(sales[1], 200)
        back = book.refunded(sales[2], 400)
        book.control.set_outcome(back["id"], "REFUNDCLOSE")
        book.unfreeze(book.paid(party, 700))
        book.control.recharge(party.sponsor, 100000)
        book.forward(BALANCE_ARRIVAL + timedelta(hours=1))
    number = book.number("C")
    ok(book.by_code(book.institution, number, 900, book.auth_code()))
    book.reverse(book.institution, number)
    book.to_next_morning()
    book.control.audit()


@pytest.fixture(scope="module")
def transactions(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("book"), demo=True, seed=11)
    program._shared_store()  # made before the server opens it, so that all is written down
    with traced(POSTGRES, program.database) as told:
        program.start()
        try:
            live(DemoBook(program))
        finally:
            program.stop()
        return told()


def statements(transactions, pattern):
    return sum(bool(pattern.search(sql)) for transaction in transactions for sql, _ in transaction)


def test_the_story_locks_all_there_is_to_lock(transactions):
    requests = [t for t in transactions if not any(ALONE.search(sql) for sql, _ in t)]
    assert statements(requests, ORDER) > 20
    assert statements(requests, POOL) > 20
    assert statements(requests, REVERSAL) == 1
    assert any(sql.startswith("INSERT INTO pool") and "RECURSIVE" in sql for t in requests for sql, _ in t)


def test_every_write_keeps_to_the_order(transactions):
    assert [fault for transaction in transactions for fault in faults_of(transaction)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT id FROM payment WHERE id = $1 FOR NO KEY UPDATE",
        "INSERT INTO event (id) VALUES ($1)",
    ],
)
def test_what_is_out_of_order_is_found(wrong):
    values = {1: "1", 2: "1900000100", 3: "1", 4: "20458", 5: "7"}
    assert len(faults_of([(ADD, values), (wrong, {1: "1"})])) == 1
    assert faults_of([(wrong, {1: "1"}), (ADD, values)]) == []


def test_a_slot_behind_a_later_one_is_found():
    slots = [{3: "1", 4: "20458", 5: slot} for slot in ("9", "4")]
    assert len(faults_of([(ADD, values) for values in slots])) == 1
    assert faults_of([(ADD, values) for values in reversed(slots)]) == []
    assert faults_of([("SAVEPOINT work", {}), (ADD, slots[0]), ("ROLLBACK TO SAVEPOINT work", {}), (ADD, slots[1])]) == []
