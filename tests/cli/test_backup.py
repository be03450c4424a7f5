"""fenzhang backup and restore: a book in use, killed processes, full disks, damaged files, names that lead elsewhere."""
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from callbacks import until
from client import PATIENCE
from command import run, start
from control import Control
from program import BINARY, Program

pytestmark = pytest.mark.sqlite("copies the book's file")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The demo book at rest. Only to be read."""
    program = Program(tmp_path_factory.mktemp("rest"), demo=True).start()
    program.stop()
    return program.data


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A backup of it with its secret."""
    file = tmp_path_factory.mktemp("whole") / "book.backup"
    done(run("backup", "--data", data, "--to", file, "--with-secret"))
    return file


def done(one):
    assert (one.returncode, one.stderr) == (0, ""), one
    return one.stdout


def refused(one, *said, status=2):
    assert (one.returncode, one.stdout) == (status, ""), one
    for words in said:
        assert words in one.stderr, one.stderr
    return True


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def rows(file, sql):
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        found = database.execute(sql).fetchall()
    database.close()
    return found


def served(data, tmp_path):
    """A server on it; stopped by the test."""
    tmp_path.mkdir(exist_ok=True)
    program = Program(tmp_path, seed=None)
    program.arguments[program.arguments.index("--data") + 1] = str(data)
    program.data = data
    return program.start()


# ---- a book in use ----


def test_what_was_acknowledged_before_it_began_is_in_it(server, tmp_path):
    """Payments without a pause, meanwhile; the server answers all along, and is as it was."""
    control, acknowledged, over = Control(server.control), [], threading.Event()

    def pay():
        while not over.is_set():
            acknowledged.append(control.make_payment(mchid="1900000100", sub_mchid="1900000109", amount=100)["transaction_id"])

    payers = [threading.Thread(target=pay) for _ in range(2)]
    for payer in payers:
        payer.start()
    try:
        for number in range(3):
            while len(acknowledged) < 30 * (number + 1):
                time.sleep(0.01)
            before = set(acknowledged)
            said = done(run("backup", "--data", server.data, "--to", tmp_path / f"{number}.backup"))
            behind = len(acknowledged)
            kept = {row[0] for row in rows(tmp_path / f"{number}.backup", "SELECT transaction_id FROM payment")}
            assert before <= kept and re.search(r"sound: (\d+) payments", said)[1] == str(len(kept))
            assert len(kept) <= behind + 6 + len(payers)  # those of the demo book, and what is not yet told
    finally:
        over.set()
        for payer in payers:
            payer.join()
    assert names(tmp_path) == ["0.backup", "1.backup", "2.backup"]
    done(run("restore", "--from", tmp_path / "2.backup", "--data", tmp_path / "again", "--secret-file", server.data / "secret.key"))
    again = served(tmp_path / "again", tmp_path / "log")
    try:
        assert {row[0] for row in rows(tmp_path / "again" / "book.db", "SELECT transaction_id FROM payment")} == kept
        Control(again.control).make_payment(mchid="1900000100", sub_mchid="1900000109", amount=100)
        assert done(run("audit", "--data", tmp_path / "again")).endswith("The book is sound.\n")
    finally:
        again.stop()


def test_a_book_with_all_in_its_wal_is_backed_up_as_it_is(tmp_path):
    """After a kill; nothing of the directory is changed."""
    program = Program(tmp_path, demo=True).start()
    transaction = Control(program.control).make_payment(mchid="1900000100", sub_mchid="1900000109", amount=7)["transaction_id"]
    program.kill()
    before = {path.name: path.read_bytes() for path in program.data.iterdir() if path.is_file() and not path.name.endswith("-shm")}
    assert len(before["book.db-wal"]) > 0
    done(run("backup", "--data", program.data, "--to", tmp_path / "b"))
    assert (transaction,) in rows(tmp_path / "b", "SELECT transaction_id FROM payment")
    assert {path.name: path.read_bytes() for path in program.data.iterdir() if path.is_file() and not path.name.endswith("-shm")} == before


# ---- the file ----


def test_the_file_can_be_looked_into_and_is_nobody_else_s(data, whole, tmp_path):
    assert done(run("backup", "--data", data, "--to", tmp_path / "plain", umask=0)).endswith("keep DIR/secret.key apart; it does not change.\n")
    assert [(tmp_path / "plain").stat().st_mode & 0o7777, whole.stat().st_mode & 0o7777] == [0o600, 0o600]
    assert rows(tmp_path / "plain", "SELECT name FROM backup_file") == []
    assert rows(whole, "SELECT name, content FROM backup_file") == [("secret.key", (data / "secret.key").read_text())]
    assert rows(whole, "SELECT program, length(digest) FROM backup") == [(run("--version").stdout.split()[1], 32)]
    assert rows(whole, "SELECT count(*) FROM payment") == [(6,)] and names(whole.parent) == ["book.backup"]
    secret = (data / "secret.key").read_bytes().strip()
    assert secret in whole.read_bytes() and secret not in (tmp_path / "plain").read_bytes()


def test_the_audit_of_a_backup_leaves_it_alone(whole, tmp_path):
    before = whole.read_bytes()
    said = done(run("audit", "--backup", whole, env={"TMPDIR": str(tmp_path)}))
    assert re.search(r"^payments +6$", said, re.M) and said.endswith("The book is sound.\n")
    assert whole.read_bytes() == before and names(whole.parent) == ["book.backup"] and names(tmp_path) == []


def test_the_ca_goes_along_with_the_secret(tmp_path):
    program = Program(tmp_path, "--tls", demo=True).start()
    program.stop()
    done(run("backup", "--data", program.data, "--to", tmp_path / "b", "--with-secret"))
    done(run("restore", "--from", tmp_path / "b", "--data", tmp_path / "again"))
    assert [path.read_text() for path in sorted((tmp_path / "again" / "tls").iterdir())] == [path.read_text() for path in sorted((program.data / "tls").iterdir())]
    assert all(path.stat().st_mode & 0o77 == 0 for path in [tmp_path / "again", *(tmp_path / "again").rglob("*")])


def test_a_book_that_does_not_add_up_is_not_backed_up(data, tmp_path):
    shutil.copytree(data, tmp_path / "d")
    with sqlite3.connect(tmp_path / "d" / "book.db") as database:
        database.execute("PRAGMA writable_schema=ON")
        for (trigger,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE posting SET amount = amount + 1 WHERE rowid = (SELECT min(rowid) FROM posting)")
    database.close()
    assert refused(run("backup", "--data", tmp_path / "d", "--to", tmp_path / "b"), "does not add up, so no backup", status=1)
    assert names(tmp_path) == ["d"]


# ---- where it goes ----


def test_nothing_is_overwritten_unasked_nor_written_through_a_link(data, tmp_path):
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    (tmp_path / "dangling").symlink_to("nothing")
    for name in ("kept", "link", "dangling"):
        assert refused(run("backup", "--data", data, "--to", tmp_path / name), "is there already", "--overwrite")
    assert refused(run("backup", "--data", data, "--to", tmp_path, "--overwrite"), "is a directory")
    done(run("backup", "--data", data, "--to", tmp_path / "link", "--overwrite"))
    assert (tmp_path / "kept").read_text() == "kept" and not (tmp_path / "link").is_symlink()
    assert names(tmp_path) == ["dangling", "kept", "link"]


def test_a_working_directory_that_is_somebody_else_s_is_not_used(data, tmp_path):
    (tmp_path / "other").mkdir(mode=0o755)
    (tmp_path / "a.part").symlink_to("other")
    (tmp_path / "b.part").mkdir()
    (tmp_path / "b.part").chmod(0o777)
    (tmp_path / "c.part").write_text("x")
    for name in "abc":
        assert refused(run("backup", "--data", data, "--to", tmp_path / name), "no directory of this user's alone")
    assert names(tmp_path) == ["a.part", "b.part", "c.part", "other"] and names(tmp_path / "other") == []


def test_places_that_are_none(data, tmp_path):
    assert refused(run("backup", "--data", data), "--to FILE")
    assert refused(run("backup", "--data", data, "--to", tmp_path / "none" / "b"), "cannot be made (No such file")
    assert refused(run("backup", "--data", tmp_path / "none", "--to", tmp_path / "b"), "There is no book")
    assert refused(run("backup", "--data", data, "--to", tmp_path / "b", "--secret-file", "x"), "--with-secret")
    assert refused(run("backup", "--data", data, "--to", tmp_path / "b", "--with-secret", "--secret-file", tmp_path / "none"))
    (tmp_path / "other.key").touch(0o600)
    (tmp_path / "other.key").write_text("00" * 32 + "\n")
    assert refused(run("backup", "--data", data, "--to", tmp_path / "b", "--with-secret", "--secret-file", tmp_path / "other.key"), "do not open with this secret")
    assert names(tmp_path) == ["other.key"]


# ---- ends that nobody wished for ----


def test_killed_at_any_time_it_is_there_whole_or_not_at_all(data, tmp_path):
    """And the next one takes away what was left."""
    whole = 0
    for number in range(12):
        process = start("backup", "--data", data, "--to", tmp_path / "b")
        time.sleep(random.uniform(0, 0.25))
        process.kill()
        process.communicate()
        if (tmp_path / "b").exists():
            assert done(run("audit", "--backup", tmp_path / "b")).endswith("The book is sound.\n")
            (tmp_path / "b").unlink()
            whole += 1
        assert set(names(tmp_path)) <= {"b.part"}
    done(run("backup", "--data", data, "--to", tmp_path / "b"))
    assert names(tmp_path) == ["b"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(data, tmp_path, number):
    for _ in range(4):
        process = start("backup", "--data", data, "--to", tmp_path / "b")
        deadline = time.monotonic() + 20 * PATIENCE
        while not list(tmp_path.iterdir()) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(random.uniform(0.01, 0.1))  # its thread for signals is there
        process.send_signal(number)
        process.communicate(timeout=20 * PATIENCE)
        assert (process.returncode, names(tmp_path)) in [(128 + number, []), (0, ["b"]), (128 + number, ["b"])]
        (tmp_path / "b").unlink(missing_ok=True)


@pytest.mark.plain
def test_what_fails_as_a_signal_takes_its_files_away_is_not_told(data, tmp_path):
    """Whoever takes them away is slow, so that the work finds nothing of them meanwhile."""
    slow = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=rmdir", "-e", "inject=rmdir:delay_enter=300000"]
    ends = []
    for _ in range(4):
        process = subprocess.Popen([*slow, str(BINARY), "backup", "--data", data, "--to", tmp_path / "b"], text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until(lambda: list(tmp_path.glob("b.part/*")) or process.poll() is not None)
        process.send_signal(signal.SIGTERM)
        said, wrong = process.communicate(timeout=20 * PATIENCE)
        ends.append((said, re.sub(r"^strace: .*\n", "", wrong, flags=re.M), process.returncode))
        (tmp_path / "b").unlink(missing_ok=True)
    assert set(ends) <= {("", "", 143)} | {(said, "", 0) for said, _, _ in ends if said.startswith(str(tmp_path / "b"))}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 300 KiB, where root may mount one."""
    disk = tmp_path / "small"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=0700", "tmpfs", str(disk)], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_nothing(data, whole, small_disk):
    assert refused(run("backup", "--data", data, "--to", small_disk / "b"), "no room")
    assert names(small_disk) == []
    assert refused(run("restore", "--from", whole, "--data", small_disk / "again"), "no room")
    assert names(small_disk) == []
    assert refused(run("audit", "--backup", whole, env={"TMPDIR": str(small_disk)}), "no room")
    assert names(small_disk) == []


# ---- put back ----


def test_a_directory_in_use_or_with_a_book_is_refused(server, whole, tmp_path):
    assert refused(run("restore", "--from", whole, "--data", server.data), "there is a book already", "--replace")
    assert refused(run("restore", "--from", whole, "--data", server.data, "--replace"), "held by another server")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "book.db-acknowledged").write_text("x")  # of a book that is gone
    assert refused(run("restore", "--from", whole, "--data", tmp_path / "d"), "what is left of one")
    assert names(tmp_path / "d") == ["book.db-acknowledged"]
    assert run("health", "--data", server.data).stdout == "ok\n"


def test_what_is_replaced_is_kept(data, whole, tmp_path):
    shutil.copytree(data, tmp_path / "d")
    old = (tmp_path / "d" / "book.db").read_bytes()
    done(run("restore", "--from", whole, "--data", tmp_path / "d", "--replace"))
    assert names(tmp_path / "d" / "replaced") == ["book.db", "book.db-acknowledged", "secret.key"] and (tmp_path / "d" / "replaced" / "book.db").read_bytes() == old
    assert refused(run("restore", "--from", whole, "--data", tmp_path / "d", "--replace"), "what an earlier --replace moved away is still there")
    again = served(tmp_path / "d", tmp_path / "log")
    again.stop()


def test_a_missing_secret_is_told_and_a_wrong_one_refused(data, tmp_path):
    done(run("backup", "--data", data, "--to", tmp_path / "b"))
    said = done(run("restore", "--from", tmp_path / "b", "--data", tmp_path / "d"))
    assert f"Its secret is missing, and nothing is served without it: put it to {tmp_path}/d/secret.key (mode 0600)" in said
    (tmp_path / "other.key").touch(0o600)
    (tmp_path / "other.key").write_text("00" * 32 + "\n")
    assert refused(run("restore", "--from", tmp_path / "b", "--data", tmp_path / "e", "--secret-file", tmp_path / "other.key"), "do not open with this secret")
    assert refused(run("restore", "--from", tmp_path / "b", "--data", tmp_path / "e", "--secret-file", tmp_path / "none"))
    assert not (tmp_path / "e").exists()
    shutil.copy2(data / "secret.key", tmp_path / "d" / "secret.key")  # as it said
    served(tmp_path / "d", tmp_path / "log").stop()


def changed(whole, tmp_path, change):
    content = bytearray(whole.read_bytes())
    change(content)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(content)
    damaged.chmod(0o600)
    return damaged


@pytest.mark.parametrize("change", [
    "UPDATE posting SET amount = CASE WHEN amount < 0 THEN amount - 1 ELSE amount + 1 END WHERE entry = (SELECT max(entry) FROM posting)",
    "UPDATE backup_file SET content = CASE substr(content, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(content, 2) WHERE name = 'secret.key'",
], ids=["an amount", "the secret"])
def test_what_was_changed_is_noticed(whole, tmp_path, change):
    """Also where the book adds up all the same."""
    damaged = changed(whole, tmp_path, lambda content: None)
    with sqlite3.connect(damaged) as database:
        assert database.execute(change).rowcount > 0
    database.close()
    assert refused(run("restore", "--from", damaged, "--data", tmp_path / "d"), "is damaged: what is in it is not what was put into it")
    assert refused(run("audit", "--backup", damaged), "is damaged", status=1) and names(tmp_path) == ["damaged"]


def test_a_bit_that_fell_is_noticed_wherever_it_counts(whole, tmp_path):
    """A file that is restored all the same has the same rows as the one that was made."""
    draw, noticed, rest = random.Random(5), 0, rows(whole, "SELECT * FROM posting ORDER BY rowid")
    for _ in range(25):
        place, bit = draw.randrange(whole.stat().st_size), draw.randrange(8)

        def flip(content, place=place, bit=bit):
            content[place] ^= 1 << bit

        damaged = changed(whole, tmp_path, flip)
        one = run("restore", "--from", damaged, "--data", tmp_path / "d")
        assert one.returncode in (0, 2), one
        if one.returncode == 0:
            assert rows(tmp_path / "d" / "book.db", "SELECT * FROM posting ORDER BY rowid") == rest
            shutil.rmtree(tmp_path / "d")
        else:
            noticed += 1
            assert one.stderr.count("\n") == 1 and not (tmp_path / "d").exists()
    assert noticed > 0


@pytest.mark.parametrize("text", [b"4208450740201411110007820472", b"1217752501201407033233368018", b"CREATE TABLE posting", b"1900000109"])
def test_a_bit_of_what_counts_is_noticed(whole, tmp_path, text):
    for place in [found.start() for found in re.finditer(re.escape(text), whole.read_bytes())][:6]:
        damaged = changed(whole, tmp_path, lambda content, place=place: content.__setitem__(place + 3, content[place + 3] ^ 1))
        assert refused(run("restore", "--from", damaged, "--data", tmp_path / "d"), "is damaged: ") and not (tmp_path / "d").exists()


@pytest.mark.parametrize("change, said", [
    (lambda content: content.__delitem__(slice(0, None)), "was not made by fenzhang backup"),
    (lambda content: content.__delitem__(slice(9000, None)), "is damaged"),
    (lambda content: content.__setitem__(slice(0, 16), b"x" * 16), "is damaged: file is not a database"),
])
def test_what_is_no_backup_is_refused(whole, tmp_path, change, said):
    damaged = changed(whole, tmp_path, change)
    assert refused(run("restore", "--from", damaged, "--data", tmp_path / "d"), said) and not (tmp_path / "d").exists()


def test_a_book_alone_is_no_backup(data, tmp_path):
    shutil.copy2(data / "book.db", tmp_path / "b")
    assert refused(run("restore", "--from", tmp_path / "b", "--data", tmp_path / "d"), "was not made by fenzhang backup")
    assert refused(run("restore", "--from", tmp_path / "none", "--data", tmp_path / "d"), "No such file")
    assert refused(run("restore", "--data", tmp_path / "d"), "--from FILE")
    assert not (tmp_path / "d").exists()


def test_a_restore_that_is_killed_leaves_no_half_a_book(whole, tmp_path):
    for _ in range(8):
        process = start("restore", "--from", whole, "--data", tmp_path / "d")
        time.sleep(random.uniform(0, 0.3))
        process.kill()
        process.communicate()
        if (tmp_path / "d" / "book.db").exists():
            assert done(run("audit", "--data", tmp_path / "d")).endswith("The book is sound.\n")
            shutil.rmtree(tmp_path / "d")
    if (tmp_path / "d" / "book.db").exists():
        shutil.rmtree(tmp_path / "d")
    done(run("restore", "--from", whole, "--data", tmp_path / "d"))
    assert names(tmp_path / "d") == ["book.db", "secret.key"]


@pytest.mark.parametrize("command", [("backup", "--to", "book.backup"), ("upgrade", "--check")])
def test_a_book_in_a_database_is_left_to_its_own_tools(command, tmp_path):
    one = run(*command, "--store", "postgresql://fenzhang:secret@nowhere/book", cwd=tmp_path)
    refused(one, "names a database", "docs/operations.md")
    assert "secret" not in one.stderr and list(tmp_path.iterdir()) == []
