/* Puts items aside. Each thread fills rooms of its own and appends a whole room at once, so threads meet only in the kernel.
 */
#include "reconcile/place/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reconcile/place/temporary.h"

#define PLACE_BYTES (UINT64_C(12) << 20) /* that a place is meant to have */
#define ROOMS_BYTES ((size_t)12 << 20)   /* of one pen, all rooms together */
#define ROOM_MAX    ((size_t)4 << 20)

struct fz_kept {
    struct fz_kept *next;
    size_t size;
    char *data;
};

void fz_spool_begin(struct fz_spool *spool, struct fz_trouble *trouble, uint64_t expected)
{
    memset(spool, 0, sizeof *spool);
    spool->trouble = trouble;
    while ((UINT64_C(1) << spool->bits) < FZ_PLACES_MAX && (expected >> spool->bits) > PLACE_BYTES)
        spool->bits++;
    spool->room = ROOMS_BYTES >> spool->bits;
    if (spool->room > ROOM_MAX)
        spool->room = ROOM_MAX;
    for (size_t i = 0; i < FZ_PLACES_MAX; i++)
        spool->places[i].file = -1;
    pthread_mutex_init(&spool->lock, NULL);
}

void fz_spool_begin_alone(struct fz_spool *spool, struct fz_trouble *trouble)
{
    fz_spool_begin(spool, trouble, 0);
    spool->room = SIZE_MAX;
}

size_t fz_spool_places(const struct fz_spool *spool)
{
    return (size_t)1 << spool->bits;
}

static void free_kept(struct fz_kept *kept)
{
    while (kept != NULL) {
        struct fz_kept *next = kept->next;
        free(kept->data);
        free(kept);
        kept = next;
    }
}

void fz_spool_done(struct fz_spool *spool)
{
    if (spool->trouble == NULL)
        return;
    for (size_t i = 0; i < FZ_PLACES_MAX; i++) {
        if (spool->places[i].file >= 0)
            close(spool->places[i].file);
        free_kept(spool->places[i].kept);
    }
    pthread_mutex_destroy(&spool->lock);
    memset(spool, 0, sizeof *spool);
}

/* ---- writing ---- */

/* With O_APPEND each write lands behind the other threads' ones, whole. */
static enum fz_result append(struct fz_spool *spool, size_t number, const char *data, size_t size)
{
    struct fz_spool_place *place = &spool->places[number];
    pthread_mutex_lock(&spool->lock);
    if (place->file < 0)
        place->file = fz_temporary_open(spool->trouble);
    int file = place->file;
    place->size += size;
    pthread_mutex_unlock(&spool->lock);
    return file < 0 ? FZ_FAILED : fz_temporary_append(file, data, size, spool->trouble);
}

struct fz_pen *fz_pen_new(struct fz_spool *spool)
{
    struct fz_pen *pen = calloc(1, sizeof *pen);
    if (pen == NULL) {
        (void)fz_trouble_memory(spool->trouble);
        return NULL;
    }
    pen->spool = spool;
    return pen;
}

/* Room for `size` bytes at that place; NULL after trouble. */
static char *make_room(struct fz_pen *pen, size_t place, uint32_t size)
{
    struct fz_pen_room *room = &pen->rooms[place];
    if (room->size + size <= room->capacity) {
        room->size += size;
        return room->data + room->size - size;
    }
    if (room->capacity >= pen->spool->room) {
        if (append(pen->spool, place, room->data, room->size) != FZ_OK)
            return NULL;
        room->size = 0;
    } else {
        size_t capacity = room->capacity * 4 < 16384 ? 16384 : room->capacity * 4;
        if (capacity > pen->spool->room)
            capacity = pen->spool->room;
        char *data = realloc(room->data, capacity);
        if (data == NULL) {
            (void)fz_trouble_memory(pen->spool->trouble);
            return NULL;
        }
        room->data = data;
        room->capacity = capacity;
    }
    return make_room(pen, place, size);
}

static size_t place_of(const struct fz_spool *spool, uint64_t hash)
{
    return spool->bits == 0 ? 0 : (size_t)(hash >> (64 - spool->bits));
}

enum fz_result fz_pen_put(struct fz_pen *pen, const struct fz_draft *draft)
{
    char *at = make_room(pen, place_of(pen->spool, draft->item.hash), fz_draft_size(draft));
    if (at == NULL)
        return FZ_FAILED;
    fz_draft_pack(draft, at);
    pen->count++;
    return FZ_OK;
}

enum fz_result fz_pen_copy(struct fz_pen *pen, const struct fz_item *item, uint64_t hash, uint8_t has)
{
    char *at = make_room(pen, place_of(pen->spool, hash), item->size);
    if (at == NULL)
        return FZ_FAILED;
    memcpy(at, item, item->size);
    struct fz_item *copy = (struct fz_item *)(void *)at;
    copy->hash = hash;
    copy->has = has;
    return FZ_OK;
}

static void keep(struct fz_pen *pen, size_t number)
{
    struct fz_pen_room *room = &pen->rooms[number];
    struct fz_kept *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        (void)fz_trouble_memory(pen->spool->trouble);
        free(room->data);
        return;
    }
    pthread_mutex_lock(&pen->spool->lock);
    *kept = (struct fz_kept){pen->spool->places[number].kept, room->size, room->data};
    pen->spool->places[number].kept = kept;
    pthread_mutex_unlock(&pen->spool->lock);
}

void fz_pen_done(struct fz_pen *pen)
{
    if (pen == NULL)
        return;
    for (size_t i = 0; i < fz_spool_places(pen->spool); i++)
        if (pen->rooms[i].size > 0)
            keep(pen, i);
        else
            free(pen->rooms[i].data);
    free(pen);
}

/* ---- reading ---- */

static enum fz_result read_file(const struct fz_spool *spool, const struct fz_spool_place *place, char *out)
{
    for (uint64_t done = 0; done < place->size;) {
        ssize_t size = pread(place->file, out + done, place->size - done, (off_t)done);
        if (size <= 0)
            return fz_trouble_say(spool->trouble, "The temporary file could not be read: %s.",
                                  size < 0 ? strerrordesc_np(errno) : "it is shorter than what was written");
        done += (uint64_t)size;
    }
    return FZ_OK;
}

enum fz_result fz_spool_load(const struct fz_spool *spool, size_t number, char **data, size_t *size)
{
    const struct fz_spool_place *place = &spool->places[number];
    size_t whole = place->size;
    for (const struct fz_kept *kept = place->kept; kept != NULL; kept = kept->next)
        whole += kept->size;
    char *at = malloc(whole + 1);
    if (at == NULL)
        return fz_trouble_memory(spool->trouble);
    *data = at;
    *size = whole;
    if (place->file >= 0 && read_file(spool, place, at) != FZ_OK) {
        free(at);
        return FZ_FAILED;
    }
    at += place->size;
    for (const struct fz_kept *kept = place->kept; kept != NULL; kept = kept->next) {
        memcpy(at, kept->data, kept->size);
        at += kept->size;
    }
    return FZ_OK;
}
