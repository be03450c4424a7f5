/* Which names stand before a secret. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "server/request_mask.h"

/* A word that ends in one of these is secret, so `username`, `apikey` and `xAuthToken` are, and a `monkey` for safety's
 * sake. `signed` and `expected` are a diagnosis's: pieces of a body, which may begin in the middle of a secret. */
const char *const fz_secret_words[] = {
    "name",   "key",    "sign",     "token",    "cookie",     "secret",     "bearer",        "signed", "pwd",
    "passwd", "expected", "password", "signature", "ciphertext", "passphrase", "authorization", "authcode", NULL};

/* What would be taken for one of them, and is shown: the API's own, and a header's that says how something is signed. */
static bool is_known_to_be_none(const char *name, size_t size)
{
    static const char *const plain[] = {"filename", "goods_name", "expected_ratio", "Wechatpay-Signature-Type"};
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
        bool behind_capital = isupper((unsigned char)at[-1]) && !(at + 1 < end && islower((unsigned char)at[1]));
        if (isupper((unsigned char)*at) && !behind_capital)
            break;
    }
    return at;
}

static bool ends_in(const char *word, size_t size, const char *secret)
{
    size_t length = strlen(secret);
    return size >= length && (word[size - 1] | 0x20) == secret[length - 1] &&
           strncasecmp(word + size - length, secret, length) == 0;
}

/* Numbers and an s behind a word do not make it another: token2, names. */
static bool is_secret_word(const char *word, size_t size)
{
    while (size > 0 && isdigit((unsigned char)word[size - 1]))
        size--;
    bool plural = size > 0 && (word[size - 1] | 0x20) == 's';
    for (const char *const *secret = fz_secret_words; size > 0 && *secret != NULL; secret++)
        if (ends_in(word, size, *secret) || (plural && ends_in(word, size - 1, *secret)))
            return true;
    return false;
}

bool fz_is_secret_name(const char *name, size_t size)
{
    const char *end = name + size;
    bool code = false; /* the word behind was: auth_code */
    if (is_known_to_be_none(name, size))
        return false;
    while (end > name) {
        if (!isalnum((unsigned char)end[-1])) {
            end--;
            continue;
        }
        const char *word = start_of_word(name, end);
        size_t length = (size_t)(end - word);
        if (is_secret_word(word, length) || (code && ends_in(word, length, "auth")))
            return true;
        code = length == 4 && strncasecmp(word, "code", 4) == 0;
        end = word;
    }
    return false;
}
