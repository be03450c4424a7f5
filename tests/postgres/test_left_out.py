"""Which scenarios are not told to a book in PostgreSQL: those that are about SQLite's files, and no other."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

# Whole files, and tests of the others.
LEFT_OUT = {
    "api/test_fork.py": None,
    "api/test_snapshots.py": None,
    "api/test_snapshots_page.py": None,
    "cli/test_backup.py": None,
    "cli/test_upgrade.py": None,
    "faults/test_book_files.py": None,
    "faults/test_disk.py": None,
    "faults/test_snapshot_faults.py": None,
    "faults/test_stop.py": None,
    "api/test_command_line.py": {"test_audit_asks_the_server_that_holds_the_book"},
    "api/test_examples.py": {"test_an_example_of_the_control_interface"},  # of snapshots
    "api/test_system_calls.py": {"test_a_signed_query_is_received_and_sent_and_that_is_all"},
    "cli/test_health.py": {"test_one_that_cannot_write_is_not_healthy"},
    "cli/test_local_page.py": {"test_a_command"},  # of snapshots
    "faults/test_on_the_disk.py": {
        "test_the_count_is_there_before_the_secret_that_it_vouches_for_and_that_before_anything_is_sealed_with_it",
        "test_a_fork_s_book_and_secret_are_on_the_disk_before_the_ready_line",
        "test_a_moved_clock_is_on_the_disk_before_it_is_said",
        "test_what_was_acknowledged_is_on_the_disk_when_the_server_has_ended",
    },
}


def collected(*options, among=("api", "cli", "doctor", "faults")):
    """The scenarios among these, as pytest finds them without a PostgreSQL: file → names."""
    environment = {name: value for name, value in os.environ.items() if name != "FENZHANG_POSTGRES"}
    command = [sys.executable, "-m", "pytest", "-c", TESTS / "pytest.ini", "--collect-only", "-q", *options]
    done = subprocess.run([*command, *(TESTS / name for name in among)], capture_output=True, text=True, env=environment)
    found = {}
    for file, name in re.findall(r"^(\S+\.py)::(\w+)", done.stdout, re.M):
        found.setdefault(file, []).append(name)
    assert found, done.stdout + done.stderr
    return found


@pytest.fixture(scope="module")
def left_out():
    return collected("-m", "sqlite")


def test_these_are_left_out_and_no_others(left_out):
    assert set(left_out) == set(LEFT_OUT)
    for file, names in LEFT_OUT.items():
        if names is not None:
            assert set(left_out[file]) == names, file


def test_whole_files_are_whole(left_out):
    whole = [file for file, names in LEFT_OUT.items() if names is None]
    every = collected(among=whole)
    for file in whole:
        assert len(left_out[file]) == len(every[file]), file


def test_each_says_why():
    for file in LEFT_OUT:
        marks = re.findall(r"mark\.sqlite(.{0,6})", (TESTS / file).read_text("utf-8"))
        assert marks and all(mark.startswith('("') for mark in marks), file
