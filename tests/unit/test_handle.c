/* SPDX-License-Identifier: Apache-2.0 */
/* Handles, descriptors, attributes, state table, strings in and out, diagnostics: everything of the entry points that needs no server. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "alloydb_odbc.h"
#include "api/text.h"
#include "base/alloc.h"
#include "handle/attr.h"
#include "handle/descfield.h"
#include "handle/handle.h"
#include "handle/registry.h"
#include "handle/statetable.h"

#define LAST "???"

/* ------------------------------------------------------------------ fixture */

static SQLHENV env;
static SQLHDBC dbc;
static struct aldb_stmt *stmt; /* made under the entry points' feet: those want an open connection */

static struct aldb_stmt *new_stmt(SQLHDBC h)
{
    struct aldb_dbc *d = h;
    struct aldb_stmt *s = NULL;
    aldb_mutex_lock(&d->h.lock);
    CU_ASSERT_EQUAL_FATAL(aldb_stmt_new(d, &s), ALDB_OK);
    aldb_mutex_unlock(&d->h.lock);
    return s;
}

static struct aldb_desc *new_desc(SQLHDBC h)
{
    struct aldb_dbc *d = h;
    struct aldb_desc *desc = NULL;
    aldb_mutex_lock(&d->h.lock);
    CU_ASSERT_EQUAL_FATAL(aldb_desc_new(d, &desc), ALDB_OK);
    aldb_mutex_unlock(&d->h.lock);
    return desc;
}

static void set_up(void)
{
    CU_ASSERT_EQUAL_FATAL(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), SQL_SUCCESS);
    CU_ASSERT_EQUAL(SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3_80, 0), SQL_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), SQL_SUCCESS);
    stmt = new_stmt(dbc);
}

static void tear_down(void)
{
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_DBC, dbc), SQL_SUCCESS);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_ENV, env), SQL_SUCCESS);
}

/* SQLSTATE of record `n` on a handle, LAST past the end. */
static const char *state_of(SQLSMALLINT type, SQLHANDLE h, SQLSMALLINT n)
{
    static SQLCHAR state[6];
    SQLRETURN ret = SQLGetDiagRec(type, h, n, state, NULL, NULL, 0, NULL);
    return SQL_SUCCEEDED(ret) ? (const char *)state : LAST;
}

#define FAILS(call, type, handle, sqlstate)                              \
    do {                                                                 \
        CU_ASSERT_EQUAL(call, SQL_ERROR);                                \
        CU_ASSERT_STRING_EQUAL(state_of(type, handle, 1), sqlstate);     \
        CU_ASSERT_STRING_EQUAL(state_of(type, handle, 2), LAST);         \
    } while (0)
#define WARNS(call, type, handle, sqlstate)                              \
    do {                                                                 \
        CU_ASSERT_EQUAL(call, SQL_SUCCESS_WITH_INFO);                    \
        CU_ASSERT_STRING_EQUAL(state_of(type, handle, 1), sqlstate);     \
    } while (0)
#define WORKS(call) CU_ASSERT_EQUAL(call, SQL_SUCCESS)

#define PTR(n) ((SQLPOINTER)(intptr_t)(n))

/* ------------------------------------------------------------------ lifetime */

static void test_registry(void)
{
    int here[300];
    CU_ASSERT_FALSE(aldb_registry_has(NULL));
    CU_ASSERT_FALSE(aldb_registry_has(&here[0]));
    for (int i = 0; i < 300; i++) {
        CU_ASSERT_TRUE_FATAL(aldb_registry_add(&here[i]));
    }
    for (int i = 0; i < 300; i += 2) {
        aldb_registry_remove(&here[i]);
        aldb_registry_remove(&here[i]); /* twice does no harm */
    }
    for (int i = 0; i < 300; i++) {
        CU_ASSERT_EQUAL(aldb_registry_has(&here[i]), i % 2 == 1);
        aldb_registry_remove(&here[i]);
    }
    CU_ASSERT_FALSE(aldb_registry_has(&here[1]));
}

/* Handles come and go at random, many more than there are stripes: what is in is found, what is out is not. */
static void test_registry_churn(void)
{
    enum { MANY = 20000 };
    static char here[MANY];
    static bool in[MANY];
    uint32_t random = 1;
    int wrong = 0;
    for (int n = 0; n < 20 * MANY; n++) {
        random = random * 1664525u + 1013904223u;
        size_t i = (random >> 8) % MANY;
        if (in[i]) {
            aldb_registry_remove(&here[i]);
        } else {
            CU_ASSERT_TRUE_FATAL(aldb_registry_add(&here[i]));
        }
        in[i] = !in[i];
        size_t other = (random >> 4) % MANY;
        wrong += aldb_registry_has(&here[i]) != in[i] || aldb_registry_has(&here[other]) != in[other];
    }
    for (size_t i = 0; i < MANY; i++) {
        wrong += aldb_registry_has(&here[i]) != in[i];
        aldb_registry_remove(&here[i]);
        wrong += aldb_registry_has(&here[i]);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* What there is no memory for is not in; the others are. */
static void test_registry_no_memory(void)
{
    enum { MANY = 200000 };
    static char here[MANY];
    size_t count = 0;
    int wrong = 0;
    aldb_alloc_fail_after(0);
    while (count < MANY && aldb_registry_add(&here[count])) {
        count++;
    }
    aldb_alloc_fail_after(-1);
    CU_ASSERT_FATAL(count < MANY);
    CU_ASSERT_FALSE(aldb_registry_has(&here[count]));
    for (size_t i = 0; i < count; i++) {
        wrong += !aldb_registry_has(&here[i]);
        aldb_registry_remove(&here[i]);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

struct lookout {
    const char *here; /* 64 that stay */
    atomic_bool stop;
    int rounds, missed;
};

static void *look_out(void *argument)
{
    struct lookout *l = argument;
    while (!atomic_load(&l->stop) || l->rounds == 0) {
        for (size_t i = 0; i < 64; i++) {
            l->missed += !aldb_registry_has(&l->here[i]);
        }
        l->rounds++;
    }
    return NULL;
}

/* Others that come and go, and make the set grow, never hide a handle from a thread that asks for it. */
static void test_registry_growing(void)
{
    enum { MANY = 300000 };
    static char stay[64];
    static char here[MANY];
    struct lookout l = {.here = stay};
    pthread_t thread;
    for (size_t i = 0; i < 64; i++) {
        CU_ASSERT_TRUE_FATAL(aldb_registry_add(&stay[i]));
    }
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, look_out, &l), 0);
    for (size_t i = 0; i < MANY; i++) {
        CU_ASSERT_TRUE_FATAL(aldb_registry_add(&here[i]));
        if (i % 3 == 0) {
            aldb_registry_remove(&here[i]);
        }
    }
    for (size_t i = 0; i < MANY; i++) {
        aldb_registry_remove(&here[i]);
    }
    atomic_store(&l.stop, true);
    (void)pthread_join(thread, NULL);
    CU_ASSERT(l.rounds > 0);
    CU_ASSERT_EQUAL(l.missed, 0);
    for (size_t i = 0; i < 64; i++) {
        aldb_registry_remove(&stay[i]);
    }
}

static void test_stale_handles(void)
{
    SQLHENV e;
    SQLHDBC d;
    SQLHANDLE none = PTR(77);
    WORKS(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &e));
    WORKS(SQLAllocHandle(SQL_HANDLE_DBC, e, &d));
    struct aldb_stmt *s = new_stmt(d);
    struct aldb_desc *x = new_desc(d);

    /* wrong type of a live handle */
    CU_ASSERT_EQUAL(SQLExecute(d), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLExecute(e), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLDisconnect(s), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_DESC, s), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_ENV, d), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(99, d), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLGetDiagRec(SQL_HANDLE_STMT, d, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLGetDiagRec(17, d, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLAllocHandle(SQL_HANDLE_STMT, e, &none), SQL_INVALID_HANDLE);
    CU_ASSERT_PTR_NULL(none);

    /* no handle at all */
    CU_ASSERT_EQUAL(SQLExecute(NULL), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLExecute(PTR(0x1234)), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_STMT, NULL), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLCancel(NULL), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLEndTran(SQL_HANDLE_DBC, NULL, SQL_COMMIT), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLGetDescField(PTR(8), 1, SQL_DESC_TYPE, NULL, 0, NULL), SQL_INVALID_HANDLE);

    /* parents first: refused */
    FAILS(SQLFreeHandle(SQL_HANDLE_ENV, e), SQL_HANDLE_ENV, e, "HY010");

    /* freed */
    struct aldb_desc *ard = s->ard;
    WORKS(SQLFreeHandle(SQL_HANDLE_STMT, s));
    CU_ASSERT_EQUAL(SQLExecute(s), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_STMT, s), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLGetDescField(ard, 1, SQL_DESC_TYPE, NULL, 0, NULL), SQL_INVALID_HANDLE);
    WORKS(SQLFreeHandle(SQL_HANDLE_DESC, x));
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_DESC, x), SQL_INVALID_HANDLE);
    WORKS(SQLFreeHandle(SQL_HANDLE_DBC, d));
    CU_ASSERT_EQUAL(SQLDisconnect(d), SQL_INVALID_HANDLE);
    WORKS(SQLFreeHandle(SQL_HANDLE_ENV, e));
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_ENV, e), SQL_INVALID_HANDLE);
}

static void test_graveyard(void)
{
    struct aldb_dbc *d = dbc;
    struct aldb_stmt *a = new_stmt(dbc);
    struct aldb_stmt *b = new_stmt(dbc);
    struct aldb_desc *x = new_desc(dbc);
    WORKS(SQLSetStmtAttr(a, SQL_ATTR_APP_ROW_DESC, x, SQL_IS_POINTER));
    WORKS(SQLSetCursorName(b, (SQLCHAR *)"c", SQL_NTS));
    struct aldb_desc *ird = &a->ird;

    aldb_mutex_lock(&d->h.lock);
    aldb_dbc_detach_children(d);
    aldb_mutex_unlock(&d->h.lock);

    CU_ASSERT_PTR_NULL(d->stmts);
    CU_ASSERT_PTR_NULL(d->descs);
    CU_ASSERT_PTR_NOT_NULL(d->dead_stmts);
    CU_ASSERT_PTR_NOT_NULL(d->dead_descs);
    CU_ASSERT_EQUAL(SQLExecute(a), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_STMT, b), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_DESC, x), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLGetDescField(ird, 0, SQL_DESC_COUNT, NULL, 0, NULL), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLCancel(a), SQL_INVALID_HANDLE);
    stmt = new_stmt(dbc); /* the fixture's went too; the graveyard goes with the connection in tear_down */
}

static void test_allocation_errors(void)
{
    SQLHANDLE out = PTR(5);
    CU_ASSERT_EQUAL(SQLAllocHandle(SQL_HANDLE_ENV, NULL, NULL), SQL_ERROR);
    FAILS(SQLAllocHandle(SQL_HANDLE_DBC, env, NULL), SQL_HANDLE_ENV, env, "HY009");
    FAILS(SQLAllocHandle(44, env, &out), SQL_HANDLE_ENV, env, "HY092");
    CU_ASSERT_PTR_NULL(out);
    out = PTR(5);
    FAILS(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &out), SQL_HANDLE_DBC, dbc, "08003");
    CU_ASSERT_PTR_NULL(out);
    FAILS(SQLAllocHandle(SQL_HANDLE_DESC, dbc, &out), SQL_HANDLE_DBC, dbc, "08003");
    FAILS(SQLFreeHandle(SQL_HANDLE_DESC, stmt->ard), SQL_HANDLE_DESC, stmt->ard, "HY017");
    FAILS(SQLFreeStmt(stmt, 9), SQL_HANDLE_STMT, stmt, "HY092");
    FAILS(SQLDisconnect(dbc), SQL_HANDLE_DBC, dbc, "08003");
    FAILS(SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_COMMIT), SQL_HANDLE_DBC, dbc, "08003");
    FAILS(SQLEndTran(SQL_HANDLE_DBC, dbc, 7), SQL_HANDLE_DBC, dbc, "HY012");
    FAILS(SQLEndTran(SQL_HANDLE_STMT, dbc, SQL_COMMIT), SQL_HANDLE_DBC, dbc, "HY092");
    WORKS(SQLEndTran(SQL_HANDLE_ENV, env, SQL_ROLLBACK)); /* no open connection: nothing to end */
    WORKS(SQLCancelHandle(SQL_HANDLE_DBC, dbc));
    WORKS(SQLCancelHandle(SQL_HANDLE_STMT, stmt));
    FAILS(SQLCancelHandle(SQL_HANDLE_ENV, env), SQL_HANDLE_ENV, env, "HY092");
}

/* Every allocation of making handles fails once; nothing leaks (sanitizer) and the call says HY001. */
static void test_out_of_memory(void)
{
    struct aldb_dbc *d = dbc;
    bool done = false;
    int failures = 0;
    for (int64_t n = 0; n < 200 && !done; n++) {
        struct aldb_stmt *s = NULL;
        aldb_alloc_fail_after(n);
        enum aldb_rc rc = aldb_stmt_new(d, &s);
        aldb_alloc_fail_after(-1);
        if (rc == ALDB_OK) {
            done = true;
            aldb_stmt_free(s);
        } else {
            failures++;
            CU_ASSERT_PTR_NULL(s);
        }
    }
    CU_ASSERT_TRUE(done);
    CU_ASSERT(failures >= 1);

    SQLHANDLE out = PTR(5);
    aldb_alloc_fail_after(0);
    SQLRETURN ret = SQLAllocHandle(SQL_HANDLE_DBC, env, &out);
    aldb_alloc_fail_after(-1);
    CU_ASSERT_EQUAL(ret, SQL_ERROR);
    CU_ASSERT_PTR_NULL(out);
    CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_ENV, env, 1), "HY001");

    aldb_alloc_fail_after(0);
    ret = SQLSetDescField(stmt->ard, 100, SQL_DESC_TYPE, PTR(SQL_C_SLONG), 0);
    aldb_alloc_fail_after(-1);
    CU_ASSERT_EQUAL(ret, SQL_ERROR);
    CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DESC, stmt->ard, 1), "HY001");
    CU_ASSERT_EQUAL(stmt->ard->count, 0);
}

/* ------------------------------------------------------------------ descriptors */

static void test_desc_records(void)
{
    struct aldb_desc *ard = stmt->ard;
    struct aldb_diag *diag = &ard->h.diag;
    CU_ASSERT_EQUAL(ard->count, 0);
    CU_ASSERT_EQUAL(ard->array_size, 1);
    CU_ASSERT_EQUAL(ard->alloc_type, SQL_DESC_ALLOC_AUTO);
    CU_ASSERT_PTR_NULL(aldb_desc_rec(ard, 1));
    CU_ASSERT_PTR_NULL(aldb_desc_rec(ard, -1));
    uint64_t version = ard->version;
    CU_ASSERT_EQUAL(aldb_desc_extend(ard, 3, diag), ALDB_OK);
    CU_ASSERT(ard->version > version);
    CU_ASSERT_EQUAL(ard->count, 3);
    CU_ASSERT_EQUAL(aldb_desc_rec(ard, 3)->concise_type, SQL_C_DEFAULT);
    CU_ASSERT_PTR_NOT_NULL(aldb_desc_rec(ard, 0));
    CU_ASSERT_PTR_NULL(aldb_desc_rec(ard, 4));
    CU_ASSERT_EQUAL(aldb_desc_extend(ard, 2, diag), ALDB_OK);
    CU_ASSERT_EQUAL(ard->count, 3); /* never lowers */
    CU_ASSERT_EQUAL(aldb_desc_extend(ard, SHRT_MAX, diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_desc_rec(ard, SHRT_MAX)->type, SQL_C_DEFAULT);
    aldb_desc_rec(ard, 2)->data_ptr = diag;
    aldb_desc_truncate(ard, 1);
    CU_ASSERT_EQUAL(ard->count, 1);
    CU_ASSERT_EQUAL(aldb_desc_extend(ard, 2, diag), ALDB_OK);
    CU_ASSERT_PTR_NULL(aldb_desc_rec(ard, 2)->data_ptr); /* fresh again */

    CU_ASSERT_EQUAL(aldb_desc_extend(&stmt->ipd, 1, diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_desc_rec(&stmt->ipd, 1)->parameter_type, SQL_PARAM_INPUT);
    CU_ASSERT_EQUAL(aldb_desc_rec(&stmt->ipd, 1)->unnamed, SQL_UNNAMED);
}

/* The table of defaults under SQLSetDescField. */
static void test_type_defaults(void)
{
    static const struct {
        SQLSMALLINT concise, type, code;
        SQLULEN length;
        SQLSMALLINT precision, scale;
        SQLINTEGER interval_precision;
    } cases[] = {
        {SQL_C_CHAR, SQL_C_CHAR, 0, 1, 0, 0, 0},
        {SQL_C_WCHAR, SQL_C_WCHAR, 0, 1, 0, 0, 0},
        {SQL_C_NUMERIC, SQL_C_NUMERIC, 0, 0, 38, 0, 0},
        {SQL_C_SLONG, SQL_C_SLONG, 0, 0, 0, 0, 0},
        {SQL_C_TYPE_DATE, SQL_DATETIME, SQL_CODE_DATE, 0, 0, 0, 0},
        {SQL_C_TYPE_TIME, SQL_DATETIME, SQL_CODE_TIME, 0, 0, 0, 0},
        {SQL_C_TYPE_TIMESTAMP, SQL_DATETIME, SQL_CODE_TIMESTAMP, 0, 6, 0, 0},
        {SQL_C_TIMESTAMP, SQL_DATETIME, SQL_CODE_TIMESTAMP, 0, 6, 0, 0}, /* ODBC 2 */
        {SQL_C_INTERVAL_YEAR, SQL_INTERVAL, SQL_CODE_YEAR, 0, 0, 0, 2},
        {SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL, SQL_CODE_DAY_TO_SECOND, 0, 6, 0, 2},
    };
    CU_ASSERT_EQUAL(aldb_desc_extend(stmt->ard, 1, &stmt->h.diag), ALDB_OK);
    struct aldb_desc_rec *r = aldb_desc_rec(stmt->ard, 1);
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        r->scale = 9;
        r->precision = 99;
        r->numeric_set = true;
        CU_ASSERT_TRUE(aldb_desc_rec_set_type(stmt->ard, r, cases[i].concise));
        CU_ASSERT_EQUAL(r->type, cases[i].type);
        CU_ASSERT_EQUAL(r->datetime_code, cases[i].code);
        CU_ASSERT_EQUAL(r->length, cases[i].length);
        CU_ASSERT_EQUAL(r->precision, cases[i].precision);
        CU_ASSERT_EQUAL(r->scale, cases[i].scale);
        CU_ASSERT_EQUAL(r->datetime_interval_precision, cases[i].interval_precision);
        CU_ASSERT_FALSE(r->numeric_set);
    }
    CU_ASSERT_TRUE(aldb_desc_rec_set_type(stmt->ard, r, SQL_C_DEFAULT));
    CU_ASSERT_FALSE(aldb_desc_rec_set_type(stmt->ard, r, 4711));
    CU_ASSERT_FALSE(aldb_desc_rec_set_type(stmt->ard, r, SQL_VARCHAR)); /* not a C type */
    CU_ASSERT_EQUAL(aldb_desc_extend(&stmt->ipd, 1, &stmt->h.diag), ALDB_OK);
    r = aldb_desc_rec(&stmt->ipd, 1);
    CU_ASSERT_TRUE(aldb_desc_rec_set_type(&stmt->ipd, r, SQL_VARCHAR));
    CU_ASSERT_FALSE(aldb_desc_rec_set_type(&stmt->ipd, r, SQL_C_ULONG)); /* not an SQL type */
    CU_ASSERT_TRUE(aldb_desc_rec_set_type(&stmt->ipd, r, SQL_FLOAT));
    CU_ASSERT_EQUAL(r->precision, 53);
}

/* Who may read and write what: ODBC's tables of header and record fields. Rights in the order ARD APD IRD IPD: '-' none, 'r' read, 'w' both. */
static void test_field_rights(void)
{
    static const struct {
        SQLSMALLINT id;
        const char *rights;
        int size;
    } fields[] = {
        {SQL_DESC_ALLOC_TYPE, "rrrr", 2},
        {SQL_DESC_ARRAY_SIZE, "ww--", 8},
        {SQL_DESC_ARRAY_STATUS_PTR, "wwww", 8},
        {SQL_DESC_BIND_OFFSET_PTR, "ww--", 8},
        {SQL_DESC_BIND_TYPE, "ww--", 4},
        {SQL_DESC_COUNT, "wwrw", 2},
        {SQL_DESC_ROWS_PROCESSED_PTR, "--ww", 8},
        {SQL_DESC_AUTO_UNIQUE_VALUE, "--r-", 4},
        {SQL_DESC_BASE_COLUMN_NAME, "--r-", 0},
        {SQL_DESC_BASE_TABLE_NAME, "--r-", 0},
        {SQL_DESC_CASE_SENSITIVE, "--rr", 4},
        {SQL_DESC_CATALOG_NAME, "--r-", 0},
        {SQL_DESC_CONCISE_TYPE, "wwrw", 2},
        {SQL_DESC_DATA_PTR, "ww-s", 8}, /* s: setting it only runs the check */
        {SQL_DESC_DATETIME_INTERVAL_CODE, "wwrw", 2},
        {SQL_DESC_DATETIME_INTERVAL_PRECISION, "wwrw", 4},
        {SQL_DESC_DISPLAY_SIZE, "--r-", 8},
        {SQL_DESC_FIXED_PREC_SCALE, "--rr", 2},
        {SQL_DESC_INDICATOR_PTR, "ww--", 8},
        {SQL_DESC_LABEL, "--r-", 0},
        {SQL_DESC_LENGTH, "wwrw", 8},
        {SQL_DESC_LITERAL_PREFIX, "--r-", 0},
        {SQL_DESC_LITERAL_SUFFIX, "--r-", 0},
        {SQL_DESC_LOCAL_TYPE_NAME, "--rr", 0},
        {SQL_DESC_NAME, "--rw", 0},
        {SQL_DESC_NULLABLE, "--rr", 2},
        {SQL_DESC_NUM_PREC_RADIX, "wwrw", 4},
        {SQL_DESC_OCTET_LENGTH, "wwrw", 8},
        {SQL_DESC_OCTET_LENGTH_PTR, "ww--", 8},
        {SQL_DESC_PARAMETER_TYPE, "---w", 2},
        {SQL_DESC_PRECISION, "wwrw", 2},
        {SQL_DESC_ROWVER, "--rr", 2},
        {SQL_DESC_SCALE, "wwrw", 2},
        {SQL_DESC_SCHEMA_NAME, "--r-", 0},
        {SQL_DESC_SEARCHABLE, "--r-", 2},
        {SQL_DESC_TABLE_NAME, "--r-", 0},
        {SQL_DESC_TYPE, "wwrw", 2},
        {SQL_DESC_TYPE_NAME, "--rr", 0},
        {SQL_DESC_UNNAMED, "--rw", 2},
        {SQL_DESC_UNSIGNED, "--rr", 2},
        {SQL_DESC_UPDATABLE, "--r-", 2},
    };
    struct aldb_desc *descs[] = {stmt->ard, stmt->apd, &stmt->ird, &stmt->ipd};
    for (size_t d = 0; d < 4; d++) {
        CU_ASSERT_EQUAL(aldb_desc_extend(descs[d], 1, &stmt->h.diag), ALDB_OK);
    }
    /* The state of a statement that has run: the descriptors are read as they stand. */
    stmt->state = ALDB_STMT_EXECUTED;
    stmt->ipd_current = true;
    for (size_t i = 0; i < ALDB_COUNT(fields); i++) {
        for (size_t d = 0; d < 4; d++) {
            unsigned char value[64];
            SQLINTEGER length = -1;
            memset(value, 0xff, sizeof value);
            char right = fields[i].rights[d];
            SQLRETURN ret = SQLGetDescField(descs[d], 1, fields[i].id, value, sizeof value, &length);
            if (right == 'r' || right == 'w') {
                CU_ASSERT_EQUAL(ret, SQL_SUCCESS);
                if (fields[i].size) {
                    CU_ASSERT_EQUAL(length, fields[i].size);
                    CU_ASSERT_EQUAL(value[fields[i].size], 0xff); /* its own width and no more */
                } else {
                    CU_ASSERT_EQUAL(length, 0);
                    CU_ASSERT_EQUAL(value[0], 0);
                }
            } else {
                CU_ASSERT_EQUAL(ret, SQL_ERROR);
                CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DESC, descs[d], 1), "HY091");
            }
            if (right != 'w' && right != 's') {
                bool ird = d == 2;
                ret = SQLSetDescField(descs[d], 1, fields[i].id, NULL, 0);
                CU_ASSERT_EQUAL(ret, SQL_ERROR);
                CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DESC, descs[d], 1), ird ? "HY016" : "HY091");
            }
        }
    }
    FAILS(SQLGetDescField(stmt->ard, 1, 4711, NULL, 0, NULL), SQL_HANDLE_DESC, stmt->ard, "HY091");
    FAILS(SQLSetDescField(stmt->ard, 1, 4711, NULL, 0), SQL_HANDLE_DESC, stmt->ard, "HY091");
    FAILS(SQLSetDescField(&stmt->ird, 1, 4711, NULL, 0), SQL_HANDLE_DESC, &stmt->ird, "HY091");
}

static void test_desc_bounds(void)
{
    struct aldb_desc *ird = &stmt->ird;
    /* Not prepared: nothing to describe, whatever else is wrong with the arguments. */
    FAILS(SQLGetDescRec(ird, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_DESC, ird, "HY007");
    FAILS(SQLGetDescField(ird, 1, SQL_DESC_TYPE, NULL, 0, NULL), SQL_HANDLE_DESC, ird, "HY007");
    FAILS(SQLGetDescRec(ird, -1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_DESC, ird, "07009");
    stmt->state = ALDB_STMT_EXECUTED;
    CU_ASSERT_EQUAL(SQLGetDescRec(ird, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
    CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DESC, ird, 1), LAST);
    FAILS(SQLGetDescRec(ird, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_DESC, ird, "07009");
    CU_ASSERT_EQUAL(SQLGetDescField(stmt->ard, 1, SQL_DESC_TYPE, NULL, 0, NULL), SQL_NO_DATA);
    FAILS(SQLGetDescField(stmt->ard, -5, SQL_DESC_TYPE, NULL, 0, NULL), SQL_HANDLE_DESC, stmt->ard, "07009");
    FAILS(SQLGetDescField(stmt->apd, 0, SQL_DESC_TYPE, NULL, 0, NULL), SQL_HANDLE_DESC, stmt->apd, "07009");
    FAILS(SQLSetDescField(&stmt->ipd, 0, SQL_DESC_TYPE, PTR(SQL_INTEGER), 0), SQL_HANDLE_DESC, &stmt->ipd, "07009");
    FAILS(SQLSetDescField(stmt->ard, -1, SQL_DESC_TYPE, PTR(SQL_C_SLONG), 0), SQL_HANDLE_DESC, stmt->ard, "07009");
    WORKS(SQLGetDescField(stmt->ard, 0, SQL_DESC_TYPE, NULL, 0, NULL)); /* the bookmark's record */
    FAILS(SQLSetDescField(stmt->ard, 0, SQL_DESC_DATA_PTR, env, 0), SQL_HANDLE_DESC, stmt->ard, "HYC00");
    /* header fields do not care for the record */
    WORKS(SQLGetDescField(ird, -9, SQL_DESC_COUNT, NULL, 0, NULL));
}

static void test_desc_count(void)
{
    struct aldb_desc *ard = stmt->ard;
    SQLINTEGER target;
    WORKS(SQLSetDescField(ard, 4, SQL_DESC_CONCISE_TYPE, PTR(SQL_C_SLONG), 0));
    CU_ASSERT_EQUAL(ard->count, 4); /* a record beyond COUNT raises it */
    FAILS(SQLSetDescField(ard, 9, SQL_DESC_CONCISE_TYPE, PTR(4711), 0), SQL_HANDLE_DESC, ard, "HY021");
    CU_ASSERT_EQUAL(ard->count, 4); /* but not when the call fails */
    WORKS(SQLSetDescField(ard, 4, SQL_DESC_DATA_PTR, &target, 0));
    WORKS(SQLSetDescField(ard, 2, SQL_DESC_CONCISE_TYPE, PTR(SQL_C_SLONG), 0));
    WORKS(SQLSetDescField(ard, 2, SQL_DESC_DATA_PTR, &target, 0));
    WORKS(SQLSetDescField(ard, 4, SQL_DESC_DATA_PTR, NULL, 0));
    CU_ASSERT_EQUAL(ard->count, 2); /* the next bound one */
    WORKS(SQLSetDescField(ard, 0, SQL_DESC_COUNT, PTR(7), 0));
    CU_ASSERT_EQUAL(ard->count, 7);
    WORKS(SQLSetDescField(ard, 0, SQL_DESC_COUNT, PTR(0), 0));
    CU_ASSERT_EQUAL(ard->count, 0);
    FAILS(SQLSetDescField(ard, 0, SQL_DESC_COUNT, PTR(-1), 0), SQL_HANDLE_DESC, ard, "07009");
    FAILS(SQLSetDescField(ard, 0, SQL_DESC_COUNT, PTR(65538), 0), SQL_HANDLE_DESC, ard, "07009");
    FAILS(SQLSetDescField(ard, 1, SQL_DESC_CONCISE_TYPE, PTR(65536 + SQL_C_CHAR), 0), SQL_HANDLE_DESC, ard, "HY024");
    FAILS(SQLSetDescField(ard, 1, SQL_DESC_SCALE, PTR(-32769), 0), SQL_HANDLE_DESC, ard, "HY024");
    CU_ASSERT_EQUAL(ard->count, 0);
    FAILS(SQLSetDescField(ard, 0, SQL_DESC_ARRAY_SIZE, PTR(0), 0), SQL_HANDLE_DESC, ard, "HY024");
    FAILS(SQLSetDescField(ard, 0, SQL_DESC_BIND_TYPE, PTR(-1), 0), SQL_HANDLE_DESC, ard, "HY024");
}

static void test_desc_binding(void)
{
    struct aldb_desc *ard = stmt->ard;
    SQL_NUMERIC_STRUCT number;
    SQLLEN indicator;
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_TYPE, PTR(SQL_C_NUMERIC), 0));
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &number, 0));
    struct aldb_desc_rec *r = aldb_desc_rec(ard, 1);
    CU_ASSERT_TRUE(r->bound);
    CU_ASSERT_FALSE(r->numeric_set);
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_INDICATOR_PTR, &indicator, 0)); /* deferred: stays bound */
    CU_ASSERT_PTR_EQUAL(r->data_ptr, &number);
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_SCALE, PTR(4), 0));
    CU_ASSERT_PTR_NULL(r->data_ptr); /* anything else unbinds */
    CU_ASSERT_FALSE(r->bound);
    CU_ASSERT_TRUE(r->numeric_set);
    CU_ASSERT_EQUAL(r->scale, 4);
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_PRECISION, PTR(39), 0));
    FAILS(SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &number, 0), SQL_HANDLE_DESC, ard, "HY021");
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_PRECISION, PTR(38), 0));
    WORKS(SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &number, 0));

    /* datetime in three steps */
    WORKS(SQLSetDescField(ard, 2, SQL_DESC_TYPE, PTR(SQL_DATETIME), 0));
    FAILS(SQLSetDescField(ard, 2, SQL_DESC_DATA_PTR, &number, 0), SQL_HANDLE_DESC, ard, "HY021");
    FAILS(SQLSetDescField(ard, 2, SQL_DESC_DATETIME_INTERVAL_CODE, PTR(99), 0), SQL_HANDLE_DESC, ard, "HY021");
    WORKS(SQLSetDescField(ard, 2, SQL_DESC_DATETIME_INTERVAL_CODE, PTR(SQL_CODE_TIMESTAMP), 0));
    r = aldb_desc_rec(ard, 2);
    CU_ASSERT_EQUAL(r->concise_type, SQL_C_TYPE_TIMESTAMP);
    CU_ASSERT_EQUAL(r->precision, 6);
    WORKS(SQLSetDescField(ard, 2, SQL_DESC_PRECISION, PTR(10), 0));
    FAILS(SQLSetDescField(ard, 2, SQL_DESC_DATA_PTR, &number, 0), SQL_HANDLE_DESC, ard, "HY021");
    FAILS(SQLSetDescField(ard, 2, SQL_DESC_TYPE, PTR(SQL_C_TYPE_DATE), 0), SQL_HANDLE_DESC, ard, "HY021"); /* concise, not verbose */
    FAILS(SQLSetDescField(ard, 3, SQL_DESC_DATETIME_INTERVAL_CODE, PTR(SQL_CODE_DATE), 0), SQL_HANDLE_DESC, ard, "HY021");
    FAILS(SQLSetDescField(ard, 1, SQL_DESC_OCTET_LENGTH, PTR(-3), 0), SQL_HANDLE_DESC, ard, "HY090");
}

static void test_ipd(void)
{
    struct aldb_desc *ipd = &stmt->ipd;
    char long_name[80];
    memset(long_name, 'n', sizeof long_name);
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_NAME, "größe", SQL_NTS));
    struct aldb_desc_rec *r = aldb_desc_rec(ipd, 1);
    CU_ASSERT_STRING_EQUAL(r->name, "größe");
    CU_ASSERT_EQUAL(r->unnamed, SQL_NAMED);
    SQLWCHAR wide[] = {'x', 0x00e9, 'z', 0};
    WORKS(SQLSetDescFieldW(ipd, 1, SQL_DESC_NAME, wide, 4)); /* bytes: two characters */
    CU_ASSERT_STRING_EQUAL(r->name, "xé");
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_UNNAMED, PTR(SQL_UNNAMED), 0));
    CU_ASSERT_EQUAL(r->unnamed, SQL_UNNAMED);
    FAILS(SQLSetDescField(ipd, 1, SQL_DESC_UNNAMED, PTR(SQL_NAMED), 0), SQL_HANDLE_DESC, ipd, "HY091");
    FAILS(SQLSetDescField(ipd, 1, SQL_DESC_NAME, long_name, 64), SQL_HANDLE_DESC, ipd, "22001");
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_NAME, long_name, 63));
    FAILS(SQLSetDescField(ipd, 1, SQL_DESC_NAME, "\xff", 1), SQL_HANDLE_DESC, ipd, "22018");
    FAILS(SQLSetDescField(ipd, 1, SQL_DESC_NAME, "a", -7), SQL_HANDLE_DESC, ipd, "HY090");
    FAILS(SQLSetDescField(ipd, 1, SQL_DESC_PARAMETER_TYPE, PTR(3), 0), SQL_HANDLE_DESC, ipd, "HY105");
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_PARAMETER_TYPE, PTR(SQL_PARAM_OUTPUT_STREAM), 0));
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_PARAMETER_TYPE, PTR(SQL_PARAM_OUTPUT), 0));
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_CONCISE_TYPE, PTR(SQL_NUMERIC), 0));
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_PRECISION, PTR(12), 0));
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_SCALE, PTR(3), 0));
    CU_ASSERT_EQUAL(r->column_size, 12); /* as SQLBindParameter would have set them */
    CU_ASSERT_EQUAL(r->decimal_digits, 3);
    WORKS(SQLSetDescField(ipd, 1, SQL_DESC_DATA_PTR, PTR(1), 0)); /* the check, nothing else */
    CU_ASSERT_PTR_NULL(r->data_ptr);
}

static void test_set_rec(void)
{
    struct aldb_desc *ard = stmt->ard;
    SQLINTEGER value;
    SQLLEN ind;
    WORKS(SQLSetDescRec(ard, 2, SQL_C_SLONG, 0, 4, 0, 0, &value, &ind, &ind));
    struct aldb_desc_rec *r = aldb_desc_rec(ard, 2);
    CU_ASSERT_EQUAL(ard->count, 2);
    CU_ASSERT_EQUAL(r->concise_type, SQL_C_SLONG);
    CU_ASSERT_PTR_EQUAL(r->data_ptr, &value);
    CU_ASSERT_PTR_EQUAL(r->indicator_ptr, &ind);
    /* all or nothing */
    FAILS(SQLSetDescRec(ard, 2, SQL_DATETIME, 99, 4, 0, 0, &value, NULL, NULL), SQL_HANDLE_DESC, ard, "HY021");
    CU_ASSERT_EQUAL(aldb_desc_rec(ard, 2)->concise_type, SQL_C_SLONG);
    CU_ASSERT_PTR_EQUAL(aldb_desc_rec(ard, 2)->data_ptr, &value);
    FAILS(SQLSetDescRec(ard, 8, SQL_C_NUMERIC, 0, 19, 50, 0, &value, NULL, NULL), SQL_HANDLE_DESC, ard, "HY021");
    CU_ASSERT_EQUAL(ard->count, 2);
    FAILS(SQLSetDescRec(ard, 1, SQL_C_CHAR, 0, -1, 0, 0, NULL, NULL, NULL), SQL_HANDLE_DESC, ard, "HY090");
    FAILS(SQLSetDescRec(ard, -2, SQL_C_CHAR, 0, 1, 0, 0, NULL, NULL, NULL), SQL_HANDLE_DESC, ard, "07009");
    FAILS(SQLSetDescRec(&stmt->ird, 1, SQL_CHAR, 0, 1, 0, 0, NULL, NULL, NULL), SQL_HANDLE_DESC, &stmt->ird, "HY016");
    WORKS(SQLSetDescRec(ard, 2, SQL_DATETIME, SQL_CODE_DATE, 6, 0, 0, &value, NULL, NULL));

    SQLSMALLINT type = -1;
    SQLSMALLINT sub = -1;
    SQLLEN length = -1;
    WORKS(SQLGetDescRec(ard, 2, NULL, 0, NULL, &type, &sub, &length, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(type, SQL_DATETIME);
    CU_ASSERT_EQUAL(sub, SQL_CODE_DATE);
    CU_ASSERT_EQUAL(length, 6);
    CU_ASSERT_EQUAL(SQLGetDescRec(ard, 3, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
}

/* Plans are remembered by address and version of a descriptor: where one was freed the next one must not look the same. */
static void test_desc_versions(void)
{
    struct aldb_desc d;
    aldb_desc_init(&d, NULL, NULL, ALDB_DESC_EXPLICIT);
    uint64_t first = d.version;
    aldb_desc_clear(&d);
    aldb_desc_init(&d, NULL, NULL, ALDB_DESC_EXPLICIT);
    CU_ASSERT_NOT_EQUAL(d.version, first);
    CU_ASSERT_TRUE(d.version > first + 1000000);
    aldb_desc_clear(&d);
}

static void test_copy_desc(void)
{
    SQLINTEGER value;
    struct aldb_desc *x = new_desc(dbc);
    WORKS(SQLSetDescRec(stmt->ard, 3, SQL_C_SLONG, 0, 4, 0, 0, &value, NULL, NULL));
    WORKS(SQLSetDescField(stmt->ard, 0, SQL_DESC_ARRAY_SIZE, PTR(9), 0));
    WORKS(SQLCopyDesc(stmt->ard, x));
    CU_ASSERT_EQUAL(x->count, 3);
    CU_ASSERT_EQUAL(x->array_size, 9);
    CU_ASSERT_PTR_EQUAL(aldb_desc_rec(x, 3)->data_ptr, &value);
    CU_ASSERT_EQUAL(x->alloc_type, SQL_DESC_ALLOC_USER); /* never copied */
    WORKS(SQLCopyDesc(x, stmt->apd));
    CU_ASSERT_EQUAL(stmt->apd->alloc_type, SQL_DESC_ALLOC_AUTO);
    CU_ASSERT_EQUAL(stmt->apd->count, 3);
    WORKS(SQLCopyDesc(x, x));

    /* strings are copied, not shared */
    WORKS(SQLSetDescField(&stmt->ipd, 1, SQL_DESC_NAME, "p", SQL_NTS));
    struct aldb_stmt *other = new_stmt(dbc);
    WORKS(SQLCopyDesc(&stmt->ipd, &other->ipd));
    CU_ASSERT_STRING_EQUAL(aldb_desc_rec(&other->ipd, 1)->name, "p");
    CU_ASSERT_PTR_NOT_EQUAL(aldb_desc_rec(&other->ipd, 1)->name, aldb_desc_rec(&stmt->ipd, 1)->name);
    WORKS(SQLFreeHandle(SQL_HANDLE_STMT, other));

    FAILS(SQLCopyDesc(x, &stmt->ird), SQL_HANDLE_DESC, &stmt->ird, "HY016");
    FAILS(SQLCopyDesc(&stmt->ird, x), SQL_HANDLE_DESC, x, "HY007");
    CU_ASSERT_EQUAL(SQLCopyDesc(NULL, x), SQL_INVALID_HANDLE);
    CU_ASSERT_EQUAL(SQLCopyDesc(x, NULL), SQL_INVALID_HANDLE);
    WORKS(SQLFreeHandle(SQL_HANDLE_DESC, x));
}

static void test_explicit_descriptor(void)
{
    struct aldb_desc *x = new_desc(dbc);
    struct aldb_stmt *other = new_stmt(dbc);
    SQLHANDLE got = NULL;
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, x, SQL_IS_POINTER));
    WORKS(SQLSetStmtAttr(other, SQL_ATTR_APP_PARAM_DESC, x, SQL_IS_POINTER));
    WORKS(SQLGetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &got, sizeof got, NULL));
    CU_ASSERT_PTR_EQUAL(got, x);
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, PTR(5), 0));
    SQLULEN sets = 0;
    WORKS(SQLGetStmtAttr(other, SQL_ATTR_PARAMSET_SIZE, &sets, 0, NULL));
    CU_ASSERT_EQUAL(sets, 5); /* shared */
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, SQL_NULL_HANDLE, SQL_IS_POINTER));
    CU_ASSERT_PTR_EQUAL(stmt->ard, &stmt->own_ard);
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, x, SQL_IS_POINTER));
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &stmt->own_ard, SQL_IS_POINTER));
    CU_ASSERT_PTR_EQUAL(stmt->ard, &stmt->own_ard);
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, x, SQL_IS_POINTER));

    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &other->own_ard, 0), SQL_HANDLE_STMT, stmt, "HY017");
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &stmt->own_apd, 0), SQL_HANDLE_STMT, stmt, "HY017");
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, dbc, 0), SQL_HANDLE_STMT, stmt, "HY024");
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, x, 0), SQL_HANDLE_STMT, stmt, "HY017");
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_IMP_PARAM_DESC, NULL, 0), SQL_HANDLE_STMT, stmt, "HY017");
    SQLHDBC second;
    WORKS(SQLAllocHandle(SQL_HANDLE_DBC, env, &second));
    struct aldb_desc *foreign = new_desc(second);
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, foreign, 0), SQL_HANDLE_STMT, stmt, "HY024");
    WORKS(SQLFreeHandle(SQL_HANDLE_DBC, second)); /* takes the descriptor along */
    CU_ASSERT_EQUAL(SQLFreeHandle(SQL_HANDLE_DESC, foreign), SQL_INVALID_HANDLE);

    WORKS(SQLFreeHandle(SQL_HANDLE_DESC, x));
    CU_ASSERT_PTR_EQUAL(stmt->ard, &stmt->own_ard); /* everybody is back to the implicit one */
    CU_ASSERT_PTR_EQUAL(other->apd, &other->own_apd);
    WORKS(SQLFreeHandle(SQL_HANDLE_STMT, other));
}

static void test_free_stmt_options(void)
{
    SQLINTEGER value;
    WORKS(SQLSetDescRec(stmt->ard, 2, SQL_C_SLONG, 0, 4, 0, 0, &value, NULL, NULL));
    WORKS(SQLSetDescRec(stmt->apd, 2, SQL_C_SLONG, 0, 4, 0, 0, &value, NULL, NULL));
    WORKS(SQLSetDescField(&stmt->ipd, 2, SQL_DESC_TYPE, PTR(SQL_INTEGER), 0));
    WORKS(SQLFreeStmt(stmt, SQL_UNBIND));
    CU_ASSERT_EQUAL(stmt->ard->count, 0);
    CU_ASSERT_EQUAL(stmt->apd->count, 2);
    WORKS(SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    CU_ASSERT_EQUAL(stmt->apd->count, 0);
    CU_ASSERT_EQUAL(stmt->ipd.count, 0);
    WORKS(SQLFreeStmt(stmt, SQL_CLOSE));
}

/* ------------------------------------------------------------------ attributes */

static void test_env_attrs(void)
{
    SQLHENV e;
    SQLINTEGER value = -1;
    SQLINTEGER length = -1;
    WORKS(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &e));
    static const SQLULEN versions[] = {SQL_OV_ODBC2, SQL_OV_ODBC3, SQL_OV_ODBC3_80};
    for (size_t i = 0; i < ALDB_COUNT(versions); i++) {
        WORKS(SQLSetEnvAttr(e, SQL_ATTR_ODBC_VERSION, PTR(versions[i]), 0));
        WORKS(SQLGetEnvAttr(e, SQL_ATTR_ODBC_VERSION, &value, sizeof value, &length));
        CU_ASSERT_EQUAL(value, (SQLINTEGER)versions[i]);
        CU_ASSERT_EQUAL(length, 4);
    }
    FAILS(SQLSetEnvAttr(e, SQL_ATTR_ODBC_VERSION, PTR(4), 0), SQL_HANDLE_ENV, e, "HY024");
    WORKS(SQLSetEnvAttr(e, SQL_ATTR_OUTPUT_NTS, PTR(SQL_TRUE), 0));
    FAILS(SQLSetEnvAttr(e, SQL_ATTR_OUTPUT_NTS, PTR(SQL_FALSE), 0), SQL_HANDLE_ENV, e, "HYC00");
    WORKS(SQLGetEnvAttr(e, SQL_ATTR_OUTPUT_NTS, &value, 0, NULL));
    CU_ASSERT_EQUAL(value, SQL_TRUE);
    FAILS(SQLSetEnvAttr(e, SQL_ATTR_CONNECTION_POOLING, PTR(1), 0), SQL_HANDLE_ENV, e, "HYC00");
    FAILS(SQLSetEnvAttr(e, 4711, PTR(1), 0), SQL_HANDLE_ENV, e, "HY092");
    FAILS(SQLGetEnvAttr(e, 4711, &value, 0, NULL), SQL_HANDLE_ENV, e, "HY092");
    WORKS(SQLGetEnvAttr(e, SQL_ATTR_ODBC_VERSION, NULL, 0, NULL));
    WORKS(SQLFreeHandle(SQL_HANDLE_ENV, e));
    FAILS(SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, PTR(SQL_OV_ODBC2), 0), SQL_HANDLE_ENV, env, "HY010"); /* has a connection handle */
}

static SQLULEN stmt_attr(SQLINTEGER id)
{
    SQLULEN value = ~(SQLULEN)0;
    SQLINTEGER length = 0;
    CU_ASSERT_EQUAL(SQLGetStmtAttr(stmt, id, &value, sizeof value, &length), SQL_SUCCESS);
    CU_ASSERT_EQUAL(length, 8);
    return value; /* all eight bytes written: no 0xff left in a small number */
}

static void test_stmt_attr_defaults(void)
{
    static const struct {
        SQLINTEGER id;
        SQLULEN value;
    } defaults[] = {
        {SQL_ATTR_QUERY_TIMEOUT, 0},
        {SQL_ATTR_MAX_ROWS, 0},
        {SQL_ATTR_NOSCAN, SQL_NOSCAN_OFF},
        {SQL_ATTR_MAX_LENGTH, 0},
        {SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF},
        {SQL_ATTR_ROW_BIND_TYPE, SQL_BIND_BY_COLUMN},
        {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY},
        {SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY},
        {SQL_ATTR_KEYSET_SIZE, 0},
        {SQL_ROWSET_SIZE, 1},
        {SQL_ATTR_SIMULATE_CURSOR, SQL_SC_NON_UNIQUE},
        {SQL_ATTR_RETRIEVE_DATA, SQL_RD_ON},
        {SQL_ATTR_USE_BOOKMARKS, SQL_UB_OFF},
        {SQL_ATTR_ENABLE_AUTO_IPD, SQL_TRUE},
        {SQL_ATTR_FETCH_BOOKMARK_PTR, 0},
        {SQL_ATTR_PARAM_BIND_OFFSET_PTR, 0},
        {SQL_ATTR_PARAM_BIND_TYPE, 0},
        {SQL_ATTR_PARAM_OPERATION_PTR, 0},
        {SQL_ATTR_PARAM_STATUS_PTR, 0},
        {SQL_ATTR_PARAMS_PROCESSED_PTR, 0},
        {SQL_ATTR_PARAMSET_SIZE, 1},
        {SQL_ATTR_ROW_BIND_OFFSET_PTR, 0},
        {SQL_ATTR_ROW_OPERATION_PTR, 0},
        {SQL_ATTR_ROW_STATUS_PTR, 0},
        {SQL_ATTR_ROWS_FETCHED_PTR, 0},
        {SQL_ATTR_ROW_ARRAY_SIZE, 1},
        {SQL_ATTR_METADATA_ID, SQL_FALSE},
        {SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE},
        {SQL_ATTR_CURSOR_SENSITIVITY, SQL_UNSPECIFIED},
    };
    for (size_t i = 0; i < ALDB_COUNT(defaults); i++) {
        CU_ASSERT_EQUAL(stmt_attr(defaults[i].id), defaults[i].value);
    }
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_APP_ROW_DESC), (SQLULEN)(uintptr_t)&stmt->own_ard);
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_APP_PARAM_DESC), (SQLULEN)(uintptr_t)&stmt->own_apd);
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_IMP_ROW_DESC), (SQLULEN)(uintptr_t)&stmt->ird);
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_IMP_PARAM_DESC), (SQLULEN)(uintptr_t)&stmt->ipd);
    WORKS(SQLGetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NULL, 0, NULL));
    FAILS(SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, NULL, 0, NULL), SQL_HANDLE_STMT, stmt, "24000");
    FAILS(SQLGetStmtAttr(stmt, SQL_GET_BOOKMARK, NULL, 0, NULL), SQL_HANDLE_STMT, stmt, "HYC00");
    FAILS(SQLGetStmtAttr(stmt, 4711, NULL, 0, NULL), SQL_HANDLE_STMT, stmt, "HY092");
    stmt->state = ALDB_STMT_CURSOR;
    stmt->row_number = 41;
    stmt->rowset_pos = 1;
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_ROW_NUMBER), 42);
    stmt->row_number = 0;
    FAILS(SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, NULL, 0, NULL), SQL_HANDLE_STMT, stmt, "24000");
    stmt->state = ALDB_STMT_ALLOCATED;
}

static void test_stmt_attr_set(void)
{
    static const struct {
        SQLINTEGER id;
        SQLULEN good, bad;
        bool has_bad;
    } plain[] = {
        {SQL_ATTR_QUERY_TIMEOUT, 30, 0, false},         {SQL_ATTR_MAX_ROWS, 10, 0, false},
        {SQL_ATTR_MAX_LENGTH, 99, 0, false},            {SQL_ATTR_NOSCAN, SQL_NOSCAN_ON, 2, true},
        {SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF, 2, true},  {SQL_ATTR_METADATA_ID, SQL_TRUE, 2, true},
        {SQL_ATTR_ENABLE_AUTO_IPD, SQL_FALSE, 2, true}, {SQL_ROWSET_SIZE, 20, 0, true},
        {SQL_ATTR_ROW_ARRAY_SIZE, 1000, 0, true},       {SQL_ATTR_PARAMSET_SIZE, 1000, 0, true},
        {SQL_ATTR_ROW_BIND_TYPE, 48, 0, false},         {SQL_ATTR_PARAM_BIND_TYPE, 48, 0, false},
        {SQL_ATTR_ROW_STATUS_PTR, 0x1000, 0, false},    {SQL_ATTR_ROWS_FETCHED_PTR, 0x1008, 0, false},
        {SQL_ATTR_PARAM_STATUS_PTR, 0x1010, 0, false},  {SQL_ATTR_PARAMS_PROCESSED_PTR, 0x1018, 0, false},
        {SQL_ATTR_ROW_BIND_OFFSET_PTR, 0x1020, 0, false}, {SQL_ATTR_ROW_OPERATION_PTR, 0x1030, 0, false},
        {SQL_ATTR_PARAM_BIND_OFFSET_PTR, 0x1040, 0, false}, {SQL_ATTR_PARAM_OPERATION_PTR, 0x1050, 0, false},
    };
    for (size_t i = 0; i < ALDB_COUNT(plain); i++) {
        WORKS(SQLSetStmtAttr(stmt, plain[i].id, PTR(plain[i].good), SQL_IS_UINTEGER));
        CU_ASSERT_EQUAL(stmt_attr(plain[i].id), plain[i].good);
        if (plain[i].has_bad) {
            FAILS(SQLSetStmtAttr(stmt, plain[i].id, PTR(plain[i].bad), 0), SQL_HANDLE_STMT, stmt, "HY024");
            CU_ASSERT_EQUAL(stmt_attr(plain[i].id), plain[i].good);
        }
    }
    /* the same fields by the other road */
    SQLULEN size = 0;
    WORKS(SQLGetDescField(stmt->ard, 0, SQL_DESC_ARRAY_SIZE, &size, 0, NULL));
    CU_ASSERT_EQUAL(size, 1000);
    WORKS(SQLSetDescField(stmt->ard, 0, SQL_DESC_ARRAY_SIZE, PTR(7), 0));
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_ROW_ARRAY_SIZE), 7);
    CU_ASSERT_PTR_EQUAL(stmt->ird.array_status_ptr, PTR(0x1000));
    CU_ASSERT_PTR_EQUAL(stmt->ipd.rows_processed_ptr, PTR(0x1018));

    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, PTR(2), 0), SQL_HANDLE_STMT, stmt, "HY024");
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, PTR(0x1020), 0));
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_FETCH_BOOKMARK_PTR), 0x1020);
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, PTR(1), 0), SQL_HANDLE_STMT, stmt, "HY092");
    FAILS(SQLSetStmtAttr(stmt, 4711, PTR(1), 0), SQL_HANDLE_STMT, stmt, "HY092");
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_STMT_EVENT, PTR(1), 0), SQL_HANDLE_STMT, stmt, "S1118");
    WARNS(SQLSetStmtAttr(stmt, SQL_ATTR_KEYSET_SIZE, PTR(5), 0), SQL_HANDLE_STMT, stmt, "01S02");
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_KEYSET_SIZE), 0);
    WARNS(SQLSetStmtAttr(stmt, SQL_ATTR_SIMULATE_CURSOR, PTR(SQL_SC_UNIQUE), 0), SQL_HANDLE_STMT, stmt, "01S02");

    struct aldb_dbc *d = dbc;
    d->options.IgnoreTimeout = true;
    WARNS(SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, PTR(5), 0), SQL_HANDLE_STMT, stmt, "01S02");
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_QUERY_TIMEOUT), 0);
    d->options.IgnoreTimeout = false;
}

static void test_cursor_attrs(void)
{
    static const SQLULEN types[] = {SQL_CURSOR_STATIC, SQL_CURSOR_KEYSET_DRIVEN, SQL_CURSOR_DYNAMIC};
    for (size_t i = 0; i < ALDB_COUNT(types); i++) {
        if (types[i] == SQL_CURSOR_DYNAMIC) {
            WARNS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, PTR(types[i]), 0), SQL_HANDLE_STMT, stmt, "01S02");
        } else {
            WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, PTR(types[i]), 0));
        }
        CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_TYPE), types[i] == SQL_CURSOR_STATIC ? SQL_CURSOR_STATIC : SQL_CURSOR_KEYSET_DRIVEN);
        CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_SCROLLABLE), SQL_SCROLLABLE);
        CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_SENSITIVITY), types[i] == SQL_CURSOR_STATIC ? SQL_INSENSITIVE : SQL_UNSPECIFIED);
    }
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, PTR(SQL_CURSOR_FORWARD_ONLY), 0));
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_SCROLLABLE), SQL_NONSCROLLABLE);
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, PTR(4), 0), SQL_HANDLE_STMT, stmt, "HY024");
    static const SQLULEN concurrencies[] = {SQL_CONCUR_LOCK, SQL_CONCUR_ROWVER, SQL_CONCUR_VALUES};
    for (size_t i = 0; i < ALDB_COUNT(concurrencies); i++) {
        if (concurrencies[i] == SQL_CONCUR_ROWVER) {
            WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, PTR(concurrencies[i]), 0));
        } else {
            WARNS(SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, PTR(concurrencies[i]), 0), SQL_HANDLE_STMT, stmt, "01S02");
        }
        CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CONCURRENCY), SQL_CONCUR_ROWVER);
        CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_SENSITIVITY), SQL_UNSPECIFIED);
    }
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, PTR(SQL_CONCUR_READ_ONLY), 0));
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_SENSITIVITY), SQL_INSENSITIVE); /* read-only makes it so */
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, PTR(0), 0), SQL_HANDLE_STMT, stmt, "HY024");
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_SCROLLABLE, PTR(SQL_SCROLLABLE), 0));
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_TYPE), SQL_CURSOR_STATIC);
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_SCROLLABLE, PTR(2), 0), SQL_HANDLE_STMT, stmt, "HY024");
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_SCROLLABLE, PTR(SQL_NONSCROLLABLE), 0));
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_SENSITIVITY, PTR(SQL_SENSITIVE), 0), SQL_HANDLE_STMT, stmt, "HYC00");
    FAILS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_SENSITIVITY, PTR(3), 0), SQL_HANDLE_STMT, stmt, "HY024");
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_SENSITIVITY, PTR(SQL_INSENSITIVE), 0));
    CU_ASSERT_EQUAL(stmt_attr(SQL_ATTR_CURSOR_TYPE), SQL_CURSOR_STATIC);
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_USE_BOOKMARKS, PTR(SQL_UB_VARIABLE), 0));
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_USE_BOOKMARKS, PTR(SQL_UB_OFF), 0));

    static const SQLINTEGER six[] = {SQL_ATTR_CURSOR_TYPE,       SQL_ATTR_CONCURRENCY,        SQL_ATTR_SIMULATE_CURSOR,
                                     SQL_ATTR_USE_BOOKMARKS,     SQL_ATTR_CURSOR_SCROLLABLE,  SQL_ATTR_CURSOR_SENSITIVITY};
    for (size_t i = 0; i < ALDB_COUNT(six); i++) {
        stmt->state = ALDB_STMT_PREPARED;
        FAILS(SQLSetStmtAttr(stmt, six[i], PTR(0), 0), SQL_HANDLE_STMT, stmt, "HY011");
        stmt->state = ALDB_STMT_EXECUTED;
        FAILS(SQLSetStmtAttr(stmt, six[i], PTR(0), 0), SQL_HANDLE_STMT, stmt, "24000");
        stmt->state = ALDB_STMT_CURSOR;
        FAILS(SQLSetStmtAttr(stmt, six[i], PTR(0), 0), SQL_HANDLE_STMT, stmt, "24000");
    }
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, PTR(3), 0)); /* others may */
    stmt->state = ALDB_STMT_ALLOCATED;
}

static SQLUINTEGER dbc_attr(SQLINTEGER id)
{
    unsigned char value[8];
    SQLINTEGER length = 0;
    memset(value, 0xee, sizeof value);
    CU_ASSERT_EQUAL(SQLGetConnectAttr(dbc, id, value, sizeof value, &length), SQL_SUCCESS);
    CU_ASSERT_EQUAL(length, 4);
    CU_ASSERT_EQUAL(value[4], 0xee); /* four bytes, no more */
    SQLUINTEGER number;
    memcpy(&number, value, sizeof number);
    return number;
}

static void test_dbc_attrs(void)
{
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_AUTOCOMMIT), SQL_AUTOCOMMIT_ON);
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_ACCESS_MODE), SQL_MODE_READ_WRITE);
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_LOGIN_TIMEOUT), 0);
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_CONNECTION_TIMEOUT), 0);
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_METADATA_ID), SQL_FALSE);
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_AUTO_IPD), SQL_TRUE);
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_CONNECTION_DEAD), SQL_CD_TRUE); /* not connected */
    CU_ASSERT_EQUAL(dbc_attr(SQL_ATTR_PACKET_SIZE), 0);
    CU_ASSERT_EQUAL(SQLGetConnectAttr(dbc, SQL_ATTR_TXN_ISOLATION, NULL, 0, NULL), SQL_NO_DATA);
    CU_ASSERT_EQUAL(SQLGetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, NULL, 0, NULL), SQL_NO_DATA);

    static const struct {
        SQLINTEGER id;
        SQLULEN good, bad;
        bool has_bad;
    } cases[] = {
        {SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF, 2, true},
        {SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY, 2, true},
        {SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE, 3, true},
        {SQL_ATTR_METADATA_ID, SQL_TRUE, 2, true},
        {SQL_ATTR_LOGIN_TIMEOUT, 17, 0, false},
        {SQL_ATTR_CONNECTION_TIMEOUT, 18, 0, false},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        /* garbage in the upper half of the pointer is not part of a 32-bit value */
        WORKS(SQLSetConnectAttr(dbc, cases[i].id, PTR(cases[i].good | 0xabcd00000000u), SQL_IS_UINTEGER));
        CU_ASSERT_EQUAL(dbc_attr(cases[i].id), cases[i].good);
        if (cases[i].has_bad) {
            FAILS(SQLSetConnectAttr(dbc, cases[i].id, PTR(cases[i].bad), 0), SQL_HANDLE_DBC, dbc, "HY024");
            CU_ASSERT_EQUAL(dbc_attr(cases[i].id), cases[i].good);
        }
    }
    struct aldb_stmt *later = new_stmt(dbc);
    CU_ASSERT_EQUAL(later->metadata_id, SQL_TRUE); /* default of statements made from now on */
    CU_ASSERT_EQUAL(stmt->metadata_id, SQL_FALSE);
    WORKS(SQLFreeHandle(SQL_HANDLE_STMT, later));

    WORKS(SQLSetConnectAttr(dbc, SQL_ATTR_ANSI_APP, PTR(SQL_AA_FALSE), 0));
    WORKS(SQLSetConnectAttr(dbc, SQL_ATTR_ANSI_APP, PTR(SQL_AA_TRUE), 0));
    WORKS(SQLSetConnectAttr(dbc, 30002, "Microsoft Jet", SQL_NTS));
    WORKS(SQLSetConnectAttr(dbc, SQL_ATTR_ASYNC_ENABLE, PTR(SQL_ASYNC_ENABLE_OFF), 0));
    WORKS(SQLSetConnectAttr(dbc, SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, PTR(0), 0));
    WARNS(SQLSetConnectAttr(dbc, SQL_ATTR_PACKET_SIZE, PTR(4096), 0), SQL_HANDLE_DBC, dbc, "01S02");
    static const struct {
        SQLINTEGER id;
        const char *state;
    } refused[] = {
        {SQL_ATTR_TRANSLATE_LIB, "HYC00"},
        {SQL_ATTR_TRANSLATE_OPTION, "HYC00"},
        {SQL_ATTR_ENLIST_IN_DTC, "HYC00"},
        {119 /* event */, "S1118"},
        {SQL_ATTR_CONNECTION_DEAD, "HY092"}, /* read-only */
        {SQL_ATTR_AUTO_IPD, "HY092"},
        {SQL_ATTR_RESET_CONNECTION, "08003"},
        {SQL_ATTR_ALLOYDB_BACKEND_PID, "HY092"},
        {SQL_ATTR_QUERY_TIMEOUT, "HY092"}, /* a statement attribute; the application is no ODBC 2 one */
        {SQL_ATTR_ROW_ARRAY_SIZE, "HY092"},
        {65536, "HYC00"}, /* psqlODBC's */
        {0x4000, "HY092"},
        {4711, "HY092"},
    };
    for (size_t i = 0; i < ALDB_COUNT(refused); i++) {
        FAILS(SQLSetConnectAttr(dbc, refused[i].id, PTR(1), 0), SQL_HANDLE_DBC, dbc, refused[i].state);
    }
    FAILS(SQLGetConnectAttr(dbc, 4711, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "HY092");
    FAILS(SQLGetConnectAttr(dbc, 65540, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "HYC00");
    FAILS(SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "08003");
    FAILS(SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_SERVER_VERSION, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "08003");
    FAILS(SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_TXN_STATUS, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "08003");
    SQLULEN whole = ~(SQLULEN)0;
    WORKS(SQLGetConnectAttr(dbc, SQL_ATTR_ASYNC_ENABLE, &whole, 0, NULL));
    CU_ASSERT_EQUAL(whole, 0);
    SQLPOINTER window = NULL;
    WORKS(SQLSetConnectAttr(dbc, SQL_ATTR_QUIET_MODE, PTR(0x77), SQL_IS_POINTER));
    WORKS(SQLGetConnectAttr(dbc, SQL_ATTR_QUIET_MODE, &window, 0, NULL));
    CU_ASSERT_PTR_EQUAL(window, PTR(0x77));
}

static void test_current_catalog(void)
{
    SQLCHAR text[32];
    SQLWCHAR wide[32];
    SQLINTEGER length = 0;
    WORKS(SQLSetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, "größe", SQL_NTS));
    WORKS(SQLGetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &length));
    CU_ASSERT_STRING_EQUAL((char *)text, "größe");
    CU_ASSERT_EQUAL(length, 7);
    WORKS(SQLGetConnectAttrW(dbc, SQL_ATTR_CURRENT_CATALOG, wide, sizeof wide, &length));
    CU_ASSERT_EQUAL(length, 10); /* bytes */
    CU_ASSERT_EQUAL(wide[2], 0x00f6);
    WARNS(SQLGetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, text, 4, &length), SQL_HANDLE_DBC, dbc, "01004");
    CU_ASSERT_STRING_EQUAL((char *)text, "gr"); /* not half an ö */
    CU_ASSERT_EQUAL(length, 7);
    SQLWCHAR name[] = {'d', 'b', 'x', 0};
    WORKS(SQLSetConnectAttrW(dbc, SQL_ATTR_CURRENT_CATALOG, name, 4)); /* bytes: two characters */
    WORKS(SQLGetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &length));
    CU_ASSERT_STRING_EQUAL((char *)text, "db");
    FAILS(SQLSetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, NULL, 0), SQL_HANDLE_DBC, dbc, "HY009");
    FAILS(SQLSetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, "", 0), SQL_HANDLE_DBC, dbc, "HY009");
    FAILS(SQLSetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, "a\0b", 3), SQL_HANDLE_DBC, dbc, "22018");
    FAILS(SQLSetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, "x", -5), SQL_HANDLE_DBC, dbc, "HY090");
}

/* ODBC 2 applications set statement options on the connection. */
static void test_v2_options(void)
{
    SQLHENV e;
    SQLHDBC d;
    SQLULEN value = 0;
    WORKS(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &e));
    WORKS(SQLSetEnvAttr(e, SQL_ATTR_ODBC_VERSION, PTR(SQL_OV_ODBC2), 0));
    WORKS(SQLAllocHandle(SQL_HANDLE_DBC, e, &d));
    WORKS(SQLSetConnectAttr(d, SQL_ATTR_MAX_ROWS, PTR(5), 0));
    WORKS(SQLSetConnectAttr(d, SQL_ATTR_QUERY_TIMEOUT, PTR(6), 0));
    WORKS(SQLGetConnectAttr(d, SQL_ATTR_MAX_ROWS, &value, 0, NULL));
    CU_ASSERT_EQUAL(value, 5);
    struct aldb_stmt *s = new_stmt(d);
    CU_ASSERT_EQUAL(s->max_rows, 5);
    CU_ASSERT_EQUAL(s->query_timeout, 6);
    CU_ASSERT_EQUAL(aldb_stmt_version(s), SQL_OV_ODBC2);

    /* All of them, for the statements that are there and those that come; what cannot be is refused, what is replaced says so. */
    static const struct {
        SQLINTEGER id;
        SQLULEN value, kept;
        SQLRETURN ret;
    } options[] = {
        {SQL_QUERY_TIMEOUT, 7, 7, SQL_SUCCESS},
        {SQL_MAX_ROWS, 8, 8, SQL_SUCCESS},
        {SQL_NOSCAN, SQL_NOSCAN_ON, SQL_NOSCAN_ON, SQL_SUCCESS},
        {SQL_MAX_LENGTH, 9, 9, SQL_SUCCESS},
        {SQL_BIND_TYPE, 48, 48, SQL_SUCCESS},
        {SQL_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY, SQL_CURSOR_FORWARD_ONLY, SQL_SUCCESS},
        {SQL_CONCURRENCY, SQL_CONCUR_VALUES, SQL_CONCUR_ROWVER, SQL_SUCCESS_WITH_INFO},
        {SQL_ROWSET_SIZE, 10, 10, SQL_SUCCESS},
        {SQL_ROWSET_SIZE, 0, 10, SQL_ERROR},
        {SQL_NOSCAN, 2, SQL_NOSCAN_ON, SQL_ERROR},
        {SQL_RETRIEVE_DATA, SQL_RD_OFF, SQL_RD_OFF, SQL_SUCCESS},
        {SQL_USE_BOOKMARKS, SQL_UB_ON, SQL_UB_ON, SQL_SUCCESS},
        {SQL_SIMULATE_CURSOR, SQL_SC_NON_UNIQUE, SQL_SC_NON_UNIQUE, SQL_SUCCESS},
    };
    for (size_t i = 0; i < ALDB_COUNT(options); i++) {
        CU_ASSERT_EQUAL(SQLSetConnectAttr(d, options[i].id, PTR(options[i].value), 0), options[i].ret);
        struct aldb_stmt *later = new_stmt(d);
        SQLULEN kept = 99;
        WORKS(SQLGetConnectAttr(d, options[i].id, &kept, 0, NULL));
        CU_ASSERT_EQUAL(kept, options[i].kept);
        WORKS(SQLGetStmtAttr(s, options[i].id, &kept, 0, NULL));
        CU_ASSERT_EQUAL(kept, options[i].kept);
        WORKS(SQLGetStmtAttr(later, options[i].id, &kept, 0, NULL));
        CU_ASSERT_EQUAL(kept, options[i].kept);
        WORKS(SQLFreeHandle(SQL_HANDLE_STMT, later));
    }
    WORKS(SQLFreeHandle(SQL_HANDLE_STMT, s));
    WORKS(SQLFreeHandle(SQL_HANDLE_DBC, d));
    WORKS(SQLFreeHandle(SQL_HANDLE_ENV, e));
}

/* ------------------------------------------------------------------ state table */

static const char *verdict(enum aldb_stmt_state state, bool prepared, enum aldb_fn fn)
{
    stmt->state = state;
    stmt->prepared = prepared;
    enum aldb_state st = aldb_statetable_verdict(stmt, fn);
    stmt->state = ALDB_STMT_ALLOCATED;
    stmt->prepared = false;
    return st ? aldb_state_code(st) : "OK";
}

static void test_state_table(void)
{
    static const struct {
        enum aldb_fn fn;
        const char *s1, *s2, *s4p, *s4d, *s5p, *s5d, *s8;
    } rows[] = {
        {ALDB_FN_PREPARE, "OK", "OK", "OK", "OK", "24000", "24000", "HY010"},
        {ALDB_FN_EXECUTE, "HY010", "OK", "OK", "HY010", "24000", "HY010", "HY010"},
        {ALDB_FN_EXEC_DIRECT, "OK", "OK", "OK", "OK", "24000", "24000", "HY010"},
        {ALDB_FN_TABLES, "OK", "OK", "OK", "OK", "24000", "24000", "HY010"},
        {ALDB_FN_TYPE_INFO, "OK", "OK", "OK", "OK", "24000", "24000", "HY010"},
        {ALDB_FN_FETCH, "HY010", "HY010", "24000", "24000", "OK", "OK", "HY010"},
        {ALDB_FN_GET_DATA, "HY010", "HY010", "24000", "24000", "OK", "OK", "HY010"},
        {ALDB_FN_CLOSE_CURSOR, "24000", "24000", "24000", "24000", "OK", "OK", "HY010"},
        {ALDB_FN_FREE_STMT, "OK", "OK", "OK", "OK", "OK", "OK", "HY010"},
        {ALDB_FN_ROW_COUNT, "HY010", "HY010", "OK", "OK", "OK", "OK", "HY010"},
        {ALDB_FN_NUM_RESULT_COLS, "HY010", "OK", "OK", "OK", "OK", "OK", "HY010"},
        {ALDB_FN_MORE_RESULTS, "OK", "OK", "OK", "OK", "OK", "OK", "HY010"},
        {ALDB_FN_PARAM_DATA, "HY010", "HY010", "HY010", "HY010", "HY010", "HY010", "OK"},
        {ALDB_FN_PUT_DATA, "HY010", "HY010", "HY010", "HY010", "HY010", "HY010", "OK"},
        {ALDB_FN_SET_CURSOR_NAME, "OK", "OK", "24000", "24000", "24000", "24000", "HY010"},
        {ALDB_FN_BIND_COL, "OK", "OK", "OK", "OK", "OK", "OK", "HY010"},
    };
    for (size_t i = 0; i < ALDB_COUNT(rows); i++) {
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_ALLOCATED, false, rows[i].fn), rows[i].s1);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_PREPARED, true, rows[i].fn), rows[i].s2);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_EXECUTED, true, rows[i].fn), rows[i].s4p);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_EXECUTED, false, rows[i].fn), rows[i].s4d);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_CURSOR, true, rows[i].fn), rows[i].s5p);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_CURSOR, false, rows[i].fn), rows[i].s5d);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_NEED_DATA, true, rows[i].fn), rows[i].s8);
    }
    for (int fn = 0; fn < ALDB_FN_COUNT; fn++) {
        bool reads = fn == ALDB_FN_PARAM_DATA || fn == ALDB_FN_GET_DATA || fn == ALDB_FN_MORE_RESULTS;
        CU_ASSERT(strncmp(aldb_fn_name((enum aldb_fn)fn), "SQL", 3) == 0);
        CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_PARAM_DATA, true, (enum aldb_fn)fn), reads ? "OK" : "HY010");
    }
    /* results of a batch that are left */
    struct aldb_outcome outcomes[2];
    struct aldb_outcome *two[2] = {&outcomes[0], &outcomes[1]};
    memset(outcomes, 0, sizeof outcomes);
    stmt->outcomes = two;
    stmt->noutcomes = 2;
    CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_EXECUTED, true, ALDB_FN_EXECUTE), "24000");
    CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_EXECUTED, true, ALDB_FN_MORE_RESULTS), "OK");
    outcomes[1].silent = true; /* nothing that SQLMoreResults would show */
    CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_EXECUTED, true, ALDB_FN_EXECUTE), "OK");
    outcomes[1].silent = false;
    stmt->outcome = 1;
    CU_ASSERT_STRING_EQUAL(verdict(ALDB_STMT_EXECUTED, true, ALDB_FN_EXECUTE), "OK");
    stmt->outcomes = NULL;
    stmt->noutcomes = 0;
    stmt->outcome = 0;
}

/* The entry points ask the table, touch nothing else, and bear NULL everywhere. */
static void test_wrong_state(void)
{
    SQLSMALLINT s16 = 99;
    SQLLEN count = 99;
    FAILS(SQLExecute(stmt), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLFetch(stmt), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLGetData(stmt, 1, SQL_C_CHAR, NULL, 0, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLSetPos(stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLRowCount(stmt, &count), SQL_HANDLE_STMT, stmt, "HY010");
    CU_ASSERT_EQUAL(count, 99);
    FAILS(SQLNumResultCols(stmt, &s16), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLNumParams(stmt, &s16), SQL_HANDLE_STMT, stmt, "HY010");
    CU_ASSERT_EQUAL(s16, 99);
    FAILS(SQLDescribeCol(stmt, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLColAttribute(stmt, 1, SQL_DESC_TYPE, NULL, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLDescribeParam(stmt, 1, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLParamData(stmt, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLPutData(stmt, NULL, 0), SQL_HANDLE_STMT, stmt, "HY010");
    FAILS(SQLCloseCursor(stmt), SQL_HANDLE_STMT, stmt, "24000");
    CU_ASSERT_EQUAL(SQLMoreResults(stmt), SQL_NO_DATA);
    FAILS(SQLPrepare(stmt, NULL, 5), SQL_HANDLE_STMT, stmt, "HY009");
    FAILS(SQLExecDirectW(stmt, NULL, SQL_NTS), SQL_HANDLE_STMT, stmt, "HY009");
    FAILS(SQLPrepare(stmt, (SQLCHAR *)"x", -9), SQL_HANDLE_STMT, stmt, "HY090");
    FAILS(SQLPrepare(stmt, (SQLCHAR *)"select '\xc3'", SQL_NTS), SQL_HANDLE_STMT, stmt, "22018");
    FAILS(SQLExecDirect(stmt, (SQLCHAR *)"select 1", SQL_NTS), SQL_HANDLE_STMT, stmt, "08003");
    FAILS(SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), SQL_HANDLE_STMT, stmt, "08003");
    FAILS(SQLColumns(stmt, NULL, -7, (SQLCHAR *)"s", -7, NULL, 0, NULL, 0), SQL_HANDLE_STMT, stmt, "HY090");
    FAILS(SQLPrimaryKeysW(stmt, NULL, 0, NULL, 0, NULL, 0), SQL_HANDLE_STMT, stmt, "08003");
    FAILS(SQLGetTypeInfo(stmt, SQL_ALL_TYPES), SQL_HANDLE_STMT, stmt, "08003");

    stmt->state = ALDB_STMT_CURSOR;
    FAILS(SQLFetchScroll(stmt, 7, 0), SQL_HANDLE_STMT, stmt, "HY106");
    FAILS(SQLExtendedFetch(stmt, 999, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY106");
    FAILS(SQLDescribeCol(stmt, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "07005");
    SQLLEN number = 77;
    WORKS(SQLColAttribute(stmt, 0, SQL_DESC_COUNT, NULL, 0, NULL, &number));
    CU_ASSERT_EQUAL(number, 0);
    FAILS(SQLColAttribute(stmt, 1, SQL_DESC_TYPE, NULL, 0, NULL, &number), SQL_HANDLE_STMT, stmt, "07005");
    stmt->state = ALDB_STMT_NEED_DATA;
    FAILS(SQLSetDescField(stmt->ard, 1, SQL_DESC_TYPE, PTR(SQL_C_SLONG), 0), SQL_HANDLE_DESC, stmt->ard, "HY010");
    FAILS(SQLGetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NULL, 0, NULL), SQL_HANDLE_STMT, stmt, "HY010");
    stmt->state = ALDB_STMT_ALLOCATED;
}

/* A result that only its descriptor says: what SQLDescribeCol and SQLColAttribute make of it. */
static void test_describe(void)
{
    SQLCHAR name[8];
    SQLWCHAR wide[8];
    SQLSMALLINT length = 0;
    SQLSMALLINT type = 0;
    SQLSMALLINT digits = 0;
    SQLSMALLINT nullable = -1;
    SQLULEN size = 0;
    SQLLEN number = 0;
    struct aldb_type_options opt = {0};
    CU_ASSERT_EQUAL(aldb_desc_extend(&stmt->ird, 1, &stmt->h.diag), ALDB_OK);
    struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, 1);
    struct aldb_type_desc described;
    aldb_type_describe(&opt, ALDB_OID_INT4, -1, &described);
    aldb_desc_rec_describe(r, &described, ALDB_OID_INT4, -1);
    r->name = aldb_strdup("größe_😀");
    r->details_known = true;
    r->nullable = SQL_NO_NULLS;
    stmt->state = ALDB_STMT_CURSOR;

    WARNS(SQLDescribeCol(stmt, 1, name, sizeof name, &length, &type, &size, &digits, &nullable), SQL_HANDLE_STMT, stmt, "01004");
    CU_ASSERT_STRING_EQUAL((char *)name, "größe");
    CU_ASSERT_EQUAL(length, 12); /* bytes of the whole name */
    CU_ASSERT_EQUAL(type, SQL_INTEGER);
    CU_ASSERT_EQUAL(size, 10);
    CU_ASSERT_EQUAL(digits, 0);
    CU_ASSERT_EQUAL(nullable, SQL_NO_NULLS);
    WARNS(SQLDescribeColW(stmt, 1, wide, 8, &length, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "01004");
    CU_ASSERT_EQUAL(length, 8); /* characters: six and a surrogate pair */
    CU_ASSERT_EQUAL(wide[5], '_');
    CU_ASSERT_EQUAL(wide[6], 0); /* no half pair */
    WORKS(SQLDescribeCol(stmt, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL));
    FAILS(SQLDescribeCol(stmt, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "07009");
    FAILS(SQLDescribeCol(stmt, 2, NULL, 0, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "07009");
    FAILS(SQLDescribeCol(stmt, 1, name, -1, NULL, NULL, NULL, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY090");

    WORKS(SQLColAttribute(stmt, 1, SQL_DESC_CONCISE_TYPE, NULL, 0, NULL, &number));
    CU_ASSERT_EQUAL(number, SQL_INTEGER);
    number = ~(SQLLEN)0;
    WORKS(SQLColAttribute(stmt, 1, SQL_DESC_NULLABLE, NULL, 0, NULL, &number));
    CU_ASSERT_EQUAL(number, 0); /* all eight bytes */
    WORKS(SQLColAttribute(stmt, 1, SQL_COLUMN_NULLABLE, NULL, 0, NULL, &number));
    WORKS(SQLColAttribute(stmt, 1, SQL_COLUMN_PRECISION, NULL, 0, NULL, &number));
    CU_ASSERT_EQUAL(number, 10);
    WORKS(SQLColAttribute(stmt, 1, SQL_COLUMN_LENGTH, NULL, 0, NULL, &number));
    CU_ASSERT_EQUAL(number, 4);
    WORKS(SQLColAttribute(stmt, 1, SQL_COLUMN_COUNT, NULL, 0, NULL, &number));
    CU_ASSERT_EQUAL(number, 1);
    WORKS(SQLColAttribute(stmt, 1, SQL_DESC_LABEL, NULL, 0, &length, NULL));
    CU_ASSERT_EQUAL(length, 12);
    WARNS(SQLColAttributeW(stmt, 1, SQL_DESC_NAME, wide, 7, &length, NULL), SQL_HANDLE_STMT, stmt, "01004"); /* odd: three units */
    CU_ASSERT_EQUAL(length, 16); /* bytes */
    CU_ASSERT_EQUAL(wide[2], 0);
    FAILS(SQLColAttribute(stmt, 1, SQL_DESC_DATA_PTR, NULL, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY091");
    FAILS(SQLColAttribute(stmt, 1, SQL_DESC_ARRAY_STATUS_PTR, NULL, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY091");
    FAILS(SQLColAttribute(stmt, 1, 65535, NULL, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "HY091");
    FAILS(SQLColAttribute(stmt, 2, SQL_DESC_NAME, NULL, 0, NULL, NULL), SQL_HANDLE_STMT, stmt, "07009");
    stmt->state = ALDB_STMT_ALLOCATED;
}

static void test_cursor_names(void)
{
    SQLCHAR name[80];
    SQLSMALLINT length = 0;
    struct aldb_stmt *other = new_stmt(dbc);
    WORKS(SQLGetCursorName(stmt, name, sizeof name, &length));
    CU_ASSERT_EQUAL(strncmp((char *)name, "SQL_CUR", 7), 0);
    CU_ASSERT_EQUAL((size_t)length, strlen((char *)name));
    char first[80];
    strncpy(first, (char *)name, sizeof first);
    WORKS(SQLGetCursorName(stmt, name, sizeof name, NULL));
    CU_ASSERT_STRING_EQUAL((char *)name, first); /* stays */
    WORKS(SQLGetCursorName(other, name, sizeof name, NULL));
    CU_ASSERT_STRING_NOT_EQUAL((char *)name, first);

    WORKS(SQLSetCursorName(stmt, (SQLCHAR *)"Mine and more", 4));
    WARNS(SQLGetCursorName(stmt, name, 4, &length), SQL_HANDLE_STMT, stmt, "01004");
    CU_ASSERT_STRING_EQUAL((char *)name, "Min");
    CU_ASSERT_EQUAL(length, 4);
    FAILS(SQLSetCursorName(other, (SQLCHAR *)"MINE", SQL_NTS), SQL_HANDLE_STMT, other, "3C000");
    FAILS(SQLSetCursorName(other, (SQLCHAR *)"\"mine\"", SQL_NTS), SQL_HANDLE_STMT, other, "3C000");
    WORKS(SQLSetCursorName(other, (SQLCHAR *)"\"MINE\"", SQL_NTS)); /* quoted: another name */
    WORKS(SQLSetCursorName(stmt, (SQLCHAR *)"mine", SQL_NTS));      /* one's own may be set again */
    FAILS(SQLSetCursorName(other, (SQLCHAR *)"SQL_CUR7", SQL_NTS), SQL_HANDLE_STMT, other, "34000");
    FAILS(SQLSetCursorName(other, (SQLCHAR *)"sqlcurx", SQL_NTS), SQL_HANDLE_STMT, other, "34000");
    FAILS(SQLSetCursorName(other, (SQLCHAR *)"", SQL_NTS), SQL_HANDLE_STMT, other, "34000");
    FAILS(SQLSetCursorName(other, NULL, 0), SQL_HANDLE_STMT, other, "HY009");
    memset(name, 'c', sizeof name);
    FAILS(SQLSetCursorName(other, name, 64), SQL_HANDLE_STMT, other, "34000");
    WORKS(SQLSetCursorName(other, name, 63));
    SQLWCHAR wide[] = {'w', 0xd83d, 0xde00, 0};
    WORKS(SQLSetCursorNameW(other, wide, SQL_NTS));
    WORKS(SQLGetCursorName(other, name, sizeof name, &length));
    CU_ASSERT_STRING_EQUAL((char *)name, "w😀");
    SQLWCHAR lone[] = {'w', 0xd83d, 0};
    FAILS(SQLSetCursorNameW(other, lone, SQL_NTS), SQL_HANDLE_STMT, other, "22018");
    WORKS(SQLFreeHandle(SQL_HANDLE_STMT, other));
}

/* ------------------------------------------------------------------ strings */

static void test_text_in(void)
{
    static const struct {
        const char *text;
        SQLLEN length;
        enum aldb_in_kind kind;
        const char *result; /* or the SQLSTATE */
        const char *in_message;
    } cases[] = {
        {"abc", SQL_NTS, ALDB_IN_SQL, "abc", NULL},
        {"abc", 2, ALDB_IN_SQL, "ab", NULL},
        {"abc", 0, ALDB_IN_NAME, "", NULL},
        {"abc", -1, ALDB_IN_SQL, "HY090", "-1"},
        {"ab\xc3\xa4", SQL_NTS, ALDB_IN_SQL, "ab\xc3\xa4", NULL},
        {"ab\xc3", SQL_NTS, ALDB_IN_SQL, "22018", "position 3"},
        {"\xed\xa0\x80", SQL_NTS, ALDB_IN_SQL, "22018", "position 1"}, /* a surrogate in UTF-8 */
        {"ok\xc0\x80", SQL_NTS, ALDB_IN_SQL, "22018", "0xC0 at position 3"}, /* overlong */
        {"a\0b", 3, ALDB_IN_NAME, "22018", "byte 2"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_diag d;
        struct aldb_text t;
        struct aldb_in in = {.text = cases[i].text, .length = cases[i].length};
        aldb_diag_init(&d);
        enum aldb_rc rc = aldb_text_take(&t, &in, cases[i].kind, "The text", &d);
        if (rc == ALDB_OK) {
            CU_ASSERT_EQUAL(t.slice.len, strlen(cases[i].result));
            CU_ASSERT_EQUAL(memcmp(t.slice.ptr, cases[i].result, t.slice.len), 0);
        } else {
            const struct aldb_diag_record *r = aldb_diag_get(&d, 1);
            CU_ASSERT_STRING_EQUAL(r->state, cases[i].result);
            CU_ASSERT_PTR_NOT_NULL(strstr(aldb_diag_message(r), cases[i].in_message));
        }
        aldb_text_clear(&t);
        aldb_diag_clear(&d);
    }
}

static void test_text_in_wide(void)
{
    static const SQLWCHAR pair[] = {'a', 0xd83d, 0xde00, 'b', 0};
    static const SQLWCHAR lone_high[] = {'a', 0xd83d, 'b', 0};
    static const SQLWCHAR lone_low[] = {'a', 'b', 0xde00, 0};
    static const struct {
        const SQLWCHAR *text;
        SQLLEN length;
        bool bytes;
        const char *result;
        const char *in_message;
    } cases[] = {
        {pair, SQL_NTS, false, "a😀b", NULL},
        {pair, 3, false, "a😀", NULL},
        {pair, 6, true, "a😀", NULL},
        {pair, 7, true, "a😀", NULL}, /* half a unit does not count */
        {pair, 2, false, "22018", "position 2"},
        {lone_high, SQL_NTS, false, "22018", "position 2"},
        {lone_low, SQL_NTS, false, "22018", "position 3"},
        {pair, -2, false, "HY090", "-2"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_diag d;
        struct aldb_text t;
        struct aldb_in in = {.text = cases[i].text, .length = cases[i].length, .wide = true, .bytes = cases[i].bytes};
        aldb_diag_init(&d);
        enum aldb_rc rc = aldb_text_take(&t, &in, ALDB_IN_SQL, "The text", &d);
        if (rc == ALDB_OK) {
            CU_ASSERT_EQUAL(t.slice.len, strlen(cases[i].result));
            CU_ASSERT_STRING_EQUAL(t.slice.ptr, cases[i].result);
        } else {
            const struct aldb_diag_record *r = aldb_diag_get(&d, 1);
            CU_ASSERT_STRING_EQUAL(r->state, cases[i].result);
            CU_ASSERT_PTR_NOT_NULL(strstr(aldb_diag_message(r), cases[i].in_message));
        }
        aldb_text_clear(&t);
        aldb_diag_clear(&d);
    }
    /* NULL: nothing given, and its length means nothing */
    struct aldb_diag d;
    struct aldb_text t;
    struct aldb_in in = {.text = NULL, .length = -77, .wide = true};
    aldb_diag_init(&d);
    CU_ASSERT_EQUAL(aldb_text_take(&t, &in, ALDB_IN_NAME, "The text", &d), ALDB_OK);
    CU_ASSERT_PTR_NULL(t.slice.ptr);
    aldb_text_clear(&t);
    aldb_diag_clear(&d);
}

static void test_text_out_narrow(void)
{
    static const struct {
        const char *text;
        SQLLEN room;
        const char *written; /* NULL: buffer untouched */
        bool whole;
    } cases[] = {
        {"abc", 4, "abc", true},  {"abc", 3, "ab", false}, {"abc", 1, "", false},      {"abc", 0, NULL, false},
        {"", 1, "", true},        {"", 0, NULL, false},    {"aä", 3, "a", false},      {"aä", 4, "aä", true},
        {"😀", 4, "", false}, {"😀", 5, "😀", true}, {"abc", 100, "abc", true},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        char buffer[16];
        SQLSMALLINT length = -1;
        memset(buffer, '#', sizeof buffer);
        struct aldb_out o = {.buffer = buffer, .room = cases[i].room, .length16 = &length};
        CU_ASSERT_EQUAL(aldb_out_write(&o, aldb_slice_of(cases[i].text)), cases[i].whole);
        CU_ASSERT_EQUAL((size_t)length, strlen(cases[i].text));
        size_t used = 0;
        if (cases[i].written) {
            CU_ASSERT_STRING_EQUAL(buffer, cases[i].written);
            used = strlen(cases[i].written) + 1;
        }
        CU_ASSERT_EQUAL(buffer[used], '#'); /* not a byte more */
    }
    struct aldb_out only_length = {.room = 0};
    SQLINTEGER length = 0;
    only_length.length32 = &length;
    CU_ASSERT_TRUE(aldb_out_write(&only_length, aldb_slice_of("abc")));
    CU_ASSERT_EQUAL(length, 3);
    CU_ASSERT_TRUE(aldb_out_write(&only_length, aldb_slice(NULL, 0)));
    CU_ASSERT_EQUAL(length, 0);
}

static void test_text_out_wide(void)
{
    static const char text[] = "aä😀z"; /* 5 units */
    static const struct {
        SQLLEN room;
        bool bytes;
        size_t units; /* written, without terminator */
        bool whole;
    } cases[] = {
        {6, false, 5, true}, {5, false, 4, false}, {4, false, 2, false} /* no half pair */, {3, false, 2, false}, {1, false, 0, false},
        {12, true, 5, true}, {11, true, 4, false} /* odd */,                {2, true, 0, false},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        SQLWCHAR buffer[16];
        SQLINTEGER length = -1;
        for (size_t k = 0; k < ALDB_COUNT(buffer); k++) {
            buffer[k] = '#';
        }
        struct aldb_out o = {.buffer = buffer, .room = cases[i].room, .wide = true, .bytes = cases[i].bytes, .length32 = &length};
        CU_ASSERT_EQUAL(aldb_out_write(&o, aldb_slice_of(text)), cases[i].whole);
        CU_ASSERT_EQUAL(length, cases[i].bytes ? 10 : 5);
        CU_ASSERT_EQUAL(buffer[cases[i].units], 0);
        CU_ASSERT_EQUAL(buffer[cases[i].units + 1], '#');
    }
    SQLWCHAR one = '#';
    struct aldb_out none = {.buffer = &one, .room = 1, .wide = true, .bytes = true}; /* one byte: no room for a unit */
    CU_ASSERT_FALSE(aldb_out_write(&none, aldb_slice_of("a")));
    CU_ASSERT_EQUAL(one, '#');
    struct aldb_diag d;
    aldb_diag_init(&d);
    none.room = -1;
    CU_ASSERT_EQUAL(aldb_out_text(&none, aldb_slice_of("a"), &d), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(aldb_diag_get(&d, 1)->state, "HY090");
    aldb_diag_clear(&d);
    /* longer than its length can say */
    SQLSMALLINT small = 0;
    char *big = aldb_alloc(40000);
    memset(big, 'x', 39999);
    struct aldb_out capped = {.length16 = &small};
    CU_ASSERT_TRUE(aldb_out_write(&capped, aldb_slice_of(big)));
    CU_ASSERT_EQUAL(small, SHRT_MAX);
    aldb_free(big);
}

/* ------------------------------------------------------------------ diagnostics */

static void test_diag_rec(void)
{
    SQLCHAR state[6] = "";
    SQLCHAR text[512];
    SQLWCHAR wstate[6];
    SQLWCHAR wtext[512];
    SQLINTEGER native = -1;
    SQLSMALLINT length = 0;
    CU_ASSERT_EQUAL(SQLExecute(stmt), SQL_ERROR);
    for (int again = 0; again < 2; again++) { /* reading does not clear */
        WORKS(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, &native, text, sizeof text, &length));
        CU_ASSERT_STRING_EQUAL((char *)state, "HY010");
        CU_ASSERT_EQUAL(native, 0);
        CU_ASSERT_EQUAL((size_t)length, strlen((char *)text));
        CU_ASSERT_EQUAL(strncmp((char *)text, "[AlloyDB][ODBC Driver] SQLExecute", 33), 0);
    }
    SQLSMALLINT wide_length = 0;
    WORKS(SQLGetDiagRecW(SQL_HANDLE_STMT, stmt, 1, wstate, NULL, wtext, 512, &wide_length));
    CU_ASSERT_EQUAL(wide_length, length); /* characters */
    CU_ASSERT_EQUAL(wstate[0], 'H');
    CU_ASSERT_EQUAL(wstate[5], 0);
    CU_ASSERT_EQUAL(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, NULL, text, 10, &length), SQL_SUCCESS_WITH_INFO);
    CU_ASSERT_STRING_EQUAL((char *)text, "[AlloyDB]");
    CU_ASSERT_EQUAL(length, wide_length); /* full length */
    CU_ASSERT_EQUAL(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 2, state, NULL, text, 10, &length), SQL_NO_DATA);
    CU_ASSERT_EQUAL(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 0, state, NULL, text, 10, &length), SQL_ERROR);
    CU_ASSERT_EQUAL(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, NULL, text, -1, &length), SQL_ERROR);
    WORKS(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, NULL, NULL, NULL, 0, NULL));
    WORKS(SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, PTR(0), 0));
    CU_ASSERT_EQUAL(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, NULL, text, 10, &length), SQL_NO_DATA); /* the next call clears */
}

static void test_diag_field(void)
{
    SQLINTEGER s32 = -1;
    SQLLEN len = 0x7777777777777777;
    SQLRETURN ret = 55;
    SQLCHAR text[64];
    SQLWCHAR wide[64];
    SQLSMALLINT length = 0;
    CU_ASSERT_EQUAL(SQLExecute(stmt), SQL_ERROR);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_NUMBER, &s32, 0, &length));
    CU_ASSERT_EQUAL(s32, 1);
    CU_ASSERT_EQUAL(length, 4);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_RETURNCODE, &ret, 0, NULL));
    CU_ASSERT_EQUAL(ret, SQL_ERROR);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_ROW_COUNT, &len, 0, &length));
    CU_ASSERT_EQUAL(length, 8);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_CURSOR_ROW_COUNT, &len, 0, NULL));
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION, text, sizeof text, &length));
    CU_ASSERT_STRING_EQUAL((char *)text, "");
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION_CODE, &s32, 0, NULL));
    CU_ASSERT_EQUAL(SQLGetDiagField(SQL_HANDLE_DBC, dbc, 0, SQL_DIAG_ROW_COUNT, &len, 0, NULL), SQL_ERROR); /* statements only */
    CU_ASSERT_EQUAL(SQLGetDiagField(SQL_HANDLE_DBC, dbc, 0, SQL_DIAG_DYNAMIC_FUNCTION, text, 64, NULL), SQL_ERROR);

    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SQLSTATE, text, sizeof text, &length));
    CU_ASSERT_STRING_EQUAL((char *)text, "HY010");
    CU_ASSERT_EQUAL(length, 5);
    WORKS(SQLGetDiagFieldW(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SQLSTATE, wide, sizeof wide, &length));
    CU_ASSERT_EQUAL(length, 10); /* bytes */
    CU_ASSERT_EQUAL(SQLGetDiagFieldW(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SQLSTATE, wide, 10, &length), SQL_SUCCESS_WITH_INFO);
    CU_ASSERT_EQUAL(wide[4], 0);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_CLASS_ORIGIN, text, sizeof text, NULL));
    CU_ASSERT_STRING_EQUAL((char *)text, "ISO 9075");
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SUBCLASS_ORIGIN, text, sizeof text, NULL));
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_CONNECTION_NAME, text, sizeof text, NULL));
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SERVER_NAME, text, sizeof text, NULL));
    CU_ASSERT_STRING_EQUAL((char *)text, "");
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_ROW_NUMBER, &len, 0, &length));
    CU_ASSERT_EQUAL(len, SQL_NO_ROW_NUMBER); /* eight bytes */
    CU_ASSERT_EQUAL(length, 8);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_COLUMN_NUMBER, &s32, 0, &length));
    CU_ASSERT_EQUAL(s32, SQL_NO_COLUMN_NUMBER);
    CU_ASSERT_EQUAL(length, 4);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_NATIVE, &s32, 0, NULL));
    CU_ASSERT_EQUAL(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 2, SQL_DIAG_NATIVE, &s32, 0, NULL), SQL_NO_DATA);
    CU_ASSERT_EQUAL(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_NATIVE, &s32, 0, NULL), SQL_ERROR);
    CU_ASSERT_EQUAL(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, 4711, &s32, 0, NULL), SQL_ERROR);
    CU_ASSERT_EQUAL(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SQLSTATE, text, -1, NULL), SQL_ERROR);
    WORKS(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_MESSAGE_TEXT, NULL, 0, &length));
    CU_ASSERT(length > 30);
    WORKS(SQLGetDiagField(SQL_HANDLE_ENV, env, 0, SQL_DIAG_NUMBER, NULL, 0, NULL));
}

/* ------------------------------------------------------------------ connecting, as far as that goes without a server */

static void test_connect_errors(void)
{
    SQLCHAR out[200];
    SQLSMALLINT length = 0;
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"UID=u", SQL_NTS, NULL, 0, NULL, 9), SQL_HANDLE_DBC, dbc, "HY110");
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"UID=u", -7, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC, dbc, "HY090");
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"UID=u", SQL_NTS, out, -1, NULL, SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC, dbc, "HY090");
    static const SQLUSMALLINT prompts[] = {SQL_DRIVER_PROMPT, SQL_DRIVER_COMPLETE, SQL_DRIVER_COMPLETE_REQUIRED};
    for (size_t i = 0; i < ALDB_COUNT(prompts); i++) {
        /* Asking comes before trying, or behind it. */
        SQLSMALLINT asks = prompts[i] == SQL_DRIVER_PROMPT ? 1 : 2;
        CU_ASSERT_EQUAL(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"UID=u;Port=1", SQL_NTS, NULL, 0, NULL, prompts[i]), SQL_ERROR);
        CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DBC, dbc, 1), asks == 1 ? "IM008" : "08001");
        CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DBC, dbc, asks), "IM008");
        SQLCHAR text[300];
        WORKS(SQLGetDiagRec(SQL_HANDLE_DBC, dbc, asks, NULL, NULL, text, sizeof text, NULL));
        CU_ASSERT_PTR_NOT_NULL(strstr((char *)text, "Server="));
        CU_ASSERT_PTR_NULL(strstr((char *)text, "UID="));
    }
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"Server={x", SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC, dbc, "HY000");
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"Server=\xff", SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC, dbc, "22018");
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"InstanceUri=projects/p/locations/r/clusters/c/instances/i;UID=u;CredentialsFile=/none", SQL_NTS, NULL, 0,
                           NULL, SQL_DRIVER_NOPROMPT),
          SQL_HANDLE_DBC, dbc, "28000");
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"Server=127.0.0.1;UID=u;EnableIamAuth=1;CredentialsFile=/none", SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT),
          SQL_HANDLE_DBC, dbc, "28000");
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"Server=/tmp;UID=u;EnableIamAuth=1;AccessToken=t", SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC,
          dbc, "HY024");
    /* nobody listens on port 1 */
    FAILS(SQLDriverConnect(dbc, NULL, (SQLCHAR *)"Server=127.0.0.1;Port=1;UID=u;ConnectRetryCount=1;ConnectRetryInterval=0", SQL_NTS, NULL, 0, NULL,
                           SQL_DRIVER_NOPROMPT),
          SQL_HANDLE_DBC, dbc, "08001");
    FAILS(SQLNativeSql(dbc, (SQLCHAR *)"select 1", SQL_NTS, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "08003");
    FAILS(SQLNativeSql(dbc, NULL, SQL_NTS, NULL, 0, NULL), SQL_HANDLE_DBC, dbc, "HY009");
    FAILS(SQLGetFunctions(dbc, SQL_API_SQLFETCH, NULL), SQL_HANDLE_DBC, dbc, "HY009");
    FAILS(SQLConnect(dbc, (SQLCHAR *)"x\0y", 3, NULL, 0, NULL, 0), SQL_HANDLE_DBC, dbc, "22018");
    FAILS(SQLConnect(dbc, (SQLCHAR *)"x", -4, NULL, 0, NULL, 0), SQL_HANDLE_DBC, dbc, "HY090");

    /* browsing asks for what is missing, remembers, and ends with an error or SQLDisconnect */
    CU_ASSERT_EQUAL(SQLBrowseConnect(dbc, (SQLCHAR *)"DRIVER=AlloyDB", SQL_NTS, out, sizeof out, &length), SQL_NEED_DATA);
    CU_ASSERT_STRING_EQUAL((char *)out, "SERVER:Server=?;*PORT:Port=?;*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    CU_ASSERT_EQUAL((size_t)length, strlen((char *)out));
    CU_ASSERT_EQUAL(SQLBrowseConnect(dbc, (SQLCHAR *)"SERVER=127.0.0.1;PORT=1;PWD=x", SQL_NTS, out, 10, &length), SQL_NEED_DATA);
    CU_ASSERT_STRING_EQUAL((char *)out, "*DATABASE");
    CU_ASSERT_STRING_EQUAL(state_of(SQL_HANDLE_DBC, dbc, 1), "01004");
    CU_ASSERT_EQUAL(length, 31);
    FAILS(SQLBrowseConnect(dbc, (SQLCHAR *)"UID=u", SQL_NTS, out, sizeof out, &length), SQL_HANDLE_DBC, dbc, "08001");
    FAILS(SQLDisconnect(dbc), SQL_HANDLE_DBC, dbc, "08003"); /* the error had ended it */
    CU_ASSERT_EQUAL(SQLBrowseConnect(dbc, (SQLCHAR *)"DRIVER=AlloyDB", SQL_NTS, NULL, 0, NULL), SQL_NEED_DATA);
    WORKS(SQLDisconnect(dbc));
}

/* ------------------------------------------------------------------ threads */

static void *hammer(void *arg)
{
    SQLHDBC d = arg;
    for (int i = 0; i < 300; i++) {
        struct aldb_stmt *s = new_stmt(d);
        struct aldb_desc *x = new_desc(d);
        (void)SQLSetStmtAttr(s, SQL_ATTR_APP_ROW_DESC, x, 0);
        (void)SQLSetStmtAttr(s, SQL_ATTR_ROW_ARRAY_SIZE, PTR(i + 1), 0);
        SQLCHAR name[32];
        (void)SQLGetCursorName(s, name, sizeof name, NULL);
        (void)SQLCancel(s);
        (void)SQLFreeHandle(SQL_HANDLE_DESC, x);
        (void)SQLFreeHandle(SQL_HANDLE_STMT, s);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];
    for (size_t i = 0; i < ALDB_COUNT(threads); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, hammer, dbc), 0);
    }
    for (size_t i = 0; i < ALDB_COUNT(threads); i++) {
        (void)pthread_join(threads[i], NULL);
    }
    struct aldb_dbc *d = dbc;
    CU_ASSERT_PTR_EQUAL(d->stmts, stmt); /* all others are gone */
    CU_ASSERT_PTR_NULL(stmt->next);
    CU_ASSERT_PTR_NULL(d->descs);
}

/* ------------------------------------------------------------------ main */

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"registry", test_registry},
        {"registry: coming and going", test_registry_churn},
        {"registry: no memory", test_registry_no_memory},
        {"registry: growing under a reader", test_registry_growing},
        {"stale handles", test_stale_handles},
        {"graveyard", test_graveyard},
        {"allocation errors", test_allocation_errors},
        {"out of memory", test_out_of_memory},
        {"descriptor records", test_desc_records},
        {"type defaults", test_type_defaults},
        {"field rights", test_field_rights},
        {"descriptor bounds", test_desc_bounds},
        {"descriptor count", test_desc_count},
        {"descriptor binding", test_desc_binding},
        {"IPD", test_ipd},
        {"SQLSetDescRec", test_set_rec},
        {"descriptor versions", test_desc_versions},
        {"SQLCopyDesc", test_copy_desc},
        {"explicit descriptors", test_explicit_descriptor},
        {"SQLFreeStmt", test_free_stmt_options},
        {"environment attributes", test_env_attrs},
        {"statement attribute defaults", test_stmt_attr_defaults},
        {"statement attributes", test_stmt_attr_set},
        {"cursor attributes", test_cursor_attrs},
        {"connection attributes", test_dbc_attrs},
        {"current catalog", test_current_catalog},
        {"ODBC 2 options", test_v2_options},
        {"state table", test_state_table},
        {"wrong state", test_wrong_state},
        {"describing", test_describe},
        {"cursor names", test_cursor_names},
        {"narrow text in", test_text_in},
        {"wide text in", test_text_in_wide},
        {"narrow text out", test_text_out_narrow},
        {"wide text out", test_text_out_wide},
        {"SQLGetDiagRec", test_diag_rec},
        {"SQLGetDiagField", test_diag_field},
        {"connect errors", test_connect_errors},
        {"threads", test_threads},
    };
    /* What the user's environment says of servers must not decide these tests. */
    static const char *const variables[] = {"PGHOST", "PGUSER", "PGSERVICE", "PGPORT", "PGDATABASE", "PGPASSWORD", "PGHOSTADDR"};
    for (size_t i = 0; i < ALDB_COUNT(variables); i++) {
        (void)unsetenv(variables[i]);
    }
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite_with_setup_and_teardown("handle", NULL, NULL, set_up, tear_down);
    for (size_t i = 0; i < ALDB_COUNT(tests); i++) {
        CU_add_test(suite, tests[i].name, tests[i].run);
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}
