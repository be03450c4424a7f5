/* The files of one kind of bill, a day each: made when the first line of a day comes, ended in the order of their days. A
 * line may be of a later day than the one before it, and of an earlier one as long as that is open. */
#ifndef FZ_LAB_DAY_FILE_H
#define FZ_LAB_DAY_FILE_H

#include "api/bill/bill.h"
#include "lab/lab.h"

/* More than from acceptance to arrival: three business days, a day without a bill, a line once more. */
#define FZ_LAB_OPEN_DAYS 16

struct fz_lab_day_file {
    int day; /* FZ_NO_DAY: not open */
    int file;
    struct fz_bill_writer writer;
    struct fz_bill_walk walk;
};

struct fz_lab_day_files {
    int directory;
    const char *name; /* what the files' names begin with */
    const struct fz_bill_form *form;
    const struct fz_lab_told *told;
    struct fz_lab_day_file open[FZ_LAB_OPEN_DAYS]; /* a day has its place */
};

/* All days closed. */
void fz_lab_day_files_begin(struct fz_lab_day_files *files);
/* That of a day, for the lines that are added to it. NULL: it cannot be made; a day whose place is taken by another comes
 * too late. */
struct fz_bill_walk *fz_lab_day_file(struct fz_lab_day_files *files, int day);
/* Writes the summaries of the days before `day` and closes them. */
FZ_MUST_CHECK enum fz_result fz_lab_day_files_end(struct fz_lab_day_files *files, int day);
/* Closes what is left open after a failure. */
void fz_lab_day_files_drop(struct fz_lab_day_files *files);

/* Takes blocks of text for a file: `argument` is a pointer to its descriptor. */
enum fz_result fz_lab_sink(void *argument, const void *data, size_t size);

#endif
