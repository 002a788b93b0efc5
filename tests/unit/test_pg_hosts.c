/* SPDX-License-Identifier: Apache-2.0 */
/* Names and addresses: a resolver of the test's own stands in front of the system's, for libpq and the driver alike. */
#include "pg_support.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "pg/hosts.h"

/* ------------------------------------------------------------------ the resolver */

static _Atomic int asked_mute; /* how often */

/* mute.test never answers in time; two.test has a silent address before the good one, three.test a dead one besides; none.test has none. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hint, struct addrinfo **out)
{
    static const struct {
        const char *name;
        const char *addresses[4];
    } zone[] = {
        {"two.test", {"127.0.0.2", "127.0.0.1"}},
        {"three.test", {"127.0.0.3", "127.0.0.2", "127.0.0.1"}},
        {"one.test", {"127.0.0.1"}},
        {"six.test", {"::1"}},
        {"dead.test", {"127.0.0.3", "127.0.0.4"}},
    };
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (name && strcmp(name, "mute.test") == 0) {
        asked_mute++;
        pgt_sleep_ms(9000);
        return EAI_AGAIN;
    }
    if (name && strcmp(name, "none.test") == 0) {
        return EAI_NONAME;
    }
    for (size_t i = 0; name && i < ALDB_COUNT(zone); i++) {
        if (strcmp(zone[i].name, name) == 0) {
            struct addrinfo **at = out;
            *out = NULL;
            for (size_t j = 0; zone[i].addresses[j]; j++) {
                int rc = real(zone[i].addresses[j], service, hint, at);
                if (rc != 0) {
                    return rc;
                }
                for (; *at; at = &(*at)->ai_next) {
                }
            }
            return 0;
        }
    }
    return real(name, service, hint, out);
}

/* ------------------------------------------------------------------ attempts */

static int listen_at(const char *address)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(getenv("ALDB_TEST_PORT"), NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    (void)inet_pton(AF_INET, address, &a.sin_addr);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0) {
        perror(address);
        exit(1);
    }
    return fd;
}

static enum aldb_rc open_host(const char *host, const char *more, const char *value, int64_t ms, struct aldb_session **s)
{
    const char *keywords[70];
    const char *values[70];
    size_t n = 0;
    for (; pgt.keywords[n]; n++) {
        keywords[n] = pgt.keywords[n];
        values[n] = pgt.values[n];
    }
    keywords[n] = "host";
    values[n++] = host;
    keywords[n] = more;
    values[n++] = value;
    keywords[n] = NULL;
    values[n] = NULL;
    struct aldb_session_options o = pgt_options();
    return aldb_session_open(keywords, values, &o, ms ? aldb_deadline_in_ms(ms) : aldb_deadline_none(), s, DIAG);
}

static void reaches(const char *host, int64_t ms, int64_t from, int64_t to)
{
    struct aldb_session *s = NULL;
    int64_t start = aldb_now_ms();
    if (OK(open_host(host, "user", "aldb_trust", ms, &s))) {
        int64_t took = aldb_now_ms() - start;
        pgt_check(took >= from && took < to + (pgt_valgrind() ? 2000 : 0), host, __FILE__, __LINE__);
        SAME(strchr(host, ',') != NULL || strcmp(aldb_session_host(s), host) == 0, true); /* the name, not the address */
        aldb_session_close(s);
    }
}

static void fails(const char *host, int64_t ms, const char *state, const char *says)
{
    struct aldb_session *s = NULL;
    if (FAILS(open_host(host, NULL, NULL, ms, &s), state) && strstr(pgt_message(&pgt.diag), says) == NULL) {
        SAME_TEXT(pgt_message(&pgt.diag), says);
    }
}

static void test_addresses(void)
{
    setenv("PGSSLMODE", "disable", 1); /* a login that takes no time to speak of, also under valgrind */
    int mute = listen_at("127.0.0.2");
    reaches("one.test", 20000, 0, 15000);
    reaches("two.test", 6000, 2900, 5900);
    reaches("three.test", 6000, 2900, 5900);
    reaches("dead.test,one.test", 20000, 0, 9000);
    reaches("two.test,none.test", 8000, 1950, 7900); /* half of its half */
    fails("dead.test", 20000, "08001", "127.0.0.4");
    /* All the time for one address, which has the least that is given to any. One of twenty is enough where a busy machine takes that time too. */
    bool all_told = false;
    for (int i = 0; i < 20 && !all_told; i++) {
        struct aldb_session *none = NULL;
        FAILS(open_host("dead.test,two.test", NULL, NULL, 500, &none), "HYT00");
        all_told = strstr(pgt_message(&pgt.diag), "\"two.test\" (127.0.0.2), port") != NULL &&
                   strstr(pgt_message(&pgt.diag), "no time was left to try the server at \"two.test\" (127.0.0.1)") != NULL;
    }
    TRUE(all_told);
    fails("none.test", 20000, "08001", "could not translate host name \"none.test\" to address: Name or service not known");
    /* An answer is an answer from any address: the password is not shown to the next one. */
    struct aldb_session *s = NULL;
    FAILS(open_host("three.test", "password", "wrong", pgt_valgrind() ? 20000 : 6000, &s), "28000");
    TRUE(strstr(pgt_message(&pgt.diag), "password authentication failed") != NULL);
    close(mute);
    unsetenv("PGSSLMODE");
}

static void test_silent_resolver(void)
{
    int64_t start = aldb_now_ms();
    setenv("PGSSLMODE", "disable", 1);
    fails("mute.test", 500, "HYT00", "the resolver does not answer");
    fails("none.test,mute.test", 500, "HYT00", "none.test");
    WITHIN(start, 7500);
    reaches("mute.test,one.test", 6000, 2900, 5900);
    reaches("mute.test,none.test,one.test", 6000, 1900, 5900);
    SAME(asked_mute, 4);
    /* Without a limit its answer is awaited. */
    start = aldb_now_ms();
    fails("mute.test", 0, "08001", "Temporary failure in name resolution");
    TRUE(aldb_now_ms() - start >= 8900);
    unsetenv("PGSSLMODE");
}

/* Who is verified is who was named: the certificate is made out to localhost. */
static void test_names_and_certificates(void)
{
    struct aldb_session *s = NULL;
    const char *ca = getenv("ALDB_TEST_CA");
    if (OK(open_host("localhost", "sslrootcert", ca, 30000, &s))) {
        aldb_session_close(s);
    }
    setenv("PGSSLMODE", "verify-full", 1);
    s = NULL;
    if (OK(open_host("localhost", "sslrootcert", ca, 30000, &s))) {
        aldb_session_close(s);
    }
    FAILS(open_host("one.test", "sslrootcert", ca, 30000, &s), "08001");
    TRUE(strstr(pgt_message(&pgt.diag), "does not match host name \"one.test\"") != NULL);
    unsetenv("PGSSLMODE");
}

/* ------------------------------------------------------------------ what options come to */

static void read_as(const char *const *pairs, const char *wanted)
{
    const char *keywords[8] = {NULL};
    const char *values[8] = {NULL};
    for (size_t i = 0; pairs[i]; i += 2) {
        keywords[i / 2] = pairs[i];
        values[i / 2] = pairs[i + 1];
    }
    struct hosts h;
    struct aldb_buf text;
    aldb_buf_init(&text, 4096);
    if (OK(hosts_read(keywords, values, &h, DIAG))) {
        for (size_t i = 0; i < h.count; i++) {
            aldb_buf_addf(&text, "%s|%s|%s ", h.at[i].name ? h.at[i].name : "", h.at[i].addr ? h.at[i].addr : "", h.at[i].port);
        }
        aldb_buf_addf(&text, "%s%s", h.target, h.random ? " random" : "");
        SAME_TEXT(aldb_buf_cstr(&text), wanted);
        hosts_clear(&h);
    }
    aldb_buf_clear(&text);
}
#define READ_AS(wanted, ...) read_as((const char *const[]){__VA_ARGS__, NULL}, wanted)

static void test_read(void)
{
    READ_AS("a||5432 any", "host", "a");
    READ_AS("||5432 any", "user", "u");
    READ_AS("a||1 b||1 any", "host", "a,b", "port", "1");
    READ_AS("a||1 b||5432 c||3 any", "host", "a,b,c", "port", "1,,3");
    READ_AS("|1.2.3.4|5432 any", "hostaddr", "1.2.3.4");
    READ_AS("a|1.2.3.4|5432 b|::1|5432 standby", "host", "a,b", "hostaddr", "1.2.3.4,::1", "target_session_attrs", "standby");
    READ_AS("1.2.3.4|1.2.3.4|5432 ::1|::1|5432 any random", "hostaddr", "1.2.3.4,::1", "load_balance_hosts", "random");
    setenv("PGHOST", "x,y", 1);
    setenv("PGPORT", "7", 1);
    setenv("PGTARGETSESSIONATTRS", "primary", 1);
    READ_AS("x||7 y||7 primary", "user", "u");
    READ_AS("a||7 primary", "host", "a");
    READ_AS("a||8 any", "host", "a", "port", "8", "target_session_attrs", "any");
    unsetenv("PGHOST");
    unsetenv("PGPORT");
    unsetenv("PGTARGETSESSIONATTRS");
    struct hosts h;
    const char *const keywords[] = {"host", "port", NULL};
    const char *const values[] = {"a,b", "1,2,3", NULL};
    FAILS(hosts_read(keywords, values, &h, DIAG), "08001");
    const char *const unknown[] = {"hots", "port", NULL};
    FAILS(hosts_read(unknown, values, &h, DIAG), "08001");
    /* Out of memory at any point is told, and nothing is lost. */
    for (int64_t i = 0; i < 40; i++) {
        aldb_alloc_fail_after(i);
        enum aldb_rc rc = hosts_read(keywords, (const char *const[]){"a,b", "1,2", NULL}, &h, DIAG);
        aldb_alloc_fail_after(-1);
        if (rc == ALDB_OK) {
            hosts_clear(&h);
            TRUE(i > 5);
            break;
        }
        SAME_TEXT(pgt_state(&pgt.diag), "HY001");
    }
}

static void test_shuffle(void)
{
    int first[4] = {0};
    for (int i = 0; i < 4000; i++) {
        int list[4] = {0, 1, 2, 3};
        hosts_shuffle(list, 4, sizeof *list);
        SAME(list[0] + list[1] + list[2] + list[3], 6);
        first[list[0]]++;
    }
    for (int i = 0; i < 4; i++) {
        TRUE(first[i] > 800 && first[i] < 1200);
    }
    /* Things of any size: all of them stay whole. */
    struct aldb_address many[9];
    int moved = 0;
    for (int i = 0; i < 9; i++) {
        many[i] = (struct aldb_address){.len = (socklen_t)i};
        memset(many[i].text, 'a' + i, sizeof many[i].text);
    }
    hosts_shuffle(many, ALDB_COUNT(many), sizeof *many);
    int seen = 0;
    for (int i = 0; i < 9; i++) {
        char text[sizeof many[i].text];
        memset(text, 'a' + (int)many[i].len, sizeof text);
        TRUE(memcmp(text, many[i].text, sizeof text) == 0);
        moved += many[i].len != (socklen_t)i;
        seen |= 1 << many[i].len;
    }
    SAME(seen, (1 << 9) - 1);
    TRUE(moved > 0); /* 1 of 362880 orders is the old one */
}

int main(void)
{
    CU_TestInfo hosts[] = {
        {"what options come to", test_read},
        {"several addresses of a name", test_addresses},
        {"a resolver that does not answer", test_silent_resolver},
        {"names and certificates", test_names_and_certificates},
        {"random order", test_shuffle},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"hosts", NULL, NULL, NULL, NULL, hosts}, CU_SUITE_INFO_NULL};
    return pgt_main("hosts", suites);
}
