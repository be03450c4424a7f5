/* fenzhang backup: a book, in use or at rest, as one file that is known to be whole. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/server/backup_file.h"
#include "cli/server/book_audit.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "cli/server/part.h"
#include "server/data/data_directory.h"
#include "store/copy.h"

enum { KEY_TO = 't', KEY_WITH_SECRET = 0x100, KEY_SECRET_FILE, KEY_OVERWRITE };

struct options {
    const char *data, *store_url, *to, *secret_file;
    bool with_secret, overwrite;
};

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"store", 's', "URL", 0, "The book: sqlite:PATH (DIR/book.db)", 0},
    {"to", KEY_TO, "FILE", 0, "Where the backup goes; it has to be given", 0},
    {"with-secret", KEY_WITH_SECRET, NULL, 0, "The secret that opens the keys in the book goes along, and the CA of --tls, if there is one", 0},
    {"secret-file", KEY_SECRET_FILE, "FILE", 0, "Where that secret is (DIR/secret.key)", 0},
    {"overwrite", KEY_OVERWRITE, NULL, 0, "A file that is there already is replaced, once the new one is whole", 0},
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
    case KEY_TO:
        into->to = argument;
        return 0;
    case KEY_WITH_SECRET:
        into->with_secret = true;
        return 0;
    case KEY_SECRET_FILE:
        into->secret_file = argument;
        return 0;
    case KEY_OVERWRITE:
        into->overwrite = true;
        return 0;
    case ARGP_KEY_END:
        if (into->to == NULL || into->to[0] == '\0')
            argp_error(state, "where the backup goes is missing: --to FILE");
        if (into->secret_file != NULL && !into->with_secret)
            argp_error(state, "--secret-file does nothing without --with-secret: add that");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What goes where. */
struct backing {
    const struct options *with;
    const char *data;
    char book[FZ_PATH_SIZE], secret[FZ_PATH_SIZE];
    struct fz_part part;
    struct fz_secrets secrets;
    char *why;
    size_t why_size;
};

/* ---- the copy ---- */

static bool fails(struct backing *job)
{
    fz_part_give_way(&job->part);
    fprintf(stderr, "fenzhang: %s\n", job->why);
    return false;
}

static bool says(struct backing *job, const char *path, const char *what)
{
    snprintf(job->why, job->why_size, "%s: %s", path, what);
    return fails(job);
}

static bool copy(struct backing *job)
{
    struct stat found;
    atomic_store(&job->part.size, stat(job->book, &found) == 0 ? found.st_size : 0);
    atomic_store(&job->part.stage, "copying the book");
    return fz_store_copy(job->book, job->part.book, NULL, job->why, job->why_size) == FZ_OK || fails(job);
}

static bool has_findings(const struct fz_audit *found)
{
    for (int64_t i = 0; i < found->findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        fprintf(stderr, "fenzhang: %s\n", found->list[i].what);
    return found->findings > 0;
}

/* A book of an older version is brought to this one's tables for it, which is not what is kept: so a copy of the copy is audited. */
static enum fz_result audit(struct backing *job, struct fz_audit *found)
{
    const struct fz_secrets *secrets = job->with->with_secret ? &job->secrets : NULL;
    atomic_store(&job->part.size, 0);
    atomic_store(&job->part.stage, "auditing the copy, seconds:");
    enum fz_result result = fz_store_copy(job->part.book, job->part.second, NULL, job->why, job->why_size);
    if (result == FZ_OK)
        result = fz_book_audit(job->part.second, secrets, found, job->why, job->why_size);
    fz_store_remove(job->part.second);
    return result;
}

/* ---- its place ---- */

/* A name that leads somewhere else is taken as it is: nothing is written through it. */
static bool put_there(struct backing *job)
{
    const char *to = job->with->to;
    unsigned flags = job->with->overwrite ? 0 : RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, job->part.book, AT_FDCWD, to, flags) != 0) {
        bool unknown = flags != 0 && errno == EINVAL; /* a file system that cannot do both at once */
        if (!unknown || link(job->part.book, to) != 0)
            return says(job, to, errno == EEXIST ? "it is there already. Name another file, or add --overwrite." : strerrordesc_np(errno));
    }
    char *folder = strdup(to), *slash = folder == NULL ? NULL : strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = '\0';
    bool synced = folder != NULL && fz_private_directory_sync(slash == NULL ? "." : folder) == FZ_OK;
    int problem = errno;
    free(folder);
    return synced || says(job, to, strerrordesc_np(problem));
}

static bool is_free(struct backing *job)
{
    struct stat found;
    const char *to = job->with->to;
    if (lstat(to, &found) != 0)
        return true;
    if (S_ISDIR(found.st_mode))
        return says(job, to, "it is a directory. Name a file in it.");
    return job->with->overwrite || says(job, to, "it is there already. Name another file, or add --overwrite.");
}

/* ---- all of it ---- */

static bool find_secret(struct backing *job)
{
    const struct options *with = job->with;
    const char *file = with->secret_file;
    if (!with->with_secret)
        return true;
    if (file == NULL ? fz_path_join(job->secret, job->data, "secret.key") != FZ_OK : !fz_copy(job->secret, sizeof job->secret, file))
        return says(job, job->data, "its path is too long.");
    return fz_secrets_load(job->secret, false, &job->secrets, job->why, job->why_size) == FZ_OK || fails(job);
}

static int make(struct backing *job)
{
    static struct fz_audit found;
    const char *secret = job->with->with_secret ? job->secret : NULL;
    if (!copy(job))
        return FZ_EXIT_TROUBLE;
    if (audit(job, &found) != FZ_OK)
        return fails(job), FZ_EXIT_TROUBLE;
    if (has_findings(&found)) {
        fputs("fenzhang: the book does not add up, so no backup of it was made. `fenzhang audit' tells more.\n", stderr);
        return FZ_EXIT_DIFFERS;
    }
    atomic_store(&job->part.stage, "adding up the digest, seconds:");
    if (fz_backup_complete(job->part.book, job->data, secret, job->why, job->why_size) != FZ_OK)
        return fails(job), FZ_EXIT_TROUBLE;
    if (!put_there(job))
        return FZ_EXIT_TROUBLE;
    atomic_store(&job->part.stage, NULL);
    printf("%s: the whole book, sound: %" PRId64 " payments, %" PRId64 " refunds, %" PRId64 " entries. ", job->with->to, found.payments,
           found.refunds, found.entries);
    puts(secret != NULL ? "The secret is in it: keep it as you keep keys."
                        : "The secret is not in it: keep DIR/secret.key apart; it does not change.");
    return FZ_EXIT_DONE;
}

static int run(const struct options *with, const char *data)
{
    static char why[FZ_PATH_SIZE + 1200];
    static struct backing job;
    job = (struct backing){.with = with, .data = data, .why = why, .why_size = sizeof why};
    if (fz_book_file_path(data, with->store_url, job.book, why, sizeof why) != FZ_OK)
        return fails(&job), FZ_EXIT_TROUBLE;
    if (!is_free(&job) || !find_secret(&job))
        return FZ_EXIT_TROUBLE;
    if (fz_part_make(&job.part, with->to, why, sizeof why) != FZ_OK)
        return fails(&job), FZ_EXIT_TROUBLE;
    int status = make(&job);
    fz_part_remove(&job.part);
    return status;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Makes a backup of a book that a server may hold: one consistent state of it, with all that was acknowledged before this "
    "began. It is there once it was audited and is on the disk, or not at all. The file is an SQLite database, the book with a "
    "digest of it; what is not in the book (bill files, copies of keys) a server makes anew.\v"
    "Examples:\n"
    "  fenzhang backup --data ./data --to book-$(date +%F).backup\n"
    "  fenzhang audit --backup book-$(date +%F).backup\n"
    "      whether it is still whole\n"
    "  fenzhang restore --from book-$(date +%F).backup --data ./again --secret-file ./data/secret.key\n"
    "\n"
    "Exit status 0: it was made; 1: the book does not add up; 2: it was not made, and nothing is left.",
    NULL,
    NULL,
    NULL};

static int run_backup(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE];
    fz_arguments_parse(&argp, argc, argv, &with);
    return fz_data_path(with.data, data) ? run(&with, data) : FZ_EXIT_TROUBLE;
}

const struct fz_command fz_backup_command = {
    .name = "backup",
    .summary = "makes a backup of a book, in use or at rest, and audits it",
    .argp = &argp,
    .run = run_backup,
};
