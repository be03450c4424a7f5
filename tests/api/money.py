"""The rules of rounding, worked out apart from the program: whole numbers only, rounded half up where the rule says so.

P is what an order was priced at, A its voucher, S = P - A where the voucher is a DISCOUNT (it is not settled), else S = P.
F is the fee of S. R is the gross amount refunded so far. Everything here is paid in CNY.
"""

from dataclasses import astuple, dataclass

DISCOUNT, COUPON = "DISCOUNT", "COUPON"


def half_up(numerator, denominator):
    """The fraction to the nearest integer, a half upwards (neither is negative)."""
    return (2 * numerator + denominator) // (2 * denominator)


def fee_charged(settled, rate):
    """F: `rate` in 1/10 000."""
    return half_up(settled * rate, 10000)


def voucher_given_back(voucher, paid, refunded):
    """The part of A that lies in the first R of an order: rounded down, so a full refund gives exactly A."""
    return voucher * refunded // paid


def fee_given_back(charged, settled, settled_refunded):
    """B: of the fee F, what is given back once s(R) of S is refunded."""
    return half_up(charged * settled_refunded, settled) if settled else 0


def converted(amount, rate, smallest_units_per_unit=100):
    """CNY fen in another currency's smallest unit; `rate` is CNY for one unit of it, times 10^8."""
    return half_up(amount * 10**8 * smallest_units_per_unit, 100 * rate)


@dataclass(frozen=True)
class Share:
    """What a refund, or a part of it, takes."""

    gross: int = 0
    settled: int = 0
    fee: int = 0  # given back by the platform
    voucher: int = 0
    payer: int = 0  # what the payer gets

    @property
    def net(self):
        """What its source pays."""
        return self.settled - self.fee

    def __add__(self, other):
        return Share(*(mine + yours for mine, yours in zip(astuple(self), astuple(other))))

    def __sub__(self, other):
        return Share(*(mine - yours for mine, yours in zip(astuple(self), astuple(other))))


def portion(whole, due, other_left):
    """How much of `whole` one of two sides gets: what is due to it, at least nothing, and so much that the other gets no more than is left for it."""
    return min(whole, max(0, due, whole - other_left))


class Account:
    """One order's own funds and what its refunds have taken, from the rules alone."""

    def __init__(self, paid, rate, voucher=0, voucher_type=COUPON):
        self.paid = paid
        self.voucher = voucher
        self.voucher_type = voucher_type
        self.settled = paid - (voucher if voucher_type == DISCOUNT else 0)
        self.fee = fee_charged(self.settled, rate)
        self.distributable = self.settled - self.fee
        self.taken = Share()  # by refunds that stand

    def after(self, taken, gross):
        """What a further `gross` takes: what was due after it, less what was taken. After a closed refund that may be less than nothing, or
        more than there is to share; then a side gets nothing, and the other never more than it still has to get."""
        if gross == 0:
            return Share()
        refunded = taken.gross + gross
        due = voucher_given_back(self.voucher, self.paid, refunded) - taken.voucher
        voucher = portion(gross, due, (self.paid - self.voucher) - (taken.gross - taken.voucher))
        settled = gross - (voucher if self.voucher_type == DISCOUNT else 0)
        due = fee_given_back(self.fee, self.settled, taken.settled + settled) - taken.fee
        fee = portion(settled, due, (self.settled - self.fee) - (taken.settled - taken.fee))
        return Share(gross, settled, fee, voucher, gross - voucher)

    @property
    def left(self):
        return self.paid - self.taken.gross

    def refundable(self):
        """The largest gross amount whose net the order's own funds can bear."""
        low, high = 0, self.left
        while low < high:
            middle = (low + high + 1) // 2
            if self.after(self.taken, middle).net <= self.distributable:
                low = middle
            else:
                high = middle - 1
        return low

    def funds_refundable(self):
        """The rest: only the advance balance can bear it."""
        return self.left - self.refundable()

    def parts(self, order_gross, funds_gross=0):
        """The two parts of a refund, in the order in which they are booked: ORDER, then FUNDS."""
        first = self.after(self.taken, order_gross)
        return first, self.after(self.taken + first, funds_gross)

    def refund(self, order_gross, funds_gross=0):
        """Books a refund that the order's own funds bear but for `funds_gross`. Gives its two parts."""
        first, second = self.parts(order_gross, funds_gross)
        self.taken += first + second
        self.distributable -= first.net
        return first, second
