"""Runs the benches and prints their tables. Every ratio is of figures from the same run; each figure is a median with its spread."""
import base64
import functools
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

from events import EventBook
from receivers import Receivers
from shared import Shared

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-release"
PROGRAM = BUILD / "src/cli/fenzhang"
WORK = BUILD / "bench"
QUICK = bool(os.environ.get("FZ_BENCH_QUICK"))
BIG = 100_000 if QUICK else 1_000_000
ROUNDS = 3 if QUICK else 5
SECONDS = 2 if QUICK else 4
CLOCK_TICK = os.sysconf("SC_CLK_TCK")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options).stdout


class Process:
    """What is measured of a process that runs."""

    def cpu(self):
        """Seconds in the program itself and in the system for it."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) / CLOCK_TICK, int(fields[12]) / CLOCK_TICK

    def memory_mib(self, row="VmRSS"):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(row + r":\s+(\d+)", text).group(1)) / 1024


class Pipeline(Process):
    """The bare pipeline of the same libraries (bench/pipeline.c), which answers with what `body` says."""

    def __init__(self, server, body, pin, *options):
        self.process = subprocess.Popen(["taskset", "-c", str(pin), str(BUILD / "bench/bench-pipeline"), server.demo["CERTIFICATE_PEM"],
                                         server.demo["PRIVATE_KEY_PEM"], body, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.api = self.process.stdout.readline().strip()

    def stop(self):
        self.process.communicate(timeout=30)

    def halt(self):
        """One that replays never sleeps: while it is not asked it would take half a core from whoever shares that with it."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)


class Server(Process):
    def __init__(self, data, *options, pin=None, preload=None, made_anew=True):
        environment = dict(os.environ)
        if preload:
            environment["LD_PRELOAD"] = str(preload)
        command = [str(PROGRAM), "serve", *(["--demo"] if made_anew else []), "--limits", "off", "--data", str(data), "--listen", "127.0.0.1:0",
                   "--control", "127.0.0.1:0", *options]
        if pin is not None:
            command = ["taskset", "-c", str(pin), *command]
        begin = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline()
        self.seconds_to_ready = time.monotonic() - begin
        if not line.startswith("ready "):
            sys.exit("bench: the server did not start: " + self.process.stderr.read())
        self.api, self.control = re.search(r"api=(\S+) control=(\S+)", line).groups()
        self.demo = dict(row.rstrip("\n").split("=", 1) for row in (pathlib.Path(data) / "demo.env").open())
        os.set_blocking(self.process.stderr.fileno(), False)

    def call(self, path, body):
        request = urllib.request.Request(self.control + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.communicate(timeout=30)


def table(title, head, rows):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    print(f"\n{title}\n")
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())
    sys.stdout.flush()


def spread(values, digits=1):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def demo_book(name):
    data = WORK / name
    shutil.rmtree(data, ignore_errors=True)
    WORK.mkdir(parents=True, exist_ok=True)
    return data


def filled_book(count):
    """A demo book with `count` more refunds, made once and kept; the numbers of some of them."""
    data = WORK / f"book-{count}"
    numbers = WORK / f"book-{count}.numbers"
    if not numbers.exists():
        data = demo_book(data.name)
        Server(data).stop()
        print(f"making a book of {count} refunds …", file=sys.stderr)
        with open(str(numbers) + ".new", "w") as out:
            subprocess.run([str(BUILD / "bench/bench-book"), "fill", str(data / "book.db"), str(count)], check=True, stdout=out)
        os.rename(str(numbers) + ".new", numbers)
    return data, numbers


def presign(server, lines, name):
    path = WORK / name
    with open(path, "w") as out:
        subprocess.run([str(BUILD / "bench/bench-presign"), server.demo["MCHID"], server.demo["SERIAL_NO"],
                        server.demo["PRIVATE_KEY_PEM"], "2"], input="\n".join(lines) + "\n", text=True, stdout=out, check=True)
    return path


def wrk(server, requests, connections, seconds, pin=None, refused=False):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "-s", str(ROOT / "bench/replay.lua"), server.api]
    if pin is not None:
        command = ["taskset", "-c", str(pin), *command]
    before = server.cpu()
    out = run(*command, env={**os.environ, "FZ_REQUESTS": str(requests)})
    user, system = (after - earlier for after, earlier in zip(server.cpu(), before))
    result = {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", out.split("RESULT")[1])}
    if (result["bad_status"] and not refused) or result["socket_errors"]:
        sys.exit(f"bench: the load run went wrong: {out}")
    result["user_us"], result["system_us"] = user * 1e6 / result["requests"], system * 1e6 / result["requests"]
    result["cpu_us"] = result["user_us"] + result["system_us"]
    result["per_second"] = result["requests"] / result["seconds"]
    return result


def rsa_limit(pin):
    """Microseconds of one RSA-2048 signature and one verification, by `openssl speed` on one core."""
    out = run("taskset", "-c", pin, "openssl", "speed", "-seconds", "1", "rsa2048")
    sign, verify = re.search(r"rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)", out).groups()
    return 1e6 / float(sign), 1e6 / float(verify)


def query_lines(server, count=2000):
    target = f"/v3/global/refunds/id/{server.demo['REFUND_ID']}?sp_mchid={server.demo['MCHID']}&sub_mchid={server.demo['SUB_MCHID']}"
    return [f"GET {target}"] * count


def authorization(server, target):
    """What a signed GET has in this header."""
    demo, when, nonce = server.demo, str(int(time.time())), secrets.token_hex(16)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", demo["PRIVATE_KEY_PEM"]], check=True, capture_output=True,
                               input=f"GET\n{target}\n{when}\n{nonce}\n\n".encode()).stdout
    return (f'WECHATPAY2-SHA256-RSA2048 mchid="{demo["MCHID"]}",nonce_str="{nonce}",timestamp="{when}",'
            f'serial_no="{demo["SERIAL_NO"]}",signature="{base64.b64encode(signature).decode()}"')


def signed_get(server, target):
    """One signed request; the answer."""
    return urllib.request.urlopen(urllib.request.Request(server.api + target, headers={
        "Accept": "*/*", "User-Agent": "bench", "Authorization": authorization(server, target)}), timeout=300)


def bench_query():
    """Server and bare pipeline on the same core, in turns, under the same load; then the RSA limit."""
    server = Server(demo_book("query"), "--workers", "1", pin=0)
    with signed_get(server, query_lines(server, 1)[0][4:]) as answer:
        pipeline = Pipeline(server, answer.read().decode(), pin=0)
    requests = presign(server, query_lines(server), "query.requests")
    ours, bare, limits = [], [], []
    for _ in range(2 * ROUNDS + 1):
        for process, results in ((server, ours), (pipeline, bare)):
            results.append(wrk(process, requests, 32, SECONDS / 2, pin=1))
        limits.append(sum(rsa_limit(0)))
    del ours[0], bare[0], limits[0]  # the first round warms up
    memory = server.memory_mib()
    server.stop()
    pipeline.stop()

    def column(results, name):
        return [result[name] for result in results]

    def ratio(above, below):
        return spread([one / other for one, other in zip(above, below)], 3)

    mine, theirs = column(ours, "cpu_us"), column(bare, "cpu_us")
    table("Signed query of a refund, one worker on one core, 32 connections", ["figure", "median (least to most)", "wanted"], [
        ["RSA-2048 signature + verification (openssl speed), µs", spread(limits), ""],
        ["bare pipeline, CPU a request, µs", spread(theirs), ""],
        ["of it user, system", f"{spread(column(bare, 'user_us'))}, {spread(column(bare, 'system_us'))}", ""],
        ["Fenzhang, CPU a request, µs", spread(mine), ""],
        ["of it user, system", f"{spread(column(ours, 'user_us'))}, {spread(column(ours, 'system_us'))}", ""],
        ["Fenzhang / bare pipeline", ratio(mine, theirs), "at most 1.05"],
        ["limit / bare pipeline", ratio(limits, theirs), ""],
        ["limit / Fenzhang", ratio(limits, mine), ""],
        ["requests a second", spread(column(ours, "per_second"), 0), ""],
        ["latency p50, p99, ms", f"{spread([us / 1000 for us in column(ours, 'p50_us')])}, "
                                 f"{spread([us / 1000 for us in column(ours, 'p99_us')])}", ""],
        ["resident memory under load, MiB", f"{memory:.1f}", ""]])

    rounds = {(count, keys): [] for count in (10_000, BIG) for keys in (2000, count)}
    for _ in range(ROUNDS):
        for (count, keys), times in rounds.items():
            data, numbers = filled_book(count)
            out = subprocess.run([str(BUILD / "bench/bench-book"), "query", str(data / "book.db"), str(SECONDS / 2), str(keys)],
                                 check=True, stdin=open(numbers), capture_output=True, text=True).stdout
            times.append(float(out.split("=")[1]))

    def ratios(small, big):
        return spread([theirs / mine for mine, theirs in zip(rounds[small], rounds[big])], 2)

    table("The store's part of the query", ["refunds in the book", "different ones asked for", "µs each"],
          [[count, keys, spread(times, 2)] for (count, keys), times in rounds.items()])
    table("The same, a million against ten thousand", ["different ones asked for", "ratio", "wanted"],
          [["2 000 in both", ratios((10_000, 2000), (BIG, 2000)), "at most 1.6"],
           ["all of each", ratios((10_000, 10_000), (BIG, BIG)), "(no page is ever in the cache twice)"]])


def refund_lines(server, orders, parts=50):
    lines = []
    for number in range(orders):
        paid = server.call("/payments", {"mchid": server.demo["MCHID"], "sub_mchid": server.demo["SUB_MCHID"], "amount": parts * 100,
                                         "marked": True})
        for part in range(parts):
            body = {"sp_mchid": server.demo["MCHID"], "sub_mchid": server.demo["SUB_MCHID"], "sp_appid": "wx0000000000000001",
                    "transaction_id": paid["transaction_id"], "out_refund_no": f"B{paid['transaction_id'][-20:]}P{part}",
                    "amount": {"refund": 100, "total": parts * 100, "currency": "CNY"}}
            lines.append("POST /v3/global/refunds " + json.dumps(body, separators=(",", ":")))
    # Neighbours in time should be of different orders, as in life.
    return [lines[part + order * parts] for part in range(parts) for order in range(orders)]


def bench_refunds():
    rows = []
    for name, preload, wanted in (("as the disk is", None, 0.8), ("fdatasync 2 ms slower", BUILD / "bench/libbench-slow-sync.so", 0.4)):
        server = Server(demo_book("refunds"), preload=preload)
        queries = presign(server, query_lines(server), "refunds.queries")
        ratios, refund_rates, query_rates, p99 = [], [], [], []
        for round_number in range(ROUNDS):
            query = wrk(server, queries, 64, SECONDS)
            expected = int(query["per_second"] * SECONDS * 1.2)
            requests = presign(server, refund_lines(server, expected // 50 + 1), "refunds.requests")
            refund = wrk(server, requests, 64, SECONDS)
            query_rates.append(query["per_second"])
            refund_rates.append(refund["per_second"])
            ratios.append(refund["per_second"] / query["per_second"])
            p99.append(refund["p99_us"] / 1000)
        audit = server.call("/audit", {})
        server.stop()
        rows.append([name, spread(query_rates, 0), spread(refund_rates, 0), spread(ratios, 2), f"at least {wanted}", spread(p99)])
        print(f"audit after the run: {json.dumps(audit)[:200]}", file=sys.stderr)
    table("Refunds with 64 connections, each durable, against signed queries, 2 cores with the load on them",
          ["disk", "queries/s", "refunds/s", "refunds / queries", "wanted", "p99 of a refund, ms"], rows)
    data = demo_book("writer")
    Server(data).stop()
    figures = {"one": [], "grouped": []}
    groups = []
    for _ in range(ROUNDS):
        for kind, rates in figures.items():
            out = run(BUILD / "bench/bench-book", "refunds", data / "book.db", SECONDS / 2, kind)
            rates.append(float(re.search(r"per_second=(\S+)", out).group(1)))
            if kind == "grouped":
                groups.append(float(re.search(r"group=(\S+)", out).group(1)))
    table("The writer alone, without HTTP and signatures: refunds a second", ["how", "refunds/s"], [
        ["one by one", spread(figures["one"], 0)], ["grouped, 64 waiting", spread(figures["grouped"], 0)],
        ["refunds in a group", spread(groups)]])


# The sqlite3 shell writing the same detail lines: the separator trick, its faster form; the sources of a bench book are all the order's own.
SHELL = r"""
.output {out}
.headers off
.mode list
.separator ",`" "\r\n"
SELECT '`' || strftime('%Y-%m-%d %H:%M:%S', created_ms / 1000 + 28800, 'unixepoch'),
 strftime('%Y-%m-%d %H:%M:%S', success_ms / 1000 + 28800, 'unixepoch'), refund_id, out_refund_no, transaction_id, out_trade_no,
 printf('%d.%02d', amount / 100, amount % 100), currency, printf('%d.%02d', coupon_refund / 100, coupon_refund % 100),
 printf('%d.%02d', payer_refund / 100, payer_refund % 100), payer_currency, printf('%d.%02d%%', fee_rate / 100, fee_rate % 100),
 'ORDER_REFUNDABLE_BALANCE', 'PACKAGE', printf('%d.%02d', own_gross / 100, own_gross % 100),
 printf('-%d.%02d', own_fee / 100, own_fee % 100), settlement_currency, settlement_rate,
 printf('%.2f', own_gross * 1e6 / settlement_rate), printf('-%.2f', own_fee * 1e6 / settlement_rate)
FROM refund WHERE caller = '{caller}' AND bill_day = {day} ORDER BY id;
"""


def download_bill(server, date):
    """Asks for the link and fetches the file with signed requests; seconds from the link to the last byte, and the size."""
    with signed_get(server, f"/v3/global/profit-sharing/refunds/bill-download-url?bill_date={date}") as answer:
        target = json.load(answer)["download_url"].split(server.api, 1)[1]
    begin = time.monotonic()
    size = 0
    with signed_get(server, target) as answer:
        while block := answer.read(1 << 20):
            size += len(block)
    return time.monotonic() - begin, size


def book_with_a_bill():
    """A server on the great book, and the day whose bill has its refunds, which is out."""
    data, _ = filled_book(BIG)
    server = Server(data)
    server.day, server.caller = run("sqlite3", data / "book.db", "SELECT bill_day, caller FROM refund WHERE bill_day IS NOT NULL "
                                    "GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1").strip().split("|")
    if int(server.day) >= int((time.time() + 28800) // 86400) - 1:
        server.call("/clock", {"advance": "P2D"})
    return server, time.strftime("%Y-%m-%d", time.gmtime(int(server.day) * 86400))


def bench_bill():
    server, date = book_with_a_bill()
    data, day, caller = WORK / f"book-{BIG}", server.day, server.caller
    ours, shell, again, sizes = [], [], [], []
    for _ in range(ROUNDS):
        shutil.rmtree(data / "bills", ignore_errors=True)
        seconds, size = download_bill(server, date)
        ours.append(seconds)
        sizes.append(size)
        again.append(download_bill(server, date)[0])
        begin = time.monotonic()
        subprocess.run(["sqlite3", str(data / "book.db")], input=SHELL.format(out=WORK / "shell.csv", caller=caller, day=day), text=True,
                       check=True)
        shell.append(time.monotonic() - begin)
    peak = server.memory_mib("VmHWM")
    server.stop()
    ratios = [theirs / mine for theirs, mine in zip(shell, ours)]
    table(f"Bill of {BIG} refunds ({sizes[0] / 1e6:.0f} MB)", ["figure", "median (least to most)", "wanted"], [
        ["made and downloaded the first time, s", spread(ours, 2), ""], ["downloaded again, s", spread(again, 2), ""],
        ["sqlite3 shell writing the same rows, s", spread(shell, 2), ""], ["shell / first download", spread(ratios, 2), "at least 1.5"],
        ["peak memory of the server, MiB", f"{peak:.1f}", "under 64"]])


BILL_LINE = ("`2025-01-02 10:00:05,`2025-01-02 10:00:41,`5030000{0:010d},`RF-{0:010d},`42000000002025{0:010d},`A2025-{0:010d},`80.00,`CNY,`0.00,`80.00,"
             "`CNY,`1.00%,`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`80.00,`-0.80,`USD,`700000000,`11.43,`-0.11\r\n")
BILL_HEADER = (
    "Refund apply time,Refund success time,Wechat refund number(refund_id),Vendor refund number(out_refund_no),Wechat order number(transaction_id),"
    "Vendor order number(out_transaction_id),Refund amount(refund_fee),Currency type,Coupon refund amount,Payer's refund amount,"
    "Payer's refund currency type,Rate,Refund source,Refund source type,Refund source amount,Refund source fee in CNY,"
    "Refund settlement currency type,Refund exchange rate,Refund source settlement amount,Refund source fee in settlement currency type\r\n")


def bill_file(rows):
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"refunds-{rows}.csv"
    with path.open("w", newline="") as file:
        file.write("\N{BYTE ORDER MARK}" + BILL_HEADER)
        file.writelines(BILL_LINE.format(number) for number in range(rows))
    return path


def read_bill(path):
    out = run(BUILD / "bench/bench-client-bill", path)
    return [float(re.search(rf"{name}=(\S+)", out).group(1)) for name in ("per_second", "peak_kib")]


def import_bill(path, rows):
    """Rows a second of the sqlite3 shell, into a table in memory: all cells as text."""
    begin = time.monotonic()
    counted = run("sqlite3", ":memory:", "-cmd", ".mode csv", f".import {path} bill", "SELECT count(*) FROM bill")
    assert int(counted) == rows, counted
    return rows / (time.monotonic() - begin)


def bench_client_bill():
    big, small = bill_file(BIG), bill_file(BIG // 100)
    ours, shell, peaks, peaks_small = [], [], [], []
    for _ in range(ROUNDS):
        rate, peak = read_bill(big)
        ours.append(rate)
        peaks.append(peak / 1024)
        peaks_small.append(read_bill(small)[1] / 1024)
        shell.append(import_bill(big, BIG))
    table(f"The client's reader of bills: {BIG} rows ({big.stat().st_size / 1e6:.0f} MB)", ["figure", "median (least to most)", "wanted"], [
        ["rows a second", spread(ours, 0), ""], ["sqlite3 .import of the same file, rows a second", spread(shell, 0), ""],
        ["reader / .import", spread([mine / theirs for mine, theirs in zip(ours, shell)], 2), "at least 1.0"],
        ["peak memory, MiB", spread(peaks), "as below"], ["of a hundredth of the rows, MiB", spread(peaks_small), ""]])


def bench_start():
    data, _ = filled_book(BIG)
    Server(data).stop()
    clean, killed, idle = [], [], []
    for _ in range(ROUNDS):
        server = Server(data)
        clean.append(server.seconds_to_ready * 1000)
        idle.append(server.memory_mib())
        server.call("/payments", {"mchid": server.demo["MCHID"], "sub_mchid": server.demo["SUB_MCHID"], "amount": 100})
        server.stop(signal.SIGKILL)
        server = Server(data)
        killed.append(server.seconds_to_ready * 1000)
        server.stop()
    table(f"Start on a book of {BIG} refunds", ["figure", "median (least to most)", "wanted"], [
        ["to `ready` after a clean stop, ms", spread(clean), "under 50"], ["to `ready` after kill -9, ms", spread(killed), ""],
        ["resident memory idle, MiB", spread(idle), ""]])


def milliseconds(act):
    begin = time.monotonic()
    act()
    return (time.monotonic() - begin) * 1000


def snapshot_rounds(server, rounds):
    """Milliseconds of taking one, coming back to it and removing it, as the client of the control interface waits for them."""
    taken, restored = [], []
    for _ in range(rounds):
        taken.append(milliseconds(lambda: server.call("/snapshots", {"name": "bench"})))
        restored.append(milliseconds(lambda: server.call("/snapshots/bench/restore", {})))
        urllib.request.urlopen(urllib.request.Request(server.control + "/snapshots/bench", method="DELETE"), timeout=600).close()
    return taken, restored


def fork_rounds(data, place, rounds):
    """Milliseconds from the start of a second process to its ready line, and of them those in which it had a CPU."""
    ready, cpu = [], []
    for _ in range(rounds):
        shutil.rmtree(place, ignore_errors=True)
        fork = Server(place, "--from", str(data), made_anew=False)
        ready.append(fork.seconds_to_ready * 1000)
        cpu.append(sum(fork.cpu()) * 1000)
        fork.stop()
    shutil.rmtree(place, ignore_errors=True)
    return ready, cpu


def sharing_file_system():
    """A directory on a file system that shares blocks: a Btrfs or XFS in a file of its own. None where the machine makes none."""
    image, place = WORK / "sharing.img", WORK / "sharing"
    made = {"mkfs.btrfs": ["-q", "-f"], "mkfs.xfs": ["-q", "-f", "-m", "reflink=1"]}
    maker = next((name for name in made if shutil.which(name)), None)
    if maker is None or os.geteuid() != 0:
        return None
    place.mkdir(parents=True, exist_ok=True)
    with open(image, "wb") as file:
        file.truncate(8 << 30)
    run(maker, *made[maker], image)
    return place if subprocess.run(["mount", "-o", "loop", image, place], capture_output=True).returncode == 0 else None


def bench_snapshot():
    rounds = 4 * ROUNDS
    fresh = []
    for _ in range(ROUNDS):
        server = Server(demo_book("fresh"))
        fresh.append(server.seconds_to_ready * 1000)
        server.stop()
    server = Server(demo_book("snapshots"))
    taken, restored = snapshot_rounds(server, rounds)
    ready, cpu = fork_rounds(WORK / "snapshots", WORK / "fork", rounds)
    server.stop()
    worlds = [milliseconds(lambda: run(PROGRAM, "run", "-n", "8", "--", "true")) for _ in range(ROUNDS)]
    rows = [["a fresh demo book, to `ready`, ms", spread(fresh), "under 100"], ["snapshot taken, ms", spread(taken), "under 20"],
            ["snapshot restored, ms", spread(restored), "under 20"], ["fork, to `ready`, ms", spread(ready), "under 50"],
            ["of it with a CPU, ms", spread(cpu), ""], ["run -n 8 -- true, whole, ms", spread(worlds), "under 500"]]
    table("Snapshots and forks of the demo book", ["figure", "median (least to most)", "wanted"], rows)
    big_forks()


def big_forks():
    data, _ = filled_book(BIG)
    size = (data / "book.db").stat().st_size / 1e6
    ready, _ = fork_rounds(data, WORK / "fork", ROUNDS)
    rows = [["file system of the bench", spread(ready), "under 1000"]]
    place = sharing_file_system()
    if place is not None:
        try:
            shutil.copytree(data, place / "data")
            rows.append(["Btrfs or XFS in a file", spread(fork_rounds(place / "data", place / "fork", ROUNDS)[0]), "under 50"])
        finally:
            run("umount", place)
            (WORK / "sharing.img").unlink()
    table(f"Fork of a book of {BIG} refunds ({size:.0f} MB), to `ready`, ms", ["on", "median (least to most)", "wanted"], rows)


def bench_log():
    """Two servers on one core, in turns: one keeps a log of requests (which is full after the first round), one does not."""
    servers = {"on": Server(demo_book("log-on"), "--workers", "1", "--log-requests", "1000", pin=0),
               "off": Server(demo_book("log-off"), "--workers", "1", "--log-requests", "0", pin=0)}
    loads = {name: presign(server, query_lines(server), f"log-{name}.requests") for name, server in servers.items()}
    cpus = {name: [] for name in servers}
    for _ in range(2 * ROUNDS + 1):
        for name, server in servers.items():
            cpus[name].append(wrk(server, loads[name], 32, SECONDS // 2, pin=1)["cpu_us"])
    for server in servers.values():
        server.stop()
    on, off = cpus["on"][1:], cpus["off"][1:]
    table("Signed query of a refund with the request log and without", ["figure", "median (least to most)"], [
        ["CPU of the server a request with it, µs", spread(on)], ["without it, µs", spread(off)],
        ["with it / without it, round by round", spread([mine / theirs for mine, theirs in zip(on, off)], 3)]])


def bench_doctor():
    rounds = [dict(line.rsplit(" ", 1) for line in run(BUILD / "bench/bench-doctor").splitlines()) for _ in range(ROUNDS)]
    table("Signature doctor, CPU of one refused request", ["request (what was found)", "µs, median (least to most)", "wanted"],
          [[name, spread([int(one[name]) for one in rounds], 0), "under 2000"] for name in rounds[0]])


def bench_tls():
    """What TLS adds is small beside a signature, and would drown in its noise: so it is the difference of requests that are refused unsigned."""
    servers = [Server(demo_book("plain"), "--workers", "1", pin=0), Server(demo_book("tls"), "--workers", "1", "--tls", pin=0)]
    signed = presign(servers[0], query_lines(servers[0]), "tls.requests")
    unsigned = WORK / "unsigned.requests"
    request = f"GET {query_lines(servers[0], 1)[0][4:]} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n"
    unsigned.write_text(f"{len(request)}\n{request}", newline="")
    queries, refusals, added, shares = [], ([], []), [], []
    for _ in range(ROUNDS):
        queries.append(wrk(servers[0], signed, 32, SECONDS, pin=1)["cpu_us"])
        for server, figures in zip(servers, refusals):
            figures.append(wrk(server, unsigned, 8, SECONDS // 2, pin=1, refused=True)["cpu_us"])
        added.append(refusals[1][-1] - refusals[0][-1])
        shares.append(added[-1] / queries[-1])
    for server in servers:
        server.stop()
    table("TLS 1.3, connections kept, one worker on one core", ["figure", "median (least to most)", "wanted"], [
        ["CPU of the server a refusal of an unsigned request, plain HTTP, µs", spread(refusals[0]), ""],
        ["the same over TLS, µs", spread(refusals[1]), ""],
        ["TLS adds, µs", spread(added), ""],
        ["CPU of the server a signed query, plain HTTP, µs", spread(queries), ""],
        ["TLS adds / signed query", spread(shares, 3), "less than 0.05"]])


def round_of_callbacks(server, hosts, silent, each):
    """So many callbacks due at one moment: seconds until the answering hosts had all of theirs, and the server's memory before and after."""
    receivers = Receivers(silent)
    server.call("/callbacks/mode", {"mode": "delay", "delay": "PT60S"})
    for i in range(hosts * each):
        server.call("/payments", {"mchid": server.demo["DIRECT_MCHID"], "amount": 100,
                                  "notify_url": f"http://127.1.0.{i % hosts + 1}:{receivers.port}/notify"})
    time.sleep(1)  # the last of them was put off
    server.call("/callbacks/mode", {"mode": "none"})
    before = server.memory_mib()
    server.call("/clock", {"advance": "PT60S", "callbacks": "later"})
    begin = time.monotonic()
    wanted = (hosts - silent) * each
    while len(receivers.at) < wanted and time.monotonic() - begin < 60:
        time.sleep(0.01)
    if len(receivers.at) < wanted:
        sys.exit(f"bench: {len(receivers.at)} callbacks instead of {wanted}")
    return receivers.at[wanted - 1] - begin, before, server.memory_mib()


def bench_callbacks():
    server = Server(demo_book("callbacks"), "--callback-ladder", "none")
    server.call("/clock", {"freeze": True})
    seconds, growth = [], []
    for _ in range(ROUNDS):
        took, before, after = round_of_callbacks(server, 100, 10, 10)
        seconds.append(took)
        growth.append(after - before)
    server.stop()
    table("1000 callbacks due at once, to 100 hosts of which 10 never answer", ["figure", "median (least to most)", "wanted"], [
        ["until the other 90 had all of theirs, s", spread(seconds, 2), "under 2"],
        ["growth of the server's memory while its book's cache fills, MiB", spread(growth), "under 8"]])


class ClientLoad:
    """The client's load (bench/client.c) on core 0; whom it asks is on core 1."""

    def __init__(self, demo):
        self.demo = demo

    def figures(self, what, server, count, *certificate):
        out = run("taskset", "-c", "0", BUILD / "bench/bench-client", what, server.api, self.demo, count, *certificate)
        return [float(value) for value in re.findall(r"=([\d.]+)", out)]

    def loop(self, server, count, *certificate):
        """Queries a second, how many signatures and verifications a second the core makes alone, and how busy client and server were."""
        before = sum(server.cpu())
        rate, alone, busy = self.figures("loop", server, count, *certificate)
        return rate, alone, busy, (sum(server.cpu()) - before) * rate / count


def loop_rows(whom, rounds, sleeps=True):
    rates, alone, client, server = zip(*rounds)
    return [[f"queries a second, 64 in flight on one thread, {whom}", spread(rates, 0), ""],
            ["signatures and verifications a second on that core alone", spread(alone, 0), ""],
            ["queries / those", spread([rate / limit for rate, limit in zip(rates, alone)], 2), "at least 0.8"],
            ["busy: the client's core, the server's", f"{spread(client, 2)}, {spread(server, 2) if sleeps else 'always'}", ""]]


def curl_bill(server, date, out):
    """Seconds that curl needs for the file behind a link that it was given, with a request that it was given signed."""
    with signed_get(server, f"/v3/global/profit-sharing/refunds/bill-download-url?bill_date={date}") as answer:
        target = json.load(answer)["download_url"].split(server.api, 1)[1]
    head = WORK / "curl-head"
    head.write_text("Authorization: " + authorization(server, target))
    begin = time.monotonic()
    run("curl", "-sS", "-f", "-o", out, "-H", f"@{head}", server.api + target)
    return time.monotonic() - begin


def command_bill(server, date, out):
    """Seconds of `fenzhang bill refunds`, from its start to its end, and the peak of its memory in MiB. Nothing is there before."""
    cache = WORK / "command-cache"
    shutil.rmtree(cache, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    command = [str(PROGRAM), "bill", "refunds", date, "--env", str(WORK / f"book-{BIG}" / "demo.env"), "--out", str(out)]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"XDG_CACHE_HOME": str(cache)})
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    assert status == 0, told
    return seconds, usage.ru_maxrss / 1024


def bench_bill_command():
    """Both write the same bytes to the same disk; the command also verifies them, and keeps a copy with its SHA-256."""
    server, date = book_with_a_bill()
    download_bill(server, date)  # made once, for both
    curl, ours, ratios, peaks = [], [], [], []
    for _ in range(ROUNDS):
        curl.append(curl_bill(server, date, WORK / "curl.csv"))
        seconds, peak = command_bill(server, date, WORK / "command-out")
        ours.append(seconds)
        peaks.append(peak)
        ratios.append(seconds / curl[-1])
    same = (WORK / "curl.csv").read_bytes() == (WORK / "command-out" / f"refunds-{date}.csv").read_bytes()
    assert same, "the two files differ"
    size = (WORK / "curl.csv").stat().st_size
    server.stop()
    table(f"fenzhang bill refunds: {BIG} refunds ({size / 1e6:.0f} MB)", ["figure", "median (least to most)", "wanted"], [
        ["curl, of the file alone, s", spread(curl, 2), ""], ["the command, verified and kept, s", spread(ours, 2), ""],
        ["command / curl", spread(ratios, 2), "at most 1.3"], ["peak of the command's memory, MiB", spread(peaks), "under 64"]])


def bench_client():
    """The client on one core, the server on the other; what it is compared with runs in the same process, in turns. Both sign once and
    verify once a query; how far the client goes where the server is no limit is measured against one that replays."""
    server = Server(demo_book("client"), "--workers", "1", pin=1)
    load = ClientLoad(WORK / "client" / "demo.env")
    with signed_get(server, query_lines(server, 1)[0][4:]) as answer:
        replay = Pipeline(server, answer.read().decode(), 1, "replay")
    replay.halt()
    calls = int(os.environ.get("FZ_BENCH_CALLS", 5_000 if QUICK else 24_000))
    cpu, with_server, with_replay = [], [], []
    for _ in range(ROUNDS):
        cpu.append(load.figures("cpu", server, 500 * SECONDS))
        with_server.append(load.loop(server, 1000 * SECONDS))
        replay.go_on()
        with_replay.append(load.loop(replay, 1000 * SECONDS, server.demo["CERTIFICATE_PEM"]))
        replay.halt()
    replay.go_on()
    memory = load.figures("memory", replay, calls, server.demo["CERTIFICATE_PEM"])
    replay.stop()
    server.stop()
    table("libfenzhang: query of a refund", ["figure", "median (least to most)", "wanted"], [
        ["CPU of a blocking query, µs", spread([ours for ours, _ in cpu]), ""],
        ["the same exchange by libcurl, a signature and a verification, µs", spread([bare for _, bare in cpu]), ""],
        ["above that, %", spread([100 * ours / bare - 100 for ours, bare in cpu]), "under 10"],
        *loop_rows("of Fenzhang", with_server), *loop_rows("of a server that replays", with_replay, sleeps=False),
        ["resident memory after 1000 calls, MiB", f"{memory[0] / 1024:.1f}", ""],
        *[[f"after {calls * (quarter + 1) // 4}", f"{kib / 1024:.1f}", "the same"] for quarter, kib in enumerate(memory[1:])]])


def measured(command, **options):
    """(seconds, CPU seconds, peak of its memory in MiB, exit status) of a process that does its work and ends."""
    begin = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, **options)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode


def duckdb():
    """The folder with DuckDB's package for Node, fetched once."""
    folder = WORK / "duckdb"
    if not (folder / "node_modules/@duckdb/node-api").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run("npm", "install", "--silent", "--prefix", folder, "@duckdb/node-api")
    shutil.copy(ROOT / "bench/reconcile.mjs", folder)
    return folder


def reconcile_rows(order, lab, rounds):
    """Both read the same files from the page cache, in turns."""
    bills = [sorted(lab.glob(f"{name}-*.csv")) for name in ("refunds", "statement")]
    command = [PROGRAM, "reconcile", "--refunds", *bills[0], "--statement", *bills[1], "--records", lab / "records.csv", "--json"]
    ours, theirs = [], []
    for _ in range(rounds + 1):
        ours.append(measured(command))
        theirs.append(measured(["node", "reconcile.mjs", lab, 2], cwd=duckdb()))
        if ours[-1][3] != 1 or theirs[-1][3] != 0:
            sys.exit("bench: a comparison went wrong")
    ours, theirs = ours[1:], theirs[1:]  # the first reads from the disk
    wanted = [{"sorted": "1.0", "unsorted": "1.5"}[order], "", "0.25"]
    return [[f"{order}: {name}", spread([one[i] for one in ours]), spread([one[i] for one in theirs]),
             spread([one[i] / other[i] for one, other in zip(ours, theirs)], 2), wanted[i]]
            for i, name in enumerate(["seconds", "CPU seconds", "peak of memory, MiB"])]


def bench_reconcile():
    """Bills and records of so many refunds, made by the lab. DuckDB only joins; `fenzhang reconcile` also finds out why what differs does."""
    count, rows = 5 * BIG, []
    for order, more in (("sorted", []), ("unsorted", ["--shuffle"])):
        lab = demo_book("reconcile")
        run(PROGRAM, "lab", "bills", "--refunds", count, "--days", 7, "--plant", "all=50", "--out", lab, *more)
        for path in lab.glob("shares-*.csv"):
            path.unlink()
        rows += reconcile_rows(order, lab, ROUNDS - 2)
        shutil.rmtree(lab)
    table(f"{count} refunds on refund bills, on statements and in records", ["figure", "fenzhang reconcile", "DuckDB", "ratio", "wanted"], rows)


def ratios(ours, theirs, digits=2):
    return spread([one / other for one, other in zip(ours, theirs)], digits)


def postgres_books(shared):
    """One that was filled, and one with many more refunds; once for all that read them."""
    if "one" in shared.firsts:
        return
    shared.fill("one", 1)
    shared.copy("big", "one")
    shared.grow("big", BIG)


def postgres_refunds(shared, seconds, rounds):
    """The book, pgbench, and the book again in other ways, in turns: so all have the same of what else the machine does."""
    ours, theirs = ({count: [] for count in (1, 8, 64)} for _ in range(2))
    many, pair, big, counts = [], [], [], None
    postgres_books(shared)
    shared.fill("many", 64)
    for name in ("theirs", "recorded", "pair"):
        shared.copy(name, "one")
    shared.record("recorded", WORK / "refund.pgbench")
    for _ in range(rounds):
        for count in ours:
            counts = shared.refunds("one", 1, seconds, count)
            ours[count].append(counts["per_second"])
            theirs[count].append(shared.pgbench("theirs", seconds, count))
        many.append(shared.refunds("many", 64, seconds, 64)["per_second"])
        pair.append(shared.refunds("pair", 1, seconds, 64, processes=2)["per_second"])
        big.append(shared.refunds("big", 1, seconds, 64)["per_second"])
    table("The book's refund in PostgreSQL, without HTTP and signatures, against pgbench with the same statements in the same order",
          ["connections", "refunds/s", "pgbench, transactions/s", "book / pgbench", "wanted"],
          [[count, spread(ours[count], 0), spread(theirs[count], 0), ratios(ours[count], theirs[count]), "at least 0.8"] for count in ours])
    table("The same with 64 connections", ["what", "refunds/s", "against one institution, one process", "wanted"], [
        ["64 institutions", spread(many, 0), ratios(many, ours[64]), "0.9 to 1.1"],
        ["two processes of 32", spread(pair, 0), ratios(pair, ours[64]), "at least 1"],
        [f"{BIG} refunds in the book, instead of some thousands", spread(big, 0), ratios(big, ours[64]), "0.9 to 1.1"]])
    table("What a refund costs that no load changes", ["figure", "number"], [
        ["statements", f"{counts['statements']:.1f}"], ["messages, each waited for", f"{counts['messages']:.1f}"]])
    print(f"deadlocks: {shared.deadlocks()}", file=sys.stderr)


def postgres_query(shared, _, rounds):
    postgres_books(shared)
    small, big = ([shared.query(name) for _ in range(rounds)] for name in ("one", "big"))
    table("A refund read by its number, and by a bare SELECT of libpq", ["refunds in the book", "bare, µs", "the book, µs", "ratio", "wanted"],
          [[name, spread([row["bare_us"] for row in rows]), spread([row["book_us"] for row in rows]),
            ratios([row["book_us"] for row in rows], [row["bare_us"] for row in rows]), "at most 1.3"]
           for name, rows in (("some thousands", small), (BIG, big))])


def postgres_http(shared, seconds, rounds):
    """The first round is not counted: autovacuum, which is not to run in the midst of a figure, would within its minute have told the server
    how much is in the tables that it fills."""
    shared.sql("postgres", "CREATE DATABASE served")
    server = Server(demo_book("postgres"), "--store", shared.address("served"))
    queries = presign(server, query_lines(server), "postgres.queries")
    query_rates, refund_rates = [], []
    for _ in range(1 + rounds):
        query_rates.append(wrk(server, queries, 64, seconds)["per_second"])
        requests = presign(server, refund_lines(server, int(query_rates[-1] * seconds * 1.2) // 50 + 1), "postgres.requests")
        refund_rates.append(wrk(server, requests, 64, seconds)["per_second"])
        shared.sql("served", "ANALYZE")
    query_rates, refund_rates = query_rates[1:], refund_rates[1:]
    audit = server.call("/audit", {})
    server.stop()
    print(f"audit after the run: {json.dumps(audit)[:200]}", file=sys.stderr)
    table("Through HTTP, 64 connections, the load on the same cores", ["signed queries/s", "refunds/s", "refunds / queries", "wanted"],
          [[spread(query_rates, 0), spread(refund_rates, 0), ratios(refund_rates, query_rates), "at least 0.4"]])


def events_beside(book, acts, rounds):
    """Of each of `acts`, in turns: events a second while it goes on, how many seconds it took, how old a snapshot was held meanwhile."""
    found = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            with book.oldest() as age:
                rate, seconds = book.rate(act)
            found[name].append((rate, seconds, age[0]))
    return {name: list(zip(*rows)) for name, rows in found.items()}


def postgres_events(shared, seconds, rounds):
    """Refunds arrive while a bill of so many lines as there are is made, while the book is audited, and while somebody holds a snapshot."""
    pending, held = 2 * BIG, 20 if QUICK else 300
    book = EventBook(shared, Server, demo_book("events"), pending, BIG)
    date = time.strftime("%Y-%m-%d", time.gmtime(book.day * 86400))

    def bill():
        shutil.rmtree(WORK / "events" / "bills", ignore_errors=True)
        download_bill(book.server, date)

    acts = {"nothing else": lambda: time.sleep(seconds), f"a bill of {BIG} lines is made": bill}
    book.make_all_due()
    book.rate(acts["nothing else"])  # all that is prepared once is
    found = events_beside(book, acts, rounds)
    with book.held_snapshot():
        held_rates = [book.rate(lambda: time.sleep(10))[0] for _ in range(held // 10)]
    found |= events_beside(book, {"the book is audited": book.audit}, 1)  # as long as all else together
    left = book.left()
    book.server.stop()
    if left == 0:
        sys.exit("bench: there were too few events")
    alone = statistics.median(found["nothing else"][0])

    def against(rates):
        return spread([rate / alone for rate in rates], 2)

    minute = min(6, len(held_rates) // 2)
    rows = [[name, spread(rates, 0), against(rates), spread(took), spread(ages, 2)] for name, (rates, took, ages) in found.items()]
    rows += [[f"somebody holds a snapshot, {what}", spread(part, 0), against(part), len(part) * 10, ""]
             for what, part in (("its begin", held_rates[:minute]), ("its end", held_rates[-minute:]), ("all the time", held_rates))]
    table(f"Refunds that arrive, {pending} at once, in a book in PostgreSQL; while …",
          ["…", "events/s", "against nothing else", "seconds", "age of the oldest snapshot of the server's, s"], rows)


POSTGRES = {"postgres-refunds": postgres_refunds, "postgres-query": postgres_query, "postgres-http": postgres_http, "postgres-events": postgres_events}


def bench_postgres(*parts):
    seconds, rounds = (2, 2) if QUICK else (SECONDS, ROUNDS)
    with Shared(BUILD / "bench/bench-postgres", 2000 if QUICK else 20_000) as shared:
        for part in parts or POSTGRES.values():
            part(shared, seconds, rounds)


BENCHES = {"query": bench_query, "log": bench_log, "tls": bench_tls, "refunds": bench_refunds, "bill": bench_bill, "client-bill": bench_client_bill,
           "bill-command": bench_bill_command, "start": bench_start, "snapshot": bench_snapshot, "doctor": bench_doctor,
           "callbacks": bench_callbacks, "client": bench_client, "postgres": bench_postgres,
           "reconcile": bench_reconcile}
ALONE = {name: functools.partial(bench_postgres, part) for name, part in POSTGRES.items()}

if __name__ == "__main__":
    names = sys.argv[1:] or list(BENCHES)
    for name in names:
        if name not in BENCHES | ALONE:
            sys.exit(f"bench: unknown name '{name}': use {', '.join(BENCHES | ALONE)}")
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, "
          f"{re.search(r'model name.*: (.*)', pathlib.Path('/proc/cpuinfo').read_text()).group(1)}, "
          f"{run('openssl', 'version').strip()}")
    for name in names:
        (BENCHES | ALONE)[name]()
