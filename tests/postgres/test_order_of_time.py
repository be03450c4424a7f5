"""Several processes take row numbers in blocks, so a later row may have the lower number: what is told in the order of time goes by time."""

import threading
import time
from datetime import timedelta

import pytest

import bills
import times
from answers import ok, refused_parameter
from callbacks import Receiver, until
from control import Control
from sharing import asked
from test_events import address, numbered_apart, running  # noqa: F401 (a fixture)
from world import BALANCE_ARRIVAL, ORDER


@pytest.fixture
def worlds(tmp_path, address):
    with running(tmp_path, address) as worlds:
        numbered_apart(worlds)
        worlds[0].start_of_scenario()
        yield worlds


def lower_first(address, table, worlds, add):
    """Each adds a row, and so has a block of the table's numbers; then that which has the lower block comes first."""
    first = {}
    for world in worlds:
        before = set(asked(address, f"SELECT id FROM {table}"))
        add(world)
        first[world] = min(int(id) for id in set(asked(address, f"SELECT id FROM {table}")) - before)
    low, high = sorted(worlds, key=first.get)
    assert first[high] - first[low] >= 100
    return low, high


def numbers(address, table, column, order):
    """What the rows are called, in that order."""
    return asked(address, f"SELECT {column} FROM {table} ORDER BY {order}")


def test_callbacks_are_listed_newest_first(address, worlds):
    def paid(world):
        return world.paid(world.direct, 1000, marked=False, notify_url="http://127.0.0.1:1/").out_trade_no

    low, high = lower_first(address, "notification", worlds, paid)
    told = []
    for world in (high, low, high, low, low, high):
        world.forward(seconds=1)
        told.append(paid(world))
    assert told != [number for number in numbers(address, "notification", "out_trade_no", "id") if number in told]
    pages, before = [], ""
    while len(pages) < len(told):
        page = low.control.get(f"/callbacks?limit=4{before}")
        pages += [callback["out_trade_no"] for callback in page["callbacks"]]
        before = f"&before={page['next']}"
    assert pages[: len(told)] == told[::-1]
    assert len(pages) == len(set(pages))


def test_callbacks_of_one_order_are_listed_newest_first(address, worlds):
    def paid(world):
        return world.paid(world.direct, 1000, marked=False, notify_url="http://127.0.0.1:1/")

    low, high = lower_first(address, "notification", worlds, paid)
    order = paid(high)
    refund = high.refunded(order, 100, notify_url="http://127.0.0.1:1/")
    low.forward(seconds=1)
    low.control.set_outcome(refund["id"], "SUCCESS")
    listed = high.control.get(f"/callbacks?out_trade_no={order.out_trade_no}")["callbacks"]
    assert [callback["event_type"] for callback in listed] == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]
    ids = numbers(address, "notification", "event_id", "id")
    assert ids.index(listed[0]["id"]) < ids.index(listed[1]["id"])


def test_the_refunds_of_an_order_are_listed_in_the_order_in_which_they_were_accepted(address, worlds):
    def refunded(world):
        world.refunded(world.paid(world.direct, 1000, marked=False), 100)

    low, high = lower_first(address, "refund", worlds, refunded)
    order = high.paid(high.direct, 10000, marked=False)
    accepted = []
    for world in (high, low, low, high, low):
        world.forward(minutes=2)
        accepted.append(world.refunded(order, 100 + len(accepted))["id"])
    assert accepted != [id for id in numbers(address, "refund", "refund_id", "id") if id in accepted]
    pages = [ok(world.refunds_of(order, offset, 2))["data"] for world in worlds for offset in (0, 2, 4)]
    assert [refund["id"] for page in pages for refund in page] == 2 * accepted


def test_a_refund_that_went_astray_is_told_before_what_became_of_it(address, worlds):
    """At one instant, while the first message is on its way."""
    def told(world):
        order = world.paid(world.direct, 1000, marked=False)
        world.control.set_outcome(world.refunded(order, 100, notify_url="http://127.0.0.1:1/")["id"], "REFUNDCLOSE")

    low, high = lower_first(address, "notification", worlds, told)
    let, answered, heard = threading.Event(), [], []

    def answer(callback):
        if callback.json["event_type"] == "REFUND.ABNORMAL":
            let.wait(3)
            answered.append(callback.id)
        else:
            heard.append(len(answered))
        return 200

    receiver = Receiver(answer)
    refund = high.refunded(high.paid(high.direct, 10000, marked=False), 100, notify_url=receiver.url())
    high.control.set_outcome(refund["id"], "ABNORMAL")
    receiver.wait(1)
    low.control.set_outcome(refund["id"], "SUCCESS")
    kinds = asked(address, f"SELECT kind FROM notification n JOIN refund r ON r.id = n.subject WHERE r.refund_id = '{refund['id']}' ORDER BY n.id")
    assert kinds == ["2", "4"]
    time.sleep(0.5)  # in which the second one could set out
    let.set()
    until(lambda: heard)
    assert heard == [1] and len(answered) == 1
    receiver.close()


def test_a_clock_that_is_caught_up_with_does_not_fall_behind_the_latest_entry(address, worlds):
    """All processes die; the latest entry, by the one with the lower numbers, is later than what the clock's row says."""
    def paid(world):
        world.paid(world.direct, 1000, marked=False)

    low, high = lower_first(address, "entry", worlds, paid)
    refund = high.refunded(high.paid(high.direct, 1000, marked=False), 100)
    low.forward(minutes=10)
    paid(low)
    latest = int(asked(address, "SELECT max(time_ms) FROM entry")[0])
    assert asked(address, "SELECT time_ms FROM entry ORDER BY id DESC LIMIT 1") != [str(latest)]
    for world in worlds:
        world.program.kill()
    due = latest - 5 * 60000
    asked(address, f"UPDATE event SET due_ms = {due} WHERE kind = 4 AND subject = (SELECT id FROM refund WHERE refund_id = '{refund['id']}')")
    asked(address, f"UPDATE clock SET book_ms = {due - 60000}, wire_ms = wire_ms - 3600000, frozen = 0")
    low.program.start()
    until(lambda: asked(address, f"SELECT state FROM refund WHERE refund_id = '{refund['id']}'") == ["2"], 15)
    assert asked(address, f"SELECT success_ms FROM refund WHERE refund_id = '{refund['id']}'") == [str(latest)]
    high.program.start()
    Control(high.program.control).audit()


def test_batches_that_several_paid_out_hold_the_audit(address, worlds):
    """A sponsor's batches of successive days, each by whoever moved the clock that day."""
    party = worlds[0].direct

    def sold(world):
        world.paid(party, 5000000, marked=False)
        world.forward(days=4)  # whatever weekday it is, a payout lies between

    low, high = lower_first(address, "payout", worlds, sold)
    for world in (high, low, high):
        sold(world)
    days = numbers(address, "payout", "day", "id")
    assert len(days) == 5 and days != sorted(days, key=int)
    low.control.audit()
    start = high.today() - timedelta(days=28)
    dates = [batch["settlement_date"] for batch in ok(high.settlements(party, "SETTLED", start, high.today()))["data"]]
    assert len(dates) == 5 and dates == sorted(dates)


def test_whether_a_time_is_over_goes_by_the_book(worlds):
    """Another process has just moved the clock: an order's end and a bill's day are judged by where it is now."""
    here, there = worlds
    party = here.direct
    for _ in range(5):
        now = here.now()
        here.forward(hours=3)
        over, ahead = times.written(now + timedelta(hours=1)), times.written(now + timedelta(hours=4))
        refused_parameter(there.native(party, there.number(), 1000, time_expire=over), "/time_expire", "body", over)
        ok(there.native(party, there.number(), 1000, time_expire=ahead))
        day = here.today()
        here.forward(days=1)
        assert there.statement(party, day + timedelta(days=1)).json["code"] == "STATEMENT_CREATING"
        answer = there.statement(party, day + timedelta(days=2))
        assert answer.json["code"] == "PARAM_ERROR"


def test_a_bill_is_the_same_wherever_it_is_made_though_both_wrote_at_one_instant(address, worlds):
    """Its lines stand by row numbers then, and so not in the order in which the refunds were accepted."""
    orders = iter([worlds[0].paid(worlds[0].direct, 1000) for _ in range(6)])

    def refunded(world):
        return world.refunded(next(orders), 100, sources=[(ORDER, 100)])

    low, high = lower_first(address, "refund", worlds, refunded)
    day = low.today()
    accepted = [refunded(world)["out_refund_no"] for world in (high, low, low, high)]
    theirs = f"out_refund_no IN ({', '.join(map(repr, accepted))})"
    assert asked(address, f"SELECT count(DISTINCT created_ms) FROM refund WHERE {theirs}") == ["1"]
    by_number = asked(address, f"SELECT out_refund_no FROM refund WHERE {theirs} ORDER BY id")
    assert by_number == [accepted[1], accepted[2], accepted[0], accepted[3]]
    low.forward(BALANCE_ARRIVAL + timedelta(hours=1))
    low.to_next_morning()
    files = [bills.download(world.client, world.direct.caller, world.refund_bill(world.direct, day)) for world in worlds]
    assert files[0] == files[1]
    lines = [line["Vendor refund number(out_refund_no)"] for line in bills.parse(files[0]).lines]
    assert [number for number in lines if number in accepted] == by_number
    statements = [world.statement(world.direct, day).body for world in worlds]
    assert statements[0] == statements[1] and all(number.encode() in statements[0] for number in accepted)
