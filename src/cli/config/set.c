/* fenzhang config set and unset. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/config/commands.h"
#include "cli/config/edit.h"
#include "cli/profile/profile.h"
#include "cli/profile/sources.h"

#define SECRET_SIZE 256

struct setting {
    const char *name, *value;
    bool takes_value;
};

static error_t take_word(int key, char *argument, struct argp_state *state)
{
    struct setting *into = state->input;
    if (key == ARGP_KEY_ARG && into->name == NULL)
        into->name = argument;
    else if (key == ARGP_KEY_ARG && into->takes_value && into->value == NULL)
        into->value = argument;
    else if (key == ARGP_KEY_END && into->name == NULL)
        argp_error(state, "the setting is missing: NAME");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* ---- values ---- */

/* A line of the standard input; from a terminal without showing it. False after a message. */
static bool read_secret(const char *name, bool may_ask, char out[SECRET_SIZE])
{
    struct termios before, silent;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal && !may_ask) {
        fprintf(stderr,
                "fenzhang: %s is read from the standard input, which is a terminal, and --no-input forbids to ask.\n", name);
        return false;
    }
    if (is_terminal) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        fprintf(stderr, "%s: ", name);
    }
    bool got = fgets(out, SECRET_SIZE, stdin) != NULL;
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    out[got ? strcspn(out, "\r\n") : 0] = '\0';
    if (out[0] == '\0')
        fprintf(stderr, "fenzhang: nothing came on the standard input for %s, so nothing was changed.\n", name);
    return out[0] != '\0';
}

/* What a relative path means here it would not mean elsewhere. New; NULL: memory is short. */
static char *as_kept(enum fz_setting setting, const char *value)
{
    enum fz_setting_kind kind = fz_setting_row(setting)->kind;
    char *real = kind == FZ_SETTING_PATH || kind == FZ_SETTING_KEY_PATH ? realpath(value, NULL) : NULL;
    if (real == NULL && (kind == FZ_SETTING_PATH || kind == FZ_SETTING_KEY_PATH) && value[0] != '/' && value[0] != '~')
        fprintf(stderr, "fenzhang: warning: there is no file %s yet; the profile takes it as beside the file of profiles.\n",
                value);
    return real == NULL ? strdup(value) : real;
}

/* What no service would take. */
static bool is_possible(enum fz_setting setting, const char *value)
{
    bool is_merchant = setting == FZ_SETTING_MCHID || setting == FZ_SETTING_SUB_MCHID;
    if (value[0] != '\0' && (!is_merchant || value[strspn(value, "0123456789")] == '\0'))
        return true;
    fprintf(stderr, "fenzhang: `%s' is no %s, so nothing was changed. %s.\n", value, fz_setting_row(setting)->name,
            is_merchant ? "A merchant's number has digits alone" : "`fenzhang config unset' takes a setting out");
    return false;
}

static bool set_value(const char *path, const char *profile, enum fz_setting setting, const char *value)
{
    if (!is_possible(setting, value))
        return false;
    char *kept = as_kept(setting, value);
    bool done = kept != NULL && fz_config_change(path, profile, fz_setting_row(setting)->name, kept);
    free(kept);
    return done;
}

static bool set_secret(const char *path, const char *profile, enum fz_setting setting, const struct setting *given,
                       bool may_ask)
{
    char secret[SECRET_SIZE];
    const char *name = fz_setting_row(setting)->name;
    if (given->value != NULL) {
        fprintf(stderr,
                "fenzhang: a secret does not belong on the command line, where every user of this machine sees it. Nothing "
                "was changed. Write: fenzhang config set %s < FILE; or keep it in a file: fenzhang config set %s_file "
                "FILE.\n",
                name, name);
        return false;
    }
    bool done = read_secret(name, may_ask, secret) && fz_config_change(path, profile, name, secret);
    OPENSSL_cleanse(secret, sizeof secret);
    return done;
}

/* ---- commands ---- */

static const char *profile_of(const struct fz_caller_options *caller)
{
    const char *usual = getenv("FENZHANG_PROFILE");
    if (caller->profile != NULL)
        return caller->profile;
    return usual != NULL && usual[0] != '\0' ? usual : "default";
}

static bool change(const struct setting *given, const struct fz_caller_options *caller, const char *path)
{
    enum fz_setting setting = fz_config_setting(given->name);
    if (setting == FZ_SETTING_COUNT)
        return false;
    if (!given->takes_value)
        return fz_config_change(path, profile_of(caller), given->name, NULL);
    if (fz_setting_row(setting)->kind == FZ_SETTING_SECRET)
        return set_secret(path, profile_of(caller), setting, given, !caller->no_input);
    if (given->value != NULL)
        return set_value(path, profile_of(caller), setting, given->value);
    fprintf(stderr, "fenzhang: the value is missing: fenzhang config set %s VALUE.\n", given->name);
    return false;
}

static int run(const struct fz_command *command, struct setting *given, int argc, char **argv)
{
    struct fz_caller_options caller = {0};
    fz_arguments_parse_shared(command, argc, argv, given, &caller);
    if (caller.env_file != NULL)
        fprintf(stderr, "fenzhang: --env names a file that a server writes: nothing is set there.\n");
    char *path = caller.env_file == NULL ? fz_config_path() : NULL;
    bool done = path != NULL && change(given, &caller, path);
    free(path);
    return done ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
}

static int run_set(int argc, char **argv)
{
    struct setting given = {.takes_value = true};
    return run(&fz_config_set_command, &given, argc, argv);
}

static int run_unset(int argc, char **argv)
{
    struct setting given = {0};
    return run(&fz_config_unset_command, &given, argc, argv);
}

static const struct argp set_argp = {
    NULL,
    take_word,
    "NAME [VALUE]",
    "Sets a setting of a profile. A secret has no VALUE here: it is read from the standard input. The rest of the file "
    "stays as it is, comments too.\v"
    "Examples:\n  fenzhang config set serial_no 678F…\n  fenzhang config set apiv3_key < key\n",
    NULL,
    NULL,
    NULL};
static const struct argp unset_argp = {
    NULL, take_word, "NAME", "Takes a setting out of a profile.\vExample:\n  fenzhang config unset proxy\n",
    NULL, NULL,      NULL};

const struct fz_command fz_config_set_command = {
    .name = "set", .summary = "sets one", .argp = &set_argp, .shared = &fz_caller_argp, .run = run_set};
const struct fz_command fz_config_unset_command = {
    .name = "unset", .summary = "takes one out", .argp = &unset_argp, .shared = &fz_caller_argp, .run = run_unset};
