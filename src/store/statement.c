/* The program's statements, and the values that go into them. */
#include <string.h>

#include "store/store.h"

/* The linker names the ends of a section; weak, for a program that has no statement. */
extern const struct fz_statement first_statement[] __asm__("__start_fz_statement_list") __attribute__((weak));
extern const struct fz_statement end_of_statements[] __asm__("__stop_fz_statement_list") __attribute__((weak));

const struct fz_statement *fz_statements(size_t *count)
{
    *count = ((uintptr_t)end_of_statements - (uintptr_t)first_statement) / sizeof(struct fz_statement);
    return first_statement;
}

struct fz_value fz_text_value(const char *text)
{
    if (text == NULL)
        return FZ_NIL;
    return (struct fz_value){.kind = FZ_VALUE_TEXT, .data = text, .size = strlen(text)};
}

struct fz_value fz_text_or_null(const char *text)
{
    return fz_text_value(text != NULL && text[0] == '\0' ? NULL : text);
}
