/* The table of what can be wrong with a value, and how one of it is written down. */
#include "base/issue.h"

#include <string.h>

#include "base/text.h"

static const struct {
    const char *english, *chinese;
} issues[FZ_ISSUE_COUNT] = {
    [FZ_ISSUE_NONE] = {"", ""},
#define FZ_ISSUE(id, english, chinese) [FZ_ISSUE_##id] = {english, chinese},
#include "base/issues.def"
#undef FZ_ISSUE
};

const char *fz_issue_text(enum fz_issue issue, bool chinese)
{
    if ((unsigned)issue >= FZ_ISSUE_COUNT)
        return "";
    return chinese ? issues[issue].chinese : issues[issue].english;
}

/* What stands in the text for the `$` and the letter behind it; tests/unit/base/issue.c checks that each
 * row has none but these three letters. */
static void add_value(struct fz_text *text, char letter, const struct fz_issue_values *values)
{
    if (values == NULL)
        return;
    if (letter == 'w')
        fz_text_string(text, values->words == NULL ? "" : values->words);
    else
        fz_text_format(text, "%lld", (long long)(letter == '1' ? values->first : values->second));
}

void fz_issue_write(char *out, size_t size, enum fz_issue issue, bool chinese,
                    const struct fz_issue_values *values)
{
    struct fz_text text = {.max = 4096};
    const char *at = fz_issue_text(issue, chinese);
    for (const char *sign; (sign = strchr(at, '$')) != NULL; at = sign + 2) {
        fz_text_add(&text, at, (size_t)(sign - at));
        add_value(&text, sign[1], values);
    }
    fz_text_string(&text, at);
    fz_copy(out, size, text.data);
    fz_text_done(&text);
}
