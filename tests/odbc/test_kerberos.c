/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kerberos with an MIT KDC of the test's own: tickets from a cache and from a keytab, GSSAPI encryption, the server's name, and what is said to
 * somebody without a good ticket. Roles of the server: krb_any, krb_sealed (only with GSSAPI encryption), krb_open (only without).
 */
#include "ways.h"

#define SESSION "select concat_ws(' ', g.principal, case when g.encrypted then 'gss' when s.ssl then 'tls' else 'plain' end, current_user) " \
                "from pg_stat_gssapi g join pg_stat_ssl s using (pid) where pid = pg_backend_pid()"

/* A file of the test's folder. Static buffer of the latest call. */
static const char *file(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", fact("KRB5_DIR"), name);
    return path;
}

static void use(const char *variable, const char *type, const char *name)
{
    char value[160];
    snprintf(value, sizeof value, "%s%s", type, file(name));
    setenv(variable, value, 1);
}

static void use_cache(const char *name)
{
    use("KRB5CCNAME", "FILE:", name);
}

/* Does klist show that service's ticket in the cache? */
static bool has_ticket(const char *cache, const char *service)
{
    char command[256];
    char line[256];
    bool found = false;
    snprintf(command, sizeof command, "klist -c FILE:%s", file(cache));
    FILE *out = popen(command, "r");
    while (out != NULL && fgets(line, sizeof line, out) != NULL) {
        found = found || strstr(line, service) != NULL;
    }
    return out != NULL && pclose(out) == 0 && found;
}

static void ticket_cache(void)
{
    use_cache("app.ccache");
    way_opens("UID=krb_any", SESSION, "app@ALDB.TEST tls krb_any");
    way_opens("UID=krb_any;SSLMode=disable", SESSION, "app@ALDB.TEST plain krb_any");
    way_opens("UID=krb_any;SSLMode=verify-full;SSLRootCert=$CA", SESSION, "app@ALDB.TEST tls krb_any");
    /* A password is not asked for, and does no harm. */
    way_opens("UID=krb_any;PWD=unasked", SESSION, "app@ALDB.TEST tls krb_any");
}

static void keytab(void)
{
    /* The cache does not exist, or is this process's memory: the keytab's principal gets its ticket by itself. */
    use_cache("made-by-keytab.ccache");
    use("KRB5_CLIENT_KTNAME", "FILE:", "app.keytab");
    way_opens("UID=krb_any", SESSION, "app@ALDB.TEST tls krb_any");
    CHECK(has_ticket("made-by-keytab.ccache", "postgres/localhost@ALDB.TEST"));
    setenv("KRB5CCNAME", "MEMORY:aldb", 1);
    way_opens("UID=krb_any", SESSION, "app@ALDB.TEST tls krb_any");
    way_opens("UID=krb_sealed;GssEncMode=require", SESSION, "app@ALDB.TEST gss krb_sealed");
    /* A ticket that has expired is replaced. */
    use_cache("expired-keytab.ccache");
    way_opens("UID=krb_any", SESSION, "app@ALDB.TEST tls krb_any");
    setenv("KRB5CCNAME", "MEMORY:other", 1);
    use("KRB5_CLIENT_KTNAME", "FILE:", "nowhere.keytab");
    way_refuses("UID=krb_any", "28000", "No Kerberos credentials available", "KRB5_CLIENT_KTNAME");
    use("KRB5_CLIENT_KTNAME", "FILE:", "stranger.keytab");
    way_refuses("UID=krb_any", "28000", "GSSAPI authentication failed for user \"krb_any\"", "pg_ident.conf");
    /* The name of a KDC that does not answer. */
    setenv("KRB5CCNAME", "MEMORY:third", 1);
    use("KRB5_CLIENT_KTNAME", "FILE:", "app.keytab");
    setenv("KRB5_CONFIG", fact("KRB5_DEAD"), 1);
    way_refuses("UID=krb_any", "08001", "Cannot contact any KDC for realm 'ALDB.TEST'", "KRB5_CONFIG");
    setenv("KRB5_CONFIG", fact("KRB5_CONFIG"), 1);
    unsetenv("KRB5_CLIENT_KTNAME");
}

static void encryption(void)
{
    static const struct {
        const char *mode;
        const char *any, *sealed, *open; /* how the session is protected; NULL: refused */
    } rows[] = {
        {"GssEncMode=disable", "tls", NULL, "tls"},
        {"GssEncMode=prefer", "gss", "gss", "tls"}, /* an encrypted session that is refused is followed by one without */
        {"GssEncMode=require", "gss", "gss", NULL},
        {"PqOpt={gssencmode=require}", "gss", "gss", NULL},
        {"ApplicationName=default", "tls", NULL, "tls"},
    };
    use_cache("app.ccache");
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *const users[] = {"krb_any", "krb_sealed", "krb_open"};
        const char *const wanted[] = {rows[i].any, rows[i].sealed, rows[i].open};
        for (size_t u = 0; u < COUNT(users); u++) {
            char keywords[96];
            char session[96];
            snprintf(keywords, sizeof keywords, "UID=%s;%s", users[u], rows[i].mode);
            snprintf(session, sizeof session, "app@ALDB.TEST %s %s", wanted[u] ? wanted[u] : "", users[u]);
            if (wanted[u]) {
                way_opens(keywords, SESSION, session);
            } else {
                way_refuses(keywords, "28000", "pg_hba.conf rejects connection", NULL);
            }
        }
    }
    /* Where libpq's environment asks for it, the driver does not say otherwise. */
    setenv("PGGSSENCMODE", "require", 1);
    way_opens("UID=krb_sealed", SESSION, "app@ALDB.TEST gss krb_sealed");
    unsetenv("PGGSSENCMODE");
    use_cache("nowhere.ccache");
    way_refuses("UID=krb_sealed;GssEncMode=require", "08001", "GSSAPI encryption required but", "kinit");
    way_refuses("UID=krb_any;GssEncMode=sometimes", "HY024", "require", NULL);
}

/* Rows, errors, and a cancel that has to find its way beside the encryption. */
static void work_through_encryption(void)
{
    use_cache("app.ccache");
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, try_connect(l.dbc, way_to("UID=krb_sealed;GssEncMode=require")));
    l.stmt = new_stmt(l.dbc);
    int rows = under_valgrind() ? 2000 : 50000;
    char sql[128];
    for (int round = 0; round < 3; round++) {
        int64_t sum = 0;
        int32_t number = 0;
        SQLLEN length = 0;
        char text[512];
        snprintf(sql, sizeof sql, "select g, repeat('x', g %% 500) from generate_series(1, %d) g", rows);
        query(l.stmt, sql);
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &number, 0, NULL));
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
        while (SQLFetch(l.stmt) == SQL_SUCCESS) {
            sum += length == number % 500 ? number : 0;
        }
        CHECK_INT(sum, (int64_t)rows * (rows + 1) / 2);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    }
    CHECK_INT(query_int(l.stmt, "select length(repeat('y', 3000000))"), 3000000);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)(intptr_t)1, 0));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select pg_sleep(300)"), SQL_NTS), "HYT00");
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    link_close(&l);
}

static void server_name(void)
{
    use_cache("app.ccache");
    CHECK(!has_ticket("app.ccache", "alloy/localhost"));
    way_opens("UID=krb_any;KrbSrvName=alloy", SESSION, "app@ALDB.TEST tls krb_any");
    CHECK(has_ticket("app.ccache", "alloy/localhost@ALDB.TEST"));
    way_refuses("UID=krb_any;KrbSrvName=nobody", "28000", "Server nobody/localhost@ALDB.TEST not found in Kerberos database", "KrbSrvName and Server");
    way_refuses("Server=127.0.0.1;UID=krb_any", "28000", "Server postgres/127.0.0.1@ALDB.TEST not found in Kerberos database", "no address");
}

/* A missing ticket is no missing password: SQLBrowseConnect asks for none. */
static void browsing(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLCHAR out[512];
    use_cache("nowhere.ccache");
    CHECK_STATE(l.dbc, SQLBrowseConnect(l.dbc, T(way_to("UID=krb_any")), SQL_NTS, out, sizeof out, NULL), "28000");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "get one with kinit");
    use_cache("app.ccache");
    CHECK_OK(l.dbc, SQLBrowseConnect(l.dbc, T(way_to("UID=krb_any")), SQL_NTS, out, sizeof out, NULL));
    link_close(&l);
}

static void bad_tickets(void)
{
    /* libpq may say it twice, with TLS and without; the remedy comes once, at the end. */
    use_cache("nowhere.ccache");
    way_refuses("UID=krb_any", "28000", "No Kerberos credentials available (default cache: FILE:/tmp/", "get one with kinit");
    way_refuses("UID=krb_any;GssEncMode=prefer", "28000", "No Kerberos credentials available", "get one with kinit");
    use_cache("expired.ccache");
    way_refuses("UID=krb_any", "28000", "Ticket expired", "a new ticket with kinit");
    way_refuses("UID=krb_sealed;GssEncMode=require", "28000", "Ticket expired", "a new ticket with kinit");
    use_cache("stranger.ccache");
    way_refuses("UID=krb_any", "28000", "GSSAPI authentication failed for user \"krb_any\"", "The server's log says more");
    use_cache("app.ccache");
    way_refuses("UID=krb_nobody", "28000", "GSSAPI authentication failed for user \"krb_nobody\"", NULL);
}

/* Tickets that the KDC has made for somebody to act with: a client asks for one when it delegates. */
static int forwarded(void)
{
    char line[512];
    int count = 0;
    FILE *log = fopen(file("kdc.log"), "r");
    while (log != NULL && fgets(line, sizeof line, log) != NULL) {
        count += strstr(line, "TGS_REQ") != NULL && strstr(line, "ISSUE") != NULL && strstr(line, "app@ALDB.TEST for krbtgt/") != NULL;
    }
    if (log != NULL) {
        (void)fclose(log);
    }
    return count;
}

/* Since libpq 16; before, asking for it is refused rather than forgotten, and asking for none changes nothing. */
static void delegation(void)
{
    use_cache("app.ccache");
    way_opens("UID=krb_any;GssDelegation=no", SESSION, "app@ALDB.TEST tls krb_any");
    CHECK_INT(forwarded(), 0);
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLRETURN rc = try_connect(l.dbc, way_to("UID=krb_any;GssDelegation=yes"));
    if (strcmp(diag_state(l.dbc, 1), "HYC00") == 0) {
        CHECK_STATE(l.dbc, rc, "HYC00");
        CHECK_CONTAINS(diag_message(l.dbc, 1), "GssDelegation needs libpq 16 or newer");
    } else if (check_rc(l.dbc, rc, SQL_SUCCESS, "GssDelegation=yes", __FILE__, __LINE__)) {
        CHECK_INT(forwarded(), 1);
        l.stmt = new_stmt(l.dbc);
        if (query_int(l.stmt, "select current_setting('server_version_num')::int") >= 160000) {
            CHECK_TEXT(query_text(l.stmt, "select credentials_delegated from pg_stat_gssapi where pid = pg_backend_pid()"), "1");
        }
    }
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"a ticket from a cache", ticket_cache},
        {"a ticket from a keytab", keytab},
        {"GSSAPI encryption", encryption},
        {"working through GSSAPI encryption", work_through_encryption},
        {"the server's name", server_name},
        {"no ticket, an expired one, somebody else's", bad_tickets},
        {"SQLBrowseConnect", browsing},
        {"delegation", delegation},
    };
    way_start("kerberos");
    setenv("KRB5_CONFIG", fact("KRB5_CONFIG"), 1);
    return run_tests("Kerberos", tests, COUNT(tests));
}
