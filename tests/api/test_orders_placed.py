"""JSAPI, app and H5 orders: POST …/transactions/jsapi, …/app, …/mweb. What holds for every order is in test_orders_native.py."""

import re

import pytest

from answers import ok, refused, refused_parameter

ANSWERS = {"jsapi": "prepay_id", "app": "prepay_id", "mweb": "mweb_url"}
H5_LINK = re.compile(r"https://wx\.tenpay\.com/cgi-bin/mmpayweb-bin/checkmweb\?prepay_id=(wx[0-9]+)&package=[0-9]+")


@pytest.fixture(params=ANSWERS)
def kind(request):
    return request.param


def field(prefix, *names):
    return "/" + "/".join(names) if prefix == "/v3/global" else "#/properties/" + "/properties/".join(names)


def test_from_placing_to_payment(world, party, prefix, kind):
    number = world.number("T")
    placed = ok(world.place(kind, party, number, 1000, prefix))
    assert list(placed) == [ANSWERS[kind]]
    prepay_id = placed["prepay_id"] if kind != "mweb" else H5_LINK.fullmatch(placed["mweb_url"])[1]
    assert re.fullmatch(r"wx[0-9]{34}", prepay_id)
    order = ok(world.order_by_number(party, number, prefix))
    assert (order["trade_state"], order["trade_type"]) == ("NOTPAY", kind.upper())
    world.control.pay(number, mchid=party.sponsor)
    assert ok(world.order_by_number(party, number, prefix))["trade_state"] == "SUCCESS"
    world.control.audit()


def test_it_can_be_distributed(world, party, kind):
    """FAQ4: every way of paying; only the mark is added."""
    number = world.number("T")
    assert world.mark(party, number).status == 204
    ok(world.place(kind, party, number, 1000))
    world.control.pay(number, mchid=party.sponsor)
    world.forward(minutes=5)
    transaction_id = ok(world.order_by_number(party, number))["id"]
    path = f"/v3/global/profit-sharing/transactions/{transaction_id}/amounts"
    assert ok(world.client.get(party.caller, path, party.in_distribution()))["unsplit_amount"] == 994


def test_the_same_again(world, party, prefix, kind):
    number = world.number("T")
    first = ok(world.place(kind, party, number, 1000, prefix))
    world.forward(seconds=299)
    assert ok(world.place(kind, party, number, 1000, prefix)) == first
    refused(world.place(kind, party, number, 1001, prefix), 400, "OUT_TRADE_NO_USED")
    other = "app" if kind != "app" else "jsapi"
    refused(world.place(other, party, number, 1000, prefix), 400, "OUT_TRADE_NO_USED")


def test_an_h5_link_lives_5_minutes(world, party, prefix):
    """After that a repeat gives a fresh link to the same prepay_id."""
    number = world.number("T")
    first = ok(world.place("mweb", party, number, 1000, prefix))["mweb_url"]
    world.forward(minutes=5)
    fresh = ok(world.place("mweb", party, number, 1000, prefix))["mweb_url"]
    assert fresh != first
    assert H5_LINK.fullmatch(fresh)[1] == H5_LINK.fullmatch(first)[1]


def test_two_orders_have_two_numbers(world, direct):
    numbers = {ok(world.place("app", direct, world.number("T"), 1000))["prepay_id"] for _ in range(20)}
    assert len(numbers) == 20


def test_a_closed_order_is_not_placed_again(world, party, kind):
    number = world.number("T")
    ok(world.place(kind, party, number, 1000))
    assert world.close(party, number).status == 204
    refused(world.place(kind, party, number, 1000), 400, "ORDER_CLOSED")


def test_the_trade_type_is_the_path_s(world, party, prefix, kind):
    for other in {"JSAPI", "APP", "MWEB", "NATIVE", "MICROPAY"} - {kind.upper()}:
        answer = world.place(kind, party, world.number("T"), 1000, prefix, trade_type=other)
        refused_parameter(answer, field(prefix, "trade_type"), "body", other)


@pytest.mark.parametrize("name", ["description", "notify_url", "out_trade_no", "merchant_category_code", "amount"])
def test_what_is_required(world, party, prefix, kind, name):
    answer = world.place(kind, party, world.number("T"), 1000, prefix, **{name: None})
    refused_parameter(answer, field(prefix, name), "body")


def test_a_jsapi_order_knows_its_payer(world, institution, direct):
    def place(party, **body):
        return world.place("jsapi", party, world.number("T"), 1000, **body)

    for party in (institution, direct):
        refused_parameter(place(party, payer=None), "/payer", "body")
    refused_parameter(place(direct, payer={"sp_openid": "oX"}), "/payer/openid", "body")
    refused_parameter(place(institution, payer={"openid": "oX"}), "/payer/sp_openid", "body")
    refused_parameter(place(institution, payer={"sub_openid": "oX"}), "/sub_appid", "body")
    ok(place(institution, payer={"sub_openid": "oX"}, sub_appid="wx8888888888888889"))


def test_an_h5_order_knows_where_it_is_placed(world, party):
    store = {"name": "a shop", "address": "a street"}
    for scene, name in (
        (None, "/scene_info"),
        ({"store_info": store}, "/scene_info/payer_client_ip"),
        ({"payer_client_ip": "127.0.0.1"}, "/scene_info/store_info"),
        ({"payer_client_ip": "127.0.0.1", "store_info": {"name": "a shop"}}, "/scene_info/store_info/address"),
    ):
        refused_parameter(world.place("mweb", party, world.number("T"), 1000, scene_info=scene), name, "body")


def test_merchants(world, institution, kind, prefix):
    stranger = world.new_institution()
    answer = world.place(kind, institution, world.number("T"), 1000, prefix, sub_mchid=stranger.sub_mchid)
    refused(answer, 403, "NO_AUTH", "parent-child")
    answer = world.place(kind, institution, world.number("T"), 1000, prefix, sub_mchid=None)
    refused_parameter(answer, field(prefix, "sub_mchid"), "body")
    assert answer.number == 268443704
