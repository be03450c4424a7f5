"""Every fault of the cluster, under load: nothing acknowledged is lost, nothing is done twice, and it is written again soon.

CLUSTER_LONG=1 is the long form: the same faults for as long as they last in life.
"""

import contextlib
import json
import os
import signal
import time

import psycopg2
import pytest
import requests

from front import Front
from machines import LONG, NETWORKS, SLACK, Cluster, until
from shared import Shared

AGAIN_S = 10 * SLACK  # from a promotion to the first acknowledged write: ten seconds are promised

needs_networks = pytest.mark.skipif(not NETWORKS, reason="root makes networks and file systems")


class Stage:
    """A cluster and the processes on it."""

    def __init__(self, place):
        self.cluster = Cluster(place).start()
        try:
            self.front = Front(place, self.cluster, self.cluster.store, orders=3500 if LONG else 300)
        except BaseException:
            self.cluster.end()
            raise

    def end(self, harmed):
        try:
            self.front.load.give_up()
            self.front.end(harmed)
        finally:
            self.cluster.end()


@pytest.fixture(scope="module")
def shared(place):
    stages = Shared(place, Stage)
    yield stages
    stages.end()


@pytest.fixture
def cluster(shared):
    return shared.get().cluster


@pytest.fixture
def front(shared):
    return shared.get().front


@pytest.fixture(scope="module")
def times(place):
    """What was measured, told at the end and kept where CLUSTER_TIMES says."""
    found = {}
    yield found
    text = json.dumps(found, indent=1)
    print(text)
    if os.environ.get("CLUSTER_TIMES"):
        with open(os.environ["CLUSTER_TIMES"], "w") as file:
            file.write(text)


@pytest.fixture
def life(request, shared, front, cluster, times):
    """The load before, during and after a fault, and what has to be true after it. `promotes` waits for the new primary, and measures."""
    load = front.load
    measured = times.setdefault(request.node.name, {})
    cluster.whole()

    class Life:
        began = None

        def promotes(self, old):
            machine, when = cluster.promoted_since(self.began, old)
            measured["fault to promotion"] = round(when - self.began, 1)
            took = until(lambda: load.first_after(when), "a write after the promotion", 60)
            measured["promotion to the first write"] = round(took, 1)
            return machine, when

        def begins(self):
            self.began = time.time()

    started = time.time()
    load.start()
    until(lambda: load.first_after(started) is not None, "a first write", 30)
    time.sleep(2)
    yield Life()
    if shared.harmed:
        return
    front_after = time.time()
    until(lambda: load.first_after(front_after) is not None, "a write after the fault", 60)
    measured["longest pause"] = round(load.longest_pause(started), 1)
    load.stop()
    measured["writes"] = len(load.writes)
    front.check()
    assert measured.get("promotion to the first write", 0) <= AGAIN_S, measured


def test_a_process_is_killed(life, front):
    life.begins()
    front.processes[1].kill()
    time.sleep(4)
    front.restart(1)


def test_the_primary_dies(life, cluster):
    old = cluster.primary()
    life.begins()
    old.die()
    life.promotes(old)
    old.start()
    cluster.whole()


@needs_networks
def test_the_primary_is_cut_off_and_comes_back(life, cluster):
    old = cluster.primary()
    life.begins()
    old.cut_off(True)
    life.promotes(old)
    time.sleep(3)
    old.cut_off(False)
    cluster.whole()


def test_the_roles_are_swapped(life, cluster):
    old = cluster.primary()
    life.begins()
    swapped = requests.post(f"http://{old.address}:8008/switchover", json={"leader": old.name}, timeout=60 * SLACK)
    assert swapped.status_code == 200 or "status unknown" in swapped.text, swapped.text  # a busy machine: it does not wait for the end
    life.promotes(old)
    cluster.whole()


def test_the_primary_is_paused(life, cluster):
    """Its server goes on and still takes itself for the primary. Its Patroni is ended first, as a watchdog would: 3.0.2, stopped in the midst of a
    round, takes the lock back from the machine that has it by now."""
    old = cluster.primary()
    life.begins()
    old.signal(signal.SIGSTOP)
    life.promotes(old)
    time.sleep(max(0, life.began + (60 if LONG else 20) - time.time()))
    old.patroni.end()
    old.signal(signal.SIGCONT)
    time.sleep(2)
    old.start()
    cluster.whole()


def test_a_primary_that_hangs_is_reset_by_its_watchdog(life, cluster):
    """All of it, its Patroni too. Without a watchdog that one might take its lock back from who has it by then."""
    old = cluster.primary()
    old.watchdog.is_there = True
    life.begins()
    old.signal(signal.SIGSTOP)
    _, when = life.promotes(old)
    old.watchdog.is_there = False
    assert len(old.watchdog.reset_at) == 1 and old.watchdog.reset_at[0] < when
    old.start()
    cluster.whole()


def test_etcd_is_lost(life, cluster, front):
    """In failsafe mode the primary goes on, as long as it hears from both others."""
    old = cluster.primary()
    life.begins()
    cluster.etcd.end()
    time.sleep(60 if LONG else 15)
    without = time.time()
    until(lambda: front.load.first_after(without) is not None, "a write without etcd", 30)
    cluster.etcd.start()
    assert cluster.whole() is old


@needs_networks
def test_the_primary_s_disk_is_full(life, cluster):
    """First its tables find no room, and writes are refused; then its journal, and it ends itself in the midst of commits. As
    `primary_start_timeout` is 0, Patroni does not try to start it again while another can take over."""
    old = cluster.primary()
    ballast = old.fill_disk()
    time.sleep(5)
    life.begins()
    with contextlib.suppress(AssertionError):
        while True:  # each begins a further file of the journal
            old.ask("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000)); SELECT pg_switch_wal()")
    until(lambda: "PANIC" in old.patroni.log_text(), "the end of a server without room for its journal")
    life.promotes(old)
    ballast.unlink()
    cluster.whole(120)


def taken_connections(cluster):
    """All that the server gives, also those that the program had."""
    takers = []
    primary = cluster.primary()
    for _ in range(3):
        try:
            while True:
                takers.append(psycopg2.connect(f"{cluster.store}?target_session_attrs=read-write&connect_timeout=9&application_name=taker"))
        except psycopg2.OperationalError as refused:
            assert "too many" in str(refused) or "remaining connection slots" in str(refused), refused
        primary.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fenzhang'")
    return takers


def test_the_database_has_no_connection_left(life, cluster, front):
    """Others have taken all of them, the program's own among them: it is written again as soon as some are free."""
    life.begins()
    takers = taken_connections(cluster)
    time.sleep(4)
    for taker in takers:
        taker.close()
    freed = time.time()
    assert until(lambda: front.load.first_after(freed), "a write once there are connections", AGAIN_S) <= AGAIN_S


def test_the_database_is_away(life, cluster, front, times):
    """All machines at once, and for long: the program waits for it, and answers all the while that it cannot."""
    life.begins()
    for machine in cluster.machines:
        machine.signal(signal.SIGSTOP)
    time.sleep(600 if LONG else 20)
    for machine in cluster.machines:
        machine.signal(signal.SIGCONT)
    primary = cluster.primary(120)
    back = time.time()
    took = until(lambda: front.load.first_after(back), f"a write once {primary.name} is back", 60)
    times["test_the_database_is_away"]["primary's return to the first write"] = round(took, 1)
    assert took <= AGAIN_S
    cluster.whole(120)


def test_what_is_left_of_each_order_is_what_was_paid_less_what_was_acknowledged(front):
    """Last of all, over everything that was written in this module."""
    front.check_balances()
