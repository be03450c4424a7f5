/* The making of one file of a bill: under an unfinished name, synced, then given its own. For bill files alone. */
#ifndef FZ_SERVER_FILES_MAKING_H
#define FZ_SERVER_FILES_MAKING_H

#include "server/files/bill_file.h"
#include "server/files/name.h"

/* A file that is to be there. */
enum fz_bill_part { FZ_PART_BILL, FZ_PART_SUM, FZ_PART_COMPRESSED };

struct fz_bill_making {
    const struct fz_bill_request *request;
    struct fz_reader *reader;
    bool overview_first;
    const char *name; /* of the bill */
    int directory;    /* of the book whose bill it is */
    uint64_t generation;
    int bill; /* open; not of the bill itself */
};

/* `name` with what follows it for that part. */
void fz_bill_part_name(const char *name, enum fz_bill_part part,
                       char out[FZ_BILL_NAME_SIZE + sizeof FZ_BILL_SUM]);
/* The file, open. FZ_CONFLICT: its book was reset meanwhile; it is gone. */
FZ_MUST_CHECK enum fz_result fz_bill_part_make(const struct fz_bill_making *making, enum fz_bill_part part,
                                               int *out_file);

/* ---- what it asks of bill_file.c ---- */

bool fz_bill_files_stopping(const struct fz_bill_files *files);
void fz_bill_files_count(struct fz_bill_files *files); /* one more bill was written */
/* Renames a file, unless another book has come since `generation`: FZ_CONFLICT. */
FZ_MUST_CHECK enum fz_result fz_bill_files_publish(struct fz_bill_files *files, uint64_t generation, int directory,
                                                   const char *unfinished, const char *name);

#endif
