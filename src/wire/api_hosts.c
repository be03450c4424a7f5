/* The vendor's API hosts. */
#include "wire/api_hosts.h"

#include <string.h>
#include <strings.h>

const char *const fz_api_hosts[FZ_API_HOSTS] = {
    "apihk." FZ_API_DOMAIN, "apius." FZ_API_DOMAIN, "apieu." FZ_API_DOMAIN,
    "api." FZ_API_DOMAIN,   "api2." FZ_API_DOMAIN,  FZ_API_RETRY_HOST};

bool fz_is_api_host(const char *name, size_t size)
{
    for (size_t i = 0; i < FZ_API_HOSTS; i++)
        if (strlen(fz_api_hosts[i]) == size && strncasecmp(fz_api_hosts[i], name, size) == 0)
            return true;
    return false;
}
