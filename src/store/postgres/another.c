/* Another book in the place of the one that was there: whoever finds it first, in whichever transaction, lets the program follow before
 * anything is drawn. A book is put into another's place by a transaction that waits for all who read or write that, and that all who come
 * later wait for: so none that is still under way is of the book before. */
#include <string.h>

#include "base/text.h"
#include "store/postgres/engine.h"

enum fz_result fz_another_follow(struct fz_tx *tx, const char *book)
{
    struct fz_store *store = tx->connection->store;
    enum fz_result result = FZ_OK;
    if (store->another == NULL || book[0] == '\0')
        return FZ_OK;
    pthread_mutex_lock(&store->following); /* held until it has followed: none draws by the book before meanwhile */
    if (strcmp(store->followed, book) != 0)
        result = store->another(tx, store->another_argument);
    if (result == FZ_OK)
        fz_copy(store->followed, sizeof store->followed, book);
    pthread_mutex_unlock(&store->following);
    return result;
}

void fz_another_forget(struct fz_store *store)
{
    pthread_mutex_lock(&store->following);
    store->followed[0] = '\0';
    pthread_mutex_unlock(&store->following);
}
