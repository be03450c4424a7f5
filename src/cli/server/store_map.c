/* The map of stores, read by libinih: a line for each merchant, and behind them what else there is to say of a store.
 *
 *     1900000300 = east
 *     1900000301 = east
 *
 *     [east]
 *     control = 127.0.0.1:8091
 *     secret-file = east.secret
 */
#include "cli/server/store_map.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

size_t fz_store_name_size(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return text[size] == '=' ? size : 0;
}

/* Its place in the list; `count`: it is not there. */
static size_t find(const struct fz_stores *stores, const char *name, size_t size)
{
    size_t i = 0;
    while (i < stores->count && (strlen(stores->list[i].name) != size || strncmp(stores->list[i].name, name, size) != 0))
        i++;
    return i;
}

enum fz_result fz_store_map_add(struct fz_stores *stores, const char *text)
{
    size_t size = fz_store_name_size(text), i = find(stores, text, size);
    if (size >= FZ_STORE_NAME_SIZE)
        return FZ_MALFORMED;
    if (i == FZ_STORES_MAX)
        return FZ_FULL;
    struct fz_other_store *store = &stores->list[i];
    fz_copy_part(store->name, sizeof store->name, text, size);
    store->url = text + size + 1;
    if (i == stores->count)
        stores->count++;
    return FZ_OK;
}

/* ---- one line ---- */

struct reading {
    FILE *file;
    const char *path;
    struct fz_stores *stores;
    int line, fault_line;
    char fault[500]; /* the first; "": none */
};

static int __attribute__((format(printf, 2, 3))) refuse(struct reading *reading, const char *format, ...)
{
    va_list arguments;
    if (reading->fault[0] != '\0')
        return 0;
    reading->fault_line = reading->line;
    va_start(arguments, format);
    vsnprintf(reading->fault, sizeof reading->fault, format, arguments);
    va_end(arguments);
    fz_clean_controls(reading->fault);
    return 0;
}

/* 0: there is no store of that name, and that was said. Else as fz_stores_find. */
static size_t store_named(struct reading *reading, const char *name)
{
    size_t i = find(reading->stores, name, strlen(name));
    if (i < reading->stores->count)
        return i + 1;
    refuse(reading, "there is no store %s: name its address with --store %s=URL", name, name);
    return 0;
}

static int place(struct reading *reading, const char *mchid, const char *name)
{
    struct fz_stores *stores = reading->stores;
    size_t size = strlen(mchid);
    if (size < 8 || size > 32 || strspn(mchid, "0123456789") != size)
        return refuse(reading, "%s is no merchant's number of 8 to 32 digits. Lines are MCHID = NAME; what is said of a store stands below its "
                               "[NAME], behind them",
                      mchid);
    if (name[0] == '\0')
        return refuse(reading, "behind %s = stands no store", mchid);
    size_t store = store_named(reading, name);
    if (store == 0)
        return 0;
    struct fz_placement *list = reallocarray(stores->placements, stores->placement_count + 1, sizeof *list);
    if (list == NULL)
        return refuse(reading, "memory is short");
    stores->placements = list;
    struct fz_placement *to = &list[stores->placement_count++];
    fz_copy(to->mchid, sizeof to->mchid, mchid);
    to->store = store;
    return 1;
}

/* A path is relative to the file. */
static int take_secret_file(struct reading *reading, struct fz_other_store *store, const char *value)
{
    const char *name = strrchr(reading->path, '/');
    int folder = value[0] == '/' || name == NULL ? 0 : (int)(name - reading->path) + 1;
    int size = snprintf(store->secret_file, sizeof store->secret_file, "%.*s%s", folder, reading->path, value);
    return size < (int)sizeof store->secret_file ? 1 : refuse(reading, "this path is too long");
}

static int tell(struct reading *reading, struct fz_other_store *store, const char *name, const char *value)
{
    bool control = strcmp(name, "control") == 0;
    if (!control && strcmp(name, "secret-file") != 0)
        return refuse(reading, "%s is neither control nor secret-file. Merchants stand before the first [NAME]", name);
    if ((control ? store->control : store->secret_file)[0] != '\0')
        return refuse(reading, "%s of %s was given already", name, store->name);
    if (value[0] == '\0' || (control && strlen(value) >= sizeof store->control))
        return refuse(reading, "%s has no value, or one that is too long", name);
    if (!control)
        return take_secret_file(reading, store, value);
    fz_copy(store->control, sizeof store->control, value);
    return 1;
}

static int take(void *argument, const char *section, const char *name, const char *value)
{
    struct reading *reading = argument;
    if (section[0] == '\0')
        return place(reading, name, value);
    size_t store = store_named(reading, section);
    return store == 0 ? 0 : tell(reading, &reading->stores->list[store - 1], name, value);
}

/* ---- the file ---- */

/* As fgets, for libinih, which cuts longer lines in two. */
static char *next_line(char *into, int size, void *stream)
{
    struct reading *reading = stream;
    char *line = fgets(into, size, reading->file);
    reading->line++;
    if (line != NULL && strlen(line) == (size_t)size - 1 && line[size - 2] != '\n')
        refuse(reading, "it is longer than %d bytes", size - 2);
    return line;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct fz_placement *)a)->mchid, ((const struct fz_placement *)b)->mchid);
}

/* By mchid; who stands there twice is said to lie in two books. */
static enum fz_result sort(const struct reading *reading, char *why, size_t why_size)
{
    const struct fz_stores *stores = reading->stores;
    if (stores->placement_count > 1)
        qsort(stores->placements, stores->placement_count, sizeof *stores->placements, compare);
    for (size_t i = 1; i < stores->placement_count; i++)
        if (compare(&stores->placements[i - 1], &stores->placements[i]) == 0) {
            snprintf(why, why_size, "The map of stores %s says twice where the merchant %s lies. Leave the line of the book that has him. Nothing was started.",
                     reading->path, stores->placements[i].mchid);
            return FZ_MALFORMED;
        }
    return FZ_OK;
}

enum fz_result fz_store_map_read(const char *path, struct fz_stores *stores, char *why, size_t why_size)
{
    struct reading reading = {.file = fopen(path, "re"), .path = path, .stores = stores};
    if (reading.file == NULL) {
        snprintf(why, why_size, "The map of stores %s cannot be read: %s. Name another with --store-map.", path, strerrordesc_np(errno));
        return FZ_FAILED;
    }
    int line = ini_parse_stream(next_line, &reading, take, &reading);
    fclose(reading.file);
    if (line == 0 && reading.fault[0] == '\0')
        return sort(&reading, why, why_size);
    snprintf(why, why_size, "%s, line %d: %s. Nothing was started.", path, reading.fault[0] == '\0' ? line : reading.fault_line,
             reading.fault[0] == '\0' ? "it is neither MCHID = NAME nor [NAME]" : reading.fault);
    return FZ_MALFORMED;
}

void fz_store_map_done(struct fz_stores *stores)
{
    free(stores->placements);
    *stores = (struct fz_stores){0};
}
