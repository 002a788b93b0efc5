/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, seen from a second connection: autocommit, SQLEndTran, isolation, failed statements and failed commits. */
#include "rows.h"

/* Turning autocommit on commits, which fails: the attribute stays as it is, and so does what it says of the next statements. */
static void refuses_autocommit(struct link *l, const char *state)
{
    SQLUINTEGER mode = 99;
    CHECK_STATE(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0), state);
    CHECK_OK(l->dbc, SQLGetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT, &mode, 0, NULL));
    CHECK_INT(mode, SQL_AUTOCOMMIT_OFF);
}

static struct link open_manual(const char *extra)
{
    struct link l = link_open(extra);
    set_autocommit(l.dbc, false);
    return l;
}

static SQLRETURN commit(struct link *l)
{
    return SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_COMMIT);
}

static SQLRETURN rollback(struct link *l)
{
    return SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_ROLLBACK);
}

/* A fresh table "txn_<name>", seen by all connections; dropped by `drop`. */
static void make(struct link *l, const char *definition)
{
    char sql[512];
    snprintf(sql, sizeof sql, "drop table if exists %.*s cascade", (int)strcspn(definition, " "), definition);
    run(l->stmt, sql);
    snprintf(sql, sizeof sql, "create table %s", definition);
    run(l->stmt, sql);
}

static void drop(struct link *l, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof sql, "drop table %s cascade", name);
    run(l->stmt, sql);
}

/* Is a transaction of the connection behind `l` open, as the server (through `other`) sees it? */
static bool in_transaction(const struct link *other, int64_t pid)
{
    char sql[128];
    snprintf(sql, sizeof sql, "select state like 'idle in transaction%%' from pg_stat_activity where pid = %lld", (long long)pid);
    return strcmp(query_text(other->stmt, sql), "1") == 0;
}

/* ---- autocommit and manual commit ---------------------------------------------------------------------------------- */

static void autocommit_on(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    SQLULEN mode = 99;
    make(&other, "txn_auto (a int)");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, &mode, 0, NULL));
    CHECK_INT(mode, SQL_AUTOCOMMIT_ON);
    run(l.stmt, "insert into txn_auto values (1)");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_auto"), 1);
    /* Nothing to end is no error, and undoes nothing. */
    CHECK_OK(l.dbc, commit(&l));
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_auto"), 1);
    /* Nor does a failed statement leave a transaction behind. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_auto values (1/0)"), "22012");
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_auto"), 1);
    int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
    CHECK(!in_transaction(&other, pid));
    drop(&l, "txn_auto");
    link_close(&other);
    link_close(&l);
}

static void manual_commit(void)
{
    struct link l = open_manual("");
    struct link other = link_open("");
    SQLULEN mode = 99;
    make(&other, "txn_manual (a int)");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, &mode, 0, NULL));
    CHECK_INT(mode, SQL_AUTOCOMMIT_OFF);

    run(l.stmt, "insert into txn_manual values (1)");
    run(l.stmt, "insert into txn_manual values (2)");
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_manual"), 2);
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_manual"), 0);
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_manual"), 0);

    run(l.stmt, "insert into txn_manual values (3)");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_manual"), 0);
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select a from txn_manual"), 3);

    /* Ended: nothing stays open on the server, and ending nothing again is fine. */
    int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
    CHECK(in_transaction(&other, pid));
    CHECK_OK(l.dbc, commit(&l));
    CHECK(!in_transaction(&other, pid));
    CHECK_OK(l.dbc, commit(&l));
    CHECK_OK(l.dbc, rollback(&l));

    /* A transaction begins with the first statement: not with the setting, a preparation or a catalog function, which applications call as soon as they are connected. */
    CHECK(!in_transaction(&other, pid));
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_WVARCHAR));
    CHECK(count_rows(l.stmt) > 0);
    CHECK(!in_transaction(&other, pid));
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("pg_class"), SQL_NTS, NULL, 0));
    CHECK(!in_transaction(&other, pid));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    CHECK_INT(count_rows(l.stmt), 1);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_READ_COMMITTED, 0));
    /* Within one it sees what that one has made. */
    run(l.stmt, "create table txn_unseen (a int)");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("txn_unseen"), SQL_NTS, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 1);
    CHECK(in_transaction(&other, pid));
    CHECK_OK(l.dbc, rollback(&l));

    /* Turning autocommit on commits. */
    run(l.stmt, "insert into txn_manual values (4)");
    set_autocommit(l.dbc, true);
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_manual"), 2);
    run(l.stmt, "insert into txn_manual values (5)");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_manual"), 3);

    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, 7), "HY012");
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)7, 0), "HY024");
    drop(&l, "txn_manual");
    link_close(&other);
    link_close(&l);
}

/* The attribute set before connecting holds from the first statement on. */
static void manual_before_connecting(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    struct link other = link_open("");
    make(&other, "txn_before (a int)");
    set_autocommit(l.dbc, false);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    run(l.stmt, "insert into txn_before values (1)");
    CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), "serializable");
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_before"), 0);
    CHECK_OK(l.dbc, rollback(&l));
    drop(&other, "txn_before");
    link_close(&other);
    link_close(&l);
}

static void not_connected(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_STATE(l.dbc, commit(&l), "08003");
    CHECK_OK(l.env, SQLEndTran(SQL_HANDLE_ENV, l.env, SQL_COMMIT)); /* none of its connections is open */
    CHECK_RC(NULL, SQLEndTran(SQL_HANDLE_DBC, SQL_NULL_HDBC, SQL_COMMIT), SQL_INVALID_HANDLE);
    link_close(&l);
}

/* SQLEndTran on the environment ends the transactions of all its connections. */
static void environment(void)
{
    struct link a = link_open("");
    struct link b = {.env = a.env};
    SQLHDBC idle = SQL_NULL_HDBC;
    struct link other = link_open("");
    make(&other, "txn_env (a int)");
    CHECK_OK(a.env, SQLAllocHandle(SQL_HANDLE_DBC, a.env, &b.dbc));
    CHECK_OK(a.env, SQLAllocHandle(SQL_HANDLE_DBC, a.env, &idle)); /* never connected: of no concern */
    CHECK_OK(b.dbc, try_connect(b.dbc, connstr(";")));
    b.stmt = new_stmt(b.dbc);
    set_autocommit(a.dbc, false);
    set_autocommit(b.dbc, false);

    run(a.stmt, "insert into txn_env values (1)");
    run(b.stmt, "insert into txn_env values (2)");
    CHECK_OK(a.env, SQLEndTran(SQL_HANDLE_ENV, a.env, SQL_ROLLBACK));
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_env"), 0);

    run(a.stmt, "insert into txn_env values (1)");
    run(b.stmt, "insert into txn_env values (2)");
    CHECK_OK(a.env, SQLEndTran(SQL_HANDLE_ENV, a.env, SQL_COMMIT));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_env"), 3);

    CHECK_OK(a.env, SQLFreeHandle(SQL_HANDLE_DBC, idle));
    free_stmt(b.stmt);
    CHECK_OK(b.dbc, SQLDisconnect(b.dbc));
    CHECK_OK(b.dbc, SQLFreeHandle(SQL_HANDLE_DBC, b.dbc));
    drop(&other, "txn_env");
    link_close(&other);
    link_close(&a);
}

/* ---- isolation and access mode -------------------------------------------------------------------------------------- */

static void isolation(void)
{
    static const struct {
        SQLULEN level;
        const char *name;
        bool sees_commits; /* of others, in mid-transaction */
    } levels[] = {
        {SQL_TXN_READ_UNCOMMITTED, "read uncommitted", true},
        {SQL_TXN_READ_COMMITTED, "read committed", true},
        {SQL_TXN_REPEATABLE_READ, "repeatable read", false},
        {SQL_TXN_SERIALIZABLE, "serializable", false},
    };
    struct link l = open_manual("");
    struct link other = link_open("");
    SQLULEN level = 0;
    make(&other, "txn_iso (a int)");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, &level, 0, NULL));
    CHECK_INT(level, SQL_TXN_READ_COMMITTED);
    for (size_t i = 0; i < COUNT(levels); i++) {
        run(other.stmt, "truncate txn_iso");
        CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)levels[i].level, 0));
        CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, &level, 0, NULL));
        CHECK_INT(level, levels[i].level);
        CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), levels[i].name);
        CHECK_INT(query_int(l.stmt, "select count(*) from txn_iso"), 0);
        run(other.stmt, "insert into txn_iso values (1)");
        CHECK_INT(query_int(l.stmt, "select count(*) from txn_iso"), levels[i].sees_commits ? 1 : 0);
        /* Not in mid-transaction. */
        CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_READ_COMMITTED, 0), "HY011");
        CHECK_OK(l.dbc, commit(&l));
        CHECK_INT(query_int(l.stmt, "select count(*) from txn_iso"), 1);
        CHECK_OK(l.dbc, rollback(&l));
    }
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)3, 0), "HY024");
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)0, 0), "HY024");
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)16, 0), "HY024");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, &level, 0, NULL));
    CHECK_INT(level, SQL_TXN_SERIALIZABLE); /* refused values change nothing */
    drop(&other, "txn_iso");
    link_close(&other);
    link_close(&l);
}

static void read_only(void)
{
    struct link l = link_open("");
    SQLUINTEGER mode = 99;
    make(&l, "txn_ro (a int)");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ACCESS_MODE, &mode, 0, NULL));
    CHECK_INT(mode, SQL_MODE_READ_WRITE);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_ONLY, 0));
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ACCESS_MODE, &mode, 0, NULL));
    CHECK_INT(mode, SQL_MODE_READ_ONLY);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_ro values (1)"), "25000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "read-only");
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_ro"), 0);

    /* In manual mode too; and in the transaction it cannot change. */
    set_autocommit(l.dbc, false);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_ro values (1)"), "25000");
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_ro"), 0);
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_WRITE, 0), "HY011");
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_WRITE, 0));
    run(l.stmt, "insert into txn_ro values (1)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_ro"), 1);
    CHECK_OK(l.dbc, rollback(&l));
    set_autocommit(l.dbc, true);

    struct link keyword = link_open("ReadOnly=1");
    CHECK_STATE(keyword.stmt, exec_direct(keyword.stmt, "insert into txn_ro values (1)"), "25000");
    CHECK_OK(keyword.dbc, SQLGetConnectAttr(keyword.dbc, SQL_ATTR_ACCESS_MODE, &mode, 0, NULL));
    CHECK_INT(mode, SQL_MODE_READ_ONLY);
    link_close(&keyword);
    drop(&l, "txn_ro");
    link_close(&l);
}

/* ---- failed statements ---------------------------------------------------------------------------------------------- */

/* STATEMENT, the default: only the failed statement is undone. */
static void rollback_statement(void)
{
    struct link l = open_manual("");
    struct link other = link_open("");
    make(&other, "txn_statement (a int unique, b int)");

    /* The first one of the transaction, later ones; by syntax, by type, by constraint; with and without parameters. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_statement values (1/0, 0)"), "22012");
    run(l.stmt, "insert into txn_statement values (1, 0)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_statement values (2, 0), (3, 0), (1, 0)"), "23000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insrt into txn_statement values (4, 0)"), "42000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select no_such_column from txn_statement"), "42S22");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select * from txn_no_such_table"), "42S02");
    run(l.stmt, "insert into txn_statement values (5, 0)");

    SQLINTEGER a = 1;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into txn_statement values (?, 1)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &a, 0, NULL));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "23000");
    a = 6;
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    /* An error behind delivered rows. */
    query(l.stmt, "select 1000 / (50000 - g) from generate_series(100, 60000) g");
    SQLRETURN rc = SQL_SUCCESS;
    while (rc == SQL_SUCCESS) {
        rc = SQLFetch(l.stmt);
    }
    CHECK_STATE(l.stmt, rc, "22012");
    SQLFreeStmt(l.stmt, SQL_CLOSE);
    CHECK_OK(l.dbc, commit(&l));
    CHECK_TEXT(query_text(other.stmt, "select string_agg(a::text, ',' order by a) from txn_statement"), "1,5,6");
    drop(&other, "txn_statement");
    link_close(&other);
    link_close(&l);
}

/* What refuses to run behind our savepoint runs without it: a snapshot for another session. */
static void exported_snapshot(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    make(&other, "txn_snapshot (a int)");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_REPEATABLE_READ, 0));
    set_autocommit(l.dbc, false);
    for (int way = 0; way < 4; way++) {
        char set[192];
        if (way % 2) {
            run(l.stmt, "insert into txn_snapshot values (1)"); /* it is not the first of the transaction */
        }
        if (way < 2) {
            CHECK_OK(l.stmt, exec_direct(l.stmt, "select pg_export_snapshot()"));
        } else {
            CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select pg_export_snapshot()"), SQL_NTS));
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
        }
        char name[64] = "";
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, name, sizeof name, NULL));
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        snprintf(set, sizeof set, "begin isolation level repeatable read; set transaction snapshot '%s'; select 1", name);
        run(other.stmt, set);
        run(other.stmt, "rollback");
        /* Errors cost what they did before. */
        CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1/0"), "22012");
        CHECK_INT(query_int(l.stmt, "select count(*) from txn_snapshot"), (way + 1) / 2);
        CHECK_OK(l.dbc, commit(&l));
    }
    drop(&other, "txn_snapshot");
    link_close(&other);
    link_close(&l);
}

/* TRANSACTION: the whole transaction is undone at once, and the next statement begins another one. */
static void rollback_transaction(void)
{
    struct link l = open_manual("ErrorRollback=TRANSACTION");
    struct link other = link_open("");
    make(&other, "txn_transaction (a int unique)");
    run(l.stmt, "insert into txn_transaction values (1)");
    int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_transaction values (2), (1)"), "23000");
    CHECK(!in_transaction(&other, pid));
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_transaction"), 0);
    run(l.stmt, "insert into txn_transaction values (3)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_transaction"), 3);
    drop(&other, "txn_transaction");
    link_close(&other);
    link_close(&l);
}

/* NONE: as the server does it: everything is refused until the rollback; a COMMIT is that rollback, and says so. */
static void rollback_none(void)
{
    struct link l = open_manual("ErrorRollback=NONE");
    struct link other = link_open("");
    make(&other, "txn_none (a int unique)");
    run(l.stmt, "insert into txn_none values (1)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (1)"), "23000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1"), "25000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (2)"), "25000");
    CHECK_STATE(l.dbc, commit(&l), "25S03");
    /* It is over: the next transaction is healthy. */
    run(l.stmt, "insert into txn_none values (3)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_none"), 3);

    /* Several statements in one text that begin the transaction are no exception. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (5); insert into txn_none values (3)"), "23000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1"), "25000");
    CHECK_STATE(l.dbc, commit(&l), "25S03");
    CHECK_OK(l.stmt, exec_direct(l.stmt, "insert into txn_none values (5); delete from txn_none where a = 5"));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_none"), 3);

    /* SQLEndTran(ROLLBACK) of a failed one is what it says. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (3)"), "23000");
    CHECK_OK(l.dbc, rollback(&l));
    /* COMMIT as text is told the same way. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (3)"), "23000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "/* all */ commit"), "25S03");
    run(l.stmt, "insert into txn_none values (4)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_none"), 7);
    /* Autocommit on commits, and that fails too. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (3)"), "23000");
    refuses_autocommit(&l, "25S03");
    run(l.stmt, "insert into txn_none values (5)");
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_none"), 7);
    /* A disconnect has nothing to lose in a failed transaction. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_none values (3)"), "23000");
    drop(&other, "txn_none");
    link_close(&other);
    link_close(&l);
}

/* ---- failed commits ------------------------------------------------------------------------------------------------- */

static void deferred_constraints(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    make(&l, "txn_deferred (a int unique deferrable initially deferred)");
    run(l.stmt, "insert into txn_deferred values (1)");

    /* Autocommit: the statement fails, although the server first says INSERT 0 1. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_deferred values (1)"), "23000");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_deferred"), 1);
    /* With rows: they come, then the error; never SQL_NO_DATA, as if all were well. */
    SQLRETURN rc = exec_direct(l.stmt, "insert into txn_deferred values (2), (1) returning a");
    SQLINTEGER rows = 0;
    while (rc == SQL_SUCCESS) {
        rc = SQLFetch(l.stmt);
        rows += rc == SQL_SUCCESS;
    }
    CHECK_STATE(l.stmt, rc, "23000");
    CHECK(rows == 0 || rows == 2);
    SQLFreeStmt(l.stmt, SQL_CLOSE);
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_deferred"), 1);

    /* Manual: the statement is fine, the commit is not; nothing is stored, and the transaction is over. */
    set_autocommit(l.dbc, false);
    run(l.stmt, "insert into txn_deferred values (5)");
    CHECK_OK(l.stmt, exec_direct(l.stmt, "insert into txn_deferred values (1)"));
    CHECK_STATE(l.dbc, commit(&l), "40002");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "txn_deferred_a_key");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_deferred"), 1);
    run(l.stmt, "insert into txn_deferred values (6)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_deferred"), 7);
    /* The COMMIT that comes with autocommit. */
    run(l.stmt, "insert into txn_deferred values (1)");
    refuses_autocommit(&l, "40002");
    run(l.stmt, "insert into txn_deferred values (7)");
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_deferred"), 7);
    /* COMMIT as text. */
    run(l.stmt, "insert into txn_deferred values (1)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "COMMIT"), "40002");
    /* Checked early: an ordinary failure of a statement, which is undone alone. */
    run(l.stmt, "insert into txn_deferred values (8)");
    run(l.stmt, "set constraints all immediate");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_deferred values (1)"), "23000");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_deferred"), 15);
    drop(&other, "txn_deferred");
    link_close(&other);
    link_close(&l);
}

static void serialization_failure(void)
{
    struct link a = link_open("");
    struct link b = link_open("");
    make(&a, "txn_serial (a int, n int)");
    run(a.stmt, "insert into txn_serial values (1, 0), (2, 0)");
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_REPEATABLE_READ, 0));
    set_autocommit(a.dbc, false);

    /* A row changed by another transaction that has committed since. */
    CHECK_INT(query_int(a.stmt, "select sum(n) from txn_serial"), 0);
    run(b.stmt, "update txn_serial set n = n + 1 where a = 1");
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "update txn_serial set n = n + 1 where a = 1"), "40001");
    CHECK_OK(a.dbc, rollback(&a));
    run(a.stmt, "update txn_serial set n = n + 1 where a = 1");
    CHECK_OK(a.dbc, commit(&a));
    CHECK_INT(query_int(b.stmt, "select n from txn_serial where a = 1"), 2);

    /* Write skew, found out by COMMIT itself or by a statement: 40001 either way. */
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    CHECK_OK(b.dbc, SQLSetConnectAttr(b.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    set_autocommit(b.dbc, false);
    CHECK_INT(query_int(a.stmt, "select sum(n) from txn_serial"), 2);
    CHECK_INT(query_int(b.stmt, "select sum(n) from txn_serial"), 2);
    run(a.stmt, "update txn_serial set n = 10 where a = 1");
    run(b.stmt, "update txn_serial set n = 10 where a = 2");
    CHECK_OK(b.dbc, commit(&b));
    CHECK_STATE(a.dbc, commit(&a), "40001");
    CHECK_INT(query_int(a.stmt, "select sum(n) from txn_serial"), 12);
    CHECK_OK(a.dbc, rollback(&a));

    /* A conflict that the other side resolves while we wait for its row lock is a plain update at READ COMMITTED. */
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_READ_COMMITTED, 0));
    run(b.stmt, "update txn_serial set n = 20 where a = 2");
    run(a.stmt, "set local lock_timeout = '200ms'");
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "update txn_serial set n = n + 1 where a = 2"), "HYT00");
    CHECK_OK(b.dbc, commit(&b));
    run(a.stmt, "update txn_serial set n = n + 1 where a = 2");
    CHECK_OK(a.dbc, commit(&a));
    CHECK_INT(query_int(a.stmt, "select n from txn_serial where a = 2"), 21);
    CHECK_OK(a.dbc, rollback(&a));
    drop(&b, "txn_serial");
    CHECK_OK(b.dbc, commit(&b));
    link_close(&b);
    link_close(&a);
}

/* ---- the application's own BEGIN, SAVEPOINT, COMMIT ------------------------------------------------------------------ */

static void own_begin(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    make(&l, "txn_text (a int unique)");
    int64_t pid = query_int(l.stmt, "select pg_backend_pid()");

    run(l.stmt, "-- mine\nbegin");
    run(l.stmt, "insert into txn_text values (1)");
    CHECK(in_transaction(&other, pid));
    /* Statement-level rollback protects this transaction too. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_text values (1)"), "23000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "selct"), "42000");
    run(l.stmt, "insert into txn_text values (2)");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_text"), 0);
    run(l.stmt, "commit");
    CHECK(!in_transaction(&other, pid));
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_text"), 2);

    run(l.stmt, "start transaction isolation level repeatable read, read only");
    CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), "repeatable read");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_text values (3)"), "25000");
    run(l.stmt, "/* done */ abort;");
    CHECK(!in_transaction(&other, pid));

    /* Begun as text, ended by the function. */
    run(l.stmt, "begin");
    run(l.stmt, "insert into txn_text values (4)");
    CHECK_OK(l.dbc, rollback(&l));
    CHECK(!in_transaction(&other, pid));
    run(l.stmt, "begin");
    run(l.stmt, "insert into txn_text values (5)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_text"), 8);

    /* Several statements in one text. */
    run(l.stmt, "begin; insert into txn_text values (6); insert into txn_text values (7); rollback");
    CHECK(!in_transaction(&other, pid));
    run(l.stmt, "begin; insert into txn_text values (8); commit; insert into txn_text values (9)");
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_text"), 25);
    /* Without transaction control a text takes effect whole or not at all. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_text values (10); insert into txn_text values (9)"), "23000");
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_text"), 25);
    CHECK(!in_transaction(&other, pid));

    /* Outside a transaction the server's word passes. */
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "savepoint s"), "25000");
    CHECK_INFO(l.stmt, exec_direct(l.stmt, "commit"), "01000");
    drop(&l, "txn_text");
    link_close(&other);
    link_close(&l);
}

static void own_savepoints(void)
{
    struct link l = open_manual("");
    struct link other = link_open("");
    make(&other, "txn_savepoint (a int unique)");
    run(l.stmt, "insert into txn_savepoint values (1)");
    run(l.stmt, "savepoint one");
    run(l.stmt, "insert into txn_savepoint values (2)");
    run(l.stmt, "savepoint two");
    run(l.stmt, "insert into txn_savepoint values (3)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_savepoint values (3)"), "23000");
    run(l.stmt, "rollback to two");
    run(l.stmt, "insert into txn_savepoint values (4)");
    run(l.stmt, "release savepoint two");
    run(l.stmt, "insert into txn_savepoint values (5)");
    CHECK_TEXT(query_text(l.stmt, "select string_agg(a::text, ',' order by a) from txn_savepoint"), "1,2,4,5");
    run(l.stmt, "rollback to one");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_TEXT(query_text(other.stmt, "select string_agg(a::text, ',') from txn_savepoint"), "1");

    /* The first statement of a transaction. */
    run(l.stmt, "savepoint first");
    run(l.stmt, "insert into txn_savepoint values (6)");
    run(l.stmt, "rollback to first");
    CHECK_OK(l.dbc, commit(&l));
    /* In mode NONE the application's savepoint is the only way back. */
    struct link none = open_manual("ErrorRollback=NONE");
    run(none.stmt, "insert into txn_savepoint values (7)");
    run(none.stmt, "savepoint mine");
    CHECK_STATE(none.stmt, exec_direct(none.stmt, "insert into txn_savepoint values (7)"), "23000");
    CHECK_STATE(none.stmt, exec_direct(none.stmt, "select 1"), "25000");
    run(none.stmt, "rollback to mine");
    CHECK_OK(none.dbc, commit(&none));
    CHECK_TEXT(query_text(other.stmt, "select string_agg(a::text, ',' order by a) from txn_savepoint"), "1,7");
    link_close(&none);
    drop(&other, "txn_savepoint");
    link_close(&other);
    link_close(&l);
}

/* Transaction control that fails, for a wrong name or as a whole wrong text, costs no more than any other failed statement: nothing. */
static void wrong_transaction_control(void)
{
    static const struct {
        const char *sql, *state;
    } wrong[] = {
        {"rollback to nowhere", "HY000"},  {"rollback to savepoint nowhere", "HY000"}, {"release nowhere", "HY000"},  {"release savepoint select", "42000"},
        {"rollback to 1", "42000"},        {"savepoint select", "42000"},              {"savepoint", "42000"},        {"commit now", "42000"},
        {"rollback please", "42000"},      {"begin again", "42000"},                   {"end it", "42000"},           {"set transaction mode", "42000"},
        {"set transaction isolation level high", "42000"},
    };
    struct link l = open_manual("");
    struct link other = link_open("");
    make(&other, "txn_wrong (a int)");
    for (size_t i = 0; i < COUNT(wrong); i++) {
        run(l.stmt, "insert into txn_wrong values (1)");
        run(l.stmt, "savepoint mine");
        run(l.stmt, "insert into txn_wrong values (2)");
        CHECK_STATE(l.stmt, exec_direct(l.stmt, wrong[i].sql), wrong[i].state);
        check_int(query_int(l.stmt, "select sum(a) from txn_wrong"), 3, wrong[i].sql, __FILE__, __LINE__);
        run(l.stmt, "rollback to mine");
        CHECK_OK(l.dbc, commit(&l));
        check_int(query_int(other.stmt, "select sum(a) from txn_wrong"), 1, wrong[i].sql, __FILE__, __LINE__);
        run(other.stmt, "truncate txn_wrong");
        /* As the first statement of a transaction it leaves none behind that would not take the next. */
        CHECK_STATE(l.stmt, exec_direct(l.stmt, wrong[i].sql), wrong[i].state);
        run(l.stmt, "insert into txn_wrong values (4)");
        CHECK_OK(l.dbc, commit(&l));
        check_int(query_int(other.stmt, "select sum(a) from txn_wrong"), 4, wrong[i].sql, __FILE__, __LINE__);
        run(other.stmt, "truncate txn_wrong");
    }
    drop(&other, "txn_wrong");
    link_close(&other);
    link_close(&l);
}

/* SET TRANSACTION must be the first thing in its transaction, and must outlive the statement. */
static void set_transaction(void)
{
    struct link l = open_manual("");
    make(&l, "txn_set (a int)");
    CHECK_OK(l.dbc, commit(&l));
    run(l.stmt, "set transaction isolation level serializable");
    CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), "serializable");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), "read committed");
    CHECK_OK(l.dbc, commit(&l));

    CHECK_INT(query_int(l.stmt, "select count(*) from txn_set"), 0);
    run(l.stmt, "SET /* inside */ TRANSACTION READ ONLY");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into txn_set values (1)"), "25000");
    CHECK_TEXT(query_text(l.stmt, "show transaction_read_only"), "on");
    CHECK_OK(l.dbc, rollback(&l));
    /* Too late: refused. Nothing can stand around it, so the transaction has failed. */
    run(l.stmt, "insert into txn_set values (1)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "set transaction isolation level serializable"), "25000");
    CHECK_STATE(l.dbc, commit(&l), "25S03");
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_set"), 0);
    CHECK_OK(l.dbc, commit(&l));
    /* SET LOCAL lasts as long as the transaction; SET survives its commit. */
    run(l.stmt, "set local statement_timeout = 12345");
    CHECK_TEXT(query_text(l.stmt, "show statement_timeout"), "12345ms");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_TEXT(query_text(l.stmt, "show statement_timeout"), "0");
    CHECK_OK(l.dbc, commit(&l));
    /* What cannot run in a transaction is refused as the server refuses it; the transaction lives. */
    run(l.stmt, "insert into txn_set values (2)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "vacuum txn_set"), "25000");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "create index concurrently on txn_set (a)"), "25000");
    run(l.stmt, "insert into txn_set values (3)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(l.stmt, "select sum(a) from txn_set"), 5);
    CHECK_OK(l.dbc, rollback(&l));
    set_autocommit(l.dbc, true);
    run(l.stmt, "vacuum txn_set");
    drop(&l, "txn_set");
    link_close(&l);
}

/* ---- definitions in transactions ------------------------------------------------------------------------------------- */

static void definitions(void)
{
    struct link l = open_manual("");
    struct link other = link_open("");
    run(other.stmt, "drop table if exists txn_ddl, txn_ddl2");
    run(l.stmt, "create table txn_ddl (a int)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "create table txn_ddl (a int)"), "42S01");
    run(l.stmt, "insert into txn_ddl values (1)");
    CHECK_INT(query_int(other.stmt, "select count(*) from pg_class where relname = 'txn_ddl'"), 0);
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select * from txn_ddl"), "42S02");

    run(l.stmt, "create table txn_ddl (a int)");
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_ddl"), 0);

    /* A prepared statement lives through a change of its table, and through the rollback of that change. */
    SQLHSTMT insert = new_stmt(l.dbc);
    SQLHSTMT select = new_stmt(l.dbc);
    SQLCHAR text[32] = "17";
    SQLSMALLINT columns = 0;
    CHECK_OK(insert, SQLPrepare(insert, T("insert into txn_ddl values (?)"), SQL_NTS));
    CHECK_OK(insert, SQLBindParameter(insert, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 32, 0, text, sizeof text, NULL));
    CHECK_OK(insert, SQLExecute(insert));
    CHECK_OK(select, SQLPrepare(select, T("select * from txn_ddl"), SQL_NTS));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(select, SQLExecute(select));
        CHECK_OK(select, SQLFetch(select));
        CHECK_OK(select, SQLCloseCursor(select));
    }
    CHECK_OK(l.dbc, commit(&l));
    run(l.stmt, "alter table txn_ddl alter a type text");
    run(l.stmt, "alter table txn_ddl add b int");
    memcpy(text, "words", 6);
    CHECK_OK(insert, SQLExecute(insert));
    CHECK_OK(select, SQLExecute(select));
    CHECK_OK(select, SQLNumResultCols(select, &columns));
    CHECK_INT(columns, 2);
    CHECK_OK(select, SQLCloseCursor(select));
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_OK(select, SQLExecute(select));
    CHECK_OK(select, SQLNumResultCols(select, &columns));
    CHECK_INT(columns, 1);
    CHECK_OK(select, SQLCloseCursor(select));
    CHECK_STATE(insert, SQLExecute(insert), "22018");
    memcpy(text, "18", 3);
    CHECK_OK(insert, SQLExecute(insert));
    CHECK_OK(l.dbc, commit(&l));
    CHECK_INT(query_int(other.stmt, "select sum(a) from txn_ddl"), 35);
    free_stmt(insert);
    free_stmt(select);
    drop(&other, "txn_ddl");
    link_close(&other);
    link_close(&l);
}

/* ---- disconnecting --------------------------------------------------------------------------------------------------- */

static void disconnect(void)
{
    struct link l = open_manual("");
    struct link other = link_open("");
    make(&other, "txn_disconnect (a int)");
    run(l.stmt, "insert into txn_disconnect values (1)");
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "25000");
    /* Still connected, still in its transaction, its statements alive. */
    CHECK_INT(query_int(l.stmt, "select count(*) from txn_disconnect"), 1);
    CHECK_OK(l.dbc, commit(&l));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    l.stmt = SQL_NULL_HSTMT;
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_disconnect"), 1);

    /* A read opens a transaction too; with its rows still coming just as much. */
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    set_autocommit(l.dbc, false); /* the driver manager forgets it with the connection */
    l.stmt = new_stmt(l.dbc);
    query(l.stmt, "select generate_series(1, 1000000)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "25000");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.dbc, rollback(&l));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    l.stmt = SQL_NULL_HSTMT;

    /* Autocommit: the application's own open transaction is rolled back by the server, as a lost connection's is. */
    set_autocommit(l.dbc, true);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    run(l.stmt, "begin");
    run(l.stmt, "insert into txn_disconnect values (2)");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    l.stmt = SQL_NULL_HSTMT;
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_disconnect"), 1);
    drop(&other, "txn_disconnect");
    link_close(&other);
    link_close(&l);
}

/* The link goes with a transaction open: 08S01, and the server has rolled it back. During COMMIT itself the outcome is unknown: 08007. */
static void lost_in_transaction(void)
{
    struct link l = open_manual("");
    struct link other = link_open("");
    char sql[96];
    make(&other, "txn_lost (a int)");
    run(l.stmt, "insert into txn_lost values (1)");
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)query_int(l.stmt, "select pg_backend_pid()"));
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    SQLRETURN rc = commit(&l);
    CHECK_RC(l.dbc, rc, SQL_ERROR);
    CHECK(strcmp(diag_state(l.dbc, 1), "08007") == 0 || strcmp(diag_state(l.dbc, 1), "08S01") == 0);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1"), "08S01");
    CHECK_INT(query_int(other.stmt, "select count(*) from txn_lost"), 0);
    CHECK_INFO(l.dbc, SQLDisconnect(l.dbc), "01002"); /* no 25000: there is nothing left to end */
    l.stmt = SQL_NULL_HSTMT;
    drop(&other, "txn_lost");
    link_close(&other);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"autocommit", autocommit_on},
        {"manual commit", manual_commit},
        {"set before connecting", manual_before_connecting},
        {"without a connection", not_connected},
        {"SQLEndTran on the environment", environment},
        {"isolation levels", isolation},
        {"read-only", read_only},
        {"ErrorRollback=STATEMENT", rollback_statement},
        {"an exported snapshot", exported_snapshot},
        {"ErrorRollback=TRANSACTION", rollback_transaction},
        {"ErrorRollback=NONE", rollback_none},
        {"deferred constraints", deferred_constraints},
        {"serialization failures", serialization_failure},
        {"BEGIN and COMMIT as text", own_begin},
        {"savepoints of the application", own_savepoints},
        {"transaction control that fails", wrong_transaction_control},
        {"SET TRANSACTION", set_transaction},
        {"definitions", definitions},
        {"SQLDisconnect", disconnect},
        {"a lost connection", lost_in_transaction},
    };
    return run_tests("transactions", tests, COUNT(tests));
}
