"""GET /health and GET /metrics of the control interface"""

import contextlib
import re
import sqlite3
import time
from datetime import timedelta

import times

from callbacks import until
from client import PATIENCE
from answers import ok, refused
from world import SHARING, World

SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)( [0-9]+)?")


def samples(text):
    """name{labels} -> value, and name -> type, of Prometheus text."""
    values, types = {}, {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped")
            assert name not in types, f"{name} has two types"
            types[name] = kind
        elif line and not line.startswith("#"):
            found = SAMPLE.fullmatch(line)
            assert found, f"not a sample: {line!r}"
            key = found[1] + (found[2] or "")
            assert key not in values, f"{key} twice"
            values[key] = float(found[3])
    return values, types


def family(key, types):
    """The name with a type that this sample belongs to."""
    name = key.split("{")[0]
    for suffix in ("", "_bucket", "_sum", "_count"):
        if name.endswith(suffix) and name[: len(name) - len(suffix)] in types:
            return name[: len(name) - len(suffix)]
    raise AssertionError(f"{key} has no type")


def read(world):
    answer = world.control.metrics()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return samples(answer.text)


def test_health(world):
    answer = world.control.raw("GET", "/health")
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)


def test_an_event_that_fails_again_and_again_is_set_aside(program):
    """It holds up neither the clock nor the events behind it; /health names it, and a restart tries it again."""
    running = program(demo=True)
    world = World(running)
    world.control.set_clock(freeze=True)
    party = world.party("direct")
    bad, good = world.new_mchid(), world.new_mchid()
    for account in (bad, good):
        ok(world.add_receiver(party, account))

    def outside(sql):
        with contextlib.closing(sqlite3.connect(running.data / "book.db")) as book:
            book.execute(sql)

    outside(f"CREATE TRIGGER planted BEFORE UPDATE ON receiver WHEN old.account = '{bad}' BEGIN SELECT RAISE(ABORT, 'planted'); END")
    due = world.now() + timedelta(seconds=60)
    world.control.set_clock(advance="PT2M")
    health = world.control.get("/health")
    assert health["status"] == "attention"
    aside = health["set_aside"]
    assert [one["event"] for one in aside] == ["receiver audited"]
    assert "planted" in aside[0]["reason"]
    assert times.read(aside[0]["due"]) == due.replace(microsecond=0)

    def states():
        with sqlite3.connect(f"file:{running.data / 'book.db'}?mode=ro", uri=True) as book:
            return dict(book.execute("SELECT account, state FROM receiver").fetchall())

    assert (states()[bad], states()[good]) == (1, 2)
    assert running.log_text().count("set aside") == 1
    running.stop()
    outside("DROP TRIGGER planted")
    running.start()
    world = World(running)
    until(lambda: states()[bad] == 2)
    assert world.control.get("/health")["status"] == "ok"
    world.control.audit()


def test_health_needs_no_wait(world):
    started = time.monotonic()
    for _ in range(20):
        assert world.control.healthy()
    assert time.monotonic() - started < 2 * PATIENCE


def test_metrics_are_prometheus_text(world):
    values, types = read(world)
    assert values
    for key in values:
        assert family(key, types).startswith("fenzhang_") or family(key, types).startswith("process_")


def test_counters_only_grow(world, direct):
    before, types = read(world)
    world.balance(direct)
    after, _ = read(world)
    for key, value in before.items():
        if types[family(key, types)] == "counter":
            assert after[key] >= value, key


def test_requests_and_refusals_are_counted(world, direct):
    """Some counter tells the five good requests, and some counter the three refused ones."""
    before, types = read(world)
    for _ in range(5):
        ok(world.balance(direct))
    middle, _ = read(world)
    for _ in range(3):
        refused(world.client.get(direct.caller, f"{SHARING}/refunds/refundable-balance", timestamp=1), 401, "SIGN_ERROR")
    after, _ = read(world)

    def grown(earlier, later):
        return {later[key] - earlier.get(key, 0) for key in later if types.get(key.split("{")[0]) == "counter"}

    assert 5 in grown(before, middle)
    assert 3 in grown(middle, after)


def test_no_secret_and_no_number_of_a_merchant_is_told(world, direct):
    world.balance(direct)
    text = world.control.metrics().text
    assert direct.sponsor not in text and direct.caller.serial_no not in text
