/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google's endpoints are down: they answer 503, drop connections, or say nothing at all. Connections to an AlloyDB instance go on with what is known. Times are
 * shorter than in life: certificates of seconds stand for those of an hour, and half a minute for ten. ALDB_TEST_OUTAGE_S=600 makes the first one last ten.
 */
#include "emulator.h"

#include <stdlib.h>

#define RENEWAL_S 10.0 /* what a connect may spend on renewing a certificate that still works, and never more than half of its LoginTimeout */
#define TRY_S 10.0     /* a try on which nothing comes back is given up, and there is another one */
#define HURRY "LoginTimeout=3"

static const char unavailable[] = "[{\"at\": \"admin\", \"status\": 503}, {\"at\": \"token\", \"status\": 503}]";
static const char silent[] = "[{\"at\": \"admin\", \"delay\": 600}, {\"at\": \"token\", \"delay\": 600}]";
static const char dropping[] = "[{\"at\": \"admin\", \"drop\": true}, {\"at\": \"token\", \"drop\": true}]";

/*
 * Certificates of `life` seconds are all the time near their end, so that each connect wants to renew: one gives that the stated limit, those after him
 * nothing. Past the end it is told what is down, and the first connect after the outage works.
 */
static void outage(const char *project, const char *fault, int life, int login_timeout, const char *state, const char *word)
{
    char connstr[4096], hurried[4096], extra[64];
    snprintf(extra, sizeof extra, "LoginTimeout=%d", login_timeout);
    snprintf(connstr, sizeof connstr, "%s", emulator_connstr(project, extra));
    snprintf(hurried, sizeof hurried, "%s", emulator_connstr(project, HURRY));
    emulator_reset();
    emulator_certificates_last(life);
    double born = seconds_now(); /* or later */
    (void)emulator_connects(connstr);
    emulator_fault(fault);
    double down = seconds_now();
    double limit = login_timeout / 2.0 < RENEWAL_S ? login_timeout / 2.0 : RENEWAL_S;
    CHECK(emulator_connects(connstr) < limit + EMULATOR_AT_ONCE_S);
    for (int i = 0; i < 5; i++) {
        CHECK(emulator_connects(connstr) < EMULATOR_AT_ONCE_S);
    }
    CHECK(seconds_now() - born < life); /* else nothing was shown */
    pause_s(down + life + 1.5 - seconds_now());
    (void)emulator_refuses(hurried, state, word, "AlloyDB Admin API at http://127.0.0.1:");
    emulator_reset();
    CHECK(emulator_connects(connstr) < EMULATOR_AT_ONCE_S);
}

/*
 * An application goes on working while nothing of Google's answers: its connection all the time, new ones until the certificate ends in the middle of the
 * outage, and again from the moment that it is over.
 */
static void api_unavailable(void)
{
    const char *wanted = getenv("ALDB_TEST_OUTAGE_S");
    int length = wanted ? atoi(wanted) : 40;
    int life = length / 2;
    char connstr[4096], hurried[4096];
    snprintf(connstr, sizeof connstr, "%s", emulator_connstr("unavailable", ""));
    snprintf(hurried, sizeof hurried, "%s", emulator_connstr("unavailable", HURRY));
    emulator_reset();
    emulator_certificates_last(life);
    double born = seconds_now();
    struct link l = emulator_link(connstr);
    emulator_fault(unavailable);
    int connected = 0;
    int refused = 0;
    for (double down = seconds_now(); seconds_now() < down + length; pause_s(length / 64.0)) {
        CHECK_INT(query_int(l.stmt, "select 1"), 1);
        double age = seconds_now() - born;
        if (age < life - RENEWAL_S - EMULATOR_AT_ONCE_S) {
            (void)emulator_connects(connstr);
            connected++;
        } else if (age > life + 1) {
            (void)emulator_refuses(hurried, "08001", "HTTP 503", "AlloyDB Admin API at http://127.0.0.1:");
            refused++;
        }
    }
    emulator_reset();
    (void)emulator_connects(connstr);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    printf("(%d s, %d connected, %d refused) ", length, connected, refused);
    CHECK(connected > 0 && refused > 0);
    link_close(&l);
}

static void api_drops(void)
{
    outage("drops", dropping, 8, 30, "08001", "cut the connection?"); /* whichever of the two calls hears of it first */
}

static void api_silent(void)
{
    outage("silent", silent, 20, 30, "HYT00", "within the time allowed");
}

/* A renewal that hangs does not eat up a LoginTimeout that is shorter than its limit. */
static void api_silent_hurried(void)
{
    outage("hurried", silent, 12, 4, "HYT00", "within the time allowed");
}

/* With RefreshStrategy=BACKGROUND it is mostly a thread that waits for the API. Past the end a connect tells what that thread says, or that it is still asking. */
static void outage_in_background(const char *project, const char *fault, const char *state)
{
    char connstr[4096], hurried[4096];
    snprintf(connstr, sizeof connstr, "%s", emulator_connstr(project, "RefreshStrategy=BACKGROUND"));
    snprintf(hurried, sizeof hurried, "%s", emulator_connstr(project, HURRY));
    emulator_reset();
    emulator_certificates_last(12);
    double born = seconds_now(); /* or later */
    struct link l = emulator_link(connstr);
    emulator_fault(fault);
    double down = seconds_now();
    while (seconds_now() - born < 7) {
        CHECK(emulator_connects(connstr) < RENEWAL_S + EMULATOR_AT_ONCE_S);
        pause_s(0.2);
    }
    pause_s(down + 13.5 - seconds_now());
    (void)emulator_refuses(hurried, state, "AlloyDB Admin API", "");
    emulator_reset();
    CHECK(emulator_connects(connstr) < TRY_S + EMULATOR_AT_ONCE_S); /* a try of the background's that hangs is given up after that time */
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

static void api_unavailable_background(void)
{
    outage_in_background("unavailable-background", unavailable, "");
}

static void api_silent_background(void)
{
    outage_in_background("silent-background", silent, "HYT00");
}

/* A certificate alone is not enough: when the token for the login has ended, the token endpoint is what is down. */
static void tokens_unavailable(void)
{
    const char *connstr = emulator_connstr("tokens", "LoginTimeout=10");
    emulator_reset();
    emulator_fault("{\"at\": \"token\", \"expires_in\": 6}");
    (void)emulator_connects(connstr);
    emulator_fault(unavailable);
    CHECK(emulator_connects(connstr) < EMULATOR_AT_ONCE_S);
    pause_s(7);
    (void)emulator_refuses(connstr, "08001", "Google credentials (CredentialsFile \"", "HTTP 503");
    emulator_reset();
    CHECK(emulator_connects(connstr) < EMULATOR_AT_ONCE_S);
}

int main(void)
{
    static const struct test tests[] = {
        {"the API is unavailable", api_unavailable},
        {"the API drops connections", api_drops},
        {"the API is silent", api_silent},
        {"the API is silent, and LoginTimeout is short", api_silent_hurried},
        {"the API is unavailable, in the background", api_unavailable_background},
        {"the API is silent, in the background", api_silent_background},
        {"the token endpoint is unavailable", tokens_unavailable},
    };
    (void)emulator_fact("URL");
    emulator_real_time();
    return run_tests("outages of Google's endpoints", tests, COUNT(tests));
}
