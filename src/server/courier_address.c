/* Which addresses a callback may go to. */
#include "server/courier_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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
        {0x64400000, 10, PRIVATE}, /* 100.64: shared by a carrier's customers */
        {0x7F000000, 8, LOOPBACK}, /* 127 */
        {0xA9FE0000, 16, NEVER},   /* 169.254: link-local, where clouds keep their secrets */
        {0xAC100000, 12, PRIVATE}, /* 172.16 */
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

static enum kind kind_of_v6(const unsigned char address[16])
{
    static const unsigned char zeros[15], nat64[12] = {0x00, 0x64, 0xFF, 0x9B};
    bool low = memcmp(address, zeros, 10) == 0;
    if (memcmp(address, zeros, 15) == 0 && address[15] <= 1)
        return address[15] == 1 ? LOOPBACK : NEVER;
    /* IPv4 in IPv6: mapped ::ffff:a.b.c.d, compatible ::a.b.c.d, translated 64:ff9b::a.b.c.d, tunnelled
     * 2002:ab:cd:: */
    if ((low && address[10] == 0xFF && address[11] == 0xFF) || memcmp(address, zeros, 12) == 0 ||
        memcmp(address, nat64, 12) == 0)
        return kind_of_v4(v4_at(address + 12));
    if (address[0] == 0x20 && address[1] == 0x02)
        return kind_of_v4(v4_at(address + 2));
    if (address[0] == 0xFF || (address[0] == 0xFE && (address[1] & 0xC0) == 0x80))
        return NEVER; /* multicast; link-local */
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

const char *fz_callback_address_fault(const struct sockaddr *address, enum fz_callback_scope scope)
{
    switch (kind_of(address)) {
    case LOOPBACK:
        return NULL;
    case PRIVATE:
        return scope >= FZ_CALLBACK_PRIVATE
                   ? NULL
                   : "it is on a private network (--callback-to private allows that)";
    case PUBLIC:
        return scope >= FZ_CALLBACK_ANY ? NULL : "it is not on this machine (--callback-to any allows that)";
    case NEVER:
        break;
    }
    return "link-local, multicast, unspecified and reserved addresses are never called";
}
