/* Which libfenzhang it is. */
#ifndef FENZHANG_VERSION_H
#define FENZHANG_VERSION_H

#include "fenzhang/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is in use, like "0.1.0"; the headers may be of another. */
FZ_API const char *fz_version(void);

#ifdef __cplusplus
}
#endif

#endif
