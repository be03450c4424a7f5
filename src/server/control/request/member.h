/* What a control call takes: a member of its body, or a parameter of its query. The call itself, the description of the
 * interface and the command line read these rows. */
#ifndef FZ_SERVER_CONTROL_REQUEST_MEMBER_H
#define FZ_SERVER_CONTROL_REQUEST_MEMBER_H

#include <stdbool.h>

enum fz_control_type {
    FZ_CONTROL_TEXT,
    FZ_CONTROL_INTEGER,
    FZ_CONTROL_BOOLEAN,
    FZ_CONTROL_TEXT_OR_INTEGER,
    FZ_CONTROL_TEXTS, /* a list */
    FZ_CONTROL_OBJECT
};

struct fz_control_member {
    const char *name; /* NULL ends a list */
    enum fz_control_type type;
    const char *about; /* in a few words */
    bool required;
    bool or_null;
    const char *variable;                    /* the variable of a demo.env that has the usual value; NULL: none */
    const struct fz_control_member *members; /* of an object */
};

/* NULL: there is none of that name. */
const struct fz_control_member *fz_control_member_named(const struct fz_control_member *members, const char *name);

#endif
