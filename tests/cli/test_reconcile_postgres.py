"""fenzhang reconcile with records out of PostgreSQL: a server of this test's own, without a port."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from command import run

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

pytestmark = pytest.mark.skipif(not BINARIES, reason="there is no PostgreSQL: script/bootstrap postgresql installs it")


def as_postgres(*command, **options):
    """It does not run as root."""
    user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, cwd="/", **user, **options)


@pytest.fixture(scope="module")
def database():
    folder = Path(tempfile.mkdtemp(prefix="fz-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    as_postgres(BINARIES[-1] / "initdb", "-D", folder / "data", "-A", "trust", "-U", "shop", "--locale", "C.UTF-8", "--encoding", "UTF8", "--no-sync")
    as_postgres(BINARIES[-1] / "pg_ctl", "-D", folder / "data", "-o", f"-k {folder} -c listen_addresses='' -c fsync=off", "-l", folder / "log", "-w", "start")
    yield f"postgresql:///postgres?host={folder}&user=shop"
    as_postgres(BINARIES[-1] / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def lab(tmp_path_factory, database):
    """Its records are a table, too."""
    folder = tmp_path_factory.mktemp("lab")
    assert run("lab", "bills", "--days", 3, "--refunds", 200, "--seed", 9, "--plant", "all=1", "--out", folder).returncode == 0
    records = (folder / "records.csv").read_text()
    header = records.splitlines()[0].split(",")
    table = f"CREATE TABLE refund ({', '.join(f'{name} TEXT' for name in header)}); COPY refund FROM STDIN (FORMAT csv, HEADER)"
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", table], input=records, text=True, check=True)
    return folder


def reconcile(lab, *records):
    return run("reconcile", "--refunds", *sorted(lab.glob("refunds-*.csv")), "--records", *records, "--json")


def pairs(done):
    return sorted((one["kind"], one["out_refund_no"]) for one in json.loads(done.stdout)["differences"])


def test_a_query_gives_what_the_file_gives(lab, database):
    done = reconcile(lab, database, "--query", "SELECT * FROM refund")
    assert done.returncode == 1, done.stderr
    assert pairs(done) == pairs(reconcile(lab, lab / "records.csv")) and len(pairs(done)) == 15


@pytest.mark.parametrize("more,told", [
    ([], "a query is missing"),
    (["--query", "SELECT * FROM nothing"], 'relation "nothing" does not exist'),
])
def test_what_cannot_be_read_is_told(lab, database, more, told):
    done = reconcile(lab, database, *more)
    assert (done.returncode, done.stdout) == (2, "") and told in done.stderr


def test_a_server_that_is_not_there(lab):
    done = reconcile(lab, "postgresql:///shop?host=/nonexistent", "--query", "SELECT 1")
    assert done.returncode == 2 and "/nonexistent" in done.stderr
