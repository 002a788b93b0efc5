/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications, by attributes of the connection. Beside an emulator of AlloyDB all of it goes through the connector. */
#include "emulator.h"

#include <stdlib.h>

#include "alloydb_odbc.h"

static struct link notify_link(void)
{
    return getenv("ALDB_TEST_EMULATOR") ? emulator_link(emulator_connstr("", "")) : link_open("");
}

/* Takes the next notification: "channel=payload", "" when there is none. */
static const char *next(SQLHDBC dbc, SQLUINTEGER *pid)
{
    static char text[16384];
    static char payload[9000];
    SQLUINTEGER sender = 0;
    SQLINTEGER length = 0;
    SQLRETURN rc = SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &sender, 0, NULL);
    if (rc == SQL_NO_DATA) {
        return "";
    }
    CHECK_OK(dbc, rc);
    if (pid != NULL) {
        *pid = sender;
    }
    CHECK_OK(dbc, SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL, text, 100, &length));
    CHECK_INT(length, strlen(text));
    CHECK_OK(dbc, SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD, payload, sizeof payload, &length));
    CHECK_INT(length, strlen(payload));
    snprintf(text + strlen(text), sizeof text - strlen(text), "=%s", payload);
    return text;
}

static void wait_up_to(SQLHDBC dbc, uintptr_t ms)
{
    CHECK_OK(dbc, SQLSetConnectAttr(dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_WAIT, (SQLPOINTER)ms, 0));
}

static void told(void)
{
    struct link l = notify_link();
    struct link other = notify_link();
    SQLUINTEGER pid = 0;
    SQLUINTEGER value = 7;
    CHECK_TEXT(next(l.dbc, NULL), "");
    char text[64];
    SQLINTEGER length = 0;
    CHECK_RC(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL, text, sizeof text, &length), SQL_NO_DATA);
    CHECK_RC(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD, text, sizeof text, &length), SQL_NO_DATA);
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_WAIT, &value, 0, NULL));
    CHECK_INT(value, 0);
    run(l.stmt, "listen notify_test");
    run(l.stmt, "listen \"Odd channel\"");

    /* Of another connection: nothing is there, and without waiting nothing is waited for. */
    double start = seconds_now();
    CHECK_TEXT(next(l.dbc, NULL), "");
    CHECK(seconds_now() - start < 5);
    int64_t sender = query_int(other.stmt, "select pg_backend_pid()");
    run(other.stmt, "notify notify_test, 'first'");
    run(other.stmt, "do $$begin perform pg_notify('Odd channel', 'ü 🙂'), pg_notify('notify_test', ''); end$$");
    wait_up_to(l.dbc, 60000);
    CHECK_TEXT(next(l.dbc, &pid), "notify_test=first");
    CHECK_INT(pid, sender);
    CHECK_TEXT(next(l.dbc, &pid), "Odd channel=\xc3\xbc \xf0\x9f\x99\x82");
    SQLWCHAR w[64];
    CHECK_OK(l.dbc, SQLGetConnectAttrW(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD, w, sizeof w, &length));
    CHECK_TEXT(narrow(w), "\xc3\xbc \xf0\x9f\x99\x82");
    CHECK_INFO(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL, text, 4, &length), "01004");
    CHECK_TEXT(text, "Odd"); /* nothing is lost by it: */
    CHECK_INT(length, 11);
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL, text, sizeof text, &length));
    CHECK_TEXT(text, "Odd channel");
    CHECK_TEXT(next(l.dbc, NULL), "notify_test=");
    wait_up_to(l.dbc, 300);
    start = seconds_now();
    CHECK_TEXT(next(l.dbc, NULL), "");
    CHECK(seconds_now() - start > 0.25);

    /* One's own; those that came with something else; none out of an open transaction. */
    wait_up_to(l.dbc, 0);
    run(l.stmt, "notify notify_test, 'own'");
    CHECK_TEXT(next(l.dbc, &pid), "notify_test=own");
    CHECK_INT(pid, query_int(l.stmt, "select pg_backend_pid()"));
    set_autocommit(l.dbc, false);
    run(l.stmt, "notify notify_test, 'later'");
    wait_up_to(l.dbc, 600000);
    CHECK_TEXT(next(l.dbc, NULL), "");
    wait_up_to(l.dbc, 0);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    set_autocommit(l.dbc, true);
    CHECK_TEXT(next(l.dbc, NULL), "notify_test=later");
    query(l.stmt, "select g, repeat('n', 100) from generate_series(1, 50000) g");
    run(other.stmt, "do $$begin perform pg_notify('notify_test', 'number ' || g) from generate_series(1, 1000) g; end$$");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    wait_up_to(l.dbc, 60000);
    for (int i = 1; i <= 1000; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "notify_test=number %d", i);
        CHECK_TEXT(next(l.dbc, NULL), wanted);
    }
    /* The longest there is. */
    run(other.stmt, "do $$begin perform pg_notify('notify_test', repeat('p', 7999)); end$$");
    CHECK_INT(strlen(next(l.dbc, NULL)), strlen("notify_test=") + 7999);
    run(l.stmt, "unlisten *");
    run(other.stmt, "notify notify_test");
    wait_up_to(l.dbc, 0);
    CHECK_TEXT(next(l.dbc, NULL), "");

    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, (SQLPOINTER)1, 0), "HY092");
    link_close(&other);
    link_close(&l);
    l = link_new(SQL_OV_ODBC3_80);
    CHECK_RC(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &value, 0, NULL), SQL_ERROR);
    link_close(&l);
}

/* More than are kept for one who never asks: the oldest give way, and that is told. */
static void too_many(void)
{
    if (under_valgrind()) {
        return;
    }
    struct link l = notify_link();
    SQLUINTEGER pid = 0;
    run(l.stmt, "listen notify_flood");
    run(l.stmt, "do $$begin perform pg_notify('notify_flood', repeat('f', 7000) || g) from generate_series(1, 3000) g; end$$");
    CHECK_INFO(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &pid, 0, NULL), "01000");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "lost");
    int left = 1;
    while (SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &pid, 0, NULL) == SQL_SUCCESS) {
        left++;
    }
    CHECK(left > 2000 && left < 3000);
    char last[16];
    char payload[9000];
    SQLINTEGER length = 0;
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD, payload, sizeof payload, &length));
    snprintf(last, sizeof last, "%s", payload + 7000);
    CHECK_TEXT(last, "3000");
    link_close(&l);
}

/* Whoever takes a connection from the driver manager's pool is not told what another has listened for. */
static void reset(void)
{
    struct link l = notify_link();
    SQLUINTEGER pid = 0;
    char text[64];
    run(l.stmt, "listen notify_test");
    run(l.stmt, "notify notify_test, 'first'");
    run(l.stmt, "notify notify_test, 'second'");
    CHECK_TEXT(next(l.dbc, NULL), "notify_test=first");
    wait_up_to(l.dbc, 60000);
    free_stmt(l.stmt); /* a pooled connection has none */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0));
    l.stmt = new_stmt(l.dbc);
    CHECK_RC(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &pid, 0, NULL), SQL_NO_DATA);
    CHECK_RC(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD, text, sizeof text, NULL), SQL_NO_DATA);
    link_close(&l);
}

static void lost(void)
{
    struct link l = notify_link();
    struct link other = notify_link();
    char sql[128];
    SQLUINTEGER pid = 0;
    run(l.stmt, "listen notify_test");
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)query_int(l.stmt, "select pg_backend_pid()"));
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    wait_up_to(l.dbc, 60000);
    double start = seconds_now();
    CHECK_STATE(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &pid, 0, NULL), "08S01");
    CHECK(seconds_now() - start < 30);
    CHECK_STATE(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &pid, 0, NULL), "08S01");
    link_close(&other);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"notifications are told one by one", told},
        {"more than are kept", too_many},
        {"a connection that is reset", reset},
        {"a server that is lost", lost},
    };
    return run_tests("notifications", tests, COUNT(tests));
}
