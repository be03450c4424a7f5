/* The header Date: RFC 9110, 5.6.7. */
#include "server/net/http_date.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

void fz_http_date(char out[FZ_HTTP_DATE_SIZE])
{
    /* Not strftime's: those are in the language of the program that we may be a part of. */
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm parts;
    time_t now = (time_t)(fz_wire_now_ms() / 1000);
    out[0] = '\0';
    if (gmtime_r(&now, &parts) != NULL)
        snprintf(out, FZ_HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                 months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}
