/* Other texts for the last line of a message: the body, or something in its place. */
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/doctor/internal.h"
#include "wire/json_dumped.h"

#define BLANKS       " \t\r\n"
#define MARK         "\xEF\xBB\xBF"
#define MARK_SIZE    3
#define DIGESTED_MAX 16384 /* of larger bodies no digest is taken: it would take long */
#define HEX_MAX      (2 * EVP_MAX_MD_SIZE + 1)

static void add(struct fz_variants *out, enum fz_mistake mistake, const char *how, const char *text,
                size_t size, bool likely)
{
    struct fz_variant *variant = fz_variants_add(out, mistake, how, text, size);
    if (variant != NULL)
        variant->likely = likely;
}

static void add_text(struct fz_variants *out, enum fz_mistake mistake, const char *how, struct fz_text *text)
{
    if (!text->failed && text->size > 0)
        add(out, mistake, how, text->data, text->size, false);
    fz_text_done(text);
}

/* ---- no body was sent ---- */

static void add_query_json(const char *query, size_t flags, struct fz_variants *out)
{
    json_t *object = json_object();
    for (const char *at = query; *at != '\0';) {
        char name[64];
        size_t size = strcspn(at, "&"), name_size = strcspn(at, "=&");
        bool named = fz_copy_part(name, sizeof name, at, name_size) && name_size < size;
        if (named &&
            json_object_set_new(object, name, json_stringn(at + name_size + 1, size - name_size - 1)) != 0)
            break;
        at += size + (at[size] == '&');
    }
    char *text = fz_json_dumped(object, flags);
    if (text != NULL)
        add(out, FZ_MISTAKE_QUERY_IN_BODY, "as JSON", text, strlen(text), true);
    free(text);
    json_decref(object);
}

static void add_instead_of_nothing(const struct fz_arrival *arrival, struct fz_variants *out)
{
    static const char *const nothings[] = {"{}",   "null", "\"\"",  "[]", "undefined",
                                           "None", "nil",  "false", "0",  " "};
    const char *query = strchr(arrival->target, '?');
    for (size_t i = 0; i < sizeof nothings / sizeof nothings[0]; i++)
        add(out, FZ_MISTAKE_BODY_NOT_SENT, nothings[i], nothings[i], strlen(nothings[i]), i < 3);
    if (query == NULL || query[1] == '\0')
        return;
    add(out, FZ_MISTAKE_QUERY_IN_BODY, NULL, query + 1, strlen(query + 1), true);
    add_query_json(query + 1, JSON_COMPACT, out);
    add_query_json(query + 1, 0, out);
}

/* ---- one was ---- */

static void add_ends(const char *body, size_t size, struct fz_variants *out)
{
    static const char *const tails[] = {"\r\n", " "}; /* "\n" is the same as a line end too many: a shape */
    size_t begin = 0, end = size;
    while (begin < end && strchr(BLANKS, body[begin]) != NULL && body[begin] != '\0')
        begin++;
    while (end > begin && strchr(BLANKS, body[end - 1]) != NULL && body[end - 1] != '\0')
        end--;
    add(out, FZ_MISTAKE_BODY_ENDS, "blanks were cut off before signing", body + begin, end - begin, true);
    add(out, FZ_MISTAKE_BODY_ENDS, "blanks at the end were cut off before signing", body, end, true);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct fz_text text = {.max = size + 2};
        fz_text_add(&text, body, size);
        fz_text_string(&text, tails[i]);
        add_text(out, FZ_MISTAKE_BODY_ENDS, "the signed one has a blank or line end more", &text);
    }
}

static void add_line_ends(const char *body, size_t size, bool with_return, struct fz_variants *out)
{
    char *made = memchr(body, '\n', size) == NULL ? NULL : malloc(2 * size);
    size_t to = 0;
    for (size_t i = 0; made != NULL && i < size; i++) {
        bool ends = body[i] == '\r' && i + 1 < size && body[i + 1] == '\n';
        if (body[i] == '\n' && with_return)
            made[to++] = '\r';
        if (!ends)
            made[to++] = body[i];
    }
    if (made != NULL)
        add(out, FZ_MISTAKE_BODY_LINE_ENDS,
            with_return ? "the signed one has CR LF" : "the sent one has CR LF", made, to, false);
    free(made);
}

static void add_mark(const char *body, size_t size, struct fz_variants *out)
{
    struct fz_text text = {.max = size + MARK_SIZE};
    if (size >= MARK_SIZE && memcmp(body, MARK, MARK_SIZE) == 0) {
        add(out, FZ_MISTAKE_BODY_MARK, "the sent one", body + MARK_SIZE, size - MARK_SIZE, false);
        return;
    }
    fz_text_string(&text, MARK);
    fz_text_add(&text, body, size);
    add_text(out, FZ_MISTAKE_BODY_MARK, "the signed one", &text);
}

static void add_digest(const char *body, size_t size, const char *hash, struct fz_variants *out)
{
    static const char capitals[] = "0123456789ABCDEF", small[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t digest_size;
    char hex[HEX_MAX] = "", upper[HEX_MAX] = "";
    if (EVP_Q_digest(NULL, hash, NULL, body, size, digest, &digest_size) != 1)
        return;
    for (size_t i = 0; i < digest_size; i++) {
        hex[2 * i] = small[digest[i] >> 4];
        hex[2 * i + 1] = small[digest[i] & 15];
        upper[2 * i] = capitals[digest[i] >> 4];
        upper[2 * i + 1] = capitals[digest[i] & 15];
    }
    add(out, FZ_MISTAKE_BODY_DIGEST, hash, hex, 2 * digest_size, false);
    add(out, FZ_MISTAKE_BODY_DIGEST, hash, upper, 2 * digest_size, false);
}

static void add_base64(const char *body, size_t size, struct fz_variants *out)
{
    char *text = malloc(4 * ((size + 2) / 3) + 1);
    if (text == NULL)
        return;
    fz_base64_write(text, body, size);
    add(out, FZ_MISTAKE_BODY_DIGEST, "base64", text, strlen(text), false);
    free(text);
}

void fz_doctor_body_variants(const struct fz_arrival *arrival, struct fz_variants *out, size_t *budget_ns)
{
    const char *body = arrival->body;
    size_t size = arrival->body_size;
    if (size == 0) {
        add_instead_of_nothing(arrival, out);
        return;
    }
    add(out, FZ_MISTAKE_BODY_NOT_SIGNED, NULL, "", 0, true);
    add(out, FZ_MISTAKE_BODY_NOT_SIGNED, "{} was", "{}", 2, false);
    add_ends(body, size, out);
    add_line_ends(body, size, true, out);
    add_line_ends(body, size, false, out);
    add_mark(body, size, out);
    fz_doctor_charset_variants(arrival, out, budget_ns);
    fz_doctor_json_variants(arrival, out, budget_ns);
    if (size > DIGESTED_MAX)
        return;
    add_digest(body, size, "MD5", out);
    add_digest(body, size, "SHA256", out);
    add_base64(body, size, out);
}
