"""Reads bill files as a merchant's program would, and strictly: byte-order mark, CRLF, grave accents."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from answers import ok

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

REFUND_COLUMNS = [
    "Refund apply time",
    "Refund success time",
    "Wechat refund number(refund_id)",
    "Vendor refund number(out_refund_no)",
    "Wechat order number(transaction_id)",
    "Vendor order number(out_transaction_id)",
    "Refund amount(refund_fee)",
    "Currency type",
    "Coupon refund amount",
    "Payer's refund amount",
    "Payer's refund currency type",
    "Rate",
    "Refund source",
    "Refund source type",
    "Refund source amount",
    "Refund source fee in CNY",
    "Refund settlement currency type",
    "Refund exchange rate",
    "Refund source settlement amount",
    "Refund source fee in settlement currency type",
]

REFUND_SUMMARY_COLUMNS = [
    "Settlement currency type",
    "Total refund count",
    "Total refund amount",
    "Total coupon refund amount",
    "Total refund source amount",
    "Total refund source fee in CNY",
    "Total refund source settlement amount",
    "Total refund source fee in settlement currency",
]

DISTRIBUTION_COLUMNS = (
    "create_time initiator sponsor sub_mchid transaction_id order_id out_order_no detail_id receiver_account amount currency "
    "settlement_amount settlement_currency exchange_rate business_type status description"
).split()
DISTRIBUTION_SUMMARY_COLUMNS = ["settlement_currency", "Total count", "Total amount", "Total settlement amount"]

# The vendor's list, in which the English page ends after "user payment currency".
STATEMENT_COLUMNS = (
    "Transaction time,Official Account ID,Vendor ID,Sub vendor ID,Device No.,WeChat order No.,Vendor order No.,User identifier,"
    "Transaction type,Transaction status,Payment bank,Top-up voucher currency,Top-up voucher amount,Voucher currency,Voucher amount,"
    "WeChat refund No.,Merchant refund No.,Refund type,Refund status,Commodity name,Merchant data package,Service fee,Rate,"
    "Priced currency,Order amount (priced currency),User payment currency,User payment amount,Settlement currency,"
    "Settlement order amount,Payment exchange rate,Refund exchange rate,Requested refund amount,User refund currency,"
    "User refund amount,Refund settlement currency,Refund settlement amount,Top-up voucher refund amount,Voucher refund amount"
).split(",")

STATEMENT_SUMMARY_COLUMNS = (
    "Settlement currency,Total payment count,Total refund count,Total settlement order amount,Total refund settlement amount,"
    "Total service fee"
).split(",")


@dataclass
class Bill:
    header: list
    lines: list  # a dict a detail line
    overview: list  # a dict a line: one for each settlement currency
    blocks: list  # header cells of each block, in the order of the file

    @property
    def summary(self):
        """The overview's line of a bill in one settlement currency."""
        (line,) = self.overview
        return line

    def of(self, name, value):
        """The lines whose column `name` is `value`."""
        return [line for line in self.lines if line[name] == value]


def _cells(line, count):
    """Every value has a grave accent in front, so values are split at a comma that one follows: their own commas are not quoted."""
    cells = line[1:].split(",`")
    assert len(cells) == count, f"{len(cells)} cells under {count} headers: {line!r}"
    return cells


def parse(body):
    assert body.startswith(BYTE_ORDER_MARK), f"no byte-order mark: {body[:16]!r}"
    text = body[len(BYTE_ORDER_MARK) :].decode("utf-8")
    assert text.endswith("\r\n"), f"does not end with CRLF: {text[-40:]!r}"
    assert "\n" not in text.replace("\r\n", ""), "a line ends without CR"
    blocks = []
    for line in text.split("\r\n")[:-1]:
        if not line.startswith("`"):
            blocks.append((line.split(","), []))
        else:
            header, rows = blocks[-1]
            rows.append(dict(zip(header, _cells(line, len(header)))))
    overviews = [rows for header, rows in blocks if header[1].startswith("Total ")]
    details = [(header, rows) for header, rows in blocks if not header[1].startswith("Total ")]
    assert len(details) == 1 and len(overviews) == 1, f"blocks {[header for header, _ in blocks]}"
    return Bill(details[0][0], details[0][1], overviews[0], [header for header, _ in blocks])


def link_target(answer):
    """Path and query of the download_url in this answer."""
    parts = urlsplit(ok(answer)["download_url"])
    return f"{parts.path}?{parts.query}"


def download(client, caller, answer):
    """Follows the link as its owner and gives the file's bytes."""
    fetched = client.send(caller, "GET", link_target(answer))
    assert fetched.status == 200, str(fetched)
    return fetched.body


def yuan(fen):
    """12.30 for 1230 fen."""
    return f"{Decimal(fen) / 100:.2f}"


def negative_yuan(fen):
    """-12.30 for 1230 fen, -0.00 for none."""
    return f"-{Decimal(fen) / 100:.2f}"
