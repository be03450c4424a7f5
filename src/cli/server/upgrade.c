/* fenzhang upgrade --check: what this program would do with a book, before it is installed in another's place. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/private_file.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "server/data/data_directory.h"
#include "store/store.h"

#define BYTES_PER_S (50 << 20) /* of a slow disk: a copy is written, and then each migration may write all of it */
#define MIB         (1 << 20)

struct options {
    const char *data, *store_url;
    bool check;
};

static const struct argp_option options[] = {
    {"check", 'c', NULL, 0, "Says what would be done; it has to be given, because a server's first start does it", 0},
    {"data", 'd', "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"store", 's', "URL", 0, "The book: sqlite:PATH (DIR/book.db)", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case 'c':
        into->check = true;
        return 0;
    case 'd':
        into->data = argument;
        return 0;
    case 's':
        into->store_url = argument;
        return 0;
    case ARGP_KEY_END:
        if (!into->check)
            argp_error(state, "a book is upgraded by the first start of a newer server; what that would do tells --check");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int tell_same(void)
{
    puts("upgrade  none: the tables stay as they are, and other programs of this schema can serve the book before and after.");
    return FZ_EXIT_DONE;
}

static int tell_newer(void)
{
    puts("upgrade  impossible: the book comes from a newer version, and this program refuses it. Serve it with that version; or restore\n"
         "         a backup from before its upgrade, or the copy that was kept then (DIR/book.db-schema-N).");
    return FZ_EXIT_TROUBLE;
}

/* A copy, and a WAL with what changes: each may be as large as the book. */
static int tell_older(const char *book, int64_t schema, int64_t size)
{
    struct statvfs disk = {0};
    int64_t steps = (int64_t)fz_migration_count - schema, need = 2 * size + MIB;
    bool known = statvfs(book, &disk) == 0;
    int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    printf("upgrade  %" PRId64 " migration%s at the first start, number %" PRId64 " to %zu, each of them whole or not at all\n", steps,
           steps == 1 ? "" : "s", schema + 1, fz_migration_count);
    printf("copy     the book as it is now is kept in %s-schema-%" PRId64 "; of such copies the latest two\n", book, schema);
    printf("time     about %" PRId64 " s at most, for %" PRId64 " MiB on a slow disk\n", 1 + (1 + steps) * size / BYTES_PER_S, size / MIB);
    printf("space    %" PRId64 " MiB while it runs, %" PRId64 " MiB of them for the copy", need / MIB + 1, size / MIB + 1);
    if (known)
        printf("; %" PRId64 " MiB are free", free_bytes / MIB);
    putchar('\n');
    puts("back     an older program refuses the book afterwards: put the copy in its place (docs/operators.md, Upgrading)");
    if (!known || free_bytes >= need)
        return FZ_EXIT_DIFFERS;
    fputs("fenzhang: there is too little room on the disk. Make room first: without a copy nothing is upgraded.\n", stderr);
    return FZ_EXIT_TROUBLE;
}

static int run(const char *book)
{
    char why[FZ_PATH_SIZE + 600];
    int64_t schema = 0;
    struct stat found;
    if (fz_store_schema(book, &schema, why, sizeof why) != FZ_OK) {
        fprintf(stderr, "fenzhang: %s\n", why);
        return FZ_EXIT_TROUBLE;
    }
    int64_t size = stat(book, &found) == 0 ? found.st_size : 0;
    printf("book     %s, %" PRId64 " MiB, schema %" PRId64 "\n", book, size / MIB + 1, schema);
    printf("program  fenzhang %s, schema %zu\n", FZ_VERSION, fz_migration_count);
    return schema == (int64_t)fz_migration_count  ? tell_same()
           : schema > (int64_t)fz_migration_count ? tell_newer()
                                                  : tell_older(book, schema, size);
}

static const struct argp argp = {options,
                                 take_option,
                                 NULL,
                                 "Says what this program would do with a book, which a server of another version may hold: whether its "
                                 "tables change, how long that takes, what room it takes, and whether there is a way back. Changes "
                                 "nothing.\v"
                                 "Examples:\n"
                                 "  fenzhang upgrade --check --data /var/lib/fenzhang\n"
                                 "\n"
                                 "Exit status 0: it serves the book as it is; 1: its first start changes the tables; 2: it cannot serve it, "
                                 "or there is no room, or no book.",
                                 NULL,
                                 NULL,
                                 NULL};

static int run_upgrade(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE], book[FZ_PATH_SIZE], why[600];
    fz_arguments_parse(&argp, argc, argv, &with);
    if (!fz_data_path(with.data, data))
        return FZ_EXIT_TROUBLE;
    if (fz_book_file_path(data, with.store_url, book, why, sizeof why) == FZ_OK)
        return run(book);
    fprintf(stderr, "fenzhang: %s\n", why);
    return FZ_EXIT_TROUBLE;
}

const struct fz_command fz_upgrade_command = {
    .name = "upgrade",
    .summary = "says what this version would do with a book of another one",
    .argp = &argp,
    .run = run_upgrade,
};
