/* fenzhang audit: re-adds a book; where a server holds it, that one is asked. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "book/audit/audit.h"
#include "cli/local/place.h"
#include "cli/server/backup_file.h"
#include "cli/server/book_audit.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "cli/server/part.h"
#include "server/control/calls/audit_json.h"
#include "server/data/data_directory.h"
#include "store/copy.h"

struct options {
    const char *data, *store_url, *backup;
    struct fz_place_options place; /* of the server */
};

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"store", 's', "URL", 0, "The book: sqlite:PATH (DIR/book.db) or postgresql://…", 0},
    {"backup", 'b', "FILE", 0, "A file of `fenzhang backup': its digest and its book; nothing is made beside it", 0},
    {"json", 'j', NULL, OPTION_HIDDEN, NULL, 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case 'd':
        into->data = argument;
        return 0;
    case 's':
        into->store_url = argument;
        return 0;
    case 'b':
        into->backup = argument;
        return 0;
    case 'j':
        into->place.caller.json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_amount(const char *name, int64_t fen)
{
    printf("%-24s %16lld.%02lld\n", name, (long long)(fen / 100), (long long)(llabs(fen) % 100));
}

static int64_t figure(json_t *found, const char *name)
{
    return json_integer_value(json_object_get(found, name));
}

static void print(json_t *found)
{
    static const char *const counts[] = {"payments", "distributions", "slices", "refunds", "pools", "entries", "postings"};
    json_t *first = json_object_get(found, "first"), *item;
    size_t i;
    for (i = 0; i < sizeof counts / sizeof counts[0]; i++)
        printf("%-24s %16lld\n", counts[i], (long long)figure(found, counts[i]));
    print_amount("paid in, CNY", figure(found, "paid_in"));
    print_amount("held, CNY", figure(found, "held"));
    printf("%-24s %16lld\n", "findings", (long long)figure(found, "findings"));
    json_array_foreach(first, i, item) printf("  %s\n", json_string_value(item));
    if (figure(found, "findings") > (int64_t)json_array_size(first))
        puts("  and more");
    puts(figure(found, "findings") == 0 ? "The book is sound."
                                        : "The book does not add up. Keep a copy of it, and report how it came about.");
}

/* What fz_audit_json, or POST /audit, tells. */
static int tell(json_t *found, bool json)
{
    if (!json)
        print(found);
    else if (fz_print_json(json_incref(found)) != FZ_EXIT_DONE)
        return FZ_EXIT_TROUBLE;
    return figure(found, "findings") == 0 ? FZ_EXIT_DONE : FZ_EXIT_DIFFERS;
}

/* ---- of a server ---- */

/* Whether somebody said which one. */
static bool has_place(const struct fz_place_options *with)
{
    const char *variable = getenv("FENZHANG_ENV");
    return with->control != NULL || with->ready_file != NULL || with->caller.env_file != NULL ||
           (variable != NULL && variable[0] != '\0');
}

static int ask_there(const struct fz_place *place, bool json)
{
    struct fz_place_answer answer;
    json_t *nothing = json_object();
    int status = fz_place_ask(place, "POST", "/audit", nothing, &answer);
    if (status == FZ_EXIT_DONE)
        status = json_object_get(answer.json, "findings") == NULL ? fz_place_judge(&answer) : tell(answer.json, json);
    fz_place_answer_done(&answer);
    json_decref(nothing);
    return status == FZ_EXIT_UNKNOWN ? FZ_EXIT_TROUBLE : status; /* nothing is changed by it */
}

static int ask(const struct fz_place_options *with)
{
    struct fz_place place;
    int status = fz_place_find(with, &place) ? ask_there(&place, with->caller.json) : FZ_EXIT_TROUBLE;
    fz_place_done(&place);
    return status;
}

/* The data directory says where its server is. */
static int ask_holder(const char *data, const struct fz_place_options *with, const char *why)
{
    char ready[FZ_PATH_SIZE];
    struct fz_place_options there = *with;
    if (!has_place(with) && fz_path_join(ready, data, "ready.json") == FZ_OK && access(ready, R_OK) == 0)
        there.data = data;
    if (there.data != NULL || has_place(with))
        return ask(&there);
    fprintf(stderr,
            "fenzhang: %s\nThat server audits it without a stop: fenzhang audit --control URL, where URL is the control "
            "address that its ready line tells.\n",
            why);
    return FZ_EXIT_TROUBLE;
}

/* ---- of a file ---- */

static int tell_found(const struct fz_audit *found, bool json)
{
    json_t *told = fz_audit_json(found);
    int status = tell(told, json);
    json_decref(told);
    return status;
}

static int run(const char *data, const char *path, const struct fz_place_options *place)
{
    static struct fz_audit found;
    char why[1200];
    if (!fz_store_is_shared(path) && access(path, F_OK) != 0) {
        fprintf(stderr,
                "fenzhang: there is no book %s (%s). Name its data directory with --data, or its file with --store.\n", path,
                strerrordesc_np(errno));
        return FZ_EXIT_TROUBLE;
    }
    enum fz_result result = fz_book_audit(path, NULL, &found, why, sizeof why);
    if (result == FZ_CONFLICT)
        return ask_holder(data, place, why);
    if (result != FZ_OK) {
        fprintf(stderr, "fenzhang: %s\n", why);
        return FZ_EXIT_TROUBLE;
    }
    return tell_found(&found, place->caller.json);
}

/* ---- of a backup ---- */

/* A copy is audited: an older version's book would be migrated by it, and a backup stays as it is. */
static enum fz_result audit_copy(const char *path, struct fz_part *part, struct fz_audit *out, char *why, size_t why_size)
{
    const char *folder = getenv("TMPDIR");
    char target[FZ_PATH_SIZE];
    snprintf(target, sizeof target, "%s/fenzhang-audit-%d", folder == NULL || folder[0] == '\0' ? "/tmp" : folder, (int)getpid());
    enum fz_result result = fz_part_make(part, target, why, why_size);
    if (result != FZ_OK)
        return result;
    atomic_store(&part->stage, "auditing the backup, seconds:");
    result = fz_store_copy(path, part->book, NULL, why, why_size);
    if (result == FZ_OK)
        result = fz_book_audit(part->book, NULL, out, why, why_size);
    atomic_store(&part->stage, NULL);
    fz_part_remove(part);
    return result;
}

static int run_of_backup(const char *path, bool json)
{
    static struct fz_audit found;
    static struct fz_part part;
    struct fz_backup backup;
    char why[FZ_PATH_SIZE + 1200];
    enum fz_result result = fz_backup_check(path, &backup, why, sizeof why);
    if (result == FZ_OK)
        result = audit_copy(path, &part, &found, why, sizeof why);
    if (result == FZ_OK)
        return tell_found(&found, json);
    fprintf(stderr, "fenzhang: %s\n", why);
    return result == FZ_MALFORMED ? FZ_EXIT_DIFFERS : FZ_EXIT_TROUBLE;
}

static const struct argp argp = {options,
                                 take_option,
                                 NULL,
                                 "Re-adds the whole book, checks every invariant, and prints totals and "
                                 "findings. Where a server holds the book, that server is asked.\v"
                                 "Examples:\n  fenzhang audit --data ./data && echo sound\n"
                                 "  fenzhang audit --control http://127.0.0.1:8081\n"
                                 "  fenzhang audit --backup book.backup\n\n"
                                 "Exit status 0: the book is sound; 1: it is not, or the backup is damaged; 2: it could not be read.",
                                 NULL,
                                 NULL,
                                 NULL};

static int run_audit(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE], path[FZ_PATH_SIZE], why[600];
    fz_arguments_parse_shared(&fz_audit_command, argc, argv, &with, &with.place);
    if (with.backup != NULL)
        return run_of_backup(with.backup, with.place.caller.json);
    if (with.data == NULL && with.store_url == NULL && has_place(&with.place))
        return ask(&with.place);
    if (!fz_data_path(with.data, data))
        return FZ_EXIT_TROUBLE;
    if (fz_book_path(data, with.store_url, path, why, sizeof why) == FZ_OK)
        return run(data, path, &with.place);
    fprintf(stderr, "fenzhang: %s\n", why);
    return FZ_EXIT_TROUBLE;
}

const struct fz_command fz_audit_command = {
    .name = "audit",
    .summary = "re-adds a book, at rest or held by a server, and checks every invariant",
    .argp = &argp,
    .shared = &fz_place_argp,
    .run = run_audit,
};
