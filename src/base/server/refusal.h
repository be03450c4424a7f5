/* What the server says no to, and with which words: the rows of errors.def. */
#ifndef FZ_BASE_SERVER_REFUSAL_H
#define FZ_BASE_SERVER_REFUSAL_H

#include <stdbool.h>

#include "base/issue.h"
#include "base/result.h"

/* The rows of errors.def: every refusal that a client can meet is one of them. */
enum fz_row {
    FZ_ROW_NONE = 0, /* no error */
#define FZ_ROW(id, ...) FZ_##id,
#define FZ_HK_ENGLISH(id, english)
#include "base/server/errors.def"
#undef FZ_ROW
#undef FZ_HK_ENGLISH
    FZ_ROW_COUNT
};

/* One row, as text: what goes over the wire for it. */
struct fz_row_text {
    const char *name;    /* its identifier, for logs and tests */
    int status;          /* HTTP status */
    const char *code;    /* `code` under /v3 */
    const char *hk_code; /* `code` under /hk/v3 */
    unsigned number;     /* the last part of Request-ID */
    const char *english; /* `message`, see fz_row_english */
    const char *chinese; /* `message` for Accept-Language: zh… */
    const char *when;    /* for documents and tests: the state that leads to it */
};

/* The texts of `row`; never NULL, static. */
const struct fz_row_text *fz_row_text(enum fz_row row);

/* `message` in English: under /hk/v3 (`old_spelling`) one row is worded otherwise. */
const char *fz_row_english(enum fz_row row, bool old_spelling);

/* The row with this identifier; FZ_ROW_NONE if there is none. */
enum fz_row fz_row_named(const char *name);

/* What a tester does to meet `row` (reach.def), as Markdown; "" if no state leads to it. Static. */
const char *fz_row_reach(enum fz_row row);

/* Why something was refused. Caller-owned; the texts are cut to 256 characters at a UTF-8 boundary when
 * written out (S-RQ: field, value, issue, location are string(256)). Zeroed means: no error. */
struct fz_error {
    enum fz_row row;
    char field[512];
    char value[1040];
    char issue[512];         /* in English; on a failure, what failed, for the log alone */
    char issue_chinese[512]; /* the same in Chinese; never of a failure */
    char location[16]; /* "body", "url", "query" or empty */
};

/* Fills `error` with `row` alone and returns FZ_REFUSED, so that `return fz_refuse(...)` reads well. */
enum fz_result fz_refuse(struct fz_error *error, enum fz_row row);

/* The same with the place of the fault. NULL texts are left empty; too long ones are cut. */
enum fz_result fz_refuse_at(struct fz_error *error, enum fz_row row, const char *location, const char *field,
                            const char *value, enum fz_issue issue);
/* The same for an issue that leaves something open. */
enum fz_result fz_refuse_with(struct fz_error *error, enum fz_row row, const char *location,
                              const char *field, const char *value, enum fz_issue issue,
                              const struct fz_issue_values *values);

#endif
