/* Records as JSON: what a peer sent becomes clean text here. */
#include "server/log/json.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "server/log/filter.h"

/* ---- text of peers ---- */

/* What a terminal that shows it would obey, beyond what JSON escapes. */
static bool is_control(const char *character, size_t size)
{
    return (size == 1 && character[0] == 0x7F) ||
           (size == 2 && (unsigned char)character[0] == 0xC2 && (unsigned char)character[1] < 0xA0);
}

/* New. What is not UTF-8 becomes '?'; line ends and other control characters stay, as JSON's escapes. */
static json_t *clean_text(const char *text, size_t size)
{
    struct fz_text clean = {.max = size};
    for (size_t at = 0; at < size;) {
        size_t step = 1;
        while (step < 3 && at + step < size && fz_utf8_length(text + at, step) != 1)
            step++;
        bool whole = fz_utf8_length(text + at, step) == 1;
        if (!whole)
            step = 1;
        if (whole && !is_control(text + at, step))
            fz_text_add(&clean, text + at, step);
        else
            fz_text_string(&clean, "?");
        at += step;
    }
    json_t *json = clean.failed ? NULL : json_stringn(clean.size == 0 ? "" : clean.data, clean.size);
    fz_text_done(&clean);
    return json;
}

static json_t *part_text(const struct fz_request_record *record, enum fz_record_part part)
{
    return clean_text(record->text + record->parts[part].at, record->parts[part].size);
}

/* ---- the summary ---- */

static void write_peer(const struct fz_request_record *record, char *out, size_t size)
{
    char address[INET6_ADDRSTRLEN] = "";
    if (record->peer.any.sa_family == AF_INET &&
        inet_ntop(AF_INET, &record->peer.v4.sin_addr, address, sizeof address) != NULL)
        snprintf(out, size, "%s:%u", address, ntohs(record->peer.v4.sin_port));
    else if (record->peer.any.sa_family == AF_INET6 &&
             inet_ntop(AF_INET6, &record->peer.v6.sin6_addr, address, sizeof address) != NULL)
        snprintf(out, size, "[%s]:%u", address, ntohs(record->peer.v6.sin6_port));
}

/* The first of each name. */
static bool note_number(void *numbers, const char *name, const char *value)
{
    if (json_object_get(numbers, name) == NULL)
        (void)json_object_set_new(numbers, name, clean_text(value, strlen(value)));
    return false;
}

static void set_code(json_t *summary, const struct fz_request_record *record)
{
    if (record->row == FZ_ROW_NONE)
        return;
    (void)json_object_set_new(summary, "code", json_string(fz_record_code(record)));
    (void)json_object_set_new(summary, "row", json_string(fz_row_text(record->row)->name));
}

static void set_numbers(json_t *summary, const struct fz_request_record *record)
{
    json_t *numbers = json_object();
    (void)fz_record_numbers(record, note_number, numbers);
    json_t *sub_mchid = json_object_get(numbers, "sub_mchid");
    if (sub_mchid != NULL) {
        (void)json_object_set(summary, "sub_mchid", sub_mchid);
        (void)json_object_del(numbers, "sub_mchid");
    }
    (void)json_object_set_new(summary, "numbers", numbers);
}

json_t *fz_record_summary(const struct fz_request_record *record)
{
    char wire[FZ_TIME_SIZE], book[FZ_TIME_SIZE], peer[INET6_ADDRSTRLEN + 10] = "";
    fz_format_time_ms(wire, record->wire_ms);
    fz_format_time_ms(book, record->book_ms);
    write_peer(record, peer, sizeof peer);
    json_t *summary = json_pack(
        "{s:I, s:s, s:s, s:s, s:I, s:s, s:o, s:o, s:i, s:b}", "sequence", (json_int_t)record->sequence,
        "request_id", record->request_id, "time", wire, "book_time", book, "duration_us",
        (json_int_t)record->duration_us, "peer", peer, "method", part_text(record, FZ_PART_METHOD), "target",
        part_text(record, FZ_PART_TARGET), "status", record->status, "verified", (int)record->verified);
    if (summary == NULL)
        return NULL;
    set_code(summary, record);
    if (record->endpoint != NULL)
        (void)json_object_set_new(summary, "endpoint", json_string(record->endpoint->name));
    if (record->mchid[0] != '\0')
        (void)json_object_set_new(summary, "mchid", json_string(record->mchid));
    set_numbers(summary, record);
    return summary;
}

/* ---- the whole ---- */

/* New: ["Name: value", …] */
static json_t *header_lines(const struct fz_request_record *record, enum fz_record_part part)
{
    json_t *list = json_array();
    const char *at = record->text + record->parts[part].at, *end = at + record->parts[part].size, *line;
    for (; at < end && (line = memchr(at, '\n', (size_t)(end - at))) != NULL; at = line + 1)
        (void)json_array_append_new(list, clean_text(at, (size_t)(line - at)));
    return list;
}

static json_t *one_side(const struct fz_request_record *record, enum fz_record_part headers,
                        enum fz_record_part body)
{
    const struct fz_kept *kept = &record->parts[body];
    json_t *side = json_pack("{s:o, s:I}", "headers", header_lines(record, headers), "body_bytes",
                             (json_int_t)kept->whole);
    if (side == NULL)
        return NULL;
    if (record->parts[headers].cut)
        (void)json_object_set_new(side, "headers_cut", json_true());
    if (!kept->left_out)
        (void)json_object_set_new(side, "body", part_text(record, body));
    if (kept->cut)
        (void)json_object_set_new(side, "body_cut", json_true());
    return side;
}

json_t *fz_record_whole(const struct fz_request_record *record)
{
    json_t *whole = fz_record_summary(record);
    if (whole == NULL)
        return NULL;
    (void)json_object_set_new(whole, "request", one_side(record, FZ_PART_ASKED_HEADERS, FZ_PART_ASKED_BODY));
    (void)json_object_set_new(whole, "answer", one_side(record, FZ_PART_ANSWER_HEADERS, FZ_PART_ANSWER_BODY));
    return whole;
}
