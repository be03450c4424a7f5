/* Merchants: institutions with their sub-merchants (Institutional mode) and direct merchants (Common mode).
 *
 * A merchant's terms are its contract's date, fee rate, settlement currency and distribution ratio. A
 * sub-merchant has its institution's, unless it has its own; the currency is always the institution's.
 * Whoever acts does so as a party: the caller, who signs and is settled with, and the sub-merchant that it
 * acts for; fz_party_find says whether it may, and which terms hold between them. An order keeps fee rate and
 * currency of the moment it was placed. */
#ifndef FZ_BOOK_MERCHANT_MERCHANT_H
#define FZ_BOOK_MERCHANT_MERCHANT_H

#include "base/calendar.h"
#include "book/money.h"
#include "store/store.h"

#define FZ_MCHID_SIZE  33
#define FZ_INHERIT     (-1) /* a sub-merchant's term that is its institution's */

enum fz_merchant_kind { FZ_MERCHANT_DIRECT = 1, FZ_MERCHANT_INSTITUTION, FZ_MERCHANT_SUB };
extern const char *const fz_merchant_kind_words[]; /* as the enum, from 1: direct … NULL-ended, as all such lists are */

struct fz_merchant {
    char mchid[FZ_MCHID_SIZE];
    enum fz_merchant_kind kind;
    char parent[FZ_MCHID_SIZE]; /* of a sub-merchant; else empty */
    int contract_day;           /* FZ_NO_DAY: none, or inherited by a sub-merchant */
    int fee_rate;               /* 1/10 000; FZ_INHERIT */
    char settlement_currency[FZ_CURRENCY_SIZE]; /* a sub-merchant has its institution's */
    int distribution_ratio;     /* 1/10 000; FZ_INHERIT */
    bool penalised;
};

/* FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_merchant_find(struct fz_tx *tx, const char *mchid, struct fz_merchant *out);
/* A merchant and another, `child`, in one look: nearly every request asks for both. FZ_ABSENT if there is
 * no `mchid`; if there is no `child_mchid`, `child` has an empty number. The child's settlement currency
 * is that of `out`. */
FZ_MUST_CHECK enum fz_result fz_merchant_find_pair(struct fz_tx *tx, const char *mchid,
                                                   const char *child_mchid, struct fz_merchant *out,
                                                   struct fz_merchant *child);
/* Ahead of either (fz_ask_ahead); `child_mchid` NULL: of the first. */
void fz_merchant_ask(struct fz_tx *tx, const char *mchid, const char *child_mchid);
/* A new merchant. FZ_CONFLICT: the number is taken. FZ_MALFORMED: terms that cannot be (a share that is
 * none of 0 to 10 000, a term that nobody can be asked for, an unknown currency, a parent that is no
 * institution). */
FZ_MUST_CHECK enum fz_result fz_merchant_add(struct fz_tx *tx, const struct fz_merchant *merchant);
/* Replaces the terms of one that exists (kind and parent stay). FZ_ABSENT, FZ_MALFORMED as above. */
FZ_MUST_CHECK enum fz_result fz_merchant_change(struct fz_tx *tx, const struct fz_merchant *merchant);
/* All merchants by number: `each` is called for one after another. */
FZ_MUST_CHECK enum fz_result fz_merchant_each(struct fz_tx *tx,
                                              enum fz_result (*each)(void *argument,
                                                                     const struct fz_merchant *),
                                              void *argument);
/* Replaces the list of appids (an empty list: any appid passes). */
FZ_MUST_CHECK enum fz_result fz_merchant_set_appids(struct fz_tx *tx, const char *mchid,
                                                    const char *const *appids, size_t count);
/* Refuses with FZ_APPID_UNKNOWN if `mchid` has a list and `appid` is not in it. NULL or "" passes. */
void fz_merchant_ask_appid(struct fz_tx *tx, const char *mchid, const char *appid); /* ahead of it */
FZ_MUST_CHECK enum fz_result fz_merchant_check_appid(struct fz_tx *tx, const char *mchid, const char *appid);

/* Who calls, and for whom: the caller and, in Institutional mode, its sub-merchant; the terms that hold
 * between them. */
struct fz_party {
    char caller[FZ_MCHID_SIZE];
    char sub_mchid[FZ_MCHID_SIZE]; /* "" in Common mode, or where an institution asks for all of them */
    enum fz_merchant_kind kind;    /* of the caller */
    int contract_day;              /* the caller's, or the sub-merchant's own */
    int fee_rate;
    int distribution_ratio;
    char settlement_currency[FZ_CURRENCY_SIZE];
    bool penalised; /* the sub-merchant, or the caller where there is none */
};

/* Of a read, for fz_ask_ahead: what fz_party_find will ask, unless it is going to remember. */
void fz_party_ask(struct fz_tx *tx, const char *caller, const char *sub_mchid);
/* Finds both. `sub_mchid` NULL or "": none. Refuses: a number that the book does not know with
 * FZ_MERCHANT_UNKNOWN; a known one that is no child of the caller, or any from a direct merchant, with
 * FZ_NO_AUTH_CHILD. */
FZ_MUST_CHECK enum fz_result fz_party_find(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                           struct fz_party *out);
/* Refuses with FZ_NO_AUTH_CONTRACT or FZ_NO_AUTH_WAITING unless the contract is in effect: from 00:00
 * Beijing of the day after its date. */
FZ_MUST_CHECK enum fz_result fz_party_check_contract(struct fz_tx *tx, const struct fz_party *party);

#endif
