/* Bill text: cells are put straight into one large buffer, which goes to the sink whenever it is full. */
#include "wire/server/bill_text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

#define BUFFER_SIZE ((size_t)1 << 20)
#define NUMBER_SIZE 32 /* more than any number takes: minus, 20 digits, point, percent sign */

static void flush(struct fz_bill_writer *writer)
{
    if (writer->result == FZ_OK && writer->size > 0)
        writer->result = writer->sink(writer->argument, writer->buffer, writer->size);
    writer->size = 0;
}

/* A place for `size` bytes (far fewer than the buffer has), NULL after a failure. The caller moves
 * writer->size on. */
static char *room(struct fz_bill_writer *writer, size_t size)
{
    assert(writer->buffer != NULL);
    if (BUFFER_SIZE - writer->size < size)
        flush(writer);
    return writer->result == FZ_OK ? writer->buffer + writer->size : NULL;
}

static void blank(char *text, size_t size, char letter)
{
    const char *end = text + size;
    while ((text = memchr(text, letter, (size_t)(end - text))) != NULL)
        *text++ = ' ';
}

/* Text of any length, in parts that fit. In a value, what ends a line becomes a blank, for the format knows
 * no quoting. A comma ends no cell: what does is a comma with a grave accent behind it. */
static void put(struct fz_bill_writer *writer, const char *data, size_t size, bool is_value)
{
    while (size > 0) {
        char *place = room(writer, 1);
        if (place == NULL)
            return;
        size_t part = BUFFER_SIZE - writer->size < size ? BUFFER_SIZE - writer->size : size;
        memcpy(place, data, part);
        if (is_value) {
            blank(place, part, '\r');
            blank(place, part, '\n');
        }
        writer->size += part;
        data += part;
        size -= part;
    }
}

/* What stands before a value: a comma between two, and the grave accent that keeps spreadsheets from reading
 * a number. */
static char *begin_cell(struct fz_bill_writer *writer, char *place)
{
    if (writer->column++ > 0)
        *place++ = ',';
    *place++ = '`';
    return place;
}

enum fz_result fz_bill_begin(struct fz_bill_writer *out, fz_block_sink sink, void *argument)
{
    char *buffer = malloc(BUFFER_SIZE);
    if (buffer == NULL)
        return FZ_FAILED;
    *out = (struct fz_bill_writer){.buffer = buffer, .sink = sink, .argument = argument};
    put(out, "\xEF\xBB\xBF", 3, false);
    return FZ_OK;
}

void fz_bill_column_name(struct fz_bill_writer *writer, const char *name)
{
    if (writer->column++ > 0)
        put(writer, ",", 1, false);
    put(writer, name, strlen(name), false);
}

void fz_bill_text(struct fz_bill_writer *writer, const char *value)
{
    char *place = room(writer, 2);
    if (place == NULL)
        return;
    writer->size += (size_t)(begin_cell(writer, place) - place);
    put(writer, value, strlen(value), true);
}

/* `value` with at least `digits` digits. */
static char *put_digits(char *out, uint64_t value, int digits)
{
    char reversed[NUMBER_SIZE];
    int count = 0;
    for (; value > 0 || count < digits; value /= 10)
        reversed[count++] = (char)('0' + value % 10);
    while (count > 0)
        *out++ = reversed[--count];
    return out;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

/* A cell of sign, whole part, point and at least two decimals, and `suffix`. */
static void put_decimal(struct fz_bill_writer *writer, bool negative, uint64_t value, int digits,
                        const char *suffix)
{
    static const uint64_t powers[] = {1, 10, 100, 1000};
    assert(digits >= 0 && digits <= 3);
    char *start = room(writer, NUMBER_SIZE);
    if (start == NULL)
        return;
    char *at = begin_cell(writer, start);
    if (negative)
        *at++ = '-';
    at = put_digits(at, value / powers[digits], 1);
    *at++ = '.';
    at = put_digits(at, value % powers[digits], digits);
    for (int i = digits; i < 2; i++)
        *at++ = '0';
    while (*suffix != '\0')
        *at++ = *suffix++;
    writer->size += (size_t)(at - start);
}

void fz_bill_int(struct fz_bill_writer *writer, int64_t value)
{
    char *start = room(writer, NUMBER_SIZE);
    if (start == NULL)
        return;
    char *at = begin_cell(writer, start);
    if (value < 0)
        *at++ = '-';
    at = put_digits(at, magnitude(value), 1);
    writer->size += (size_t)(at - start);
}

void fz_bill_amount(struct fz_bill_writer *writer, int64_t amount, int digits)
{
    put_decimal(writer, amount < 0, magnitude(amount), digits, "");
}

void fz_bill_amount_back(struct fz_bill_writer *writer, int64_t amount, int digits)
{
    put_decimal(writer, amount <= 0, magnitude(amount), digits, "");
}

void fz_bill_percent(struct fz_bill_writer *writer, int64_t basis_points)
{
    put_decimal(writer, basis_points < 0, magnitude(basis_points), 2, "%");
}

void fz_bill_time(struct fz_bill_writer *writer, int64_t time_ms)
{
    char *start = room(writer, 2 + FZ_TIME_SIZE);
    if (start == NULL)
        return;
    char *at = begin_cell(writer, start);
    fz_format_bill_time(at, time_ms);
    writer->size += (size_t)(at - start) + strlen(at);
}

void fz_bill_line_end(struct fz_bill_writer *writer)
{
    put(writer, "\r\n", 2, false);
    writer->column = 0;
}

enum fz_result fz_bill_end(struct fz_bill_writer *writer)
{
    flush(writer);
    free(writer->buffer);
    writer->buffer = NULL;
    return writer->result;
}
