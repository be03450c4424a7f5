/* The control token that the environment has, taken out of it. */
#include "cli/local/token.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/control/guard.h"

/* One letter more than a server takes, so that it refuses what was cut. */
static char token[FZ_TOKEN_FILE_MAX + 1];

void fz_token_take(void)
{
    char *variable = getenv(FZ_TOKEN_VARIABLE);
    if (variable == NULL)
        return;
    (void)fz_copy(token, sizeof token, variable);
    OPENSSL_cleanse(variable, strlen(variable)); /* the kernel shows this very memory */
    (void)unsetenv(FZ_TOKEN_VARIABLE);
}

const char *fz_token(void)
{
    return token[0] == '\0' ? NULL : token;
}
