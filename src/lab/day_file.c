/* Bill files as they are written: header line, details as they come, summary. */
#include "lab/day_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/calendar.h"

#define NAME_SIZE 64

enum fz_result fz_lab_sink(void *argument, const void *data, size_t size)
{
    const int *file = argument;
    for (const char *at = data, *end = at + size; at < end;) {
        ssize_t written = write(*file, at, (size_t)(end - at));
        if (written < 0 && errno != EINTR)
            return FZ_FAILED;
        at += written > 0 ? written : 0;
    }
    return FZ_OK;
}

void fz_lab_day_files_begin(struct fz_lab_day_files *files)
{
    for (int i = 0; i < FZ_LAB_OPEN_DAYS; i++)
        files->open[i].day = FZ_NO_DAY;
}

static void name_of(const struct fz_lab_day_files *files, int day, char out[NAME_SIZE])
{
    char text[FZ_DAY_SIZE];
    fz_format_day(text, day);
    snprintf(out, NAME_SIZE, "%s-%s.csv", files->name, text);
}

static enum fz_result open_day(struct fz_lab_day_files *files, struct fz_lab_day_file *out, int day)
{
    char name[NAME_SIZE];
    name_of(files, day, name);
    out->file = openat(files->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (out->file < 0)
        return FZ_FAILED;
    if (fz_bill_begin(&out->writer, fz_lab_sink, &out->file) != FZ_OK) {
        close(out->file);
        return FZ_FAILED;
    }
    out->day = day;
    out->walk.writer = &out->writer;
    out->walk.totals_count = 0;
    fz_bill_heading_write(&out->writer, &files->form->file->details);
    return FZ_OK;
}

struct fz_bill_walk *fz_lab_day_file(struct fz_lab_day_files *files, int day)
{
    struct fz_lab_day_file *at = &files->open[day % FZ_LAB_OPEN_DAYS];
    if (at->day == FZ_NO_DAY && open_day(files, at, day) != FZ_OK)
        return NULL;
    return at->day == day ? &at->walk : NULL;
}

static enum fz_result close_day(struct fz_lab_day_file *at)
{
    enum fz_result result = fz_bill_end(&at->writer);
    if (close(at->file) != 0)
        result = FZ_FAILED;
    at->day = FZ_NO_DAY;
    return result;
}

static enum fz_result end_day(struct fz_lab_day_files *files, struct fz_lab_day_file *at)
{
    char name[NAME_SIZE];
    name_of(files, at->day, name);
    fz_bill_summary_write(files->form, &at->walk, &at->writer);
    enum fz_result result = close_day(at);
    return result == FZ_OK ? files->told->file(files->told->argument, name) : result;
}

/* The earliest that is open and before `day`; NULL: none is. */
static struct fz_lab_day_file *earliest(struct fz_lab_day_files *files, int day)
{
    struct fz_lab_day_file *found = NULL;
    for (int i = 0; i < FZ_LAB_OPEN_DAYS; i++) {
        struct fz_lab_day_file *at = &files->open[i];
        if (at->day != FZ_NO_DAY && at->day < day && (found == NULL || at->day < found->day))
            found = at;
    }
    return found;
}

enum fz_result fz_lab_day_files_end(struct fz_lab_day_files *files, int day)
{
    enum fz_result result = FZ_OK;
    struct fz_lab_day_file *at;
    while (result == FZ_OK && (at = earliest(files, day)) != NULL)
        result = end_day(files, at);
    return result;
}

void fz_lab_day_files_drop(struct fz_lab_day_files *files)
{
    struct fz_lab_day_file *at;
    while ((at = earliest(files, INT32_MAX)) != NULL)
        if (close_day(at) != FZ_OK)
            continue; /* it failed before */
}
