/* The schema, as numbered migrations: once released a script never changes, a new one is added behind it.
 *
 * Amounts are integers in the smallest unit, rates x 10^8, shares in 1/10 000, times in milliseconds since 1970, days as Beijing
 * days since 1970, flags 0/1. `caller` is the merchant that signs: institution or direct merchant, always the sponsor; `sub_mchid`
 * is '' for a direct merchant. Money columns are explained in docs/book.md. FZ_INT, FZ_BLOB and FZ_STRICT are the engine's words. */
#include "store/store.h"

static const char first[] =
    "CREATE TABLE clock (id FZ_INT PRIMARY KEY CHECK (id = 1), book_ms FZ_INT NOT NULL, wire_ms FZ_INT NOT NULL,"
    " frozen FZ_INT NOT NULL CHECK (frozen IN (0, 1))) FZ_STRICT;"

    /* How the book was made: whether it is seeded, with what, whether its demo story is told to the end. */
    "CREATE TABLE book (id FZ_INT PRIMARY KEY CHECK (id = 1), seeded FZ_INT NOT NULL, seed FZ_INT NOT NULL,"
    " demo FZ_INT NOT NULL, created_ms FZ_INT NOT NULL) FZ_STRICT;"

    "CREATE TABLE platform_key (id FZ_INT PRIMARY KEY, serial_no TEXT NOT NULL UNIQUE, certificate TEXT NOT NULL,"
    " private_key FZ_BLOB NOT NULL, signs FZ_INT NOT NULL CHECK (signs IN (0, 1))) FZ_STRICT;"

    "CREATE TABLE merchant (mchid TEXT PRIMARY KEY, kind FZ_INT NOT NULL CHECK (kind IN (1, 2, 3)),"
    " parent TEXT REFERENCES merchant (mchid), contract_day FZ_INT, fee_rate FZ_INT CHECK (fee_rate BETWEEN 0 AND 10000),"
    " settlement_currency TEXT NOT NULL, distribution_ratio FZ_INT CHECK (distribution_ratio BETWEEN 0 AND 10000),"
    " penalised FZ_INT NOT NULL CHECK (penalised IN (0, 1)), apiv3_key FZ_BLOB,"
    " CHECK ((kind = 3) = (parent IS NOT NULL))) FZ_STRICT;"
    "CREATE INDEX merchant_parent ON merchant (parent) WHERE parent IS NOT NULL;"
    "CREATE TABLE appid (mchid TEXT NOT NULL REFERENCES merchant (mchid), appid TEXT NOT NULL, PRIMARY KEY (mchid, appid))"
    " FZ_STRICT;"
    "CREATE TABLE merchant_key (id FZ_INT PRIMARY KEY, mchid TEXT NOT NULL REFERENCES merchant (mchid),"
    " serial_no TEXT NOT NULL UNIQUE, certificate TEXT NOT NULL, public_key FZ_BLOB NOT NULL, private_key FZ_BLOB,"
    " state FZ_INT NOT NULL CHECK (state BETWEEN 1 AND 4)) FZ_STRICT;"
    "CREATE INDEX merchant_key_mchid ON merchant_key (mchid);"

    "CREATE TABLE mark (caller TEXT NOT NULL, sub_mchid TEXT NOT NULL, out_trade_no TEXT NOT NULL, currency TEXT NOT NULL,"
    " created_ms FZ_INT NOT NULL, PRIMARY KEY (caller, sub_mchid, out_trade_no)) FZ_STRICT;"

    "CREATE TABLE payment (id FZ_INT PRIMARY KEY, transaction_id TEXT UNIQUE, caller TEXT NOT NULL REFERENCES merchant (mchid),"
    " sub_mchid TEXT NOT NULL, out_trade_no TEXT NOT NULL, digest FZ_BLOB NOT NULL, trade_type TEXT NOT NULL,"
    " state FZ_INT NOT NULL CHECK (state BETWEEN 1 AND 3), description TEXT NOT NULL, attach TEXT, notify_url TEXT, appid TEXT,"
    " sub_appid TEXT, amount FZ_INT NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, payer_kind FZ_INT NOT NULL,"
    " payer_total FZ_INT NOT NULL CHECK (payer_total >= 0), payer_currency TEXT NOT NULL, payment_rate FZ_INT NOT NULL,"
    " settlement_currency TEXT NOT NULL, settlement_rate FZ_INT NOT NULL, coupon_type FZ_INT NOT NULL,"
    " coupon_scope FZ_INT NOT NULL, promotion_id TEXT, coupon_amount FZ_INT NOT NULL CHECK (coupon_amount >= 0),"
    " fee_rate FZ_INT NOT NULL, settled FZ_INT NOT NULL CHECK (settled >= 0), fee FZ_INT NOT NULL CHECK (fee >= 0),"
    " marked FZ_INT NOT NULL CHECK (marked IN (0, 1)), funds_state FZ_INT NOT NULL CHECK (funds_state BETWEEN 0 AND 3),"
    " distributable FZ_INT NOT NULL CHECK (distributable >= 0), to_receivers FZ_INT NOT NULL CHECK (to_receivers >= 0),"
    " distribution_count FZ_INT NOT NULL CHECK (distribution_count BETWEEN 0 AND 50),"
    " refunded FZ_INT NOT NULL CHECK (refunded BETWEEN 0 AND amount), refunded_settled FZ_INT NOT NULL CHECK (refunded_settled >= 0),"
    " refunded_fee FZ_INT NOT NULL CHECK (refunded_fee >= 0), refunded_coupon FZ_INT NOT NULL CHECK (refunded_coupon >= 0),"
    " refunded_payer FZ_INT NOT NULL CHECK (refunded_payer >= 0), refund_count FZ_INT NOT NULL CHECK (refund_count BETWEEN 0 AND 50),"
    " last_refund_ms FZ_INT NOT NULL, created_ms FZ_INT NOT NULL, expires_ms FZ_INT NOT NULL, success_ms FZ_INT NOT NULL,"
    " UNIQUE (caller, sub_mchid, out_trade_no)) FZ_STRICT;"

    "CREATE TABLE receiver (id FZ_INT PRIMARY KEY, caller TEXT NOT NULL REFERENCES merchant (mchid), sub_mchid TEXT NOT NULL,"
    " type TEXT NOT NULL, account TEXT NOT NULL, appid TEXT, sub_appid TEXT, name TEXT, relation_type TEXT NOT NULL,"
    " custom_relation TEXT, scene TEXT, major_service TEXT, expected_ratio FZ_INT, application_file_id TEXT,"
    " partnership_file_id TEXT, state FZ_INT NOT NULL CHECK (state BETWEEN 1 AND 3), fail_reason TEXT,"
    " penalised FZ_INT NOT NULL CHECK (penalised IN (0, 1)), created_ms FZ_INT NOT NULL,"
    " UNIQUE (caller, sub_mchid, type, account)) FZ_STRICT;"

    "CREATE TABLE distribution (id FZ_INT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, payment FZ_INT NOT NULL REFERENCES payment (id),"
    " caller TEXT NOT NULL, sub_mchid TEXT NOT NULL, out_order_no TEXT, digest FZ_BLOB NOT NULL,"
    " kind FZ_INT NOT NULL CHECK (kind IN (1, 2, 3)), state FZ_INT NOT NULL CHECK (state IN (1, 2)), created_ms FZ_INT NOT NULL,"
    " finished_ms FZ_INT, UNIQUE (caller, sub_mchid, out_order_no)) FZ_STRICT;"
    "CREATE INDEX distribution_payment ON distribution (payment);"
    "CREATE TABLE slice (id FZ_INT PRIMARY KEY, distribution FZ_INT NOT NULL REFERENCES distribution (id), detail_id TEXT NOT NULL UNIQUE,"
    " caller TEXT NOT NULL, sub_mchid TEXT NOT NULL, to_sponsor FZ_INT NOT NULL CHECK (to_sponsor IN (0, 1)), type TEXT NOT NULL,"
    " account TEXT NOT NULL, amount FZ_INT NOT NULL CHECK (amount > 0), description TEXT NOT NULL,"
    " result FZ_INT NOT NULL CHECK (result BETWEEN 1 AND 3), fail_reason TEXT, settlement_currency TEXT NOT NULL,"
    " settlement_rate FZ_INT NOT NULL, settlement_amount FZ_INT NOT NULL, created_ms FZ_INT NOT NULL, finished_ms FZ_INT,"
    " bill_day FZ_INT) FZ_STRICT;"
    "CREATE INDEX slice_distribution ON slice (distribution);"
    "CREATE INDEX slice_bill ON slice (caller, bill_day, id) WHERE bill_day IS NOT NULL;"

    /* What a bill line or a query needs of the order is repeated here: both then read one row. */
    "CREATE TABLE refund (id FZ_INT PRIMARY KEY, refund_id TEXT NOT NULL UNIQUE, caller TEXT NOT NULL, sub_mchid TEXT NOT NULL,"
    " out_refund_no TEXT NOT NULL, digest FZ_BLOB NOT NULL, payment FZ_INT NOT NULL REFERENCES payment (id), transaction_id TEXT NOT NULL,"
    " out_trade_no TEXT NOT NULL, reason TEXT, notify_url TEXT, fund_source FZ_INT NOT NULL CHECK (fund_source IN (1, 2)),"
    " marked FZ_INT NOT NULL CHECK (marked IN (0, 1)), amount FZ_INT NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,"
    " payer_refund FZ_INT NOT NULL CHECK (payer_refund >= 0), payer_currency TEXT NOT NULL, rate_type FZ_INT NOT NULL CHECK (rate_type IN (1, 2)),"
    " rate FZ_INT NOT NULL, coupon_type FZ_INT NOT NULL, coupon_scope FZ_INT NOT NULL, promotion_id TEXT,"
    " coupon_amount FZ_INT NOT NULL, coupon_refund FZ_INT NOT NULL CHECK (coupon_refund >= 0), settled FZ_INT NOT NULL CHECK (settled >= 0),"
    " coupon_settled FZ_INT NOT NULL CHECK (coupon_settled >= 0),"
    " own_gross FZ_INT NOT NULL CHECK (own_gross >= 0), own_fee FZ_INT NOT NULL CHECK (own_fee >= 0),"
    " own_net FZ_INT NOT NULL CHECK (own_net >= 0), funds_gross FZ_INT NOT NULL CHECK (funds_gross >= 0),"
    " funds_fee FZ_INT NOT NULL CHECK (funds_fee >= 0), funds_net FZ_INT NOT NULL CHECK (funds_net >= 0), fee_rate FZ_INT NOT NULL,"
    " settlement_currency TEXT NOT NULL, settlement_rate FZ_INT NOT NULL, state FZ_INT NOT NULL CHECK (state BETWEEN 1 AND 4),"
    " channel FZ_INT NOT NULL, recv_account TEXT NOT NULL, order_success_ms FZ_INT NOT NULL, created_ms FZ_INT NOT NULL,"
    " success_ms FZ_INT, bill_day FZ_INT, UNIQUE (caller, sub_mchid, out_refund_no)) FZ_STRICT;"
    "CREATE INDEX refund_payment ON refund (payment, id);"
    /* With sub_mchid, so that the bill of one passes over the others' refunds without reading them. */
    "CREATE INDEX refund_bill ON refund (caller, bill_day, id, sub_mchid) WHERE bill_day IS NOT NULL;"

    "CREATE TABLE pool (sponsor TEXT NOT NULL REFERENCES merchant (mchid), kind FZ_INT NOT NULL CHECK (kind IN (1, 2)),"
    " day FZ_INT NOT NULL, slot FZ_INT NOT NULL, balance FZ_INT NOT NULL CHECK (balance >= 0), converted_ms FZ_INT,"
    " PRIMARY KEY (sponsor, kind, day, slot)) FZ_STRICT;"
    "CREATE INDEX pool_day ON pool (day);"

    /* The journal: no statement of the program changes or deletes a row. posting.id = entry.id * 256 + line. */
    "CREATE TABLE entry (id FZ_INT PRIMARY KEY, kind FZ_INT NOT NULL, subject FZ_INT NOT NULL, time_ms FZ_INT NOT NULL) FZ_STRICT;"
    "CREATE TABLE posting (id FZ_INT PRIMARY KEY, entry FZ_INT NOT NULL REFERENCES entry (id), account FZ_INT NOT NULL,"
    " owner TEXT NOT NULL, payment FZ_INT REFERENCES payment (id), day FZ_INT, currency TEXT NOT NULL, amount FZ_INT NOT NULL,"
    " CHECK (id / 256 = entry)) FZ_STRICT;"
    "CREATE INDEX posting_day ON posting (day, id) WHERE day IS NOT NULL;"

    "CREATE TABLE event (id FZ_INT PRIMARY KEY, due_ms FZ_INT NOT NULL, kind FZ_INT NOT NULL, subject FZ_INT NOT NULL,"
    " position FZ_INT NOT NULL, UNIQUE (kind, subject)) FZ_STRICT;"
    "CREATE INDEX event_due ON event (due_ms, id);";

/* The recharged refund balance. `recharged` is the kept balance, `recharge` what was paid in; a refund from it says what it took, in
 * its settlement currency. */
static const char second[] =
    "CREATE TABLE recharged (mchid TEXT NOT NULL REFERENCES merchant (mchid), currency TEXT NOT NULL,"
    " balance FZ_INT NOT NULL CHECK (balance >= 0), PRIMARY KEY (mchid, currency)) FZ_STRICT;"
    "CREATE TABLE recharge (id FZ_INT PRIMARY KEY, mchid TEXT NOT NULL, currency TEXT NOT NULL,"
    " amount FZ_INT NOT NULL CHECK (amount > 0), created_ms FZ_INT NOT NULL,"
    " FOREIGN KEY (mchid, currency) REFERENCES recharged (mchid, currency)) FZ_STRICT;"
    "CREATE INDEX recharge_account ON recharge (mchid, currency);"
    "ALTER TABLE refund ADD COLUMN recharged FZ_INT NOT NULL DEFAULT 0 CHECK (recharged >= 0);"
    "CREATE INDEX refund_recharged ON refund (caller, settlement_currency) WHERE fund_source = 2;";

/* The platform's keys follow each other: a certificate signs from its own time on, until the next one does. A public key (kind 2) has
 * no certificate and signs for merchants that use it; its serial_no is its id. */
static const char platform_keys[] =
    "ALTER TABLE platform_key ADD COLUMN kind FZ_INT NOT NULL DEFAULT 1 CHECK (kind IN (1, 2));"
    "ALTER TABLE platform_key ADD COLUMN signs_from_ms FZ_INT NOT NULL DEFAULT 0;"
    "ALTER TABLE platform_key DROP COLUMN signs;"
    "ALTER TABLE merchant ADD COLUMN public_key FZ_INT NOT NULL DEFAULT 0 CHECK (public_key IN (0, 1, 2));";

/* Payment codes. A code belongs to one order for ever, whatever becomes of that order. `revoked_ms` is when an order was reversed, 0
 * unless it was; its state goes on telling whether there was money: 2, or 3 if it was never paid. */
static const char codes[] =
    "ALTER TABLE payment ADD COLUMN revoked_ms FZ_INT NOT NULL DEFAULT 0;"
    "CREATE TABLE payment_code (payment FZ_INT PRIMARY KEY REFERENCES payment (id), auth_code TEXT NOT NULL UNIQUE) FZ_STRICT;";

/* What receivers' audits, penalties and limits rest on. An upload keeps what is known of a file, not the file. A person's slices that
 * succeeded lie together, in the order of their days, for the audit; refunds of orders older than 30 days have a rate of their own. */
static const char receivers[] =
    "CREATE TABLE upload (id FZ_INT PRIMARY KEY, file_id TEXT NOT NULL UNIQUE, caller TEXT NOT NULL REFERENCES merchant (mchid),"
    " filename TEXT NOT NULL, sha256 FZ_BLOB NOT NULL, size FZ_INT NOT NULL CHECK (size > 0), created_ms FZ_INT NOT NULL,"
    " UNIQUE (caller, sha256, filename)) FZ_STRICT;"
    "ALTER TABLE receiver ADD COLUMN fail_description TEXT;"
    "ALTER TABLE receiver ADD COLUMN fails_with TEXT;"
    "CREATE INDEX slice_receipt ON slice (account, type, bill_day, amount) WHERE bill_day IS NOT NULL AND type <> 'MERCHANT_ID';"
    "CREATE INDEX refund_late ON refund (caller, created_ms) WHERE created_ms - order_success_ms > 2592000000;";

/* What is set from outside and stands in somebody's way: a payer's account that takes no money, a merchant that may not sell or whose
 * pools count as empty. Where nothing does there is no row. */
static const char hindrances[] =
    "CREATE TABLE payer_account (payment FZ_INT PRIMARY KEY REFERENCES payment (id),"
    " state FZ_INT NOT NULL CHECK (state IN (1, 2))) FZ_STRICT;"
    "CREATE TABLE hindrance (mchid TEXT PRIMARY KEY REFERENCES merchant (mchid),"
    " papers_missing FZ_INT NOT NULL CHECK (papers_missing IN (0, 1)), refused_scenes FZ_INT NOT NULL,"
    " cny_pool_empty FZ_INT NOT NULL CHECK (cny_pool_empty IN (0, 1))) FZ_STRICT;";

/* The transaction statement: the payments and refunds of a caller's Beijing day (08:00 is 28 800 000 ms), in row order; with sub_mchid,
 * so that the statement of one passes over the others' rows without reading them. What a refund was at the end of a day is told by
 * when it became so; what was closed before it was noted has that from the journal (6 = closed). */
static const char statements[] =
    "CREATE INDEX payment_statement ON payment (caller, ((success_ms + 28800000) / 86400000), id, sub_mchid) WHERE success_ms > 0;"
    "CREATE INDEX refund_statement ON refund (caller, ((created_ms + 28800000) / 86400000), id, sub_mchid);"
    "ALTER TABLE refund ADD COLUMN closed_ms FZ_INT;"
    "ALTER TABLE refund ADD COLUMN abnormal_ms FZ_INT;"
    "UPDATE refund SET closed_ms = created_ms WHERE state = 3;"
    "UPDATE refund SET closed_ms = e.time_ms FROM entry e WHERE e.kind = 6 AND e.subject = refund.id AND refund.state = 3;";

/* Settlement details and payouts. `settlement_day` is what a converted day came to, of a sub-merchant or of all ('');
 * `settlement_pool` what is converted and not paid out, with the last day that was; `payout` a batch. Days that were converted before
 * there was this are worked through by events (8 = details of a day), in the order of their days. */
static const char settlements[] =
    "CREATE TABLE settlement_day (mchid TEXT NOT NULL REFERENCES merchant (mchid), sub_mchid TEXT NOT NULL, currency TEXT NOT NULL,"
    " day FZ_INT NOT NULL, pay FZ_INT NOT NULL, refund FZ_INT NOT NULL, fee FZ_INT NOT NULL, split_pay FZ_INT NOT NULL,"
    " split_refund FZ_INT NOT NULL, PRIMARY KEY (mchid, sub_mchid, currency, day)) FZ_STRICT;"
    "CREATE TABLE settlement_pool (id FZ_INT PRIMARY KEY, mchid TEXT NOT NULL REFERENCES merchant (mchid), currency TEXT NOT NULL,"
    " balance FZ_INT NOT NULL, paid_until FZ_INT NOT NULL, UNIQUE (mchid, currency)) FZ_STRICT;"
    "CREATE TABLE payout (id FZ_INT PRIMARY KEY, batch_id TEXT NOT NULL, mchid TEXT NOT NULL, currency TEXT NOT NULL,"
    " day FZ_INT NOT NULL, first_day FZ_INT NOT NULL, last_day FZ_INT NOT NULL, amount FZ_INT NOT NULL CHECK (amount > 0),"
    " created_ms FZ_INT NOT NULL, UNIQUE (mchid, batch_id),"
    " FOREIGN KEY (mchid, currency) REFERENCES settlement_pool (mchid, currency)) FZ_STRICT;"
    "CREATE INDEX payout_day ON payout (mchid, day, id);"
    "INSERT INTO event (id, due_ms, kind, subject, position) SELECT (SELECT COALESCE(MAX(id), 0) FROM event) +"
    " ROW_NUMBER() OVER (ORDER BY c.day), (c.day + 1) * 86400000 - 28800000, 8, c.day, 0"
    " FROM (SELECT DISTINCT day FROM pool WHERE converted_ms IS NOT NULL) c;";

/* Callbacks: `notification` has a row for each happening that a notify_url waits for, `notification_attempt` one for each time
 * that something was sent for it. `kind` 1 is an order paid, 2 to 4 the refund's state of that number. A refund's `recv_account` may change after
 * an ABNORMAL, so it is kept as it was told. `step` counts the ladder's sendings that failed. Of what happened before there were these tables
 * nobody was told: such rows begin as failed, without an attempt. */
static const char callbacks[] =
    "CREATE TABLE notification (id FZ_INT PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, kind FZ_INT NOT NULL CHECK (kind BETWEEN 1 AND 4),"
    " subject FZ_INT NOT NULL, caller TEXT NOT NULL REFERENCES merchant (mchid), sub_mchid TEXT NOT NULL, out_trade_no TEXT NOT NULL,"
    " out_refund_no TEXT, url TEXT NOT NULL, host TEXT NOT NULL, recv_account TEXT, created_ms FZ_INT NOT NULL,"
    " state FZ_INT NOT NULL CHECK (state BETWEEN 1 AND 3), due_ms FZ_INT NOT NULL, step FZ_INT NOT NULL CHECK (step >= 0),"
    " attempts FZ_INT NOT NULL CHECK (attempts BETWEEN 0 AND 255), resends FZ_INT NOT NULL CHECK (resends >= 0), delivered_ms FZ_INT,"
    " UNIQUE (kind, subject), CHECK ((kind = 1) = (out_refund_no IS NULL)), CHECK (state <> 2 OR delivered_ms IS NOT NULL)) FZ_STRICT;"
    "CREATE TABLE notification_attempt (notification FZ_INT NOT NULL REFERENCES notification (id),"
    " number FZ_INT NOT NULL CHECK (number BETWEEN 1 AND 255), kind FZ_INT NOT NULL, time_ms FZ_INT NOT NULL, wire_ms FZ_INT NOT NULL,"
    " duration_ms FZ_INT NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL, status FZ_INT, answer_headers FZ_BLOB,"
    " answer_body FZ_BLOB, error TEXT, PRIMARY KEY (notification, number)) FZ_STRICT;"
    "INSERT INTO notification SELECT ROW_NUMBER() OVER (ORDER BY t.time_ms, t.kind, t.subject), 'EV-' || t.kind || '-' || t.subject, t.kind,"
    " t.subject, t.caller, t.sub_mchid, t.out_trade_no, t.out_refund_no, t.notify_url, t.notify_url, t.recv_account, t.time_ms, 3, t.time_ms,"
    " 0, 0, 0, NULL FROM ("
    "SELECT 1 AS kind, p.id AS subject, p.caller, p.sub_mchid, p.out_trade_no, NULL AS out_refund_no, p.notify_url, NULL AS recv_account,"
    " p.success_ms AS time_ms FROM payment p WHERE p.success_ms > 0 AND p.notify_url IS NOT NULL UNION ALL "
    "SELECT r.state, r.id, r.caller, r.sub_mchid, r.out_trade_no, r.out_refund_no, r.notify_url, r.recv_account,"
    " COALESCE(r.success_ms, r.closed_ms, r.abnormal_ms, r.created_ms) FROM refund r WHERE r.state > 1 AND r.notify_url IS NOT NULL) t;"
    "CREATE INDEX notification_due ON notification (due_ms) WHERE state = 1;"
    "CREATE INDEX notification_host ON notification (host, due_ms, id) WHERE state = 1;"
    "CREATE INDEX notification_order ON notification (out_trade_no, id);"
    "CREATE INDEX notification_refund ON notification (out_refund_no, id) WHERE out_refund_no IS NOT NULL;";

/* What is looked up by the control interface, on the writer's thread: an order by its number alone, all relations of an account, a
 * callback of another sub-merchant. */
static const char look_ups[] = "CREATE INDEX payment_number ON payment (out_trade_no, id);"
                               "CREATE INDEX receiver_account ON receiver (account, id);"
                               "CREATE INDEX notification_caller ON notification (caller, id);";

/* An event that fails again and again stands aside: it is due no more, until a start of the server tries it again. */
static const char aside[] =
    "ALTER TABLE event ADD COLUMN set_aside_due_ms FZ_INT;"
    "ALTER TABLE event ADD COLUMN set_aside_why TEXT;"
    "CREATE INDEX event_set_aside ON event (id) WHERE set_aside_due_ms IS NOT NULL;";

/* What signs a merchant's callbacks: in how many of 10 000 the platform's public key. NULL: as merchant.public_key says. */
static const char callback_keys[] =
    "ALTER TABLE merchant ADD COLUMN callback_key_share FZ_INT CHECK (callback_key_share BETWEEN 0 AND 10000);";

/* The number of the last commit that changed something, in one row: acknowledged.c tells what for. */
static const char commit_numbers[] =
    "CREATE TABLE commit_number (id FZ_INT PRIMARY KEY CHECK (id = 1), number FZ_INT NOT NULL) FZ_STRICT;";

/* A name that no other book has had, for what is kept beside it; and which story of its seed it tells: one more with each reset. */
static const char names[] = "ALTER TABLE book ADD COLUMN name TEXT NOT NULL DEFAULT '';"
                            "ALTER TABLE book ADD COLUMN story FZ_INT NOT NULL DEFAULT 0;";

/* What a person was paid in a calendar month, by its first day: what a slice's decision reads. Of slices that succeeded before there was
 * this it is added up once. A day's number becomes that of its month's first by arithmetic that all engines have (no negative days, no
 * dates of their own): e is the day in the 400 years from 1 March of a year 0, y the year in them, n the day in that year. */
static const char receipts[] =
    "CREATE TABLE receipts (account TEXT NOT NULL, type TEXT NOT NULL, month FZ_INT NOT NULL, amount FZ_INT NOT NULL CHECK (amount > 0),"
    " PRIMARY KEY (account, type, month)) FZ_STRICT;"
    "INSERT INTO receipts (account, type, month, amount) SELECT account, type, month, CAST(SUM(amount) AS FZ_INT) FROM ("
    "SELECT account, type, amount, bill_day - (n - (153 * ((5 * n + 2) / 153) + 2) / 5) AS month FROM ("
    "SELECT account, type, amount, bill_day, e - (365 * y + y / 4 - y / 100) AS n FROM ("
    "SELECT account, type, amount, bill_day, e, (e - e / 1460 + e / 36524 - e / 146096) / 365 AS y FROM ("
    "SELECT account, type, amount, bill_day, (bill_day + 719468) % 146097 AS e FROM slice"
    " WHERE bill_day BETWEEN 0 AND 2932896 AND type <> 'MERCHANT_ID') d) c) b) a GROUP BY account, type, month;";

/* The number of a commit that the book's file had, synced, when the last one was made: book_alone.c tells what for. */
static const char homes[] = "ALTER TABLE commit_number ADD COLUMN home FZ_INT NOT NULL DEFAULT 0;";

/* By whose name a book without a seed draws its values, if not by its own: one that goes on from a snapshot with the numbers that it had. */
static const char drawn_by[] = "ALTER TABLE book ADD COLUMN drawn_by TEXT NOT NULL DEFAULT '';";

/* What a book began as: a world's file, sealed, as its keys are in it; and the rates of its own, CNY for one unit x 10^8. */
static const char worlds[] = "CREATE TABLE world (id FZ_INT PRIMARY KEY CHECK (id = 1), text FZ_BLOB NOT NULL) FZ_STRICT;"
                             "CREATE TABLE rate (currency TEXT PRIMARY KEY, rate FZ_INT NOT NULL CHECK (rate > 0)) FZ_STRICT;";

/* Snapshots: the latest story that a seed has told in this place; and, in a snapshot alone, what its server was asked to do to requests
 * and callbacks, as JSON. */
static const char snapshots[] = "ALTER TABLE book ADD COLUMN last_story FZ_INT NOT NULL DEFAULT 0;"
                                "CREATE TABLE asked (id FZ_INT PRIMARY KEY CHECK (id = 1), said TEXT NOT NULL) FZ_STRICT;";

/* What several processes on one book have to agree on: the secret, by a value that derives from it; changes of keys and merchants, by a number
 * that grows with each change. The table `authority` nobody reads or writes: each process has its TLS authority in its own data directory. It stays:
 * books of one number have to have the same tables to be copied into each other, and a migration that drops it would not only add. So it may go with
 * one that has to end the processes of older versions anyway (fz_migrations_needed); no program names it. */
static const char shared[] =
    "ALTER TABLE book ADD COLUMN secret_check TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE book ADD COLUMN changes FZ_INT NOT NULL DEFAULT 0;"
    "CREATE TABLE authority (id FZ_INT PRIMARY KEY CHECK (id = 1), certificate TEXT NOT NULL, private_key FZ_BLOB NOT NULL) FZ_STRICT;";

/* Where several processes have the book: whose move of the clock is under way, and until when unless he says again that he is there; how the
 * clock stands apart from that. And which notifications are on their way, sent by whom. With one process nobody writes here. */
static const char moves[] =
    "CREATE TABLE clock_move (id FZ_INT PRIMARY KEY CHECK (id = 1), owner TEXT NOT NULL, until_ms FZ_INT NOT NULL,"
    " frozen FZ_INT NOT NULL CHECK (frozen IN (0, 1))) FZ_STRICT;"
    "CREATE TABLE flight (notification FZ_INT PRIMARY KEY, owner TEXT NOT NULL, until_ms FZ_INT NOT NULL)"
    " FZ_STRICT;"
    "CREATE INDEX flight_owner ON flight (owner);";

/* What stands in the order of time. Row numbers do not: processes take them in blocks, so a later row may have a lower number. With its number behind
 * it, as rows of one instant have to stand in one order, too. */
static const char times[] = "CREATE INDEX entry_time ON entry (time_ms, id);"
                            "CREATE INDEX notification_time ON notification (created_ms, id);";

const char *const fz_migrations[] = {first,      second,     platform_keys, codes,     receivers,
                                     hindrances, statements, settlements,   callbacks, look_ups,
                                     aside,      callback_keys, commit_numbers,
                                     names,      receipts,   homes,         drawn_by,  worlds,
                                     snapshots,  shared,     moves,         times};
const size_t fz_migration_count = sizeof fz_migrations / sizeof fz_migrations[0];
/* Up to `moves`: no version that shared books is older. Who appends one that only adds leaves the number that stands here then. None builds a table anew: a
 * read that waited for the migration goes on with a snapshot from before it, in which a new table is empty. */
const size_t fz_migrations_needed = 21;
