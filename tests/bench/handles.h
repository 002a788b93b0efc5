/* SPDX-License-Identifier: Apache-2.0 */
/* What it costs to have many of something at once. */
#ifndef BENCH_HANDLES_H
#define BENCH_HANDLES_H

#include <unistd.h>

#include "usage.h"

enum { SAMPLE = 500 };

/*
 * Makes `count`, and releases the oldest SAMPLE of them while the others are there. Prints the line of usage.h for making them (the check sum is nought), and one more: bytes
 * for each, by what the process has grown; how many times as long making the last tenth of them took as the first tenth; microseconds to release one. Ends the program with
 * the others as they are: unixODBC, which searches lists for each, would take minutes for them.
 */
static inline _Noreturn void handles_measure(unsigned long long count, void *(*make)(void), void (*release)(void *handle))
{
    void **handles = calloc(count, sizeof *handles);
    double *each = calloc(count, sizeof *each);
    must_have(handles);
    must_have(each);
    memset(handles, 1, count * sizeof *handles); /* so that these are there before memory is measured */
    memset(each, 1, count * sizeof *each);
    void *warm = make();
    long before = memory_kb("VmRSS:");
    struct usage start = usage_now();
    for (unsigned long long i = 0; i < count; i++) {
        double begun = usage_now().wall;
        handles[i] = make();
        each[i] = usage_now().wall - begun;
    }
    struct usage took = usage_since(start);
    double grown = 1024.0 * (double)(memory_kb("VmRSS:") - before);
    unsigned long long tenth = count < 10 ? 1 : count / 10;
    double first = 0;
    double last = 0;
    for (unsigned long long i = 0; i < tenth; i++) {
        first += each[i];
        last += each[count - 1 - i];
    }
    unsigned long long oldest = count < SAMPLE ? count : SAMPLE;
    start = usage_now();
    for (unsigned long long i = 0; i < oldest; i++) {
        release(handles[i]);
    }
    double releasing = usage_since(start).wall;
    usage_print(count, 0, took, each);
    printf("%.0f %.3f %.3f\n", grown / (double)count, last / first, 1e6 * releasing / (double)oldest);
    release(warm);
    (void)fflush(stdout);
    _exit(EXIT_SUCCESS);
}

#endif
