"""The control interface: its guards, the clock, merchants, payments and the world outside"""

import json
import stat
import subprocess
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

import times
from answers import ok, refused
from client import PATIENCE
from control import Control, ControlError
from demo_book import DemoBook
from pages import ROOT, blocks, section
from program import BINARY
from raw import RawConnection
from world import FUNDS, World


def fails(status, call, *arguments, **members):
    """The call is refused with this status (or one of these), and says why."""
    with pytest.raises(ControlError) as problem:
        call(*arguments, **members)
    allowed = status if isinstance(status, tuple) else (status,)
    assert problem.value.status in allowed, str(problem.value)
    assert len(problem.value.text) > 10
    return problem.value.text


# ---- calls ----


@pytest.mark.parametrize(
    "method,path,allowed",
    [
        ("DELETE", "/clock", "GET, POST"),
        ("GET", "/audit", "POST"),
        ("POST", "/health", "GET"),
        ("PUT", "/faults", "GET, POST, DELETE"),
        ("GET", "/merchants/1900000100", "POST"),
    ],
)
def test_a_method_that_a_path_does_not_take(world, method, path, allowed):
    """RFC 9110, 15.5.6: an answer 405 names in Allow what the path takes."""
    answer = world.control.raw(method, path, json={} if method == "POST" else None)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert allowed in answer.json()["error"]


# ---- guards ----


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil:8081"])
def test_a_foreign_host_is_refused(world, host):
    before = world.now()
    for method, path in (("GET", "/clock"), ("GET", "/health"), ("GET", "/merchants"), ("POST", "/clock")):
        answer = world.control.raw(method, path, headers={"Host": host}, json={"advance": "PT1H"} if method == "POST" else None)
        assert answer.status_code == 403
        assert answer.json()["error"]
    assert world.now() == before


def test_hosts_that_are_its_own(world):
    port = urlsplit(world.program.control).port
    for host in (f"127.0.0.1:{port}", "127.0.0.1", "localhost", f"localhost:{port}", f"[::1]:{port}"):
        assert world.control.raw("GET", "/clock", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(world, origin):
    before = world.now()
    answer = world.control.raw("POST", "/clock", headers={"Origin": origin}, json={"advance": "PT1H"})
    assert answer.status_code == 403 and answer.json()["error"]
    assert world.control.raw("GET", "/clock", headers={"Origin": origin}).status_code == 403
    assert world.now() == before


def test_its_own_origin_is_served(world):
    answer = world.control.raw("GET", "/clock", headers={"Origin": world.program.control})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_its_own_origin_under_another_scheme_is_refused(world):
    """A page of https://HOST is another place than http://HOST, and so is one that has no scheme."""
    own = urlsplit(world.program.control).netloc
    for origin in (f"https://{own}", f"ws://{own}", f"httpx://{own}", f"http:/{own}", f"http:///{own}", own, f"//{own}", f"http://{own}/", f"http://{own}0"):
        answer = world.control.raw("GET", "/clock", headers={"Origin": origin})
        assert answer.status_code == 403 and "Origin" in answer.json()["error"], origin
    assert world.control.raw("GET", "/clock", headers={"Origin": f"HTTP://{own}"}).status_code == 200


def test_the_token_is_all_of_it(program, tmp_path):
    token = "0123456789abcdef" * 3
    file = tmp_path / "token"
    file.write_text(token + "\n")
    file.chmod(0o600)
    control = program("--control-token-file", str(file)).control

    def status(authorization):
        headers = {} if authorization is None else {"Authorization": authorization}
        return requests.get(f"{control}/health", headers=headers, timeout=10 * PATIENCE).status_code

    assert status(f"Bearer {token}") == status(f"bearer {token}") == 200
    last = "0" if token[-1] != "0" else "1"
    for wrong in (token + "f", token + "0", token[:-1], token[1:], "f" + token, token[:-1] + last, token.upper(), token + token, "", token[:1]):
        assert status(f"Bearer {wrong}") == 401, wrong
    for wrong in (None, token, f"Bearer{token}", f"Basic {token}", f"Bearer  {token}", f"Bearer: {token}"):
        assert status(wrong) == 401, wrong


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_post_demands_json(world, content_type):
    before = world.now()
    headers = {"Content-Type": content_type} if content_type else {}
    answer = world.control.raw("POST", "/clock", headers=headers, data=b'{"advance":"PT1H"}')
    assert 400 <= answer.status_code < 500 and answer.json()["error"]
    assert world.now() == before


def test_a_charset_may_follow(world):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert world.control.raw("POST", "/audit", headers=headers, data=b"{}").status_code == 200


def test_bodies_of_a_mebibyte_at_most(world):
    body = json.dumps({"advance": "PT1S", "padding": "x" * (1 << 20)})
    answer = world.control.raw("POST", "/clock", headers={"Content-Type": "application/json"}, data=body)
    assert 400 <= answer.status_code < 500 and answer.json()["error"]
    assert world.control.healthy()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'{"advance":"PT1S","advance":"PT1S"}', b"\xff", b'{"nonsense":1}'])
def test_bodies_that_are_wrong(world, body):
    before = world.now()
    answer = world.control.raw("POST", "/clock", headers={"Content-Type": "application/json"}, data=body)
    assert answer.status_code == 400 and answer.json()["error"]
    assert world.now() == before


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Transfer-Encoding: gzip, chunked"], 501),
        (["Transfer-Encoding: identity"], 501),
        (["Transfer-Encoding:"], 501),
        (["Content-Length: 2", "Content-Length: 2"], 400),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 400),
        (["Content-Length: 5", "Transfer-Encoding: chunked"], 400),
    ],
)
def test_a_body_whose_end_cannot_be_known(world, lines, status):
    """It is refused at once, and with the connection: what follows might be taken for another call."""
    before = world.now()
    head = ["POST /clock HTTP/1.1", f"Host: {urlsplit(world.control.base_url).netloc}", "Content-Type: application/json", *lines]
    with RawConnection(world.program.control) as connection:
        connection.send("\r\n".join(head).encode() + b"\r\n\r\n")
        answer = connection.answer("POST", "/clock")
        assert answer.status == status and json.loads(answer.body)["error"].startswith("The call was refused: ")
        assert connection.ended()
    assert world.now() == before


def test_unknown_paths_and_methods(world):
    for path in ("/nothing", "/clock/1", "/merchants/1/2"):
        answer = world.control.raw("GET", path)
        assert answer.status_code == 404 and answer.json()["error"]
    for method, path in (("PUT", "/clock"), ("DELETE", "/merchants"), ("GET", "/audit"), ("GET", "/reset"), ("POST", "/health")):
        answer = world.control.raw(method, path, json={})
        assert answer.status_code in (404, 405) and answer.json()["error"], path


def test_the_two_interfaces_are_apart(world, direct):
    refused(world.client.get(direct.caller, "/clock"), 404, "NOT_FOUND")
    assert world.control.raw("GET", "/v3/certificates").status_code == 404


@pytest.mark.concurrent
def test_control_answers_while_a_peer_stalls(world):
    peers = [RawConnection(world.program.control) for _ in range(30)]
    for peer in peers:
        peer.send(b"POST /clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{")
    assert world.control.healthy()
    for peer in peers:
        peer.close()


# ---- the clock ----


def test_the_clock_can_be_read(world):
    clock = world.control.clock()
    assert set(clock) >= {"now", "frozen"}
    assert times.RFC_3339_FRACTION.fullmatch(clock["now"])
    assert clock["frozen"] is True


@pytest.mark.parametrize(
    "duration,seconds",
    [("PT5M", 300), ("PT1H30M", 5400), ("P1D", 86400), ("P1W", 604800), ("P1DT1S", 86401), ("PT90S", 90), ("PT0S", 0)],
)
def test_it_moves_forward(world, duration, seconds):
    before = world.now()
    answer = world.control.set_clock(advance=duration)
    assert times.read(answer["now"]) == world.now() == before + timedelta(seconds=seconds)
    assert answer["frozen"] is True


def test_months_and_years_follow_the_calendar(world):
    year = world.today().year + 1
    world.to(times.at(times.day_of(f"{year}-01-31")))
    world.control.set_clock(advance="P1M")
    last = 29 if year % 4 == 0 else 28
    assert world.now() == times.at(times.day_of(f"{year}-02-{last}"))
    world.to(times.at(times.day_of(f"{year}-03-01")))
    world.control.set_clock(advance="P1Y")
    assert world.now() == times.at(times.day_of(f"{year + 1}-03-01"))


def test_it_can_be_set(world):
    moment = world.now() + timedelta(hours=3, seconds=7)
    assert times.read(world.control.set_clock(now=times.written(moment))["now"]) == moment
    utc = (moment + timedelta(hours=1)).astimezone(times.timezone.utc)
    world.control.set_clock(now=utc.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert world.now() == utc


def test_never_back(world):
    before = world.now()
    fails(400, world.control.set_clock, now=times.written(before - timedelta(seconds=1)))
    fails(400, world.control.set_clock, advance="-PT1S")
    assert world.now() == before


@pytest.mark.parametrize("duration", ["", "5M", "PT", "P", "PT5", "P1H", "PT5M ", "five", "P101Y", "PT99999999999999999999S"])
def test_durations_that_are_none(world, duration):
    before = world.now()
    fails(400, world.control.set_clock, advance=duration)
    assert world.now() == before


@pytest.mark.parametrize("now", ["", "tomorrow", "2030-01-01", "2030-13-01T00:00:00+08:00", "2030-01-01T00:00:00", 5])
def test_times_that_are_none(world, now):
    before = world.now()
    fails(400, world.control.set_clock, now=now)
    assert world.now() == before


def test_it_runs_until_it_is_stopped(world):
    before = world.now()
    assert world.control.set_clock(freeze=False)["frozen"] is False
    deadline = before + timedelta(seconds=1)
    while world.now() < deadline:
        pass
    assert world.control.set_clock(freeze=True)["frozen"] is True
    stopped = world.now()
    assert before + timedelta(seconds=1) <= stopped < before + timedelta(seconds=30 * PATIENCE)
    assert world.now() == stopped
    world.to(stopped + timedelta(seconds=1))  # a whole second again, for the tests that follow


def test_what_is_due_has_happened_when_the_call_returns(world, direct):
    orders = [world.paid(direct, 1000, frozen=False) for _ in range(30)]
    world.forward(days=181)
    assert {world.unsplit(order) for order in orders} == {0}


@pytest.mark.concurrent
def test_jumps_at_once_are_done_one_after_another(world):
    """Each of them moves by a day from where the one before it left the clock."""
    before = world.now()
    statuses = []

    def jump():
        answer = Control(world.program.control).raw("POST", "/clock", json={"advance": "P1D"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=jump) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert world.now() == before + timedelta(days=8)


# ---- merchants ----


def test_making_a_merchant_tells_where_its_keys_lie(world):
    mchid = world.new_mchid()
    made = world.control.make_merchant(mchid=mchid, kind="direct", contract_date="2025-01-01", fee_rate=60)
    assert made["mchid"] == mchid
    directory = world.program.data / "merchants" / mchid
    assert str(directory) in json.dumps(made)
    assert {file.name for file in directory.iterdir()} >= {
        "apiclient_key.pem",
        "apiclient_cert.pem",
        "apiv3_key",
        "serial_no",
    }
    for file in directory.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert len((directory / "apiv3_key").read_text().strip()) == 32
    assert mchid in json.dumps(world.control.get("/merchants"))


@pytest.mark.parametrize("mchid", ["1234567", "1" * 33, "19000001ab", "", "../../etc", 1900000123])
def test_a_merchant_number_is_8_to_32_digits(world, mchid):
    fails(400, world.control.make_merchant, mchid=mchid, kind="direct")


@pytest.mark.parametrize("length", [8, 32])
def test_the_shortest_and_the_longest_number(world, length):
    mchid = "9" * (length - 8) + f"{int(world.new_mchid()) % 10**8:08d}"
    assert world.control.make_merchant(mchid=mchid, kind="direct")["mchid"] == mchid


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "stranger"},
        {"kind": None},
        {"kind": "sub"},
        {"kind": "sub", "parent": "1000000001"},
        {"fee_rate": -1},
        {"fee_rate": "60"},
        {"fee_rate": 10001},
        {"distribution_ratio": 10001},
        {"contract_date": "2026-02-30"},
        {"contract_date": 20260105},
        {"settlement_currency": "us"},
        {"settlement_currency": 5},
        {"penalised": "yes"},
        {"appids": "wx1"},
        {"nonsense": 1},
    ],
    ids=str,
)
def test_merchants_that_cannot_be(world, members):
    mchid = world.new_mchid()
    whole = {"mchid": mchid, "kind": "direct", **members}
    fails((400, 404), world.control.make_merchant, **{name: value for name, value in whole.items() if value is not None})
    assert mchid not in json.dumps(world.control.get("/merchants"))


def test_a_merchant_only_once(world, direct):
    fails((400, 409), world.control.make_merchant, mchid=direct.sponsor, kind="direct")


def test_a_direct_merchant_is_no_parent(world, direct):
    fails(400, world.control.make_merchant, mchid=world.new_mchid(), kind="sub", parent=direct.sponsor)


def test_an_unknown_merchant_cannot_be_changed(world):
    fails(404, world.control.change_merchant, "1000000001", penalised=True)


def test_a_new_fee_rate_is_for_new_orders(world):
    party = world.new_direct()
    before = world.paid(party, 10000)
    world.control.change_merchant(party.sponsor, fee_rate=100)
    after = world.paid(party, 10000)
    assert (world.unsplit(before), world.unsplit(after)) == (9940, 9900)


# ---- payments ----


def test_a_payment_tells_its_numbers(world, party):
    made = world.control.make_payment(**party.in_control(), amount=1000, marked=False)
    assert set(made) >= {"transaction_id", "out_trade_no"}
    order = ok(world.order_by_id(party, made["transaction_id"]))
    assert (order["out_trade_no"], order["trade_state"]) == (made["out_trade_no"], "SUCCESS")
    assert order["success_time"] == times.written(world.now())


def test_a_payment_s_numbers_may_be_given(world, party):
    transaction_id, number = "42" + world.number("7")[1:], world.number("T")
    made = world.control.make_payment(
        **party.in_control(), amount=1000, marked=True, transaction_id=transaction_id, out_trade_no=number
    )
    assert (made["transaction_id"], made["out_trade_no"]) == (transaction_id, number)
    fails((400, 409), world.control.make_payment, **party.in_control(), amount=1000, transaction_id=transaction_id)


@pytest.mark.parametrize(
    "members",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": "1000"},
        {"amount": 1.5},
        {"amount": None},
        {"marked": "yes"},
        {"payer": "cash"},
        {"marked": True, "currency": "USD"},
        {"coupon": {"type": "GIFT", "scope": "GLOBAL", "amount": 1, "promotion_id": "1"}},
        {"coupon": {"type": "COUPON", "scope": "GLOBAL", "amount": 1001, "promotion_id": "1"}},
        {"coupon": 5},
        {"settlement_rate": 0},
        {"payment_rate": -1},
        {"mchid": "1000000001"},
        {"nonsense": 1},
    ],
    ids=str,
)
def test_payments_that_cannot_be(world, direct, members):
    whole = {"mchid": direct.sponsor, "amount": 1000, "marked": False, **members}
    fails((400, 404), world.control.make_payment, **{name: value for name, value in whole.items() if value is not None})


def test_paying_what_was_never_ordered(world):
    fails(404, world.control.pay, "NEVERORDERED")


# ---- the world outside ----


def test_outcomes_of_what_is_not_there(world):
    fails(404, world.control.set_outcome, "50000000000000000000000000", "SUCCESS")
    fails(404, world.control.change_receiver, "1000000001", mchid="1000000001", penalised=True)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"mchid": "1000000001"},
        {"penalised": "yes"},
        {"audit": "INIT"},
        {"audit": None},
        {"audit": "FAILED"},
        {"audit": "FAILED", "fail_reason": ""},
        {"audit": "FAILED", "fail_reason": "r" * 65},
        {"audit": "FAILED", "fail_reason": "a\nb"},
        {"audit": "FAILED", "fail_reason": "a\u0085b"},
        {"audit": "FAILED", "fail_reason": "R", "fail_description": "d" * 257},
        {"audit": "EFFECTIVE", "fail_reason": "R"},
        {"penalised": True, "fail_description": "d"},
        {"fails_with": "BAD_WEATHER"},
        {"fails_with": 5},
        {"fails_with": None, "nonsense": 1},
    ],
    ids=str,
)
def test_changes_of_a_receiver_that_cannot_be(world, direct, members):
    fails(400, world.control.change_receiver, world.receiver(direct), **members)


def test_an_account_is_decoded_once(world, direct):
    account = "o_" + world.number("P")
    ok(world.add_receiver(direct, account, type="PERSONAL_OPENID", appid="wx8888888888888888"))
    escaped = "".join(f"%{ord(letter):02x}" for letter in account)
    assert world.control.change_receiver(escaped, penalised=True)["account"] == account
    for strange in ("a%2Fb", "%2525", "a%20b", "%e5%90%88", "x" * 199):
        assert "nobody has added this account" in fails(404, world.control.change_receiver, strange, penalised=True)
    for no_call in ("a/b", "a%00b", "%00", "x" * 200, "x" * 2000):
        assert "There is no such call" in fails(404, world.control.change_receiver, no_call, penalised=True)


def test_an_outcome_is_final(world, direct):
    """A refund that has succeeded does not close, and one that is closed does not succeed."""
    ends = ("SUCCESS", "REFUNDCLOSE")
    for first, second in [(end, other) for end in ends for other in (*ends, "ABNORMAL") if other != end]:
        refund = world.refunded(world.paid(direct, 1000), 1000)
        world.control.set_outcome(refund["id"], first)
        fails((400, 409), world.control.set_outcome, refund["id"], second)
        assert ok(world.refund_by_number(direct, refund["out_refund_no"]))["status"] == first


@pytest.mark.parametrize("status", ["PROCESSING", "CLOSED", "", "success", 5, None])
def test_outcomes_that_are_none(world, direct, status):
    refund = world.refunded(world.paid(direct, 1000), 1000)
    fails(400, world.control.set_outcome, refund["id"], status)


# ---- audit ----


def test_the_audit_finds_nothing_wrong(world, party):
    order = world.paid(party, 10000)
    world.send_outbound(order, 3000)
    world.refunded(order, 5000, sources=[(FUNDS, 3000), ("ORDER_REFUNDABLE_BALANCE", 2000)])
    closed = world.refunded(order, 17)
    world.control.set_outcome(closed["id"], "REFUNDCLOSE")
    assert isinstance(world.control.audit(), dict)


# ---- reset ----


def test_reset_tells_the_story_anew(program):
    book = DemoBook(program(demo=True))
    made = book.merchant("direct")
    serials = sorted(file.name for file in (book.program.data / "platform").iterdir())
    book.raise_advance_balance(book.institution, 100)
    assert book.advance_balance(book.institution) != 1000
    book.control.reset()
    again = DemoBook(book.program)
    assert sorted(file.name for file in (book.program.data / "platform").iterdir()) == serials
    assert again.direct.caller.serial_no == book.direct.caller.serial_no
    assert {name: value for name, value in again.environment.items() if "DATE" not in name} == {
        name: value for name, value in book.environment.items() if "DATE" not in name
    }
    assert again.advance_balance(book.institution) == 1000  # signed with the key from before
    assert made not in json.dumps(again.control.get("/merchants"))
    again.control.audit()


# ---- the token for others than loopback ----


def test_other_addresses_need_a_token(tmp_path):
    """0.0.0.0 does not start without a token and TLS, and says what to do."""
    arguments = [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--control", "0.0.0.0:0", "--data", str(tmp_path / "data")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20 * PATIENCE)
    assert done.returncode != 0
    assert "loopback" in done.stderr


# ---- what the page shows ----


def test_the_recipe_for_a_merchant_of_one_s_own(program, tmp_path):
    """Pasted as it stands. After a reset the merchant is gone, and made again it has other keys."""
    server = program(demo=True)
    (tmp_path / "data").symlink_to(server.data)
    page = (ROOT / "docs" / "control.md").read_text("utf-8")
    ((_, recipe),) = blocks(section(page, "## A merchant of your own"), "sh")

    def pasted():
        done = subprocess.run(["sh", "-eu"], input=recipe, capture_output=True, text=True, cwd=tmp_path, timeout=60 * PATIENCE)
        assert (done.returncode, done.stderr) == (0, "")
        *made, files = done.stdout.split("\n", 2)
        shown = recipe.splitlines()[-1].split("# ")[1]
        assert files.split() == shown.split() == sorted(path.name for path in (server.data / "merchants" / "1900000777").iterdir())
        return [json.loads(line) for line in made]

    institution, sub = pasted()
    assert (institution["fee_rate"], institution["distribution_ratio"], institution["settlement_currency"]) == (60, 3000, "USD")
    assert (sub["contract_date"], sub["fee_rate"], sub["distribution_ratio"]) == (None, None, None)
    world = World(server)
    balance = "/v3/global/profit-sharing/refunds/refundable-balance"
    assert ok(world.client.get(world.credentials("1900000777"), balance, {"sub_mchid": "1900000778"}))["balance"] == 0
    world.control.post("/reset", {})
    assert "1900000777" not in {one["mchid"] for one in world.control.get("/merchants")["merchants"]}
    assert pasted()[0]["serial_no"] != institution["serial_no"]
    ok(world.client.get(world.credentials("1900000777"), balance, {"sub_mchid": "1900000778"}))
