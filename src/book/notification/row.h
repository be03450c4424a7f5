/* The row of a notification, for the files of the book that write it. */
#ifndef FZ_BOOK_NOTIFICATION_ROW_H
#define FZ_BOOK_NOTIFICATION_ROW_H

#include "book/notification/notification.h"

FZ_MUST_CHECK enum fz_result fz_notification_insert(struct fz_tx *tx,
                                                    const struct fz_notification *notification);

#endif
