/* Brings a day's bill to where it was asked for. */
#include "cli/bill/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bill/print.h"

#define TABLE_LINES_MAX 20000 /* of a table for people, which is in memory as a whole */
#define PIECE           (1 << 20)

/* ---- the bytes as they are ---- */

/* By the kernel where it can; otherwise (a pseudo-terminal, a file opened to append) through memory. False: errno tells. */
static bool copy(int from, int to)
{
    ssize_t size;
    while ((size = sendfile(to, from, NULL, PIECE)) > 0 || (size < 0 && errno == EINTR)) {
    }
    if (size == 0 || (errno != EINVAL && errno != ENOSYS))
        return size == 0;
    char piece[16384];
    while ((size = read(from, piece, sizeof piece)) > 0)
        for (ssize_t at = 0, part; at < size; at += part > 0 ? part : 0)
            if ((part = write(to, piece + at, (size_t)(size - at))) < 0 && errno != EINTR)
                return false;
    return size == 0;
}

static bool copy_to(const char *path, int to)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    bool good = from >= 0 && copy(from, to);
    int reason = errno;
    if (from >= 0)
        close(from);
    errno = reason;
    return good;
}

/* ---- into a directory ---- */

/* A file that is being made beside its place. */
static void write_fresh(char out[FZ_BILL_PATH_SIZE + 32], const char *place)
{
    snprintf(out, FZ_BILL_PATH_SIZE + 32, "%s.%ld", place, (long)getpid());
}

static bool is_same(const struct fz_bill_job *job, const struct fz_bill_had *had, const char *place)
{
    struct stat here, there;
    struct fz_bill_facts facts = FZ_INIT(fz_bill_facts);
    if (stat(place, &there) != 0 || stat(had->path, &here) != 0 || here.st_size != there.st_size)
        return false;
    if (here.st_dev == there.st_dev && here.st_ino == there.st_ino)
        return true;
    return fz_bill_check_file(job->kind, place, NULL, NULL, &facts, NULL) == 0 &&
           strcmp(facts.sha256, had->facts.sha256) == 0;
}

/* A second name for the cache's file where both are on one file system: no copying, and no room taken twice. */
static bool write_original(const char *path, const char *fresh)
{
    if (link(path, fresh) == 0)
        return true;
    int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = to >= 0 && copy_to(path, to);
    return (to < 0 || close(to) == 0) && good;
}

static int print(const struct fz_bill_job *job, enum fz_bill_format format, const char *path, FILE *out, fz_error **error)
{
    return format == FZ_BILL_CSV ? fz_bill_print_csv(job->kind, path, out, error)
                                 : fz_bill_print_json_lines(job->kind, path, out, error);
}

static bool write_converted(const struct fz_bill_job *job, const struct fz_bill_had *had, const char *fresh)
{
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    fz_error *error = NULL;
    if (out == NULL)
        return false;
    bool good = print(job, job->options->format, had->path, out, &error) == 0;
    if (error != NULL && fz_error_code(error) != FZ_CODE_CANCELLED)
        fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    fz_error_free(error);
    good = fflush(out) == 0 && good;
    int reason = errno;
    good = fclose(out) == 0 && good;
    errno = reason;
    return good;
}

static enum fz_bill_delivered write_file(const struct fz_bill_job *job, const struct fz_bill_had *had, const char *place)
{
    char fresh[FZ_BILL_PATH_SIZE + 32];
    bool is_original = job->options->format == FZ_BILL_ORIGINAL;
    if (is_original && job->cache[0] == '\0')
        return FZ_BILL_WRITTEN; /* it was fetched to that place */
    if (is_original && is_same(job, had, place))
        return FZ_BILL_THERE;
    write_fresh(fresh, place);
    (void)unlink(fresh);
    if ((is_original ? write_original(had->path, fresh) : write_converted(job, had, fresh)) && rename(fresh, place) == 0)
        return FZ_BILL_WRITTEN;
    fz_bill_tell_file(place, "written");
    (void)unlink(fresh);
    return FZ_BILL_NOT_WRITTEN;
}

/* ---- to standard output ---- */

static bool print_table(const struct fz_bill_job *job, const struct fz_bill_had *had)
{
    fz_error *error = NULL;
    bool good = fz_bill_print_table(job->kind, had->path, TABLE_LINES_MAX, !job->session->caller.no_input, &error) == 0;
    if (!good)
        fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    fz_error_free(error);
    return good;
}

/* Who reads no more has what he wanted. */
static bool print_original(const struct fz_bill_had *had)
{
    if (fflush(stdout) == 0 && copy_to(had->path, STDOUT_FILENO))
        return true;
    if (errno != EPIPE)
        fz_bill_tell_file("standard output", "written");
    return errno == EPIPE;
}

static bool print_converted(const struct fz_bill_job *job, const struct fz_bill_had *had)
{
    fz_error *error = NULL;
    bool good =
        print(job, job->options->format, had->path, stdout, &error) == 0 || fz_error_code(error) == FZ_CODE_CANCELLED;
    if (!good)
        fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    fz_error_free(error);
    return good;
}

static bool print_out(const struct fz_bill_job *job, const struct fz_bill_had *had)
{
    if (job->options->format == FZ_BILL_AS_USUAL && isatty(STDOUT_FILENO))
        return print_table(job, had);
    return job->options->format <= FZ_BILL_ORIGINAL ? print_original(had) : print_converted(job, had);
}

enum fz_bill_delivered fz_bill_deliver(const struct fz_bill_job *job, const struct fz_bill_had *had,
                                       struct fz_bill_database *database, char place[FZ_BILL_PATH_SIZE])
{
    place[0] = '\0';
    if (database != NULL) {
        snprintf(place, FZ_BILL_PATH_SIZE, "%s", fz_bill_database_path(database));
        if (fz_bill_database_has(database, had))
            return FZ_BILL_THERE;
        return fz_bill_database_put(database, had) ? FZ_BILL_WRITTEN : FZ_BILL_NOT_WRITTEN;
    }
    if (job->options->out != NULL) {
        if (fz_bill_path(place, job->options->out, job, had->date, fz_bill_suffix(job->options->format)))
            return write_file(job, had, place);
        fz_bill_tell_file(job->options->out, "written");
        return FZ_BILL_NOT_WRITTEN;
    }
    return print_out(job, had) ? FZ_BILL_WRITTEN : FZ_BILL_NOT_WRITTEN;
}
