/* The options that every command has which calls the API: who calls, and how the answer is wanted. */
#ifndef FZ_CLI_PROFILE_CALLER_H
#define FZ_CLI_PROFILE_CALLER_H

#include <argp.h>
#include <stdbool.h>

struct fz_caller_options {
    const char *profile;  /* --profile; NULL: FENZHANG_PROFILE, or "default" */
    const char *env_file; /* --env; NULL: none */
    const char *sub_mchid; /* --sub-mchid; NULL: the profile's */
    bool json;            /* --json: the API's own answer and nothing else */
    bool no_input;        /* --no-input: nothing is asked, no pager is started */
};

/* `shared` of such a command's row; its input is a struct fz_caller_options. */
extern const struct argp fz_caller_argp;

#endif
