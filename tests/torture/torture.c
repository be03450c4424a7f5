/* A client's whole life, again and again, while each time another allocation or another system call fails: nothing is
 * lost, nothing hangs, and what is said of a write is true.
 *   torture   without FENZHANG_TORTURE: every allocation of libfenzhang's and every system call, samples of the other libraries'
 *   FENZHANG_TORTURE=all       every allocation of every library: a quarter of an hour on two cores, a process each
 *   FENZHANG_TORTURE=all:I/N   the I-th (from 1) of N parts of that, in this process alone */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "torture/check.h"
#include "torture/lives.h"
#include "torture/memory.h"

#define HANGS_S 60 /* one life: it takes some milliseconds */
#define PARTS_MAX 256

/* ---- a life ---- */

static unsigned long lived;
static const struct life *life;

static void forget(void)
{
    lived++;
    for (int owner = 0; owner < OWNERS; owner++) {
        memory[owner].taken = 0;
        memory[owner].failed = false;
    }
    for (int write = 0; write < WRITES; write++)
        service.reached[write] = service.answered[write] = false;
    service.calls = 0;
    service.failed = NULL;
}

static void live(void)
{
    forget();
    alarm(HANGS_S);
    life->live();
    alarm(0);
    if (service_open() != 0)
        wrong("end", "a connection is left open");
    for (int owner = 0; owner <= CURL_S; owner++)
        if (memory[owner].held != 0) {
            fprintf(stderr, "%s: %ld blocks of %s's are left\n", checks.doing, memory[owner].held, owners[owner]);
            memory[owner].held = 0;
            checks.wrongs++;
        }
}

static void on_alarm(int number)
{
    (void)number;
    wrong("end", "it hangs");
    _exit(1);
}

static void live_well(void)
{
    snprintf(checks.doing, sizeof checks.doing, "%s, temper %d: nothing fails", life->name, service.temper);
    checks.nothing_fails = true;
    live();
    checks.nothing_fails = false;
}

/* ---- what fails ---- */

/* Which of all that can fail does: every `step`-th from `first` on, in each library. */
struct extent {
    bool all;
    unsigned long first, parts;
};

static void starve(enum owner owner, unsigned long first, unsigned long step)
{
    struct memory *of = &memory[owner];
    of->failing = first;
    do {
        snprintf(checks.doing, sizeof checks.doing, "%s, temper %d: allocation %lu of %s fails", life->name, service.temper, of->failing,
                 owners[owner]);
        live();
        of->failing += step;
    } while (of->failed);
    of->failing = 0;
}

/* In every way, or in all of them over the tempers that follow the first. */
static void break_calls(const struct extent *extent)
{
    unsigned long step = extent->all || life == lives || service.temper == GOOD ? 1 : 5;
    for (service.way = 0; service.way < SERVICE_WAYS; service.way++) {
        if (!extent->all && (life != lives || service.temper != GOOD) && service.way != (unsigned)service.temper % SERVICE_WAYS)
            continue;
        service.failing = extent->first;
        do {
            snprintf(checks.doing, sizeof checks.doing, "%s, temper %d: system call %lu fails in way %u", life->name, service.temper,
                     service.failing, service.way);
            live();
            service.failing += step * extent->parts;
        } while (service.failed != NULL);
    }
    service.failing = 0;
}

/* OpenSSL allocates by the ten thousand: in full under one temper, which is what decides what happens then. */
static void let_fail(const struct extent *extent)
{
    static const unsigned long sampled[OWNERS] = {1, 7, 7, 1499}, sampled_elsewhere[OWNERS] = {3, 37, 37, 4999};
    for (enum owner owner = 0; owner < OWNERS; owner++) {
        unsigned long every = (life == lives ? sampled : sampled_elsewhere)[owner];
        if (extent->all)
            every = owner == OPENSSL && service.temper != GOOD ? 13 : 1;
        starve(owner, extent->first, every * extent->parts);
    }
    break_calls(extent);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What is not of blocking calls alone is tried under two tempers: the good one, and one that has every answer forged. */
static bool is_lived(const struct extent *extent)
{
    return extent->all || life == lives || service.temper <= FORGED;
}

static int torture(const struct extent *extent)
{
    double before = seconds();
    for (life = lives; life->name != NULL; life++)
        for (service.temper = GOOD; service.temper < TEMPERS; service.temper++) {
            if (!is_lived(extent))
                continue;
            live_well();
            printf("%s, temper %d: %lu + %lu + %lu + %lu allocations, %lu system calls\n", life->name, service.temper,
                   memory[OURS].taken, memory[JANSSON].taken, memory[CURL_S].taken, memory[OPENSSL].taken, service.calls);
            fflush(stdout);
            let_fail(extent);
            printf("part %lu: %.1f s\n", extent->first, seconds() - before);
        }
    printf("part %lu: %lu lives, %lu wrongs, %.1f s\n", extent->first, lived, checks.wrongs, seconds() - before);
    return checks.wrongs == 0 ? 0 : 1;
}

/* ---- parts ---- */

/* A process a part: what a life leaves in the libraries is its own. */
static int torture_in_parts(unsigned long parts)
{
    int status, result = 0;
    for (unsigned long part = 1; part <= parts; part++)
        if (fork() == 0)
            exit(torture(&(struct extent){.all = true, .first = part, .parts = parts}));
    while (wait(&status) > 0)
        result |= status == 0 ? 0 : 1;
    return result;
}

static int by_extent(const char *extent)
{
    unsigned long part, parts;
    if (extent == NULL)
        return torture(&(struct extent){.first = 1, .parts = 1});
    if (strcmp(extent, "all") == 0)
        return torture_in_parts((unsigned long)sysconf(_SC_NPROCESSORS_ONLN));
    if (sscanf(extent, "all:%lu/%lu", &part, &parts) == 2 && part >= 1 && part <= parts && parts <= PARTS_MAX)
        return torture(&(struct extent){.all = true, .first = part, .parts = parts});
    fprintf(stderr, "torture: FENZHANG_TORTURE is all, or all:1/8 to all:8/8\n");
    return 2;
}

/* What libraries take once and keep. */
static void warm_up(void)
{
    for (life = lives; life->name != NULL; life++)
        live_well();
    for (int owner = 0; owner < OWNERS; owner++)
        memory[owner].held = 0;
    lived = checks.wrongs = 0;
}

int main(void)
{
    (void)signal(SIGALRM, on_alarm);
    use_memory();
    service_begin();
    warm_up();
    int result = by_extent(getenv("FENZHANG_TORTURE"));
    service_end();
    return result;
}
