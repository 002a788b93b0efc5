/* SPDX-License-Identifier: Apache-2.0 */
/* What a measured stretch of a program took: wall time, CPU time of the process, and its peak memory. */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct usage {
    double wall, user, system; /* seconds */
    long waits;                /* how often a thread gave up its processor before its time was over: for the server, or for a lock */
};

static inline void must_have(const void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(EXIT_FAILURE);
    }
}

static inline struct usage usage_now(void)
{
    struct timespec now;
    struct rusage used;
    clock_gettime(CLOCK_MONOTONIC, &now);
    getrusage(RUSAGE_SELF, &used);
    return (struct usage){.wall = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec,
                          .user = (double)used.ru_utime.tv_sec + 1e-6 * (double)used.ru_utime.tv_usec,
                          .system = (double)used.ru_stime.tv_sec + 1e-6 * (double)used.ru_stime.tv_usec,
                          .waits = used.ru_nvcsw};
}

static inline struct usage usage_since(struct usage before)
{
    struct usage now = usage_now();
    return (struct usage){.wall = now.wall - before.wall, .user = now.user - before.user, .system = now.system - before.system,
                          .waits = now.waits - before.waits};
}

static inline void usage_add(struct usage *all, struct usage one)
{
    all->wall += one.wall;
    all->user += one.user;
    all->system += one.system;
    all->waits += one.waits;
}

/* A line of /proc/self/status: "VmHWM:" is the peak of the memory, "VmRSS:" what it is now. */
static inline long memory_kb(const char *what)
{
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, what, strlen(what)) == 0) {
            kb = strtol(line + strlen(what), NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * The line that each program ends with: what it counted, a check sum, seconds of wall, user and system time, peak memory in kB, and waits; with `each` (`count` times
 * of single calls, which are sorted) also the median and the 99th percentile of those, in microseconds.
 */
static inline void usage_print(unsigned long long count, unsigned long long sum, struct usage took, double *each)
{
    printf("%llu %llu %.6f %.6f %.6f %ld %ld", count, sum, took.wall, took.user, took.system, memory_kb("VmHWM:"), took.waits);
    if (each != NULL && count > 0) {
        qsort(each, count, sizeof *each, by_size);
        printf(" %.1f %.1f", 1e6 * each[count / 2], 1e6 * each[count * 99 / 100]);
    }
    printf("\n");
}

#endif
