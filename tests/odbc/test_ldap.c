/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that asks an LDAP directory, an OpenLDAP of the test's own. The driver sees that a password is asked for in clear text, and nothing else.
 * Roles: ldap_bind, ldap_odd (simple bind), ldap_search (search and bind), ldap_nowhere (its directory is down), ldap_unknown (not in the directory). Over TLS
 * to the directory, which it demands of these: ldap_tls_start (StartTLS), ldap_tls_ldaps, ldap_tls_search (ldaps), ldap_tls_none (not so), ldap_tls_misnamed
 * (at a name that its certificate does not have).
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

/* Between the server and its directory; the server trusts the authorities of a file. */
static void tls_to_the_directory(void)
{
    static const char *const trusting[] = {"ldap_tls_start", "ldap_tls_ldaps", "ldap_tls_search"};
    static const char *const not[] = {"ldap_tls_none", "ldap_tls_misnamed"};
    char keywords[128], says[128], wanted[64], trust[512], command[1200];
    for (size_t i = 0; i < COUNT(trusting); i++) {
        snprintf(keywords, sizeof keywords, "UID=%s;PWD=$PASSWORD", trusting[i]);
        snprintf(wanted, sizeof wanted, "%s tls", trusting[i]);
        way_opens(keywords, WHO, wanted);
        snprintf(keywords, sizeof keywords, "UID=%s;PWD=wrong", trusting[i]);
        snprintf(says, sizeof says, "LDAP authentication failed for user \"%s\"", trusting[i]);
        way_refuses(keywords, "28000", says, "The server's log says which");
    }
    for (size_t i = 0; i < COUNT(not); i++) {
        snprintf(keywords, sizeof keywords, "UID=%s;PWD=$PASSWORD", not[i]);
        snprintf(says, sizeof says, "LDAP authentication failed for user \"%s\"", not[i]);
        way_refuses(keywords, "28000", says, "cannot reach its directory");
    }
    /* Somebody else's authority in place of the directory's: the password is not sent. */
    snprintf(trust, sizeof trust, "%s", fact("WAY_TRUST"));
    snprintf(command, sizeof command, "cat '%s' >'%s'", fact("WRONG_CA"), trust);
    CHECK_INT(system(command), 0);
    for (size_t i = 0; i < COUNT(trusting); i++) {
        snprintf(keywords, sizeof keywords, "UID=%s;PWD=$PASSWORD", trusting[i]);
        way_refuses(keywords, "28000", "LDAP authentication failed", "cannot reach its directory");
    }
    way_opens("UID=ldap_bind;PWD=$PASSWORD", WHO, "ldap_bind tls");
}

int main(void)
{
    static const struct test tests[] = {
        {"bind, search and bind", bind_and_search},
        {"odd characters", odd_characters},
        {"clear text", clear_text},
        {"TLS to the directory", tls_to_the_directory},
    };
    way_start("ldap");
    return run_tests("LDAP", tests, COUNT(tests));
}
