/* Memory that is counted, and runs short where it is told to. */
#include "torture/memory.h"

#include <curl/curl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fenzhang/client.h"
#include "torture/service.h"

const char *const owners[] = {"libfenzhang", "jansson", "libcurl", "OpenSSL"};
struct memory memory[OWNERS];

static bool runs_short(enum owner owner)
{
    struct memory *of = &memory[owner];
    if (service.inside || ++of->taken != of->failing)
        return false;
    of->failed = true;
    return true;
}

/* Before each lies whose it is: what the service takes is not counted. */
struct block {
    _Alignas(max_align_t) bool counted;
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

static struct block *block_of(void *bytes)
{
    return (struct block *)(void *)((char *)bytes - offsetof(struct block, bytes));
}

static void *take(enum owner owner, size_t size)
{
    struct block *block = runs_short(owner) ? NULL : malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->counted = !service.inside;
    block->size = size;
    memory[owner].held += block->counted;
    return block->bytes;
}

static void give(enum owner owner, void *bytes)
{
    if (bytes == NULL)
        return;
    memory[owner].held -= block_of(bytes)->counted;
    free(block_of(bytes));
}

static void *change(enum owner owner, void *bytes, size_t size)
{
    void *larger = take(owner, size);
    if (larger != NULL && bytes != NULL) {
        memcpy(larger, bytes, block_of(bytes)->size < size ? block_of(bytes)->size : size);
        give(owner, bytes);
    }
    return larger;
}

static void *clear(enum owner owner, size_t size)
{
    void *bytes = take(owner, size);
    return bytes == NULL ? NULL : memset(bytes, 0, size);
}

static char *copy(enum owner owner, const char *text)
{
    char *bytes = take(owner, strlen(text) + 1);
    return bytes == NULL ? NULL : strcpy(bytes, text);
}

static void *our_take(size_t size) { return take(OURS, size); }
static void *our_change(void *bytes, size_t size) { return change(OURS, bytes, size); }
static void our_give(void *bytes) { give(OURS, bytes); }
/* jansson up to 2.14 does not look whether the buffer of a token that it reads could grow (lex_save): the token loses a
 * character, or is read beyond its end. Such buffers have 32, 64, … bytes, and are not made to fail. */
static void *jansson_take(size_t size)
{
    if (size < 32 || (size & (size - 1)) != 0)
        return take(JANSSON, size);
    unsigned long failing = memory[JANSSON].failing;
    memory[JANSSON].failing = 0;
    void *bytes = take(JANSSON, size);
    memory[JANSSON].failing = failing == memory[JANSSON].taken ? failing + 1 : failing; /* the next one instead */
    return bytes;
}
static void jansson_give(void *bytes) { give(JANSSON, bytes); }
static void *curl_take(size_t size) { return take(CURL_S, size); }
static void *curl_change(void *bytes, size_t size) { return change(CURL_S, bytes, size); }
static void *curl_clear(size_t count, size_t size) { return clear(CURL_S, count * size); }
static char *curl_copy(const char *text) { return copy(CURL_S, text); }
static void curl_give(void *bytes) { give(CURL_S, bytes); }
static void *openssl_take(size_t size, const char *file, int line) { (void)file, (void)line; return take(OPENSSL, size); }
static void openssl_give(void *bytes, const char *file, int line) { (void)file, (void)line; give(OPENSSL, bytes); }
static void *openssl_change(void *bytes, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return change(OPENSSL, bytes, size);
}

void use_memory(void)
{
    if (CRYPTO_set_mem_functions(openssl_take, openssl_change, openssl_give) != 1)
        abort();
    service.inside = true;
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_take, curl_give, curl_change, curl_copy, curl_clear);
    service.inside = false;
    json_set_alloc_funcs(jansson_take, jansson_give);
    fz_set_allocator(our_take, our_change, our_give);
}
