"""Snapshots and forks that are killed, or have no room: there is the old world or the new one, and never half a snapshot."""
import random
import subprocess
import threading
import time

import pytest
import requests

from control import ControlError
from demo_book import DemoBook

pytestmark = pytest.mark.sqlite("a snapshot is a copy of the book's file")

KILLS = 12


def take(book, name):
    return book.control.post("/snapshots", {"name": name})


def restore(book, name):
    return book.control.post(f"/snapshots/{name}/restore")


def names(book):
    return [one["name"] for one in book.control.get("/snapshots")["snapshots"]]


def pay(book):
    book.control.make_payment(**book.direct.in_control(), amount=1)


def payments(book):
    """How many there are in a book that adds up."""
    totals = book.control.audit()
    assert totals["findings"] == 0
    return totals["payments"]


def killed_in_the_middle(server, act, latest_ms):
    """Kills the server a moment after `act` was begun. Whether that was answered."""
    answered = []

    def run():
        try:
            act()
            answered.append(True)
        except requests.exceptions.RequestException:
            pass

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(random.uniform(0, latest_ms) / 1000)
    server.kill()
    thread.join()
    return bool(answered)


@pytest.mark.concurrent
def test_a_kill_while_it_is_taken_leaves_a_whole_one_or_none(program):
    server = program(demo=True)
    shelf, answered, begin = server.data / "snapshots", [], payments(DemoBook(server))
    for number in range(KILLS):
        book = DemoBook(server)
        pay(book)
        if killed_in_the_middle(server, lambda: take(book, f"n{number}"), 40):
            answered.append(number)
        server.start()
    book = DemoBook(server)
    found = [int(name[1:]) for name in names(book)]
    assert set(answered) <= set(found)
    assert sorted(path.name for path in shelf.iterdir()) == sorted(f"n{number}.db" for number in found)
    for number in found:
        restore(book, f"n{number}")
        assert payments(book) == begin + 1 + number


@pytest.mark.concurrent
def test_a_kill_while_it_is_restored_leaves_the_old_book_or_the_snapshots(program):
    server = program(demo=True)
    book = DemoBook(server)
    begin = payments(book)
    take(book, "begin")
    for _ in range(KILLS):
        book = DemoBook(server)
        pay(book)
        answered = killed_in_the_middle(server, lambda: restore(book, "begin"), 40)
        server.start()
        book = DemoBook(server)
        assert payments(book) in ([begin] if answered else [begin, begin + 1])
        restore(book, "begin")
        assert payments(book) == begin
    assert names(book) == ["begin"]


@pytest.mark.plain
def test_a_full_disk_leaves_no_half_snapshot_and_the_book_as_it_is(faulty):
    server = faulty(demo=True)
    book = DemoBook(server)
    take(book, "before")
    begin = payments(book)
    pay(book)
    server.full.touch()
    with pytest.raises(ControlError, match="^409 .*no room") as full:
        take(book, "full")
    assert "Make room" in full.value.text
    with pytest.raises(ControlError, match="^500 .*not restored.*as it was"):
        restore(book, "before")
    assert names(book) == ["before"] and [path.name for path in (server.data / "snapshots").iterdir()] == ["before.db"]
    assert payments(book) == begin + 1
    server.full.unlink()
    assert take(book, "full")["name"] == "full"
    restore(book, "before")
    assert payments(book) == begin and book.control.healthy()


@pytest.mark.plain
def test_a_fork_that_has_no_room_is_told_and_can_be_made_later(faulty, program, tmp_path):
    source = DemoBook(program(demo=True))
    place = faulty("--from", str(source.program.data), seed=None)
    place.stop()
    subprocess.run(["rm", "-r", str(place.data)], check=True)
    place.full.touch()
    with pytest.raises(AssertionError, match="Make room"):
        place.start()
    assert not (place.data / "book.db").exists()
    place.full.unlink()
    place.start()
    assert DemoBook(place).control.audit() == source.control.audit()
