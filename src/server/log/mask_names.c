/* Which names stand before a secret. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "server/log/mask.h"

/* A word that ends in one of these is secret, so `username`, `apikey` and `xAuthToken` are, and a `monkey` for safety's
 * sake. `signed` and `expected` are a diagnosis's: pieces of a body, which may begin in the middle of a secret. */
#define WORDS(WORD)                                                                                                    \
    WORD("name") WORD("key") WORD("sign") WORD("token") WORD("cookie") WORD("secret") WORD("bearer") WORD("signed")    \
    WORD("pwd") WORD("passwd") WORD("expected") WORD("password") WORD("signature") WORD("ciphertext")                  \
    WORD("passphrase") WORD("authorization") WORD("authcode")
#define TEXT(text)          text,
#define TEXT_AND_SIZE(text) {text, sizeof text - 1},

const char *const fz_secret_words[] = {WORDS(TEXT) NULL};

/* The same with their sizes: this is asked for every name of every request and answer. */
static const struct {
    const char *text;
    size_t size;
} words[] = {WORDS(TEXT_AND_SIZE)};

/* What would be taken for one of them, and is shown: the API's own, a header's that says how something is signed, and
 * what a refusal tells of the message to be signed (names within that are looked at). */
static bool is_known_to_be_none(const char *name, size_t size)
{
    static const char *const plain[] = {"filename",         "goods_name",       "expected_ratio",
                                        "sign_information", "truncated_sign_message", "sign_message_length",
                                        "Wechatpay-Signature-Type"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strlen(plain[i]) == size && strncasecmp(plain[i], name, size) == 0)
            return true;
    return false;
}

/* Of the word that ends at `end`: between letters it begins with a capital, as in accessToken, APIKey. */
static const char *start_of_word(const char *name, const char *end)
{
    const char *at = end - 1;
    for (; at > name && isalnum((unsigned char)at[-1]); at--) {
        if (!isupper((unsigned char)*at))
            continue;
        bool behind_capital = isupper((unsigned char)at[-1]) && !(at + 1 < end && islower((unsigned char)at[1]));
        if (!behind_capital)
            break;
    }
    return at;
}

static bool ends_in(const char *word, size_t size, const char *secret, size_t length)
{
    return size >= length && (word[size - 1] | 0x20) == secret[length - 1] && (word[size - 2] | 0x20) == secret[length - 2] &&
           strncasecmp(word + size - length, secret, length) == 0;
}

static bool ends_in_secret(const char *word, size_t size)
{
    if (size < 2)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (ends_in(word, size, words[i].text, words[i].size))
            return true;
    return false;
}

/* Numbers and an s behind a word do not make it another: token2, names. */
static bool is_secret_word(const char *word, size_t size)
{
    while (size > 0 && isdigit((unsigned char)word[size - 1]))
        size--;
    bool plural = size > 0 && (word[size - 1] | 0x20) == 's';
    return ends_in_secret(word, size) || (plural && ends_in_secret(word, size - 1));
}

/* Whether a word of it is one. */
static bool has_secret_word(const char *name, size_t size)
{
    const char *end = name + size;
    bool code = false; /* the word behind was: auth_code */
    while (end > name) {
        if (!isalnum((unsigned char)end[-1])) {
            end--;
            continue;
        }
        const char *word = start_of_word(name, end);
        size_t length = (size_t)(end - word);
        if (is_secret_word(word, length) || (code && ends_in(word, length, "auth", 4)))
            return true;
        code = length == 4 && strncasecmp(word, "code", 4) == 0;
        end = word;
    }
    return false;
}

/* Which letters stand before the last one of the words above, by that. */
#define LETTER(c) (1U << ((c) & 31))
static const uint32_t before_last[32] = {
    ['d' & 31] = LETTER('e') | LETTER('r') | LETTER('w'),
    ['e' & 31] = LETTER('d') | LETTER('i') | LETTER('m') | LETTER('r') | LETTER('s'),
    ['n' & 31] = LETTER('e') | LETTER('g') | LETTER('o'),
    ['r' & 31] = LETTER('e'),
    ['t' & 31] = LETTER('e') | LETTER('x'),
    ['y' & 31] = LETTER('e'),
};

/* Whether what is before `at` ends in one of the words, or in the "code" of auth_code, and a word may end there. Most
 * names have no such place, and this is enough to tell. */
static bool may_end_secret_word(const char *name, size_t size, size_t at)
{
    if (at < size && name[at] >= 'a' && name[at] <= 'z' && name[at] != 's')
        return false;
    bool ends_so = (before_last[name[at - 1] & 31] >> (name[at - 2] & 31) & 1) != 0;
    return ends_so && (ends_in_secret(name, at) || ends_in(name, at, "code", 4));
}

static bool may_have_secret_word(const char *name, size_t size)
{
    for (size_t at = 2; at <= size; at++)
        if (may_end_secret_word(name, size, at))
            return true;
    return false;
}

bool fz_is_secret_name(const char *name, size_t size)
{
    return may_have_secret_word(name, size) && has_secret_word(name, size) && !is_known_to_be_none(name, size);
}
