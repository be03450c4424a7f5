"""GET /health and GET /metrics of the control interface"""

import os
import re
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import times

from book import ON_POSTGRES, book_change, book_rows
from callbacks import until
from client import PATIENCE
from answers import ok, refused
from program import BINARY, REPOSITORY
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


PLANTED = "CREATE TRIGGER planted BEFORE UPDATE ON receiver WHEN old.account = '{}' BEGIN SELECT RAISE(ABORT, 'planted'); END"
DUG_UP = "DROP TRIGGER planted"
if ON_POSTGRES:
    PLANTED = """CREATE FUNCTION plant() RETURNS trigger AS $$ BEGIN RAISE 'planted'; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER planted BEFORE UPDATE ON receiver FOR EACH ROW WHEN (old.account = '{}') EXECUTE FUNCTION plant()"""
    DUG_UP += " ON receiver"


def test_an_event_that_fails_again_and_again_is_set_aside(program):
    """It holds up neither the clock nor the events behind it; /health names it, and a restart tries it again."""
    running = program(demo=True)
    world = World(running)
    world.control.set_clock(freeze=True)
    party = world.party("direct")
    bad, good = world.new_mchid(), world.new_mchid()
    for account in (bad, good):
        ok(world.add_receiver(party, account))

    book_change(running, PLANTED.format(bad))
    due = world.now() + timedelta(seconds=60)
    world.control.set_clock(advance="PT2M")
    health = world.control.get("/health")
    assert health["status"] == "attention"
    aside = health["set_aside"]
    assert [one["event"] for one in aside] == ["receiver audited"]
    assert "planted" in aside[0]["reason"]
    assert times.read(aside[0]["due"]) == due.replace(microsecond=0)

    def states():
        return dict(book_rows(running, "SELECT account, state FROM receiver"))

    assert (states()[bad], states()[good]) == (1, 2)
    running.stop()
    assert running.log_text().count("set aside") == 1
    book_change(running, DUG_UP)
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


# Units that Prometheus has a base unit for, and abbreviations, as promtool's rules name them.
NO_BASE_UNIT = (
    "ms us ns sec b kb mb gb tb pb m h d s percent milliseconds microseconds nanoseconds minutes hours days weeks "
    "kilobytes megabytes gigabytes terabytes bits kelvin fahrenheit"
).split()


def check_names(text):
    """What `promtool check metrics` demands: one HELP and one TYPE a metric, before its samples, which stand together; names
    in small letters, in base units, without their type; _total on counters alone; no reserved suffix and no `le` but on histograms."""
    helps, types, blocks = {}, {}, []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert name not in helps and words.strip(), name
            helps[name] = words
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name in helps and name not in types, name
            types[name] = kind
            continue
        key = line.split(" ")[0]
        name = family(key, types)
        if not blocks or blocks[-1] != name:
            blocks.append(name)
        assert ("le=" in key) == (types[name] == "histogram" and key.split("{")[0].endswith("_bucket")), key
    assert len(blocks) == len(set(blocks)), "samples of a metric do not stand together"
    assert set(helps) == set(types) >= set(blocks)
    for name, kind in types.items():
        assert re.fullmatch(r"(fenzhang|process)(_[a-z]+[0-9]*)+", name), name
        assert name.endswith("_total") == (kind == "counter"), name
        assert not re.search(r"_(count|sum|bucket)$", name), name
        words = name.split("_")
        assert not set(words) & {"counter", "gauge", "histogram", "summary"}, name
        assert not set(words) & set(NO_BASE_UNIT), name
    return types


def check_histograms(values, types):
    """Buckets in order and cumulative, up to +Inf, which is the count; a sum beside them. Returns the counts."""
    counts = {}
    series = {}
    for key, value in values.items():
        found = re.fullmatch(r'(\w+)_bucket\{endpoint="([\w-]+)",le="([^"]+)"\}', key)
        if found:
            assert types[found[1]] == "histogram"
            series.setdefault((found[1], found[2]), []).append((float(found[3].replace("+Inf", "inf")), value))
    for (name, endpoint), buckets in series.items():
        assert buckets == sorted(buckets) and buckets[-1][0] == float("inf")
        assert [n for _, n in buckets] == sorted(n for _, n in buckets)
        counts[endpoint] = values[f'{name}_count{{endpoint="{endpoint}"}}']
        assert counts[endpoint] == buckets[-1][1]
        total = values[f'{name}_sum{{endpoint="{endpoint}"}}']
        assert total > 0
    assert len(series) == sum("_count{" in key for key in values) == sum("_sum{" in key for key in values)
    return counts


def requests_by(values):
    """(endpoint, class) -> requests"""
    found = {re.fullmatch(r'fenzhang_requests_total\{endpoint="([\w-]+)",status="(\dxx)"\}', key): value for key, value in values.items()}
    return {match.groups(): value for match, value in found.items() if match}


def test_names_units_and_histograms_are_as_promtool_has_them(world, direct):
    ok(world.balance(direct))
    text = world.control.metrics().text
    types = check_names(text)
    values, _ = samples(text)
    counts = check_histograms(values, types)
    by = requests_by(values)
    assert counts == {endpoint: sum(n for (name, _), n in by.items() if name == endpoint) for endpoint, _ in by}


def test_the_check_of_names_can_fail():
    good = "# HELP fenzhang_x_total X.\n# TYPE fenzhang_x_total counter\nfenzhang_x_total 1\n"
    check_names(good)
    for wrong in (
        good.replace("_total", ""),
        good.replace("counter", "gauge"),
        good.replace("fenzhang_x", "fenzhang_x_ms"),
        good.replace("fenzhang_x", "fenzhang_X"),
        good.replace("# HELP fenzhang_x_total X.\n", ""),
        good + good,
        good + "# HELP fenzhang_y Y.\n# TYPE fenzhang_y gauge\nfenzhang_y 1\nfenzhang_x_total{a=\"b\"} 1\n",
        good.replace("fenzhang_x_total 1", 'fenzhang_x_total{le="1"} 1'),
    ):
        try:
            check_names(wrong)
        except AssertionError:
            continue
        raise AssertionError(f"passed: {wrong}")


def test_requests_by_endpoint_and_class(world, direct):
    """Each request counts once, in the row of its endpoint, in its class and in the histogram."""
    before, types = read(world)
    for _ in range(2):
        ok(world.balance(direct))
    refused(world.client.get(direct.caller, f"{SHARING}/refunds/refundable-balance", timestamp=1), 401, "SIGN_ERROR")
    refused(world.client.get(direct.caller, "/v3/nowhere/12345"), 404)
    after, _ = read(world)
    earlier, later = requests_by(before), requests_by(after)
    grown = {key: later[key] - earlier.get(key, 0) for key in later if later[key] != earlier.get(key, 0)}
    assert grown == {("refundable-balance", "2xx"): 2, ("refundable-balance", "4xx"): 1, ("none", "4xx"): 1}
    counts = [check_histograms(values, types) for values in (before, after)]
    assert {name: n - counts[0].get(name, 0) for name, n in counts[1].items() if n != counts[0].get(name, 0)} == {
        "refundable-balance": 3,
        "none": 1,
    }


def test_whatever_is_sent_the_series_stay_as_many(world, direct):
    refused(world.client.get(direct.caller, "/v3/nowhere"), 404)
    before, _ = read(world)
    for i in range(20):
        assert world.client.get(direct.caller, f"/v3/nowhere/{i}").status == 404
        assert world.client.send(direct.caller, "PATCH" if i % 2 else f"ODD{i}", f"{SHARING}/refunds/refundable-balance").status in (405, 400)
    after, _ = read(world)
    assert set(after) == set(before)


def test_the_program_and_its_process(world):
    values, _ = read(world)
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    assert values[f'fenzhang_build_info{{version="{version}"}}'] == 1
    pid = world.program.process.pid
    assert values["process_open_fds"] <= values["process_max_fds"]
    assert abs(values["process_open_fds"] - len(os.listdir(f"/proc/{pid}/fd"))) <= 3
    assert 0 < values["process_resident_memory_bytes"] < values["process_virtual_memory_bytes"]
    assert 0 < values["process_cpu_seconds_total"] < 3600
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    boot = int(re.search(r"^btime (\d+)$", Path("/proc/stat").read_text(), re.M)[1])
    assert abs(values["process_start_time_seconds"] - (boot + ticks / os.sysconf("SC_CLK_TCK"))) < 5 * PATIENCE


def test_events_and_commits(world, institution):
    """Two receivers are audited by two events of the book, in one commit at least."""
    before, _ = read(world)
    for _ in range(2):
        ok(world.add_receiver(institution, world.new_mchid()))
    world.control.set_clock(advance="PT2M")
    after, _ = read(world)
    assert after["fenzhang_events_total"] - before["fenzhang_events_total"] >= 2
    assert after["fenzhang_store_commits_total"] - before["fenzhang_store_commits_total"] >= 3


def test_the_page_names_every_metric(world, direct):
    ok(world.balance(direct))
    page = (REPOSITORY / "docs" / "control.md").read_text("utf-8")
    section = page.split("\n## Metrics\n", 1)[1].split("\n## ", 1)[0]
    named = set(re.findall(r"`((?:fenzhang|process)_\w+)", section))
    _, types = read(world)
    assert named == set(types)


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
