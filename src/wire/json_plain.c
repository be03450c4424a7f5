/* Plain JSON, read in place: an object of what nearly every request and answer consists of. Anything else, and whatever is in
 * doubt, is left to jansson. Nothing is read beyond the NUL behind the text: it is in no class of characters. */
#include <string.h>

#include "base/text.h"
#include "wire/json_tree.h"

#define DEPTH_MAX   16
#define VALUES_MAX  1024
#define MEMBERS_MAX 64 /* of an object; each is compared with those before it */
#define DIGITS_MAX  18

struct plain {
    struct fz_json_tree *tree;
    char *at;
    unsigned depth, values;
};

static struct fz_json_node *read_value(struct plain *plain);

static void skip_blanks(struct plain *plain)
{
    while (*plain->at == ' ' || *plain->at == '\n' || *plain->at == '\t' || *plain->at == '\r')
        plain->at++;
}

/* Passes over `character` and the blanks around it. */
static bool take(struct plain *plain, char character)
{
    skip_blanks(plain);
    if (*plain->at != character)
        return false;
    plain->at++;
    skip_blanks(plain);
    return true;
}

/* What ends a string, or is none of it: the quotation mark, the reverse solidus, a control character. */
enum { END, ASCII, BEYOND };

static const unsigned char classes[256] = {
    [0x20 ... 0x21] = ASCII, [0x23 ... 0x5B] = ASCII, [0x5D ... 0x7F] = ASCII, [0x80 ... 0xFF] = BEYOND};

/* Behind the quotation mark. Its end becomes a NUL. */
static char *read_string(struct plain *plain, size_t *size)
{
    unsigned char *begin = (unsigned char *)plain->at, *at = begin, all = 0;
    for (; classes[*at] != END; at++)
        all |= classes[*at];
    *size = (size_t)(at - begin);
    if (*at != '"' || ((all & BEYOND) != 0 && fz_utf8_length((char *)begin, *size) < 0))
        return NULL;
    *at = '\0';
    plain->at = (char *)at + 1;
    return (char *)begin;
}

static bool read_text(struct plain *plain, struct fz_json_node *node)
{
    plain->at++;
    node->kind = FZ_JSON_STRING;
    node->text = read_string(plain, &node->size);
    return node->text != NULL;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* What cannot follow a whole number (a point, an exponent, a digit behind 0) is found by who looks for what follows. */
static bool read_integer(struct plain *plain, struct fz_json_node *node)
{
    bool negative = *plain->at == '-';
    const char *begin = plain->at += negative;
    int64_t number = 0;
    for (; is_digit(*plain->at) && plain->at - begin < DIGITS_MAX; plain->at++)
        number = number * 10 + (*plain->at - '0');
    node->kind = FZ_JSON_INTEGER;
    node->integer = negative ? -number : number;
    return plain->at > begin && (*begin != '0' || plain->at == begin + 1);
}

static bool read_word(struct plain *plain, struct fz_json_node *node)
{
    static const struct {
        const char *word;
        enum fz_json_kind kind;
    } words[] = {{"true", FZ_JSON_TRUE}, {"false", FZ_JSON_FALSE}, {"null", FZ_JSON_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t size = strlen(words[i].word);
        if (strncmp(plain->at, words[i].word, size) != 0)
            continue;
        node->kind = words[i].kind;
        plain->at += size;
        return true;
    }
    return false;
}

static bool has_member(const struct fz_json_node *object, const char *name)
{
    for (const struct fz_json_node *member = object->first; member != NULL; member = member->next)
        if (strcmp(member->name, name) == 0)
            return true;
    return false;
}

static struct fz_json_node *read_member(struct plain *plain, const struct fz_json_node *object)
{
    size_t size;
    if (object->size == MEMBERS_MAX || *plain->at++ != '"')
        return NULL;
    const char *name = read_string(plain, &size);
    if (name == NULL || has_member(object, name) || !take(plain, ':'))
        return NULL;
    struct fz_json_node *member = read_value(plain);
    if (member != NULL)
        member->name = name;
    return member;
}

/* An object, or an array, from its bracket on. */
static bool read_all(struct plain *plain, struct fz_json_node *node, bool object)
{
    const char end = object ? '}' : ']';
    const struct fz_json_node **last = &node->first;
    node->kind = object ? FZ_JSON_OBJECT : FZ_JSON_ARRAY;
    (void)take(plain, *plain->at);
    if (take(plain, end))
        return true;
    do {
        struct fz_json_node *next = object ? read_member(plain, node) : read_value(plain);
        if (next == NULL)
            return false;
        *last = next;
        last = &next->next;
        node->size++;
    } while (take(plain, ','));
    return take(plain, end);
}

static bool read_into(struct plain *plain, struct fz_json_node *node)
{
    switch (*plain->at) {
    case '"':
        return read_text(plain, node);
    case '{':
    case '[':
        return read_all(plain, node, *plain->at == '{');
    case '-':
    case '0' ... '9':
        return read_integer(plain, node);
    default:
        return read_word(plain, node);
    }
}

static struct fz_json_node *new_node(struct fz_json_tree *tree)
{
    if (tree->used == FZ_JSON_AT_HAND)
        return fz_arena_take(&tree->arena, sizeof(struct fz_json_node));
    struct fz_json_node *node = &tree->at_hand[tree->used++];
    *node = (struct fz_json_node){0};
    return node;
}

static struct fz_json_node *read_value(struct plain *plain)
{
    if (plain->depth == DEPTH_MAX || plain->values == VALUES_MAX)
        return NULL;
    plain->values++;
    plain->depth++;
    struct fz_json_node *node = new_node(plain->tree);
    bool read = node != NULL && read_into(plain, node);
    plain->depth--;
    return read ? node : NULL;
}

const struct fz_json_node *fz_json_plain(struct fz_json_tree *tree, char *text, size_t size)
{
    struct plain plain = {.tree = tree, .at = text};
    skip_blanks(&plain);
    if (*plain.at != '{')
        return NULL;
    const struct fz_json_node *root = read_value(&plain);
    return plain.at == text + size ? root : NULL;
}
