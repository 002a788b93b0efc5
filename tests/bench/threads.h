/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs with threads share: COUNT pieces of work, shared out among threads that each have a connection of their own. */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include <pthread.h>
#include <stdint.h>

#include "usage.h"

enum { THREADS_MAX = 64 };

struct worker {
    void *own;    /* of the program: what `begin` returned */
    uint64_t sum; /* check sum of what was read since `begin` */
    unsigned long long first, count;
    pthread_t thread;
};

/* begin: connects and does one piece, which is not timed; one: the piece of that number, from 1 on. */
static struct {
    void *(*begin)(struct worker *w);
    void (*one)(struct worker *w, unsigned long long number);
    void (*end)(struct worker *w);
    pthread_barrier_t ready;
} threads;

static inline void *threads_run_one(void *argument)
{
    struct worker *w = argument;
    w->own = threads.begin(w);
    w->sum = 0;
    (void)pthread_barrier_wait(&threads.ready);
    for (unsigned long long i = 0; i < w->count; i++) {
        threads.one(w, w->first + i + 1);
    }
    (void)pthread_barrier_wait(&threads.ready);
    threads.end(w);
    return NULL;
}

/* Runs and prints the line of usage.h. */
static inline void threads_run(unsigned long number, unsigned long long count)
{
    static struct worker workers[THREADS_MAX];
    uint64_t sum = 0;
    if (number < 1 || number > THREADS_MAX) {
        fprintf(stderr, "between 1 and %d threads\n", THREADS_MAX);
        exit(EXIT_FAILURE);
    }
    (void)pthread_barrier_init(&threads.ready, NULL, (unsigned)number + 1);
    for (unsigned long i = 0; i < number; i++) {
        workers[i].first = count * i / number;
        workers[i].count = count * (i + 1) / number - workers[i].first;
        if (pthread_create(&workers[i].thread, NULL, threads_run_one, &workers[i]) != 0) {
            fprintf(stderr, "no thread\n");
            exit(EXIT_FAILURE);
        }
    }
    (void)pthread_barrier_wait(&threads.ready);
    struct usage start = usage_now();
    (void)pthread_barrier_wait(&threads.ready);
    struct usage took = usage_since(start);
    for (unsigned long i = 0; i < number; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        sum += workers[i].sum;
    }
    usage_print(count, sum, took, NULL);
}

#endif
