/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: what is known of a statement ahead of its execution, the types of parameters, and what happens when the knowledge has grown old. */
#include "pg_support.h"

static const int modes[] = {ALDB_ROLLBACK_STATEMENT, ALDB_ROLLBACK_TRANSACTION, ALDB_ROLLBACK_NONE};

/* ------------------------------------------------------------------ describing */

static void test_describe(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_plan *p;
    OBSERVE("create table described (id bigint, name varchar(20), price numeric(8, 3), kind regclass)");
    if (OK(pgt_plan(s, "select name, price, id + $1 as sum from described where id = $2 and name like $3 limit $4", 4, NULL, &p))) {
        SAME(p->nparams, 4);
        SAME(p->param_oids[0], ALDB_OID_INT8);
        SAME(p->param_oids[1], ALDB_OID_INT8);
        SAME(p->param_oids[2], ALDB_OID_TEXT);
        SAME(p->param_oids[3], ALDB_OID_INT8);
        if (SAME(p->ncolumns, 3)) {
            SAME_TEXT(p->columns[0].name, "name");
            SAME(p->columns[0].typmod, 24);
            SAME(p->columns[0].attnum, 2);
            SAME(p->columns[1].oid, ALDB_OID_NUMERIC);
            SAME_TEXT(p->columns[2].name, "sum");
            SAME(p->columns[2].table_oid, 0);
        }
    }
    aldb_plan_release(p);

    if (OK(pgt_plan(s, "insert into described (id, name, price) values ($1, $2, $3)", 3, NULL, &p))) {
        SAME(p->ncolumns, 0);
        SAME(p->param_oids[0], ALDB_OID_INT8);
        SAME(p->param_oids[1], ALDB_OID_VARCHAR);
        SAME(p->param_oids[2], ALDB_OID_NUMERIC);
    }
    aldb_plan_release(p);

    FAILS(pgt_plan(s, "select $1 + $2", 2, NULL, &p), "42000"); /* nothing says which + */
    TRUE(p == NULL);
    FAILS(pgt_plan(s, "select * from no_such_table", 0, NULL, &p), "42S02");
    TRUE(p == NULL);
    FAILS(pgt_plan(s, "selec $1", 1, NULL, &p), "42000");
    USABLE(s);

    /* Outlives its session. */
    OK(pgt_plan(s, "select 1 as one where $1 = 2", 1, NULL, &p));
    struct aldb_plan *more = aldb_plan_ref(p);
    aldb_session_close(s);
    SAME_TEXT(p->columns[0].name, "one");
    aldb_plan_release(p);
    SAME(more->param_oids[0], ALDB_OID_INT4);
    aldb_plan_release(more);
    aldb_plan_release(NULL);
}

/* ------------------------------------------------------------------ types of parameters */

#define I4 ALDB_OID_INT4
#define I8 ALDB_OID_INT8
#define CH 0u

static void test_parameter_types(void)
{
    static const struct {
        const char *sql;
        uint32_t n, declared[3];
        const char *values[3];
        const char *answer;
    } cases[] = {
        /* untyped falls to text: numbers must not compare as text */
        {"select $1 < $2", 2, {I4, I4}, {"10", "9"}, "f"},
        {"select $1 < $2", 2, {I8, I4}, {"10", "9"}, "f"},
        {"select $1 < $2", 2, {CH, CH}, {"10", "9"}, "t"}, /* and text must */
        {"select greatest($1, $2)", 2, {I4, I4}, {"10", "9"}, "10"},
        {"select fo($1)", 1, {I4}, {"10"}, "int"},
        {"select fo($1)", 1, {CH}, {"10"}, "text"},
        {"select $1", 1, {I4}, {"7"}, "7"},
        {"select pg_typeof($1)::text", 1, {I4}, {"7"}, "integer"},
        {"select pg_typeof($1)::text", 1, {ALDB_OID_BOOL}, {"t"}, "boolean"},
        {"select pg_typeof($1)::text", 1, {ALDB_OID_DATE}, {"2020-01-01"}, "date"},
        /* the server cannot decide */
        {"select $1 is null", 1, {I4}, {NULL}, "t"},
        {"select $1 + $2", 2, {I4, I4}, {"10", "9"}, "19"},
        {"select mod($1, $2)::text", 2, {I4, I4}, {"10", "4"}, "2"},
        {"select (date '2020-01-01' + $1)::text", 1, {I4}, {"31"}, "2020-02-01"},
        {"select count($1)", 1, {I4}, {"1"}, "1"},
        {"select $1 = $1 and id = $1 from one", 1, {I4}, {"1"}, "t"},
        {"select extract(year from $1)::text", 1, {ALDB_OID_TIMESTAMP}, {"2020-02-03 04:05:06"}, "2020"},
        /* what a declared type would break stays inferred */
        {"select substr('abcdef', $1)", 1, {I8}, {"3"}, "cdef"},
        {"select id from one where name = $1", 1, {I4}, {"5"}, "(none)"},
        {"select id from one where born = $1", 1, {CH}, {"2020-01-01"}, "1"},
        {"select id from one where flag = $1", 1, {I4}, {"1"}, "1"},
        {"select id from one where id = any($1)", 1, {CH}, {"{1,2}"}, "1"},
        {"select id from one where id in ($1, $2)", 2, {I8, ALDB_OID_NUMERIC}, {"1", "2"}, "1"},
        {"select id from one limit $1", 1, {I4}, {"1"}, "1"},
        {"select doc->>$1 from one", 1, {CH}, {"k"}, "v"},
        {"select id from one where kind = $1", 1, {CH}, {"b"}, "1"},
        {"select id from one where code = $1", 1, {CH}, {"ab"}, "1"}, /* char(4): blanks do not matter */
    };
    struct aldb_session *s = pgt_open();
    OBSERVE("create function fo(text) returns text language sql as $$ select 'text'::text $$");
    OBSERVE("create function fo(int) returns text language sql as $$ select 'int'::text $$");
    OBSERVE("create type kind as enum ('a', 'b')");
    OBSERVE("create table one (id int, name text, born date, flag bool, doc jsonb, kind kind, code char(4))");
    OBSERVE("insert into one values (1, 'n', '2020-01-01', true, '{\"k\":\"v\"}', 'b', 'ab')");
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
            struct aldb_plan *p;
            struct aldb_exec e;
            struct pgt_values v;
            if (!OK(pgt_plan(s, cases[i].sql, cases[i].n, cases[i].declared, &p))) {
                printf("  case %zu: %s\n", i, cases[i].sql);
                continue;
            }
            pgt_bind(&v, cases[i].n, cases[i].values[0], cases[i].values[1], cases[i].values[2]);
            bool ok = OK(pgt_start_plan(&e, s, p, &v.params));
            if (ok) {
                enum aldb_rc rc = pgt_next(&e);
                ok = SAME_TEXT(rc == ALDB_NO_DATA ? "(none)" : pgt_cell(&e, 0), cases[i].answer);
            }
            if (!ok) {
                printf("  case %zu: %s\n", i, cases[i].sql);
            }
            OK(pgt_close(&e));
            aldb_plan_release(p);
        }
    }
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    aldb_session_close(s);
}

/* A value beyond the inferred type: planned once more with the type it was declared with. */
static void test_forced_types(void)
{
    struct aldb_session *s = pgt_open();
    OBSERVE("create table narrow (id int)");
    OBSERVE("insert into narrow values (3)");
    uint32_t declared[] = {ALDB_OID_INT8};
    struct aldb_plan_request req = {.sql = aldb_slice_of("select id from narrow where id < $1"), .nparams = 1, .declared = declared};
    struct aldb_plan *inferred = NULL, *forced = NULL;
    struct aldb_exec e;
    struct pgt_values v;
    OK(aldb_plan_get(s, &req, &pgt_forever, &inferred, DIAG));
    SAME(inferred->param_oids[0], ALDB_OID_INT4);
    req.force = declared;
    OK(aldb_plan_get(s, &req, &pgt_forever, &forced, DIAG));
    SAME(forced->param_oids[0], ALDB_OID_INT8);
    OK(pgt_start_plan(&e, s, forced, pgt_bind(&v, 1, "3000000000")));
    OK(pgt_next(&e));
    SAME(pgt_number(&e, 0), 3);
    OK(pgt_close(&e));
    FAILS(pgt_do_plan(s, inferred, pgt_bind(&v, 1, "3000000000")), "22003");
    /* The plain question is still answered by inference. */
    struct aldb_plan *again = NULL;
    req.force = NULL;
    OK(aldb_plan_get(s, &req, &pgt_forever, &again, DIAG));
    SAME(again->param_oids[0], ALDB_OID_INT4);
    aldb_plan_release(inferred);
    aldb_plan_release(forced);
    aldb_plan_release(again);
    aldb_session_close(s);
}

static void test_binary_parameters(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_plan *p;
    struct aldb_exec e;
    const char *values[] = {"\x00\x00\x00\x05", "\x00\xff\x00", "text"};
    int lengths[] = {4, 3, 4}, formats[] = {1, 1, 0};
    struct aldb_params params = {3, values, lengths, formats};
    OK(pgt_plan(s, "select $1::int4 * 2, octet_length($2::bytea), $3::text", 3, NULL, &p));
    OK(pgt_start_plan(&e, s, p, &params));
    OK(pgt_next(&e));
    SAME(pgt_number(&e, 0), 10);
    SAME(pgt_number(&e, 1), 3);
    SAME_TEXT(pgt_cell(&e, 2), "text");
    OK(pgt_close(&e));
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_most_parameters(void)
{
    enum { N = 65535 };
    struct aldb_buf sql;
    const char **values = calloc(N, sizeof *values);
    int *lengths = calloc(N, sizeof *lengths), *formats = calloc(N, sizeof *formats);
    aldb_buf_init(&sql, ALDB_MAX_SQL);
    aldb_buf_add_str(&sql, "select cardinality(array[$1::int");
    for (int i = 2; i <= N; i++) {
        aldb_buf_addf(&sql, ",$%d", i);
    }
    aldb_buf_add_str(&sql, "])");
    for (int i = 0; i < N; i++) {
        values[i] = "5";
        lengths[i] = 1;
    }
    /* Named and not, outside of a transaction and in one. */
    for (int way = 0; way < 4; way++) {
        struct aldb_session_options o = pgt_options();
        struct aldb_plan *p = NULL;
        struct aldb_exec e;
        struct aldb_params params = {N, values, lengths, formats};
        o.server_prepare = way % 2 == 0;
        struct aldb_session *s = pgt_open_with(&o);
        if (way >= 2) {
            OK(pgt_start(&e, s, "begin"));
            OK(pgt_close(&e));
        }
        if (OK(pgt_plan(s, aldb_buf_cstr(&sql), N, NULL, &p))) {
            SAME(p->param_oids[0], ALDB_OID_INT4);
            SAME(p->param_oids[N - 1], ALDB_OID_INT4);
            TRUE(p->undescribed || p->ncolumns == 1);
            OK(pgt_start_plan(&e, s, p, &params));
            OK(pgt_next(&e));
            SAME(pgt_number(&e, 0), N);
            OK(pgt_close(&e));
        }
        aldb_plan_release(p);
        SAME_TEXT(pgt_ask(s, "select count(*)::text from pg_prepared_statements where name like '%\\_t%'"), "0");
        aldb_session_close(s);
    }
    aldb_buf_clear(&sql);
    free(values);
    free(lengths);
    free(formats);
}

/* ------------------------------------------------------------------ the cache */

#define HELD(s, like) (int)strtol(pgt_ask(s, "select count(*) from pg_prepared_statements where statement like '" like "'"), NULL, 10)

static void test_cache(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_plan *p, *q;
    char name[64];
    OK(pgt_plan(s, "select 'reused'::text, $1::int", 1, NULL, &p));
    SAME(HELD(s, "select ''reused%"), 1);
    aldb_copy(name, sizeof name, aldb_slice_of(p->server_name));
    TRUE(name[0] != '\0');
    OK(pgt_plan(s, "select 'reused'::text, $1::int", 1, NULL, &q));
    SAME_TEXT(q->server_name, name);
    aldb_plan_release(q);
    struct pgt_values v;
    for (int i = 0; i < 10; i++) {
        OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
    }
    SAME(HELD(s, "select ''reused%"), 1);

    /* Bounded, and what was pushed out while in use still executes. */
    for (int i = 0; i < 200; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "select 'filler %d'::text, $1::int", i);
        OK(pgt_plan(s, sql, 1, NULL, &q));
        OK(pgt_do_plan(s, q, pgt_bind(&v, 1, "6")));
        aldb_plan_release(q);
    }
    int held = HELD(s, "select ''%");
    TRUE(held <= 65 && held >= 32);
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
    aldb_plan_release(p);

    /* Long texts would make a large cache: they go with the last statement that uses them. */
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    aldb_buf_add_str(&text, "select 'long'::text, $1::int, '");
    for (int i = 0; i < 70000; i++) {
        aldb_buf_add_char(&text, 'x');
    }
    aldb_buf_add_char(&text, '\'');
    OK(pgt_plan(s, aldb_buf_cstr(&text), 1, NULL, &p));
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
    SAME(HELD(s, "select ''long%"), 1);
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
    aldb_plan_release(p);
    OK(pgt_plan(s, "select 'next'::text, $1::int", 1, NULL, &p)); /* names are given up when another is made */
    SAME(HELD(s, "select ''long%"), 0);
    aldb_plan_release(p);
    aldb_buf_clear(&text);

    /* Another declared class is another plan. */
    uint32_t ints[] = {I4}, chars[] = {CH};
    struct aldb_plan *as_int, *as_text;
    OK(pgt_plan(s, "select $1", 1, ints, &as_int));
    OK(pgt_plan(s, "select $1", 1, chars, &as_text));
    SAME(as_int->param_oids[0], ALDB_OID_INT4);
    SAME(as_text->param_oids[0], ALDB_OID_TEXT);
    aldb_plan_release(as_int);
    aldb_plan_release(as_text);
    aldb_session_close(s);
}

static void test_without_server_prepare(void)
{
    struct aldb_session_options o = pgt_options();
    o.server_prepare = false;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_plan *p;
    struct pgt_values v;
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_plan(s, "select 'unnamed'::text, $1::int", 1, NULL, &p));
        SAME(p->ncolumns, 2);
        SAME_TEXT(p->server_name, "");
        OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
        OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "6")));
        SAME(HELD(s, "select ''unnamed%"), 0);
        aldb_plan_release(p);
    }
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    aldb_session_close(s);
}

/* A plan of one session is only knowledge for another. */
static void test_foreign_plan(void)
{
    struct aldb_session *s = pgt_open(), *t = pgt_open();
    struct aldb_plan *p;
    struct pgt_values v;
    OK(pgt_plan(s, "select $1::int + 1", 1, NULL, &p));
    OK(pgt_do_plan(t, p, pgt_bind(&v, 1, "5")));
    USABLE(t);
    aldb_plan_release(p);
    aldb_session_close(s);
    aldb_session_close(t);
}

/* ------------------------------------------------------------------ a guess that fails harms no transaction */

static void test_describe_inside_transaction(void)
{
    for (size_t m = 0; m < ALDB_COUNT(modes); m++) {
        struct aldb_session *s = pgt_open_manual(modes[m]);
        struct aldb_plan *p;
        OBSERVE("drop table if exists guarded; create table guarded (id int)");
        FAILS(pgt_plan(s, "select $1 + $2", 2, NULL, &p), "42000"); /* before the first statement */
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        OK(pgt_do(s, "insert into guarded values (1)"));
        FAILS(pgt_plan(s, "select $1 + $2", 2, NULL, &p), "42000");
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        FAILS(pgt_plan(s, "select * from no_such_table", 0, NULL, &p), "42S02");
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        /* The second try, with what was declared, after the first failed. */
        uint32_t declared[] = {I4, I4};
        struct pgt_values v;
        OK(pgt_plan(s, "select $1 + $2", 2, declared, &p));
        OK(pgt_do_plan(s, p, pgt_bind(&v, 2, "1", "2")));
        aldb_plan_release(p);
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        OK(pgt_do(s, "insert into guarded values (2)"));
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SEES("guarded", "1,2");
        aldb_session_close(s);
    }
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    struct aldb_plan *p;
    OK(pgt_do(s, "select 1"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    FAILS(pgt_plan(s, "select 2", 0, NULL, &p), "25000");
    OK(aldb_session_end(s, false, &pgt_forever, DIAG));
    OK(pgt_plan(s, "select 2", 0, NULL, &p));
    aldb_plan_release(p);
    aldb_session_close(s);
}

/* The user's own savepoints and read-only setting survive a look ahead. */
static void test_describe_beside_savepoints(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_plan *p;
    OBSERVE("create table beside (id int)");
    OK(pgt_do(s, "insert into beside values (1)"));
    OK(pgt_do(s, "savepoint mine"));
    OK(pgt_do(s, "insert into beside values (2)"));
    OK(pgt_plan(s, "select id from beside", 0, NULL, &p));
    aldb_plan_release(p);
    FAILS(pgt_plan(s, "select nothing from beside", 0, NULL, &p), "42S22");
    OK(pgt_do(s, "rollback to mine"));
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("beside", "1");
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ knowledge that has grown old */

static const struct {
    const char *change;
    uint16_t columns;
    uint32_t last;
} changes[] = {
    {"alter table aged add column more text", 2, ALDB_OID_TEXT},
    {"alter table aged alter column id type bigint", 1, ALDB_OID_INT8},
    {"alter table aged alter column id type varchar(9)", 1, ALDB_OID_VARCHAR},
    {"drop table aged; create table aged (id int, kind regclass); insert into aged values (1, 'pg_class')", 2, 2205},
};

static void test_result_changes(void)
{
    for (size_t i = 0; i < ALDB_COUNT(changes); i++) {
        for (int manual = 0; manual < 2; manual++) {
            struct aldb_session *s = pgt_open();
            struct aldb_plan *p;
            struct aldb_exec e;
            OBSERVE("drop table if exists aged, witness; create table witness (id int); create table aged (id int)");
            OBSERVE("insert into aged values (1)");
            OK(pgt_plan(s, "select * from aged", 0, NULL, &p));
            OK(pgt_do_plan(s, p, NULL));
            OK(pgt_do_plan(s, p, NULL));
            if (manual) {
                OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
                OK(pgt_do(s, "insert into witness values (1)"));
            }
            OBSERVE("%s", changes[i].change);
            if (OK(pgt_start_plan(&e, s, p, NULL)) && SAME(e.ncolumns, changes[i].columns)) {
                SAME(e.columns[e.ncolumns - 1].oid, changes[i].last);
                OK(pgt_next(&e));
                SAME_TEXT(pgt_cell(&e, 0), "1");
                IS_RC(pgt_next(&e), ALDB_NO_DATA);
            }
            OK(pgt_close(&e));
            OK(pgt_do_plan(s, p, NULL));
            SAME(p->ncolumns, 1); /* a plan does not change under its readers */
            SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
            OK(aldb_session_end(s, true, &pgt_forever, DIAG));
            SEES("witness", manual ? "1" : "");
            aldb_plan_release(p);
            aldb_session_close(s);
        }
    }
}

/* As the first statement of a transaction, and where no savepoint is set: either it is done again or it is reported; nothing else is harmed. */
static void test_result_changes_unguarded(void)
{
    for (size_t m = 0; m < ALDB_COUNT(modes); m++) {
        struct aldb_session *s = pgt_open();
        struct aldb_session_options o = pgt_options();
        aldb_session_close(s);
        o.error_rollback = modes[m];
        s = pgt_open_with(&o);
        struct aldb_plan *p;
        OBSERVE("drop table if exists aged; create table aged (id int); insert into aged values (1)");
        OK(pgt_plan(s, "select * from aged", 0, NULL, &p));
        OK(pgt_do_plan(s, p, NULL));
        OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
        OBSERVE("alter table aged add column more text");
        enum aldb_rc rc = pgt_do_plan(s, p, NULL);
        if (rc == ALDB_ERR) {
            SAME_TEXT(pgt_state(&pgt.diag), "HY000");
        }
        OK(aldb_session_end(s, false, &pgt_forever, DIAG));
        OK(pgt_do_plan(s, p, NULL));
        aldb_plan_release(p);
        aldb_session_close(s);
    }
}

static void forget(struct aldb_session *s, const char *how)
{
    struct aldb_plan *p, *q;
    struct pgt_values v;
    OK(pgt_plan(s, "select $1::int + 1", 1, NULL, &p));
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
    OK(pgt_do(s, how));
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "6")));
    OK(pgt_plan(s, "select $1::int + 1", 1, NULL, &q));
    OK(pgt_do_plan(s, q, pgt_bind(&v, 1, "7")));
    aldb_plan_release(q);
    aldb_plan_release(p);
}

#define HIDDEN "do $$ begin execute 'deallocate all'; end $$" /* nobody can tell from the text or the tag */

static void test_server_forgets(void)
{
    struct aldb_session *s = pgt_open();
    forget(s, "discard all");
    forget(s, "deallocate all");
    forget(s, HIDDEN);
    USABLE(s);
    aldb_session_close(s);

    s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    OBSERVE("create table remembered (id int)");
    OK(pgt_do(s, "insert into remembered values (1)"));
    forget(s, "deallocate all");
    OK(pgt_do(s, "insert into remembered values (2)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("remembered", "1,2");

    /* Hidden from view, so that our savepoints are gone too: earlier work is kept all the same. */
    OK(pgt_do(s, "insert into remembered values (3)"));
    OK(pgt_do(s, HIDDEN));
    OK(pgt_do(s, "insert into remembered values (4)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("remembered", "1,2,3,4");
    aldb_session_close(s);
}

struct encoder {
    struct aldb_plan *plan; /* kept */
    int calls;
    struct pgt_values v;
};

static enum aldb_rc encode_anew(void *ctx, struct aldb_plan *plan, struct aldb_params *out)
{
    struct encoder *enc = ctx;
    enc->calls++;
    aldb_plan_release(enc->plan);
    enc->plan = aldb_plan_ref(plan);
    *out = *pgt_bind(&enc->v, 1, plan->param_oids[0] == ALDB_OID_TEXT ? "a text" : "77");
    return ALDB_OK;
}

/* The column was altered: a parameter's remembered type no longer fits. The parameters are encoded anew where there is an encoder. */
static void test_stale_parameter_type(void)
{
    for (int round = 0; round < 4; round++) {
        bool manual = round & 1, encodes = round & 2;
        struct aldb_session *s = pgt_open();
        struct aldb_plan *p;
        struct encoder enc = {0};
        struct pgt_values v;
        OBSERVE("drop table if exists altered, witness; create table altered (id bigint); create table witness (id int)");
        OK(pgt_plan(s, "insert into altered values ($1)", 1, NULL, &p));
        SAME(p->param_oids[0], ALDB_OID_INT8);
        OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
        OBSERVE("alter table altered alter column id type text");
        if (manual) {
            OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
            OK(pgt_do(s, "insert into witness values (1)"));
        }
        struct aldb_exec_request req = pgt_plan_request(p, pgt_bind(&v, 1, "abc"));
        if (encodes) {
            req.replanned = encode_anew;
            req.replanned_ctx = &enc;
        }
        OK(pgt_do_wait(s, &req, &pgt_forever));
        SAME(enc.calls, encodes ? 1 : 0);
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SEES("altered", encodes ? "5,a text" : "5,abc");
        SEES("witness", manual ? "1" : "");
        aldb_plan_release(enc.plan);
        aldb_plan_release(p);

        /* A wrong value stays wrong, once. */
        OK(pgt_plan(s, "insert into witness values ($1)", 1, NULL, &p));
        FAILS(pgt_do_plan(s, p, pgt_bind(&v, 1, "abc")), "22018");
        SAME(aldb_diag_count(&pgt.diag), 1);
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SEES("witness", manual ? "1" : "");
        aldb_plan_release(p);
        aldb_session_close(s);
    }
}

/* DDL of the session's own, rolled back: descriptions of what never came to be are not kept. */
static void test_rolled_back_ddl(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_plan *p;
    OBSERVE("create table undone (id int)");
    OK(pgt_do(s, "alter table undone add column more text"));
    OK(pgt_plan(s, "select * from undone", 0, NULL, &p));
    SAME(p->ncolumns, 2);
    OK(pgt_do_plan(s, p, NULL));
    aldb_plan_release(p);
    OK(aldb_session_end(s, false, &pgt_forever, DIAG));
    OK(pgt_plan(s, "select * from undone", 0, NULL, &p));
    SAME(p->ncolumns, 1);
    OK(pgt_do_plan(s, p, NULL));
    aldb_plan_release(p);
    aldb_session_close(s);
}

int main(void)
{
    CU_TestInfo describing[] = {
        {"describe", test_describe},
        {"parameter types", test_parameter_types},
        {"forced types", test_forced_types},
        {"binary parameters", test_binary_parameters},
        {"65535 parameters", test_most_parameters},
        {"inside a transaction", test_describe_inside_transaction},
        {"beside savepoints", test_describe_beside_savepoints},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo cache[] = {
        {"reuse and bound", test_cache},
        {"UseServerSidePrepare=no", test_without_server_prepare},
        {"plan of another session", test_foreign_plan},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo old[] = {
        {"the result changes", test_result_changes},
        {"the result changes, unguarded", test_result_changes_unguarded},
        {"the server forgets", test_server_forgets},
        {"stale parameter type", test_stale_parameter_type},
        {"DDL rolled back", test_rolled_back_ddl},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"describing", NULL, NULL, NULL, NULL, describing},
        {"cache", NULL, NULL, NULL, NULL, cache},
        {"old knowledge", NULL, NULL, NULL, NULL, old},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("plan", suites);
}
