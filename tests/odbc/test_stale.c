/* SPDX-License-Identifier: Apache-2.0 */
/* What changes on the server under a statement that is prepared or described already: it goes on as if it had been prepared just now. */
#include "harness.h"

#include <pthread.h>
#include <stdlib.h>

/* A table that another connection may change while the statement of the first is prepared. */
static struct link begin(struct link *other, const char *columns, bool manual)
{
    char sql[256];
    struct link l = link_open("");
    *other = link_open("");
    run(other->stmt, "drop table if exists stale_test");
    snprintf(sql, sizeof sql, "create table stale_test (%s)", columns);
    run(other->stmt, sql);
    if (manual) {
        CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    }
    return l;
}

static void end(struct link *l, struct link *other)
{
    link_close(l);
    run(other->stmt, "drop table if exists stale_test");
    link_close(other);
}

static void commit(struct link *l)
{
    CHECK_OK(l->dbc, SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_COMMIT));
}

static void one_row(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct link other;
        struct link l = begin(&other, "a bigint", manual);
        SQLBIGINT value = 7;
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &value, 0, NULL));
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into stale_test values (?)"), SQL_NTS));
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        commit(&l);
        run(other.stmt, "alter table stale_test alter a type text");
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        commit(&l);
        CHECK_TEXT(query_text(other.stmt, "select string_agg(a, ',') from stale_test"), "7,7");
        end(&l, &other);
    }
}

enum { SETS = 5 };

struct array {
    SQLBIGINT values[SETS];
    SQLUSMALLINT status[SETS];
    SQLULEN processed;
};

static void bind_array(SQLHSTMT stmt, struct array *a)
{
    for (int i = 0; i < SETS; i++) {
        a->values[i] = i + 1;
    }
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, a->status, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &a->processed, 0));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, a->values, 0, NULL));
}

/* All sets ran: their sum is returned, and the table is empty again. */
static void check_array(struct link *l, struct link *other, struct array *a, bool results, SQLRETURN rc)
{
    check_rc(l->stmt, rc, SQL_SUCCESS, "the array", __FILE__, __LINE__);
    CHECK_INT(row_count(l->stmt), results ? 1 : SETS); /* of the first result set, or of all sets */
    CHECK_INT(a->processed, SETS);
    for (int i = 0; i < SETS; i++) {
        CHECK_INT(a->status[i], SQL_PARAM_SUCCESS);
    }
    CHECK_OK(l->stmt, SQLFreeStmt(l->stmt, SQL_CLOSE));
    commit(l);
    CHECK_INT(query_int(other->stmt, "select sum(a::text::numeric)::bigint from stale_test"), 15);
    run(other->stmt, "truncate stale_test");
}

static const char *const changes[] = {
    "alter table stale_test alter a type text using a::text",
    "alter table stale_test alter a type numeric(10,2) using a::numeric",
    "alter table stale_test add b int default 3",
    "alter table stale_test alter a type int using a::int",
    "alter table stale_test drop b",
    "drop table stale_test; create table stale_test (a varchar(20))",
};

static void arrays(void)
{
    static const char *const texts[] = {"insert into stale_test (a) values (?)", "insert into stale_test (a) values (?) returning *"};
    for (int way = 0; way < 4; way++) {
        struct link other;
        struct link l = begin(&other, "a bigint", way >= 2);
        struct array a;
        bind_array(l.stmt, &a);
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(texts[way % 2]), SQL_NTS));
        check_array(&l, &other, &a, way % 2 == 1, SQLExecute(l.stmt));
        for (size_t i = 0; i < COUNT(changes); i++) {
            run(other.stmt, changes[i]);
            check_array(&l, &other, &a, way % 2 == 1, SQLExecute(l.stmt));
        }
        end(&l, &other);
    }
}

/* In the middle of a transaction, by the transaction itself, and with work in it that must not be lost. */
static void inside_a_transaction(void)
{
    struct link other;
    struct link l = begin(&other, "a bigint", true);
    SQLHSTMT second = new_stmt(l.dbc);
    struct array a;
    bind_array(l.stmt, &a);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into stale_test (a) values (?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    for (size_t i = 0; i < COUNT(changes) - 1; i++) {
        run(second, changes[i]);
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
    }
    commit(&l);
    CHECK_INT(query_int(other.stmt, "select count(*) from stale_test"), SETS * (int64_t)COUNT(changes));
    free_stmt(second);
    end(&l, &other);
}

/* What a change makes impossible is an error of the statement, with the transaction's earlier work kept. */
static void no_longer_possible(void)
{
    struct link other;
    struct link l = begin(&other, "a bigint", true);
    SQLHSTMT second = new_stmt(l.dbc);
    struct array a;
    run(second, "create temp table kept (a int)");
    bind_array(l.stmt, &a);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into stale_test (a) values (?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    commit(&l);
    run(second, "insert into kept values (1)");
    run(second, "alter table stale_test rename a to z");
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "42S22");
    CHECK_INT(query_int(second, "select count(*) from kept"), 1);
    run(second, "alter table stale_test rename z to a");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    commit(&l);
    CHECK_INT(query_int(other.stmt, "select count(*) from stale_test"), 2 * SETS);
    free_stmt(second);
    end(&l, &other);
}

/* Names that the driver gave are forgotten behind its back. */
static void names_are_lost(void)
{
    static const char *const texts[] = {"insert into stale_test (a) values (?)", "insert into stale_test (a) values (?) returning *",
                                        "insert into stale_test (a) values (?); select count(*) from stale_test"};
    for (int way = 0; way < 6; way++) {
        struct link other;
        struct link l = begin(&other, "a bigint", way >= 3);
        SQLHSTMT second = new_stmt(l.dbc);
        struct array a;
        bind_array(l.stmt, &a);
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(texts[way % 3]), SQL_NTS));
        for (int i = 0; i < 3; i++) {
            check_array(&l, &other, &a, way % 3 > 0, SQLExecute(l.stmt));
            run(second, "do $$ begin execute 'deallocate all'; end $$");
            commit(&l); /* inside a transaction the lost savepoint would be its end */
        }
        CHECK_INT(query_int(second, "select 42"), 42);
        free_stmt(second);
        end(&l, &other);
    }
}

struct execution {
    struct link link;
    const char *sql;
    SQLRETURN rc;
    pthread_t thread;
};

static void *execute(void *ctx)
{
    struct execution *e = ctx;
    e->rc = SQLExecDirect(e->link.stmt, T(e->sql), SQL_NTS);
    return NULL;
}

static void start(struct execution *e, struct link *watch)
{
    int64_t pid = query_int(e->link.stmt, "select pg_backend_pid()");
    CHECK_INT(pthread_create(&e->thread, NULL, execute, e), 0);
    await_waiting(watch->stmt, pid);
}

/* A text that is run once is described first: what it speaks of is altered by one who waits for the lock behind the description. */
static void between_description_and_execution(void)
{
    static const char *const alters[] = {"alter table stale_test alter a type text", "alter table stale_test add b regtype default 'int4'"};
    for (size_t i = 0; i < 2 * COUNT(alters); i++) {
        struct link lock, watch = link_open("");
        struct execution reader = {.link = begin(&lock, "a int", i % 2), .sql = "select * from stale_test"};
        struct execution ddl = {.link = link_open(""), .sql = alters[i / 2]};
        char got[16];
        run(lock.stmt, "insert into stale_test values (7)");
        CHECK_OK(lock.dbc, SQLSetConnectAttr(lock.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
        run(lock.stmt, "lock table stale_test");
        run(reader.link.stmt, "select 1"); /* whether there is a pooler is known */
        commit(&reader.link);
        start(&reader, &watch);
        start(&ddl, &watch);
        commit(&lock);
        CHECK_INT(pthread_join(reader.thread, NULL), 0);
        CHECK_INT(pthread_join(ddl.thread, NULL), 0);
        CHECK_OK(ddl.link.stmt, ddl.rc);
        CHECK_OK(reader.link.stmt, reader.rc);
        CHECK_OK(reader.link.stmt, SQLFetch(reader.link.stmt));
        CHECK_OK(reader.link.stmt, SQLGetData(reader.link.stmt, 1, SQL_C_CHAR, got, sizeof got, NULL));
        CHECK_TEXT(got, "7");
        if (i / 2 == 1) {
            CHECK_OK(reader.link.stmt, SQLGetData(reader.link.stmt, 2, SQL_C_CHAR, got, sizeof got, NULL));
            CHECK_TEXT(got, "integer");
        }
        link_close(&ddl.link);
        link_close(&watch);
        end(&reader.link, &lock);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"one row", one_row},
        {"arrays", arrays},
        {"inside a transaction", inside_a_transaction},
        {"no longer possible", no_longer_possible},
        {"names are lost", names_are_lost},
        {"between description and execution", between_description_and_execution},
    };
    return run_tests("changes under a statement", tests, COUNT(tests));
}
