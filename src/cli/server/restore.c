/* fenzhang restore: a backup becomes the book of a data directory. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
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

enum { KEY_FROM = 'f', KEY_SECRET_FILE = 0x100, KEY_REPLACE };

struct options {
    const char *from, *data, *secret_file;
    bool replace;
};

static const struct argp_option options[] = {
    {"from", KEY_FROM, "FILE", 0, "The backup; it has to be given", 0},
    {"data", 'd', "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"secret-file", KEY_SECRET_FILE, "FILE", 0, "The secret of that book, where the backup has none; it becomes DIR/secret.key", 0},
    {"replace", KEY_REPLACE, NULL, 0, "A book that is there is moved to DIR/replaced", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_FROM:
        into->from = argument;
        return 0;
    case 'd':
        into->data = argument;
        return 0;
    case KEY_SECRET_FILE:
        into->secret_file = argument;
        return 0;
    case KEY_REPLACE:
        into->replace = true;
        return 0;
    case ARGP_KEY_END:
        if (into->from == NULL)
            argp_error(state, "the backup is missing: --from FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct restoring {
    const struct options *with;
    const char *data;
    char book[FZ_PATH_SIZE], secret[FZ_PATH_SIZE], replaced[FZ_PATH_SIZE]; /* in `data` */
    struct fz_part part;
    struct fz_backup backup;
    struct fz_audit found;
    bool has_secret;      /* one came along, and lies in the part */
    char *why;
    size_t why_size;
};

static bool fails(struct restoring *job)
{
    fz_part_give_way(&job->part);
    fprintf(stderr, "fenzhang: %s\n", job->why);
    return false;
}

static bool says(struct restoring *job, const char *path, const char *what)
{
    snprintf(job->why, job->why_size, "%s: %s", path, what);
    return fails(job);
}

/* ---- what is there already ---- */

static const char *const book_endings[] = {"", "-wal", "-shm", "-acknowledged", NULL};

static bool join(char out[FZ_PATH_SIZE], const char *path, const char *ending)
{
    int size = snprintf(out, FZ_PATH_SIZE, "%s%s", path, ending);
    return size >= 0 && size < FZ_PATH_SIZE;
}

static bool has_book(struct restoring *job)
{
    char path[FZ_PATH_SIZE];
    struct stat found;
    for (const char *const *at = book_endings; *at != NULL; at++)
        if (join(path, job->book, *at) && lstat(path, &found) == 0)
            return true;
    return false;
}

static bool look(struct restoring *job)
{
    struct stat found;
    if (fz_path_join(job->book, job->data, "book.db") != FZ_OK || fz_path_join(job->secret, job->data, "secret.key") != FZ_OK ||
        fz_path_join(job->replaced, job->data, "replaced") != FZ_OK)
        return says(job, job->data, "the path is too long. Name a shorter one with --data.");
    if (!has_book(job))
        return true;
    if (!job->with->replace)
        return says(job, job->data, "there is a book already, or what is left of one. Name another directory; or add --replace, which "
                                    "moves it to DIR/replaced.");
    return lstat(job->replaced, &found) != 0 ||
           says(job, job->replaced, "what an earlier --replace moved away is still there. Remove it first, or move it elsewhere.");
}

/* ---- the secret ---- */

static bool write_secret(struct restoring *job, const char *content)
{
    return fz_private_file_make(job->part.secret, content, strlen(content)) == FZ_OK ||
           says(job, job->part.secret, strerrordesc_np(errno));
}

static bool take_secret(struct restoring *job, char content[FZ_BACKUP_MEMBER_MAX])
{
    char reason[200];
    const char *file = job->with->secret_file;
    if (file != NULL) {
        if (fz_private_file_read(file, content, FZ_BACKUP_MEMBER_MAX, reason, sizeof reason) != FZ_OK)
            return says(job, file, reason);
    } else {
        enum fz_result result = fz_backup_member(job->with->from, "secret.key", content);
        if (result == FZ_ABSENT)
            return true;
        if (result != FZ_OK)
            return says(job, job->with->from, "the secret in it cannot be read.");
    }
    job->has_secret = true;
    return write_secret(job, content);
}

/* That of --secret-file, of the backup, or what is there already. */
static bool find_secret(struct restoring *job, struct fz_secrets *secrets, bool *found)
{
    char content[FZ_BACKUP_MEMBER_MAX] = "";
    bool good = take_secret(job, content);
    OPENSSL_cleanse(content, sizeof content);
    if (!good)
        return false;
    *found = job->has_secret || access(job->secret, F_OK) == 0;
    if (!*found)
        return true;
    return fz_secrets_load(job->has_secret ? job->part.secret : job->secret, false, secrets, job->why, job->why_size) == FZ_OK ||
           fails(job);
}

/* ---- the book ---- */

static bool copy(struct restoring *job)
{
    struct stat found;
    atomic_store(&job->part.stage, "checking the backup, seconds:");
    if (fz_backup_check(job->with->from, &job->backup, job->why, job->why_size) != FZ_OK)
        return fails(job);
    atomic_store(&job->part.size, stat(job->with->from, &found) == 0 ? found.st_size : 0);
    atomic_store(&job->part.stage, "copying the book");
    return (fz_store_copy(job->with->from, job->part.book, NULL, job->why, job->why_size) == FZ_OK &&
            fz_backup_strip(job->part.book, job->why, job->why_size) == FZ_OK) ||
           fails(job);
}

static int audit(struct restoring *job)
{
    struct fz_secrets secrets;
    bool has_secrets = false;
    if (!find_secret(job, &secrets, &has_secrets))
        return FZ_EXIT_TROUBLE;
    atomic_store(&job->part.size, 0);
    atomic_store(&job->part.stage, "auditing the book, seconds:");
    enum fz_result result = fz_book_audit(job->part.book, has_secrets ? &secrets : NULL, &job->found, job->why, job->why_size);
    OPENSSL_cleanse(&secrets, sizeof secrets);
    if (result != FZ_OK)
        return fails(job), FZ_EXIT_TROUBLE;
    for (int64_t i = 0; i < job->found.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        fprintf(stderr, "fenzhang: %s\n", job->found.list[i].what);
    if (job->found.findings == 0)
        return FZ_EXIT_DONE;
    fputs("fenzhang: the book in the backup does not add up. Nothing was changed.\n", stderr);
    return FZ_EXIT_DIFFERS;
}

/* ---- into its place ---- */

static bool move(struct restoring *job, const char *from, const char *to)
{
    return rename(from, to) == 0 || errno == ENOENT || says(job, to, strerrordesc_np(errno));
}

static bool move_old(struct restoring *job)
{
    char from[FZ_PATH_SIZE], name[32], to[FZ_PATH_SIZE];
    if (!has_book(job))
        return true;
    if (!job->with->replace)
        return says(job, job->book, "a book has come there meanwhile. Look whose it is.");
    if (mkdir(job->replaced, 0700) != 0)
        return says(job, job->replaced, strerrordesc_np(errno));
    for (const char *const *at = book_endings; *at != NULL; at++) {
        snprintf(name, sizeof name, "book.db%s", *at);
        if (!join(from, job->book, *at) || fz_path_join(to, job->replaced, name) != FZ_OK || !move(job, from, to))
            return false;
    }
    return !job->has_secret || (fz_path_join(to, job->replaced, "secret.key") == FZ_OK && move(job, job->secret, to));
}

/* Whoever trusted the CA goes on: one that is there stays. */
static bool put_authority(struct restoring *job)
{
    static char content[FZ_BACKUP_MEMBER_MAX];
    char path[FZ_PATH_SIZE];
    for (const char *const *at = fz_backup_members + 1; *at != NULL; at++) {
        if (fz_backup_member(job->with->from, *at, content) != FZ_OK)
            continue;
        if (fz_path_join(path, job->data, "tls") != FZ_OK || fz_private_directory_make(path) != FZ_OK ||
            fz_path_join(path, job->data, *at) != FZ_OK || fz_private_file_make(path, content, strlen(content)) != FZ_OK)
            return says(job, path, strerrordesc_np(errno));
    }
    return true;
}

/* The book comes last: a restore that is cut short before leaves a directory that no server takes for one with a book. */
static bool put_there(struct restoring *job)
{
    return put_authority(job) && move_old(job) && (!job->has_secret || move(job, job->part.secret, job->secret)) &&
           move(job, job->part.book, job->book) &&
           (fz_private_directory_sync(job->data) == FZ_OK || says(job, job->data, strerrordesc_np(errno)));
}

static void tell(const struct restoring *job)
{
    printf("%s: the book of %s, sound: %" PRId64 " payments, %" PRId64 " refunds, %" PRId64 " entries.\n", job->data, job->backup.made,
           job->found.payments, job->found.refunds, job->found.entries);
    if (access(job->secret, F_OK) != 0)
        printf("Its secret is missing, and nothing is served without it: put it to %s (mode 0600), or serve with --secret-file.\n",
               job->secret);
}

static int make(struct restoring *job)
{
    if (!copy(job))
        return FZ_EXIT_TROUBLE;
    int status = audit(job);
    if (status != FZ_EXIT_DONE)
        return status;
    atomic_store(&job->part.stage, NULL);
    if (!put_there(job))
        return FZ_EXIT_TROUBLE;
    tell(job);
    return FZ_EXIT_DONE;
}

static int run(const struct options *with, const char *data)
{
    static char why[FZ_PATH_SIZE + 1200];
    static struct restoring job;
    int lock = -1, status = FZ_EXIT_TROUBLE;
    job = (struct restoring){.with = with, .data = data, .why = why, .why_size = sizeof why};
    bool is_new = access(data, F_OK) != 0;
    if (!look(&job))
        return FZ_EXIT_TROUBLE;
    if (fz_data_directory_claim(data, &lock, why, sizeof why) != FZ_OK)
        return fails(&job), FZ_EXIT_TROUBLE;
    if (fz_part_make(&job.part, job.book, why, sizeof why) == FZ_OK) {
        status = make(&job);
        fz_part_remove(&job.part);
    } else {
        (void)fails(&job);
    }
    close(lock);
    if (is_new && status != FZ_EXIT_DONE)
        (void)rmdir(data);
    return status;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Puts the book of a backup into a data directory, if it is whole: its digest is compared, the book re-added, and the secret "
    "tried on its keys. A book of an older version is brought to this one's tables. A directory that a server holds, or that has a "
    "book, is refused.\v"
    "Examples:\n"
    "  fenzhang restore --from book.backup --data ./again --secret-file ./secret.key\n"
    "  fenzhang serve --data ./again\n"
    "\n"
    "Exit status 0: it is there; 1: the book does not add up; 2: it is not there, and nothing was changed.",
    NULL,
    NULL,
    NULL};

static int run_restore(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE];
    fz_arguments_parse(&argp, argc, argv, &with);
    return fz_data_path(with.data, data) ? run(&with, data) : FZ_EXIT_TROUBLE;
}

const struct fz_command fz_restore_command = {
    .name = "restore",
    .summary = "puts the book of a backup into a data directory",
    .argp = &argp,
    .run = run_restore,
};
