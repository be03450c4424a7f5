"""Files of the data directory that are gone, changed or damaged: said, and nothing is lost in silence."""
import shutil
import sqlite3
import subprocess
import time

import pytest

from answers import ok, refused
from control import ControlError

pytestmark = [pytest.mark.plain, pytest.mark.sqlite("what becomes of the book's files")]


def refused_start(server):
    """What a start says that is refused; it makes nothing."""
    before = sorted(path.name for path in server.data.iterdir())
    done = subprocess.run(server.arguments, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and done.stdout == "", done.stdout
    after = sorted(path.name for path in server.data.iterdir())
    assert set(after) - set(before) <= {"book.db-lock", "book.db-shm", "book.db-wal"}, (before, after)  # SQLite opens them, empty
    return done.stderr


@pytest.fixture
def killed(program, world_of):
    """A server that was killed with a refund acknowledged, before the WAL was brought into the book's file."""
    server = program(demo=True)
    world = world_of(server)
    party = world.party("institution")
    server.order = world.paid(party, 10_000, marked=True)
    server.refund_id = ok(world.refund(server.order, 100, "LAST1"))["id"]
    server.kill()
    server.party = party
    return server


def figure(world, name):
    values = dict(line.rsplit(" ", 1) for line in world.control.metrics().text.splitlines() if not line.startswith("#"))
    return float(values[f"fenzhang_{name}"])


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_book_that_lost_its_wal_or_itself_is_refused(killed, world_of):
    wal, book = killed.data / "book.db-wal", killed.data / "book.db"
    kept, whole = wal.read_bytes(), book.read_bytes()
    for at in (0, 16, 31):
        flip(wal, at)
        assert "The head of" in refused_start(killed)
        flip(wal, at)
    wal.unlink()
    said = refused_start(killed)
    assert "its last commits are missing" in said and "book.db-acknowledged" in said
    wal.write_bytes(kept)
    wal.chmod(0o600)
    book.write_bytes(b"")
    assert "is empty, but there was one" in refused_start(killed)
    book.unlink()
    assert "is not there, but there was one" in refused_start(killed)
    assert not book.exists()
    assert wal.read_bytes() == kept
    book.write_bytes(whole)
    book.chmod(0o600)
    world = world_of(killed.start())
    assert ok(world.refund_by_number(killed.party, "LAST1"))["id"] == killed.refund_id
    world.control.audit()
    killed.stop()


def test_a_directory_of_an_older_version_that_lost_its_book_is_refused(program):
    """There is a secret, and no count that says how far a book in the making had come."""
    server = program(demo=True)
    server.stop()
    secret = (server.data / "secret.key").read_bytes()
    for path in server.data.glob("book.db*"):
        path.unlink()
    assert "is not there, but there was one" in refused_start(server)
    assert (server.data / "secret.key").read_bytes() == secret
    # An older version's book has no count either: it is whole, and gets one.
    shutil.rmtree(server.data)
    server.start()
    server.stop()
    (server.data / "book.db-acknowledged").unlink()
    server.start()
    assert int((server.data / "book.db-acknowledged").read_text()) > 0
    server.stop()


def test_a_start_that_was_killed_at_once_is_done_again(program):
    """The count is there before the secret, and the secret before the book."""
    server = program(demo=True)
    server.stop()
    for path in server.data.glob("book.db*"):
        path.unlink()
    count = server.data / "book.db-acknowledged"
    count.write_text("")
    count.chmod(0o600)
    server.start()
    server.stop()


def test_the_file_alone_is_the_whole_book_from_the_ready_line_on(program, world_of):
    server = program(demo=True)
    server.kill()
    (server.data / "book.db-wal").unlink()
    (server.data / "book.db-shm").unlink()
    world = world_of(server.start())
    world.control.audit()
    assert ok(world.balance(world.party("institution")))
    server.stop()


@pytest.mark.parametrize("way", ["moved", "removed"])
def test_a_data_directory_that_vanishes_is_seen_at_once_and_nothing_is_acknowledged(program, world_of, way):
    server = program(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    ok(world.refund(order, 100, "BEFORE"))  # the client knows the platform's certificate from now on
    away = server.directory / "away"
    if way == "moved":
        server.data.rename(away)
    else:
        shutil.rmtree(server.data)
    answer = world.control.raw("GET", "/health")
    assert answer.status_code == 503 and "no longer where it was opened" in answer.text
    refused(world.refund(order, 100, "GONE1"), 500, "SYSTEM_ERROR")
    refused(world.refund(order, 100, "GONE2"), 500, "SYSTEM_ERROR")
    with pytest.raises(ControlError):
        world.control.make_payment(**party.in_control(), amount=1)
    assert "no longer where it was opened" in server.log_text()
    assert figure(world, "store_writable") == 0
    if way == "removed":
        server.kill()
        return
    away.rename(server.data)
    ids = [ok(world.refund(order, 100, number))["id"] for number in ("GONE1", "GONE2")]
    assert world.control.healthy()
    server.kill()
    again = world_of(server.start())
    assert [ok(again.refund_by_number(party, number))["id"] for number in ("GONE1", "GONE2")] == ids
    again.control.audit()
    server.stop()


def test_a_damaged_book_is_not_healthy_and_takes_no_writes(program, world_of):
    server = program(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    ok(world.refund(order, 100, "BEFORE"))
    server.stop()
    book = sqlite3.connect(server.data / "book.db")
    (page,) = book.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'refund'").fetchone()
    (size,) = book.execute("PRAGMA page_size").fetchone()
    book.close()
    with open(server.data / "book.db", "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"this was a page of refunds" * 100)
    world = world_of(server.start())
    assert world.control.healthy()
    refused(world.refund_by_number(party, "BEFORE"), 500, "SYSTEM_ERROR")
    answer = world.control.raw("GET", "/health")
    assert answer.status_code == 503 and "damaged" in answer.text
    assert server.log_text().count("is damaged (") == 1
    with pytest.raises(ControlError):
        world.control.make_payment(**party.in_control(), amount=1)  # its tables are sound
    ok(world.balance(party))  # so is what this reads
    assert figure(world, "store_damaged") == 1
    server.stop()


def test_a_book_that_does_not_sync_works_on_and_says_so(faulty, world_of):
    """The WAL syncs, the book's own file does not."""
    server = faulty(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    server.broken.write_text("*/book.db")
    ok(world.refund(order, 100, "KEPT1"))
    while figure(world, "store_wal_kept") == 0:  # after a quiet second
        time.sleep(0.02)
    answer = world.control.raw("GET", "/health")
    assert answer.status_code == 200 and answer.json()["status"] == "attention"
    assert "fsync failed" in answer.json()["warning"]
    ok(world.refund(order, 100, "KEPT2"))
    assert server.log_text().count("fsync failed") == 1
    assert figure(world, "store_wal_pages") > 0
    assert figure(world, "store_checkpoint_code") == 1034  # SQLITE_IOERR_FSYNC
    server.broken.unlink()
    server.stop()
    assert (server.data / "book.db-wal").stat().st_size > 0
    world = world_of(server.start())
    assert world.control.raw("GET", "/health").json()["status"] == "ok"
    for number in ("KEPT1", "KEPT2"):
        ok(world.refund_by_number(party, number))
    world.control.audit()


def test_a_start_with_a_full_disk_goes_on_without_new_copies_and_says_so(faulty, world_of):
    server = faulty(demo=True)
    server.stop()
    before = (server.data / "demo.env").read_text()
    key = server.data / "merchants" / "1900000100" / "apiclient_key.pem"
    key.unlink()
    server.full.write_text("*/data/[dmp]*")  # demo.env, merchants, platform
    server.start()
    log = server.log_text()
    assert "demo.env" in log and "could not be written" in log and "next start" in log
    assert (server.data / "demo.env").read_text() == before
    assert not key.exists()
    world = world_of(server)
    assert world.control.healthy()
    server.stop()
    server.full.unlink()
    server.start()
    assert key.exists() and (server.data / "demo.env").read_text() != before
    server.stop()


def test_a_start_whose_book_has_no_room_says_so(faulty):
    server = faulty(demo=True)
    server.stop()
    server.full.touch()
    with pytest.raises(AssertionError, match="no room for the book"):
        server.start()
    server.full.unlink()
    server.process.wait()
    server.process.stdout.close()
    server.start()
    server.stop()
