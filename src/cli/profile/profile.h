/* Who calls the API, whom it believes and where it goes: settled from options, environment and the file of profiles.
 *
 * The sources, in this order; of each setting the first one that has it counts:
 *     --env FILE                           the demo.env of a server; without it FENZHANG_ENV (`fenzhang run' sets it),
 *                                          unless --profile names one that it does not have
 *     --profile NAME                       that profile of the file
 *     FENZHANG_MCHID …                     variables
 *     FENZHANG_PROFILE, or "default"       that profile of the file; not looked at after --env or --profile
 * A merchant is never put together of two: a source that names another mchid than the one that counts is passed over. */
#ifndef FZ_CLI_PROFILE_PROFILE_H
#define FZ_CLI_PROFILE_PROFILE_H

#include <stdbool.h>

#include "cli/profile/caller.h"
#include "cli/profile/settings.h"
#include "fenzhang.h"

struct fz_profile {
    const char *values[FZ_SETTING_COUNT]; /* NULL: not set. The APIv3 key also where it came from a file */
    const char *from[FZ_SETTING_COUNT];   /* which source said so, for people; NULL with it */
    bool is_sub_mchid_asked; /* by --sub-mchid: it is meant also where a call can do without */
    bool is_institution;                  /* the mode: else a merchant that is connected directly */
    struct fz_client_options options;     /* filled from `values`; may be changed before fz_profile_client */
    /* below: what the above point to */
    struct fz_settings sources[4];
    char *apiv3_key;
    char *host_list;
    const char *hosts[9];
};

/* False after a message; fz_profile_done either way. What only the library can tell (a key that is none) fz_profile_client
 * says. Nothing is opened but what settings are read from. */
bool fz_profile_load(const struct fz_caller_options *caller, struct fz_profile *out);
/* The same without a merchant being demanded: for what a setting alone is asked (control_url). */
bool fz_profile_load_any(const struct fz_caller_options *caller, struct fz_profile *out);
/* A client, to be freed with fz_client_free; NULL after a message. */
fz_client *fz_profile_client(const struct fz_profile *profile);
void fz_profile_done(struct fz_profile *profile);

/* language.c: whether the user reads Chinese, as LANGUAGE, LC_ALL, LC_MESSAGES and LANG say. */
bool fz_is_chinese_wanted(void);

#endif
