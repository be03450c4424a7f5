/* Reads records in JSON, one at a time. */
#include "reconcile/records/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 4 /* of members within members */
#define NAME_MAX_ 128

/* One record being read: numbers are written out as texts. */
struct record {
    struct fz_record_reading *records;
    uint32_t piece, number;
    struct fz_pen *pen;
    struct fz_item_part cells[FZ_ROLES];
    char numbers[FZ_ROLES][24];
};

/* ---- members ---- */

static void take_value(struct record *record, enum fz_cell_role role, const json_t *value)
{
    struct fz_item_part *cell = &record->cells[role];
    if (json_is_string(value))
        *cell = (struct fz_item_part){json_string_value(value), json_string_length(value)};
    else if (json_is_integer(value)) {
        int size =
            snprintf(record->numbers[role], sizeof record->numbers[role], "%lld", (long long)json_integer_value(value));
        *cell = (struct fz_item_part){record->numbers[role], (size_t)size};
    } else if (json_is_real(value)) { /* 12.34 is an amount in decimals; what is none is refused as any other text */
        int size = snprintf(record->numbers[role], sizeof record->numbers[role], "%.15g", json_real_value(value));
        *cell = (struct fz_item_part){record->numbers[role], (size_t)size};
    }
}

/* A member in another one is called by both names: "amount.refund". What is taken first stays. */
static void take_members(struct record *record, const json_t *object, const char *before, int depth)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char name[NAME_MAX_];
        int size = snprintf(name, sizeof name, "%s%s%s", before, before[0] == '\0' ? "" : ".", key);
        if (size >= NAME_MAX_)
            continue;
        if (json_is_object(value) && depth < DEPTH_MAX) {
            take_members(record, value, name, depth + 1);
            continue;
        }
        enum fz_cell_role role = fz_map_role(record->records->map, (struct fz_item_part){name, (size_t)size});
        if (role != FZ_ROLE_NONE && record->cells[role].size == 0)
            take_value(record, role, value);
    }
}

/* ---- records ---- */

static enum fz_result put_record(struct record *record, const json_t *object, const json_t *around)
{
    memset(record->cells, 0, sizeof record->cells);
    take_members(record, object, "", 0);
    const json_t *merchant = json_object_get(around, "sub_mchid");
    if (record->cells[FZ_ROLE_SUB_MCHID].size == 0 && json_is_string(merchant))
        take_value(record, FZ_ROLE_SUB_MCHID, merchant);
    enum fz_result result = fz_record_put(record->records, record->piece, record->number, record->cells, record->pen);
    record->number++;
    return result;
}

/* An answer of the API has its refunds in `data`, and around them what is of all. */
static enum fz_result put_value(struct record *record, const json_t *value, const json_t *around)
{
    size_t i;
    json_t *one;
    enum fz_result result = FZ_OK;
    const json_t *list = json_is_array(value) ? value : json_object_get(value, "data");
    if (!json_is_array(list) && json_is_object(value))
        return put_record(record, value, around);
    json_array_foreach(list, i, one)
    {
        if (result == FZ_OK)
            result = put_value(record, one, json_is_array(value) ? around : value);
    }
    return result;
}

/* ---- the file ---- */

/* The next character that says something; EOF at the end. An array's own signs only hold its records apart; how many of
 * them are open tells a file that was cut between two records. */
static int next_begin(FILE *file, int *open)
{
    int letter;
    do {
        letter = getc(file);
        *open += (letter == '[') - (letter == ']');
    } while (letter > 0 && strchr(" \t\r\n[],\xEF\xBB\xBF", letter) != NULL);
    if (letter != EOF)
        ungetc(letter, file);
    return letter;
}

static enum fz_result read_all(struct record *record, const char *path, FILE *file)
{
    enum fz_result result = FZ_OK;
    int open = 0;
    while (result == FZ_OK && next_begin(file, &open) != EOF) {
        json_error_t error;
        json_t *value = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
        if (value == NULL)
            return fz_trouble_say(record->records->reading->trouble, "%s is no JSON from its record %u on: %s.", path,
                                  record->number + 1, error.text);
        result = put_value(record, value, NULL);
        json_decref(value);
    }
    if (result == FZ_OK && open != 0)
        return fz_trouble_say(record->records->reading->trouble,
                              "%s was cut: the list of its %u records has no end. Let it be written whole first.", path,
                              record->number);
    return result;
}

bool fz_json_is(int file)
{
    char first[64];
    ssize_t size = pread(file, first, sizeof first, 0);
    for (ssize_t i = 0; i < size; i++)
        if (strchr(" \t\r\n\xEF\xBB\xBF", first[i]) == NULL)
            return first[i] == '[' || first[i] == '{';
    return false;
}

enum fz_result fz_json_piece(struct fz_record_reading *records, size_t piece, struct fz_pen *pen)
{
    const struct fz_inputs *inputs = records->reading->inputs;
    const struct fz_input *input = &inputs->list[inputs->pieces[piece].input];
    struct record record = {.records = records, .piece = (uint32_t)piece, .pen = pen};
    FILE *file = fdopen(dup(input->file), "r");
    if (file == NULL)
        return fz_trouble_memory(records->reading->trouble);
    rewind(file);
    enum fz_result result = read_all(&record, input->path, file);
    fclose(file);
    inputs->pieces[piece].lines = (uint64_t)record.number + 1;
    records->rows += record.number;
    return result;
}
