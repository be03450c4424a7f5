/* Reads a few columns of lines with an accent before each value. */
#include "spec/bill/pick.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/currency.h"
#include "spec/bill/cells.h"

#define BLOCK      16
#define CNY_DIGITS 2

/* ---- which columns ---- */

static bool is_among(size_t offset, const size_t *offsets, size_t count)
{
    size_t i = 0;
    while (i < count && offsets[i] != offset)
        i++;
    return i < count;
}

/* Whether it is the currency of one of them. */
static bool is_their_currency(const struct fz_column *column, const struct fz_bill_heading *heading, const size_t *offsets,
                              size_t count)
{
    for (size_t i = 0; i < heading->count; i++) {
        const struct fz_column *other = heading->columns[i];
        if (other != NULL && other->currency == column->offset + 1 && is_among(other->offset, offsets, count))
            return true;
    }
    return false;
}

/* Finds the currency of each amount among what is picked. */
static bool find_currencies(struct fz_bill_pick *pick)
{
    for (size_t i = 0; i < pick->count; i++) {
        size_t wanted = pick->list[i].column->currency, at = i;
        if (wanted != 0)
            for (at = 0; at < pick->count && pick->list[at].column->offset + 1 != wanted;)
                at++;
        if (at == pick->count)
            return false;
        pick->list[i].currency = at;
    }
    return true;
}

bool fz_bill_pick_begin(struct fz_bill_pick *pick, const struct fz_bill_heading *heading, const size_t *offsets,
                        size_t count)
{
    *pick = (struct fz_bill_pick){.cells = heading->count};
    for (size_t i = 0; i < heading->count; i++) {
        const struct fz_column *column = heading->columns[i];
        if (column == NULL ||
            (!is_among(column->offset, offsets, count) && !is_their_currency(column, heading, offsets, count)))
            continue;
        if (pick->count == FZ_BILL_PICKED_MAX)
            return false;
        pick->list[pick->count++] = (struct fz_bill_picked){.column = column, .cell = i, .digits = -1};
    }
    return find_currencies(pick);
}

/* ---- where cells begin ---- */

/* A bit for each byte of a block that is an accent, a comma, or one that no value has (line ends, NUL and the like). */
struct marks {
    unsigned accents, commas, controls;
};

#ifdef __SSE2__
static struct marks marks_of(const char *block)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)block);
    __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    return (struct marks){
        .accents = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('`'))),
        .commas = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(','))),
        .controls = (unsigned)_mm_movemask_epi8(is_control),
    };
}
#else
static struct marks marks_of(const char *block)
{
    struct marks marks = {0};
    for (unsigned i = 0; i < BLOCK; i++) {
        marks.accents |= (unsigned)(block[i] == '`') << i;
        marks.commas |= (unsigned)(block[i] == ',') << i;
        marks.controls |= (unsigned)((unsigned char)block[i] < 0x20) << i;
    }
    return marks;
}
#endif

/* The cells of a line, as they are passed one after the other. */
struct finding {
    const char *line;
    size_t begin;        /* of the last picked cell that was reached */
    size_t number;       /* of the cell that is being passed, from 0 */
    size_t next, wanted; /* of the picked ones, and its number */
    unsigned last_comma; /* 1: the block before ended in one */
    unsigned controls;
    struct fz_bill_cell picked[FZ_BILL_PICKED_MAX];
};

static size_t wanted_of(const struct fz_bill_pick *pick, size_t next)
{
    return next < pick->count ? pick->list[next].cell : SIZE_MAX - 1;
}

/* The cell before ended at `end`, and another begins behind it. */
static void pass(struct finding *finding, const struct fz_bill_pick *pick, size_t end)
{
    if (++finding->number < finding->wanted)
        return; /* most cells nobody asks for */
    if (finding->number > finding->wanted) {
        finding->picked[finding->next++] =
            (struct fz_bill_cell){.text = finding->line + finding->begin, .size = end - finding->begin};
        finding->wanted = wanted_of(pick, finding->next);
    }
    finding->begin = end + 2;
}

/* A comma with an accent behind it ends a cell. */
static void take_block(struct finding *finding, const struct fz_bill_pick *pick, const char *block, size_t at)
{
    struct marks marks = marks_of(block);
    unsigned ends = marks.accents & (marks.commas << 1 | finding->last_comma);
    finding->last_comma = marks.commas >> (BLOCK - 1);
    finding->controls |= marks.controls;
    for (; ends != 0; ends &= ends - 1)
        pass(finding, pick, at + (size_t)__builtin_ctz(ends) - 1);
}

static bool find_cells(struct finding *finding, const struct fz_bill_pick *pick, size_t size)
{
    size_t at = 0;
    char rest[BLOCK];
    for (; at + BLOCK <= size; at += BLOCK)
        take_block(finding, pick, finding->line + at, at);
    memset(rest, ' ', sizeof rest);
    memcpy(rest, finding->line + at, size - at);
    take_block(finding, pick, rest, at);
    pass(finding, pick, size);
    return finding->controls == 0 && finding->number == pick->cells;
}

/* ---- what they say ---- */

/* A text that is as on the line before, as currencies mostly are, is known already. */
static bool read_text(struct fz_bill_picked *picked, const struct fz_bill_cell *cell, void *out)
{
    const char **slot = fz_cell_slot(picked->column, out);
    *slot = cell->size == 0 ? NULL : picked->text;
    if (cell->size >= FZ_BILL_PICKED_TEXT)
        return false;
    if (memcmp(picked->text, cell->text, cell->size) == 0 && picked->text[cell->size] == '\0')
        return true;
    memcpy(picked->text, cell->text, cell->size);
    picked->text[cell->size] = '\0';
    const struct fz_currency *currency = fz_currency_find(picked->text);
    picked->digits = currency == NULL ? -1 : currency->digits;
    return true;
}

static bool read_amount(const struct fz_bill_pick *pick, const struct fz_bill_picked *picked,
                        const struct fz_bill_cell *cell, void *out)
{
    int64_t *slot = fz_cell_slot(picked->column, out);
    int digits = picked->column->currency == 0 ? CNY_DIGITS : pick->list[picked->currency].digits;
    *slot = 0;
    return cell->size == 0 || (digits >= 0 && fz_bill_decimal_read(cell->text, cell->size, digits, slot));
}

/* Texts first: an amount may stand before its currency. */
bool fz_bill_pick_line(struct fz_bill_pick *pick, const char *line, size_t size, void *out)
{
    struct finding finding;
    finding.line = line;
    finding.begin = 1;
    finding.number = finding.next = 0;
    finding.wanted = wanted_of(pick, 0);
    finding.last_comma = finding.controls = 0;
    bool good = size > 0 && line[0] == '`' && find_cells(&finding, pick, size);
    for (size_t i = 0; good && i < pick->count; i++)
        if (pick->list[i].column->kind == FZ_CELL_TEXT)
            good = read_text(&pick->list[i], &finding.picked[i], out);
    for (size_t i = 0; good && i < pick->count; i++)
        if (pick->list[i].column->kind != FZ_CELL_TEXT)
            good = read_amount(pick, &pick->list[i], &finding.picked[i], out);
    return good;
}
