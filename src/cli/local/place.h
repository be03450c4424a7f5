/* Where the control interface of a server is, and how it is asked. */
#ifndef FZ_CLI_LOCAL_PLACE_H
#define FZ_CLI_LOCAL_PLACE_H

#include <argp.h>
#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"
#include "cli/profile/profile.h"

/* The options that every command has which asks a server of one's own. */
struct fz_place_options {
    const char *control;    /* --control URL; NULL: none */
    const char *ready_file; /* --ready-file FILE */
    const char *token_file; /* --token-file FILE */
    const char *data;       /* of a command that has --data DIR: its ready.json is looked at. NULL: none */
    struct fz_caller_options caller;
};
/* `shared` of such a command's row; its input is a struct fz_place_options. */
extern const struct argp fz_place_argp;

struct fz_place {
    char *url;                 /* "http://127.0.0.1:8081" */
    char *bearer;              /* the header with the token; NULL: none is wanted */
    struct fz_profile profile; /* whose settings there are */
    json_t *ready;             /* what the ready file says; NULL: none was looked at */
    const char *ca_file;       /* of the ready file, or of the profile */
    bool is_guessed;           /* nobody said where: it may be anywhere */
    long timeout_ms;           /* for a whole call; 0: it has the time that it takes */
};
/* Of --control, --ready-file, --data, --env and its like (profile.h), the variable CONTROL_URL, the server that runs on the default
 * data directory, and 127.0.0.1:8081 the first that there is. False after a message; fz_place_done either way. */
bool fz_place_find(const struct fz_place_options *options, struct fz_place *out);
void fz_place_done(struct fz_place *place);

/* ask.c */

struct fz_place_answer {
    long status; /* of HTTP */
    struct fz_text body;
    json_t *json; /* the body, if it is JSON; else NULL */
};
void fz_place_answer_done(struct fz_place_answer *answer);

/* A handle of libcurl for `target` ("/clock"), ready but for its method, or NULL when memory is short. `headers` are to be
 * freed after it. */
CURL *fz_place_handle(const struct fz_place *place, const char *target, struct curl_slist **headers);

/* Asks. `body` (borrowed) NULL: there is none. FZ_EXIT_DONE: there is an answer, whatever it says. Else the exit status
 * after a message: FZ_EXIT_TROUBLE, or FZ_EXIT_UNKNOWN if something may have been done. */
int fz_place_ask(const struct fz_place *place, const char *method, const char *target, json_t *body,
                 struct fz_place_answer *answer);
/* Says why there was no answer. */
void fz_place_tell_trouble(const struct fz_place *place, CURLcode code, const char *detail);
/* FZ_EXIT_DONE of a 2xx. Else says why not: FZ_EXIT_REFUSED, or FZ_EXIT_TROUBLE if it is no control interface that answered.
 */
int fz_place_judge(const struct fz_place_answer *answer);

#endif
