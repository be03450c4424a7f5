/* fenzhang config list, get and path: what is settled, and where it comes from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config/commands.h"
#include "cli/config/config.h"
#include "cli/output/table.h"
#include "cli/profile/profile.h"
#include "cli/profile/sources.h"

/* What is shown instead of a secret. */
static const char *shown(enum fz_setting setting, const char *value)
{
    return value != NULL && fz_setting_row(setting)->kind == FZ_SETTING_SECRET ? "(set)" : value;
}

/* ---- list ---- */

static json_t *as_json(const struct fz_profile *profile)
{
    json_t *object = json_object();
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++)
        if (profile->values[setting] != NULL)
            json_object_set_new(object, fz_setting_row(setting)->name,
                                json_pack("{s:s, s:s}", "value", shown(setting, profile->values[setting]),
                                          "from", profile->from[setting]));
    return object;
}

static void print_settings(const struct fz_profile *profile, bool all, bool may_page)
{
    static const struct fz_column columns[] = {
        {"setting", false}, {"value", false}, {"from", false}, {"what it is", false}};
    struct fz_table *table = fz_table_new(columns, all ? 4 : 3, false);
    bool is_any = false;
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++) {
        const char *value = shown(setting, profile->values[setting]);
        is_any = is_any || value != NULL;
        if (value != NULL || all)
            fz_table_add(table,
                         (const char *const[]){fz_setting_row(setting)->name, value, profile->from[setting],
                                               fz_setting_row(setting)->meaning});
    }
    if (is_any || all)
        fz_table_print(table, may_page);
    else
        fputs("fenzhang: nothing is settled. Begin with: fenzhang config set mchid NUMBER; or name a "
              "server's: --env DIR/demo.env.\n",
              stderr);
    fz_table_free(table);
}

static void print_name(void *argument, const char *name)
{
    (void)argument;
    fprintf(stderr, " %s", name);
}

static int run_list(int argc, char **argv)
{
    struct fz_caller_options caller = {0};
    struct fz_profile profile;
    bool all = false;
    fz_arguments_parse_shared(&fz_config_list_command, argc, argv, &all, &caller);
    bool good = fz_profile_load_any(&caller, &profile);
    if (good && caller.json)
        (void)fz_print_json(as_json(&profile));
    else if (good)
        print_settings(&profile, all, !caller.no_input);
    fz_profile_done(&profile);
    if (good && all && !caller.json) {
        fputs("profiles:", stderr);
        good = fz_config_each(print_name, NULL);
        fputc('\n', stderr);
    }
    return good ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
}

static const struct argp_option list_options[] = {
    {"all", 'a', NULL, 0, "Also the settings that are not set, what each is, and the profiles that there are",
     0},
    {0}};

static error_t take_list_option(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key != 'a')
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

static const struct argp list_argp = {
    list_options,
    take_list_option,
    NULL,
    "Prints what is settled, and where each setting comes from.\v"
    "Examples:\n  fenzhang config list\n  fenzhang config list --env data/demo.env --json\n",
    NULL,
    NULL,
    NULL};

/* ---- get ---- */

static error_t take_word(int key, char *argument, struct argp_state *state)
{
    const char **word = state->input;
    if (key == ARGP_KEY_ARG && *word == NULL)
        *word = argument;
    else if (key == ARGP_KEY_END && *word == NULL)
        argp_error(state, "the setting is missing: NAME");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

enum fz_setting fz_config_setting(const char *name)
{
    enum fz_setting setting = fz_setting_called(name);
    struct fz_nearest nearest = {.word = name};
    if (setting != FZ_SETTING_COUNT)
        return setting;
    for (enum fz_setting one = 0; one < FZ_SETTING_COUNT; one++)
        fz_nearest_try(&nearest, fz_setting_row(one)->name);
    fprintf(stderr, "fenzhang: there is no setting `%s'.", name);
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean %s?", nearest.best);
    fputs(" `fenzhang config list --all' tells them.\n", stderr);
    return setting;
}

static int get(const struct fz_profile *profile, enum fz_setting setting)
{
    if (fz_setting_row(setting)->kind == FZ_SETTING_SECRET) {
        fprintf(stderr,
                "fenzhang: %s is a secret, which is not printed. `fenzhang config path' tells the file.\n",
                fz_setting_row(setting)->name);
        return FZ_EXIT_TROUBLE;
    }
    if (profile->values[setting] == NULL) {
        fprintf(stderr, "fenzhang: %s is not set.\n", fz_setting_row(setting)->name);
        return FZ_EXIT_DIFFERS;
    }
    puts(profile->values[setting]);
    return FZ_EXIT_DONE;
}

static int run_get(int argc, char **argv)
{
    struct fz_caller_options caller = {0};
    struct fz_profile profile;
    const char *name = NULL;
    fz_arguments_parse_shared(&fz_config_get_command, argc, argv, &name, &caller);
    enum fz_setting setting = fz_config_setting(name);
    if (setting == FZ_SETTING_COUNT)
        return FZ_EXIT_TROUBLE;
    int status = fz_profile_load_any(&caller, &profile) ? get(&profile, setting) : FZ_EXIT_TROUBLE;
    fz_profile_done(&profile);
    return status;
}

static const struct argp get_argp = {
    NULL,   take_word,
    "NAME", "Prints a setting; with status 1 if it is not set.\vExample:\n  fenzhang config get mchid\n",
    NULL,   NULL,
    NULL};

/* ---- path ---- */

static int run_path(int argc, char **argv)
{
    fz_arguments_parse_shared(&fz_config_path_command, argc, argv, NULL, NULL);
    char *path = fz_config_path();
    if (path == NULL)
        return FZ_EXIT_TROUBLE;
    puts(path);
    free(path);
    return FZ_EXIT_DONE;
}

static const struct argp path_argp = {NULL,
                                      NULL,
                                      NULL,
                                      "Prints where the file of profiles is, or would be.\vExample:\n  "
                                      "${EDITOR:-vi} \"$(fenzhang config path)\"\n",
                                      NULL,
                                      NULL,
                                      NULL};

/* ---- rows ---- */

const struct fz_command fz_config_list_command = {.name = "list",
                                                  .summary = "lists what is settled, and where it comes from",
                                                  .argp = &list_argp,
                                                  .shared = &fz_caller_argp,
                                                  .run = run_list};
const struct fz_command fz_config_get_command = {.name = "get",
                                                 .summary = "prints one setting",
                                                 .argp = &get_argp,
                                                 .shared = &fz_caller_argp,
                                                 .run = run_get};
const struct fz_command fz_config_path_command = {
    .name = "path", .summary = "prints where the file of profiles is", .argp = &path_argp, .run = run_path};

static const struct fz_command *const commands[] = {&fz_config_list_command, &fz_config_get_command,
                                                    &fz_config_set_command,  &fz_config_unset_command,
                                                    &fz_config_path_command, NULL};

const struct fz_command fz_config_command = {
    .name = "config",
    .summary = "keeps profiles: who calls the API, by which key, where",
    .heading = "Setting up",
    .members = commands,
    .about = "Profiles say who calls the API, by which key, and where: ~/.config/fenzhang/config.",
    .examples = "  fenzhang config set mchid 1900000100\n"
                "  fenzhang config set private_key_file apiclient_key.pem\n"
                "  fenzhang config set apiv3_key < key          (a secret is read, never named)\n"
                "  fenzhang config set --profile test hosts http://127.0.0.1:8080\n"
                "  fenzhang config list --all\n",
};
