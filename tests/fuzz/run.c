/* Runs a fuzz target without a fuzzer: over the corpus that is kept, and over so many inputs that are made from it, the
 * same ones each time.
 *   run DIRECTORY COUNT [FIRST]   (COUNT mutations, from number FIRST on: 0) */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUTS_MAX 512
#define SIZE_MAX_  4096

static struct input {
    size_t size;
    uint8_t bytes[SIZE_MAX_];
} inputs[INPUTS_MAX], made;
static size_t count;

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static int compare(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_corpus(const char *directory)
{
    struct dirent **list;
    int found = scandir(directory, &list, is_input, compare);
    for (int i = 0; i < found && count < INPUTS_MAX; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", directory, list[i]->d_name);
        FILE *file = fopen(path, "rb");
        if (file != NULL) {
            inputs[count].size = fread(inputs[count].bytes, 1, SIZE_MAX_, file);
            fclose(file);
            count++;
        }
    }
    for (int i = 0; i < found; i++)
        free(list[i]);
    if (found >= 0)
        free(list);
}

/* ---- mutations ---- */

static void cut_out(struct input *input)
{
    size_t at = draw(input->size), size = 1 + draw(input->size - at);
    memmove(input->bytes + at, input->bytes + at + size, input->size - at - size);
    input->size -= size;
}

/* A piece of another input, or of this one, is put in. */
static void put_in(struct input *input)
{
    const struct input *from = &inputs[draw(count)];
    size_t at = draw(input->size + 1), start = draw(from->size + 1), size = draw(from->size - start + 1);
    if (size > SIZE_MAX_ - input->size)
        return;
    memmove(input->bytes + at + size, input->bytes + at, input->size - at);
    memcpy(input->bytes + at, from->bytes + start, size);
    input->size += size;
}

static void change(struct input *input)
{
    static const char telling[] = "\"'\\:=&;,<>{}[]()%/ \n\r\t0aAnu\0\xEF";
    switch (draw(4)) {
    case 0:
        input->bytes[draw(input->size)] ^= (uint8_t)(1U << draw(8));
        return;
    case 1:
        input->bytes[draw(input->size)] = (uint8_t)telling[draw(sizeof telling - 1)];
        return;
    case 2:
        input->bytes[draw(input->size < 6 ? input->size : 6)] = (uint8_t)draw(256);
        return;
    default:
        put_in(input);
    }
}

static void make(uint64_t number)
{
    state = number * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(0xD1B54A32D192ED03);
    made = inputs[draw(count)];
    for (uint64_t times = 1 + draw(8); times > 0; times--) {
        if (made.size > 0 && draw(6) == 0)
            cut_out(&made);
        if (made.size == 0)
            put_in(&made);
        if (made.size > 0)
            change(&made);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "run: name a directory of inputs and how many to make from them\n");
        return 2;
    }
    read_corpus(argv[1]);
    uint64_t wanted = strtoull(argv[2], NULL, 10), first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    if (count == 0) {
        fprintf(stderr, "run: %s has no inputs\n", argv[1]);
        return 2;
    }
    for (size_t i = 0; i < count; i++)
        (void)LLVMFuzzerTestOneInput(inputs[i].bytes, inputs[i].size);
    for (uint64_t i = first; i < first + wanted; i++) {
        make(i);
        (void)LLVMFuzzerTestOneInput(made.bytes, made.size);
    }
    printf("%zu inputs kept, %llu made\n", count, (unsigned long long)wanted);
    return 0;
}
