"""Events of one book that several processes run: each once, in order, whoever dies; and one clock for all."""

import contextlib
import re
import threading
import time
from datetime import timedelta

import pytest

import times
from answers import ok
from callbacks import Receiver, until
from client import PATIENCE
from control import Control, ControlError
from demo_book import DemoBook
from sharing import Sharer, asked, empty_database
from world import BALANCE_ARRIVAL, WORK_DONE

ORDERS = 60


@pytest.fixture
def address(tmp_path):
    return empty_database(tmp_path)


@contextlib.contextmanager
def running(tmp_path, address, count=2):
    """So many processes on the demo book, each as a world of its own."""
    processes = []
    try:
        for number in range(count):
            processes.append(Sharer(tmp_path, number, address, demo=True).start())
        yield [DemoBook(process) for process in processes]
    finally:
        for process in processes:
            process.stop()


def numbered_apart(worlds):
    """Numbers of one are not those of another."""
    for index, world in enumerate(worlds):
        for _ in range(index * 1000):
            next(world._counter)


def pass_time(address, duration):
    """As if so much time had passed: nobody moves the clock, it is just later."""
    asked(address, f"UPDATE clock SET book_ms = book_ms + {int(duration.total_seconds() * 1000)}")


def due(address):
    return int(asked(address, "SELECT count(*) FROM event e, clock c WHERE e.due_ms <= c.book_ms")[0])


def ran(world):
    return int(re.search(r"^fenzhang_events_total (\d+)", world.control.metrics().text, re.M)[1])


def twice(address):
    """What has more than one entry of a kind that comes once."""
    return asked(address, "SELECT kind, subject FROM entry WHERE kind IN (1, 2, 3, 4, 5) GROUP BY 1, 2 HAVING count(*) > 1")


def until_all_take_part(worlds, done_by, round_of_work, at_most=10):
    """On a busy machine one process may have done all before another one looks, so it is given more work then; how many rounds it took."""
    before = [done_by(world) for world in worlds]
    for count in range(1, at_most + 1):
        round_of_work()
        if all(done_by(world) > done for world, done in zip(worlds, before)):
            return count
    pytest.fail(f"in {at_most} rounds one of the processes did nothing: {before}, {[done_by(world) for world in worlds]}")


def test_each_event_happens_once_and_all_take_part(tmp_path, address):
    def round_of_work():
        for index in range(ORDERS):
            world = worlds[index % 2]
            order = world.paid(world.direct, 10000, marked=False)
            world.refunded(order, 100 + index)
            world.paid(world.institution, 5003, frozen=False)
        pass_time(address, BALANCE_ARRIVAL + timedelta(minutes=1))
        until(lambda: due(address) == 0, 20)

    with running(tmp_path, address) as worlds:
        numbered_apart(worlds)
        worlds[0].start_of_scenario()
        rounds = until_all_take_part(worlds, ran, round_of_work)
        assert twice(address) == []
        assert asked(address, "SELECT count(*) FROM refund WHERE state = 1") == ["0"]
        assert asked(address, "SELECT count(*) FROM payment WHERE amount = 5003 AND funds_state = 2") == [str(rounds * ORDERS)]
        assert worlds[0].control.audit() == worlds[1].control.audit()
        assert asked(address, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == ["0"]


def test_events_of_one_order_come_in_their_order(tmp_path, address):
    """Freezing and, 180 days later, the release: both are late, and a release before the freezing would hold the money for ever."""
    with running(tmp_path, address, 3) as worlds:
        worlds[0].start_of_scenario()
        for _ in range(ORDERS):
            worlds[0].paid(worlds[0].direct, 10007, frozen=False)
        pass_time(address, timedelta(days=181))
        until(lambda: due(address) == 0, 20)
        assert asked(address, "SELECT funds_state, distributable, count(*) FROM payment WHERE amount = 10007 GROUP BY 1, 2") == [f"3|0|{ORDERS}"]
        worlds[1].control.audit()


def test_a_person_gets_no_more_in_a_month_than_one_may(tmp_path, address):
    """Distributions to one person, worked off by all at once: as many find room as there is."""
    with running(tmp_path, address) as worlds:
        world = worlds[0]
        world.start_of_scenario()
        openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
        party = world.new_direct(distribution_ratio=3000)
        ok(world.add_receiver(party, openid, type="PERSONAL_OPENID", appid="wx8888888888888888"))
        world.forward(minutes=2)
        orders = [world.paid(party, 30000000, frozen=False) for _ in range(5)]
        world.forward(minutes=5)
        for order in orders:
            slices = [world.slice(openid, 8000000, type="PERSONAL_OPENID")]
            ok(world.distribution(order, slices, world.number("D"), appid="wx8888888888888888"))
        pass_time(address, WORK_DONE)
        until(lambda: asked(address, "SELECT count(*) FROM distribution WHERE state = 1") == ["0"], 20)
        # 200 000.00 have room for two of 80 000.00
        assert asked(address, f"SELECT result, count(*) FROM slice WHERE account = '{openid}' GROUP BY 1 ORDER BY 1") == ["2|2", "3|3"]
        worlds[1].control.audit()


# ---- one clock ----


def test_what_one_does_to_the_clock_all_see_within_a_second(tmp_path, address):
    with running(tmp_path, address) as (here, there):
        here.control.set_clock(freeze=True)
        assert there.control.clock()["frozen"] is True
        stands = here.now()
        assert there.now() == stands
        here.forward(hours=3)
        assert there.now() == stands + timedelta(hours=3)
        there.forward(hours=1)  # counted from where the other one put it
        assert here.now() == stands + timedelta(hours=4)
        order = there.paid(there.direct, 1000, marked=False)
        paid_at = asked(address, f"SELECT success_ms FROM payment WHERE out_trade_no = '{order.out_trade_no}'")
        assert int(paid_at[0]) == int((stands + timedelta(hours=4)).timestamp() * 1000)
        there.control.set_clock(freeze=False)
        assert here.control.clock()["frozen"] is False
        seen = here.now()
        time.sleep(1.1)
        assert here.now() > seen


@pytest.fixture
def shop():
    """Answers when it is let, so that a jump that calls back hangs there."""
    let = threading.Event()

    def answer(callback):
        return 200 if let.wait(4) else 500  # and is asked again, on the ladder

    receiver = Receiver(answer)
    receiver.let = let
    yield receiver
    let.set()
    receiver.close()


def hang_in_a_jump(world, shop, errors):
    """A jump of a day that waits for a callback."""
    order = world.paid(world.direct, 10000, marked=False, notify_url=shop.url())
    shop.let.set()
    shop.wait(1)
    shop.let.clear()
    world.refunded(order, 1000, notify_url=shop.url())

    def jump():
        try:
            world.forward(days=1)
        except Exception as error:  # the process is killed, in some tests
            errors.append(error)

    thread = threading.Thread(target=jump)
    thread.start()
    shop.wait(2)
    return thread


def test_while_one_moves_the_clock_the_others_serve_and_move_nothing(tmp_path, address, shop):
    with running(tmp_path, address) as (here, there):
        here.start_of_scenario()
        began = here.now()
        errors = []
        thread = hang_in_a_jump(here, shop, errors)
        came_to = there.now()
        assert began < came_to < began + timedelta(days=1)
        for move in ({"advance": "PT1S"}, {"freeze": False}):
            with pytest.raises(ControlError) as refused:
                there.control.set_clock(**move)
            assert refused.value.status == 409
        with pytest.raises(ControlError) as refused:
            there.control.reset()
        assert refused.value.status == 409
        order = there.paid(there.institution, 10000, frozen=False)
        paid_at = asked(address, f"SELECT success_ms FROM payment WHERE out_trade_no = '{order.out_trade_no}'")
        assert came_to.timestamp() <= int(paid_at[0]) / 1000 <= there.now().timestamp()  # the same, unless all this took four seconds
        shop.let.set()
        thread.join()
        assert errors == []
        assert there.now() == began + timedelta(days=1)
        assert asked(address, f"SELECT funds_state FROM payment WHERE out_trade_no = '{order.out_trade_no}'") == ["2"]
        there.forward(minutes=1)
        there.control.audit()


def test_of_a_process_that_dies_in_a_move_of_the_clock_the_others_go_on(tmp_path, address, shop):
    with running(tmp_path, address) as (here, there):
        here.start_of_scenario()
        began = here.now()
        thread = hang_in_a_jump(here, shop, [])
        seen = there.now()
        here.program.kill()
        thread.join()
        came_to = there.now()  # where it hung: the same, unless all this took four seconds

        def moved():
            try:
                return there.control.set_clock(advance="PT1H")
            except ControlError as error:
                assert error.status == 409
                return None

        until(moved, 15)
        assert began < seen <= came_to < there.now() == came_to + timedelta(hours=1)
        assert there.control.clock()["frozen"] is True
        there.control.audit()
        again = here.program.start()
        Control(again.control).audit()


def test_what_fell_due_while_nobody_ran_the_book_happens_at_its_own_time(tmp_path, address):
    """Two processes stop; when one comes again, a refund that arrived meanwhile has arrived when it was due."""
    with running(tmp_path, address) as (here, there):
        here.start_of_scenario()
        order = here.paid(here.direct, 10000, marked=False)
        refund = here.refunded(order, 1000)
        due_ms = asked(address, "SELECT due_ms FROM event WHERE kind = 4 ORDER BY id DESC LIMIT 1")[0]
        here.control.set_clock(freeze=False)
        for world in (here, there):
            world.program.stop()
        asked(address, "UPDATE clock SET wire_ms = wire_ms - 3600000")  # an hour ago
        for world in (here, there):
            world.program.start()
        until(lambda: asked(address, f"SELECT success_ms FROM refund WHERE refund_id = '{refund['id']}'") == [due_ms], 10)
        control = Control(there.program.control)
        until(lambda: asked(address, "SELECT count(*) FROM clock_move") == ["0"])
        left = times.read(control.clock()["now"]).timestamp() * 1000 - int(due_ms)
        assert 2300000 < left < 2400000 + 60000 * PATIENCE  # an hour less twenty minutes
        control.audit()
