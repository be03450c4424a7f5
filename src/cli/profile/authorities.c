/* The program may run on another distribution than the one that its libcurl was built for, which knows its own's place alone. */
#include "cli/profile/authorities.h"

#include <curl/curl.h>
#include <stddef.h>
#include <unistd.h>

const char *fz_machine_authorities(void)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch */
        "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, Red Hat, Amazon */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* the same, where the links are gone */
        "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
        "/etc/ssl/cert.pem",
    };
    const char *built_in = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (built_in == NULL || access(built_in, R_OK) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}
