/* Headers Authorization: one that is read holds what it says, in printable characters. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/authorization.h"

static void check_text(const char *text)
{
    if (text[0] == '\0')
        abort();
    for (const char *at = text; *at != '\0'; at++)
        if (*at < ' ' || *at == 0x7F || *at == '"')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fz_authorization read;
    char *header = strndup((const char *)input, size);
    if (fz_authorization_read(header, &read) == FZ_AUTHORIZATION_READ) {
        check_text(read.mchid);
        check_text(read.nonce_str);
        check_text(read.serial_no);
        check_text(read.timestamp_text);
        if (strstr(header, read.mchid) == NULL || strstr(header, read.nonce_str) == NULL ||
            strtoll(read.timestamp_text, NULL, 10) != read.timestamp || read.signature_size > sizeof read.signature ||
            read.signature_text < header || read.signature_text + read.signature_text_size > header + strlen(header))
            abort();
    }
    free(header);
    return 0;
}
