/* Options made from a call's row: a member each, nested ones with points between. */
#ifndef FZ_CLI_API_CALL_OPTIONS_H
#define FZ_CLI_API_CALL_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "spec/row/spec.h"

#define FZ_CALL_OPTIONS_MAX 128 /* of the largest call, with the items of lists by number */
#define FZ_CALL_GIVEN_MAX   256

struct fz_call_arguments {
    const char *body; /* --body; NULL: none */
    struct {
        const char *path, *text;
    } members[FZ_CALL_GIVEN_MAX];
    size_t count;
    /* below: how they are parsed */
    const struct fz_spec *spec;
    struct argp argp;
    struct argp_option options[FZ_CALL_OPTIONS_MAX];
    char *texts[3 * FZ_CALL_OPTIONS_MAX]; /* names, values and meanings of the options */
    size_t option_count, text_count;
};

/* The call that the words name; NULL: none of them is a call's name. */
const struct fz_spec *fz_call_named(int argc, char **argv);
/* Makes `argp` for the call and the words; its input is the struct itself, zero-initialised. False after a message;
 * fz_call_arguments_done either way. */
bool fz_call_arguments_begin(struct fz_call_arguments *arguments, const struct fz_spec *spec, int argc, char **argv);
/* The same for its help and completion, without words. False: memory is short. */
bool fz_call_arguments_of(struct fz_call_arguments *arguments, const struct fz_spec *spec);
void fz_call_arguments_done(struct fz_call_arguments *arguments);

/* Whether it answers JSON, and takes no file: others have commands of their own. */
bool fz_is_callable(const struct fz_spec *spec);

#endif
