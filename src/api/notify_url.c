/* Callback addresses. */
#include "api/notify_url.h"

#include <string.h>

static const char *host_of(const char *url)
{
    if (strncmp(url, "https://", 8) == 0)
        return url + 8;
    return strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

static bool is_plain(const char *url)
{
    for (; *url != '\0'; url++)
        if (*url <= ' ' || *url > '~' || *url == '?' || *url == '#')
            return false;
    return true;
}

const char *fz_notify_url_fault(const char *url)
{
    const char *host = host_of(url);
    if (host == NULL || strcspn(host, "/:?#") == 0)
        return "is not an http or https URL with a host";
    return is_plain(url) ? NULL : "may have no query, no fragment and ASCII alone";
}

enum fz_result fz_notify_url_check(const struct fz_call *call, const char *url)
{
    const char *fault = url == NULL ? NULL : fz_notify_url_fault(url);
    return fault == NULL ? FZ_OK
                         : fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/notify_url", url, fault);
}
