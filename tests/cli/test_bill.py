"""fenzhang bill: days' bills, verified, kept, and in the form that is wanted."""
import csv
import hashlib
import io
import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from datetime import timedelta

import pytest
from bills import REFUND_COLUMNS
from client import PATIENCE
from world import BALANCE_ARRIVAL, World

from command import run, start
from terminal import all_that_was_sent

DAYS = 4


@pytest.fixture(scope="module")
def book(server):
    """An institution with a refund on each of four days: of 20.00 out of 100.00, of 20.01, 20.02, 20.03. The day before them has
    no bill, and the bill of today is not out."""
    world = World(server)
    world.start_of_scenario()
    world.to_next_morning()
    world.days = []
    party = world.new_institution()
    for number in range(DAYS):
        order = world.paid(party, 10000)
        refund = world.refunded(order, 2000 + number, number=f"BOOK{number}")
        world.days.append((str(world.today()), order, refund))
        world.forward(BALANCE_ARRIVAL)
        world.to_next_morning()
    world.company = party
    return world


@pytest.fixture
def place(tmp_path):
    return tmp_path


@pytest.fixture
def bill(book, place):
    """bill("refunds", …): run as the institution, with a cache of this test's own."""
    return lambda *arguments, **more: run("bill", *arguments, env=settings(book, place), **more)


@pytest.fixture(autouse=True)
def without_faults(book):
    yield
    book.control.clear_faults()


def settings(book, place):
    held = book.program.data / "merchants" / book.company.sponsor
    return {
        "FENZHANG_HOSTS": book.program.api,
        "FENZHANG_MODE": "institution",
        "FENZHANG_MCHID": book.company.sponsor,
        "FENZHANG_SUB_MCHID": book.company.sub_mchid,
        "FENZHANG_SERIAL_NO": (held / "serial_no").read_text().strip(),
        "FENZHANG_PRIVATE_KEY_FILE": str(held / "apiclient_key.pem"),
        "FENZHANG_APIV3_KEY_FILE": str(held / "apiv3_key"),
        "XDG_CACHE_HOME": str(place / "cache"),
    }


def first_day(book):
    return book.days[0][0]


def all_days(book):
    return f"{book.days[0][0]}..{book.days[-1][0]}"


def file_requests(book):
    """How many bill files were fetched so far."""
    return sum(1 for entry in requests_of(book) if "/v3/billdownload/file" in entry["target"])


def requests_of(book):
    found, before = [], ""
    while True:
        page = book.control.get(f"/requests?path=/v3/billdownload/file&limit=100{before}")
        found += page["requests"]
        if "before" not in page:
            return found
        before = f"&before={page['before']}"


def told(done):
    """The lines of the days, without remarks."""
    return [line for line in done.stderr.splitlines() if line[:2] == "20"]


def cached(place):
    return sorted((place / "cache/fenzhang/bills").rglob("*.csv"))


# ---- a day ----


def test_in_a_pipe_come_the_service_s_own_bytes(book, bill, place):
    done = bill("refunds", first_day(book), text=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"\xef\xbb\xbfRefund apply time,")
    assert done.stdout == cached(place)[0].read_bytes()


def test_a_line_says_what_the_day_comes_to(book, bill):
    assert told(bill("refunds", first_day(book))) == [f"{first_day(book)}  refunds  1 line  1 refund  20.00 CNY  done"]


def test_csv_has_the_file_s_values_without_accents(book, bill):
    """20.00 of an order of 100.00 at 0.60 % and 6.5 CNY for a USD: a fee of 0.12; 3.08 USD (3.0769) and 0.02 (0.0185)."""
    day, order, refund = book.days[0]
    done = bill("refunds", day, "--format", "csv", text=False)
    rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
    assert rows[0] == REFUND_COLUMNS
    assert len(rows) == 2
    assert rows[1][2:] == [
        refund["id"], "BOOK0", order.transaction_id, order.out_trade_no, "20.00", "CNY", "0.00", "20.00", "CNY", "0.60%",
        "ORDER_REFUNDABLE_BALANCE", "PACKAGE", "20.00", "-0.12", "USD", "650000000", "3.08", "-0.02"]
    assert done.stdout.endswith(b"\r\n")


def test_json_lines_have_whole_numbers_and_the_file_s_texts(book, bill):
    day, order, _ = book.days[0]
    done = bill("refunds", day, "--format", "jsonl")
    (line,) = [json.loads(text) for text in done.stdout.splitlines()]
    assert line["out_refund_no"] == "BOOK0" and line["transaction_id"] == order.transaction_id
    assert (line["refund"], line["currency"], line["fee_rate"]) == (2000, "CNY", 60)
    assert (line["source_amount"], line["source_fee"], line["settlement"], line["settlement_fee"]) == (2000, -12, 308, -2)
    assert line["exchange_rate"] == 650000000
    assert line["success_time"].startswith(day + "T") and line["success_time"].endswith("+08:00")
    assert list(line["cells"]) == REFUND_COLUMNS
    assert line["cells"]["Refund source fee in CNY"] == "-0.12"


def test_a_comma_and_a_quote_in_a_value_are_quoted(book, bill, place):
    """An order's description goes into the statement as it was sent."""
    world = book
    number = world.number()
    world.native(world.company, number, 100, description='Lamp, "small"')
    world.control.pay(number, mchid=world.company.sponsor)
    world.to_next_morning()
    day = str(world.today() - timedelta(days=1))
    done = bill("statement", day, "--format", "csv", text=False)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    assert [row["Commodity name"] for row in rows if row["Vendor order No."] == number] == ['Lamp, "small"']
    assert b'"Lamp, ""small"""' in done.stdout


def test_on_a_terminal_it_is_a_table(book, place):
    reader, writer = os.openpty()
    done = run("bill", "refunds", first_day(book), env=settings(book, place) | {"COLUMNS": "200", "NO_COLOR": "1"}, capture_output=False,
               stdout=writer, stderr=writer)
    os.close(writer)
    shown = all_that_was_sent(reader)
    assert done.returncode == 0
    assert "BOOK0" in shown and "20.00 CNY" in shown and "-0.12 CNY" in shown and "3.08 USD" in shown
    assert "`" not in shown


def test_a_day_without_a_bill_is_no_error(book, bill, place):
    before = str(book.now().date() - timedelta(days=DAYS + 5))
    done = bill("refunds", before)
    assert (done.returncode, done.stdout, told(done)) == (0, "", [f"{before}  refunds  no bill"])


def test_a_day_that_is_not_out_is_told_when(book, bill):
    today = book.today()
    done = bill("refunds", today)
    assert (done.returncode, done.stdout) == (1, "")
    assert told(done) == [f"{today}  refunds  not out yet: 10:00 on {today + timedelta(days=1)} (Beijing)"]


def test_a_date_that_is_none_is_usage(bill):
    for word in ("2026-02-30", "2026-13", "tomorrow", "2026-01-05..2026-01-04", ""):
        done = bill("refunds", word)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "ends before it begins" in bill("refunds", "2026-01-05..2026-01-04").stderr
    assert bill("refunds").returncode == 2


# ---- the other bills ----


def test_a_distribution_bill_is_of_one_sub_merchant(book, bill, place):
    world = book
    order = world.paid(world.company, 10000)
    world.send_outbound(order, 3000)
    day = str(world.today())
    world.to_next_morning()
    done = bill("shares", day, "--format", "jsonl")
    (line,) = [json.loads(text) for text in done.stdout.splitlines()]
    assert (line["amount"], line["currency"], line["receiver_account"]) == (3000, "CNY", world.company.sponsor)
    assert line["settlement_amount"] == 462  # 30.00 / 6.5 = 4.615
    assert told(done) == [f"{day}  shares  1 line  30.00 CNY  done"]
    nobody = run("bill", "shares", day, env=settings(book, place) | {"FENZHANG_SUB_MCHID": ""})
    assert nobody.returncode == 2 and "--sub-mchid" in nobody.stderr


def test_a_statement_is_taken_by_its_signed_hash_alone(book, bill, place):
    """The day's payment of 100.00 less the refund of 20.00: 15.38 - 3.08 USD."""
    day = first_day(book)
    assert told(bill("statement", day)) == [f"{day}  statement  2 lines  1 payment  1 refund  12.30 USD  done"]
    book.control.add_fault(effect="wrong_signature", endpoint="statement")
    forged = bill("statement", book.days[1][0], "--out", place / "out")
    assert forged.returncode == 2 and "signature" in forged.stderr
    assert list((place / "out").iterdir()) == []


# ---- ranges ----


def test_a_range_is_a_file_a_day(book, bill, place):
    out = place / "out"
    done = bill("refunds", all_days(book), "--out", out)
    assert (done.returncode, done.stdout) == (0, "")
    assert told(done) == [f"{day}  refunds  1 line  1 refund  20.0{number} CNY  done" for number, (day, _, _) in enumerate(book.days)]
    assert sorted(path.name for path in out.iterdir()) == [f"refunds-{day}.csv" for day, _, _ in book.days]
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())


def test_a_range_needs_a_directory(book, bill):
    done = bill("refunds", all_days(book))
    assert (done.returncode, done.stdout) == (2, "") and "--out" in done.stderr


def test_what_is_there_is_not_fetched_again(book, bill, place):
    bill("refunds", all_days(book), "--out", place / "out")
    before = file_requests(book)
    again = bill("refunds", all_days(book), "--out", place / "out")
    assert again.returncode == 0 and all(line.endswith("there already") for line in told(again))
    other = bill("refunds", all_days(book), "--out", place / "other")
    assert other.returncode == 0 and all(line.endswith("done, from the cache") for line in told(other))
    assert file_requests(book) == before
    for path in (place / "out").iterdir():
        assert (place / "other" / path.name).read_bytes() == path.read_bytes()


def test_a_file_that_was_changed_is_put_right(book, bill, place):
    bill("refunds", first_day(book), "--out", place / "out")
    path = place / "out" / f"refunds-{first_day(book)}.csv"
    good = path.read_bytes()
    path.unlink()
    path.write_bytes(good.replace(b"`20.00", b"`30.00"))
    before = file_requests(book)
    bill("refunds", first_day(book), "--out", place / "out")
    assert path.read_bytes() == good and file_requests(book) == before


def test_a_damaged_cache_is_noticed_and_fetched_anew(book, bill, place):
    day = first_day(book)
    good = bill("refunds", day, text=False).stdout
    (kept,) = cached(place)
    kept.write_bytes(good.replace(b"BOOK0", b"BOOK1"))
    before = file_requests(book)
    done = bill("refunds", day, text=False)
    assert (done.returncode, done.stdout) == (0, good)
    assert b"fetched anew" in done.stderr and file_requests(book) == before + 1
    assert kept.read_bytes() == good


def test_the_cache_is_for_its_user_alone(book, bill, place):
    bill("refunds", first_day(book))
    (kept,) = cached(place)
    assert kept.parent == place / "cache/fenzhang/bills" / book.program.api.removeprefix("http://") / book.company.sponsor
    hashed = kept.with_name(kept.name + ".sha256")
    assert hashed.read_text() == f"{hashlib.sha256(kept.read_bytes()).hexdigest()}  {kept.name}\n"
    assert kept.stat().st_mode & 0o777 == hashed.stat().st_mode & 0o777 == 0o600
    assert all(path.stat().st_mode & 0o777 == 0o700 for path in kept.parents[:4])


def test_without_a_cache_nothing_is_kept(book, bill, place):
    before = file_requests(book)
    for _ in range(2):
        assert bill("refunds", first_day(book), "--no-cache", "--out", place / "out").returncode == 0
    assert file_requests(book) == before + 2
    assert not (place / "cache").exists()
    assert [path.name for path in (place / "out").iterdir()] == [f"refunds-{first_day(book)}.csv"]
    assert bill("refunds", first_day(book), "--no-cache").stdout != ""


def test_where_there_is_no_place_for_a_cache_it_goes_without(book, place):
    for env in ({"XDG_CACHE_HOME": "", "HOME": str(place / "none")}, {"XDG_CACHE_HOME": "/dev/null/x"}):
        done = run("bill", "refunds", first_day(book), "--format", "csv", env=settings(book, place) | env)
        assert done.returncode == 0 and "BOOK0" in done.stdout and "no copies are kept" in done.stderr
    assert not (place / "none").exists()


def test_what_a_killed_command_left_in_the_cache_goes_after_a_day(book, bill, place):
    bill("refunds", first_day(book))
    (kept,) = cached(place)
    old, fresh = (kept.with_name(kept.name + ending) for ending in (".aB3xYz", ".Zz3xYz"))
    old.write_text("half of")
    fresh.write_text("half of")
    os.utime(old, (time.time() - 90000,) * 2)
    bill("refunds", first_day(book))
    assert (old.exists(), fresh.exists(), kept.exists()) == (False, True, True)


def test_a_server_that_was_begun_anew_has_other_bills(book, place):
    """Its demo.env is younger than what was fetched before."""
    env = {"XDG_CACHE_HOME": str(place / "cache")}
    demo = place / "demo.env"
    demo.write_text((book.program.data / "demo.env").read_text())
    demo.chmod(0o600)
    day = book.program.demo["BILL_DATE"]
    assert told(run("bill", "refunds", day, "--env", demo, env=env))[0].endswith("  done")
    assert told(run("bill", "refunds", day, "--env", demo, env=env))[0].endswith("  done, from the cache")
    os.utime(demo)
    assert told(run("bill", "refunds", day, "--env", demo, env=env))[0].endswith("  done")


# ---- interrupted ----


def until(condition):
    end = time.monotonic() + 20 * PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_a_range_that_was_killed_goes_on_where_it_stopped(book, bill, place):
    out = place / "out"
    book.control.add_fault(effect="delay", delay_ms=round(300 * PATIENCE), endpoint="bill-file")
    killed = start("bill", "refunds", all_days(book), "--out", out, env=settings(book, place))
    until(lambda: out.exists() and len(list(out.iterdir())) >= 2)
    killed.kill()
    killed.communicate()
    there = sorted(path.name for path in out.iterdir())
    assert len(there) < DAYS
    book.control.clear_faults()
    before = file_requests(book)
    done = bill("refunds", all_days(book), "--out", out)
    assert done.returncode == 0, done.stderr
    assert [line.endswith("there already") for line in told(done)][: len(there)] == [True] * len(there)
    assert file_requests(book) - before <= DAYS - len(there) + 1  # the killed one's last may be noted only now; nothing of what is there, which is two
    assert sorted(path.name for path in out.iterdir()) == [f"refunds-{day}.csv" for day, _, _ in book.days]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_between_two_files(book, place, sent):
    book.control.add_fault(effect="delay", delay_ms=20000, endpoint="bill-file")
    ended = start("bill", "refunds", all_days(book), "--out", place / "out", env=settings(book, place))
    until(lambda: (place / "cache").exists() and list((place / "cache").rglob("*.csv.*")))
    ended.send_signal(sent)
    _, said = ended.communicate(timeout=10 * PATIENCE)
    assert ended.returncode == 2 and "Repeat the command" in said
    assert list((place / "out").iterdir()) == list((place / "cache").rglob("*.csv*")) == []


def test_on_a_terminal_a_bar_says_how_far_a_range_has_come(book, place):
    book.control.add_fault(effect="delay", delay_ms=700, endpoint="bill-file")
    reader, writer = os.openpty()
    done = run("bill", "refunds", all_days(book), "--out", place / "out", env=settings(book, place) | {"COLUMNS": "80"}, capture_output=False,
               stdout=subprocess.PIPE, stderr=writer)
    os.close(writer)
    shown = all_that_was_sent(reader)
    assert done.returncode == 0 and done.stdout == ""
    assert "fetching refunds" in shown and shown.count("  done") == DAYS


def test_a_file_that_is_cut_is_nowhere(book, bill, place):
    book.control.add_fault(effect="cut", endpoint="bill-file")
    done = bill("refunds", all_days(book), "--out", place / "out")
    assert done.returncode == 2 and "Repeat the command" in done.stderr
    assert list((place / "out").iterdir()) == [] and cached(place) == []


def test_a_range_ends_where_the_merchant_is_refused(book, bill, place):
    """The demo's sub-merchant is not this institution's."""
    done = bill("refunds", all_days(book), "--out", place / "out", "--sub-mchid", book.program.demo["SUB_MCHID"])
    assert done.returncode == 1 and "NO_AUTH" in done.stderr
    assert told(done) == []


def test_a_full_disk_is_told_and_leaves_no_half_file(book, place):
    """Files of at most 1024 bytes, and a signal that is ignored, as where a disk is full."""
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    for arguments in (["--no-cache"], []):
        done = run("bill", "refunds", first_day(book), "--out", place / "out", *arguments, env=settings(book, place), preexec_fn=small,
                   restore_signals=False)
        assert done.returncode == 2 and "could not be" in done.stderr, done.stderr
        assert list((place / "out").iterdir()) == [] and list((place / "cache").rglob("*.csv*")) == []


@pytest.mark.parametrize("form", ["original", "csv", "jsonl"])
def test_who_reads_no_more_has_what_he_wanted(book, place, form):
    reader, writer = os.pipe()
    os.close(reader)
    done = run("bill", "refunds", first_day(book), "--format", form, env=settings(book, place), capture_output=False, stdout=writer)
    os.close(writer)
    assert done.returncode == 0


def test_a_full_standard_output_is_told(book, bill):
    with open("/dev/full", "w") as full:
        for form in ("original", "csv", "jsonl"):
            done = bill("refunds", first_day(book), "--format", form, capture_output=False, stdout=full)
            assert done.returncode == 2


# ---- for programs ----


def test_json_tells_of_each_day_and_nothing_else(book, bill, place):
    empty = str(book.now().date() - timedelta(days=DAYS + 5))
    done = bill("refunds", f"{empty}..{book.today()}", "--json", "--out", place / "out")
    days = {day["date"]: day for day in json.loads(done.stdout)}
    assert done.returncode == 1
    assert days[empty] == {"date": empty, "bill": "refunds", "state": "no_bill"}
    today = str(book.today())
    assert days[today] == {"date": today, "bill": "refunds", "state": "not_out_yet",
                           "out_at": f"{book.today() + timedelta(days=1)}T10:00:00+08:00"}
    day = days[first_day(book)]
    path = place / "out" / f"refunds-{first_day(book)}.csv"
    assert day == {"date": first_day(book), "bill": "refunds", "state": "done", "from": "service", "lines": 1, "refunds": 1,
                   "totals": [{"currency": "CNY", "amount": 2000}], "bytes": path.stat().st_size,
                   "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "file": str(path)}


def test_json_alone_names_the_file_in_the_cache(book, bill, place):
    (day,) = json.loads(bill("refunds", first_day(book), "--json").stdout)
    assert day["file"] == str(cached(place)[0])


def test_a_database_has_a_table_a_kind(book, bill, place):
    path = place / "bills.sqlite"
    for kind in ("refunds", "statement"):
        assert bill(kind, all_days(book), "--out", path).returncode == 0
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT bill_day, bill_mchid, out_refund_no, refund, currency, source_fee FROM refunds ORDER BY 1").fetchall()
        assert rows == [(day, book.company.sponsor, f"BOOK{number}", 2000 + number, "CNY", -12)
                        for number, (day, _, _) in enumerate(book.days)]
        assert database.execute("SELECT sum(amount), sum(refund), count(*) FROM statement WHERE bill_day = ?",
                                [first_day(book)]).fetchone() == (10000, 2000, 2)
        assert database.execute("SELECT count(*) FROM bills").fetchone() == (2 * DAYS,)
    assert path.stat().st_mode & 0o777 == 0o600
    again = bill("refunds", all_days(book), "--out", place, "--format", "sqlite")
    assert all(line.endswith("there already") for line in told(again))


def test_a_day_comes_into_a_database_once(book, bill, place):
    path = place / "bills.sqlite"
    assert bill("refunds", first_day(book), "--out", path).returncode == 0
    with sqlite3.connect(path) as database:
        database.execute("UPDATE bills SET sha256 = ''")
        database.execute("UPDATE refunds SET refund = 1")
    assert bill("refunds", first_day(book), "--out", path).returncode == 0
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT refund FROM refunds").fetchall() == [(2000,)]


def test_a_direct_merchant_has_bills_of_its_own(book, place):
    env = {"XDG_CACHE_HOME": str(place / "cache")}
    demo, day = book.program.data / "demo.env", book.program.demo["BILL_DATE"]
    for kind in ("refunds", "statement"):
        done = run("bill", kind, day, "--env", demo, "--profile", "direct", env=env)
        assert done.returncode == 0, done.stderr
    assert book.program.demo["DIRECT_MCHID"] in done.stdout
