/* Figures of the process, from getrusage, getrlimit and /proc/self. */
#include "server/figures/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/figures/metric.h"

static int64_t us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static void write_cpu(struct fz_text *text)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        fz_metric_seconds(text, "process_cpu_seconds_total", "counter", "Processor time spent, in the program and in the kernel.",
                          us_of(usage.ru_utime) + us_of(usage.ru_stime));
}

static void write_memory(struct fz_text *text)
{
    uint64_t pages, resident;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return;
    bool known = fscanf(file, "%" SCNu64 " %" SCNu64, &pages, &resident) == 2;
    fclose(file);
    if (!known)
        return;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    fz_metric(text, "process_virtual_memory_bytes", "gauge", "Addresses in use.", pages * page);
    fz_metric(text, "process_resident_memory_bytes", "gauge", "Memory in use.", resident * page);
}

static void write_descriptors(struct fz_text *text)
{
    uint64_t open = 0;
    struct rlimit limit;
    DIR *list = opendir("/proc/self/fd");
    if (list != NULL) {
        for (const struct dirent *entry; (entry = readdir(list)) != NULL;)
            open += entry->d_name[0] != '.';
        closedir(list);
        fz_metric(text, "process_open_fds", "gauge", "Descriptors in use.", open - 1); /* without the list's own */
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        fz_metric(text, "process_max_fds", "gauge", "Descriptors that there may be.", limit.rlim_cur);
}

void fz_process_figures_write(struct fz_text *text, int64_t started_ms)
{
    write_cpu(text);
    write_memory(text);
    write_descriptors(text);
    fz_metric_seconds(text, "process_start_time_seconds", "gauge", "When the process started, seconds since 1970.",
                      started_ms * 1000);
}
