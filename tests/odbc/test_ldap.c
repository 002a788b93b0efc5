/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that asks an LDAP directory, an OpenLDAP of the test's own. The driver sees that a password is asked for in clear text, and nothing else.
 * Roles: ldap_bind, ldap_odd (simple bind), ldap_search (search and bind), ldap_nowhere (its directory is down), ldap_unknown (not in the directory).
 */
#include "ways.h"

#define WHO "select current_user || case when ssl then ' tls' else ' plain' end from pg_stat_ssl where pid = pg_backend_pid()"

static const char *odd_password(void)
{
    static char braced[128];
    size_t n = 0;
    for (const char *p = fact("ODD_PASSWORD"); *p != '\0' && n < sizeof braced - 2; p++) {
        braced[n++] = *p;
        if (*p == '}') {
            braced[n++] = '}';
        }
    }
    braced[n] = '\0';
    return braced;
}

static void bind_and_search(void)
{
    way_opens("UID=ldap_bind;PWD=$PASSWORD", WHO, "ldap_bind tls");
    way_opens("UID=ldap_search;PWD=$PASSWORD", WHO, "ldap_search tls");
    way_opens("UID=ldap_search;PWD=$PASSWORD;SSLMode=verify-full;SSLRootCert=$CA", WHO, "ldap_search tls");
    way_refuses("UID=ldap_bind;PWD=wrong", "28000", "LDAP authentication failed for user \"ldap_bind\"", "The server's log says which");
    way_refuses("UID=ldap_search;PWD=wrong", "28000", "LDAP authentication failed for user \"ldap_search\"", "The server's log says which");
    way_refuses("UID=ldap_unknown;PWD=$PASSWORD", "28000", "LDAP authentication failed for user \"ldap_unknown\"", NULL);
    way_refuses("UID=ldap_nowhere;PWD=$PASSWORD", "28000", "LDAP authentication failed for user \"ldap_nowhere\"", "cannot reach its directory");
    /* LDAP would let everybody in with no password at all: neither libpq nor the server lets that happen. */
    way_refuses("UID=ldap_bind", "28000", "no password supplied", NULL);
    way_refuses("UID=ldap_bind;PWD=", "28000", "no password supplied", NULL);
}

static void odd_characters(void)
{
    char keywords[192];
    snprintf(keywords, sizeof keywords, "UID=ldap_odd;PWD={%s}", odd_password());
    way_opens(keywords, WHO, "ldap_odd tls");
    way_refuses("UID={ldap_bind)(uid=*};PWD=$PASSWORD", "28000", "LDAP authentication failed", NULL);
}

/* The password travels in clear text inside of the connection: what keeps it from others, and what keeps it from the server. */
static void clear_text(void)
{
    way_opens("UID=ldap_bind;PWD=$PASSWORD;SSLMode=disable", WHO, "ldap_bind plain");
    way_refuses("UID=ldap_bind;PWD=$PASSWORD;SSLMode=verify-full;SSLRootCert=$WRONG_CA", "08001", "certificate verify failed", NULL);
    way_refuses("UID=ldap_bind;PWD=$PASSWORD;ChannelBinding=require;SSLMode=require", "08001", "channel binding required but not supported", NULL);
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_RC(l.dbc, try_connect(l.dbc, way_to("UID=ldap_bind;PWD=$PASSWORD;RequireAuth=!password")), SQL_ERROR);
    bool old = diag_has(l.dbc, "HYC00");
    CHECK_CONTAINS(diag_message(l.dbc, 1), old ? "RequireAuth needs libpq 16" : "server requested a cleartext password");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"bind, search and bind", bind_and_search},
        {"odd characters", odd_characters},
        {"clear text", clear_text},
    };
    way_start("ldap");
    return run_tests("LDAP", tests, COUNT(tests));
}
