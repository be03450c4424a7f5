"""A server whose signature doctor is asked. Uses the client of tests/api."""
import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from answers import check, strict_json  # noqa: E402
from program import Program  # noqa: E402
from raw import RawConnection  # noqa: E402
from signers import Shape, draft  # noqa: E402
from world import World  # noqa: E402

SHARING = "/v3/global/profit-sharing"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("server"), demo=True).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def world(server):
    return World(server)


@pytest.fixture(scope="module")
def institution(world):
    return world.party("institution")


@pytest.fixture(scope="module")
def direct(world):
    return world.party("direct")


@pytest.fixture(scope="module")
def shapes(institution, direct):
    """Requests of each kind, of an institution and of a direct merchant."""
    child, caller, single = institution.sub_mchid, institution.caller, direct.caller
    refund = (
        '{"sp_mchid":"%s","sub_mchid":"%s","out_refund_no":"R2026/01","reason":"商品已售完 <&>","notify_url":"https://example.com/notify",'
        '"amount":{"refund":888,"total":888,"currency":"USD"}}' % (caller.mchid, child)
    ).encode()
    receiver = '{"sub_mchid":"%s","type":"MERCHANT_ID","account":"1900000333","name":"张三/é"}' % child
    slices = '{ "transaction_id":"4208450740201411110007820472", "out_order_no":"P1", "receivers":[{"description":"分给商户 a/b","amount":100}] }'
    return [
        Shape("one_parameter", caller, "GET", f"{SHARING}/transactions/4208450740201411110007820472/amounts?sub_mchid={child}",
              pattern=SHARING + "/transactions/{transaction_id}/amounts"),
        Shape("three_parameters", caller, "GET", f"{SHARING}/bill-download-url?sub_mchid={child}&bill_date=2026-01-04&note=%e5%88%86+1%2F2"),
        Shape("escaped_path", single, "GET", f"/v3/global/refunds/out-refund-no/R%7C1%2A?mchid={single.mchid}",
              pattern="/v3/global/refunds/out-refund-no/{out_refund_no}"),
        Shape("no_query", single, "GET", f"{SHARING}/refunds/refundable-balance"),
        Shape("older_documents", single, "GET", f"/hk/v3/refunds/out-refund-no/R1?mchid={single.mchid}",
              pattern="/hk/v3/refunds/out-refund-no/{out_refund_no}", host="127.0.0.1:8080"),
        Shape("post", caller, "POST", "/v3/global/refunds", refund),
        Shape("post_with_blanks", single, "POST", f"{SHARING}/orders", slices.encode(), host="localhost"),
        Shape("delete", caller, "DELETE", f"{SHARING}/receivers", receiver.encode()),
    ]


class Asking:
    """Sends requests as they are and gives the answers."""

    def __init__(self, server, platform):
        self.server, self.platform = server, platform
        self.connection = RawConnection(server.api)

    def plainly(self, request, method="GET", target="/"):
        self.connection.send(request)
        answer = self.connection.answer(method, target)
        check(answer, self.platform)
        return answer

    def __call__(self, request, method="GET", target="/"):
        """Waits for a place at the doctor's: a refusal without a diagnosis is asked again a second later."""
        for _ in range(4):
            answer = self.plainly(request, method, target)
            if answer.status != 401 or "diagnosis" in strict_json(answer.body):
                break
            time.sleep(1)
        return answer


@pytest.fixture(scope="module")
def ask(server, world):
    return Asking(server, world.client.platform)


@pytest.fixture
def right(shapes):
    """The shapes, signed as they should be."""
    return [(shape, draft(shape)) for shape in shapes]
