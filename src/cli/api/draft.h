/* A request being put together by its call's rows: members by their names, what the profile knows, checks. */
#ifndef FZ_CLI_API_DRAFT_H
#define FZ_CLI_API_DRAFT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "cli/profile/profile.h"
#include "spec/row/spec.h"

/* How a member is called on the command line: "--amount" of "amount.refund"; NULL: by its own name. */
struct fz_naming {
    const char *(*name_of)(const void *argument, const char *path);
    const void *argument;
};

struct fz_draft {
    struct fz_naming naming; /* name_of NULL: all go by their own names */
    const struct fz_spec *spec;
    json_t *members; /* as JSON has them, those of path and query too */
    struct fz_arena arena;
};

/* A draft of the call named so; false after a message: there is none. fz_draft_done either way. */
bool fz_draft_begin(struct fz_draft *draft, const char *call);
void fz_draft_done(struct fz_draft *draft);

/* The row of a member by its dotted path: "amount.refund", "receivers.0.account". NULL: there is none. */
const struct fz_member *fz_member_at(const struct fz_member *members, const char *path);

/* Sets a member from a text, as its row has it: a number, true or false, a text; JSON where it is an object or a list. What
 * stands around it is made. False after a message. */
bool fz_draft_set(struct fz_draft *draft, const char *path, const char *text);
/* All members of a JSON object, instead of those of the same name. False after a message, in which `where` is whose text it
 * is. */
bool fz_draft_set_all(struct fz_draft *draft, const char *json, const char *where);
/* The member as it stands; NULL: it is not given. Borrowed. */
json_t *fz_draft_get(const struct fz_draft *draft, const char *path);

/* Fills in the merchants' numbers, the app and notify_url from the profile where the call requires them and they are not
 * given; checks all by the rows; *request is then the call's struct, which lives as long as the draft. False after a
 * message. */
bool fz_draft_finish(struct fz_draft *draft, const struct fz_profile *profile, const void **request);

/* check.c: what is wrong with the draft's members, in the mode. False after a message. */
bool fz_draft_check(const struct fz_draft *draft, bool is_institution);
/* "fenzhang: --amount: " or "fenzhang: ", with which a message about a member begins. */
void fz_blame_member(const struct fz_naming *naming, const char *path);

#endif
