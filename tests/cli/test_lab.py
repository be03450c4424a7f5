"""fenzhang lab: what it makes is what the service would write, as docs/finance.md tells it; differences are where the key says, and nowhere else."""
import collections
import csv
import datetime
import json
import re
import resource
import signal
from decimal import ROUND_HALF_UP, Decimal

import bills
import pytest

from command import run

KINDS = ("missing_here missing_there amount status currency duplicate_here duplicate_there day_boundary not_yet_due fee rate rounding "
         "part_of_a_refund closed_after_the_bill other_merchant").split()
RECORD_COLUMNS = ("out_refund_no,refund_id,transaction_id,out_trade_no,sub_mchid,amount,currency,status,success_time,create_time,fee,"
                  "settlement_amount,settlement_currency")
FEN = Decimal("0.01")


def make(folder, *options):
    done = run("lab", "bills", "--out", folder, *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def read(folder, kind):
    """{day: bill}"""
    return {path.stem[len(kind) + 1:]: bills.parse(path.read_bytes()) for path in sorted(folder.glob(f"{kind}-*.csv"))}


def lines(folder, kind):
    return [line for bill in read(folder, kind).values() for line in bill.lines]


def records(folder):
    text = (folder / "records.csv").read_text("utf-8")
    assert text.split("\n", 1)[0] == RECORD_COLUMNS
    return list(csv.DictReader(text.splitlines()))


def key(folder):
    return json.loads((folder / "key.json").read_text("utf-8"))


def unit(currency):
    return Decimal(1) if currency == "JPY" else FEN


def converted(yuan, line):
    """At the line's rate, rounded half up, away from zero."""
    currency = line["Refund settlement currency type"]
    value = abs(yuan) * 10**8 / Decimal(line["Refund exchange rate"])
    return value.quantize(unit(currency), ROUND_HALF_UP).copy_sign(yuan)


def by_refund(bill_lines):
    found = collections.defaultdict(list)
    for line in bill_lines:
        found[line["Vendor refund number(out_refund_no)"]].append(line)
    return found


def smallest(amount, currency):
    """150 for 1.50 of a currency with two decimals"""
    return int(Decimal(amount) / unit(currency))


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory):
    """Nothing is planted."""
    return make(tmp_path_factory.mktemp("lab"), "--days", 12, "--refunds", 1500, "--seed", 5)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return make(tmp_path_factory.mktemp("lab"), "--days", 10, "--refunds", 700, "--seed", 3, "--plant", "all=4")


# ---- what everything follows from ----


def test_the_same_arguments_make_the_same_bytes(tmp_path):
    options = "--days", 5, "--refunds", 120, "--plant", "all=2"
    one, two, other = (make(tmp_path / str(i), *options, "--seed", seed) for i, seed in enumerate((9, 9, 10)))
    assert contents(one) == contents(two) != contents(other)
    assert contents(one)["records.csv"] != contents(other)["records.csv"]


def test_shuffled_files_have_the_same_lines_in_another_order(tmp_path):
    options = "--refunds", 400, "--seed", 4, "--plant", "all=1"
    sorted_files = contents(make(tmp_path / "a", *options))
    shuffled, again = contents(make(tmp_path / "b", *options, "--shuffle")), contents(make(tmp_path / "c", *options, "--shuffle"))
    assert shuffled == again and shuffled.keys() == sorted_files.keys()
    for name in shuffled.keys() - {"key.json"}:
        assert sorted(shuffled[name].splitlines()) == sorted(sorted_files[name].splitlines())
        assert shuffled[name] != sorted_files[name]
    for name in (name for name in shuffled if name.startswith(("refunds", "statement", "shares"))):
        assert bills.parse(shuffled[name]).overview == bills.parse(sorted_files[name]).overview
    assert json.loads(shuffled["key.json"])["differences"] == json.loads(sorted_files["key.json"])["differences"]


def test_refunds_stand_in_the_order_of_their_numbers(agreeing):
    for bill in read(agreeing, "refunds").values():
        for column in "Wechat refund number(refund_id)", "Vendor refund number(out_refund_no)":
            numbers = [line[column] for line in bill.lines]
            assert numbers == sorted(numbers)
    for column in "refund_id", "out_refund_no":
        numbers = [row[column] for row in records(agreeing)]
        assert numbers == sorted(numbers)


# ---- the files, by the rules of docs/finance.md ----


def test_the_columns_are_the_service_s(agreeing):
    for kind, header, summary in (("refunds", bills.REFUND_COLUMNS, bills.REFUND_SUMMARY_COLUMNS),
                                  ("shares", bills.DISTRIBUTION_COLUMNS, bills.DISTRIBUTION_SUMMARY_COLUMNS),
                                  ("statement", bills.STATEMENT_COLUMNS, bills.STATEMENT_SUMMARY_COLUMNS)):
        for bill in read(agreeing, kind).values():
            assert bill.blocks == [header, summary]


def test_a_day_without_refunds_has_no_bill(agreeing):
    days = set(read(agreeing, "refunds"))
    told = key(agreeing)
    first, last = (datetime.date.fromisoformat(told[name]) for name in ("first_day", "last_day"))
    covered = {str(first + datetime.timedelta(days=i)) for i in range(12)}
    assert str(last) == max(covered) and {str(first), str(last)} <= days < covered
    for day, bill in read(agreeing, "refunds").items():
        assert {line["Refund success time"][:10] for line in bill.lines} == {day}


def test_a_refund_s_lines_add_up(agreeing):
    refunds = by_refund(lines(agreeing, "refunds"))
    assert {len(of_one) for of_one in refunds.values()} == {1, 2}
    for of_one in refunds.values():
        first = of_one[0]
        if first["Currency type"] == "CNY":
            assert sum(Decimal(line["Refund source amount"]) for line in of_one) == Decimal(first["Refund amount(refund_fee)"])
        if len(of_one) == 2:
            assert [line["Refund source"] for line in of_one] == ["ORDER_REFUNDABLE_BALANCE", "FUNDS_REFUNDABLE_BALANCE"]
            assert [list(line.values())[:12] for line in of_one][0] == list(of_one[1].values())[:12]
        for line in of_one:
            assert converted(Decimal(line["Refund source fee in CNY"]), line) == Decimal(
                line["Refund source fee in settlement currency type"])
            settled, gross = Decimal(line["Refund source settlement amount"]), converted(Decimal(line["Refund source amount"]), line)
            if Decimal(line["Coupon refund amount"]) == 0:
                assert settled == gross
            else:
                assert settled <= gross  # less where the voucher is a DISCOUNT


def test_orders_that_are_refunded_in_full_get_their_whole_fee_back(agreeing):
    """And none gets back more. The payment's line has what was paid."""
    paid = {line["WeChat order No."]: line for line in lines(agreeing, "statement") if not line["WeChat refund No."]}
    refunded, fees = collections.Counter(), collections.Counter()
    rows = records(agreeing)
    for row in rows:
        refunded[row["transaction_id"]] += int(row["amount"])
    for row in rows:
        fees[row["transaction_id"]] += -int(row["fee"] or 0)
    bare = {row["transaction_id"] for row in rows if not row["fee"]}
    whole = 0
    for number, line in paid.items():
        if number not in refunded or number in bare or line["Priced currency"] != "CNY":
            continue
        price, voucher = smallest(line["Order amount (priced currency)"], "CNY"), smallest(line["Voucher amount"], "CNY")
        charged = int((Decimal(price - voucher) * Decimal(line["Rate"].rstrip("%")) / 100).quantize(Decimal(1), ROUND_HALF_UP))
        assert fees[number] <= charged and refunded[number] <= price
        if refunded[number] == price:
            whole += 1
            assert fees[number] == charged, number
    assert whole > 100


@pytest.mark.parametrize("kind,currency,pairs", [
    ("refunds", "Refund settlement currency type",
     {"Total refund source amount": "Refund source amount", "Total refund source fee in CNY": "Refund source fee in CNY",
      "Total refund source settlement amount": "Refund source settlement amount",
      "Total refund source fee in settlement currency": "Refund source fee in settlement currency type"}),
    ("shares", "settlement_currency", {"Total amount": "amount", "Total settlement amount": "settlement_amount"}),
    ("statement", "Settlement currency",
     {"Total settlement order amount": "Settlement order amount", "Total refund settlement amount": "Refund settlement amount",
      "Total service fee": "Service fee"}),
])
@pytest.mark.parametrize("which", ["agreeing", "planted"])
def test_the_summaries_are_the_sums_of_the_lines(request, which, kind, currency, pairs):
    for bill in read(request.getfixturevalue(which), kind).values():
        named = list(dict.fromkeys(line[currency] for line in bill.lines))
        assert [total[bill.blocks[1][0]] for total in bill.overview] == named
        for total in bill.overview:
            of_it = bill.of(currency, total[bill.blocks[1][0]])
            for told, added in pairs.items():
                assert Decimal(total[told]) == sum(Decimal(line[added]) for line in of_it), told
            if kind == "refunds" and which == "agreeing":
                assert int(total["Total refund count"]) == len(by_refund(of_it))
            if kind == "statement":
                refunds = sum(line["WeChat refund No."] != "" for line in of_it)
                assert (int(total["Total payment count"]), int(total["Total refund count"])) == (len(of_it) - refunds, refunds)


def test_statement_and_refund_bill_tell_of_the_same_refunds(agreeing):
    """The one by acceptance, the other by arrival."""
    billed, late = by_refund(lines(agreeing, "refunds")), 0
    for line in lines(agreeing, "statement"):
        if line["Merchant refund No."] == "":
            continue
        of_it = billed[line["Merchant refund No."]]
        assert line["Transaction time"] == of_it[0]["Refund apply time"]
        same_day = of_it[0]["Refund success time"][:10] == line["Transaction time"][:10]
        assert line["Refund status"] == ("SUCCESS" if same_day else "PROCESSING")
        late += not same_day
        assert sum(Decimal(one["Refund source settlement amount"]) for one in of_it) == pytest.approx(
            Decimal(line["Refund settlement amount"]), abs=unit(line["Settlement currency"]) * (len(of_it) - 1))
        assert Decimal(line["Requested refund amount"]) == Decimal(of_it[0]["Refund amount(refund_fee)"])
    assert late > 100


def test_nobody_gets_more_than_there_was(agreeing):
    """What was distributed and what refunds drew from the order are at most what was paid, less the fee."""
    given = collections.Counter()
    for line in lines(agreeing, "shares"):
        given[line["transaction_id"]] += Decimal(line["amount"])
    for line in lines(agreeing, "refunds"):
        if line["Refund source"] == "ORDER_REFUNDABLE_BALANCE" and Decimal(line["Coupon refund amount"]) == 0:
            given[line["Wechat order number(transaction_id)"]] += Decimal(line["Refund source amount"]) + Decimal(line["Refund source fee in CNY"])
    compared = 0
    for line in lines(agreeing, "statement"):
        if line["WeChat refund No."] == "" and line["Priced currency"] == "CNY":
            price = Decimal(line["Order amount (priced currency)"]) - Decimal(line["Voucher amount"])
            fee = (price * Decimal(line["Rate"].rstrip("%")) / 100).quantize(FEN, ROUND_HALF_UP)
            assert given[line["WeChat order No."]] <= price - fee
            compared += 1
    assert compared > 500


def test_there_is_what_reconcilers_stumble_over(agreeing):
    refund_lines, trades, rows = lines(agreeing, "refunds"), lines(agreeing, "statement"), records(agreeing)
    assert {line["Currency type"] for line in refund_lines} == {"CNY", "USD", "JPY", "EUR", "HKD"}
    assert {line["Refund settlement currency type"] for line in refund_lines} == {"CNY", "USD", "JPY", "EUR", "HKD"}
    assert {line["Payer's refund currency type"] for line in refund_lines} > {"CNY", "HKD"}
    assert any(Decimal(line["Top-up voucher amount"]) for line in trades) and any(Decimal(line["Voucher amount"]) for line in trades)
    assert any("," in line["Commodity name"] for line in trades)
    attached = [line["Merchant data package"] for line in trades if line["Merchant data package"].startswith("{")]
    assert attached and all("," in text and json.loads(text) for text in attached)
    partial = collections.Counter(row["transaction_id"] for row in rows)
    assert max(partial.values()) > 3
    waited = {(datetime.date.fromisoformat(row["success_time"][:10]) - datetime.date.fromisoformat(row["create_time"][:10])).days for row in rows}
    assert {0, 1, 3} <= waited
    rows_of = collections.Counter(row["out_refund_no"] for row in rows)
    assert set(rows_of.values()) == {1, 2}  # two: a row for each source
    assert all(row["success_time"].endswith("+08:00") for row in rows)
    assert {line["initiator"] for line in lines(agreeing, "shares")} == {"1900000100"}


# ---- the records ----


def true_record(of_one):
    """What a record says of a refund with these lines, if it is right."""
    first, price = of_one[0], of_one[0]["Currency type"]
    settlement = first["Refund settlement currency type"]
    return {"amount": smallest(first["Refund amount(refund_fee)"], price), "currency": price, "settlement_currency": settlement,
            "fee": sum(smallest(line["Refund source fee in CNY"], "CNY") for line in of_one),
            "settlement_amount": sum(smallest(line["Refund source settlement amount"], settlement) for line in of_one),
            "success_time": first["Refund success time"].replace(" ", "T") + "+08:00",
            "create_time": first["Refund apply time"].replace(" ", "T") + "+08:00",
            "refund_id": first["Wechat refund number(refund_id)"], "transaction_id": first["Wechat order number(transaction_id)"],
            "out_trade_no": first["Vendor order number(out_transaction_id)"], "status": "SUCCESS"}


def recorded(rows):
    """The rows of a refund as one."""
    whole = dict(rows[0])
    for name in "amount", "fee", "settlement_amount":
        whole[name] = sum(int(row[name]) for row in rows) if rows[0][name] else None
    return whole


def differing(of_one, rows):
    right, told = true_record(of_one), recorded(rows)
    return {name for name, value in right.items() if told[name] is not None and told[name] != value}


def rows_by_refund(folder):
    found = collections.defaultdict(list)
    for row in records(folder):
        found[row["out_refund_no"]].append(row)
    return found


def test_without_plants_records_and_bill_agree(agreeing):
    billed, rows, first_day = by_refund(lines(agreeing, "refunds")), rows_by_refund(agreeing), key(agreeing)["first_day"]
    assert key(agreeing)["differences"] == []
    for number, of_one in rows.items():
        if number in billed:
            assert differing(billed[number], of_one) == set()
        else:
            assert of_one[0]["success_time"][:10] < first_day
    assert billed.keys() - rows.keys() == set() and len(rows.keys() - billed.keys()) > 10


def test_what_is_planted_is_there_and_nothing_else(planted):
    """Worked out from the files alone."""
    billed, rows, told = by_refund(lines(planted, "refunds")), rows_by_refund(planted), key(planted)
    kinds = {one["out_refund_no"]: one["kind"] for one in told["differences"]}
    assert collections.Counter(kinds.values()) == {kind: 4 for kind in KINDS} == told["planted"]
    for number in billed.keys() | rows.keys():
        kind, theirs, ours = kinds.get(number), billed.get(number), rows.get(number)
        if kind is None:
            assert theirs is None or differing(theirs, ours) == set()
            assert theirs is not None or ours[0]["success_time"][:10] < told["first_day"]
        else:
            PROOFS[kind](number, theirs, ours, told)


def prove_amount(_number, theirs, ours, _key):
    assert differing(theirs, ours) == {"amount"}
    assert int(ours[0]["amount"]) not in {smallest(line["Refund source amount"], "CNY") for line in theirs}


def prove_part(_number, theirs, ours, _key):
    assert len(theirs) == 2 and ours[0]["amount"] in {str(smallest(line["Refund source amount"], "CNY")) for line in theirs}
    assert differing(theirs, ours) == {"amount"}


def prove_status(_number, theirs, ours, told):
    if theirs is None:
        created = datetime.date.fromisoformat(ours[0]["create_time"][:10])
        assert (datetime.date.fromisoformat(told["last_day"]) - created).days > 5
    else:
        assert differing(theirs, ours) == {"status", "success_time"}
    assert ours[0]["status"] in ("PROCESSING", "ABNORMAL") and ours[0]["success_time"] == ""


def prove_closed(_number, theirs, ours, _key):
    assert theirs and ours[0]["status"] in ("CLOSED", "REFUNDCLOSE")


def prove_currency(_number, theirs, ours, _key):
    assert differing(theirs, ours) == {"currency"}


def prove_duplicate_here(_number, theirs, ours, _key):
    assert len(ours) in (2, 3) and all(differing(theirs, [row]) == set() for row in ours)


def prove_duplicate_there(_number, theirs, ours, _key):
    sources = collections.Counter(line["Refund source"] for line in theirs)
    assert sorted(sources.values())[-1] == 2 and len(theirs) == len(sources) + 1
    assert differing(list({line["Refund source"]: line for line in theirs}.values()), ours) == set()


def prove_day_boundary(_number, theirs, ours, told):
    own = ours[0]["success_time"]
    beijing = datetime.datetime.fromisoformat(own.replace("Z", "+00:00")).astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    assert own[:10] != str(beijing.date())
    if theirs:
        assert differing(theirs, ours) == {"success_time"} and theirs[0]["Refund success time"] == f"{beijing:%Y-%m-%d %H:%M:%S}"
    else:
        assert told["first_day"] <= own[:10] <= told["last_day"]
        assert not told["first_day"] <= str(beijing.date()) <= told["last_day"]


def prove_not_yet_due(_number, theirs, ours, told):
    assert theirs is None
    if ours[0]["status"] == "SUCCESS":
        assert ours[0]["success_time"][:10] > told["last_day"] and ours[0]["success_time"].endswith("+08:00")
    else:
        assert ours[0]["status"] == "PROCESSING" and ours[0]["create_time"][:10] >= told["last_day"]


def off_by(theirs, ours):
    assert differing(theirs, ours) == {"settlement_amount"}
    return abs(recorded(ours)["settlement_amount"] - true_record(theirs)["settlement_amount"])


def prove_rate(_number, theirs, ours, _key):
    """The record's, or the bill's own."""
    expected = sum(converted(Decimal(line["Refund source amount"]), line) for line in theirs)
    told = sum(Decimal(line["Refund source settlement amount"]) for line in theirs)
    one = unit(theirs[0]["Refund settlement currency type"])
    if abs(expected - told) > len(theirs) * one:
        assert differing(theirs, ours) == set()
    else:
        assert off_by(theirs, ours) > len(theirs)


def prove_rounding(_number, theirs, ours, _key):
    assert 1 <= off_by(theirs, ours) <= len(theirs)


def prove_fee(_number, theirs, ours, _key):
    assert differing(theirs, ours) == {"fee"}


def prove_missing_here(_number, theirs, ours, _key):
    assert theirs and ours is None


def prove_missing_there(_number, theirs, ours, told):
    assert theirs is None and ours[0]["status"] == "SUCCESS" and told["first_day"] <= ours[0]["success_time"][:10] <= told["last_day"]


def prove_other_merchant(_number, theirs, ours, _key):
    assert differing(theirs, ours) == set()  # the refund bill tells no sub-merchant: below


PROOFS = {"missing_here": prove_missing_here, "missing_there": prove_missing_there, "amount": prove_amount, "status": prove_status,
          "currency": prove_currency, "duplicate_here": prove_duplicate_here, "duplicate_there": prove_duplicate_there,
          "day_boundary": prove_day_boundary, "not_yet_due": prove_not_yet_due, "fee": prove_fee, "rate": prove_rate,
          "rounding": prove_rounding, "part_of_a_refund": prove_part, "closed_after_the_bill": prove_closed,
          "other_merchant": prove_other_merchant}


def test_another_merchant_s_refund_is_so_by_the_statement_and_by_the_order_s_other_refunds(planted):
    wrong = {one["out_refund_no"] for one in key(planted)["differences"] if one["kind"] == "other_merchant"}
    seller = {line["WeChat order No."]: line["Sub vendor ID"] for line in lines(planted, "statement")}
    of_order = collections.defaultdict(list)
    for row in records(planted):
        of_order[row["transaction_id"]].append(row)
        stated = seller.get(row["transaction_id"], row["sub_mchid"])
        assert (row["sub_mchid"] != stated) == (row["out_refund_no"] in wrong and row["transaction_id"] in seller)
    for rows in of_order.values():
        sellers = collections.Counter(row["sub_mchid"] for row in rows).most_common()
        assert len(sellers) == 1 or (len(sellers) == 2 and sellers[0][1] >= 2 and sellers[1][1] == 1)


# ---- options ----


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_planted_alone(tmp_path, kind):
    needed = 3 * (3 if kind == "other_merchant" else 1) + 2
    folder = make(tmp_path, "--refunds", needed, "--days", 3, "--plant", f"{kind}=3")
    assert [one["kind"] for one in key(folder)["differences"]] == [kind] * 3
    too_few = run("lab", "bills", "--refunds", needed - 1, "--days", 3, "--plant", f"{kind}=3", "--out", tmp_path / "other")
    assert too_few.returncode == 2 and f"it takes {needed} " in too_few.stderr and not (tmp_path / "other").exists()


def test_a_later_plant_counts(tmp_path):
    folder = make(tmp_path, "--refunds", 60, "--plant", "all=1", "--plant", "fee=3", "--plant", "rate=0")
    assert key(folder)["planted"] == {kind: 3 if kind == "fee" else 1 for kind in KINDS if kind != "rate"}


@pytest.mark.parametrize("options,said", [
    (["--plant", "amonut=1"], "Did you mean amount?"),
    (["--plant", "amount"], "KIND=K"),
    (["--plant", "amount=-1"], "not `-1'"),
    (["--days", "0"], "--days is a number from 1 to 366"),
    (["--refunds", "many"], "--refunds is a number"),
    (["--seed", "x"], "--seed is a number"),
])
def test_what_is_asked_wrongly(tmp_path, options, said):
    done = run("lab", "bills", "--out", tmp_path / "lab", *options)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
    assert not (tmp_path / "lab").exists()


def test_a_folder_is_needed():
    done = run("lab", "bills")
    assert done.returncode == 2 and "--out DIR is missing" in done.stderr


def test_an_earlier_lab_is_replaced_and_nothing_else(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    make(tmp_path, "--days", 20, "--refunds", 200, "--seed", 1)
    make(tmp_path, "--days", 2, "--refunds", 30, "--seed", 2)
    fresh = contents(make(tmp_path / "fresh", "--days", 2, "--refunds", 30, "--seed", 2))
    assert {name: data for name, data in contents_of_files(tmp_path).items() if name != "notes.txt"} == fresh
    assert (tmp_path / "notes.txt").read_text() == "mine"


def contents_of_files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_bills_that_no_lab_made_are_left_alone(tmp_path):
    (tmp_path / "refunds-2026-01-05.csv").write_text("real")
    (tmp_path / "key.json").write_text('{"files":["../outside","notes.txt"]}')
    done = run("lab", "bills", "--out", tmp_path)
    assert done.returncode == 2 and "that no earlier lab names" in done.stderr
    assert (tmp_path / "refunds-2026-01-05.csv").read_text() == "real" and len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    done = run("lab", "bills", "--out", tmp_path / "file")
    assert done.returncode == 2 and "cannot be opened: Not a directory" in done.stderr
    done = run("lab", "bills", "--out", tmp_path / "no" / "where")
    assert done.returncode == 2 and "cannot be made: No such file or directory" in done.stderr


def test_a_disk_that_is_full(tmp_path):
    done = run("lab", "bills", "--out", tmp_path, "--refunds", "20000", preexec_fn=small_files)
    assert done.returncode == 2 and re.search(r"cannot be written into .*: File too large\. ", done.stderr)
    assert not (tmp_path / "key.json").exists()


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
