/* What the server says to an Authorization header that cannot be read. */
#ifndef FZ_WIRE_SERVER_AUTHORIZATION_H
#define FZ_WIRE_SERVER_AUTHORIZATION_H

#include "base/server/refusal.h"
#include "wire/authorization.h"

/* The row that tells `fault`; FZ_ROW_NONE for FZ_AUTHORIZATION_READ. */
enum fz_row fz_authorization_row(enum fz_authorization_fault fault);

#endif
