/* The link to a bill, taken apart. */
#ifndef FZ_CLIENT_BILL_LINK_H
#define FZ_CLIENT_BILL_LINK_H

#include "client/client.h"

struct fz_bill_link {
    char host[256];     /* "https://host[:port]" */
    const char *target; /* path and query, within the link: signed as they are sent */
    bool unsigned_ok;   /* the file may come without a signature */
};

/* `link` is as a verified answer has it. FZ_ABSENT: it leads to no host of the client's, nor from one of the vendor's to
 * another, and a signed request is for nobody else. */
FZ_MUST_CHECK enum fz_result fz_bill_link_read(const fz_client *client, const char *link, struct fz_bill_link *out);

#endif
