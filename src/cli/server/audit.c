/* fenzhang audit: re-adds a book that no server holds. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "book/audit/audit.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "server/control/calls/audit_json.h"
#include "server/data/data_directory.h"

struct options {
    const char *data, *store_url;
    bool json;
};

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"store", 's', "URL", 0, "The book: sqlite:PATH (DIR/book.db)", 0},
    {"json", 'j', NULL, 0, "Totals and findings as a JSON object, as POST /audit has them", 0},
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
    case 'j':
        into->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_amount(const char *name, int64_t fen)
{
    printf("%-24s %16lld.%02lld\n", name, (long long)(fen / 100), (long long)(llabs(fen) % 100));
}

static void print_count(const char *name, int64_t count)
{
    printf("%-24s %16lld\n", name, (long long)count);
}

static void print(const struct fz_audit *audit)
{
    print_count("payments", audit->payments);
    print_count("distributions", audit->distributions);
    print_count("slices", audit->slices);
    print_count("refunds", audit->refunds);
    print_count("pools", audit->pools);
    print_count("entries", audit->entries);
    print_count("postings", audit->postings);
    print_amount("paid in, CNY", audit->paid_in);
    print_amount("held, CNY", audit->held);
    print_count("findings", audit->findings);
    for (int64_t i = 0; i < audit->findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        printf("  %s\n", audit->list[i].what);
    if (audit->findings > FZ_AUDIT_FINDINGS_MAX)
        puts("  and more");
    puts(audit->findings == 0 ? "The book is sound."
                              : "The book does not add up. Keep a copy of it, and report how it came about.");
}

static enum fz_result audit(struct fz_tx *tx, void *out)
{
    return fz_audit(tx, out);
}

static enum fz_result read_book(struct fz_store *store, struct fz_audit *out, struct fz_error *error)
{
    struct fz_reader *reader = NULL;
    enum fz_result result = fz_reader_open(store, &reader);
    if (result == FZ_OK)
        result = fz_store_read(reader, audit, out, error);
    fz_reader_close(reader);
    return result;
}

/* False after a message. */
static bool read_file(const char *path, struct fz_audit *out)
{
    static const unsigned char nothing[32]; /* an audit draws no values */
    char why[1200] = "memory is short";
    struct fz_error error = {0};
    struct fz_store *store = NULL;
    struct fz_world *world = fz_world_new(false, 0, nothing);
    struct fz_store_options with = {.path = path, .world = world};
    enum fz_result opened = world == NULL ? FZ_FAILED : fz_store_open(&with, &store, why, sizeof why), result = opened;
    if (opened == FZ_OK) {
        result = read_book(store, out, &error);
        fz_store_close(store);
    }
    fz_world_free(world);
    if (opened != FZ_OK)
        fprintf(stderr, "fenzhang: %s%s\n", why,
                opened == FZ_CONFLICT ? "\nThat server audits it without a stop: curl -H 'Content-Type: application/json' "
                                        "-d '{}' CONTROL_URL/audit, where CONTROL_URL is what its ready line tells."
                                      : "");
    else if (result != FZ_OK)
        fprintf(stderr, "fenzhang: the book %s cannot be read: %s. Look at the disk; nothing was changed.\n", path,
                error.issue[0] == '\0' ? "no reason given" : error.issue);
    return result == FZ_OK;
}

static int run(const char *path, bool json)
{
    static struct fz_audit found;
    if (access(path, F_OK) != 0) {
        fprintf(stderr, "fenzhang: there is no book %s (%s). Name its data directory with --data, or its file with --store.\n", path,
                strerrordesc_np(errno));
        return FZ_EXIT_TROUBLE;
    }
    if (!read_file(path, &found))
        return FZ_EXIT_TROUBLE;
    if (!json)
        print(&found);
    else if (fz_print_json(fz_audit_json(&found)) != FZ_EXIT_DONE)
        return FZ_EXIT_TROUBLE;
    return found.findings == 0 ? FZ_EXIT_DONE : FZ_EXIT_DIFFERS;
}

static const struct argp argp = {options,
                                 take_option,
                                 NULL,
                                 "Re-adds the whole book, checks every invariant, and prints totals and "
                                 "findings.\vExample:\n  fenzhang audit --data ./data && echo sound\n\n"
                                 "Exit status 0: the book is sound; 1: it is not; 2: it could not be read.",
                                 NULL,
                                 NULL,
                                 NULL};

static int run_audit(int argc, char **argv)
{
    struct options with = {0};
    char path[FZ_PATH_SIZE], why[600];
    fz_arguments_parse(&argp, argc, argv, &with);
    char *data = fz_data_path(with.data);
    if (data == NULL)
        return FZ_EXIT_TROUBLE;
    enum fz_result result = fz_book_path(data, with.store_url, path, why, sizeof why);
    free(data);
    if (result == FZ_OK)
        return run(path, with.json);
    fprintf(stderr, "fenzhang: %s\n", why);
    return FZ_EXIT_TROUBLE;
}

const struct fz_command fz_audit_command = {
    .name = "audit",
    .summary = "re-adds a book that no server holds, and checks every invariant",
    .argp = &argp,
    .run = run_audit,
};
