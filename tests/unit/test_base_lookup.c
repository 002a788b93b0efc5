/* SPDX-License-Identifier: Apache-2.0 */
/* Names looked up within a deadline: a resolver of the test's own stands in front of the system's. */
#include <CUnit/Basic.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/lookup.h"
#include "base/str.h"

#define MANY 40

/* ------------------------------------------------------------------ the resolver */

static _Atomic int mute_ms; /* how long mute.test takes */
static _Atomic int inside;  /* who is in it */

static int add_address(const char *text, const struct addrinfo *hint, struct addrinfo ***at)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    int error = real(text, NULL, hint, *at);
    while (error == 0 && **at) {
        *at = &(**at)->ai_next;
    }
    return error;
}

/* many.test has 40 addresses and one of IPv6, empty.test has none and says so by an empty list, none.test is not known, mute.test takes its time. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hint, struct addrinfo **out)
{
    (void)service;
    int error = 0;
    atomic_fetch_add(&inside, 1);
    *out = NULL;
    if (strcmp(name, "many.test") == 0) {
        for (int i = 1; i <= MANY && error == 0; i++) {
            char text[32];
            (void)snprintf(text, sizeof text, "127.0.1.%d", i);
            error = add_address(text, hint, &out);
        }
        error = error ? error : add_address("0:0::1", hint, &out);
    } else if (strcmp(name, "mute.test") == 0) {
        for (int ms = atomic_load(&mute_ms); ms > 0; ms -= 20) {
            (void)usleep(20000);
        }
        error = add_address("127.0.0.9", hint, &out);
    } else if (strcmp(name, "empty.test") != 0) {
        error = EAI_NONAME;
    }
    atomic_fetch_sub(&inside, 1);
    return error;
}

/* ------------------------------------------------------------------ tests */

static struct aldb_addresses found;
static const char *why;
static int threads_before;

static enum aldb_lookup look_up(const char *name, int64_t ms, const _Atomic bool *stop)
{
    found = (struct aldb_addresses){0};
    why = "";
    return aldb_lookup(name, 5432, ms ? aldb_deadline_in_ms(ms) : aldb_deadline_none(), stop, &found, &why);
}

static bool is(const struct aldb_address *a, const char *text)
{
    int port = a->at.ss_family == AF_INET ? ((const struct sockaddr_in *)&a->at)->sin_port : ((const struct sockaddr_in6 *)&a->at)->sin6_port;
    return strcmp(a->text, text) == 0 && port == htons(5432);
}

static void test_addresses(void)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {{"127.0.0.1", "127.0.0.1"}, {"2001:DB8:0:0::1", "2001:db8::1"}, {"::ffff:1.2.3.4", "::ffff:1.2.3.4"}};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_address a;
        CU_ASSERT_TRUE(aldb_address_parse(cases[i].text, 5432, &a) && is(&a, cases[i].shown));
        CU_ASSERT_EQUAL_FATAL(look_up(cases[i].text, 1, NULL), ALDB_LOOKUP_FOUND); /* nobody is asked */
        CU_ASSERT_TRUE(found.count == 1 && is(&found.at[0], cases[i].shown) && memcmp(&found.at[0].at, &a.at, a.len) == 0);
        aldb_addresses_clear(&found);
    }
    static const char *const names[] = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", ":::", "fe80::1%lo", "localhost"};
    for (size_t i = 0; i < ALDB_COUNT(names); i++) {
        struct aldb_address a;
        CU_ASSERT_FALSE(aldb_address_parse(names[i], 5432, &a));
    }
}

static void test_answers(void)
{
    CU_ASSERT_EQUAL_FATAL(look_up("many.test", 20000, NULL), ALDB_LOOKUP_FOUND);
    CU_ASSERT_EQUAL_FATAL(found.count, MANY + 1);
    CU_ASSERT_TRUE(is(&found.at[0], "127.0.1.1") && is(&found.at[MANY - 1], "127.0.1.40") && is(&found.at[MANY], "::1"));
    aldb_addresses_clear(&found);
    CU_ASSERT_EQUAL(look_up("none.test", 20000, NULL), ALDB_LOOKUP_FAILED);
    CU_ASSERT_STRING_EQUAL(why, gai_strerror(EAI_NONAME));
    CU_ASSERT_EQUAL(look_up("empty.test", 20000, NULL), ALDB_LOOKUP_FAILED);
    CU_ASSERT_STRING_EQUAL(why, "it has no addresses");
}

static int threads(void)
{
    DIR *list = opendir("/proc/self/task");
    int n = 0;
    while (list && readdir(list)) {
        n++;
    }
    (void)closedir(list);
    return n;
}

/* Threads that were left behind end by themselves, with what they held. */
static void check_all_ended(void)
{
    struct aldb_deadline end = aldb_deadline_in_ms(30000);
    while ((atomic_load(&inside) > 0 || threads() > threads_before) && !aldb_deadline_over(end)) {
        (void)usleep(10000);
    }
    CU_ASSERT_EQUAL(atomic_load(&inside), 0);
    CU_ASSERT_EQUAL(threads(), threads_before);
}

static void *stop_soon(void *flag)
{
    (void)usleep(150000);
    atomic_store((_Atomic bool *)flag, true);
    return NULL;
}

static void test_patience(void)
{
    atomic_store(&mute_ms, 3000);
    int64_t began = aldb_now_ms();
    CU_ASSERT_EQUAL(look_up("mute.test", 200, NULL), ALDB_LOOKUP_LATE);
    CU_ASSERT_TRUE(aldb_now_ms() - began >= 200 && aldb_now_ms() - began < 2500);
    _Atomic bool stop = true;
    CU_ASSERT_EQUAL(look_up("mute.test", 0, &stop), ALDB_LOOKUP_STOPPED);
    atomic_store(&stop, false);
    pthread_t thread;
    began = aldb_now_ms();
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, stop_soon, &stop), 0);
    CU_ASSERT_EQUAL(look_up("mute.test", 20000, &stop), ALDB_LOOKUP_STOPPED);
    CU_ASSERT_TRUE(aldb_now_ms() - began < 2500);
    (void)pthread_join(thread, NULL);
    CU_ASSERT_TRUE(atomic_load(&inside) > 0);
    check_all_ended();
    /* In time, with a flag that nobody sets and without one. */
    atomic_store(&mute_ms, 300);
    atomic_store(&stop, false);
    CU_ASSERT_EQUAL(look_up("mute.test", 20000, &stop), ALDB_LOOKUP_FOUND);
    aldb_addresses_clear(&found);
    CU_ASSERT_EQUAL(look_up("mute.test", 0, NULL), ALDB_LOOKUP_FOUND);
    CU_ASSERT_TRUE(found.count == 1 && is(&found.at[0], "127.0.0.9"));
    aldb_addresses_clear(&found);
}

/* A child looks up as if nothing were under way. It vanishes without its end: what the parent's threads hold is no leak of its own. */
static void test_fork(void)
{
#ifdef __SANITIZE_THREAD__
    (void)printf("(ThreadSanitizer lets such a child have no threads) ");
#else
    atomic_store(&mute_ms, 1500);
    CU_ASSERT_EQUAL(look_up("mute.test", 100, NULL), ALDB_LOOKUP_LATE);
    pid_t child = fork();
    if (child == 0) {
        bool good = look_up("many.test", 20000, NULL) == ALDB_LOOKUP_FOUND && found.count == MANY + 1;
        (void)kill(getpid(), good ? SIGKILL : SIGTERM);
    }
    int status = 0;
    CU_ASSERT_TRUE(child > 0 && waitpid(child, &status, 0) == child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    check_all_ended();
#endif
}

static void test_memory(void)
{
    if (aldb_alloc_count() == 0) {
        (void)printf("(not a debug build) ");
        return;
    }
    static const struct {
        const char *name;
        int fails; /* at so many points at least: the copy of the list fails also where the thread could not be made */
    } cases[] = {{"127.0.0.1", 1}, {"many.test", 2}};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        int failed = 0;
        for (int64_t n = 0; n < 8; n++) {
            aldb_alloc_fail_after(n);
            enum aldb_lookup result = look_up(cases[i].name, 20000, NULL);
            aldb_alloc_fail_after(-1);
            CU_ASSERT_TRUE(result == ALDB_LOOKUP_MEMORY || result == ALDB_LOOKUP_FOUND);
            failed += result == ALDB_LOOKUP_MEMORY;
            aldb_addresses_clear(&found);
        }
        CU_ASSERT_TRUE(failed >= cases[i].fails && failed < 8);
    }
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    (void)alarm(120);
    threads_before = threads();
#ifdef __SANITIZE_THREAD__
    threads_before++; /* ThreadSanitizer starts one of its own with the first */
#endif
    CU_pSuite suite = CU_add_suite("base/lookup", NULL, NULL);
    CU_add_test(suite, "addresses as text", test_addresses);
    CU_add_test(suite, "answers", test_answers);
    CU_add_test(suite, "deadline and stop", test_patience);
    CU_add_test(suite, "fork", test_fork);
    CU_add_test(suite, "out of memory", test_memory);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    /* The process may end while a look-up goes on: the search for leaks at its end must find none. */
    atomic_store(&mute_ms, 60000);
    enum aldb_lookup last = look_up("mute.test", 100, NULL);
    return failures == 0 && last == ALDB_LOOKUP_LATE ? EXIT_SUCCESS : EXIT_FAILURE;
}
