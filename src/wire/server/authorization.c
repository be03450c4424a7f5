/* From what is wrong with an Authorization header to its refusal. */
#include "wire/server/authorization.h"

enum fz_row fz_authorization_row(enum fz_authorization_fault fault)
{
    switch (fault) {
    case FZ_AUTHORIZATION_READ:
        return FZ_ROW_NONE;
    case FZ_AUTHORIZATION_SCHEME:
        return FZ_SIGN_SCHEME;
    case FZ_AUTHORIZATION_MALFORMED:
        break;
    }
    return FZ_SIGN_MALFORMED;
}
