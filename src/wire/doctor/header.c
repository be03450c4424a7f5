/* What can be said without a key: the header Authorization, its timestamp, its serial number. */
#include <ctype.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/authorization.h"
#include "wire/doctor/internal.h"
#include "wire/openssl.h"

#define BLANKS      " \t"
#define ZONE_S      1800  /* time zones differ by half hours */
#define ZONE_MAX_S  50400 /* and at most by so much from UTC */
#define ZONE_FUZZ_S 300

enum { MEMBERS = 5 };
static const struct {
    const char *name;
    size_t size_max; /* as wire/authorization.h has room */
} members[MEMBERS] = {
    {"mchid", 32}, {"nonce_str", 128}, {"signature", SIZE_MAX}, {"timestamp", 13}, {"serial_no", 64}};

/* The number of the member whose name stands at `at`; MEMBERS if it is none. */
static int member_at(const char *at, size_t size)
{
    int i = 0;
    while (i < MEMBERS && (strlen(members[i].name) != size || memcmp(members[i].name, at, size) != 0))
        i++;
    return i;
}

static enum fz_mistake mistake_of_value(int member, const char *value, size_t size)
{
    size_t digits = strspn(value, "0123456789");
    if (strcmp(members[member].name, "timestamp") == 0 && size > 0) {
        if (digits == size && size == 13)
            return FZ_MISTAKE_TIMESTAMP_NOT_SECONDS;
        if (digits < size)
            return FZ_MISTAKE_TIMESTAMP_NO_NUMBER;
    }
    bool may_be_empty = strcmp(members[member].name, "signature") == 0;
    if ((size == 0 && !may_be_empty) || size > members[member].size_max ||
        (digits == size && size > 12 && member == 3))
        return FZ_MISTAKE_MEMBER_LENGTH;
    return FZ_MISTAKE_NONE;
}

/* One member; moves behind it. `*how` names it where that helps. */
static enum fz_mistake read_member(const char **at, bool seen[MEMBERS], const char **how)
{
    size_t size = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    int member = member_at(*at, size);
    *how = NULL;
    *at += size;
    *at += strspn(*at, BLANKS);
    if (member == MEMBERS)
        return size == 0 ? FZ_MISTAKE_MEMBERS_JOINED : FZ_MISTAKE_MEMBER_UNKNOWN;
    *how = members[member].name;
    if (seen[member])
        return FZ_MISTAKE_MEMBER_TWICE;
    seen[member] = true;
    if (**at != '=')
        return FZ_MISTAKE_MEMBER_UNQUOTED;
    *at += 1 + strspn(*at + 1, BLANKS);
    const char *end = **at == '"' ? strchr(*at + 1, '"') : NULL;
    if (end == NULL)
        return FZ_MISTAKE_MEMBER_UNQUOTED;
    const char *value = *at + 1;
    *at = end + 1;
    return mistake_of_value(member, value, (size_t)(end - value));
}

/* The first mistake among the members; NONE: they are well, or it is of no known kind. */
static enum fz_mistake read_members(const char *at, const char **how)
{
    bool seen[MEMBERS] = {false};
    while (*at != '\0') {
        enum fz_mistake mistake = read_member(&at, seen, how);
        if (mistake != FZ_MISTAKE_NONE)
            return mistake;
        at += strspn(at, BLANKS);
        if (*at == '\0')
            break;
        *how = NULL;
        if (*at != ',')
            return FZ_MISTAKE_MEMBERS_JOINED;
        at += 1 + strspn(at + 1, BLANKS);
    }
    for (int i = 0; i < MEMBERS; i++)
        if (!seen[i]) {
            *how = members[i].name;
            return FZ_MISTAKE_MEMBER_MISSING;
        }
    return FZ_MISTAKE_NONE;
}

void fz_doctor_header(const char *authorization, bool doubled, bool chinese, struct fz_diagnosis *out)
{
    const char *how = NULL;
    if (authorization != NULL)
        authorization += strspn(authorization, BLANKS);
    if (doubled) {
        fz_doctor_name(FZ_MISTAKE_AUTHORIZATION_TWICE, NULL, chinese, out);
        return;
    }
    if (authorization == NULL || *authorization == '\0') {
        fz_doctor_name(FZ_MISTAKE_AUTHORIZATION_MISSING, NULL, chinese, out);
        return;
    }
    size_t scheme_size = strcspn(authorization, BLANKS);
    if (scheme_size != strlen(FZ_SCHEME) || memcmp(authorization, FZ_SCHEME, scheme_size) != 0) {
        bool has_member = memchr(authorization, '=', scheme_size) != NULL;
        fz_doctor_name(has_member ? FZ_MISTAKE_SCHEME_MISSING : FZ_MISTAKE_SCHEME_OTHER, NULL, chinese, out);
        return;
    }
    authorization += scheme_size;
    authorization += strspn(authorization, BLANKS);
    enum fz_mistake mistake = read_members(authorization, &how);
    fz_doctor_name(mistake == FZ_MISTAKE_NONE ? FZ_MISTAKE_UNKNOWN : mistake, how, chinese, out);
}

void fz_doctor_time(int64_t timestamp, int64_t now, bool chinese, struct fz_diagnosis *out)
{
    char how[80];
    int64_t off = timestamp - now, size = llabs(off);
    int64_t fuzz = (size + ZONE_FUZZ_S) % ZONE_S;
    bool zone = size >= ZONE_S - ZONE_FUZZ_S && size <= ZONE_MAX_S + ZONE_FUZZ_S && fuzz <= 2 * ZONE_FUZZ_S;
    if (chinese)
        snprintf(how, sizeof how, "比服务器时钟%s%lld秒", off < 0 ? "慢" : "快", (long long)size);
    else
        snprintf(how, sizeof how, "%lld seconds %s the server's clock", (long long)size,
                 off < 0 ? "behind" : "ahead of");
    fz_doctor_name(zone ? FZ_MISTAKE_TIMESTAMP_ZONE : FZ_MISTAKE_TIMESTAMP_CLOCK, how, chinese, out);
}

/* Decimal, as some languages print a serial number: longer than hexadecimal ever is. */
static enum fz_result from_decimal(const char *serial_no, char *out, size_t out_size)
{
    FZ_KEEP_ERROR_QUEUE;
    BIGNUM *number = NULL;
    char *hex = BN_dec2bn(&number, serial_no) == 0 ? NULL : BN_bn2hex(number);
    enum fz_result result =
        hex != NULL && fz_copy(out, out_size, hex + (hex[0] == '0')) ? FZ_OK : FZ_MALFORMED;
    OPENSSL_free(hex);
    BN_free(number);
    return result;
}

enum fz_result fz_doctor_serial(const char *serial_no, char *out, size_t out_size)
{
    char digits[65];
    size_t size = 0;
    if (strlen(serial_no) >= sizeof digits)
        return FZ_MALFORMED;
    if (strspn(serial_no, "0123456789") == strlen(serial_no) && strlen(serial_no) > 40)
        return from_decimal(serial_no, out, out_size);
    if (strncasecmp(serial_no, "0x", 2) == 0)
        serial_no += 2;
    for (; *serial_no != '\0'; serial_no++) {
        if (strchr(": -", *serial_no) != NULL || (size == 0 && *serial_no == '0'))
            continue;
        if (OPENSSL_hexchar2int((unsigned char)*serial_no) < 0)
            return FZ_MALFORMED;
        digits[size++] = (char)toupper((unsigned char)*serial_no);
    }
    digits[size] = '\0';
    return size > 0 && fz_copy(out, out_size, digits) ? FZ_OK : FZ_MALFORMED;
}
