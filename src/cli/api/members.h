/* Commands that are a call: their options and words are members of its request, and what they print is a choice of its
 * answer.
 *
 *     enum { KEY_NUMBER = FZ_FIRST_MEMBER };
 *     static const struct argp_option options[] = {{"number", KEY_NUMBER, "NO", 0, "…", 0}, {0}};
 *     static const char *const members[] = {"out_order_no"};          // by key, from FZ_FIRST_MEMBER on
 *     static const char *const words[] = {"transaction_id", NULL};    // in their order; all are needed
 *     static const struct fz_shown shown[] = {…};
 *     static int run(int argc, char **argv)
 *     {
 *         struct fz_asking asking = {.call = "distribution-query", .members = members, .words = words, .shown = shown};
 *         return fz_ask(&fz_share_show_command, &asking, argc, argv);
 *     } */
#ifndef FZ_CLI_API_MEMBERS_H
#define FZ_CLI_API_MEMBERS_H

#include "cli/api/draft.h"
#include "cli/api/show.h"
#include "cli/session/session.h"

/* keys of options that are members */
#define FZ_FIRST_MEMBER 0x3000
#define FZ_LAST_MEMBER  0x30ff

struct fz_asking {
    const char *call;
    const char *const *members;
    const char *const *words;
    const struct fz_shown *shown; /* what is printed, unless --json */
    void (*before)(struct fz_asking *asking); /* adds what follows from what was given; NULL: nothing does */
    const char *list;             /* the member that has the rows of a table; NULL: the answer is one thing */
    const char *const *others;    /* {"receivers", "--to", NULL}: what options that are no members give; NULL: nothing */
    /* filled by parsing, in the order of the command line */
    struct {
        const char *path, *text;
    } given[64];
    size_t given_count, word_count;
    const struct argp_option *options; /* the command's own, filled by parsing */
    const char *args_doc;              /* what its words are called */
};

/* Parser of such a command's argp; its input is a struct fz_asking. An option without a value says "true". */
error_t fz_take_member(int key, char *argument, struct argp_state *state);
/* The same of a command whose input has more. */
error_t fz_take_member_into(struct fz_asking *into, int key, char *argument, const struct argp_state *state);
/* The text of a member that was given; NULL: it was not. */
const char *fz_asking_text(const struct fz_asking *asking, const char *path);
/* The call's draft with all that was given. False after a message. */
bool fz_asking_draft(const struct fz_asking *asking, struct fz_draft *draft);

/* All of such a command: arguments, session, request, call, answer. Gives the exit status. */
int fz_ask(const struct fz_command *command, struct fz_asking *asking, int argc, char **argv);
/* The same from an opened session on, with a draft that fz_asking_draft began, and which it ends. */
int fz_ask_with(const struct fz_session *session, const struct fz_asking *asking, struct fz_draft *draft);

#endif
