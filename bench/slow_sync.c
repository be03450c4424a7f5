/* A preloaded library that makes the disk slower: every fdatasync and fsync takes FZ_SYNC_MS milliseconds longer. For LD_PRELOAD. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_a_little(void)
{
    const char *text = getenv("FZ_SYNC_MS");
    long ms = text == NULL ? 2 : atol(text);
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

__attribute__((visibility("default"))) int fdatasync(int file)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_a_little();
    return real(file);
}

__attribute__((visibility("default"))) int fsync(int file)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_a_little();
    return real(file);
}
