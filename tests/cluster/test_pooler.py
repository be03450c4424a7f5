"""The same life through PgBouncer 1.18: in session mode, and in transaction mode without prepared statements and pipelines."""

import subprocess
import time

import pytest

from front import Front
from machines import SERVICES, SLACK, Cluster, Daemon, can_write_at, until
from program import BINARY
from shared import Shared

AGAIN_S = 10 * SLACK


@pytest.fixture(scope="module")
def shared(place):
    clusters = Shared(place, lambda within: Cluster(within).start())
    yield clusters
    clusters.end()


@pytest.fixture
def cluster(shared):
    return shared.get()


def options_for(mode):
    if mode == "session":
        return []
    if "--store-unprepared" not in subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True).stdout:
        pytest.skip("this program always prepares its statements")
    return ["--store-unprepared", "--store-unpipelined"]


@pytest.fixture(params=["session", "transaction"])
def front(request, shared, cluster):
    options = options_for(request.param)
    configuration = cluster.place / "pgbouncer.ini"
    configuration.write_text(configuration.read_text().replace("pool_mode = session", f"pool_mode = {request.param}"))
    bouncer = Daemon("pgbouncer", cluster.place, ["pgbouncer", configuration]).start()
    cluster.primary().ask("DROP DATABASE IF EXISTS book")
    cluster.primary().ask("CREATE DATABASE book OWNER fenzhang")
    store = f"postgresql://fenzhang@{SERVICES}:6432/book"
    until(lambda: can_write_at(store), "PgBouncer leads to the primary")
    made = Front(cluster.place, cluster, store, *options, orders=120, name=request.param)
    yield made
    made.load.give_up()
    made.end(shared.harmed)
    bouncer.end()


def test_writes_go_on_through_a_fail_over(front, cluster):
    load = front.load
    old = cluster.whole()
    began = time.time()
    load.start()
    until(lambda: load.first_after(began), "a first write", 30)
    time.sleep(3)
    died = time.time()
    old.die()
    _, when = cluster.promoted_since(died, old)
    took = until(lambda: load.first_after(when), "a write after the promotion", 60)
    old.start()
    cluster.whole()
    front.processes[2].kill()
    time.sleep(2)
    front.restart(2)
    load.stop()
    front.check()
    front.check_balances()
    assert took <= AGAIN_S
