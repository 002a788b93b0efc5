/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A primary and a hot standby of the test's own: target_session_attrs, failover, what the connection says of itself afterwards. They have no TLS: what
 * each SSLMode makes of that is tested here too.
 */
#include "harness.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/aldb-pair-XXXXXX";
static int primary, standby; /* their ports */

/* Runs tests/lib/pair.sh; what it prints goes to `answer`. */
static void pair(const char *action, const char *server, char *answer, int size)
{
    char command[256];
    snprintf(command, sizeof command, "lib/pair.sh %s %s %s", action, folder, server);
    FILE *out = popen(command, "r");
    if (out == NULL || (answer != NULL && fgets(answer, size, out) == NULL) || pclose(out) != 0) {
        printf("\n    FATAL: %s failed\n", command);
        exit(EXIT_FAILURE);
    }
}

static void remove_pair(void)
{
    char command[256];
    snprintf(command, sizeof command, "lib/pair.sh remove %s", folder);
    (void)!system(command);
}

static void make_pair(void)
{
    char ports[64] = "";
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    atexit(remove_pair);
    pair("start", "", ports, sizeof ports);
    char *end = NULL;
    primary = (int)strtol(ports, &end, 10);
    standby = (int)strtol(end, NULL, 10);
}

/* ---- attempts ------------------------------------------------------------------------------------------------------- */

/* Keywords for these hosts: 'P' the primary, 'S' the standby, 'D' nobody. */
static const char *to(const char *hosts, const char *more)
{
    char servers[256] = "";
    for (const char *p = hosts; *p; p++) {
        char one[64];
        if (*p == 'D') {
            snprintf(one, sizeof one, "127.0.0.1:%s", fact("DEAD_PORT"));
        } else {
            snprintf(one, sizeof one, "127.0.0.1:%d", *p == 'P' ? primary : standby);
        }
        snprintf(servers + strlen(servers), sizeof servers - strlen(servers), "%s%s", p > hosts ? "," : "", one);
    }
    /* What comes first counts. */
    return connstr("DRIVER=AlloyDB;%s;Server={%s};Database=postgres;UID=aldb_pair;PWD=pair", more, servers);
}

static void info(SQLHDBC dbc, SQLUSMALLINT type, const char *wanted)
{
    char text[64] = "";
    SQLSMALLINT length = 0;
    CHECK_OK(dbc, SQLGetInfo(dbc, type, text, sizeof text, &length));
    CHECK_TEXT(text, wanted);
}

/* Is `l` connected to the standby or the primary, and does everything say so? */
static void is_at(struct link *l, char where, bool recovering)
{
    CHECK_INT(query_int(l->stmt, "select inet_server_port()"), where == 'P' ? primary : standby);
    CHECK_TEXT(query_text(l->stmt, "select pg_is_in_recovery()"), recovering ? "1" : "0");
    info(l->dbc, SQL_DATA_SOURCE_READ_ONLY, recovering ? "Y" : "N");
    info(l->dbc, SQL_SERVER_NAME, "127.0.0.1");
    info(l->dbc, SQL_DATABASE_NAME, "postgres");
    info(l->dbc, SQL_USER_NAME, "aldb_pair");
}

static void leads_to(const char *hosts, const char *more, char where)
{
    const char *keywords = to(hosts, more);
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_rc(l.dbc, try_connect(l.dbc, keywords), SQL_SUCCESS, keywords, __FILE__, __LINE__)) {
        l.stmt = new_stmt(l.dbc);
        is_at(&l, where, where == 'S');
    }
    link_close(&l);
}

static void fails(const char *hosts, const char *more, const char *state, const char *says)
{
    const char *keywords = to(hosts, more);
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_state(l.dbc, try_connect(l.dbc, keywords), SQL_ERROR, state, keywords, __FILE__, __LINE__)) {
        check_contains(diag_message(l.dbc, 1), says, keywords, __FILE__, __LINE__);
    }
    link_close(&l);
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

static void session_attributes(void)
{
    static const struct {
        const char *wanted;
        char first_primary, first_standby; /* who is taken of "primary, standby" and of "standby, primary" */
        const char *no_primary, *no_standby; /* why it is not taken when it stands alone; NULL: it is */
    } rows[] = {
        {"any", 'P', 'S', NULL, NULL},
        {"read-write", 'P', 'P', NULL, "session is read-only"},
        {"read-only", 'S', 'S', "session is not read-only", NULL},
        {"primary", 'P', 'P', NULL, "server is in hot standby mode"},
        {"standby", 'S', 'S', "server is not in hot standby mode", NULL},
        {"prefer-standby", 'S', 'S', NULL, NULL},
    };
    char more[80];
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(more, sizeof more, "TargetSessionAttrs=%s", rows[i].wanted);
        leads_to("PS", more, rows[i].first_primary);
        leads_to("SP", more, rows[i].first_standby);
        leads_to("DPDS", more, rows[i].first_primary);
        leads_to("DSDP", more, rows[i].first_standby);
        if (rows[i].no_primary) {
            fails("P", more, "08001", rows[i].no_primary);
            fails("PDP", more, "08001", fact("DEAD_PORT"));
        } else {
            leads_to("P", more, 'P');
        }
        if (rows[i].no_standby) {
            fails("S", more, "08001", rows[i].no_standby);
            fails("SD", more, "08001", rows[i].no_standby);
        } else {
            leads_to("S", more, 'S');
        }
    }
    /* Second best is as good as the first when there is no better; but a wrong password stays wrong. */
    leads_to("DPDP", "TargetSessionAttrs=prefer-standby;LoadBalanceHosts=random", 'P');
    leads_to("PSDSP", "TargetSessionAttrs=prefer-standby;LoadBalanceHosts=random", 'S');
    leads_to("PS", "PqOpt={target_session_attrs=standby}", 'S');
    leads_to("PS", "TargetServerType=preferSecondary", 'S');
    fails("DDD", "TargetSessionAttrs=prefer-standby", "08001", "Connection refused");
    fails("PP", "TargetSessionAttrs=prefer-standby;Database=nowhere", "08004", "\"nowhere\" does not exist");
    fails("PS", "TargetSessionAttrs=nearest", "HY024", "prefer-standby");
    /* An attempt that was not the one leaves nothing behind: notices, settings, connections. */
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, try_connect(l.dbc, to("SP", "TargetSessionAttrs=primary;InitSql={set application_name = 'here'}")));
    l.stmt = new_stmt(l.dbc);
    CHECK_INT(query_int(l.stmt, "select count(*) from pg_stat_activity where usename = 'aldb_pair'"), 1);
    link_close(&l);
}

/* What a standby cannot do fails as it should; what it can do works as everywhere. */
static void life_on_a_standby(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, try_connect(l.dbc, to("S", "")));
    l.stmt = new_stmt(l.dbc);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("create table never (a int)"), SQL_NTS), "25000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "in a read-only transaction");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    CHECK_INT(query_int(l.stmt, "select 2"), 2); /* the statement alone was undone */
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    link_close(&l);
}

static void without_tls(void)
{
    leads_to("P", "SSLMode=disable", 'P');
    leads_to("P", "SSLMode=allow", 'P');
    leads_to("P", "SSLMode=prefer", 'P');
    fails("P", "SSLMode=require", "08001", "server does not support SSL");
    fails("P", "SSLMode=verify-ca;SSLRootCert=$CA", "08001", "server does not support SSL");
    fails("P", "SSLMode=verify-full;SSLRootCert=$CA", "08001", "server does not support SSL");
    fails("P", "SSLRootCert=system", "08001", "server does not support SSL");
    leads_to("P", "ChannelBinding=prefer", 'P');
    fails("P", "ChannelBinding=require", "08001", "channel binding");
}

/* A server that lets nobody in yet is passed over, and is worth another try when it is alone. */
static void not_yet(void)
{
    pair("deaf", "", NULL, 0);
    leads_to("SP", "", 'P');
    leads_to("SSP", "TargetSessionAttrs=prefer-standby", 'P');
    fails("S", "", "08004", "not accepting connections");
    fails("SD", "", "08001", "not accepting connections");
    double start = seconds_now();
    fails("S", "ConnectRetryCount=2;ConnectRetryInterval=1", "08004", "not accepting connections");
    CHECK(seconds_now() - start > 1.9 && seconds_now() - start < 20);
    pair("hears", "", NULL, 0);
    leads_to("SP", "", 'S');
}

static void failover(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    struct link reader = link_new(SQL_OV_ODBC3_80);
    SQLUINTEGER dead = 99;
    CHECK_OK(l.dbc, try_connect(l.dbc, to("PS", "")));
    l.stmt = new_stmt(l.dbc);
    is_at(&l, 'P', false);
    CHECK_OK(reader.dbc, try_connect(reader.dbc, to("PS", "TargetSessionAttrs=standby")));
    reader.stmt = new_stmt(reader.dbc);
    pair("stop", "primary", NULL, 0);

    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    CHECK_INT(dead, SQL_CD_TRUE);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
    CHECK_INFO(l.dbc, SQLDisconnect(l.dbc), "01002");
    is_at(&reader, 'S', true);

    /* The same handle, the same string: the next host. */
    CHECK_OK(l.dbc, try_connect(l.dbc, to("PS", "")));
    l.stmt = new_stmt(l.dbc);
    is_at(&l, 'S', true);
    fails("PS", "TargetSessionAttrs=read-write", "08001", "session is read-only");
    fails("PS", "TargetSessionAttrs=primary", "08001", "Connection refused");

    pair("promote", "", NULL, 0);
    is_at(&l, 'S', false); /* connections that were there before notice it too */
    is_at(&reader, 'S', false);
    run(l.stmt, "create temp table now_it_can (a int)");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_OK(l.dbc, try_connect(l.dbc, to("PS", "TargetSessionAttrs=read-write")));
    l.stmt = new_stmt(l.dbc);
    is_at(&l, 'S', false);
    link_close(&l);
    link_close(&reader);
}

int main(void)
{
    static const struct test tests[] = {
        {"target_session_attrs", session_attributes},
        {"life on a standby", life_on_a_standby},
        {"a server without TLS", without_tls},
        {"not accepting connections yet", not_yet},
        {"failover", failover},
    };
    (void)fact("DSN"); /* without a server of its own nobody wants a pair */
    make_pair();
    return run_tests("primary and standby", tests, COUNT(tests));
}
