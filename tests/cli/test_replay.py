"""fenzhang replay: a request of the log is sent once more, signed anew."""
import json

import pytest
import requests
from client import PATIENCE
from demo_book import DemoBook
from ports import nobodys_port
from program import Program

from command import run

SHARING = "/v3/global/profit-sharing"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("server"), demo=True, seed=1).start()
    yield running
    running.stop()


@pytest.fixture
def world(server):
    assert requests.post(server.control + "/reset", json={"again": True}, timeout=20 * PATIENCE).ok
    return DemoBook(server)


@pytest.fixture
def replay(server):
    def call(answer, *words):
        return run("replay", answer.header("Request-ID"), "--env", server.data / "demo.env", *words)

    return call


def balance(world, mode="institution"):
    caller = world.party(mode).caller
    return world.client.send(caller, "GET", SHARING + "/refunds/refundable-balance", None)


def newest(server):
    return requests.get(server.control + "/requests?limit=1", timeout=20).json()["requests"][0]


def test_the_same_answer(world, server, replay):
    first = balance(world)
    done = replay(first)
    lines = done.stdout.splitlines()
    again = newest(server)
    assert lines[1].split()[:2] == ["then", "200"] and lines[1].split()[-1] == first.header("Request-ID")
    assert lines[2].split()[:2] == ["now", "200"] and lines[2].split()[-1] == again["request_id"] != first.header("Request-ID")
    assert lines[-1] == "The answer is the same." and (done.returncode, done.stderr) == (0, "")
    assert (again["method"], again["target"], again["verified"], again["mchid"]) == ("GET", first_target(server, first), True, "1900000100")


def first_target(server, answer):
    return requests.get(f"{server.control}/requests/{answer.header('Request-ID')}", timeout=20).json()["target"]


def test_as_the_merchant_that_sent_it(world, server, replay):
    """The direct merchant's, though demo.env names the institution first."""
    assert replay(balance(world, "direct")).returncode == 0 and newest(server)["mchid"] == "1900000120"


def test_another_answer(world, server, replay):
    """The advance balance is of its day: 1000 fen, and 0 on the next."""
    first = balance(world)
    assert run("clock", "advance", "P1D", "--env", server.data / "demo.env").returncode == 0
    done = replay(first)
    assert done.stdout.splitlines()[-2:] == ["member    then  now", "/balance  1000  0"] and (done.returncode, done.stderr) == (1, "")


def test_another_status(world, server, replay):
    first = balance(world)
    requests.post(server.control + "/faults", json={"error": "SYSTEM_ERROR", "count": 1}, timeout=20)
    told = json.loads((done := replay(first, "--json")).stdout)
    assert done.returncode == 1 and (told["then"]["status"], told["now"]["status"]) == (200, 500)
    assert told["differences"][0] == {"member": "status", "then": 200, "now": 500}
    assert {"member": "/balance", "then": 1000} in told["differences"]
    assert {"member": "/code", "now": "SYSTEM_ERROR"} in told["differences"]
    assert told["then"]["body"]["balance"] == 1000 and told["now"]["body"]["code"] == "SYSTEM_ERROR"


def test_one_that_was_refused_for_its_signature(world, server, replay):
    """Signed as it should be, it is taken."""
    caller = world.party("institution").caller
    header = f'WECHATPAY2-SHA256-RSA2048 mchid="{caller.mchid}",nonce_str="n",timestamp="1",serial_no="{caller.serial_no}",signature="AAAA"'
    refused = requests.get(server.api + SHARING + "/refunds/refundable-balance", timeout=20,
                           headers={"Authorization": header, "Accept": "application/json", "User-Agent": "t"})
    assert refused.status_code == 401
    done = run("replay", refused.headers["Request-ID"], "--env", server.data / "demo.env", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1 and (told["then"]["status"], told["now"]["status"], told["now"]["body"]["balance"]) == (401, 200, 1000)


def test_a_write_with_its_body(world, server, replay):
    """A receiver is added once more, which changes nothing; body and headers are what they were."""
    caller, child = world.party("institution").caller, world.party("institution").sub_mchid
    body = {"sub_mchid": child, "type": "MERCHANT_ID", "account": "1900000131", "relation_type": "SUPPLIER"}
    first = world.client.send(caller, "POST", SHARING + "/receivers", body)
    assert first.status == 200, str(first)
    replay(first)
    then, now = (requests.get(f"{server.control}/requests/{number}", timeout=20).json()["request"]
                 for number in (first.header("Request-ID"), newest(server)["request_id"]))
    kept = [line for line in then["headers"] if not line.lower().startswith(
        ("host:", "authorization:", "accept-encoding:", "connection:", "content-length:"))]
    assert now["body"] == then["body"] != "" and set(kept) <= set(now["headers"])


def test_to_another_server(world, server, replay, tmp_path_factory):
    other = Program(tmp_path_factory.mktemp("other"), demo=True, seed=1).start()
    try:
        assert replay(balance(world), "--to", other.api + "/").returncode == 0
        assert newest(other)["target"] == SHARING + "/refunds/refundable-balance"
    finally:
        other.stop()


# ---- what cannot be ----


def refused(done, *texts, status=2):
    assert (done.returncode, done.stdout) == (status, ""), done
    for text in texts:
        assert text in done.stderr, done.stderr


def test_a_secret_is_not_in_the_log(world, server, replay):
    """A name is sealed when it is sent, and *** in the log."""
    caller, child = world.party("institution").caller, world.party("institution").sub_mchid
    body = {"sub_mchid": child, "type": "MERCHANT_ID", "account": "1900000131", "relation_type": "SUPPLIER", "name": "QUJDRA=="}
    answer = world.client.send(caller, "POST", SHARING + "/receivers", body)
    refused(replay(answer), "cannot be sent again", "***")


def test_no_such_exchange(server):
    refused(run("replay", "0" * 32 + "-0", "--env", server.data / "demo.env"), "No exchange with this Request-ID is in the log")


def test_whose_key_nobody_has(world, server):
    first = balance(world)
    refused(run("replay", first.header("Request-ID"), "--control", server.control, "--to", server.api), "merchant 1900000100, whose key is not known here")


def test_where_to_nobody_says(world, server):
    first = balance(world)
    refused(run("replay", first.header("Request-ID"), "--control", server.control), "--env DIR/demo.env, or --to URL")


def test_nobody_answers(world, replay):
    with nobodys_port() as port:
        refused(replay(balance(world), "--to", f"http://127.0.0.1:{port}"), f"http://127.0.0.1:{port} gave no answer")


def test_no_request_id():
    refused(run("replay"), "a Request-ID is missing")
