/* fenzhang copy: a book goes to another place, whichever engine keeps it here or there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/shell_word.h"
#include "cli/server/book_audit.h"
#include "cli/server/commands.h"
#include "cli/server/copy_progress.h"
#include "cli/server/data_path.h"
#include "server/data/data_directory.h"

enum { KEY_FROM = 'f', KEY_TO = 't', KEY_SECRET_FILE = 0x100 };

struct options {
    const char *from, *to, *secret_file;
};

static const struct argp_option options[] = {
    {"from", KEY_FROM, "BOOK", 0, "The book: sqlite:DIR (a data directory, or the file in it) or postgresql://…; it has to be given", 0},
    {"to", KEY_TO, "PLACE", 0, "Where it goes, in the same words: a place without a book; it has to be given", 0},
    {"secret-file", KEY_SECRET_FILE, "FILE", 0, "The book's secret (DIR/secret.key): its keys are tried with it, on both sides", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_FROM:
        into->from = argument;
        return 0;
    case KEY_TO:
        into->to = argument;
        return 0;
    case KEY_SECRET_FILE:
        into->secret_file = argument;
        return 0;
    case ARGP_KEY_END:
        if (into->from == NULL || into->to == NULL)
            argp_error(state, "both places are needed: --from BOOK --to PLACE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* One of both. */
struct place {
    char book[FZ_PATH_SIZE];      /* the file's path, or the address */
    char directory[FZ_PATH_SIZE]; /* the data directory; "" of a database, or where a file was named */
};

struct job {
    const struct options *with;
    struct place from, to;
    char secret_path[FZ_PATH_SIZE]; /* "": nobody knows it here */
    struct fz_secrets secrets;
    struct fz_audit before, after;
    struct fz_copy_progress progress;
    int lock; /* of the target's directory; -1: none */
    char why[FZ_PATH_SIZE + 1200];
};

static int fails(const struct job *job)
{
    fprintf(stderr, "fenzhang: %s\n", job->why);
    return FZ_EXIT_TROUBLE;
}

/* ---- both places ---- */

static bool ends_in_db(const char *path)
{
    size_t size = strlen(path);
    return size > 3 && strcmp(path + size - 3, ".db") == 0;
}

/* A name that ends in .db, or that leads to a file, is the book's own; every other one is its directory's. */
static enum fz_result set_path(struct place *out, const char *path)
{
    struct stat found;
    bool there = stat(path, &found) == 0;
    if (there ? !S_ISDIR(found.st_mode) : ends_in_db(path))
        return FZ_OK;
    if (!fz_copy(out->directory, sizeof out->directory, path))
        return FZ_FULL;
    return fz_path_join(out->book, path, "book.db");
}

static bool find_place(struct job *job, const char *option, const char *said, struct place *out)
{
    enum fz_result result = fz_book_path("", said, out->book, job->why, sizeof job->why);
    if (result == FZ_OK && !fz_store_is_shared(out->book)) {
        char path[FZ_PATH_SIZE];
        result = fz_data_path(out->book, path) && fz_copy(out->book, sizeof out->book, path) ? set_path(out, path) : FZ_FAILED;
    }
    if (result != FZ_OK)
        snprintf(job->why, sizeof job->why, "%s %s names no book. Write sqlite:DIR or postgresql://USER@HOST/NAME.", option, said);
    return result == FZ_OK;
}

static bool find_secret(struct job *job)
{
    bool found = false;
    if (job->with->secret_file != NULL)
        found = fz_data_path(job->with->secret_file, job->secret_path);
    else if (job->from.directory[0] != '\0')
        found = fz_path_join(job->secret_path, job->from.directory, "secret.key") == FZ_OK && access(job->secret_path, F_OK) == 0;
    if (found)
        return fz_secrets_load(job->secret_path, false, &job->secrets, job->why, sizeof job->why) == FZ_OK;
    job->secret_path[0] = '\0';
    return true;
}

/* A directory that a server holds, or that would be open to others, is refused before anything is made in it. */
static bool claim_target(struct job *job)
{
    return job->to.directory[0] == '\0' ||
           fz_data_directory_claim(job->to.directory, &job->lock, job->why, sizeof job->why) == FZ_OK;
}

/* ---- what is told ---- */

/* The address without its password. */
static void print_address(const char *address)
{
    FZ_CLEANUP(fz_text_done) struct fz_text plain = {.max = FZ_PATH_SIZE}, word = {.max = 5 * FZ_PATH_SIZE};
    const char *host = strstr(address, "//"), *at = host == NULL ? NULL : strchr(host, '@');
    const char *colon = at == NULL ? NULL : memchr(host + 2, ':', (size_t)(at - host - 2));
    const char *password = strstr(address, "password=");
    if (colon != NULL)
        fz_text_format(&plain, "%.*s%s", (int)(colon - address), address, at);
    else if (password != NULL)
        fz_text_format(&plain, "%.*spassword=%s", (int)(password - address), address, password + strcspn(password, "&"));
    else
        fz_text_string(&plain, address);
    fz_shell_word_add(&word, plain.failed ? "" : plain.data);
    fputs(word.failed ? "" : word.data, stdout);
}

static void print_path(const char *path)
{
    FZ_CLEANUP(fz_text_done) struct fz_text word = {.max = 5 * FZ_PATH_SIZE};
    fz_shell_word_add(&word, path);
    fputs(word.failed ? path : word.data, stdout);
}

static void print_audit(const char *what, const struct fz_audit *found)
{
    printf("audit of the %s: sound, %" PRId64 " payments, %" PRId64 " refunds, %" PRId64 " entries, %" PRId64 " postings, held CNY %" PRId64
           ".%02d\n",
           what, found->payments, found->refunds, found->entries, found->postings, found->held / 100, abs((int)(found->held % 100)));
    fflush(stdout);
}

static void print_end(const struct job *job)
{
    const struct fz_copy_progress *done = &job->progress;
    int64_t own = done->rows - done->found;
    printf("copied: %" PRId64 " tables, %" PRId64 " rows", done->tables, done->rows);
    if (done->found > 0)
        printf(", %" PRId64 " of them by an earlier run", done->found);
    printf("; %" PRId64 " rows a second; all were compared\n", done->copy_ms == 0 ? own : own * 1000 / done->copy_ms);
    fputs("serve it: fenzhang serve ", stdout);
    if (job->to.directory[0] != '\0')
        fputs("--data ", stdout), print_path(job->to.directory);
    else
        fputs("--store ", stdout), print_address(job->to.book);
    fputs(" --secret-file ", stdout);
    if (job->secret_path[0] != '\0')
        print_path(job->secret_path);
    else
        fputs("FILE, the one that the book was served with", stdout);
    puts("\nThe secret is no part of the copy, and the keys in the book do not open without it. The old book is as it was: serve one of "
         "both.");
}

/* ---- all of it ---- */

static bool has_same_figures(const struct fz_audit *a, const struct fz_audit *b)
{
    return a->entries == b->entries && a->postings == b->postings && a->payments == b->payments && a->distributions == b->distributions &&
           a->slices == b->slices && a->refunds == b->refunds && a->pools == b->pools && a->held == b->held && a->paid_in == b->paid_in;
}

static const struct fz_secrets *secrets_of(const struct job *job)
{
    return job->secret_path[0] == '\0' ? NULL : &job->secrets;
}

static int audit_before(struct job *job)
{
    enum fz_result result = fz_book_audit(job->from.book, secrets_of(job), &job->before, job->why, sizeof job->why);
    if (result != FZ_OK)
        return fails(job);
    if (job->before.findings == 0) {
        print_audit("book", &job->before);
        return FZ_EXIT_DONE;
    }
    fputs("fenzhang: the book does not add up, so it was not copied. `fenzhang audit' tells more.\n", stderr);
    return FZ_EXIT_DIFFERS;
}

static int audit_after(struct job *job)
{
    enum fz_result result = fz_book_audit_copy(job->to.book, secrets_of(job), &job->after, job->why, sizeof job->why);
    if (result != FZ_OK)
        return fails(job);
    if (job->after.findings == 0 && has_same_figures(&job->before, &job->after)) {
        print_audit("copy", &job->after);
        return FZ_EXIT_DONE;
    }
    fputs("fenzhang: the copy does not add up as the book does, so it cannot be served. Begin again with an empty place.\n", stderr);
    return FZ_EXIT_DIFFERS;
}

static int copy(struct job *job)
{
    const struct fz_carry carry = {.from = job->from.book, .to = job->to.book, .tell = fz_copy_progress_at, .argument = &job->progress};
    if (fz_carry_look(&carry, job->why, sizeof job->why) != FZ_OK)
        return fails(job);
    int status = audit_before(job);
    if (status != FZ_EXIT_DONE)
        return status;
    enum fz_result result = fz_carry_rows(&carry, job->why, sizeof job->why);
    fz_copy_progress_end(&job->progress);
    if (result != FZ_OK)
        return fails(job);
    status = audit_after(job);
    if (status != FZ_EXIT_DONE)
        return status;
    if (fz_carry_release(&carry, job->why, sizeof job->why) != FZ_OK)
        return fails(job);
    print_end(job);
    return FZ_EXIT_DONE;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Copies a whole book to another place: from SQLite to PostgreSQL, back, or from one to another of a kind. Both sides are audited, and "
    "every row is compared. The book has to be at rest, and the place empty. A copy that was cut off goes on where it was when the same "
    "command is given again; until it is whole, nothing serves it.\v"
    "Examples:\n"
    "  fenzhang copy --from sqlite:./data --to postgresql://fenzhang@db.example/book\n"
    "  fenzhang copy --from postgresql://fenzhang@db.example/book --to sqlite:./back\n"
    "\n"
    "Exit status 0: it is there; 1: the book, or the copy, does not add up; 2: it is not there, or not all of it.",
    NULL,
    NULL,
    NULL};

static int run_copy(int argc, char **argv)
{
    static struct job job = {.lock = -1};
    struct options with = {0};
    fz_arguments_parse(&argp, argc, argv, &with);
    job.with = &with;
    if (!find_place(&job, "--from", with.from, &job.from) || !find_place(&job, "--to", with.to, &job.to) || !find_secret(&job) ||
        !claim_target(&job))
        return fails(&job);
    int status = copy(&job);
    if (job.lock >= 0)
        close(job.lock);
    return status;
}

const struct fz_command fz_copy_command = {
    .name = "copy",
    .summary = "copies a book at rest to another store, from SQLite to PostgreSQL or back",
    .argp = &argp,
    .run = run_copy,
};
