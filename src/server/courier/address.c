/* Which addresses a callback may go to. */
#include "server/courier/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

const char *const fz_callback_scope_words[] = {"loopback", "private", "any", NULL};

enum kind { LOOPBACK, PRIVATE, PUBLIC, NEVER };

static bool in_net(uint32_t address, uint32_t net, int bits)
{
    return (address ^ net) >> (32 - bits) == 0;
}

static enum kind kind_of_v4(uint32_t address)
{
    static const struct {
        uint32_t net;
        int bits;
        enum kind kind;
    } nets[] = {
        {0x00000000, 8, NEVER},    /* unspecified, "this network" */
        {0x0A000000, 8, PRIVATE},  /* 10 */
        {0x64646400, 24, NEVER},   /* 100.100.100: Alibaba's metadata (.200) */
        {0x64400000, 10, PRIVATE}, /* 100.64: shared by a carrier's customers */
        {0x7F000000, 8, LOOPBACK}, /* 127 */
        {0xA83F8110, 32, NEVER},   /* 168.63.129.16: Azure's host */
        {0xA9FE0000, 16, NEVER},   /* 169.254: link-local, where clouds keep their secrets */
        {0xAC100000, 12, PRIVATE}, /* 172.16 */
        {0xC0000000, 24, NEVER},   /* 192.0.0: protocols' own; Oracle's metadata (.192) */
        {0xC0A80000, 16, PRIVATE}, /* 192.168 */
        {0xC6120000, 15, PRIVATE}, /* 198.18: benchmarks */
        {0xE0000000, 4, NEVER},    /* multicast */
        {0xF0000000, 4, NEVER},    /* reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        if (in_net(address, nets[i].net, nets[i].bits))
            return nets[i].kind;
    return PUBLIC;
}

static uint32_t v4_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Where clouds answer with an instance's secrets; all of it lies in fd00::/8, which is private otherwise. */
static bool is_cloud_v6(const unsigned char address[16])
{
    static const struct {
        unsigned char bytes[8];
        size_t size;
    } nets[] = {
        {{0xFD, 0x00, 0x0E, 0xC2}, 4},             /* fd00:ec2: Amazon */
        {{0xFD, 0x20, 0x00, 0xCE}, 4},             /* fd20:ce: Google */
        {{0xFD, 0x00, 0x00, 0xC1}, 4},             /* fd00:c1: Oracle */
        {{0xFD, 0x00, 0xA9, 0xFE, 0xA9, 0xFE}, 6}, /* fd00:a9fe:a9fe: Linode */
        {{0xFD, 0x00, 0x00, 0x42}, 4},             /* fd00:42: Scaleway */
    };
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        if (memcmp(address, nets[i].bytes, nets[i].size) == 0)
            return true;
    return false;
}

static enum kind kind_of_v6(const unsigned char address[16])
{
    static const unsigned char zeros[15], nat64[12] = {0x00, 0x64, 0xFF, 0x9B},
                               own_nat64[6] = {0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, isatap[3] = {0x00, 0x5E, 0xFE},
                               teredo[4] = {0x20, 0x01};
    bool low = memcmp(address, zeros, 10) == 0;
    if (memcmp(address, zeros, 15) == 0 && address[15] <= 1)
        return address[15] == 1 ? LOOPBACK : NEVER;
    /* IPv4 in IPv6: mapped ::ffff:a.b.c.d, compatible ::a.b.c.d, translated 64:ff9b::a.b.c.d and
     * 64:ff9b:1:…:a.b.c.d, tunnelled 2002:ab:cd:: and …:0:5efe:a.b.c.d; in 2001:0::/32 (Teredo) it cannot be told */
    if (memcmp(address, teredo, 4) == 0)
        return NEVER;
    if (memcmp(address, own_nat64, 6) == 0 || memcmp(address + 9, isatap, 3) == 0 ||
        (low && address[10] == 0xFF && address[11] == 0xFF) || memcmp(address, zeros, 12) == 0 ||
        memcmp(address, nat64, 12) == 0)
        return kind_of_v4(v4_at(address + 12));
    if (address[0] == 0x20 && address[1] == 0x02)
        return kind_of_v4(v4_at(address + 2));
    if (address[0] == 0xFF || (address[0] == 0xFE && (address[1] & 0xC0) == 0x80))
        return NEVER; /* multicast; link-local */
    if (is_cloud_v6(address))
        return NEVER;
    if ((address[0] & 0xFE) == 0xFC || (address[0] == 0xFE && (address[1] & 0xC0) == 0xC0))
        return PRIVATE; /* unique local; site-local */
    return PUBLIC;
}

static enum kind kind_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return kind_of_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return kind_of_v6(v6.sin6_addr.s6_addr);
    }
    return NEVER;
}

/* An address is this machine's own if a socket can be bound to it. */
static bool is_of_this_machine(const struct sockaddr *address)
{
    struct sockaddr_in6 any_port = {0};
    socklen_t size = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof any_port;
    memcpy(&any_port, address, size);
    any_port.sin6_port = 0; /* in the same place in both families */
    int handle = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (handle < 0)
        return true; /* not to be told: on the safe side */
    bool own = bind(handle, (const struct sockaddr *)&any_port, size) == 0;
    close(handle);
    return own;
}

/* Whether this server itself listens there: on one of its ports, whichever of the machine's addresses it is. */
static bool is_own(const struct sockaddr *address, const struct fz_callback_limits *limits)
{
    struct sockaddr_in v4; /* the port is in the same place in IPv6 */
    memcpy(&v4, address, sizeof v4);
    for (size_t i = 0; i < FZ_OWN_PORTS; i++)
        if (limits->own_ports[i] != 0 && limits->own_ports[i] == ntohs(v4.sin_port))
            return is_of_this_machine(address);
    return false;
}

const char *fz_callback_address_fault(const struct sockaddr *address, const struct fz_callback_limits *limits)
{
    enum kind kind = kind_of(address);
    if (kind != NEVER && is_own(address, limits))
        return "this server listens there itself";
    switch (kind) {
    case LOOPBACK:
        return NULL;
    case PRIVATE:
        return limits->scope >= FZ_CALLBACK_PRIVATE
                   ? NULL
                   : "it is on a private network (--callback-to private allows that)";
    case PUBLIC:
        return limits->scope >= FZ_CALLBACK_ANY ? NULL : "it is not on this machine (--callback-to any allows that)";
    case NEVER:
        break;
    }
    return "link-local, multicast, unspecified and reserved addresses and the metadata services of clouds are "
           "never called";
}
