/* Who calls: an institution for its sub-merchant, or a direct merchant. */
#ifndef FZ_UNIT_CLIENT_MODE_H
#define FZ_UNIT_CLIENT_MODE_H

#include "unit/client/shop.h"

/* `sp` and `mchid`: one of them is the caller's number, the other NULL; `sub` is NULL in Common mode. */
struct mode {
    const char *caller, *sp, *mchid, *sub, *sp_appid, *appid;
};

extern const struct mode institution, direct;

/* A shop whose client is the mode's. */
struct shop *mode_open(const struct mode *mode);
/* An order of 1000 fen that was paid to the mode's merchant. */
struct fz_sandbox_paid mode_paid(struct shop *shop, const struct mode *mode, bool marked);

/* The mode's members of a request that has all three; of one that has numbers of apps. */
#define SET_MODE(mode, request)  ((request).mchid = (mode)->mchid, (request).sp_mchid = (mode)->sp, (request).sub_mchid = (mode)->sub)
#define SET_APPID(mode, request) ((request).appid = (mode)->appid, (request).sp_appid = (mode)->sp_appid)

#endif
