/* An error that somebody else left in OpenSSL's queue, such as a host's own TLS. */
#ifndef FZ_TEST_QUEUED_ERROR_H
#define FZ_TEST_QUEUED_ERROR_H

#include <openssl/err.h>

#define QUEUED_REASON 42

static inline void leave_an_error(void)
{
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, QUEUED_REASON);
}

/* That it is there alone. */
#define ASSERT_LEFT_ALONE()                                                                                  \
    do {                                                                                                     \
        unsigned long left = ERR_get_error();                                                                \
        assert_int_equal(ERR_GET_LIB(left), ERR_LIB_USER);                                                   \
        assert_int_equal(ERR_GET_REASON(left), QUEUED_REASON);                                               \
        assert_int_equal(ERR_get_error(), 0);                                                                \
    } while (0)

/* That `failing`, which has to be true of what fails, leaves it alone. */
#define ASSERT_QUEUE_KEPT(failing)                                                                           \
    do {                                                                                                     \
        leave_an_error();                                                                                    \
        assert_true(failing);                                                                                \
        ASSERT_LEFT_ALONE();                                                                                 \
    } while (0)

#endif
