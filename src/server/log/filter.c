/* Matching of records; what is dear comes last. */
#include "server/log/filter.h"

#include <string.h>

const char *fz_record_code(const struct fz_request_record *record)
{
    if (record->row == FZ_ROW_NONE)
        return "";
    const struct fz_row_text *row = fz_row_text(record->row);
    return record->old_spelling ? row->hk_code : row->code;
}

static bool path_has(const struct fz_request_record *record, const char *wanted)
{
    const struct fz_kept *part = &record->parts[FZ_PART_TARGET];
    const char *target = record->text + part->at, *query = memchr(target, '?', part->size);
    size_t size = query == NULL ? part->size : (size_t)(query - target);
    return memmem(target, size, wanted, strlen(wanted)) != NULL;
}

static bool is_sub_mchid(void *wanted, const char *name, const char *value)
{
    return strcmp(name, "sub_mchid") == 0 && strcmp(value, wanted) == 0;
}

static bool is_number(void *wanted, const char *name, const char *value)
{
    return strcmp(name, "sub_mchid") != 0 && strcmp(value, wanted) == 0;
}

bool fz_request_filter_fits(const struct fz_request_filter *filter, const struct fz_request_record *record)
{
    if (filter->mchid[0] != '\0' && strcmp(filter->mchid, record->mchid) != 0)
        return false;
    if (filter->status_max != 0 &&
        (record->status < filter->status_min || record->status > filter->status_max))
        return false;
    if (filter->code[0] != '\0' && strcmp(filter->code, fz_record_code(record)) != 0)
        return false;
    if (strncmp(filter->request_id, record->request_id, strlen(filter->request_id)) != 0)
        return false;
    if (filter->path[0] != '\0' && !path_has(record, filter->path))
        return false;
    if (filter->sub_mchid[0] != '\0' &&
        !fz_record_numbers(record, is_sub_mchid, (void *)(uintptr_t)filter->sub_mchid))
        return false;
    return filter->number[0] == '\0' ||
           fz_record_numbers(record, is_number, (void *)(uintptr_t)filter->number);
}
