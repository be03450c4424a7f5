/* JSON written straight into a text, member after member. Answers and callbacks are made so: to build a
 * tree of them first and write that out costs more than their look-up in the book (measured). What is
 * read: json_tree.h. */
#ifndef FZ_WIRE_JSON_TEXT_H
#define FZ_WIRE_JSON_TEXT_H

#include <stdint.h>

#include "base/text.h"

/* Zero-initialise but for text.max. When text.failed is set at the end, memory was short, the text would have
 * been longer than max, or the caller has set it: there is no JSON then. */
struct fz_json {
    struct fz_text text; /* the caller's: fz_text_done, or its data is taken over */
    bool follows;        /* something stands before what comes next, on its level */
    bool has_other;      /* a string has more in it than letters, digits, blanks and the marks -_.,/+*|@(): it may be a
                            text with names and values of its own */
};

/* `name` is the member's name; NULL where none belongs: at the top and in an array. Names are written as they
 * are: they are the program's own. Values are UTF-8 without a NUL, and escaped. */
void fz_json_object(struct fz_json *json, const char *name);
void fz_json_end_object(struct fz_json *json);
void fz_json_array(struct fz_json *json, const char *name);
void fz_json_end_array(struct fz_json *json);
void fz_json_string(struct fz_json *json, const char *name, const char *value);
/* The same of a text of the program's own, such as a time: nothing in it has to be escaped, and it names nothing. */
void fz_json_own(struct fz_json *json, const char *name, const char *value);
/* The same for `size` bytes that may have a NUL among them; a NUL has to stand behind them too. */
void fz_json_sized(struct fz_json *json, const char *name, const char *value, size_t size);
void fz_json_integer(struct fz_json *json, const char *name, int64_t value);
void fz_json_boolean(struct fz_json *json, const char *name, bool value);
void fz_json_null(struct fz_json *json, const char *name);

#endif
