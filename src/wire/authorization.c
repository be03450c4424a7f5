/* The Authorization header, read and written. */
#include "wire/authorization.h"

#include <string.h>

#include "wire/base64.h"
#include "wire/key.h"

#define BLANKS " \t"

enum member { MCHID, NONCE_STR, SIGNATURE, TIMESTAMP, SERIAL_NO, MEMBER_COUNT };

static const char *const member_names[MEMBER_COUNT] = {
    [MCHID] = "mchid",         [NONCE_STR] = "nonce_str", [SIGNATURE] = "signature",
    [TIMESTAMP] = "timestamp", [SERIAL_NO] = "serial_no",
};

/* A stretch of the header. Without start: not there. */
struct stretch {
    const char *start;
    size_t size;
};

static void skip_blanks(const char **at)
{
    *at += strspn(*at, BLANKS);
}

/* Moves behind `c` and the blanks around it. */
static bool skip_char(const char **at, char c)
{
    skip_blanks(at);
    if (**at != c)
        return false;
    (*at)++;
    skip_blanks(at);
    return true;
}

/* What stands between double quotes: printable ASCII without quotes and backslashes. */
static bool read_quoted(const char **at, struct stretch *out)
{
    const char *end = **at == '"' ? strchr(*at + 1, '"') : NULL;
    if (end == NULL)
        return false;
    bool plain = true;
    for (const char *c = *at + 1; c < end; c++)
        plain &= (*c >= 0x20) & (*c <= 0x7E) & (*c != '\\');
    *out = (struct stretch){.start = *at + 1, .size = (size_t)(end - *at - 1)};
    *at = end + 1;
    return plain;
}

/* name = "value", one of the five and for the first time. */
static bool read_member(const char **at, struct stretch members[MEMBER_COUNT])
{
    size_t size = strspn(*at, "abcdefghijklmnopqrstuvwxyz_");
    int member = 0;
    while (member < MEMBER_COUNT &&
           (strlen(member_names[member]) != size || memcmp(member_names[member], *at, size) != 0))
        member++;
    *at += size;
    return member < MEMBER_COUNT && members[member].start == NULL && skip_char(at, '=') &&
           read_quoted(at, &members[member]);
}

/* All five, with commas in between. */
static bool read_members(const char *at, struct stretch members[MEMBER_COUNT])
{
    for (int count = 1; count <= MEMBER_COUNT; count++)
        if (!read_member(&at, members) || (count < MEMBER_COUNT && !skip_char(&at, ',')))
            return false;
    skip_blanks(&at);
    return *at == '\0';
}

/* A value that has to be there and to fit whole. */
static bool copy_value(char *target, size_t size, const struct stretch *value)
{
    return value->size > 0 && fz_copy_part(target, size, value->start, value->size);
}

/* Some client libraries print their certificate's serial number in lower case. What is spelled otherwise
 * stays as it is: no certificate has it. */
static void fold_serial(char serial_no[65])
{
    char upper[FZ_SERIAL_SIZE];
    if (fz_serial_read(serial_no, upper) == FZ_OK)
        memcpy(serial_no, upper, sizeof upper);
}

static bool read_timestamp(struct fz_authorization *authorization, const struct stretch *value)
{
    return value->size <= 12 && value->start[0] != '-' &&
           copy_value(authorization->timestamp_text, sizeof authorization->timestamp_text, value) &&
           fz_parse_int(authorization->timestamp_text, &authorization->timestamp) == FZ_OK;
}

enum fz_authorization_fault fz_authorization_read(const char *value, struct fz_authorization *out)
{
    if (value == NULL)
        return FZ_AUTHORIZATION_MALFORMED;
    skip_blanks(&value);
    size_t scheme_size = strcspn(value, BLANKS);
    if (scheme_size == 0)
        return FZ_AUTHORIZATION_MALFORMED;
    if (scheme_size != strlen(FZ_SCHEME) || memcmp(value, FZ_SCHEME, scheme_size) != 0)
        return FZ_AUTHORIZATION_SCHEME;
    value += scheme_size;
    skip_blanks(&value);

    struct stretch members[MEMBER_COUNT] = {0};
    struct fz_authorization result = {0};
    if (!read_members(value, members) || !copy_value(result.mchid, sizeof result.mchid, &members[MCHID]) ||
        !copy_value(result.nonce_str, sizeof result.nonce_str, &members[NONCE_STR]) ||
        !copy_value(result.serial_no, sizeof result.serial_no, &members[SERIAL_NO]) ||
        !read_timestamp(&result, &members[TIMESTAMP]))
        return FZ_AUTHORIZATION_MALFORMED;
    fold_serial(result.serial_no);
    result.signature_text = members[SIGNATURE].start;
    result.signature_text_size = members[SIGNATURE].size;
    if (fz_base64_read(members[SIGNATURE].start, members[SIGNATURE].size, result.signature,
                       sizeof result.signature, &result.signature_size) != FZ_OK)
        result.signature_size = 0; /* a wrong signature, which is for the verification to say */
    *out = result;
    return FZ_AUTHORIZATION_READ;
}

void fz_authorization_write(struct fz_text *out, const char *mchid, const char *serial_no,
                            const char *nonce_str, int64_t timestamp, const char *signature_base64)
{
    const char *const pieces[] = {FZ_SCHEME " mchid=\"", mchid, "\",nonce_str=\"", nonce_str, "\",signature=\"", signature_base64,
                                  "\",timestamp=\""};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        fz_text_string(out, pieces[i]);
    fz_text_format(out, "%lld\",serial_no=\"%s\"", (long long)timestamp, serial_no);
}
