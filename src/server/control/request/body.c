/* The body of a control call, member by member. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/control/request/call.h"

#define MEMBERS_MAX 20 /* that a message has room for */

void fz_body_fault(struct fz_control_call *call, const char *format, ...)
{
    if (call->fault[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->fault, sizeof call->fault, format, arguments);
    va_end(arguments);
}

bool fz_body_has(const struct fz_control_call *call, const char *name)
{
    return json_object_get(call->body, name) != NULL;
}

bool fz_body_is_null(const struct fz_control_call *call, const char *name)
{
    return json_is_null(json_object_get(call->body, name));
}

void fz_body_require(struct fz_control_call *call, const char *name)
{
    if (!fz_body_has(call, name))
        fz_body_fault(call, "\"%s\" is missing: add it to the body", name);
}

bool fz_control_text_is_clean(const char *text, size_t min, size_t max)
{
    long characters = text == NULL ? -1 : fz_utf8_length(text, strlen(text));
    bool clean = characters >= (long)min && characters <= (long)max;
    for (const unsigned char *at = (const unsigned char *)text; clean && *at != '\0'; at++)
        clean = *at >= 0x20 && *at != 0x7F && (at[0] != 0xC2 || at[1] >= 0xA0); /* C0, DEL, C1 */
    return clean;
}

const char *fz_body_text(struct fz_control_call *call, const char *name, size_t min, size_t max)
{
    const json_t *member = json_object_get(call->body, name);
    if (member == NULL)
        return NULL;
    const char *text = json_string_value(member);
    if (fz_control_text_is_clean(text, min, max))
        return text;
    fz_body_fault(call, "\"%s\" is not a text of %zu to %zu characters: send one", name, min, max);
    return NULL;
}

const char *fz_body_letters(struct fz_control_call *call, const char *name, size_t min, size_t max,
                            const char *letters)
{
    bool digits = strcmp(letters, FZ_DIGIT_LETTERS) == 0;
    const char *text = json_string_value(json_object_get(call->body, name));
    if (text != NULL &&
        (strspn(text, letters) != strlen(text) || (digits && (strlen(text) < min || strlen(text) > max)))) {
        fz_body_fault(call, "\"%s\" is no text of %zu to %zu %s: send one", name, min, max,
                      digits ? "digits" : "digits and letters");
        return NULL;
    }
    return fz_body_text(call, name, min, max);
}

int64_t fz_body_integer(struct fz_control_call *call, const char *name, int64_t min, int64_t max,
                        int64_t fallback)
{
    const json_t *member = json_object_get(call->body, name);
    if (member == NULL)
        return fallback;
    if (json_is_integer(member) && json_integer_value(member) >= min && json_integer_value(member) <= max)
        return json_integer_value(member);
    fz_body_fault(call, "\"%s\" is not a whole number from %lld to %lld: send one", name, (long long)min,
                  (long long)max);
    return fallback;
}

bool fz_body_boolean(struct fz_control_call *call, const char *name, bool fallback)
{
    const json_t *member = json_object_get(call->body, name);
    if (member == NULL)
        return fallback;
    if (!json_is_boolean(member))
        fz_body_fault(call, "\"%s\" is neither true nor false: send one of them", name);
    return json_is_true(member);
}

const struct fz_control_member *fz_control_member_named(const struct fz_control_member *members, const char *name)
{
    while (members != NULL && members->name != NULL && strcmp(members->name, name) != 0)
        members++;
    return members == NULL || members->name == NULL ? NULL : members;
}

/* "a, b or c" */
static void list_words(char *out, size_t size, const char *const words[])
{
    size_t used = 0;
    for (size_t i = 0; words[i] != NULL && used < size; i++) {
        const char *joint = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";
        int added = snprintf(out + used, size - used, "%s%s", joint, words[i]);
        used += added < 0 ? 0 : (size_t)added;
    }
}

int fz_body_word(struct fz_control_call *call, const char *name, const char *const words[], int fallback)
{
    const json_t *member = json_object_get(call->body, name);
    if (member == NULL)
        return fallback;
    const char *text = json_string_value(member);
    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    char list[200] = "";
    list_words(list, sizeof list, words);
    fz_body_fault(call, "\"%s\" is none of its words: send %s", name, list);
    return fallback;
}

/* The same of the members' names. */
static void list_members(char *out, size_t size, const struct fz_control_member *members)
{
    const char *names[MEMBERS_MAX + 1];
    size_t count = 0;
    while (members != NULL && members[count].name != NULL && count < MEMBERS_MAX) {
        names[count] = members[count].name;
        count++;
    }
    names[count] = NULL;
    list_words(out, size, names);
}

void fz_body_only(struct fz_control_call *call, const struct fz_control_member *members)
{
    const char *name;
    json_t *value;
    json_object_foreach(call->body, name, value)
    {
        if (fz_control_member_named(members, name) != NULL)
            continue;
        char clean[60], list[260] = "no member at all";
        fz_copy_clean(clean, sizeof clean, name, strlen(name), 40);
        list_members(list, sizeof list, members);
        fz_body_fault(call, "\"%s\" is not a member of this call: it takes %s", clean, list);
        return;
    }
}

bool fz_body_is_sound(struct fz_control_call *call)
{
    if (call->fault[0] == '\0')
        return true;
    fz_control_refuse(call, MHD_HTTP_BAD_REQUEST, "The body of the call has a fault: %s.", call->fault);
    return false;
}
