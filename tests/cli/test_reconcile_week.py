"""A week of a book (sales, vouchers, other currencies, distributions, advance and closed refunds) agrees to the last fen, by one command; and what is
changed in it by a fen is found."""
import json
import shutil
from datetime import timedelta

import pytest
import times
from test_settlements import Books, trade
from world import BALANCE_ARRIVAL, World

from command import run

SALES = 5  # days, Monday to Friday


@pytest.fixture(scope="module")
def week(server, tmp_path_factory):
    """The folder with the week's bills, settlement details and refunds, each as a command of the program fetched it."""
    world = World(server)
    world.start_of_scenario()
    world.to(times.at(times.next_weekday(world.today(), 1), "08:00:00"))
    monday = world.today()
    first = world.new_institution()
    parties = [first, world.new_child(first)]
    books = Books(world, parties)
    for number in range(SALES):
        for party in parties:
            trade(books, party, number)
            close(world, books.sell(party, 30000))
        world.to_next_morning("08:00:00")
    world.to(times.at(monday + timedelta(days=8)))
    folder = tmp_path_factory.mktemp("week")
    days = f"{monday}..{monday + timedelta(days=SALES - 1)}"
    fetch(world, first, ["bill", "refunds", days, "--out", folder])
    fetch(world, first, ["bill", "statement", days, "--out", folder])
    for party in parties:
        fetch(world, party, ["bill", "shares", days, "--out", folder / party.sub_mchid])
    paid_out = ["settlements", "--from", f"{monday:%Y%m%d}", "--to", f"{monday + timedelta(days=30):%Y%m%d}", "--json"]
    (folder / "settlements.json").write_text(fetch(world, first, paid_out))
    for party in parties:
        (folder / f"settlements-{party.sub_mchid}.json").write_text(fetch(world, party, [*paid_out, "--sub-mchid", party.sub_mchid]))
    folder.joinpath("refunds.json").write_text("".join(refunds_of(world, parties, folder)))
    return folder


def close(world, order):
    """A refund that is accepted and closed on the same day: its money comes back, and no file of the day tells."""
    refund = world.refunded(order, 4444)
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    world.forward(BALANCE_ARRIVAL)


def fetch(world, party, arguments):
    held = world.program.data / "merchants" / party.sponsor
    env = {
        "FENZHANG_HOSTS": world.program.api,
        "FENZHANG_MODE": "institution",
        "FENZHANG_MCHID": party.sponsor,
        "FENZHANG_SERIAL_NO": (held / "serial_no").read_text().strip(),
        "FENZHANG_PRIVATE_KEY_FILE": str(held / "apiclient_key.pem"),
        "FENZHANG_APIV3_KEY_FILE": str(held / "apiv3_key"),
        "XDG_CACHE_HOME": str(world.program.data / "cache"),
    }
    of_one = arguments[:2] in (["bill", "shares"], ["refund", "list"])  # the others are of all sub-merchants
    done = run(*arguments, env=env | ({"FENZHANG_SUB_MCHID": party.sub_mchid} if of_one else {}))
    assert done.returncode == 0, done.stderr
    return done.stdout


def refunds_of(world, parties, folder):
    """What `fenzhang refund list` prints of each order that has a refund."""
    orders = {}
    for statement in sorted(folder.glob("statement-*.csv")):
        for line in statement.read_text("utf-8-sig").splitlines():
            cells = line[1:].split(",`")
            if len(cells) == 38 and cells[15]:
                orders[cells[5]] = cells[3]
    of = {party.sub_mchid: party for party in parties}
    for order, sub_mchid in orders.items():
        yield fetch(world, of[sub_mchid], ["refund", "list", order, "--json"])


def reconcile(week, *more, records=True):
    settlements = [f"{path.stem.removeprefix('settlements-')}={path}" for path in week.glob("settlements-*.json")]
    return run("reconcile", "--refunds", *sorted(week.glob("refunds-*.csv")), "--statement", *sorted(week.glob("statement-*.csv")),
               "--shares", *sorted(week.glob("*/shares-*.csv")), "--settlements", week / "settlements.json", *settlements,
               *(["--records", week / "refunds.json"] if records else []), "--json", *more)


def test_a_week_agrees_to_the_last_fen(week):
    done = reconcile(week)
    told = json.loads(done.stdout)
    assert [one["reason"] for one in told["differences"]] == []
    assert (done.returncode, told["agrees"]) == (0, True)
    assert told["counts"]["matched"] > 50 and told["counts"]["settlement_batches"] == 3 * SALES
    assert all(total["here"] == total["there"] > 0 for total in told["totals"])
    assert len({total["sub_mchid"] for total in told["totals"]}) == 2


@pytest.fixture
def changed(week, tmp_path):
    """A copy of the week, to be changed."""
    return shutil.copytree(week, tmp_path / "week")


def test_a_settlement_that_is_a_cent_off_is_found(changed):
    path = changed / "settlements.json"
    batches = json.loads(path.read_text())
    batches[1]["amount"]["pay"] += 1
    path.write_text(json.dumps(batches))
    done = reconcile(changed)
    (found,) = json.loads(done.stdout)["differences"]
    assert done.returncode == 1 and found["kind"] == "amount" and found["stake"] == {"amount": 1, "currency": "USD"}
    assert found["batch_id"] == batches[1]["batch_id"] and "pay is" in found["reason"]


def test_a_refund_that_the_books_have_otherwise_is_found(changed):
    """The first refund of the first order, which is on the statement and on the refund bill."""
    path = changed / "refunds.json"
    whole, end = json.JSONDecoder().raw_decode(path.read_text())
    billed = whole[0]
    assert billed["out_refund_no"] in next(iter(sorted(changed.glob("refunds-*.csv")))).read_text()
    billed["amount"]["refund"] += 1
    path.write_text(json.dumps(whole) + path.read_text()[end:])
    done = reconcile(changed)
    (found,) = json.loads(done.stdout)["differences"]
    assert done.returncode == 1 and (found["kind"], found["out_refund_no"]) == ("amount", billed["out_refund_no"])
    assert found["stake"] == {"amount": 1, "currency": "CNY"}


def test_the_bills_of_the_week_agree_with_each_other(week):
    """Without records nobody tells which refunds came out of the recharged balance: their days' settlements say so, and nothing else."""
    told = json.loads(reconcile(week, records=False).stdout)
    assert {one["kind"] for one in told["differences"]} == {"amount"} and all(one["batch_id"] for one in told["differences"])
    assert all("recharged balance" in one["reason"] and "split_amount" not in one["reason"] for one in told["differences"])
