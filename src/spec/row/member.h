/* A member of a request or an answer: one row says what it is called, where it stands, what it may hold, and
 * which part of a struct it is. Reading, writing, digests and the documents are all made from these rows; no
 * name and no length of the API stands anywhere else. */
#ifndef FZ_SPEC_ROW_MEMBER_H
#define FZ_SPEC_ROW_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/time.h"

/* Where a member of a request stands. Those of an answer are all in the body. */
enum fz_place { FZ_IN_BODY, FZ_IN_PATH, FZ_IN_QUERY };

/* The numbers go into content digests, which books keep: never renumber. */
enum fz_kind {
    FZ_STRING,  /* const char *; NULL: not given */
    FZ_INTEGER, /* int64_t */
    FZ_BOOLEAN, /* bool */
    FZ_OBJECT,  /* a struct, in place */
    FZ_ARRAY,   /* of objects: a pointer to the first, and a size_t; NULL: not given */
    FZ_TIME,    /* struct fz_timestamp; a string in RFC 3339 */
    FZ_STRINGS  /* of an answer: a pointer to the first const char *, and a size_t; NULL: not given */
};

/* The two modes in which the API is called: by a merchant that is connected directly, or by an institution
 * for its sub-merchants. */
enum fz_modes { FZ_NEVER = 0, FZ_COMMON = 1, FZ_INSTITUTIONAL = 2, FZ_BOTH = 3 };

/* Members that name a merchant decide the mode and whose request it is. */
enum fz_role { FZ_PLAIN, FZ_MCHID, FZ_SP_MCHID, FZ_SUB_MCHID };

/* Which characters a string may have, beside its length. */
enum fz_letters {
    FZ_ANY_TEXT, /* UTF-8 of one- to three-byte characters, no control characters but tab and line ends */
    FZ_DIGITS,   /* merchant numbers */
    FZ_NUMBER_LETTERS, /* digits, letters, _ and - (out_order_no) */
    FZ_REFUND_LETTERS, /* those and | * @ (out_refund_no, out_trade_no) */
    FZ_DATE,           /* a YYYY-MM-DD that exists */
    FZ_COMPACT_DATE    /* a YYYYMMDD that exists */
};

struct fz_member {
    const char *name; /* the API's own */
    enum fz_place place;
    enum fz_kind kind;
    enum fz_role role;
    enum fz_modes only;     /* it belongs in this mode alone; 0: in both */
    enum fz_modes required; /* of an answer: FZ_BOTH if it is always there (in its object) */
    int64_t min, max;       /* string: characters; integer: value; array: items. Of an answer: max, or 0 */
    enum fz_letters letters;
    const char *const *words; /* allowed ones, NULL-ended; NULL: any */
    const char *fallback;     /* string: what it is when it is not given */
    bool any_case;    /* `words` are compared without regard to case (fund sources), stored in upper case */
    bool sealed;      /* RSAES-OAEP under the platform's key; what is stored is the opened text */
    bool not_content; /* left out of the content digest (notify_url) */
    bool unordered;   /* array: the digest does not depend on the order of items (amount.from) */
    bool milliseconds; /* time: it is written with them */
    bool loose; /* of an answer: an object may come in an array (the first counts), a string as a number or a
                   truth value */
    const struct fz_member *members; /* object, array: NULL-name-ended */
    size_t size;                     /* object, array: of one struct */
    size_t offset; /* within the struct that the request, the answer, the object or the item is */
    size_t given;  /* 1 + the offset of a bool that says whether it is given; 0: always, or its value says it */
    size_t count;  /* array, strings: the offset of the size_t; string: the same of its bytes, where a NUL may be one */
    const char *meaning; /* one line for the documents */
};

/* ---- writing rows ----
 * `of` is the name of a struct and `which` one of its members, so that name, place in memory and type come
 * from the declaration: a row for a member of another type does not compile. What follows are designated
 * initialisers of struct fz_member. */

#define FZ_NAMED(of, which) .name = #which, .offset = offsetof(struct of, which)
#define FZ_TYPE_IS(of, which, type, kind) _Generic(((struct of *)NULL)->which, type: kind)
/* How many they are, or how long it is, stands beside it. */
#define FZ_SIZE_BESIDE(of, which) FZ_TYPE_IS(of, which, size_t, offsetof(struct of, which))

/* A string of `shortest` to `longest` characters. */
#define FZ_TEXT_OF(of, which, shortest, longest, ...)                                                        \
    {                                                                                                        \
        FZ_NAMED(of, which), .kind = FZ_TYPE_IS(of, which, const char *, FZ_STRING), .min = shortest,        \
                             .max = longest, __VA_ARGS__                                                     \
    }
#define FZ_TEXT(of, which, longest, ...) FZ_TEXT_OF(of, which, 1, longest, __VA_ARGS__)
/* The same under another name of the API's. */
#define FZ_TEXT_AS(its_name, of, which, longest, ...)                                                        \
    {                                                                                                        \
        .name = its_name, .offset = offsetof(struct of, which),                                              \
        .kind = FZ_TYPE_IS(of, which, const char *, FZ_STRING), .min = 1, .max = longest, __VA_ARGS__        \
    }
/* One that may have a NUL in it, of an answer: beside it stands `size_t NAME_size`, in bytes; not as the first of the struct, as
 * `count` 0 says that there is none. */
#define FZ_TEXT_SIZED(of, which, longest, ...)                                                               \
    FZ_TEXT(of, which, longest, .count = FZ_SIZE_BESIDE(of, which##_size) + FZ_NOT_FIRST(of, which##_size),  \
            __VA_ARGS__)
/* 0; does not compile where it is the first. */
#define FZ_NOT_FIRST(of, which)                                                                              \
    (0 * sizeof(struct {                                                                                     \
         _Static_assert(offsetof(struct of, which) != 0, "the size of a text stands first in its struct");   \
         char some;                                                                                          \
     }))
/* `least` to `most` strings, of an answer: a pointer to the first, and beside it `size_t NAME_count`. */
#define FZ_TEXTS(of, which, least, most, ...)                                                                \
    {                                                                                                        \
        FZ_NAMED(of, which), .kind = FZ_TYPE_IS(of, which, const char **, FZ_STRINGS), .min = least,         \
                             .max = most, .count = FZ_SIZE_BESIDE(of, which##_count), __VA_ARGS__            \
    }
/* An integer or a bool that is always given. */
#define FZ_INT(of, which, least, most, ...)                                                                  \
    {                                                                                                        \
        FZ_NAMED(of, which), .kind = FZ_TYPE_IS(of, which, int64_t, FZ_INTEGER), .min = least, .max = most,  \
                             __VA_ARGS__                                                                     \
    }
/* An integer without bounds, of an answer. */
#define FZ_NUMBER(of, which, ...) FZ_INT(of, which, 0, 0, __VA_ARGS__)
#define FZ_NUMBER_IF(of, which, ...) FZ_INT_IF(of, which, 0, 0, __VA_ARGS__)
#define FZ_BOOL(of, which, ...)                                                                              \
    {                                                                                                        \
        FZ_NAMED(of, which), .kind = FZ_TYPE_IS(of, which, bool, FZ_BOOLEAN), __VA_ARGS__                    \
    }
/* What may be left out, where no value can say so: beside it stands `bool has_NAME`. */
#define FZ_GIVEN(of, which) (1 + FZ_TYPE_IS(of, has_##which, bool, offsetof(struct of, has_##which)))
#define FZ_INT_IF(of, which, least, most, ...)                                                               \
    FZ_INT(of, which, least, most, .given = FZ_GIVEN(of, which), __VA_ARGS__)
#define FZ_BOOL_IF(of, which, ...) FZ_BOOL(of, which, .given = FZ_GIVEN(of, which), __VA_ARGS__)
/* A moment. */
#define FZ_MOMENT(of, which, ...)                                                                            \
    {                                                                                                        \
        FZ_NAMED(of, which), .kind = FZ_TYPE_IS(of, which, struct fz_timestamp, FZ_TIME), .max = 64,         \
                             __VA_ARGS__                                                                     \
    }
/* A `struct type` in place, whose rows are `type`_members. */
#define FZ_STRUCT(of, which, type, ...) FZ_STRUCT_BY(of, which, type, type##_members, __VA_ARGS__)
/* The same by other rows of the type's. */
#define FZ_STRUCT_BY(of, which, type, rows, ...)                                                             \
    {                                                                                                        \
        FZ_NAMED(of, which), .kind = FZ_TYPE_IS(of, which, struct type, FZ_OBJECT), .members = rows,         \
                             .size = sizeof(struct type), __VA_ARGS__                                        \
    }
#define FZ_STRUCT_IF(of, which, type, ...)                                                                   \
    FZ_STRUCT(of, which, type, .given = FZ_GIVEN(of, which), __VA_ARGS__)
/* `least` to `most` of them: a pointer to the first, and beside it `size_t NAME_count`. */
#define FZ_LIST(of, which, type, least, most, ...)                                                           \
    FZ_LIST_AS(#which, of, which, type, type##_members, least, most, __VA_ARGS__)
/* The same under another name of the API's, and by other rows of the type's. */
#define FZ_LIST_AS(its_name, of, which, type, rows, least, most, ...)                                        \
    {                                                                                                        \
        .name = its_name, .offset = offsetof(struct of, which),                                              \
        .kind = FZ_TYPE_IS(of, which, struct type *, FZ_ARRAY), .min = least, .max = most, .members = rows,  \
        .size = sizeof(struct type), .count = FZ_SIZE_BESIDE(of, which##_count), __VA_ARGS__                 \
    }

/* ---- a member's part of a struct ---- */

static inline void *fz_slot(const struct fz_member *member, const void *values)
{
    return (char *)(uintptr_t)values + member->offset;
}

static inline size_t *fz_count_slot(const struct fz_member *member, const void *values)
{
    return (size_t *)(void *)((char *)(uintptr_t)values + member->count);
}

/* Whether `values` has the member. */
bool fz_is_given(const struct fz_member *member, const void *values);
/* Says that it has. */
void fz_set_given(const struct fz_member *member, void *values);

/* The member of that role; NULL: there is none. */
const struct fz_member *fz_member_of_role(const struct fz_member *members, enum fz_role role);

#endif
