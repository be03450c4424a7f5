/* The way to the service: names, connections, the proxy, TLS, each told apart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/doctor/checkup.h"
#include "cli/signed/signed.h"

/* Of the real service; "https://" stands in front of each. */
static const char *const usual_hosts[] = {"https://apihk.mch.weixin.qq.com", "https://apius.mch.weixin.qq.com",
                                          "https://apieu.mch.weixin.qq.com", NULL};

/* How far it came. */
struct way {
    CURLcode code;
    long proxy_status; /* what a proxy said to CONNECT; 0: nothing */
    char detail[CURL_ERROR_SIZE];
    char issuer[300]; /* of the host's certificate; "": not known */
};

static void note_issuer(CURL *handle, struct way *way)
{
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL || chain->num_of_certs == 0)
        return;
    for (const struct curl_slist *at = chain->certinfo[0]; at != NULL; at = at->next)
        if (strncmp(at->data, "Issuer:", 7) == 0)
            (void)fz_copy(way->issuer, sizeof way->issuer, at->data + 7);
}

/* `strict`: its certificate has to be trusted. */
static void try_once(const struct fz_checkup *checkup, const char *host, bool strict, struct way *way)
{
    const char *const *values = checkup->profile.values;
    CURL *handle = curl_easy_init();
    way->code = handle == NULL ? CURLE_OUT_OF_MEMORY
                               : fz_signed_set_way(handle, values[FZ_SETTING_CA_FILE], values[FZ_SETTING_PROXY]);
    if (way->code == CURLE_OK)
        way->code = curl_easy_setopt(handle, CURLOPT_URL, host);
    if (way->code == CURLE_OK)
        way->code = curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
    if (way->code == CURLE_OK && !strict) {
        (void)curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        (void)curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
        (void)curl_easy_setopt(handle, CURLOPT_CERTINFO, 1L);
    } else if (way->code == CURLE_OK) {
        way->code = curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, way->detail);
    }
    if (way->code == CURLE_OK)
        way->code = curl_easy_perform(handle);
    if (handle != NULL)
        (void)curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &way->proxy_status);
    if (!strict && way->code == CURLE_OK)
        note_issuer(handle, way);
    curl_easy_cleanup(handle);
}

/* The proxy that the profile names, or the environment; NULL: none. */
static const char *proxy_of(const struct fz_checkup *checkup, const char *host)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
    const char *proxy = checkup->profile.values[FZ_SETTING_PROXY];
    bool is_plain = strncasecmp(host, "http://", 7) == 0;
    if (proxy == NULL && is_plain)
        proxy = getenv("http_proxy");
    for (int i = is_plain ? 2 : 0; names[i] != NULL && proxy == NULL; i++)
        proxy = getenv(names[i]);
    return proxy == NULL || proxy[0] == '\0' ? NULL : proxy;
}

static void tell_untrusted(struct fz_checkup *checkup, const char *host, struct way *way)
{
    struct way again = {0};
    const char *file = checkup->profile.values[FZ_SETTING_CA_FILE];
    try_once(checkup, host, false, &again);
    fz_checkup_wrong(checkup, "tls",
                     "Set ca_file to the certificate of the CA that issues it: of a server of your own `fenzhang ca' "
                     "prints it, of a company's proxy ask whoever runs that.",
                     "the TLS certificate of %s is not trusted: %s. It was issued by %s; what counts is %s", host,
                     way->detail, again.issuer[0] == '\0' ? "nobody known" : again.issuer,
                     file == NULL ? "the system's list" : file);
}

static void tell_proxy_refusal(struct fz_checkup *checkup, const char *host, const char *proxy, const struct way *way)
{
    fz_checkup_wrong(checkup, "proxy", "Ask whoever runs the proxy, or set another: proxy = http://HOST:PORT; \"\" is none.",
                     "the proxy %s does not lead to %s: it says %ld", proxy, host, way->proxy_status);
}

static void tell_no_way(struct fz_checkup *checkup, const char *host, struct way *way)
{
    const char *proxy = proxy_of(checkup, host), *why = way->detail[0] == '\0' ? curl_easy_strerror(way->code) : way->detail;
    if (way->code == CURLE_PEER_FAILED_VERIFICATION)
        tell_untrusted(checkup, host, way);
    else if (way->code == CURLE_SSL_CACERT_BADFILE)
        fz_checkup_wrong(checkup, "tls", "Set ca_file to a PEM file that can be read.",
                         "the certificates that hosts are checked against: %s", why);
    else if (way->code == CURLE_SSL_CONNECT_ERROR)
        fz_checkup_wrong(checkup, "tls", "Look at the address: http:// is for a server of your own without --tls.",
                         "no TLS with %s: %s", host, why);
    else if (proxy != NULL && way->proxy_status >= 300)
        tell_proxy_refusal(checkup, host, proxy, way);
    else if (way->code == CURLE_COULDNT_RESOLVE_PROXY)
        fz_checkup_wrong(checkup, "proxy",
                         "Look at the name: proxy of the profile, or the variables https_proxy and all_proxy.",
                         "the name of the proxy %s leads nowhere: %s", proxy == NULL ? "" : proxy, why);
    else if (way->code == CURLE_COULDNT_RESOLVE_HOST)
        fz_checkup_wrong(checkup, "host", "Look at the name (hosts of the profile) and at this machine's DNS.",
                         "the name of %s leads nowhere: %s", host, why);
    else if (proxy != NULL)
        fz_checkup_wrong(checkup, "proxy",
                         "Start it, or set another: proxy of the profile, or the variables https_proxy and all_proxy.",
                         "%s cannot be reached through the proxy %s: %s", host, proxy, why);
    else
        fz_checkup_wrong(checkup, "host",
                         "Is it running? Does a firewall let this machine out? Is a proxy needed (proxy of the profile)?",
                         "%s cannot be reached: %s", host, why);
}

void fz_check_hosts(struct fz_checkup *checkup)
{
    const char *const *hosts = checkup->profile.options.hosts == NULL ? usual_hosts : checkup->profile.options.hosts;
    for (; *hosts != NULL; hosts++) {
        struct way way = {0};
        const char *proxy = proxy_of(checkup, *hosts);
        try_once(checkup, *hosts, true, &way);
        if (way.code != CURLE_OK) {
            tell_no_way(checkup, *hosts, &way);
            continue;
        }
        fz_checkup_well(checkup, "host", "%s can be reached%s%s", *hosts, proxy == NULL ? "" : " through ",
                        proxy == NULL ? "" : proxy);
        checkup->host = checkup->host == NULL ? *hosts : checkup->host;
    }
}
