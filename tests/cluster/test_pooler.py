"""The same life through PgBouncer 1.18: in session mode, and in transaction mode without prepared statements and pipelines."""

import subprocess
import time

import pytest

from front import Front
from machines import SERVICES, Cluster, Daemon, until
from program import BINARY

AGAIN_S = 10


@pytest.fixture(scope="module")
def cluster(place):
    made = Cluster(place).start()
    yield made
    made.end()


def options_for(mode):
    if mode == "session":
        return []
    if "--store-unprepared" not in subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True).stdout:
        pytest.skip("this program always prepares its statements")
    return ["--store-unprepared", "--store-unpipelined"]


@pytest.fixture(scope="module", params=["session", "transaction"])
def front(request, place, cluster):
    options = options_for(request.param)
    configuration = place / "pgbouncer.ini"
    configuration.write_text(configuration.read_text().replace("pool_mode = session", f"pool_mode = {request.param}"))
    bouncer = Daemon("pgbouncer", place, ["pgbouncer", configuration]).start()
    cluster.primary().ask("DROP DATABASE IF EXISTS book")
    cluster.primary().ask("CREATE DATABASE book OWNER fenzhang")
    made = Front(place, cluster, f"postgresql://fenzhang@{SERVICES}:6432/book", *options, orders=120, name=request.param)
    yield made
    made.end()
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
