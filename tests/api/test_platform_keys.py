"""The platform's keys change: certificates follow each other, and a public key takes their place for those who use it"""

from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import times
from answers import ok, refused
from demo_book import DemoBook
from test_certificates import PATHS, opened
from test_receivers import sealed
from world import World

DAY = {"days": 1}


@pytest.fixture
def fresh(program):
    """A book of this test's own: rotations stay."""
    world = World(program(demo=True))
    world.start_of_scenario()
    return world


def rotate(world, **members):
    return world.control.post("/platform/rotate", members)


def listed(world, party):
    """The serial numbers on the list, oldest first, each proven to be that of its certificate."""
    serials = []
    for entry in ok(world.client.get(party.caller, "/v3/certificates"))["data"]:
        certificate = x509.load_pem_x509_certificate(opened(entry, party.caller.apiv3_key))
        assert format(certificate.serial_number, "040X") == entry["serial_no"]
        serials.append(entry["serial_no"])
    return serials


def signing(world, party, **options):
    """Who signs an answer now; the client has checked that the signature is of that key."""
    answer = world.client.get(party.caller, "/v3/global/profit-sharing/refunds/refundable-balance", **options)
    ok(answer)
    return answer.header("Wechatpay-Serial")


# ---- rotation ----


def test_a_new_certificate_is_listed_a_day_before_it_signs(fresh):
    party = fresh.party("direct")
    old = signing(fresh, party)
    assert listed(fresh, party) == [old]
    now = fresh.now()
    made = rotate(fresh)
    assert made["serial_no"] != old
    assert times.read(made["signs_from"]) == now.replace(microsecond=0) + times.timedelta(days=1)
    assert listed(fresh, party) == [old, made["serial_no"]]
    assert signing(fresh, party) == old
    fresh.forward(hours=23, minutes=59, seconds=59)
    assert signing(fresh, party) == old
    fresh.forward(seconds=1)
    assert signing(fresh, party) == made["serial_no"]


def test_the_old_one_is_listed_for_a_day_more(fresh):
    party = fresh.party("institution")
    old, new = signing(fresh, party), rotate(fresh, signs_in="PT0S")["serial_no"]
    assert signing(fresh, party) == new
    fresh.forward(hours=23, minutes=59, seconds=59)
    assert listed(fresh, party) == [old, new]
    fresh.forward(seconds=1)
    assert listed(fresh, party) == [new]


def dated(world, party):
    """(begins, ends, serial number) of each on the list, as the list and as the certificate itself say."""
    dates = []
    for entry in ok(world.client.get(party.caller, "/v3/certificates"))["data"]:
        certificate = x509.load_pem_x509_certificate(opened(entry, party.caller.apiv3_key))
        began, ends = (moment.replace(tzinfo=timezone.utc) for moment in (certificate.not_valid_before, certificate.not_valid_after))
        assert (times.read(entry["effective_time"]), times.read(entry["expire_time"])) == (began, ends)
        dates.append((began, ends, entry["serial_no"]))
    return dates


@pytest.mark.parametrize("ahead", [{}, {"days": 400}, {"days": 24 * 365}], ids=str)
def test_a_new_certificate_is_newer_and_holds_by_either_clock(fresh, ahead):
    """Clients take the newest by its beginning (Go, Python) or by its end (Java)."""
    party = fresh.party("direct")
    if ahead:
        fresh.forward(**ahead)
    before = min(datetime.now(timezone.utc).replace(microsecond=0), fresh.now())  # the book's clock stands still
    serials = [signing(fresh, party)] + [rotate(fresh, signs_in="PT0S")["serial_no"] for _ in range(2)]
    dates = dated(fresh, party)
    assert [serial for _, _, serial in dates] == serials
    for by in (0, 1):
        assert [date[by] for date in dates] == sorted({date[by] for date in dates}), "each is newer than the one before"
    real, book = datetime.now(timezone.utc), fresh.now()
    assert before <= dates[1][0] <= min(real, book)
    assert before < dates[2][0] <= min(real, book) + timedelta(seconds=1)
    for _, ends, _ in dates[1:]:
        assert ends > max(real, book) + timedelta(days=4 * 365)


def test_what_is_sealed_for_one_that_is_off_the_list_is_refused(fresh):
    party = fresh.party("direct")
    old, new = signing(fresh, party), rotate(fresh, signs_in="PT0S")["serial_no"]

    def adding(serial):
        name = sealed(fresh.client.platform.key(serial), "张三")
        return fresh.add_receiver(party, fresh.new_mchid(), name=name, headers={"Wechatpay-Serial": serial})

    fresh.forward(hours=23, minutes=59, seconds=59)
    ok(adding(old))
    fresh.forward(seconds=1)
    assert listed(fresh, party) == [new]
    answer = refused(adding(old), 400, "PARAM_ERROR", "Load the certificates again")
    assert (answer.detail["field"], answer.detail["value"]) == ("Wechatpay-Serial", old)
    ok(adding(new))


def test_one_rotation_at_a_time(fresh):
    rotate(fresh)
    answer = fresh.control.raw("POST", "/platform/rotate", json={})
    assert answer.status_code == 409 and "listed already" in answer.json()["error"]
    fresh.forward(**DAY)
    rotate(fresh)


@pytest.mark.parametrize("signs_in", ["", "tomorrow", "P1", 5, "P200Y"])
def test_what_is_no_duration(fresh, signs_in):
    party = fresh.party("direct")
    before = listed(fresh, party)
    assert fresh.control.raw("POST", "/platform/rotate", json={"signs_in": signs_in}).status_code == 400
    assert listed(fresh, party) == before


def test_names_may_be_sealed_for_any_that_was_handed_out(fresh):
    party = fresh.party("direct")
    old, new = signing(fresh, party), rotate(fresh)["serial_no"]
    for serial in (old, new):
        ok(
            fresh.add_receiver(
                party, fresh.new_mchid(), name=sealed(fresh.client.platform.key(serial), "张三"), headers={"Wechatpay-Serial": serial}
            )
        )


def test_a_rotation_outlives_a_restart_and_ends_with_a_reset(program):
    first = program(demo=True)
    world, party = World(first), DemoBook(first).direct
    old, new = signing(world, party), rotate(world, signs_in="PT0S")["serial_no"]
    assert world.control.get("/platform") == {
        "signing": new,
        "certificates": [
            {"serial_no": old, "signs_from": "1970-01-01T08:00:00+08:00"},
            {"serial_no": new, "signs_from": world.control.get("/platform")["certificates"][1]["signs_from"]},
        ],
        "public_keys": [],
    }
    first.stop()
    first.start()
    world = World(first)
    assert signing(world, party) == new
    world.control.reset()
    assert listed(world, party) == [old] and signing(world, party) == old


# ---- public-key mode ----


def public_key(world, party, use):
    """Turns the use of the public key on; gives its id."""
    world.control.change_merchant(party.sponsor, public_key=use)
    directory = world.program.data / "merchants" / party.sponsor
    key_id = (directory / "pub_key_id").read_text().strip()
    named = load_pem_public_key((directory / "pub_key.pem").read_bytes())
    assert world.client.platform.key(key_id).public_numbers() == named.public_numbers()
    return key_id


def test_an_answer_carries_the_public_key_only_if_the_request_named_it(fresh, mode):
    party = fresh.new_party(mode)
    certificate = signing(fresh, party)
    key_id = public_key(fresh, party, "both")
    assert signing(fresh, party, headers={"Wechatpay-Serial": key_id}) == key_id
    assert signing(fresh, party, headers={"Wechatpay-Serial": certificate}) == certificate
    assert signing(fresh, party, headers={"Wechatpay-Serial": ""}) == certificate
    assert signing(fresh, party) == certificate


def test_who_does_not_use_it_gets_certificates_whatever_it_names(fresh):
    user, other = fresh.new_party("direct"), fresh.new_party("direct")
    key_id = public_key(fresh, user, "both")
    assert signing(fresh, other, headers={"Wechatpay-Serial": key_id}) == signing(fresh, other)
    refused(
        fresh.add_receiver(
            other, fresh.new_mchid(), name=sealed(fresh.client.platform.key(key_id), "张三"), headers={"Wechatpay-Serial": key_id}
        ),
        400,
        "PARAM_ERROR",
    )


def test_both_kinds_while_changing_over(fresh):
    party = fresh.new_party("direct")
    key_id = public_key(fresh, party, "both")
    assert listed(fresh, party) == [signing(fresh, party)]
    name = sealed(fresh.client.platform.key(key_id), "张三")
    ok(fresh.add_receiver(party, fresh.new_mchid(), name=name, headers={"Wechatpay-Serial": key_id}))


@pytest.mark.parametrize("path", PATHS)
def test_without_certificates_there_is_none_to_get(fresh, path):
    party = fresh.new_party("direct")
    key_id = public_key(fresh, party, "only")
    code = "SYSTEMERROR" if path.startswith("/hk/") else "SYSTEM_ERROR"
    answer = fresh.client.get(party.caller, path, headers={"Wechatpay-Serial": key_id})
    refused(answer, 500, code, "public key")
    assert answer.header("Wechatpay-Serial") == key_id
    fresh.control.change_merchant(party.sponsor, public_key="off")
    assert listed(fresh, party)


def test_all_who_use_it_have_the_same_one_and_it_stays(fresh):
    first, second = fresh.new_party("direct"), fresh.new_party("institution")
    key_id = public_key(fresh, first, "both")
    assert public_key(fresh, second, "only") == key_id
    assert public_key(fresh, first, "only") == key_id
    assert fresh.control.get("/platform")["public_keys"] == [key_id]


def test_a_sub_merchant_has_no_say_in_it(fresh):
    party = fresh.party("institution")
    answer = fresh.control.raw("POST", f"/merchants/{party.sub_mchid}", json={"public_key": "only"})
    assert answer.status_code == 400 and "does not call" in answer.json()["error"]
