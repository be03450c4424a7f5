/* Finds out which column is what: by a map, or by the names that such columns usually have. */
#include "reconcile/records/map.h"

#include <ctype.h>
#include <ini.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BEIJING_MINUTES (8 * 60)

/* The first name of a role is ours. Compared are small letters and digits, dots, and what is not ASCII. */
static const struct {
    enum fz_cell_role role;
    const char *name;
} names[] = {
    {FZ_ROLE_OUT_REFUND_NO, "out_refund_no"},
    {FZ_ROLE_OUT_REFUND_NO, "Merchant refund No."},
    {FZ_ROLE_OUT_REFUND_NO, "Vendor refund number(out_refund_no)"},
    {FZ_ROLE_OUT_REFUND_NO, "Vendor refund number"},
    {FZ_ROLE_OUT_REFUND_NO, "Merchant refund number"},
    {FZ_ROLE_OUT_REFUND_NO, "Refund number"},
    {FZ_ROLE_OUT_REFUND_NO, "Refund No"},
    {FZ_ROLE_OUT_REFUND_NO, "商户退款单号"},
    {FZ_ROLE_REFUND_ID, "refund_id"},
    {FZ_ROLE_REFUND_ID, "id"},
    {FZ_ROLE_REFUND_ID, "WeChat refund No."},
    {FZ_ROLE_REFUND_ID, "Wechat refund number(refund_id)"},
    {FZ_ROLE_REFUND_ID, "WeChat refund number"},
    {FZ_ROLE_REFUND_ID, "微信退款单号"},
    {FZ_ROLE_TRANSACTION_ID, "transaction_id"},
    {FZ_ROLE_TRANSACTION_ID, "WeChat order No."},
    {FZ_ROLE_TRANSACTION_ID, "Wechat order number(transaction_id)"},
    {FZ_ROLE_TRANSACTION_ID, "WeChat order number"},
    {FZ_ROLE_TRANSACTION_ID, "微信订单号"},
    {FZ_ROLE_OUT_TRADE_NO, "out_trade_no"},
    {FZ_ROLE_OUT_TRADE_NO, "Vendor order No."},
    {FZ_ROLE_OUT_TRADE_NO, "Vendor order number(out_transaction_id)"},
    {FZ_ROLE_OUT_TRADE_NO, "Order number"},
    {FZ_ROLE_OUT_TRADE_NO, "Order No"},
    {FZ_ROLE_OUT_TRADE_NO, "商户订单号"},
    {FZ_ROLE_SUB_MCHID, "sub_mchid"},
    {FZ_ROLE_SUB_MCHID, "Sub vendor ID"},
    {FZ_ROLE_SUB_MCHID, "sub_mch_id"},
    {FZ_ROLE_SUB_MCHID, "merchant"},
    {FZ_ROLE_SUB_MCHID, "特约商户号"},
    {FZ_ROLE_AMOUNT, "amount"},
    {FZ_ROLE_AMOUNT, "amount.refund"},
    {FZ_ROLE_AMOUNT, "refund_amount"},
    {FZ_ROLE_AMOUNT, "refund_fee"},
    {FZ_ROLE_AMOUNT, "Refund amount(refund_fee)"},
    {FZ_ROLE_AMOUNT, "amount.total"},
    {FZ_ROLE_AMOUNT, "退款金额"},
    {FZ_ROLE_AMOUNT, "金额"},
    {FZ_ROLE_CURRENCY, "currency"},
    {FZ_ROLE_CURRENCY, "amount.currency"},
    {FZ_ROLE_CURRENCY, "Currency type"},
    {FZ_ROLE_CURRENCY, "refund_currency"},
    {FZ_ROLE_CURRENCY, "币种"},
    {FZ_ROLE_STATUS, "status"},
    {FZ_ROLE_STATUS, "refund_status"},
    {FZ_ROLE_STATUS, "state"},
    {FZ_ROLE_STATUS, "退款状态"},
    {FZ_ROLE_SUCCESS_TIME, "success_time"},
    {FZ_ROLE_SUCCESS_TIME, "Refund success time"},
    {FZ_ROLE_SUCCESS_TIME, "refunded_at"},
    {FZ_ROLE_SUCCESS_TIME, "succeeded_at"},
    {FZ_ROLE_SUCCESS_TIME, "退款成功时间"},
    {FZ_ROLE_CREATE_TIME, "create_time"},
    {FZ_ROLE_CREATE_TIME, "Refund apply time"},
    {FZ_ROLE_CREATE_TIME, "created_at"},
    {FZ_ROLE_CREATE_TIME, "退款申请时间"},
    {FZ_ROLE_FEE, "fee"},
    {FZ_ROLE_FEE, "Service fee"},
    {FZ_ROLE_FEE, "手续费"},
    {FZ_ROLE_SETTLEMENT, "settlement_amount"},
    {FZ_ROLE_SETTLEMENT, "Refund settlement amount"},
    {FZ_ROLE_SETTLEMENT, "结算金额"},
    {FZ_ROLE_SETTLEMENT_CURRENCY, "settlement_currency"},
    {FZ_ROLE_SETTLEMENT_CURRENCY, "Refund settlement currency"},
    {FZ_ROLE_SETTLEMENT_CURRENCY, "结算币种"},
    {FZ_ROLE_OUT_ORDER_NO, "out_order_no"},
    {FZ_ROLE_DETAIL_ID, "detail_id"},
    {FZ_ROLE_RECEIVER, "receiver_account"},
    {FZ_ROLE_SOURCE, "fund_source"},
    {FZ_ROLE_SOURCE, "refund_source"},
    {FZ_ROLE_TYPE, "type"},
};
#define NAME_COUNT (sizeof names / sizeof names[0])

/* ---- names ---- */

const char *fz_cell_role_name(enum fz_cell_role role)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (names[i].role == role)
            return names[i].name;
    return "";
}

/* The next byte that counts, small; '\0' at the end. */
static char next_letter(const char **at, const char *end)
{
    while (*at < end) {
        unsigned char letter = (unsigned char)*(*at)++;
        if (isalnum(letter) || letter == '.' || letter >= 0x80)
            return (char)(letter < 0x80 ? tolower(letter) : letter);
    }
    return '\0';
}

static bool is_alike(struct fz_item_part name, const char *usual)
{
    const char *a = name.text, *a_end = name.text + name.size, *b = usual, *b_end = usual + strlen(usual);
    for (;;) {
        char left = next_letter(&a, a_end), right = next_letter(&b, b_end);
        if (left != right)
            return false;
        if (left == '\0')
            return true;
    }
}

static bool is_exactly(struct fz_item_part name, const char *text)
{
    return strlen(text) == name.size && memcmp(text, name.text, name.size) == 0;
}

/* How usual a name is for its role: NAME_COUNT is none. */
static size_t rank_of(struct fz_item_part name)
{
    size_t rank = 0;
    while (rank < NAME_COUNT && !is_alike(name, names[rank].name))
        rank++;
    return rank;
}

enum fz_cell_role fz_map_role(const struct fz_map *map, struct fz_item_part name)
{
    for (enum fz_cell_role role = 0; map->is_given && role < FZ_ROLES; role++)
        if (map->columns[role] != NULL && is_exactly(name, map->columns[role]))
            return role;
    size_t rank = map->is_given ? NAME_COUNT : rank_of(name);
    return rank == NAME_COUNT ? FZ_ROLE_NONE : names[rank].role;
}

void fz_map_plan(const struct fz_map *map, const struct fz_item_part *columns, size_t count, struct fz_cell_plan *plan)
{
    size_t best[FZ_ROLES], ranks[FZ_ROLES];
    for (enum fz_cell_role role = 0; role < FZ_ROLES; role++)
        ranks[role] = SIZE_MAX;
    *plan = (struct fz_cell_plan){.count = count};
    for (size_t i = 0; i < count; i++) {
        enum fz_cell_role role = fz_map_role(map, columns[i]);
        size_t rank = map->is_given ? 0 : rank_of(columns[i]);
        if (role == FZ_ROLE_NONE || rank >= ranks[role])
            continue;
        if (ranks[role] != SIZE_MAX)
            plan->roles[best[role]] = FZ_ROLE_NONE;
        plan->roles[i] = (uint8_t)role;
        ranks[role] = rank;
        best[role] = i;
    }
}

void fz_map_write(const struct fz_map *map, const struct fz_cell_plan *plan, const struct fz_item_part *columns,
                  struct fz_text *out)
{
    fz_text_format(out, "# what it is = the name of your column\n[columns]\n");
    for (size_t i = 0; i < plan->count; i++)
        if (plan->roles[i] != FZ_ROLE_NONE)
            fz_text_format(out, "%s = %.*s\n", fz_cell_role_name(plan->roles[i]), (int)columns[i].size, columns[i].text);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->roles[i] == FZ_ROLE_NONE)
            fz_text_format(out, "# not looked at: %.*s\n", (int)columns[i].size, columns[i].text);
    fz_text_format(out,
                   "\n[values]\n# units: 1952 is 19.52 CNY; decimal: 19.52 is\namounts = %s\n# of times that are written "
                   "without one\noffset = %c%02d:%02d\n",
                   map->decimal ? "decimal" : "units", map->offset_minutes < 0 ? '-' : '+', abs(map->offset_minutes) / 60,
                   abs(map->offset_minutes) % 60);
    fz_text_format(out, "\n[status]\n# your word = SUCCESS, PROCESSING, CLOSED or ABNORMAL\n");
    for (size_t i = 0; i < map->status_count; i++)
        fz_text_format(out, "%s = %s\n", map->statuses[i].word, map->statuses[i].status);
}

bool fz_map_is_ours(const struct fz_cell_plan *plan, const struct fz_item_part *columns)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->roles[i] != FZ_ROLE_NONE && !is_exactly(columns[i], fz_cell_role_name(plan->roles[i])))
            return false;
    return true;
}

struct fz_item_part fz_map_status(const struct fz_map *map, struct fz_item_part word)
{
    for (size_t i = 0; i < map->status_count; i++)
        if (is_exactly(word, map->statuses[i].word))
            return (struct fz_item_part){map->statuses[i].status, strlen(map->statuses[i].status)};
    return word;
}

/* ---- a map's file ---- */

void fz_map_begin(struct fz_map *map)
{
    *map = (struct fz_map){.offset_minutes = BEIJING_MINUTES};
}

void fz_map_done(struct fz_map *map)
{
    for (size_t i = 0; i < FZ_ROLES; i++)
        free(map->columns[i]);
    for (size_t i = 0; i < map->status_count; i++) {
        free(map->statuses[i].word);
        free(map->statuses[i].status);
    }
    fz_map_begin(map);
}

static bool read_offset(const char *text, int *minutes)
{
    int hours, rest, end = 0;
    char sign;
    if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &rest, &end) != 3 || text[end] != '\0' || (sign != '+' && sign != '-') ||
        hours > 14 || rest > 59)
        return false;
    *minutes = (sign == '-' ? -1 : 1) * (hours * 60 + rest);
    return true;
}

static const char *take_column(struct fz_map *map, const char *role_name, const char *column)
{
    for (enum fz_cell_role role = FZ_ROLE_NONE + 1; role < FZ_ROLES; role++) {
        if (strcmp(fz_cell_role_name(role), role_name) != 0)
            continue;
        if (map->columns[role] != NULL)
            return "is there twice; a line that begins with a blank goes on with the one before it";
        map->columns[role] = strdup(column);
        return map->columns[role] == NULL ? "memory is short" : NULL;
    }
    return "is nothing that records have; what there is, --print-map tells";
}

static const char *take_status(struct fz_map *map, const char *word, const char *status)
{
    if (map->status_count == FZ_MAP_STATUSES_MAX)
        return "is one word for a status too many";
    char *copies[] = {strdup(word), strdup(status)};
    map->statuses[map->status_count].word = copies[0];
    map->statuses[map->status_count].status = copies[1];
    if (copies[0] == NULL || copies[1] == NULL)
        return "memory is short";
    map->status_count++;
    return NULL;
}

/* What is wrong; NULL: nothing. */
static const char *take(struct fz_map *map, const char *section, const char *name, const char *value)
{
    if (strcmp(section, "columns") == 0)
        return take_column(map, name, value);
    if (strcmp(section, "status") == 0)
        return take_status(map, name, value);
    if (strcmp(section, "values") == 0 && strcmp(name, "amounts") == 0) {
        map->decimal = strcmp(value, "decimal") == 0;
        return map->decimal || strcmp(value, "units") == 0 ? NULL : "has to be units or decimal";
    }
    if (strcmp(section, "values") == 0 && strcmp(name, "offset") == 0)
        return read_offset(value, &map->offset_minutes) ? NULL : "has to be an offset such as +08:00";
    return "is not known here";
}

static enum fz_result refuse(struct fz_trouble *trouble, const char *path, const char *name, const char *issue)
{
    return fz_trouble_say(trouble, "The map %s: %s %s. Begin with what --print-map prints.", path, name, issue);
}

static enum fz_result take_json(struct fz_map *map, const char *path, const json_t *whole, struct fz_trouble *trouble)
{
    const char *section, *name;
    json_t *members, *value;
    json_object_foreach((json_t *)(uintptr_t)whole, section, members)
    {
        json_object_foreach(members, name, value)
        {
            const char *issue =
                json_is_string(value) ? take(map, section, name, json_string_value(value)) : "has to be a string";
            if (issue != NULL)
                return refuse(trouble, path, name, issue);
        }
    }
    return FZ_OK;
}

struct ini_reading {
    struct fz_map *map;
    const char *path;
    struct fz_trouble *trouble;
    enum fz_result result;
};

/* What stands before the first section is a column. The first thing that is wrong is told. */
static int take_line(void *argument, const char *section, const char *name, const char *value)
{
    struct ini_reading *reading = argument;
    const char *issue =
        reading->result == FZ_OK ? take(reading->map, section[0] == '\0' ? "columns" : section, name, value) : NULL;
    if (issue != NULL)
        reading->result = refuse(reading->trouble, reading->path, name, issue);
    return 1;
}

static enum fz_result take_ini(struct fz_map *map, const char *path, const char *text, struct fz_trouble *trouble)
{
    struct ini_reading reading = {.map = map, .path = path, .trouble = trouble};
    int line = ini_parse_string(text, take_line, &reading);
    if (reading.result != FZ_OK || line == 0)
        return reading.result;
    return fz_trouble_say(trouble,
                          "The map %s: line %d is neither [SECTION] nor name = value, or is too long. Begin with what "
                          "--print-map prints.",
                          path, line);
}

enum fz_result fz_map_read(struct fz_map *map, const char *path, struct fz_trouble *trouble)
{
    char text[64 << 10];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fz_trouble_say(trouble, "The map %s could not be opened: %m.", path);
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    map->is_given = true;
    if (text[strspn(text, " \t\r\n")] != '{')
        return take_ini(map, path, text, trouble);
    json_error_t fault;
    json_t *whole = json_loads(text, 0, &fault);
    if (whole == NULL)
        return fz_trouble_say(trouble, "The map %s is no JSON: line %d, %s.", path, fault.line, fault.text);
    enum fz_result result = take_json(map, path, whole, trouble);
    json_decref(whole);
    return result;
}
