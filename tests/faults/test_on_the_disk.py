"""What has to be on the disk before it is said, or before a name leads to it, read off the order of the system calls."""
import stat
from pathlib import Path

import pytest

from answers import ok
from bills import download

pytestmark = pytest.mark.plain


class Disk:
    """What the calls so far left: which files have unsynced content, and which directories unsynced names."""

    def __init__(self):
        self.unsynced, self.new_names, self.named = set(), {}, []

    def take(self, line):
        what, *names = line.split(" ")
        if what == "write":
            self.unsynced.add(names[0])
        elif what == "synced":
            self.unsynced.discard(names[0])
            self.new_names.pop(names[0], None)
        elif what in ("rename", "link") and len(names) == 2:
            old, new = names
            assert old not in self.unsynced, f"{new} was given its name before its content was on the disk"
            self.named.append(new)
            self.new_names.setdefault(str(Path(new).parent), set()).add(new)


def lines_of(server):
    return server.trace.read_text().splitlines()


def replay(lines):
    disk = Disk()
    for line in lines:
        disk.take(line)
    return disk


def under(server, names):
    root = str(server.data.resolve()) + "/"
    return {name.removeprefix(root) for name in names if name.startswith(root)}


def unsynced_names(server, disk):
    """Of what cannot be made again from the book at the next download or start of the server."""
    names = under(server, set().union(*disk.new_names.values()))
    return {name for name in names if not name.startswith("bills/") and name not in ("demo.env", "ready.json")}


def test_keys_are_on_the_disk_before_the_ready_line(faulty):
    server = faulty("--tls", demo=True)
    lines = lines_of(server)
    disk = replay(lines)
    named = under(server, disk.named)
    assert {"secret.key", "tls/ca_key.pem", "demo.env", "merchants/1900000100/apiclient_key.pem"} <= named
    assert unsynced_names(server, disk) == set()
    assert not under(server, disk.unsynced) & {"book.db", "book.db-wal"}


@pytest.mark.sqlite("the count is of the book's file")
def test_the_count_is_there_before_the_secret_that_it_vouches_for_and_that_before_anything_is_sealed_with_it(faulty):
    server = faulty("--tls", demo=True)
    lines = lines_of(server)
    data = str(server.data.resolve())
    count, name = lines.index(f"synced {data}/book.db-acknowledged"), lines.index(f"synced {data}")
    secret = next(at for at, line in enumerate(lines) if line.startswith("link ") and line.endswith("/secret.key"))
    sealed = lines.index(f"write {data}/book.db-wal")
    assert count < name < secret < sealed


@pytest.mark.sqlite("a fork is a copy of the book's file")
def test_a_fork_s_book_and_secret_are_on_the_disk_before_the_ready_line(faulty, program):
    """Copies of keys need not be: forks come by the hundred, and the next start would write them again."""
    server = faulty("--from", str(program(demo=True).data), seed=None)
    disk = replay([line for line in lines_of(server) if "/merchants/" not in line and "/platform/" not in line])
    assert {"secret.key", "book.db"} <= under(server, disk.named)
    assert {name for name in unsynced_names(server, disk) if name not in ("merchants", "platform")} == set()
    assert not under(server, disk.unsynced) & {"book.db", "book.db-unfinished", "book.db-wal", "secret.key"}


def test_a_new_merchant_s_keys_are_on_the_disk_before_the_answer(faulty, world_of):
    server = faulty(demo=True)
    world = world_of(server)
    server.trace.write_text("")
    world.control.make_merchant(mchid="1900000777", kind="institution")
    lines = lines_of(server)
    answer = max(at for at, line in enumerate(lines) if line.startswith("send "))
    disk = replay(lines[:answer])
    assert "merchants/1900000777/apiclient_key.pem" in under(server, disk.named)
    assert unsynced_names(server, disk) == set()
    assert not under(server, disk.unsynced) & {"book.db-wal"}
    for path in (server.data / "merchants" / "1900000777").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.stat().st_size > 0
    assert {path.name for path in (server.data / "merchants" / "1900000777").iterdir()} == {
        "apiclient_key.pem", "apiclient_cert.pem", "apiv3_key", "serial_no"}


@pytest.mark.sqlite("it is in the book's file")
def test_a_moved_clock_is_on_the_disk_before_it_is_said(faulty, world_of):
    server = faulty(demo=True)
    world = world_of(server)
    wal = f"{server.data.resolve()}/book.db-wal"
    for change in ({"advance": "P1D"}, {"freeze": False}, {"freeze": True}):
        server.trace.write_text("")
        world.control.set_clock(**change)
        lines = lines_of(server)
        answer = max(at for at, line in enumerate(lines) if line.startswith("send "))
        assert f"write {wal}" in lines[:answer], change
        assert wal not in replay(lines[:answer]).unsynced, change


def test_a_bill_is_on_the_disk_before_it_has_its_name(faulty, world_of):
    server = faulty(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    ok(world.refund(order, 100, "BILLED1"))
    day = world.today()
    world.control.set_clock(advance="P3D")
    server.trace.write_text("")
    assert "BILLED1" in str(download(world.client, party.caller, world.refund_bill(party, day)))
    named = under(server, replay(lines_of(server)).named)
    assert any(name.startswith("bills/") for name in named), named


@pytest.mark.sqlite("it is in the book's file")
def test_what_was_acknowledged_is_on_the_disk_when_the_server_has_ended(faulty, world_of):
    server = faulty(demo=True)
    world = world_of(server)
    world.paid(world.party("institution"), 100)
    number = int((server.data / "book.db-acknowledged").read_text())
    server.trace.write_text("")
    server.stop()
    disk = replay(lines_of(server))
    lines = lines_of(server)
    count = f"{server.data.resolve()}/book.db-acknowledged"
    assert f"synced {count}" in lines
    assert not disk.unsynced & {count, f"{server.data.resolve()}/book.db"}
    assert int((server.data / "book.db-acknowledged").read_text()) >= number
