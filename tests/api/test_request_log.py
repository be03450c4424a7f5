"""The request log: GET /requests, GET /requests/ID and GET /requests/stream of the control interface"""

import base64
import json
import re
import threading
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

import times
from answers import ok, refused
from client import PATIENCE, authorization
from events import EventStream
from raw import RawConnection, request_bytes
from world import SHARING, World

PERSON = "Zhang San Feng"


def logged(world, query=""):
    answer = world.control.get("/requests" + query)
    assert re.fullmatch("[0-9A-F]{8}", answer["process"])
    return answer["requests"]


def record_of(world, answer):
    """All that the log has of an answer."""
    return world.control.get("/requests/" + answer.header("Request-ID"))


def seal(world, party, text):
    """RSAES-OAEP with SHA-1 for the platform, and the header that says so."""
    serial = world.balance(party).header("Wechatpay-Serial")
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return base64.b64encode(world.client.platform.key(serial).encrypt(text.encode(), scheme)).decode(), {"Wechatpay-Serial": serial}


@pytest.fixture
def quiet(world):
    """The same server with an empty log: what is in it afterwards, the test has asked."""
    world.control.reset()
    world._parties.clear()
    world.start_of_scenario()
    assert logged(world) == []
    return world


# ---- what a record says ----


def test_what_is_kept_of_an_exchange(world, party, prefix):
    order = world.paid(party, 1000)
    number = world.number("R")
    before = time.time()
    answer = world.refund(order, 400, number, prefix=prefix)
    record = record_of(world, answer)
    assert record["request_id"] == answer.header("Request-ID")
    assert (record["method"], record["target"]) == ("POST", f"{prefix}/refunds")
    assert (record["status"], record["verified"], record["endpoint"]) == (200, True, "refund-submit")
    assert "code" not in record and "row" not in record
    assert record["mchid"] == party.caller.mchid
    assert record.get("sub_mchid") == party.sub_mchid
    assert record["numbers"] == {"transaction_id": order.transaction_id, "out_refund_no": number, "id": answer.json["id"]}
    assert abs(times.read(record["time"]).timestamp() - before) < 30 * PATIENCE
    assert times.read(record["book_time"]).replace(microsecond=0) == world.now().replace(microsecond=0)
    assert 0 < record["duration_us"] < 30e6 * PATIENCE
    assert re.fullmatch(r"127\.0\.0\.1:[0-9]+", record["peer"])


def test_what_was_sent_is_kept_as_it_was(world, party):
    body = {"transaction_id": "4208450740201411110007820472", "out_refund_no": "R 1", "reason": "tee \u8336\r\n"}
    answer = world.client.post(party.caller, "/v3/global/refunds", body, headers={"X-Trace": "abc"})
    record = record_of(world, answer)
    sent = json.dumps(body, ensure_ascii=False)
    assert record["request"]["body"] == sent
    assert record["request"]["body_bytes"] == len(sent.encode())
    assert "X-Trace: abc" in record["request"]["headers"]
    assert f"Content-Length: {len(sent.encode())}" in record["request"]["headers"]
    assert record["answer"]["body"] == answer.body.decode()
    assert record["answer"]["body_bytes"] == len(answer.body)
    for name, value in answer.headers:
        if name not in ("Date", "Content-Length", "Connection", "Wechatpay-Signature"):  # the first three are the library's
            assert f"{name}: {value}" in record["answer"]["headers"]
    assert "headers_cut" not in record["request"] and "body_cut" not in record["request"]


def test_a_refusal_names_its_row_and_the_code_that_was_answered(world, party):
    for prefix, code in (("/v3/global", "RESOURCE_NOT_EXISTS"), ("/hk/v3", "REFUNDNOTEXIST")):
        answer = refused(world.refund_by_number(party, "NOSUCH", prefix), 404, code)
        record = record_of(world, answer)
        assert (record["code"], record["row"], record["status"]) == (code, "REFUND_UNKNOWN", 404), record
        assert record["numbers"] == {"out_refund_no": "NOSUCH"}


def test_before_the_route_too(quiet, institution):
    """Without a signature, without a path, without Accept: each has its place in the log."""
    client = quiet.client
    sent = [
        client.send(None, "GET", "/v3/global/nothing", signed=False),
        client.send(institution.caller, "GET", "/v3/global/nothing"),
        client.send(institution.caller, "GET", "/v3/certificates", headers={"Accept": ""}),
        client.send(institution.caller, "GET", "/v3/certificates", signature="AAAA"),
        client.send(institution.caller, "PUT", "/v3/certificates"),
    ]
    found = logged(quiet)
    assert [one["request_id"] for one in found] == [answer.header("Request-ID") for answer in reversed(sent)]
    assert [one["status"] for one in reversed(found)] == [401, 404, 400, 401, 405]
    assert [one["verified"] for one in reversed(found)] == [False, True, False, False, True]
    assert [one.get("mchid") for one in reversed(found)] == [None, institution.caller.mchid, None] + 2 * [institution.caller.mchid]


def test_a_body_that_is_too_large(world, institution):
    """Both ways to refuse it: by what it announces, and in the middle of what does not say how long it is."""
    body = b"x" * 70000
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(institution.caller, "POST", "/v3/global/refunds", body))
        announced = world.client.accept(connection.answer())
    head = {"Transfer-Encoding": "chunked"}
    with RawConnection(world.program.api) as connection:
        request = request_bytes(institution.caller, "POST", "/v3/global/refunds", body, head, leave_out=["Content-Length"])
        cut = request.index(b"\r\n\r\n") + 4
        connection.send(request[:cut] + f"{len(body):x}\r\n".encode() + body)
        in_the_middle = world.client.accept(connection.answer())
    for answer in (announced, in_the_middle):
        assert answer.status == 413
        assert record_of(world, answer)["row"] == "BODY_TOO_LARGE"


def test_long_bodies_and_targets_are_cut(world, institution):
    body = {"out_refund_no": "FIRST", "reason": "r" * 40000}
    record = record_of(world, world.client.post(institution.caller, "/v3/global/refunds", body))
    assert record["request"]["body_cut"] and len(record["request"]["body"]) == 16384
    assert record["request"]["body_bytes"] == len(json.dumps(body))
    assert json.dumps(body).startswith(record["request"]["body"])
    assert record["numbers"]["out_refund_no"] == "FIRST"
    answer = world.client.get(institution.caller, "/v3/certificates", {"x": "y" * 5000})
    assert record_of(world, answer)["target"] == answer.target[:2048]
    answer = world.client.get(institution.caller, "/v3/certificates", headers={f"X-{i}": "z" * 900 for i in range(15)})
    record = record_of(world, answer)
    assert record["request"]["headers_cut"] and len("\n".join(record["request"]["headers"])) <= 8192


def test_head_shows_what_went_out(world, institution):
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(institution.caller, "HEAD", "/v3/certificates"))
        record = record_of(world, connection.answer("HEAD"))
    assert (record["status"], record["answer"]["body"], record["answer"]["body_bytes"]) == (405, "", 0)


def test_of_files_the_size_alone(world, institution):
    order = world.paid(institution, 1000)
    world.refunded(order, 1000)
    day = world.today()
    world.to_next_morning()
    link = ok(world.refund_bill(institution, day))["download_url"]
    answer = world.client.send(institution.caller, "GET", link[len(world.program.api) :])
    record = record_of(world, answer)
    assert answer.status == 200
    assert record["answer"]["body_bytes"] == len(answer.body) > 100
    assert "body" not in record["answer"]
    multipart = {"Content-Type": 'multipart/form-data; boundary="b"'}
    answer = world.client.post(institution.caller, "/v3/global/refunds", b"--b\r\nsecret papers\r\n--b--", headers=multipart)
    record = record_of(world, answer)
    assert record["request"]["body_bytes"] == 25 and "body" not in record["request"]
    assert "secret papers" not in json.dumps(record["request"])


# ---- Request-ID ----


def test_a_request_id_names_its_process(world, institution, program):
    process = world.control.get("/requests")["process"]
    ids = [world.client.get(institution.caller, "/v3/certificates").header("Request-ID") for _ in range(5)]
    assert len(set(ids)) == 5
    assert all(re.fullmatch(process + "[0-9A-F]{24}-0", one) for one in ids)
    other = World(program(demo=True))
    assert other.control.get("/requests")["process"] != process
    missing = other.control.raw("GET", "/requests/" + ids[0])
    assert missing.status_code == 404 and other.control.get("/requests")["process"] in missing.json()["error"]


def test_one_exchange_by_its_id(world, institution):
    request_id = world.client.get(institution.caller, "/v3/certificates").header("Request-ID")
    whole = world.control.get("/requests/" + request_id)
    assert world.control.get("/requests/" + request_id.split("-")[0]) == whole
    for wrong in (request_id[:31], request_id[:20] + "0" * 12 + "-0", "x", request_id + "1", "a" * 300):
        answer = world.control.raw("GET", "/requests/" + wrong)
        assert answer.status_code == 404 and answer.json()["error"], wrong


# ---- secrets ----


class Secrets:
    """Remembers every signature that goes over the wire through a client."""

    def __init__(self, world, monkeypatch):
        self.found = set()
        self._send = world.client.session.send
        monkeypatch.setattr(world.client.session, "send", self.send)

    def send(self, prepared, **options):
        answer = self._send(prepared, **options)
        self.found.update(re.findall(r'signature="([^"]+)"', prepared.headers.get("Authorization", "")))
        self.found.add(answer.headers.get("Wechatpay-Signature"))
        return answer


def test_no_secret_of_a_whole_run_is_in_the_log(quiet, mode, monkeypatch):
    world = quiet
    party = world.party(mode)
    secrets = Secrets(world, monkeypatch)
    sealed, headers = seal(world, party, PERSON)
    not_sealed = "Not Sealed Name"
    code, bad_code = world.auth_code(), "9912345678"
    # Names: sealed, not sealed, of the wrong type, in a body that is broken
    receiver = {"name": sealed, "headers": headers}
    ok(world.add_receiver(party, world.new_mchid(), **receiver))
    refused(world.add_receiver(party, world.new_mchid(), name=not_sealed, headers=headers), 400)
    refused(world.add_receiver(party, world.new_mchid(), name=not_sealed), 400)
    refused(world.add_receiver(party, world.new_mchid(), name=[not_sealed]), 400, "PARAM_ERROR")
    order = world.paid(party, 1000)
    account = world.receiver(party)
    slices = [world.slice(account, 10, name=sealed + "A" * 2000)]
    refused(world.distribution(order, slices, world.number("D")), 400, "PARAM_ERROR")
    world.client.post(party.caller, "/v3/global/refunds", b'{"name":"' + not_sealed.encode() + b'",}')
    # Payment codes
    ok(world.by_code(party, world.number("C"), 1000, code))
    refused(world.by_code(party, world.number("C"), 1000, bad_code), 400)
    refused(world.by_code(party, world.number("C"), 1000, bad_code * 4), 400)
    # Ciphertexts of certificates
    certificates = ok(world.client.get(party.caller, "/v3/certificates"))["data"]
    # Bill links, good and broken
    world.refunded(order, 100)
    day = world.today()
    world.to_next_morning()
    link = ok(world.refund_bill(party, day))["download_url"]
    token = link.split("token=")[1]
    target = link[len(world.program.api) :]
    assert world.client.send(party.caller, "GET", target, headers={"Referer": link}).status == 200
    refused(world.client.send(party.caller, "GET", target, signature="bm90LWEtc2lnbmF0dXJl"), 401)
    refused(world.client.send(party.caller, "GET", target + "&token=" + token), 400, "PARAM_ERROR")
    assert 400 <= world.client.send(party.caller, "GET", target[:-5]).status < 500
    # Signatures in the wrong place, and bearer tokens
    whole = authorization(party.caller, "GET", "/v3/certificates")
    signature = re.search(r'signature="([^"]+)"', whole)[1]
    secrets.found.add(signature)
    for wrong in (signature, "Bearer " + signature, whole.replace("signature=", "sign="), whole.replace('"', "'")):
        refused(world.client.send(None, "GET", "/v3/certificates", signed=False, headers={"Authorization": wrong}), 401)
    world.client.get(party.caller, "/v3/certificates", headers={"X-Api-Key": party.caller.apiv3_key.decode()})

    secrets.found |= {sealed, PERSON, not_sealed, code, bad_code, token[:-5]}
    secrets.found |= {entry["encrypt_certificate"]["ciphertext"] for entry in certificates}
    secrets.found |= {path.read_text().strip() for path in (world.program.data / "merchants").glob("*/apiv3_key")}
    secrets.found.discard(None)
    assert len(secrets.found) > 40
    with EventStream(world.program.control, "?after=0") as stream:
        found = logged(world, "?limit=100")
        told = stream.until(found[0]["sequence"])
        everything = json.dumps([told, found, [world.control.get("/requests/" + one["request_id"]) for one in found]])
    assert len(found) >= 20 and "/v3/billdownload/file?token=***" in everything
    leaked = {secret for secret in secrets.found if secret in everything or json.dumps(secret)[1:-1] in everything}
    assert leaked == set()


def test_what_is_masked_is_replaced_by_asterisks(world, institution):
    """And what stands around it stays."""
    sealed, headers = seal(world, institution, PERSON)
    account = world.new_mchid()
    record = record_of(world, world.add_receiver(institution, account, name=sealed, headers=headers))
    kept = json.loads(record["request"]["body"])
    assert kept == {
        "sub_mchid": institution.sub_mchid,
        "type": "MERCHANT_ID",
        "account": account,
        "relation_type": "SUPPLIER",
        "name": "***",
        **{name: value for name, value in institution.in_distribution().items()},
    }
    (sent,) = [line for line in record["request"]["headers"] if line.startswith("Authorization: ")]
    assert re.fullmatch(
        'Authorization: WECHATPAY2-SHA256-RSA2048 mchid="[0-9]+",nonce_str="[0-9A-F]{32}",'
        r'signature="\*\*\*",timestamp="[0-9]+",serial_no="[0-9A-F]{40}"',
        sent,
    )
    assert "Wechatpay-Signature: ***" in record["answer"]["headers"]
    assert f"Wechatpay-Serial: {headers['Wechatpay-Serial']}" in record["request"]["headers"]


# ---- searching ----


@pytest.fixture
def searched(quiet):
    """A log with a few exchanges of two merchants; gives the world and the Request-IDs by name."""
    world = quiet
    institution, direct = world.party("institution"), world.party("direct")
    order = world.paid(institution, 1000)
    ids = {
        "balance": ok_id(world.balance(direct)),
        "refund": ok_id(world.refund(order, 100, "NUMBER-1")),
        "query": ok_id(world.refund_by_number(institution, "NUMBER-1")),
        "absent": refused(world.refund_by_number(institution, "NUMBER-2"), 404).header("Request-ID"),
        "mismatch": refused(world.client.get(direct.caller, "/v3/certificates", signature="AAAA"), 401).header("Request-ID"),
        "old": refused(world.refund_by_number(direct, "NUMBER-2", "/hk/v3"), 404).header("Request-ID"),
    }
    return world, ids, institution, direct, order


def ok_id(answer):
    ok(answer)
    return answer.header("Request-ID")


def test_filters(searched):
    world, ids, institution, direct, order = searched
    refund_id = world.control.get("/requests/" + ids["refund"])["numbers"]["id"]
    cases = {
        f"?mchid={direct.caller.mchid}": ["old", "mismatch", "balance"],
        f"?sub_mchid={institution.sub_mchid}": ["absent", "query", "refund"],
        "?path=/refunds/out-refund-no": ["old", "absent", "query"],
        "?path=out_refund_no": [],
        "?status=200": ["query", "refund", "balance"],
        "?status=4xx": ["old", "mismatch", "absent"],
        "?status=5xx": [],
        "?code=SIGN_ERROR": ["mismatch"],
        "?code=REFUNDNOTEXIST": ["old"],
        "?code=RESOURCE_NOT_EXISTS": ["absent"],
        "?number=NUMBER-1": ["query", "refund"],
        "?number=NUMBER": [],
        f"?number={order.transaction_id}": ["query", "refund"],
        f"?number={refund_id}": ["query", "refund"],
        f"?number={institution.sub_mchid}": [],
        f"?request_id={ids['query']}": ["query"],
        f"?request_id={ids['query'][:20]}": ["query"],
        f"?mchid={direct.caller.mchid}&status=404&path=%2Fhk%2Fv3": ["old"],
    }
    for query, wanted in cases.items():
        assert [one["request_id"] for one in logged(world, query)] == [ids[name] for name in wanted], query


def test_paging(searched):
    world, ids, *_ = searched
    newest_first = [ids[name] for name in ("old", "mismatch", "absent", "query", "refund", "balance")]
    seen, query = [], "?limit=4"
    while query:
        page = world.control.get("/requests" + query)
        seen += [one["request_id"] for one in page["requests"]]
        assert len(page["requests"]) <= 4
        query = f"?limit=4&before={page['before']}" if "before" in page else None
    assert seen == newest_first
    sequences = [one["sequence"] for one in logged(world)]
    assert sequences == list(range(sequences[0], sequences[0] - 6, -1))
    assert "before" not in world.control.get("/requests")
    first = world.control.get("/requests?status=200&limit=1")
    second = world.control.get(f"/requests?status=200&limit=1&before={first['before']}")
    assert [one["request_id"] for one in first["requests"] + second["requests"]] == [ids["query"], ids["refund"]]


@pytest.mark.parametrize(
    "query",
    ["?limit=0", "?limit=101", "?limit=x", "?before=0", "?before=-1", "?status=4", "?status=4x", "?status=600", "?status=abc"]
    + ["?nothing=1", "?mchid=1&mchid=2", "?mchid=", "?mchid=" + "1" * 33, "?number=" + "1" * 65, "?number=%FF", "?number=a%00b"],
)
def test_queries_that_are_wrong(world, query):
    for path in ("/requests", "/requests/stream"):
        answer = world.control.raw("GET", path + query)
        assert answer.status_code == 400 and "query" in answer.json()["error"], path


def test_methods_and_strangers(world):
    for path in ("/requests", "/requests/stream", "/requests/" + "0" * 32):
        for method in ("POST", "PUT", "HEAD"):
            assert world.control.raw(method, path, headers={"Content-Type": "application/json"}).status_code == 405
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            assert world.control.raw("GET", path, headers=headers).status_code == 403
    assert world.control.raw("GET", "/requests/1/2").status_code == 404


# ---- bounds ----


def metric(world, name):
    return float(re.search(rf"^fenzhang_{name} (\S+)$", world.control.metrics().text, re.M)[1])


def test_the_ring_by_count(program):
    world = World(program("--log-requests", "5", demo=True))
    caller = world.party("direct").caller
    ids = [world.client.get(caller, "/v3/certificates").header("Request-ID") for _ in range(8)]
    assert [one["request_id"] for one in logged(world)] == ids[:2:-1]
    assert world.control.raw("GET", "/requests/" + ids[0]).status_code == 404
    assert metric(world, "requests_logged_total") == 8
    assert metric(world, "requests_log_dropped_total") == 3
    assert metric(world, "request_log_exchanges") == 5


def test_the_ring_by_bytes(program):
    world = World(program("--log-bytes", "100000", demo=True))
    caller = world.party("direct").caller
    for i in range(30):
        world.client.post(caller, "/v3/global/refunds", {"reason": "r" * 12000, "out_refund_no": f"N{i}"})
    found = logged(world)
    assert 5 <= len(found) <= 8
    assert found[0]["numbers"] == {"out_refund_no": "N29"}
    assert metric(world, "request_log_bytes") <= 100000
    assert metric(world, "requests_log_dropped_total") == 30 - len(found)


@pytest.mark.parametrize("option", ["--log-requests", "--log-bytes"])
def test_no_log_at_all(program, option):
    world = World(program(option, "0", demo=True))
    answer = world.client.get(world.party("direct").caller, "/v3/certificates")
    assert answer.status == 200
    for path in ("/requests", "/requests/stream", "/requests/" + answer.header("Request-ID")):
        refusal = world.control.raw("GET", path)
        assert refusal.status_code == 404 and "no request log" in refusal.json()["error"]
    assert metric(world, "requests_logged_total") == 0
    world.control.reset()


def test_a_reset_empties_it(quiet, institution):
    world = quiet
    answer = world.client.get(institution.caller, "/v3/certificates")
    (before,) = logged(world)
    with EventStream(world.program.control) as stream:
        stream.begun()
        world.control.reset()
        assert stream.take(1) == [("reset", {})]
        assert logged(world) == []
        assert world.control.raw("GET", "/requests/" + answer.header("Request-ID")).status_code == 404
        world.client.get(institution.caller, "/v3/certificates")
        ((event, told),) = stream.take(1)
    assert event == "request" and told == logged(world)[0]
    assert told["sequence"] == before["sequence"] + 1  # sequences go on
    world._parties.clear()


# ---- the stream ----


def test_the_stream_tells_what_the_list_has(quiet, institution):
    world = quiet
    with EventStream(world.program.control) as stream:
        assert stream.status == 200 and stream.headers["content-type"] == "text/event-stream"
        stream.begun()
        for _ in range(3):
            world.client.get(institution.caller, "/v3/certificates")
        events = [item for _, item in zip(range(3), stream)]
    found = logged(world)
    assert [event for event, _, _ in events] == ["request"] * 3
    assert [data for _, _, data in events] == found[::-1]
    assert [int(number) for _, number, _ in events] == [one["sequence"] for one in found[::-1]]


def test_the_stream_has_the_filters_too(searched):
    world, ids, institution, direct, _ = searched
    with EventStream(world.program.control, f"?after=0&status=404&mchid={institution.caller.mchid}") as stream:
        assert stream.take(1)[0][0] == "gap"
        ((event, data),) = stream.take(1)
        assert (event, data["request_id"]) == ("request", ids["absent"])
        ok(world.balance(direct))
        wanted = refused(world.refund_by_number(institution, "NUMBER-3"), 404)
        assert stream.take(1)[0][1]["request_id"] == wanted.header("Request-ID")


def test_a_reader_that_comes_back_goes_on(searched):
    world, ids, *_ = searched
    third = logged(world)[3]["sequence"]
    with EventStream(world.program.control, headers=[f"Last-Event-ID: {third}"]) as stream:
        assert [data["request_id"] for _, data in stream.take(3)] == [ids["absent"], ids["mismatch"], ids["old"]]
    with EventStream(world.program.control, f"?after={third + 2}") as stream:
        assert [data["request_id"] for _, data in stream.take(1)] == [ids["old"]]


def test_who_falls_behind_is_told_and_jumps(program):
    """Ten kept, thirty asked for: twenty are missing, and said to be."""
    world = World(program("--log-requests", "10", demo=True))
    caller = world.party("direct").caller
    for _ in range(30):
        world.client.get(caller, "/v3/certificates")
    with EventStream(world.program.control, "?after=0") as stream:
        events = stream.take(11)
    assert events[0] == ("gap", {"missed": 20})
    assert [data["sequence"] for _, data in events[1:]] == list(range(21, 31))


@pytest.mark.concurrent
def test_a_reader_that_does_not_read_costs_its_place_alone(program):
    """It misses what has fallen out of the ring meanwhile, hears how much, and nobody waits for it."""
    world = World(program("--log-requests", "50", demo=True))
    target = "/v3/global/nothing?" + "x" * 1900
    with EventStream(world.program.control, receive_buffer=4096) as slow, EventStream(world.program.control) as quick:
        slow.begun()
        quick.begun()
        events, told = iter(slow), []
        for number in range(1, 401):
            refused(world.client.send(None, "GET", target, signed=False), 401)
            assert quick.take(1)[0][1]["sequence"] == number
            if number % 100 == 0:
                told.append(next(events))  # who takes nothing at all for 30 seconds is let go
        while sum(data["missed"] if event == "gap" else 1 for event, _, data in told) < 400:
            told.append(next(events))
    seen, missed = sum(event == "request" for event, *_ in told), sum(data["missed"] for event, _, data in told if event == "gap")
    assert seen + missed == 400
    assert missed > 100 and seen >= 50


@pytest.mark.concurrent
def test_the_seventeenth_reader_is_refused(world, institution):
    wait_for(lambda: metric(world, "request_log_readers") == 0)  # those of other tests have gone
    readers = [EventStream(world.program.control).begun() for _ in range(16)]
    try:
        assert metric(world, "request_log_readers") == 16
        with EventStream(world.program.control) as one_more:
            assert one_more.status == 503 and "16" in json.loads(one_more.body())["error"]
        answer = world.client.get(institution.caller, "/v3/certificates")
        for reader in readers:
            assert reader.take(1)[0][1]["request_id"] == answer.header("Request-ID")
    finally:
        for reader in readers:
            reader.close()
    wait_for(lambda: metric(world, "request_log_readers") == 0)
    with EventStream(world.program.control) as again:
        assert again.begun().status == 200


def wait_for(holds):
    deadline = time.monotonic() + 5 * PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.concurrent
def test_stopping_with_readers(program):
    """One that has all, one that reads nothing, one that is still being told: the end comes within a second for all."""
    running = program(demo=True)
    world = World(running)
    caller = world.party("direct").caller
    idle = EventStream(running.control).begun()
    deaf = EventStream(running.control, "?after=0", receive_buffer=4096)
    stopping = threading.Event()

    def ask():
        while not stopping.is_set():
            try:
                world.client.get(caller, "/v3/certificates")
            except Exception:  # noqa: BLE001  the server is gone
                return

    asker = threading.Thread(target=ask)
    asker.start()
    idle.take(5)
    running.stop()  # checks the time and the exit status
    stopping.set()
    asker.join()
    for event, _ in ((event, data) for event, _, data in idle):
        assert event == "request"
    idle.close()
    deaf.close()


@pytest.mark.concurrent
def test_workers_and_readers_at_once(program):
    """Four clients ask, three readers follow, one searches: every answer is told to each reader once."""
    world = World(program("--workers", "3", demo=True))
    caller = world.party("direct").caller
    readers = [EventStream(world.program.control).begun() for _ in range(3)]
    ids, problems = set(), []

    def ask():
        client = World(world.program).client
        for _ in range(25):
            ids.add(client.get(caller, "/v3/certificates").header("Request-ID"))

    def search():
        control = World(world.program).control
        while len(ids) < 100 and not problems:
            for one in control.get("/requests?limit=5&status=200")["requests"]:
                if control.get("/requests/" + one["request_id"])["sequence"] != one["sequence"]:
                    problems.append(one)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    searcher = threading.Thread(target=search)
    for thread in [*threads, searcher]:
        thread.start()
    for thread in threads:
        thread.join()
    told = [reader.take(100) for reader in readers]
    searcher.join()
    for events in told:
        assert [event for event, _ in events] == ["request"] * 100
        assert {data["request_id"] for _, data in events} == ids
        assert [data["sequence"] for _, data in events] == list(range(1, 101))
    for reader in readers:
        reader.close()
    assert problems == []


@pytest.mark.slow
def test_signs_of_life_and_the_deadline_of_who_does_not_read(program):
    """A comment at the latest 15 seconds after the last word; who takes nothing for 30 seconds is gone."""
    world = World(program(demo=True))
    with EventStream(world.program.control) as idle:
        idle.begun()
        idle.socket.settimeout(40)
        started = time.monotonic()
        assert idle._line() == ": keep-alive"
        assert 14 < time.monotonic() - started < 20
    wait_for(lambda: metric(world, "request_log_readers") == 0)
    target = "/v3/global/nothing?" + "x" * 1900
    with EventStream(world.program.control, receive_buffer=4096) as deaf:
        deaf.begun()
        for _ in range(400):
            world.client.send(None, "GET", target, signed=False)
        time.sleep(36)
        assert metric(world, "request_log_readers") == 0
