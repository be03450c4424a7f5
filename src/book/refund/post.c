/* What a refund posts when it is accepted, which is taken back when it is closed. */
#include "book/refund/row.h"

/* The bridge takes the settlement currency in and gives the payer's CNY out. */
static void post_recharged(struct fz_entry *entry, const struct fz_refund *refund, int sign)
{
    const char *owner = refund->caller, *currency = refund->settlement_currency;
    int64_t id = refund->payment;
    fz_entry_post(entry, FZ_ACCOUNT_RECHARGED, owner, id, FZ_NO_DAY, currency, -sign * refund->recharged);
    fz_entry_post(entry, FZ_ACCOUNT_CONVERSION, owner, id, FZ_NO_DAY, currency, sign * refund->recharged);
    fz_entry_post(entry, FZ_ACCOUNT_CONVERSION, owner, id, FZ_NO_DAY, "CNY", -sign * refund->own.net);
}

void fz_refund_post(struct fz_entry *entry, const struct fz_refund *refund, int sign, int day)
{
    const char *owner = refund->caller;
    int64_t id = refund->payment;
    int64_t discount = refund->coupon.type == FZ_COUPON_DISCOUNT ? sign * refund->coupon_refund : 0;
    /* Two postings for the two who get it: so the journal tells both shares from the beginning. */
    fz_entry_post(entry, FZ_ACCOUNT_REFUNDING, owner, id, FZ_NO_DAY, "CNY",
                  sign * (refund->settled - refund->coupon_settled));
    fz_entry_post(entry, FZ_ACCOUNT_REFUNDING, owner, id, FZ_NO_DAY, "CNY", sign * refund->coupon_settled);
    if (refund->fund_source == FZ_SOURCE_RECHARGE)
        post_recharged(entry, refund, sign);
    else if (refund->marked)
        fz_entry_post(entry, FZ_ACCOUNT_ORDER, owner, id, FZ_NO_DAY, "CNY", -sign * refund->own.net);
    else
        fz_entry_post(entry, FZ_ACCOUNT_SALES, owner, id, day, "CNY", -sign * refund->own.net);
    fz_entry_post(entry, FZ_ACCOUNT_OUTBOUND, owner, id, day, "CNY", -sign * refund->funds.net);
    fz_entry_post(entry, FZ_ACCOUNT_FEE, owner, id, FZ_NO_DAY, "CNY",
                  -sign * (refund->own.fee + refund->funds.fee));
    fz_entry_post(entry, FZ_ACCOUNT_WAIVED, owner, id, FZ_NO_DAY, refund->currency, -discount);
    fz_entry_post(entry, FZ_ACCOUNT_DISCOUNT, owner, id, FZ_NO_DAY, refund->currency, discount);
}
