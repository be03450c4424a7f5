/* A record's life. */
#include "server/request_record.h"

#include <stdlib.h>
#include <string.h>

struct fz_request_record *fz_request_record_new(const struct fz_request_record *draft, const char *text,
                                                size_t size)
{
    struct fz_request_record *record = malloc(sizeof *record + size);
    if (record == NULL)
        return NULL;
    memcpy(record, draft, sizeof *record);
    if (size > 0)
        memcpy(record->text, text, size);
    record->size = sizeof *record + size;
    atomic_init(&record->references, 1);
    return record;
}

struct fz_request_record *fz_request_record_ref(struct fz_request_record *record)
{
    atomic_fetch_add_explicit(&record->references, 1, memory_order_relaxed);
    return record;
}

void fz_request_record_unref(struct fz_request_record *record)
{
    if (record != NULL && atomic_fetch_sub_explicit(&record->references, 1, memory_order_acq_rel) == 1)
        free(record);
}
