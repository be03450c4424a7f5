/* Keeps what was found. */
#include "reconcile/compare/finding.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "reconcile/place/temporary.h"

#define BUFFER_BYTES ((size_t)4 << 20)

struct fz_finding_place {
    int32_t day;
    uint32_t piece, line, size;
    uint64_t offset; /* of all that was written, what is in memory yet included */
};

void fz_findings_begin(struct fz_findings *findings, struct fz_trouble *trouble)
{
    memset(findings, 0, sizeof *findings);
    findings->trouble = trouble;
    findings->file = -1;
    pthread_mutex_init(&findings->lock, NULL);
    for (size_t i = 0; i < FZ_KIND_COUNT; i++)
        findings->kinds[i].first_day = findings->kinds[i].last_day = FZ_NO_DAY;
}

void fz_findings_done(struct fz_findings *findings)
{
    if (findings->trouble == NULL)
        return;
    for (size_t i = 0; i < FZ_KIND_COUNT; i++)
        free(findings->kinds[i].places);
    free(findings->buffer);
    if (findings->file >= 0)
        close(findings->file);
    pthread_mutex_destroy(&findings->lock);
    findings->trouble = NULL;
}

/* ---- adding ---- */

static void add_stake(struct fz_findings_kind *kind, const struct fz_finding *finding)
{
    size_t i = 0;
    while (i + 1 < FZ_STAKE_CURRENCIES && kind->stakes[i].count > 0 &&
           memcmp(kind->stakes[i].currency, finding->currency, 4) != 0)
        i++;
    memcpy(kind->stakes[i].currency, finding->currency, 4);
    kind->stakes[i].count++;
    kind->stakes[i].amount += finding->stake;
    kind->count++;
    if (finding->day == FZ_NO_DAY)
        return;
    if (kind->first_day == FZ_NO_DAY || finding->day < kind->first_day)
        kind->first_day = finding->day;
    if (finding->day > kind->last_day)
        kind->last_day = finding->day;
}

static enum fz_result write_out(struct fz_findings *findings)
{
    if (findings->file < 0)
        findings->file = fz_temporary_open(findings->trouble);
    if (findings->file < 0)
        return FZ_FAILED;
    enum fz_result result = fz_temporary_append(findings->file, findings->buffer, findings->buffered, findings->trouble);
    findings->file_size += findings->buffered;
    findings->buffered = 0;
    return result;
}

static bool grow(struct fz_findings_kind *kind)
{
    if (kind->count < kind->capacity)
        return true;
    uint64_t capacity = kind->capacity == 0 ? 64 : kind->capacity * 2;
    struct fz_finding_place *places = reallocarray(kind->places, capacity, sizeof *places);
    if (places == NULL)
        return false;
    kind->places = places;
    kind->capacity = capacity;
    return true;
}

static enum fz_result add(struct fz_findings *findings, const struct fz_finding *finding, const char *json, size_t size)
{
    struct fz_findings_kind *kind = &findings->kinds[finding->kind];
    if (findings->buffer == NULL)
        findings->buffer = malloc(BUFFER_BYTES);
    if (findings->buffer == NULL || !grow(kind))
        return fz_trouble_memory(findings->trouble);
    if (size > BUFFER_BYTES)
        return fz_trouble_say(findings->trouble, "A difference has more lines than can be told of it.");
    if (findings->buffered + size > BUFFER_BYTES && write_out(findings) != FZ_OK)
        return FZ_FAILED;
    kind->places[kind->count] = (struct fz_finding_place){finding->day, finding->piece, finding->line, (uint32_t)size,
                                                          findings->file_size + findings->buffered};
    memcpy(findings->buffer + findings->buffered, json, size);
    findings->buffered += size;
    add_stake(kind, finding);
    return FZ_OK;
}

enum fz_result fz_findings_add(struct fz_findings *findings, const struct fz_finding *finding, const char *json, size_t size)
{
    pthread_mutex_lock(&findings->lock);
    enum fz_result result = add(findings, finding, json, size);
    pthread_mutex_unlock(&findings->lock);
    return result;
}

/* ---- reading ---- */

static int by_place(const void *left, const void *right)
{
    const struct fz_finding_place *a = left, *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->piece != b->piece)
        return a->piece < b->piece ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

void fz_findings_sort(struct fz_findings *findings)
{
    for (size_t i = 0; i < FZ_KIND_COUNT; i++)
        if (findings->kinds[i].count > 1)
            qsort(findings->kinds[i].places, findings->kinds[i].count, sizeof *findings->kinds[i].places, by_place);
}

enum fz_result fz_findings_read(struct fz_findings *findings, enum fz_difference_kind kind, uint64_t number,
                                struct fz_text *out)
{
    const struct fz_finding_place *place = &findings->kinds[kind].places[number];
    out->size = 0;
    char *at = fz_text_room(out, place->size);
    if (at == NULL)
        return fz_trouble_memory(findings->trouble);
    if (place->offset >= findings->file_size)
        memcpy(at, findings->buffer + (place->offset - findings->file_size), place->size);
    else if (pread(findings->file, at, place->size, (off_t)place->offset) != (ssize_t)place->size)
        return fz_trouble_say(findings->trouble, "The temporary file could not be read.");
    return FZ_OK;
}
