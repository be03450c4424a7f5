/* Counting and writing down what goes to PostgreSQL. */
#include "recorder.h"

#include <ctype.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENTS_MAX 1000 /* of the program */
#define RECORDED_MAX   200
#define VALUES_MAX     80
#define TYPE_BYTEA     17
#define TYPE_INT8      20

int __real_PQsendPrepare(PGconn *connection, const char *label, const char *sql, int count, const Oid *types);
int __real_PQsendQueryPrepared(PGconn *connection, const char *label, int count, const char *const *values, const int *sizes,
                               const int *formats, int format);
int __real_PQpipelineSync(PGconn *connection);
int __wrap_PQsendPrepare(PGconn *connection, const char *label, const char *sql, int count, const Oid *types);
int __wrap_PQsendQueryPrepared(PGconn *connection, const char *label, int count, const char *const *values, const int *sizes,
                               const int *formats, int format);
int __wrap_PQpipelineSync(PGconn *connection);

static atomic_int_fast64_t statements, messages;

/* What is known of a prepared statement, by the number in its label. */
static struct {
    char *sql;
    Oid types[VALUES_MAX];
} known[STATEMENTS_MAX];

/* A statement with its values as text (NULL: SQL's), or the end of a message. */
static struct recorded {
    const char *sql;
    int count;
    char *values[VALUES_MAX];
} recorded[RECORDED_MAX];
static int recorded_count;
static bool records;

static int number_of(const char *label)
{
    int number = atoi(label + 2); /* fz17 */
    if (number < 0 || number >= STATEMENTS_MAX)
        abort();
    return number;
}

int __wrap_PQsendPrepare(PGconn *connection, const char *label, const char *sql, int count, const Oid *types)
{
    int number = number_of(label);
    if (known[number].sql == NULL) {
        memcpy(known[number].types, types, (size_t)count * sizeof *types);
        known[number].sql = strdup(sql);
    }
    return __real_PQsendPrepare(connection, label, sql, count, types);
}

static char *text_of(Oid type, const char *value, int size)
{
    char *text = malloc((size_t)size * 2 + 24);
    if (text == NULL)
        abort();
    if (type == TYPE_INT8) {
        uint64_t wide;
        memcpy(&wide, value, sizeof wide);
        sprintf(text, "%lld", (long long)be64toh(wide));
    } else if (type == TYPE_BYTEA) {
        strcpy(text, "\\x");
        for (int i = 0; i < size; i++)
            sprintf(text + 2 + 2 * i, "%02x", (unsigned char)value[i]);
    } else {
        memcpy(text, value, (size_t)size);
        text[size] = '\0';
    }
    return text;
}

static struct recorded *add(const char *sql)
{
    if (recorded_count == RECORDED_MAX)
        abort();
    recorded[recorded_count] = (struct recorded){.sql = sql};
    return &recorded[recorded_count++];
}

int __wrap_PQsendQueryPrepared(PGconn *connection, const char *label, int count, const char *const *values, const int *sizes,
                               const int *formats, int format)
{
    atomic_fetch_add(&statements, 1);
    if (records) {
        int number = number_of(label);
        struct recorded *to = add(known[number].sql);
        to->count = count;
        for (int i = 0; i < count; i++)
            to->values[i] = values[i] == NULL ? NULL : text_of(known[number].types[i], values[i], sizes[i]);
    }
    return __real_PQsendQueryPrepared(connection, label, count, values, sizes, formats, format);
}

int __wrap_PQpipelineSync(PGconn *connection)
{
    atomic_fetch_add(&messages, 1);
    if (records)
        (void)add(NULL);
    return __real_PQpipelineSync(connection);
}

void recorder_counts(int64_t *statements_out, int64_t *messages_out)
{
    *statements_out = atomic_load(&statements);
    *messages_out = atomic_load(&messages);
}

void recorder_begin(void)
{
    recorded_count = 0;
    records = true;
}

/* Prints what stands for a value: a variable of `names`, or one of its own. */
static void print_value(const struct recorder_name *names, int statement, int place, const char *value)
{
    if (value == NULL) {
        printf("NULL");
        return;
    }
    for (; names->value != NULL; names++)
        if (strcmp(names->value, value) == 0) {
            printf(":%s", names->variable);
            return;
        }
    printf(":s%dv%d", statement, place);
}

static bool is_named(const struct recorder_name *names, const char *value)
{
    for (; value != NULL && names->value != NULL; names++)
        if (strcmp(names->value, value) == 0)
            return true;
    return value == NULL;
}

static void print_statement(const struct recorder_name *names, int statement)
{
    const struct recorded *from = &recorded[statement];
    for (const char *at = from->sql; *at != '\0'; at++) {
        if (*at != '$' || !isdigit((unsigned char)at[1])) {
            putchar(*at);
            continue;
        }
        char *end;
        int place = (int)strtol(at + 1, &end, 10) - 1;
        print_value(names, statement, place, from->values[place]);
        at = end - 1;
    }
    puts(";");
}

static void print_script(const struct recorder_name *names)
{
    bool open = false;
    for (int i = 0; i < recorded_count; i++) {
        if (!open)
            puts("\\startpipeline");
        open = recorded[i].sql != NULL;
        if (open)
            print_statement(names, i);
        else
            puts("\\endpipeline");
    }
}

void recorder_end(const struct recorder_name *names)
{
    records = false;
    for (int i = 0; i < recorded_count; i++)
        for (int place = 0; place < recorded[i].count; place++)
            if (!is_named(names, recorded[i].values[place]))
                printf("define s%dv%d=%s\n", i, place, recorded[i].values[place]);
    puts("script");
    print_script(names);
}
