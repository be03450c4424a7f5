/* Answers as they are given to programs. */
#include "client/answer.h"

#include <jansson.h>
#include <stdalign.h>
#include <string.h>

#include "base/memory.h"
#include "spec/row/json.h"

#define VALUES_MAX (16 << 20) /* bytes that the values of an answer may take */

/* Lies before the struct that the program sees. */
struct head {
    struct fz_arena arena;
    struct fz_text text;
    json_t *json; /* of fz_answer_member, once it was asked */
    struct fz_text member;
    char request_id[FZ_REQUEST_ID_TEXT];
    alignas(max_align_t) unsigned char answer[];
};

static struct head *head_of(const void *answer)
{
    return (struct head *)(void *)((char *)(uintptr_t)answer - offsetof(struct head, answer));
}

void *fz_answer_make(struct fz_operation *operation, char fault[FZ_MEMBER_NAME_SIZE], bool *short_of_memory)
{
    const struct fz_spec *spec = operation->spec;
    struct fz_attempt *attempt = &operation->attempt;
    struct head *head = fz_allocate_zeroed(sizeof *head + spec->answer_size);
    *short_of_memory = head == NULL;
    if (head == NULL)
        return NULL;
    head->arena.max = VALUES_MAX;
    enum fz_result result =
        spec->answer == NULL ? FZ_OK
                             : fz_members_read(spec->answer, attempt->body.data == NULL ? "" : attempt->body.data, attempt->body.size,
                                               &head->arena, head->answer, fault);
    *short_of_memory = result == FZ_FAILED;
    if (result != FZ_OK) {
        fz_answer_free(head->answer);
        return NULL;
    }
    head->text = attempt->body;
    attempt->body = (struct fz_text){0};
    (void)fz_copy(head->request_id, sizeof head->request_id, attempt->request_id);
    return head->answer;
}

void fz_answer_free(void *answer)
{
    if (answer == NULL)
        return;
    struct head *head = head_of(answer);
    json_decref(head->json);
    fz_text_done(&head->member);
    fz_arena_done(&head->arena);
    fz_text_done(&head->text);
    fz_release(head);
}

const char *fz_answer_text(const void *answer, size_t *size)
{
    const struct head *head = head_of(answer);
    if (size != NULL)
        *size = head->text.size;
    return head->text.data == NULL ? "" : head->text.data;
}

const char *fz_answer_request_id(const void *answer)
{
    return head_of(answer)->request_id;
}

/* A name of a JSON Pointer (RFC 6901), up to the next slash, with its two escapes undone; `*at` moves behind it. False: it is
 * too long to be one of an answer. */
static bool next_name(const char **at, char out[FZ_MEMBER_NAME_SIZE])
{
    size_t used = 0;
    for (; **at != '\0' && **at != '/'; (*at)++) {
        char character = **at;
        if (character == '~' && ((*at)[1] == '0' || (*at)[1] == '1'))
            character = *++*at == '0' ? '~' : '/';
        if (used + 1 >= FZ_MEMBER_NAME_SIZE)
            return false;
        out[used++] = character;
    }
    out[used] = '\0';
    return true;
}

static const json_t *step(const json_t *json, const char *name)
{
    int64_t index;
    if (json_is_object(json))
        return json_object_get(json, name);
    return json_is_array(json) && fz_parse_int(name, &index) == FZ_OK && index >= 0 ? json_array_get(json, (size_t)index) : NULL;
}

static int add_piece(const char *piece, size_t size, void *text)
{
    fz_text_add(text, piece, size);
    return 0;
}

const char *fz_answer_member(void *answer, const char *pointer)
{
    struct head *head = head_of(answer);
    char name[FZ_MEMBER_NAME_SIZE];
    if (head->json == NULL && head->text.data != NULL)
        head->json = json_loadb(head->text.data, head->text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const json_t *json = head->json;
    while (json != NULL && *pointer == '/') {
        pointer++;
        json = next_name(&pointer, name) ? step(json, name) : NULL;
    }
    if (json == NULL || *pointer != '\0')
        return NULL;
    fz_text_done(&head->member);
    head->member.max = head->text.size * 6 + 64; /* an escape is at most six times its byte */
    (void)json_dump_callback(json, add_piece, &head->member, JSON_ENCODE_ANY | JSON_COMPACT);
    return head->member.failed ? NULL : head->member.data;
}
