/* --profile, --env, --sub-mchid, --json and --no-input. */
#include "cli/profile/caller.h"

enum { KEY_PROFILE = 0x2000, KEY_ENV, KEY_SUB_MCHID, KEY_JSON, KEY_NO_INPUT };

#define GROUP 100 /* below the command's own */

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "Who calls, and what is printed:", GROUP},
    {"profile", KEY_PROFILE, "NAME", 0, "The profile of ~/.config/fenzhang/config ($FENZHANG_PROFILE, or default)", 0},
    {"env", KEY_ENV, "FILE", 0, "A demo.env instead ($FENZHANG_ENV); --profile direct takes its DIRECT_ names", 0},
    {"sub-mchid", KEY_SUB_MCHID, "NUMBER", 0, "A sub-merchant other than the profile's", 0},
    {"json", KEY_JSON, NULL, 0, "JSON, and nothing else; of a call the API's own answer", 0},
    {"no-input", KEY_NO_INPUT, NULL, 0, "Asks nothing and starts no pager", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_caller_options *into = state->input;
    switch (key) {
    case KEY_PROFILE:
        into->profile = argument;
        return 0;
    case KEY_ENV:
        into->env_file = argument;
        return 0;
    case KEY_SUB_MCHID:
        into->sub_mchid = argument;
        return 0;
    case KEY_JSON:
        into->json = true;
        return 0;
    case KEY_NO_INPUT:
        into->no_input = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp fz_caller_argp = {options, take_option, NULL, NULL, NULL, NULL, NULL};
