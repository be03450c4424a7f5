/* A book as a world file: what it would have to be told to stand as it does. */
#ifndef FZ_SERVER_BIRTH_EXPORT_H
#define FZ_SERVER_BIRTH_EXPORT_H

#include <jansson.h>

#include "server/keys/secrets.h"
#include "store/store.h"

#define FZ_WORLD_EXPORT_STEPS 20000 /* as many as a world may have */

/* `out`: {"world": …, "left_out": [what a file cannot carry, in sentences]}. `keys`: private keys and APIv3 keys, too. FZ_FULL: the
 * book has more to tell than a file may. New. */
FZ_MUST_CHECK enum fz_result fz_world_export(struct fz_tx *tx, const struct fz_secrets *secrets, bool keys, json_t **out);

#endif
