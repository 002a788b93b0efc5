/* SPDX-License-Identifier: Apache-2.0 */
/* One execution and its rows: what is returned when, streams beside one another, closing early, sizes. */
#include "base/tz.h"
#include "pg_support.h"

/* ------------------------------------------------------------------ results */

static void test_rows(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    if (OK(pgt_start(&e, s, "select g as n, 'x' || g as \"Text é\", null::int as nothing, '' as empty from generate_series(1, 3) g"))) {
        TRUE(e.has_rows);
        SAME(e.ncolumns, 4);
        SAME_TEXT(e.columns[0].name, "n");
        SAME_TEXT(e.columns[1].name, "Text é");
        SAME(e.columns[0].oid, ALDB_OID_INT4);
        SAME(e.columns[1].oid, ALDB_OID_TEXT);
        for (int i = 1; i <= 3; i++) {
            char text[16];
            snprintf(text, sizeof text, "x%d", i);
            OK(pgt_next(&e));
            SAME(pgt_number(&e, 0), i);
            SAME_TEXT(pgt_cell(&e, 1), text);
            TRUE(e.cells[2].data == NULL);
            TRUE(e.cells[3].data != NULL && e.cells[3].len == 0);
        }
        IS_RC(pgt_next(&e), ALDB_NO_DATA);
        TRUE(e.complete);
        SAME_TEXT(e.tag, "SELECT 3");
        SAME(e.affected, 3);
        IS_RC(pgt_next(&e), ALDB_NO_DATA);
    }
    OK(pgt_close(&e));
    TRUE(atomic_load(&e.session) == NULL);
    TRUE(e.result == NULL);
    OK(pgt_close(&e)); /* nothing open: safe */
    aldb_session_close(s);
}

static void test_tags(void)
{
    static const struct {
        const char *sql, *tag;
        int64_t affected;
    } cases[] = {
        {"create table tags (id int)", "CREATE TABLE", -1},
        {"insert into tags values (1), (2), (3)", "INSERT 0 3", 3},
        {"update tags set id = id + 10", "UPDATE 3", 3},
        {"update tags set id = 0 where false", "UPDATE 0", 0},
        {"delete from tags where id = 11", "DELETE 1", 1},
        {"truncate tags", "TRUNCATE TABLE", -1},
        {"select 1 where false", "SELECT 0", 0},
        {"insert into tags select generate_series(1, 3000) returning id", "INSERT 0 3000", 3000},
        {"set work_mem to '5MB'", "SET", -1},
        {"do $$ begin end $$", "DO", -1},
        {"drop table tags", "DROP TABLE", -1},
        {"-- only a comment", "", -1},
        {"", "", -1},
    };
    struct aldb_session *s = pgt_open();
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_exec e;
        int64_t rows;
        if (OK(pgt_start(&e, s, cases[i].sql))) {
            if (!e.has_rows) {
                SAME(e.ncolumns, 0);
                TRUE(e.complete); /* success of a statement without rows is certain */
            } else {
                IS_RC(pgt_drain(&e, &rows), ALDB_NO_DATA);
                SAME(rows, cases[i].affected);
            }
            SAME_TEXT(e.tag, cases[i].tag);
            SAME(e.affected, cases[i].affected);
        }
        OK(pgt_close(&e));
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    }
    aldb_session_close(s);
}

static void test_empty_results(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    OK(pgt_start(&e, s, "select 1 as a, 2::regclass as b where false"));
    TRUE(e.has_rows);
    SAME(e.ncolumns, 2);
    SAME_TEXT(e.columns[1].name, "b");
    IS_RC(pgt_next(&e), ALDB_NO_DATA);
    OK(pgt_close(&e));

    OK(pgt_start(&e, s, "select")); /* one row without columns */
    TRUE(e.has_rows);
    SAME(e.ncolumns, 0);
    OK(pgt_next(&e));
    IS_RC(pgt_next(&e), ALDB_NO_DATA);
    OK(pgt_close(&e));

    OK(pgt_start(&e, s, "select where false"));
    TRUE(e.has_rows);
    IS_RC(pgt_next(&e), ALDB_NO_DATA);
    OK(pgt_close(&e));
    aldb_session_close(s);
}

/* A result that fits in buffers holds nothing on the server, read or not. */
static void test_small_result_releases_locks(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    OBSERVE("create table small as select generate_series(1, 100) id");
    OK(pgt_start(&e, s, "select id from small order by id"));
    OBSERVE("alter table small add column more int");
    for (int i = 1; i <= 100; i++) {
        OK(pgt_next(&e));
        SAME(pgt_number(&e, 0), i);
    }
    IS_RC(pgt_next(&e), ALDB_NO_DATA);
    OK(pgt_close(&e));
    aldb_session_close(s);
}

static void test_buffered_result_releases_locks(void)
{
    struct aldb_session_options o = pgt_options();
    o.fetch_mode = ALDB_FETCH_BUFFER;
    o.buffer_memory = 64 << 10;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_exec e;
    OBSERVE("create table buffered as select g id, repeat('x', 200) pad from generate_series(1, 100000) g");
    OK(pgt_start(&e, s, "select id, pad from buffered"));
    TRUE(e.complete);
    OBSERVE("truncate buffered");
    int64_t rows = 0, sum = 0;
    while (aldb_done(pgt_next(&e))) {
        rows++;
        sum += pgt_number(&e, 0);
    }
    SAME(rows, 100000);
    SAME(sum, 100000LL * 100001 / 2);
    OK(pgt_close(&e));
    aldb_session_close(s);
}

static void test_errors(void)
{
    static const struct {
        const char *sql, *state;
    } cases[] = {
        {"selec 1", "42000"},
        {"select * from no_such_table", "42S02"},
        {"select no_such_column from pg_class", "42S22"},
        {"select 1/0", "22012"},
        {"insert into no_such_table values (1)", "42S02"},
        {"create table pg_catalog.x (a int)", "42000"},
        {"do $$ begin raise exception 'own %', 5 using errcode = 'ZZ123'; end $$", "ZZ123"},
        {"select 1; select 2", "42000"}, /* parts are split above this layer */
        {"set no_such_setting to 1", "42000"},
    };
    struct aldb_session *s = pgt_open();
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        FAILS(pgt_do(s, cases[i].sql), cases[i].state);
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        USABLE(s);
    }
    FAILS(pgt_do(s, "select * from no_such_table"), "42S02");
    TRUE(strstr(pgt_message(&pgt.diag), "no_such_table") != NULL);
    SAME(aldb_diag_get(&pgt.diag, 1)->from_server, 1);
    aldb_session_close(s);
}

static void test_notices(void)
{
    struct aldb_session *s = pgt_open();
    IS_RC(pgt_do(s, "do $$ begin raise notice 'first'; raise warning 'second'; end $$"), ALDB_INFO);
    SAME(aldb_diag_count(&pgt.diag), 2);
    SAME_TEXT(pgt_state(&pgt.diag), "01000");
    bool first = false, second = false;
    for (size_t i = 1; i <= aldb_diag_count(&pgt.diag); i++) {
        const char *m = aldb_diag_message(aldb_diag_get(&pgt.diag, i));
        first |= strstr(m, "first") != NULL;
        second |= strstr(m, "second") != NULL;
    }
    TRUE(first && second);
    IS_RC(pgt_do(s, "do $$ begin end $$"), ALDB_OK); /* posted once */
    SAME(aldb_diag_count(&pgt.diag), 0);
    aldb_session_close(s);
}

/* A success result is not the end: the commit of autocommit may still fail. */
static void test_deferred_constraint(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    OBSERVE("create table deferred (id int unique deferrable initially deferred)");
    OK(pgt_do(s, "insert into deferred values (1)"));
    FAILS(pgt_do(s, "insert into deferred values (1)"), "23000");
    SEES("deferred", "1");

    if (OK(pgt_start(&e, s, "insert into deferred values (1) returning id"))) {
        OK(pgt_next(&e));
        SAME(pgt_number(&e, 0), 1);
        FAILS(pgt_next(&e), "23000");
        IS_RC(pgt_next(&e), ALDB_NO_DATA); /* posted once */
    }
    OK(pgt_close(&e));
    SEES("deferred", "1");
    USABLE(s);
    aldb_session_close(s);
}

static void test_error_in_mid_stream(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    int64_t rows;
    for (int manual = 0; manual < 2; manual++) {
        if (manual) {
            OBSERVE("create table mid (id int)");
            OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
            OK(pgt_do(s, "insert into mid values (1)"));
        }
        if (OK(pgt_start(&e, s, "select 1 / (x - 500) from generate_series(1, 1000) x"))) {
            FAILS(pgt_drain(&e, &rows), "22012");
            SAME(rows, 499);
            IS_RC(pgt_next(&e), ALDB_NO_DATA);
        }
        OK(pgt_close(&e));
        SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
        USABLE(s);
    }
    OK(pgt_do(s, "insert into mid values (2)"));
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("mid", "1,2");
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ columns */

static void test_binary_only_when_all_columns_allow(void)
{
    static const struct {
        const char *sql;
        bool binary;
    } cases[] = {
        {"select 1::int4", true},
        {"select 1::int2, 2::int8, 1.5::float4, 2.5::float8, 3.25::numeric, true", true},
        {"select 'a'::text, 'b'::varchar, 'c'::char(3), 'd'::name, '\\x00ff'::bytea", true},
        {"select date '2020-01-02', time '03:04', timestamp '2020-01-02 03:04', now(), interval '1 day'", true},
        {"select gen_random_uuid(), '{}'::json, '{\"a\":1}'::jsonb, 5::oid", true},
        {"select array[1,2], array['a'], array[1.5]", true},
        {"select 'unknown literal'", true},
        {"select 5::whole", true}, /* a domain is described as its base type */
        {"select 'pg_class'::regclass", false},
        {"select 'pg_class'::regclass, 1::int4", false},
        {"select 1.25::money", false},
        {"select 'red'::colour", false},
        {"select null::aclitem", false},
        {"select array[null::aclitem]", false},
        {"select row(1, 2)", false},
        {"select '<a/>'::xml", false},
    };
    struct aldb_session *s = pgt_open();
    OBSERVE("create type colour as enum ('red', 'green')");
    OBSERVE("create domain whole as int");
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_exec e;
        if (strstr(cases[i].sql, "xml") && strcmp(pgt_try("select '<a/>'::xml"), "00000") != 0) {
            continue; /* a server built without it */
        }
        if (OK(pgt_start(&e, s, cases[i].sql))) {
            for (uint16_t c = 0; c < e.ncolumns; c++) {
                if (e.columns[c].binary != cases[i].binary) {
                    pgt_check(false, cases[i].sql, __FILE__, __LINE__);
                }
            }
            OK(pgt_next(&e));
            IS_RC(pgt_next(&e), ALDB_NO_DATA);
        }
        OK(pgt_close(&e));
    }
    struct aldb_exec e;
    OK(pgt_start(&e, s, "select -2::int4, 'é'::text"));
    OK(pgt_next(&e));
    TRUE(e.cells[0].len == 4 && memcmp(e.cells[0].data, "\xff\xff\xff\xfe", 4) == 0);
    TRUE(e.cells[1].len == 2 && memcmp(e.cells[1].data, "\xc3\xa9", 2) == 0);
    OK(pgt_close(&e));
    OK(pgt_start(&e, s, "select 'pg_class'::regclass, -2::int4"));
    OK(pgt_next(&e));
    TRUE(e.cells[0].len == 8 && memcmp(e.cells[0].data, "pg_class", 8) == 0);
    TRUE(e.cells[1].len == 2 && memcmp(e.cells[1].data, "-2", 2) == 0);
    OK(pgt_close(&e));
    /* Utilities answer in text. */
    SAME_TEXT(pgt_ask(s, "show server_encoding"), "UTF8");
    OK(pgt_start(&e, s, "explain select 1"));
    TRUE(e.has_rows && !e.columns[0].binary);
    OK(pgt_close(&e));
    aldb_session_close(s);
}

static void test_column_descriptions(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    OBSERVE("create table described (id int, name varchar(20), amount numeric(10, 2), at timestamp(3))");
    uint32_t table = (uint32_t)strtoul(pgt_see("select 'described'::regclass::oid"), NULL, 10);
    OK(pgt_start(&e, s, "select amount, name, id + 1 as more, at from described"));
    if (SAME(e.ncolumns, 4)) {
        SAME(e.columns[0].table_oid, table);
        SAME(e.columns[0].attnum, 3);
        SAME(e.columns[0].oid, ALDB_OID_NUMERIC);
        SAME(e.columns[0].typmod, ((10 << 16) | 2) + 4);
        SAME(e.columns[1].attnum, 2);
        SAME(e.columns[1].typmod, 24);
        SAME(e.columns[2].table_oid, 0);
        SAME(e.columns[2].attnum, 0);
        SAME(e.columns[2].typmod, -1);
        SAME(e.columns[3].typmod, 3);
    }
    OK(pgt_close(&e));
    aldb_session_close(s);
}

static void test_many_columns(void)
{
    enum { N = 1600 };
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    struct aldb_buf sql;
    aldb_buf_init(&sql, ALDB_MAX_SQL);
    for (int i = 1; i <= N; i++) {
        aldb_buf_addf(&sql, "%s%d as c%d", i == 1 ? "select " : ", ", i, i);
    }
    aldb_buf_add_str(&sql, " from generate_series(1, 200)");
    int64_t rows = 0;
    if (OK(pgt_start(&e, s, aldb_buf_cstr(&sql))) && SAME(e.ncolumns, N)) {
        SAME_TEXT(e.columns[N - 1].name, "c1600");
        while (aldb_done(pgt_next(&e))) {
            rows += pgt_number(&e, 0) == 1 && pgt_number(&e, N - 1) == N;
        }
        SAME(rows, 200);
    }
    OK(pgt_close(&e));
    aldb_buf_clear(&sql);
    aldb_session_close(s);
}

static void test_huge_value(void)
{
    size_t size = pgt_valgrind() ? 20u << 20 : 200u << 20;
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    char sql[128];
    snprintf(sql, sizeof sql, "select repeat('x', %zu) || 'end', 7", size);
    if (OK(pgt_start(&e, s, sql)) && OK(pgt_next(&e))) {
        SAME(e.cells[0].len, size + 3);
        TRUE(e.cells[0].data[0] == 'x' && memcmp(e.cells[0].data + size - 1, "xend", 4) == 0);
        SAME(pgt_number(&e, 1), 7);
        IS_RC(pgt_next(&e), ALDB_NO_DATA);
    }
    OK(pgt_close(&e));
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ maximum of rows */

static void test_max_rows(void)
{
    static const struct {
        const char *sql;
        uint64_t max;
        int64_t rows;
    } cases[] = {
        {"select generate_series(1, 10)", 1, 1},
        {"select generate_series(1, 10)", 10, 10},
        {"select generate_series(1, 10)", 11, 10},
        {"select generate_series(1, 10)", 0, 10},
        {"select generate_series(1, 1000000000)", 5, 5},
        {"insert into limited select generate_series(1, 20000) returning id", 3, 3},
    };
    struct aldb_session *s = pgt_open();
    OBSERVE("create table limited (id int)");
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OBSERVE("truncate limited");
        for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
            struct aldb_exec e;
            struct aldb_exec_request req = pgt_request(cases[i].sql);
            int64_t rows = 0, start = aldb_now_ms();
            req.max_rows = cases[i].max;
            aldb_exec_init(&e);
            OK(aldb_exec_run(&e, s, &req, &pgt_forever, DIAG));
            IS_RC(pgt_drain(&e, &rows), ALDB_NO_DATA);
            SAME(rows, cases[i].rows);
            OK(pgt_close(&e));
            WITHIN(start, pgt_prompt_ms());
            USABLE(s);
        }
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SAME(pgt_count("limited"), 20000);
    }
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ several streams */

static void interleave(struct aldb_session *s, int streams, int64_t rows)
{
    struct aldb_exec e[5];
    char sql[160];
    int64_t wrong = 0;
    for (int k = 0; k < streams; k++) {
        snprintf(sql, sizeof sql, "select g * 10 + %d, repeat('p', 100) from generate_series(1, %" PRId64 ") g", k, rows);
        OK(pgt_start(&e[k], s, sql));
        OK(pgt_next(&e[k]));
        wrong += pgt_number(&e[k], 0) != 10 + k;
    }
    for (int64_t i = 2; i <= rows; i++) {
        for (int k = 0; k < streams; k++) {
            wrong += !aldb_done(pgt_next(&e[k])) || pgt_number(&e[k], 0) != i * 10 + k || e[k].cells[1].len != 100;
        }
    }
    SAME(wrong, 0);
    for (int k = 0; k < streams; k++) {
        IS_RC(pgt_next(&e[k]), ALDB_NO_DATA);
        SAME(e[k].affected, rows);
        OK(pgt_close(&e[k]));
    }
}

static void test_interleaved(void)
{
    struct aldb_session_options o = pgt_options();
    o.buffer_memory = 256 << 10;
    struct aldb_session *s = pgt_open_with(&o);
    interleave(s, 2, pgt_scaled(60000));
    interleave(s, 5, pgt_scaled(20000));
    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    interleave(s, 2, pgt_scaled(60000));
    interleave(s, 5, pgt_scaled(20000));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    aldb_session_close(s);
}

/* Open files without a name. */
static int unlinked_files(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++) {
        char path[64], target[512];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t len = readlink(path, target, sizeof target - 1);
        if (len > 0) {
            target[len] = '\0';
            n += target[0] == '/' && strstr(target, " (deleted)") != NULL;
        }
    }
    return n;
}

static void test_spool_to_file(void)
{
    struct aldb_session_options o = pgt_options();
    o.buffer_memory = 64 << 10;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_exec a;
    int64_t rows = 200000, files = unlinked_files(), wrong = 0;
    OBSERVE("create table spooled as select g id, repeat('s', 100) || g pad from generate_series(1, %d) g", (int)rows);
    OK(pgt_start(&a, s, "select id, pad from spooled order by id"));
    for (int64_t i = 1; i <= 10; i++) {
        OK(pgt_next(&a));
        wrong += pgt_number(&a, 0) != i;
    }
    USABLE(s);
    SAME(unlinked_files(), files + 1);
    OBSERVE("alter table spooled add column more int"); /* nothing is held any more */
    for (int64_t i = 11; i <= rows; i++) {
        char pad[32];
        int n = snprintf(pad, sizeof pad, "s%d", (int)i);
        wrong += !aldb_done(pgt_next(&a)) || pgt_number(&a, 0) != i || a.cells[1].len != 99 + (size_t)n ||
                 memcmp(a.cells[1].data + 99, pad, (size_t)n) != 0;
    }
    SAME(wrong, 0);
    IS_RC(pgt_next(&a), ALDB_NO_DATA);
    SAME_TEXT(a.tag, "SELECT 200000");
    OK(pgt_close(&a));
    SAME(unlinked_files(), files);

    /* On demand, and closed unread. */
    OK(pgt_start(&a, s, "select id, pad from spooled"));
    OK(aldb_exec_spool(&a, &pgt_forever, DIAG));
    TRUE(a.complete);
    OK(pgt_next(&a));
    OK(pgt_close(&a));
    SAME(unlinked_files(), files);
    aldb_session_close(s);
}

static void test_spool_limit(void)
{
    struct aldb_session_options o = pgt_options();
    o.buffer_memory = 64 << 10;
    o.max_spool = 1 << 20;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_exec a, b;
    int64_t rows = 200000, wrong = 0;
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_start(&a, s, "select g, repeat('s', 100) from generate_series(1, 200000) g"));
        OK(pgt_next(&a));
        wrong += pgt_number(&a, 0) != 1;
        FAILS(pgt_start(&b, s, "select 1"), "HY000");
        TRUE(strstr(pgt_message(&pgt.diag), "MaxSpoolSize") != NULL);
        OK(pgt_close(&b));
        FAILS(pgt_start(&b, s, "select 1"), "HY000");
        OK(pgt_close(&b));
        for (int64_t i = 2; i <= rows; i++) {
            wrong += !aldb_done(pgt_next(&a)) || pgt_number(&a, 0) != i || a.cells[1].len != 100;
        }
        SAME(wrong, 0);
        IS_RC(pgt_next(&a), ALDB_NO_DATA);
        OK(pgt_close(&a));
        USABLE(s);
    }
    aldb_session_close(s);
}

/* What another statement's draining meets belongs to the stream that is drained. */
static void test_error_while_draining(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_exec a;
    int64_t rows, n = 100000;
    OBSERVE("create table draining (id int)");
    OK(pgt_do(s, "insert into draining values (1)"));
    OK(pgt_start(&a, s, "select 1 / (x - 100001), repeat('x', 100) from generate_series(1, 200000) x"));
    OK(pgt_next(&a));
    OK(pgt_do(s, "insert into draining values (2)"));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    FAILS(pgt_drain(&a, &rows), "22012");
    SAME(rows, n - 1);
    OK(pgt_close(&a));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("draining", "1,2");
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ closing early */

#define ENDLESS "select generate_series(1, 1000000000)"

static void close_after_one(struct aldb_session *s, const char *sql)
{
    struct aldb_exec e;
    int64_t start = aldb_now_ms();
    OK(pgt_start(&e, s, sql));
    OK(pgt_next(&e));
    OK(pgt_close(&e));
    WITHIN(start, pgt_prompt_ms());
    USABLE(s);
}

static void test_close_select(void)
{
    struct aldb_session *s = pgt_open();
    OBSERVE("create table early (id int)");
    close_after_one(s, ENDLESS);
    close_after_one(s, "select 1 / (x - 200000) from generate_series(1, 300000) x"); /* whatever it meets later */
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);

    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    close_after_one(s, ENDLESS); /* first statement of the transaction */
    OK(pgt_do(s, "insert into early values (1)"));
    close_after_one(s, ENDLESS);
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(pgt_do(s, "insert into early values (2)"));
    close_after_one(s, ENDLESS);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("early", "1,2");
    aldb_session_close(s);
}

/* Before the first row was fetched, and twice in a row without reading. */
static void test_close_unread(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    for (int i = 0; i < 5; i++) {
        OK(pgt_start(&e, s, i % 2 ? "select 1" : ENDLESS));
        OK(pgt_close(&e));
    }
    USABLE(s);
    aldb_session_close(s);
}

/* Without savepoints a cancel would lose the transaction: the rest is drained. */
static void test_close_never_cancels_without_savepoint(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    OBSERVE("create table kept (id int)");
    OK(pgt_do(s, "insert into kept values (1)"));
    close_after_one(s, "select g, repeat('x', 50) from generate_series(1, 300000) g");
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("kept", "1");
    aldb_session_close(s);
}

static void test_close_writing(void)
{
    struct aldb_session *s = pgt_open();
    int64_t n = 0;
    OBSERVE("create table stored (id int)");
    OBSERVE("create function store(int) returns int language plpgsql as 'begin insert into stored values ($1); return $1; end'");
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_exec e;
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        close_after_one(s, "insert into stored select generate_series(1, 100000) returning id, repeat('r', 100)");
        close_after_one(s, "with w as (insert into stored select generate_series(1, 50000) returning id) select id, repeat('w', 100) from w");
        struct aldb_exec_request req = pgt_request_flags("select store(g), repeat('f', 500) from generate_series(1, 20000) g", 0);
        aldb_exec_init(&e);
        OK(aldb_exec_run(&e, s, &req, &pgt_forever, DIAG)); /* not proven a plain read */
        OK(pgt_close(&e));
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        n += 170000;
        SAME(pgt_count("stored"), n);
    }
    /* Its failure is the caller's business: the work is undone. */
    struct aldb_exec e;
    OK(pgt_do(s, "insert into stored values (-1)"));
    struct aldb_exec_request req = pgt_request_flags("select store(1000000 / (g - 15000)), repeat('e', 500) from generate_series(1, 20000) g", 0);
    aldb_exec_init(&e);
    OK(aldb_exec_run(&e, s, &req, &pgt_forever, DIAG));
    FAILS(pgt_close(&e), "22012");
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SAME(pgt_count("stored"), n + 1);
    aldb_session_close(s);
}

static void test_close_mode_drain(void)
{
    struct aldb_session_options o = pgt_options();
    o.close_mode = ALDB_CLOSE_DRAIN;
    struct aldb_session *s = pgt_open_with(&o);
    OBSERVE("create table side (id int)");
    OBSERVE("create function side(int) returns int language plpgsql as 'begin insert into side values ($1); return $1; end'");
    struct aldb_exec e;
    OK(pgt_start(&e, s, "select side(g), repeat('d', 500) from generate_series(1, 20000) g")); /* declared a plain read */
    OK(pgt_next(&e));
    OK(pgt_close(&e));
    SAME(pgt_count("side"), 20000);
    aldb_session_close(s);
}

static void test_abandon(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec open, done;
    OK(pgt_start(&done, s, "select 1"));
    OK(pgt_start(&open, s, "select g, repeat('a', 100) from generate_series(1, 100000) g"));
    aldb_exec_abandon(&done);
    aldb_exec_abandon(&open);
    TRUE(atomic_load(&open.session) == NULL);
    aldb_exec_abandon(&open);
    aldb_session_close(s);
}

/* The session goes first: what streamed is cut off, what is freed later is harmless. */
static void test_session_closed_under_streams(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec spooled, streaming;
    OK(pgt_start(&spooled, s, "select generate_series(1, 1000)"));
    OK(pgt_start(&streaming, s, ENDLESS));
    OK(pgt_next(&streaming));
    int64_t start = aldb_now_ms();
    aldb_session_close(s);
    WITHIN(start, pgt_prompt_ms());
    FAILS(pgt_next(&streaming), "08S01");
    FAILS(pgt_next(&spooled), "08S01");
    OK(pgt_close(&streaming));
    aldb_exec_abandon(&spooled);
    aldb_session_close(NULL);
}

/* ------------------------------------------------------------------ memory */

static void test_flat_memory(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    int64_t rows = 0, wrong = 0, wanted = pgt_scaled(1000000);
    char sql[128];
    USABLE(s);
    pgt_peak_reset();
    int64_t before = pgt_peak_kb();
    snprintf(sql, sizeof sql, "select g, repeat('m', 100), g * 2.5, now() from generate_series(1, %" PRId64 ") g", wanted);
    OK(pgt_start(&e, s, sql));
    while (aldb_done(pgt_next(&e))) {
        rows++;
        wrong += pgt_number(&e, 0) != rows;
    }
    SAME(rows, wanted);
    SAME(wrong, 0);
    int64_t growth = pgt_peak_kb() - before;
    printf("[%" PRId64 " kB] ", growth);
    TRUE(growth < (12 << 10) * (PGT_ASAN || PGT_TSAN || pgt_valgrind() ? 4 : 1));
    OK(pgt_close(&e));
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ the session's facts */

static void test_facts(void)
{
    struct aldb_session_options o = pgt_options();
    o.init_sql = "set application_name to 'by; init'; set work_mem to '7MB'";
    struct aldb_session *s = pgt_open_with(&o);
    SAME_TEXT(pgt_ask(s, "show application_name"), "by; init");
    SAME_TEXT(pgt_ask(s, "show work_mem"), "7MB");
    SAME_TEXT(pgt_ask(s, "select current_schema()"), pgt.schema);
    char version[16];
    snprintf(version, sizeof version, "%d", aldb_session_server_version(s));
    SAME_TEXT(pgt_ask(s, "show server_version_num"), version);
    SAME_TEXT(aldb_session_user(s), pgt_see("select current_user"));
    SAME_TEXT(aldb_session_database(s), pgt_see("select current_database()"));
    SAME_TEXT(aldb_session_port(s), PQport(pgt.observer));
    SAME_TEXT(aldb_session_host(s), PQhost(pgt.observer));
    SAME_TEXT(aldb_session_parameter(s, "server_encoding"), pgt_see("show server_encoding"));
    TRUE(aldb_session_parameter(s, "no_such_parameter") == NULL);
    TRUE(aldb_session_standard_strings(s));
    TRUE(!aldb_session_pooled(s));
    TRUE(!aldb_session_dead(s));
    TRUE(aldb_session_autocommit(s));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);

    OK(pgt_do(s, "set standard_conforming_strings to off"));
    TRUE(!aldb_session_standard_strings(s));
    OK(pgt_do(s, "set client_encoding to 'LATIN1'")); /* set back before the next statement */
    SAME_TEXT(pgt_ask(s, "select 'é'::text || chr(8364)"), "é€");
    SAME_TEXT(pgt_ask(s, "show client_encoding"), "UTF8");
    aldb_session_close(s);

    o.init_sql = "select * from no_such_table";
    struct aldb_session *none = NULL;
    IS_RC(aldb_session_open(pgt.keywords, pgt.values, &o, aldb_deadline_in_ms(30000), &none, DIAG), ALDB_ERR);
    TRUE(none == NULL);
    bool said = false;
    for (size_t i = 1; i <= aldb_diag_count(&pgt.diag); i++) {
        said |= strstr(aldb_diag_message(aldb_diag_get(&pgt.diag, i)), "no_such_table") != NULL;
    }
    TRUE(said);
}

/* A result keeps the styles of its execution, and its zone however many have come and gone. */
static void test_locale(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec before, after;
    OK(pgt_do(s, "set datestyle to 'SQL, DMY'"));
    OK(pgt_do(s, "set intervalstyle to 'iso_8601'"));
    OK(pgt_do(s, "set timezone to 'Europe/Berlin'"));
    OK(pgt_start(&before, s, "select 1"));
    OK(pgt_do(s, "set datestyle to 'German'"));
    OK(pgt_do(s, "set intervalstyle to 'postgres_verbose'"));
    for (int i = 1; i <= 20; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "set timezone to %d", i % 14);
        OK(pgt_do(s, sql));
    }
    OK(pgt_do(s, "set timezone to 'Europe/Berlin'"));
    OK(pgt_start(&after, s, "select 1"));
    SAME(before.locale.datestyle, 'S');
    TRUE(before.locale.dmy);
    SAME(before.locale.intervalstyle, 'i');
    SAME(after.locale.datestyle, 'G');
    SAME(after.locale.intervalstyle, 'v');
    bool known = before.locale.zone && after.locale.zone;
    TRUE(known);
    SAME(known ? aldb_zone_offset(before.locale.zone, 0) : 0, 3600);
    SAME(known ? aldb_zone_offset(after.locale.zone, 0) : 0, 3600);
    OK(pgt_close(&before));
    OK(pgt_close(&after));
    aldb_session_close(s);
}

/* Notifications come unasked, between anything and in any number. */
static void test_notifications(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    int64_t rows;
    OK(pgt_do(s, "listen something"));
    OK(pgt_start(&e, s, "select g, repeat('n', 100) from generate_series(1, 50000) g"));
    OBSERVE("select pg_notify('something', g::text) from generate_series(1, 1000) g");
    IS_RC(pgt_drain(&e, &rows), ALDB_NO_DATA);
    SAME(rows, 50000);
    OK(pgt_close(&e));
    OBSERVE("select pg_notify('something', g::text) from generate_series(1, 1000) g");
    TRUE(!aldb_session_dead(s));
    USABLE(s);
    aldb_session_close(s);
}

/* COPY needs a protocol of its own: refused, and the session goes on. */
static void test_copy_is_refused(void)
{
    struct aldb_session *s = pgt_open();
    OBSERVE("create table copied (id int)");
    for (int manual = 0; manual < 2; manual++) {
        static const char *const texts[] = {"copy copied from stdin", "copy (select 1) to stdout",
                                            "copy (select repeat('x', 100) from generate_series(1, 1000000)) to stdout"};
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_do(s, "insert into copied values (1)"));
        for (size_t i = (size_t)manual; i < ALDB_COUNT(texts); i++) { /* the way out of COPY IN inside a transaction is the end of the session */
            struct aldb_wait wait = pgt_for_ms(pgt_prompt_ms() * 2);
            struct aldb_exec_request req = pgt_request(texts[i]);
            FAILS(pgt_do_wait(s, &req, &wait), "HYC00");
            SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
            USABLE(s);
        }
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    }
    SAME(pgt_count("copied"), 2);

    struct aldb_wait wait = pgt_for_ms(pgt_prompt_ms() * 2);
    struct aldb_exec_request req = pgt_request("copy copied from stdin");
    OK(pgt_do(s, "insert into copied values (2)"));
    IS_RC(pgt_do_wait(s, &req, &wait), ALDB_ERR);
    TRUE(strcmp(pgt_state(&pgt.diag), "HYT00") != 0);
    if (!aldb_session_dead(s)) {
        USABLE(s);
    }
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ the driver's own look-ups */

struct looked_up {
    int rows;
    uint16_t ncells;
    char text[64];
};

static void look_up_row(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    struct looked_up *l = ctx;
    l->rows++;
    l->ncells = ncells;
    snprintf(l->text, sizeof l->text, "%.*s", (int)cells[0].len, cells[0].data ? cells[0].data : "");
}

static void test_query(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec open;
    struct pgt_values v;
    OBSERVE("create table looked (id int)");
    for (int manual = 0; manual < 2; manual++) {
        struct looked_up l = {0};
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_do(s, "insert into looked values (1)"));
        OK(pgt_start(&open, s, "select g, repeat('l', 100) from generate_series(1, 50000) g"));
        OK(aldb_session_query(s, aldb_slice_of("select 40 + $1::int, $2::text from generate_series(1, 3)"), pgt_bind(&v, 2, "2", NULL),
                              look_up_row, &l, &pgt_forever, DIAG));
        SAME(l.rows, 3);
        SAME(l.ncells, 2);
        SAME_TEXT(l.text, "42"); /* in text */
        IS_RC(aldb_session_query(s, aldb_slice_of("select * from no_such_table"), NULL, look_up_row, &l, &pgt_forever, DIAG), ALDB_ERR);
        SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
        int64_t rows;
        IS_RC(pgt_drain(&open, &rows), ALDB_NO_DATA);
        SAME(rows, 50000);
        OK(pgt_close(&open));
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    }
    SAME(pgt_count("looked"), 2);
    aldb_session_close(s);

    s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    struct looked_up l = {0};
    OK(pgt_do(s, "insert into looked values (3)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    SAME(aldb_session_txn(s), ALDB_TXN_FAILED);
    IS_RC(aldb_session_query(s, aldb_slice_of("select 1"), NULL, look_up_row, &l, &pgt_forever, DIAG), ALDB_NO_DATA);
    SAME(l.rows, 0);
    aldb_session_close(s);
}

int main(void)
{
    CU_TestInfo memory[] = {
        {"flat memory", test_flat_memory}, /* first: nothing that was freed before can serve it */
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo results[] = {
        {"rows", test_rows},
        {"tags", test_tags},
        {"empty results", test_empty_results},
        {"a small result releases its locks", test_small_result_releases_locks},
        {"a buffered result releases its locks", test_buffered_result_releases_locks},
        {"errors", test_errors},
        {"notices", test_notices},
        {"deferred constraint", test_deferred_constraint},
        {"error in mid-stream", test_error_in_mid_stream},
        {"max rows", test_max_rows},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo columns[] = {
        {"binary only when all columns allow it", test_binary_only_when_all_columns_allow},
        {"column descriptions", test_column_descriptions},
        {"1600 columns", test_many_columns},
        {"huge value", test_huge_value},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo streams[] = {
        {"interleaved", test_interleaved},
        {"spool to a file", test_spool_to_file},
        {"spool limit", test_spool_limit},
        {"error while draining", test_error_while_draining},
        {"close a select", test_close_select},
        {"close unread", test_close_unread},
        {"close never cancels without a savepoint", test_close_never_cancels_without_savepoint},
        {"close what writes", test_close_writing},
        {"CloseMode=drain", test_close_mode_drain},
        {"abandon", test_abandon},
        {"session closed under its streams", test_session_closed_under_streams},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo session[] = {
        {"facts", test_facts},
        {"locale", test_locale},
        {"notifications", test_notifications},
        {"copy is refused", test_copy_is_refused},
        {"own look-ups", test_query},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"memory", NULL, NULL, NULL, NULL, memory},
        {"results", NULL, NULL, NULL, NULL, results},
        {"columns", NULL, NULL, NULL, NULL, columns},
        {"streams", NULL, NULL, NULL, NULL, streams},
        {"session", NULL, NULL, NULL, NULL, session},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("exec", suites);
}
