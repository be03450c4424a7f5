/* Bodies of refusals: whatever they are, one that is read has a code. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "spec/client/error_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fz_arena arena = {.max = 1 << 20};
    struct fz_error_answer answer = {0};
    char *text = malloc(size + 1);
    memcpy(text, input, size);
    text = realloc(text, size == 0 ? 1 : size); /* as long as it is: what reads on is seen */
    enum fz_result result = fz_error_body_read(text, size, &arena, &answer);
    if (result != FZ_OK && result != FZ_MALFORMED)
        abort();
    if ((result == FZ_OK) != (answer.code != NULL && answer.code[0] != '\0'))
        abort();
    fz_arena_done(&arena);
    free(text);
    return 0;
}
