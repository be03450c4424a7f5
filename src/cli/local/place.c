/* Where the control interface is: from options, files and variables. */
#include "cli/local/place.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "cli/local/default_data.h"
#include "cli/local/token.h"

#define USUAL_URL  "http://127.0.0.1:8081"
#define TOKEN_SIZE 1024

enum { KEY_CONTROL = 0x2100, KEY_READY_FILE, KEY_TOKEN_FILE, KEY_PROFILE, KEY_ENV, KEY_JSON, KEY_NO_INPUT };

#define GROUP 100 /* below the command's own */

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "Which server, and what is printed:", GROUP},
    {"control", KEY_CONTROL, "URL", 0, "Its control interface ($FENZHANG_CONTROL_URL, $CONTROL_URL, that of the default data directory, " USUAL_URL ")", 0},
    {"env", KEY_ENV, "FILE", 0, "Its demo.env ($FENZHANG_ENV)", 0},
    {"profile", KEY_PROFILE, "NAME", 0, "The profile that has its control_url ($FENZHANG_PROFILE, or default)", 0},
    {"ready-file", KEY_READY_FILE, "FILE", 0, "The file that its --ready-file writes", 0},
    {"token-file", KEY_TOKEN_FILE, "FILE", 0, "The token that it demands, its --control-token-file ($" FZ_TOKEN_VARIABLE " has it itself)", 0},
    {"json", KEY_JSON, NULL, 0, "Its own answer, and nothing else", 0},
    {"no-input", KEY_NO_INPUT, NULL, 0, "Starts no pager", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_place_options *into = state->input;
    switch (key) {
    case KEY_CONTROL:
        into->control = argument;
        return 0;
    case KEY_ENV:
        into->caller.env_file = argument;
        return 0;
    case KEY_PROFILE:
        into->caller.profile = argument;
        return 0;
    case KEY_READY_FILE:
        into->ready_file = argument;
        return 0;
    case KEY_TOKEN_FILE:
        into->token_file = argument;
        return 0;
    case KEY_JSON:
        into->caller.json = true;
        return 0;
    case KEY_NO_INPUT:
        into->caller.no_input = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp fz_place_argp = {options, take_option, NULL, NULL, NULL, NULL, NULL};

/* ---- the address ---- */

/* The file that a server writes when it is ready, and takes away at its end. False after a message. */
static bool read_ready(const char *path, const char *of, struct fz_place *out)
{
    json_error_t error;
    out->ready = json_load_file(path, 0, &error);
    if (json_string_value(json_object_get(out->ready, "control")) != NULL)
        return true;
    fprintf(stderr, "fenzhang: the %s %s tells no server: %s. It is there while the server runs.\n", of, path,
            out->ready == NULL ? error.text : "it has no \"control\"");
    return false;
}

static bool find_ready(const struct fz_place_options *with, struct fz_place *out)
{
    char path[FZ_PATH_SIZE];
    if (with->ready_file != NULL)
        return read_ready(with->ready_file, "ready file", out);
    if (fz_path_join(path, with->data, "ready.json") == FZ_OK)
        return read_ready(path, "data directory's", out);
    fputs("fenzhang: the path of the data directory is too long. Name a shorter one with --data.\n", stderr);
    return false;
}

/* Whether the server that wrote this is there: one that was killed takes nothing away. */
static bool is_running(const json_t *ready)
{
    pid_t pid = (pid_t)json_integer_value(json_object_get(ready, "pid"));
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM) && json_string_value(json_object_get(ready, "control")) != NULL;
}

static bool says_where(const struct fz_place_options *with, const struct fz_place *place)
{
    const char *variable = getenv("CONTROL_URL");
    return with->control != NULL || with->ready_file != NULL || with->data != NULL ||
           place->profile.values[FZ_SETTING_CONTROL_URL] != NULL || (variable != NULL && variable[0] != '\0');
}

/* Where nobody says which server, that of the default data directory is meant, if there is one. */
static void find_default(struct fz_place *out)
{
    char path[FZ_PATH_SIZE], data[FZ_PATH_SIZE];
    json_t *ready = fz_data_default(data) && fz_path_join(path, data, "ready.json") == FZ_OK ? json_load_file(path, 0, NULL) : NULL;
    if (is_running(ready))
        out->ready = json_incref(ready);
    json_decref(ready);
}

static const char *told_ready(const struct fz_place *place, const char *name)
{
    return json_string_value(json_object_get(place->ready, name));
}

/* New; NULL after a message. */
static char *find_url(const struct fz_place_options *with, struct fz_place *out)
{
    const char *of_profile = out->profile.values[FZ_SETTING_CONTROL_URL], *variable = getenv("CONTROL_URL");
    const char *url = with->control != NULL                     ? with->control
                      : out->ready != NULL                      ? told_ready(out, "control")
                      : of_profile != NULL                      ? of_profile
                      : variable != NULL && variable[0] != '\0' ? variable
                                                                : NULL;
    out->is_guessed = url == NULL;
    url = url == NULL ? USUAL_URL : url;
    size_t size = strlen(url);
    while (size > 0 && url[size - 1] == '/')
        size--;
    if (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0)
        return strndup(url, size);
    fprintf(stderr, "fenzhang: %s is no address of a control interface. Write --control http://127.0.0.1:8081.\n", url);
    return NULL;
}

/* ---- the token ---- */

static bool write_bearer(const char *token, char **out)
{
    if (asprintf(out, "Authorization: Bearer %s", token) < 0)
        *out = NULL;
    return *out != NULL;
}

static bool read_token(const char *path, char **out)
{
    char token[TOKEN_SIZE], reason[200];
    if (fz_private_file_read(path, token, sizeof token, reason, sizeof reason) != FZ_OK) {
        fprintf(stderr, "fenzhang: the token cannot be read from %s: %s.\n", path, reason);
        return false;
    }
    token[strcspn(token, "\r\n")] = '\0';
    bool done = write_bearer(token, out);
    OPENSSL_cleanse(token, sizeof token);
    return done;
}

/* ---- both ---- */

/* That of an option, that of the server's own ready file, that of the environment. */
static bool find_token(const struct fz_place_options *with, struct fz_place *out)
{
    const char *told = told_ready(out, "control_token_file"), *file = with->token_file != NULL ? with->token_file : told;
    if (file != NULL)
        return read_token(file, &out->bearer);
    return fz_token() == NULL || write_bearer(fz_token(), &out->bearer);
}

bool fz_place_find(const struct fz_place_options *with, struct fz_place *out)
{
    *out = (struct fz_place){0};
    if (!fz_profile_load_any(&with->caller, &out->profile))
        return false;
    if (with->control == NULL && (with->ready_file != NULL || with->data != NULL) && !find_ready(with, out))
        return false;
    if (!says_where(with, out))
        find_default(out);
    const char *ca = told_ready(out, "ca");
    out->ca_file = ca != NULL ? ca : out->profile.values[FZ_SETTING_CA_FILE];
    out->url = find_url(with, out);
    return out->url != NULL && find_token(with, out);
}

void fz_place_done(struct fz_place *place)
{
    if (place->bearer != NULL)
        OPENSSL_cleanse(place->bearer, strlen(place->bearer));
    free(place->bearer);
    free(place->url);
    json_decref(place->ready);
    fz_profile_done(&place->profile);
    *place = (struct fz_place){0};
}
