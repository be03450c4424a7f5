/* A Request-ID, drawn. */
#include "server/log/request_id.h"

#include <stdio.h>
#include <string.h>

#include "base/server/random.h"

void fz_request_id_draw(char out[FZ_REQUEST_ID_SIZE], const char *process_id, unsigned number)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char drawn[12];
    char *at = out;
    fz_random(drawn, sizeof drawn);
    memcpy(at, process_id, FZ_PROCESS_ID_DIGITS);
    at += FZ_PROCESS_ID_DIGITS;
    for (size_t i = 0; i < sizeof drawn; i++) {
        *at++ = digits[drawn[i] >> 4];
        *at++ = digits[drawn[i] & 15];
    }
    if (number == 0) /* most of them */
        memcpy(at, "-0", sizeof "-0");
    else
        snprintf(at, FZ_REQUEST_ID_SIZE - (size_t)(at - out), "-%u", number);
}
