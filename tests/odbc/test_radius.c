/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that asks a RADIUS server, a FreeRADIUS of the test's own. Roles: radius_user, radius_nowhere (its RADIUS server does not answer), radius_other (the two
 * share no secret). PostgreSQL waits three seconds for an answer, and is asked without TLS again unless TLS is required.
 */
#include "ways.h"

#define WHO "select current_user || case when ssl then ' tls' else ' plain' end from pg_stat_ssl where pid = pg_backend_pid()"

static void logins(void)
{
    way_opens("UID=radius_user;PWD=$PASSWORD", WHO, "radius_user tls");
    way_opens("UID=radius_user;PWD=$PASSWORD;SSLMode=verify-full;SSLRootCert=$CA", WHO, "radius_user tls");
    way_opens("UID=radius_user;PWD=$PASSWORD;SSLMode=disable", WHO, "radius_user plain");
}

static void refusals(void)
{
    way_refuses("UID=radius_user;PWD=wrong", "28000", "RADIUS authentication failed for user \"radius_user\"", "The server's log says which");
    way_refuses("UID=radius_user", "28000", "no password supplied", NULL);
    way_refuses("UID=radius_nowhere;PWD=$PASSWORD;SSLMode=require", "28000", "RADIUS authentication failed for user \"radius_nowhere\"", "cannot reach its RADIUS server");
    way_refuses("UID=radius_other;PWD=$PASSWORD;SSLMode=require", "28000", "RADIUS authentication failed for user \"radius_other\"", NULL);
    way_refuses("LoginTimeout=1;UID=radius_nowhere;PWD=$PASSWORD;SSLMode=require", "HYT00", "did not finish the login", NULL);
}

int main(void)
{
    static const struct test tests[] = {
        {"logging in", logins},
        {"refusals", refusals},
    };
    way_start("radius");
    return run_tests("RADIUS", tests, COUNT(tests));
}
