"""What a scenario needs: merchants, payments, receivers, a clock to move, and every endpoint as one call.

Calls named after an endpoint return the Answer as it came; use answers.ok() or answers.refused() on it.
"""

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from datetime import timedelta

import requests

import times
from answers import ok
from client import Client, Credentials, authorization
from control import Control

SHARING = "/v3/global/profit-sharing"
PREFIXES = ("/v3/global", "/hk/v3")
ORDER, FUNDS = "ORDER_REFUNDABLE_BALANCE", "FUNDS_REFUNDABLE_BALANCE"
APPID = "wx8888888888888888"
USD_RATE = 650000000  # the bill's own example: one USD is 6.5 CNY

FREEZING_AT_LEAST = timedelta(seconds=179)  # freezing is done 180 to 299 s after payment
FREEZING_DONE = timedelta(seconds=299)
WORK_DONE = timedelta(seconds=61)  # distributions take 1 to 60 s
AUDIT_DONE = timedelta(seconds=60)

# To make an RSA key costs more than all else in many a scenario. So a few merchants have one that the server makes, and later ones bring
# one of these in turn: who is compared in a scenario was made one after the other, and has different ones.
KEYS, KEYS_MADE = [], 4
BALANCE_ARRIVAL = timedelta(minutes=20)


@dataclass(frozen=True)
class Party:
    """Who calls, and for whom: an institution for its sub-merchant, or a direct merchant (Common mode)."""

    caller: Credentials
    sub_mchid: str | None = None

    @property
    def sponsor(self):
        return self.caller.mchid

    @property
    def mode(self):
        return "institution" if self.sub_mchid else "direct"

    def in_distribution(self):
        return {"sub_mchid": self.sub_mchid} if self.sub_mchid else {}

    def in_payment(self):
        return {"sp_mchid": self.sponsor, "sub_mchid": self.sub_mchid} if self.sub_mchid else {"mchid": self.sponsor}

    def in_payment_with_appid(self):
        return {**self.in_payment(), "sp_appid" if self.sub_mchid else "appid": APPID}

    def in_control(self):
        return {"mchid": self.sponsor, **self.in_distribution()}


@dataclass(frozen=True)
class Order:
    party: Party
    amount: int
    transaction_id: str
    out_trade_no: str
    paid_at: object = field(compare=False)
    currency: str = "CNY"


class Endpoints:
    """The API, one method an endpoint. `query` and `body` members given by name replace the usual ones; None leaves one out."""

    def __init__(self, client):
        self.client = client

    @staticmethod
    def merged(usual, changed):
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def balance(self, party, **query):
        return self.client.get(party.caller, f"{SHARING}/refunds/refundable-balance", query)

    def amounts(self, order, party=None, **query):
        party = party or order.party
        path = f"{SHARING}/transactions/{order.transaction_id}/amounts"
        return self.client.get(party.caller, path, self.merged(party.in_distribution(), query))

    def refundable_amounts(self, order, party=None, **query):
        party = party or order.party
        path = f"{SHARING}/transactions/{order.transaction_id}/refundable-amounts"
        return self.client.get(party.caller, path, self.merged(party.in_distribution(), query))

    def mark(self, party, number, /, **body):
        usual = {**party.in_distribution(), "out_trade_no": number, "currency": "CNY"}
        return self.client.post(party.caller, f"{SHARING}/transactions/mark", self.merged(usual, body))

    def distribution(self, order, receivers, number, /, unfreeze=False, party=None, **body):
        party = party or order.party
        usual = {
            **party.in_distribution(),
            "transaction_id": order.transaction_id,
            "out_order_no": number,
            "receivers": receivers,
            "unfreeze_unsplit": unfreeze,
        }
        return self.client.post(party.caller, f"{SHARING}/orders", self.merged(usual, body))

    def unfreezing(self, order, number, /, party=None, **body):
        party = party or order.party
        usual = {
            **party.in_distribution(),
            "transaction_id": order.transaction_id,
            "out_order_no": number,
            "description": "the rest",
        }
        return self.client.post(party.caller, f"{SHARING}/orders/unfreeze", self.merged(usual, body))

    def query_distribution(self, order, number, /, party=None, **query):
        party = party or order.party
        usual = {**party.in_distribution(), "transaction_id": order.transaction_id}
        return self.client.get(party.caller, f"{SHARING}/orders/{number}", self.merged(usual, query))

    def add_receiver(self, party, account, /, **body):
        usual = {
            **party.in_distribution(),
            "type": "MERCHANT_ID",
            "account": account,
            "relation_type": "SUPPLIER",
        }
        headers = body.pop("headers", None)
        return self.client.post(party.caller, f"{SHARING}/receivers", self.merged(usual, body), headers=headers)

    def query_receiver(self, party, account, /, **query):
        usual = {**party.in_distribution(), "type": "MERCHANT_ID"}
        return self.client.get(party.caller, f"{SHARING}/receivers/{account}", self.merged(usual, query))

    def delete_receiver(self, party, account, /, **body):
        usual = {**party.in_distribution(), "type": "MERCHANT_ID", "account": account}
        return self.client.delete(party.caller, f"{SHARING}/receivers", self.merged(usual, body))

    def upload(self, party, content, /, *, parts=None, signed=None, headers=None, **meta):
        """A file. `meta` members replace the usual ones; `parts` replaces both parts, `signed` the text that is signed."""
        usual = {"filename": "letter.pdf", "sha256": hashlib.sha256(content).hexdigest()}
        told = json.dumps(self.merged(usual, meta), ensure_ascii=False).encode()
        if parts is None:
            parts = [("meta", (None, told, "application/json")), ("file", ("letter.pdf", content, "application/pdf"))]
        form = requests.Request("POST", "http://any/", files=parts).prepare()
        path = "/v3/global/merchant-storage/file/upload"
        sent = {
            "Content-Type": form.headers["Content-Type"],
            "Authorization": authorization(party.caller, "POST", path, told if signed is None else signed),
            **(headers or {}),
        }
        return self.client.send(party.caller, "POST", path, form.body, headers=sent, signed=False)

    def refund_bill(self, party, day, /, **query):
        usual = {**party.in_distribution(), "bill_date": str(day)}
        return self.client.get(party.caller, f"{SHARING}/refunds/bill-download-url", self.merged(usual, query))

    def distribution_bill(self, party, day, /, **query):
        usual = {**party.in_distribution(), "bill_date": str(day)}
        return self.client.get(party.caller, f"{SHARING}/bill-download-url", self.merged(usual, query))

    def statement(self, party, day, /, prefix="/v3/global", headers=None, **query):
        """Of this party alone; sub_mchid=None asks for all of the institution's."""
        usual = {**party.in_payment(), "date": f"{day:%Y%m%d}" if hasattr(day, "year") else day}
        return self.client.get(party.caller, f"{prefix}/statements", self.merged(usual, query), headers=headers)

    def settlements(self, party, state, start=None, end=None, /, prefix="/v3/global", limit=30, offset=0, **query):
        """Of this party alone; sub_mchid=None asks for the institution's."""
        usual = {**party.in_distribution(), "settle_state": state, "limit": limit, "offset": offset}
        for name, day in (("settle_start_date", start), ("settle_end_date", end)):
            usual[name] = f"{day:%Y%m%d}" if hasattr(day, "year") else day
        return self.client.get(party.caller, f"{prefix}/settle/settlements", self.merged(usual, query))

    def refund(self, order, amount, number, /, *, sources=None, prefix="/v3/global", party=None, total=None, **body):
        party = party or order.party
        usual = {
            **party.in_payment_with_appid(),
            "transaction_id": order.transaction_id,
            "out_refund_no": number,
            "amount": {
                "refund": amount,
                "total": order.amount if total is None else total,
                "currency": order.currency,
            },
        }
        if sources is not None:
            usual["amount"]["from"] = [{"fund_source": source, "amount": part} for source, part in sources]
        return self.client.post(party.caller, f"{prefix}/refunds", self.merged(usual, body))

    def refund_by_id(self, party, refund_id, prefix="/v3/global", **query):
        return self.client.get(party.caller, f"{prefix}/refunds/id/{refund_id}", self.merged(party.in_payment(), query))

    def refund_by_number(self, party, number, prefix="/v3/global", **query):
        path = f"{prefix}/refunds/out-refund-no/{number}"
        return self.client.get(party.caller, path, self.merged(party.in_payment(), query))

    def refunds_of(self, order, offset=0, count=10, prefix="/v3/global", party=None, **query):
        party = party or order.party
        usual = {**party.in_payment(), "transaction_id": order.transaction_id, "offset": offset, "count": count}
        return self.client.get(party.caller, f"{prefix}/refunds", self.merged(usual, query))

    def recharged(self, party, **changed):
        """The recharged refund balance, at the path of the party's mode."""
        path = "/v3/global/refund/recharge-balance"
        sub_mchid = changed.pop("sub_mchid", party.sub_mchid)
        if sub_mchid:
            path = f"/v3/global/refund/partner/recharge-balance/sub-mchid/{sub_mchid}"
        return self.client.get(party.caller, path)

    def native(self, party, number, total, /, prefix="/v3/global", currency="CNY", **body):
        usual = {
            **party.in_payment_with_appid(),
            "description": "a cup of tea",
            "notify_url": "https://shop.example/notify",
            "out_trade_no": number,
            "trade_type": "NATIVE",
            "merchant_category_code": "5812",
            "amount": {"total": total, "currency": currency},
        }
        return self.client.post(party.caller, f"{prefix}/transactions/native", self.merged(usual, body))

    def place(self, kind, party, number, total, /, prefix="/v3/global", **body):
        """A JSAPI, app or H5 order: kind is the end of its path."""
        usual = {"trade_type": kind.upper()}
        if kind == "jsapi":
            usual["payer"] = {"sp_openid" if party.sub_mchid else "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
        if kind == "mweb":
            store = {"name": "a shop", "address": "a street"}
            usual["scene_info"] = {"payer_client_ip": "127.0.0.1", "store_info": store}
        usual = {
            **party.in_payment_with_appid(),
            "description": "a cup of tea",
            "notify_url": "https://shop.example/notify",
            "out_trade_no": number,
            "merchant_category_code": "5812",
            "amount": {"total": total, "currency": "CNY"},
            **usual,
        }
        return self.client.post(party.caller, f"{prefix}/transactions/{kind}", self.merged(usual, body))

    def by_code(self, party, number, total, auth_code, /, prefix="/v3/global", currency="CNY", **body):
        """Pays by a code that the payer shows."""
        path = "/v3/global/micropay/transactions/pay" if prefix == "/v3/global" else "/hk/v3/transactions/micropay"
        usual = {
            **party.in_payment_with_appid(),
            "description": "a cup of tea",
            "out_trade_no": number,
            "trade_type": "MICROPAY",
            "merchant_category_code": "5812",
            "payer": {"auth_code": auth_code},
            "amount": {"total": total, "currency": currency},
        }
        return self.client.post(party.caller, path, self.merged(usual, body))

    def reverse(self, party, number, prefix="/v3/global", by="out-trade-no", **body):
        path = f"{'/v3/global/micropay' if prefix == '/v3/global' else prefix}/transactions/{by}/{number}/reverse"
        return self.client.post(party.caller, path, self.merged(party.in_payment(), body))

    def close(self, party, number, prefix="/v3/global", by="out-trade-no", **body):
        path = f"{prefix}/transactions/{by}/{number}/close"
        return self.client.post(party.caller, path, self.merged(party.in_payment(), body))

    def order_by_id(self, party, transaction_id, prefix="/v3/global", **query):
        path = f"{prefix}/transactions/id/{transaction_id}"
        return self.client.get(party.caller, path, self.merged(party.in_payment(), query))

    def order_by_number(self, party, out_trade_no, prefix="/v3/global", **query):
        path = f"{prefix}/transactions/out-trade-no/{out_trade_no}"
        return self.client.get(party.caller, path, self.merged(party.in_payment(), query))


class World(Endpoints):
    """One running program and what a scenario does with it."""

    def __init__(self, program):
        super().__init__(Client(program.api, program.data / "platform"))
        self.client.session.verify = program.ca  # of use where the API speaks TLS
        self.program = program
        self.control = Control(program.control)
        self._counter = itertools.count(1)
        self._parties = {}

    # ---- numbers ----

    def number(self, letter="N"):
        """A merchant's number that this book has not seen: letters and digits, 12 of them."""
        return f"{letter}{next(self._counter):011d}"

    def auth_code(self, ending="0000"):
        """A payment code that nobody has shown; what its payer does, its last four digits say."""
        return f"13{next(self._counter):012d}{ending}"

    def new_mchid(self):
        return str(1990000000 + next(self._counter))

    # ---- merchants ----

    def credentials(self, mchid):
        return Credentials.load(self.program.data / "merchants" / mchid)

    def merchant(self, kind, **members):
        """Makes a merchant: 0.60 %, settled in USD, 30 %, and a contract that has long been in effect, unless told otherwise."""
        mchid = members.pop("mchid", None) or self.new_mchid()
        usual = {
            "contract_date": str(self.today() - timedelta(days=10)),
            "fee_rate": 60,
            "settlement_currency": "USD",
            "distribution_ratio": 3000,
        }
        if kind == "sub":
            usual.pop("contract_date")  # inherited
        else:
            usual.update(self._key_to_bring(members))
        self.control.make_merchant(mchid=mchid, kind=kind, **self.merged(usual, members))
        self._remember_key(mchid)
        return mchid

    def _key_to_bring(self, members):
        """Empty: the server makes it, or `members` says what there is."""
        if len(KEYS) < KEYS_MADE or not {"certificate", "private_key", "merchant_public_key"}.isdisjoint(members):
            return {}
        KEYS.append(KEYS.pop(0))
        return {"private_key": KEYS[-1]}

    def _remember_key(self, mchid):
        key = self.program.data / "merchants" / mchid / "apiclient_key.pem"
        if len(KEYS) < KEYS_MADE and key.exists():
            KEYS.append(key.read_text())

    def new_institution(self, **members):
        """A new institution with one sub-merchant."""
        mchid = self.merchant("institution", **members)
        rates = {name: members[name] for name in ("fee_rate", "settlement_currency", "distribution_ratio") if name in members}
        return Party(self.credentials(mchid), self.merchant("sub", parent=mchid, **rates))

    def new_child(self, party, **members):
        """Another sub-merchant of the same institution."""
        return Party(party.caller, self.merchant("sub", parent=party.sponsor, **members))

    def new_direct(self, **members):
        return Party(self.credentials(self.merchant("direct", **members)))

    def new_party(self, mode, **members):
        return self.new_institution(**members) if mode == "institution" else self.new_direct(**members)

    def party(self, mode):
        """The shared party of this server; its advance balance is anybody's."""
        if mode not in self._parties:
            self._parties[mode] = self.new_party(mode)
        return self._parties[mode]

    def other_child(self):
        if "other child" not in self._parties:
            self._parties["other child"] = self.new_child(self.party("institution"))
        return self._parties["other child"]

    # ---- the clock ----

    def start_of_scenario(self):
        """Stops the clock at a whole second, early enough in the day that a scenario's minutes do not end it."""
        clock = self.control.clock()
        if not clock["frozen"]:
            self.control.set_clock(freeze=True)
            self.to(self.now().replace(microsecond=0) + timedelta(seconds=1))
        if not 8 <= self.now().hour < 16:
            self.to_next_morning()

    def now(self):
        return times.read(self.control.clock()["now"])

    def today(self):
        return self.now().date()

    def to(self, moment):
        self.control.set_clock(now=times.written(moment))

    def forward(self, duration=None, **parts):
        duration = duration or timedelta(**parts)
        self.control.set_clock(advance=f"PT{int(duration.total_seconds())}S")

    def to_next_morning(self, hour="10:00:00"):
        self.to(times.at(self.today() + timedelta(days=1), hour))

    # ---- what happens ----

    def paid(self, party, amount, *, marked=True, frozen=True, **members):
        """A paid order. A marked one's funds are frozen already, unless `frozen` is False."""
        members.setdefault("settlement_rate", USD_RATE)
        paid_at = self.now()
        members = self.merged({"amount": amount, "marked": marked}, members)
        made = self.control.make_payment(**party.in_control(), **members)
        if marked and frozen:
            self.forward(FREEZING_DONE)
        return Order(
            party, amount, made["transaction_id"], made["out_trade_no"], paid_at, members.get("currency", "CNY")
        )

    def receiver(self, party):
        """The account of a receiver whose relation with this party is in effect."""
        if ("receiver", party) not in self._parties:
            account = self.new_mchid()
            ok(self.add_receiver(party, account))
            self.forward(AUDIT_DONE)
            self._parties["receiver", party] = account
        return self._parties["receiver", party]

    def slice(self, account, amount, **members):
        """One entry of `receivers`."""
        usual = {
            "currency": "CNY",
            "type": "MERCHANT_ID",
            "account": account,
            "amount": amount,
            "description": "its share",
        }
        return self.merged(usual, members)

    def distribute(self, order, amount, *, account=None, unfreeze=False):
        """One slice to a receiver, done. Gives the number."""
        number = self.number("D")
        account = account or self.receiver(order.party)
        ok(self.distribution(order, [self.slice(account, amount)], number, unfreeze))
        self.forward(WORK_DONE)
        return number

    def send_outbound(self, order, amount):
        """A slice to the sponsor itself: a fixed part goes outbound and into the day's advance balance."""
        return self.distribute(order, amount, account=order.party.sponsor)

    def unfreeze(self, order):
        """All that is left goes outbound, done. Gives the number."""
        number = self.number("U")
        ok(self.unfreezing(order, number))
        self.forward(WORK_DONE)
        return number

    def refunded(self, order, amount, **options):
        """An accepted refund: the answer's members."""
        return ok(self.refund(order, amount, options.pop("number", None) or self.number("R"), **options))

    # ---- what one reads ----

    def unsplit(self, order):
        return ok(self.amounts(order))["unsplit_amount"]

    def refundable(self, order):
        """(refundable_amount, funds_refundable_amount)"""
        answer = ok(self.refundable_amounts(order))
        return answer["refundable_amount"], answer["funds_refundable_amount"]

    def advance_balance(self, party):
        return ok(self.balance(party))["balance"]

    def raise_advance_balance(self, party, amount):
        """Sends `amount` outbound out of an order made for it (paid large enough, the rest stays)."""
        order = self.paid(party, amount * 2)
        self.send_outbound(order, amount)
