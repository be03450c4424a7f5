/* Other texts for path and query: escaped otherwise, or parameters in another order. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "wire/doctor/internal.h"

#define TARGET_MAX     8192 /* three characters for one, and a little */
#define PARAMETERS_MAX 8
#define ORDERED_MAX    4 /* so many are tried in every order */

#define digit_of(c) OPENSSL_hexchar2int((unsigned char)(c)) /* -1: it is none */

static const char letters_and_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* How an encoder writes: which other characters it leaves alone, a blank as a plus, lower-case digits, and
 * whether it takes what is there for text already decoded. */
static const struct style {
    const char *plain;
    bool plus, lower, decodes;
    const char *how;
} styles[] = {
    {"-_.~", false, false, true, "by RFC 3986"},
    {"-_.~!'()*", false, false, true, "as encodeURIComponent does"},
    {"-_.*", true, false, true, "as a form is"},
    {"-_.~", false, true, true, "with small letters"},
    {"-_.~:@!$'()*,;|", false, false, true, "as few as possible"},
    {"-_.~", false, false, false, "twice"},
};

/* The character at `at`, of an escape if it is one; moves behind it. */
static unsigned char take(const char **at, bool decodes, bool plus)
{
    const char *here = *at;
    if (decodes && here[0] == '%' && digit_of(here[1]) >= 0 && digit_of(here[2]) >= 0) {
        *at += 3;
        return (unsigned char)(digit_of(here[1]) << 4 | digit_of(here[2]));
    }
    *at += 1;
    return decodes && plus && here[0] == '+' ? ' ' : (unsigned char)here[0];
}

static void put(struct fz_text *out, unsigned char c, const struct style *style)
{
    char escape[4];
    if (c == ' ' && style->plus)
        fz_text_string(out, "+");
    else if (c != '\0' && (strchr(letters_and_digits, c) != NULL || strchr(style->plain, c) != NULL))
        fz_text_add(out, &c, 1);
    else {
        snprintf(escape, sizeof escape, style->lower ? "%%%02x" : "%%%02X", c);
        fz_text_string(out, escape);
    }
}

/* Delimiters stay: / of the path, & and = of the query. */
static void encode(struct fz_text *out, const char *text, const char *delimiters, bool blanks,
                   const struct style *style)
{
    while (*text != '\0')
        if (strchr(delimiters, *text) != NULL)
            fz_text_add(out, text++, 1);
        else
            put(out, take(&text, style->decodes, blanks), style);
}

static void add_text(struct fz_variants *out, enum fz_mistake mistake, const char *how, bool likely,
                     struct fz_text *text)
{
    struct fz_variant *variant =
        text->failed || text->size == 0 ? NULL : fz_variants_add(out, mistake, how, text->data, text->size);
    if (variant != NULL)
        variant->likely = likely;
    fz_text_done(text);
}

static void add_decoded(const char *target, bool plus, struct fz_variants *out)
{
    struct fz_text text = {.max = TARGET_MAX};
    while (*target != '\0') {
        unsigned char c = take(&target, true, plus);
        fz_text_add(&text, &c, 1);
    }
    add_text(out, FZ_MISTAKE_TARGET_DECODED, plus ? "a + as a blank" : NULL, !plus, &text);
}

/* `blanks`: a plus of the query stands for a blank. */
static void add_encoded(const char *path, const char *query, bool blanks, const struct style *style,
                        struct fz_variants *out)
{
    struct fz_text both = {.max = TARGET_MAX}, query_only = {.max = TARGET_MAX};
    encode(&both, path, "/", false, style);
    fz_text_string(&query_only, path);
    if (query[0] != '\0') {
        fz_text_string(&both, "?");
        fz_text_string(&query_only, "?");
        encode(&both, query + 1, "&=", blanks, style);
        encode(&query_only, query + 1, "&=", blanks, style);
    }
    add_text(out, FZ_MISTAKE_TARGET_ENCODED, style->how, style == &styles[0], &both);
    add_text(out, FZ_MISTAKE_TARGET_ENCODED, style->how, style == &styles[0], &query_only);
}

/* ---- parameters as a whole ---- */

struct parameters {
    size_t count;
    struct fz_piece list[PARAMETERS_MAX];
};

static bool split(const char *query, struct parameters *out)
{
    out->count = 0;
    for (const char *at = query + 1;; at++) {
        size_t size = strcspn(at, "&");
        if (out->count == PARAMETERS_MAX)
            return false;
        out->list[out->count++] = (struct fz_piece){.data = at, .size = size};
        at += size;
        if (*at == '\0')
            return true;
    }
}

/* `order` has `count` numbers of parameters. */
static void add_order(struct fz_variants *out, enum fz_mistake mistake, const char *path, const char *between,
                      const struct parameters *parameters, const size_t *order, size_t count)
{
    struct fz_text text = {.max = TARGET_MAX};
    fz_text_string(&text, path);
    for (size_t i = 0; i < count; i++) {
        fz_text_string(&text, i == 0 ? "?" : between);
        fz_text_add(&text, parameters->list[order[i]].data, parameters->list[order[i]].size);
    }
    add_text(out, mistake, NULL, mistake == FZ_MISTAKE_QUERY_ORDER && parameters->count == 2, &text);
}

/* Every order of the first `count` ones, by exchanging each with those behind it. */
static void add_orders(struct fz_variants *out, const char *path, const struct parameters *parameters,
                       size_t *order, size_t fixed)
{
    if (fixed + 1 >= parameters->count) {
        add_order(out, FZ_MISTAKE_QUERY_ORDER, path, "&", parameters, order, parameters->count);
        return;
    }
    for (size_t i = fixed; i < parameters->count; i++) {
        size_t kept = order[fixed];
        order[fixed] = order[i];
        order[i] = kept;
        add_orders(out, path, parameters, order, fixed + 1);
        order[i] = order[fixed];
        order[fixed] = kept;
    }
}

static bool comes_before(const struct fz_piece *a, const struct fz_piece *b)
{
    int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);
    return order != 0 ? order < 0 : a->size < b->size;
}

/* Too many for every order: sorted, and backwards. */
static void add_two_orders(struct fz_variants *out, const char *path, const struct parameters *parameters)
{
    size_t sorted[PARAMETERS_MAX], backwards[PARAMETERS_MAX];
    for (size_t i = 0; i < parameters->count; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(&parameters->list[i], &parameters->list[sorted[at - 1]]); at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = i;
        backwards[parameters->count - 1 - i] = i;
    }
    add_order(out, FZ_MISTAKE_QUERY_ORDER, path, "&", parameters, sorted, parameters->count);
    add_order(out, FZ_MISTAKE_QUERY_ORDER, path, "&", parameters, backwards, parameters->count);
}

static void add_without_one(struct fz_variants *out, const char *path, const struct parameters *parameters)
{
    for (size_t left_out = 0; left_out < parameters->count; left_out++) {
        size_t order[PARAMETERS_MAX], count = 0;
        for (size_t i = 0; i < parameters->count; i++)
            if (i != left_out)
                order[count++] = i;
        add_order(out, FZ_MISTAKE_QUERY_PART_MISSING, path, "&", parameters, order, count);
    }
}

static void add_parameters(const char *path, const char *query, struct fz_variants *out)
{
    struct parameters parameters;
    size_t order[PARAMETERS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
    if (query[0] == '\0' || !split(query, &parameters) || parameters.count < 2)
        return;
    add_order(out, FZ_MISTAKE_TARGET_ESCAPED, path, "&amp;", &parameters, order, parameters.count);
    add_order(out, FZ_MISTAKE_TARGET_ESCAPED, path, "\\u0026", &parameters, order, parameters.count);
    add_without_one(out, path, &parameters);
    if (parameters.count <= ORDERED_MAX)
        add_orders(out, path, &parameters, order, 0);
    else
        add_two_orders(out, path, &parameters);
}

void fz_doctor_query_variants(const struct fz_arrival *arrival, struct fz_variants *out)
{
    char path[TARGET_MAX];
    size_t path_size = strcspn(arrival->target, "?");
    const char *query = arrival->target + path_size;
    snprintf(path, sizeof path, "%.*s", (int)path_size, arrival->target);
    add_decoded(arrival->target, false, out);
    add_decoded(arrival->target, true, out);
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
        for (int blanks = strchr(query, '+') != NULL; blanks >= 0; blanks--)
            add_encoded(path, query, blanks != 0, &styles[i], out);
    add_parameters(path, query, out);
}
