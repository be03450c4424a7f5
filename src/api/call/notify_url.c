/* Callback addresses. */
#include "api/call/notify_url.h"

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

enum fz_issue fz_notify_url_fault(const char *url)
{
    const char *host = host_of(url);
    if (host == NULL || strcspn(host, "/:?#") == 0)
        return FZ_ISSUE_NO_URL;
    return is_plain(url) ? FZ_ISSUE_NONE : FZ_ISSUE_URL_TOO_MUCH;
}

enum fz_result fz_notify_url_check(const struct fz_call *call, const char *url)
{
    enum fz_issue fault = url == NULL ? FZ_ISSUE_NONE : fz_notify_url_fault(url);
    return fault == FZ_ISSUE_NONE
               ? FZ_OK
               : fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/notify_url", url, fault);
}
