/* The header Date: RFC 9110, 5.6.7. */
#include "server/net/http_date.h"

#include <time.h>

#include "base/clock.h"

void fz_http_date(char out[FZ_HTTP_DATE_SIZE])
{
    struct tm parts;
    time_t now = (time_t)(fz_wire_now_ms() / 1000);
    out[0] = '\0';
    if (gmtime_r(&now, &parts) != NULL)
        strftime(out, FZ_HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &parts); /* nobody calls setlocale: in English */
}
