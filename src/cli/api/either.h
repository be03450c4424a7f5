/* What has two numbers, the merchant's and WeChat Pay's: asked for by whichever it is. */
#ifndef FZ_CLI_API_EITHER_H
#define FZ_CLI_API_EITHER_H

#include "cli/api/members.h"

#define FZ_KEY_BY_ID 'i' /* of the option --id */

struct fz_either {
    const char *by_number, *number_member; /* the call by the merchant's number, and the member that it stands in */
    const char *by_id, *id_member;         /* by WeChat Pay's */
    const struct fz_shown *shown;
    const char *number; /* the word of the command line */
    bool only_id;       /* --id */
};

/* Parser of such a command's argp; its input is a struct fz_either. */
error_t fz_take_either(int key, char *argument, struct argp_state *state);
/* All of a query: by the merchant's number, then, where there is none such and it has digits alone, by WeChat Pay's. Gives
 * the exit status. */
int fz_ask_either(const struct fz_command *command, struct fz_either *either, int argc, char **argv);
/* All of a write: by WeChat Pay's number with --id alone, for to try both might do two things. */
int fz_do_either(const struct fz_command *command, struct fz_either *either, int argc, char **argv);

#endif
