/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetDescField and SQLSetDescField: every field of every descriptor, rows and parameters of prepared statements, defaults and consistency. */
#include "desc.h"

enum { ARD, APD, IRD, IPD };

/* Access in ARD, APD, IRD, IPD: w read and write, s write only, r read only, - not there. */
struct field {
    const char *name;
    SQLSMALLINT id;
    const char *access;
    enum width width;
    intptr_t value; /* something that may be set */
};

static const struct field headers[] = {
    {"SQL_DESC_ALLOC_TYPE", SQL_DESC_ALLOC_TYPE, "rrrr", W_S16, 1},
    {"SQL_DESC_ARRAY_SIZE", SQL_DESC_ARRAY_SIZE, "ww--", W_LEN, 1},
    {"SQL_DESC_ARRAY_STATUS_PTR", SQL_DESC_ARRAY_STATUS_PTR, "wwww", W_PTR, 0},
    {"SQL_DESC_BIND_OFFSET_PTR", SQL_DESC_BIND_OFFSET_PTR, "ww--", W_PTR, 0},
    {"SQL_DESC_BIND_TYPE", SQL_DESC_BIND_TYPE, "ww--", W_S32, 0},
    {"SQL_DESC_COUNT", SQL_DESC_COUNT, "wwrw", W_S16, 1},
    {"SQL_DESC_ROWS_PROCESSED_PTR", SQL_DESC_ROWS_PROCESSED_PTR, "--ww", W_PTR, 0},
};

static const struct field records[] = {
    {"SQL_DESC_AUTO_UNIQUE_VALUE", SQL_DESC_AUTO_UNIQUE_VALUE, "--r-", W_S32, 0},
    {"SQL_DESC_BASE_COLUMN_NAME", SQL_DESC_BASE_COLUMN_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_BASE_TABLE_NAME", SQL_DESC_BASE_TABLE_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_CASE_SENSITIVE", SQL_DESC_CASE_SENSITIVE, "--rr", W_S32, 0},
    {"SQL_DESC_CATALOG_NAME", SQL_DESC_CATALOG_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_CONCISE_TYPE", SQL_DESC_CONCISE_TYPE, "wwrw", W_S16, SQL_INTEGER},
    {"SQL_DESC_DATA_PTR", SQL_DESC_DATA_PTR, "ww-s", W_PTR, 0},
    {"SQL_DESC_DATETIME_INTERVAL_CODE", SQL_DESC_DATETIME_INTERVAL_CODE, "wwrw", W_S16, 0},
    {"SQL_DESC_DATETIME_INTERVAL_PRECISION", SQL_DESC_DATETIME_INTERVAL_PRECISION, "wwrw", W_S32, 2},
    {"SQL_DESC_DISPLAY_SIZE", SQL_DESC_DISPLAY_SIZE, "--r-", W_LEN, 0},
    {"SQL_DESC_FIXED_PREC_SCALE", SQL_DESC_FIXED_PREC_SCALE, "--rr", W_S16, 0},
    {"SQL_DESC_INDICATOR_PTR", SQL_DESC_INDICATOR_PTR, "ww--", W_PTR, 0},
    {"SQL_DESC_LABEL", SQL_DESC_LABEL, "--r-", W_TEXT, 0},
    {"SQL_DESC_LENGTH", SQL_DESC_LENGTH, "wwrw", W_LEN, 4},
    {"SQL_DESC_LITERAL_PREFIX", SQL_DESC_LITERAL_PREFIX, "--r-", W_TEXT, 0},
    {"SQL_DESC_LITERAL_SUFFIX", SQL_DESC_LITERAL_SUFFIX, "--r-", W_TEXT, 0},
    {"SQL_DESC_LOCAL_TYPE_NAME", SQL_DESC_LOCAL_TYPE_NAME, "--rr", W_TEXT, 0},
    {"SQL_DESC_NAME", SQL_DESC_NAME, "--rw", W_TEXT, 0},
    {"SQL_DESC_NULLABLE", SQL_DESC_NULLABLE, "--rr", W_S16, 0},
    {"SQL_DESC_NUM_PREC_RADIX", SQL_DESC_NUM_PREC_RADIX, "wwrw", W_S32, 10},
    {"SQL_DESC_OCTET_LENGTH", SQL_DESC_OCTET_LENGTH, "wwrw", W_LEN, 4},
    {"SQL_DESC_OCTET_LENGTH_PTR", SQL_DESC_OCTET_LENGTH_PTR, "ww--", W_PTR, 0},
    {"SQL_DESC_PARAMETER_TYPE", SQL_DESC_PARAMETER_TYPE, "---w", W_S16, SQL_PARAM_INPUT},
    {"SQL_DESC_PRECISION", SQL_DESC_PRECISION, "wwrw", W_S16, 10},
    {"SQL_DESC_ROWVER", SQL_DESC_ROWVER, "--rr", W_S16, 0},
    {"SQL_DESC_SCALE", SQL_DESC_SCALE, "wwrw", W_S16, 0},
    {"SQL_DESC_SCHEMA_NAME", SQL_DESC_SCHEMA_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_SEARCHABLE", SQL_DESC_SEARCHABLE, "--r-", W_S16, 0},
    {"SQL_DESC_TABLE_NAME", SQL_DESC_TABLE_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_TYPE", SQL_DESC_TYPE, "wwrw", W_S16, SQL_INTEGER},
    {"SQL_DESC_TYPE_NAME", SQL_DESC_TYPE_NAME, "--rr", W_TEXT, 0},
    {"SQL_DESC_UNNAMED", SQL_DESC_UNNAMED, "--rw", W_S16, SQL_UNNAMED},
    {"SQL_DESC_UNSIGNED", SQL_DESC_UNSIGNED, "--rr", W_S16, 0},
    {"SQL_DESC_UPDATABLE", SQL_DESC_UPDATABLE, "--r-", W_S16, 0},
};

static void one_field(const struct field *f, SQLHDESC desc, int kind, SQLSMALLINT record)
{
    static const char *const kinds[] = {"ARD", "APD", "IRD", "IPD"};
    unsigned char buffer[256];
    char what[96];
    SQLINTEGER length = -1;
    bool readable = f->access[kind] == 'w' || f->access[kind] == 'r';
    bool writable = f->access[kind] == 'w' || f->access[kind] == 's';
    snprintf(what, sizeof what, "%s of the %s", f->name, kinds[kind]);
    memset(buffer, 0xAA, sizeof buffer);
    SQLRETURN rc = SQLGetDescField(desc, record, f->id, buffer, sizeof buffer, &length);
    if (!readable) {
        check_state(desc, rc, SQL_ERROR, "HY091", what, __FILE__, __LINE__);
        check_int(buffer[0], 0xAA, what, __FILE__, __LINE__);
    } else if (check_rc(desc, rc, SQL_SUCCESS, what, __FILE__, __LINE__)) {
        size_t size = f->width == W_TEXT ? strnlen((char *)buffer, sizeof buffer) + 1 : f->width == W_PTR ? sizeof(void *) : (size_t)f->width;
        check_int(buffer[size], 0xAA, what, __FILE__, __LINE__);
        check_true(buffer[size - 1] != 0xAA, what, __FILE__, __LINE__);
        check_int(length, (int64_t)size - (f->width == W_TEXT), what, __FILE__, __LINE__);
    }
    SQLPOINTER value = f->width == W_TEXT ? (SQLPOINTER)T("name") : (SQLPOINTER)f->value;
    rc = SQLSetDescField(desc, record, f->id, value, f->width == W_TEXT ? SQL_NTS : 0);
    if (writable) {
        check_rc(desc, rc, SQL_SUCCESS, what, __FILE__, __LINE__);
    } else {
        check_state(desc, rc, SQL_ERROR, kind == IRD ? "HY016" : "HY091", what, __FILE__, __LINE__);
    }
}

static void all_fields(void)
{
    static const SQLINTEGER which[] = {SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC, SQL_ATTR_IMP_ROW_DESC, SQL_ATTR_IMP_PARAM_DESC};
    struct link l = link_open("");
    run(l.stmt, "create temp table t (id int generated always as identity, b text)");
    for (int kind = ARD; kind <= IPD; kind++) {
        for (size_t i = 0; i < COUNT(headers) + COUNT(records); i++) {
            /* Prepared and bound anew: a field that is set changes others. */
            SQLINTEGER n = 1;
            SQLHSTMT stmt = new_stmt(l.dbc);
            CHECK_OK(stmt, SQLPrepare(stmt, T("select id, b from t where id = ?"), SQL_NTS));
            CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
            CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
            bool header = i < COUNT(headers);
            one_field(header ? &headers[i] : &records[i - COUNT(headers)], stmt_desc(stmt, which[kind]), kind, header ? 0 : 1);
            free_stmt(stmt);
        }
        SQLHDESC desc = stmt_desc(l.stmt, which[kind]);
        SQLINTEGER unused = 0;
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1"), SQL_NTS)); /* else the driver manager shows nothing of an IRD */
        CHECK_STATE(desc, SQLGetDescField(desc, 0, 4711, &unused, 0, NULL), "HY091");
        CHECK_STATE(desc, SQLSetDescField(desc, 0, 4711, NULL, 0), "HY091");
    }
    link_close(&l);
}

static void prepared_ird(void)
{
    static const struct expected_field expected[] = {
        {0, SQL_DESC_COUNT, W_S16, 5, NULL},
        {1, SQL_DESC_TYPE, W_S16, SQL_INTEGER, NULL},
        {1, SQL_DESC_AUTO_UNIQUE_VALUE, W_S32, SQL_TRUE, NULL},
        {1, SQL_DESC_NULLABLE, W_S16, SQL_NO_NULLS, NULL},
        {1, SQL_DESC_NAME, W_TEXT, 0, "number"},
        {1, SQL_DESC_LABEL, W_TEXT, 0, "number"},
        {1, SQL_DESC_BASE_COLUMN_NAME, W_TEXT, 0, "id"},
        {1, SQL_DESC_BASE_TABLE_NAME, W_TEXT, 0, "Tablé"},
        {1, SQL_DESC_TABLE_NAME, W_TEXT, 0, "Tablé"},
        {1, SQL_DESC_CATALOG_NAME, W_TEXT, 0, "aldb_test"},
        {1, SQL_DESC_TYPE_NAME, W_TEXT, 0, "int4"},
        {2, SQL_DESC_CONCISE_TYPE, W_S16, SQL_NUMERIC, NULL},
        {2, SQL_DESC_PRECISION, W_S16, 9, NULL},
        {2, SQL_DESC_SCALE, W_S16, 2, NULL},
        {2, SQL_DESC_NULLABLE, W_S16, SQL_NULLABLE, NULL},
        {3, SQL_DESC_TYPE, W_S16, SQL_DATETIME, NULL},
        {3, SQL_DESC_DATETIME_INTERVAL_CODE, W_S16, SQL_CODE_TIMESTAMP, NULL},
        {3, SQL_DESC_PRECISION, W_S16, 3, NULL},
        {4, SQL_DESC_TABLE_NAME, W_TEXT, 0, ""},
        {4, SQL_DESC_NULLABLE, W_S16, SQL_NULLABLE_UNKNOWN, NULL},
        {4, SQL_DESC_UNNAMED, W_S16, SQL_UNNAMED, NULL}, /* "?column?" is the server's word for no name */
        {5, SQL_DESC_NAME, W_TEXT, 0, "literal"},
    };
    struct link l = link_open("");
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLSMALLINT n = -1;
    CHECK_STATE(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL), "HY007");
    run(l.stmt, "create temp table \"Tablé\" (id int generated always as identity primary key, \"Amoünt\" numeric(9,2), t timestamp(3))");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id as number, \"Amoünt\", t, 1 + 1, 'x' as literal from \"Tablé\" where id > ?"), SQL_NTS));
    CHECK_FIELDS(ird, expected);

    /* Beyond the last: no data, not an error. Below the first: an error. */
    CHECK_RC(ird, SQLGetDescField(ird, 6, SQL_DESC_TYPE, &n, 0, NULL), SQL_NO_DATA);
    CHECK_STATE(ird, SQLGetDescField(ird, -1, SQL_DESC_TYPE, &n, 0, NULL), "07009");
    CHECK_STATE(ird, SQLGetDescField(ird, 0, SQL_DESC_TYPE, &n, 0, NULL), "07009"); /* bookmarks are off */

    /* A statement that will have no result set. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into \"Tablé\" (\"Amoünt\") values (?)"), SQL_NTS));
    CHECK_INT(desc_number(ird, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_RC(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL), SQL_NO_DATA);

    /* One that the server refuses: its words are on the descriptor. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select nothing from nowhere"), SQL_NTS));
    CHECK_STATE(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL), "42S02");
    link_close(&l);
}

/* The parameter descriptor is filled from the server where the application has bound nothing. */
static void prepared_ipd(void)
{
    static const struct expected_field expected[] = {
        {0, SQL_DESC_COUNT, W_S16, 4, NULL},
        {1, SQL_DESC_CONCISE_TYPE, W_S16, SQL_INTEGER, NULL},
        {2, SQL_DESC_CONCISE_TYPE, W_S16, SQL_NUMERIC, NULL},
        {3, SQL_DESC_CONCISE_TYPE, W_S16, SQL_WVARCHAR, NULL},
        {4, SQL_DESC_TYPE, W_S16, SQL_DATETIME, NULL},
        {1, SQL_DESC_PARAMETER_TYPE, W_S16, SQL_PARAM_INPUT, NULL},
        {1, SQL_DESC_TYPE_NAME, W_TEXT, 0, "int4"},
    };
    static const struct expected_field bound[] = {
        {1, SQL_DESC_CONCISE_TYPE, W_S16, SQL_DECIMAL, NULL},
        {1, SQL_DESC_PRECISION, W_S16, 7, NULL},
        {1, SQL_DESC_SCALE, W_S16, 3, NULL},
    };
    struct link l = link_open("");
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLSMALLINT n = -1;
    run(l.stmt, "create temp table t (a int, b numeric(9,2), c varchar(5), d timestamp)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into t values (?, ?, ?, ?)"), SQL_NTS));
    CHECK_FIELDS(ipd, expected);
    CHECK_RC(ipd, SQLGetDescField(ipd, 5, SQL_DESC_TYPE, &n, 0, NULL), SQL_NO_DATA);
    CHECK_STATE(ipd, SQLGetDescField(ipd, 0, SQL_DESC_TYPE, &n, 0, NULL), "07009");

    /* What the application has bound stays as it bound it. */
    SQLINTEGER value = 1;
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_DECIMAL, 7, 3, &value, 0, NULL));
    CHECK_FIELDS(ipd, bound);

    /* Names of parameters. */
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, T("überwert"), SQL_NTS));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "überwert");
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_UNNAMED, W_S16), SQL_NAMED);
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_UNNAMED, (SQLPOINTER)SQL_UNNAMED, 0));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_UNNAMED, (SQLPOINTER)SQL_NAMED, 0), "HY091");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, T("n123456789012345678901234567890123456789012345678901234567890abcd"), SQL_NTS), "22001");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_PARAMETER_TYPE, (SQLPOINTER)77, 0), "HY105");
    link_close(&l);
}

static void defaults_and_consistency(void)
{
    static const struct {
        SQLSMALLINT record, field;
        intptr_t value;
        const char *state;
    } refused[] = {
        {1, SQL_DESC_DATETIME_INTERVAL_CODE, 99, "HY021"},
        {1, SQL_DESC_TYPE, 4711, "HY021"},
        {1, SQL_DESC_CONCISE_TYPE, 4711, "HY021"},
        {0, SQL_DESC_COUNT, -1, "07009"},
        {0, SQL_DESC_COUNT, 40000, "07009"},
        {2, SQL_DESC_PRECISION, 100000, "HY024"}, /* nothing is cut to fit */
        {-1, SQL_DESC_TYPE, SQL_C_SLONG, "07009"},
        {0, SQL_DESC_ARRAY_SIZE, 0, "HY024"},
    };
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLINTEGER value = 0;
    SQLPOINTER pointer = &value;
    SQLLEN indicator = 0;

    /* Header and records as they begin. */
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_INT(desc_number(ard, 0, SQL_DESC_ARRAY_SIZE, W_LEN), 1);
    CHECK_INT(desc_number(ard, 0, SQL_DESC_BIND_TYPE, W_S32), SQL_BIND_BY_COLUMN);
    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)2, 0));
    CHECK_INT(desc_number(ard, 2, SQL_DESC_TYPE, W_S16), SQL_C_DEFAULT);
    CHECK_INT(desc_number(ard, 2, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_DEFAULT);

    /* A type sets what depends on it. */
    static const struct {
        SQLSMALLINT concise, type, code, precision, scale;
        SQLINTEGER leading;
        SQLULEN length;
    } types[] = {
        {SQL_C_CHAR, SQL_C_CHAR, 0, 0, 0, 0, 1},
        {SQL_C_WCHAR, SQL_C_WCHAR, 0, 0, 0, 0, 1},
        {SQL_C_NUMERIC, SQL_C_NUMERIC, 0, 38, 0, 0, 0},
        {SQL_C_TYPE_DATE, SQL_DATETIME, SQL_CODE_DATE, 0, 0, 0, 0},
        {SQL_C_TYPE_TIME, SQL_DATETIME, SQL_CODE_TIME, 0, 0, 0, 0},
        {SQL_C_TYPE_TIMESTAMP, SQL_DATETIME, SQL_CODE_TIMESTAMP, 6, 0, 0, 0},
        {SQL_C_INTERVAL_YEAR, SQL_INTERVAL, SQL_CODE_YEAR, 0, 0, 2, 0},
        {SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL, SQL_CODE_DAY_TO_SECOND, 6, 0, 2, 0},
        {SQL_C_SLONG, SQL_C_SLONG, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)(intptr_t)types[i].concise, 0));
        CHECK_INT(desc_number(ard, 1, SQL_DESC_TYPE, W_S16), types[i].type);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_CONCISE_TYPE, W_S16), types[i].concise);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_DATETIME_INTERVAL_CODE, W_S16), types[i].code);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_PRECISION, W_S16), types[i].precision);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_SCALE, W_S16), types[i].scale);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_DATETIME_INTERVAL_PRECISION, W_S32), types[i].leading);
        CHECK_INT((SQLULEN)desc_number(ard, 1, SQL_DESC_LENGTH, W_LEN), types[i].length);
    }

    /* TYPE alone is not enough for dates and intervals: the code completes it. */
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_DATETIME, 0));
    CHECK_STATE(ard, SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &value, 0), "HY021");
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATETIME_INTERVAL_CODE, (SQLPOINTER)SQL_CODE_DATE, 0));
    CHECK_INT(desc_number(ard, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_TYPE_DATE);
    SQL_DATE_STRUCT date = {0, 0, 0};
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &date, 0));
    query(l.stmt, "select date '2024-02-29', 7");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(date.day, 29);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    for (size_t i = 0; i < COUNT(refused); i++) {
        char what[64];
        snprintf(what, sizeof what, "field %d of record %d set to %d", refused[i].field, refused[i].record, (int)refused[i].value);
        check_state(ard, SQLSetDescField(ard, refused[i].record, refused[i].field, (SQLPOINTER)refused[i].value, 0), SQL_ERROR, refused[i].state, what,
                    __FILE__, __LINE__);
    }
    CHECK_STATE(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)65538, 0), "07009"); /* not 2 */
    CHECK_CONTAINS(diag_message(ard, 1), "SQL_DESC_COUNT 65538 is out of range (0 to 32767)");
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_SCALE, (SQLPOINTER)65534, 0)); /* -2 of a caller who did not extend it */
    CHECK_INT(desc_number(ard, 2, SQL_DESC_SCALE, W_S16), -2);

    /* Any other field unbinds; a pointer to lengths does not. */
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)SQL_C_SLONG, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_DATA_PTR, &value, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_OCTET_LENGTH_PTR, &indicator, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_INDICATOR_PTR, &indicator, 0));
    CHECK_OK(ard, SQLGetDescField(ard, 2, SQL_DESC_DATA_PTR, &pointer, 0, NULL));
    CHECK(pointer == &value);
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_PRECISION, (SQLPOINTER)5, 0));
    CHECK_OK(ard, SQLGetDescField(ard, 2, SQL_DESC_DATA_PTR, &pointer, 0, NULL));
    CHECK(pointer == NULL);

    /* A smaller COUNT unbinds what is above it, and frees the records. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 5, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 5);
    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)1, 0));
    CHECK_RC(ard, SQLGetDescField(ard, 2, SQL_DESC_TYPE, &pointer, 0, NULL), SQL_NO_DATA);
    value = 0;
    query(l.stmt, "select date '2024-02-28', 7, 8, 9, 10");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(value, 0);
    CHECK_INT(date.day, 28);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* Unbinding the highest one lowers COUNT to the next that is bound. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 4, SQL_C_SLONG, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 4, SQL_C_SLONG, NULL, 0, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 1);

    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)SQL_C_SBIGINT, 0), "HY021"); /* a C type is no SQL type */
    link_close(&l);
}

/* What is unbound keeps what was said of it; what COUNT was lowered below has said it in vain. */
static void unbound(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLSMALLINT small[2] = {77, 77};
    SQLLEN length = 0;
    for (SQLUSMALLINT i = 1; i <= 3; i++) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, i, SQL_C_SSHORT, small, 0, &length));
    }
    CHECK_OK(ard, SQLSetDescField(ard, 3, SQL_DESC_DATA_PTR, NULL, 0));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 3); /* its length is still wanted */
    CHECK_OK(ard, SQLSetDescField(ard, 3, SQL_DESC_OCTET_LENGTH_PTR, NULL, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 3, SQL_DESC_INDICATOR_PTR, NULL, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 3, SQL_DESC_DATA_PTR, NULL, 0));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 2);
    CHECK_OK(ard, SQLSetDescField(ard, 3, SQL_DESC_DATA_PTR, small, 0));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 3);
    CHECK_INT(desc_number(ard, 3, SQL_DESC_TYPE, W_S16), SQL_C_SSHORT); /* not a longer type by default */
    query(l.stmt, "select 1, 2, 3");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(small[0], 3);
    CHECK_INT(small[1], 77);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)1, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)3, 0));
    CHECK_INT(desc_number(ard, 3, SQL_DESC_TYPE, W_S16), SQL_C_DEFAULT);
    CHECK_INT(desc_number(ard, 1, SQL_DESC_TYPE, W_S16), SQL_C_SSHORT);

    /* A length alone is bound too. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, NULL, 0, &length));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_SSHORT, small, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_SSHORT, NULL, 0, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 2);
    link_close(&l);
}

/* Strings in short buffers, in both widths; all lengths are bytes. Numbers fill their own width whatever the buffer is said to be. */
static void buffers(void)
{
    struct link l = link_open("");
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    char text[32];
    SQLWCHAR wtext[32];
    SQLINTEGER length = -1;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1 as \"Größe 😀\""), SQL_NTS));
    CHECK_OK(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, sizeof text, &length));
    CHECK_TEXT(text, "Größe 😀");
    CHECK_INT(length, 12);
    CHECK_OK(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, 13, &length));
    memset(text, 'x', sizeof text);
    CHECK_INFO(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, 12, &length), "01004"); /* no part of the last character */
    CHECK_TEXT(text, "Größe ");
    CHECK_INT(length, 12);
    CHECK_INT(text[12], 'x');
    CHECK_INFO(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, 4, NULL), "01004");
    CHECK_TEXT(text, "Gr");
    text[0] = 'x';
    CHECK_INFO(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, 0, &length), "01004");
    CHECK_INT(text[0], 'x');
    CHECK_INT(length, 12);
    CHECK_OK(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, NULL, 0, &length));
    CHECK_INT(length, 12);
    CHECK_STATE(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, -1, &length), "HY090");

    CHECK_OK(ird, SQLGetDescFieldW(ird, 1, SQL_DESC_NAME, wtext, sizeof wtext, &length));
    CHECK_TEXT(narrow(wtext), "Größe 😀");
    CHECK_INT(length, 16);
    CHECK_OK(ird, SQLGetDescFieldW(ird, 1, SQL_DESC_NAME, wtext, 18, &length));
    CHECK_INFO(ird, SQLGetDescFieldW(ird, 1, SQL_DESC_NAME, wtext, 16, &length), "01004");
    CHECK_TEXT(narrow(wtext), "Größe ");
    CHECK_INT(length, 16);

    struct {
        SQLSMALLINT value, behind;
    } number = {0, 0x5555};
    CHECK_OK(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &number, 0, &length));
    CHECK_INT(number.value, SQL_INTEGER);
    CHECK_INT(number.behind, 0x5555);
    CHECK_INT(length, 2);
    CHECK_OK(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, NULL, 0, NULL));

    /* Names of parameters are given in bytes as well, and a NULL is none. */
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, T("überlang"), 5));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "über");
    CHECK_OK(ipd, SQLSetDescFieldW(ipd, 1, SQL_DESC_NAME, wide("überlang"), 8));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "über");
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, NULL, 0));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "");
    link_close(&l);
}

/* The server is asked for parameters only where the application wants it. */
static void automatic_ipd(void)
{
    struct link l = link_open("");
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLINTEGER value = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ENABLE_AUTO_IPD, (SQLPOINTER)SQL_FALSE, 0));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::int"), SQL_NTS));
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ENABLE_AUTO_IPD, (SQLPOINTER)SQL_TRUE, 0));
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 1);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_TYPE, W_S16), SQL_INTEGER);
    /* Another text: what was filled in goes, what was bound stays. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::text, ?::numeric, ?::date"), SQL_NTS));
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 3);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_TYPE, W_S16), SQL_WLONGVARCHAR);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL));
    CHECK_INT(desc_number(ipd, 2, SQL_DESC_TYPE, W_S16), SQL_INTEGER);
    CHECK_INT(desc_number(ipd, 3, SQL_DESC_CONCISE_TYPE, W_S16), SQL_TYPE_DATE);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::bool, ?::int8"), SQL_NTS));
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_TYPE, W_S16), SQL_BIT);
    CHECK_INT(desc_number(ipd, 2, SQL_DESC_TYPE, W_S16), SQL_INTEGER);
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 2);
    link_close(&l);
}

/* As many records as a descriptor can have. */
static void very_many(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLHDESC copy;
    SQLINTEGER value = 0;
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &copy));
    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)32767, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &value, 0, NULL));
    query(l.stmt, "select 5");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(value, 5);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(copy, SQLCopyDesc(ard, copy));
    CHECK_OK(ipd, SQLCopyDesc(copy, ipd));
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 32767);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 32767, SQL_C_SLONG, &value, 0, NULL));
    query(l.stmt, "select 5");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07009");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 32767, SQL_C_SLONG, NULL, 0, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 1);
    link_close(&l);
}

/* What follows from a parameter's type follows it when it changes: nothing is left of the type that the server told. */
static void types_of_parameters(void)
{
    static const struct {
        SQLSMALLINT type;
        SQLULEN size;
        SQLSMALLINT digits;
        SQLLEN octets, radix, is_unsigned, case_sensitive;
    } list[] = {
        {SQL_INTEGER, 0, 0, 4, 10, SQL_FALSE, SQL_FALSE},   {SQL_BIGINT, 0, 0, 8, 10, SQL_FALSE, SQL_FALSE},
        {SQL_DOUBLE, 0, 0, 8, 2, SQL_FALSE, SQL_FALSE},     {SQL_DECIMAL, 12, 4, 14, 10, SQL_FALSE, SQL_FALSE},
        {SQL_WVARCHAR, 33, 0, 132, 0, SQL_TRUE, SQL_TRUE},   {SQL_VARCHAR, 33, 0, 132, 0, SQL_TRUE, SQL_TRUE},
        {SQL_WVARCHAR, 0, 0, 0, 0, SQL_TRUE, SQL_TRUE},     {SQL_VARBINARY, 33, 0, 33, 0, SQL_TRUE, SQL_FALSE},
        {SQL_TYPE_DATE, 10, 0, 6, 0, SQL_TRUE, SQL_FALSE},  {SQL_TYPE_TIMESTAMP, 23, 3, 16, 0, SQL_TRUE, SQL_FALSE},
        {SQL_GUID, 36, 0, 16, 0, SQL_TRUE, SQL_FALSE},      {SQL_BIT, 1, 0, 1, 0, SQL_TRUE, SQL_FALSE},
    };
    struct link l = link_open("");
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    char value[64] = "";
    for (size_t i = 0; i < COUNT(list); i++) {
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::text"), SQL_NTS));
        CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_TYPE_NAME), "text");
        CHECK_INT(desc_number(ipd, 1, SQL_DESC_CASE_SENSITIVE, W_S32), SQL_TRUE);
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, list[i].type, list[i].size, list[i].digits, value, sizeof value, NULL));
        char what[32];
        snprintf(what, sizeof what, "type %d", list[i].type);
        check_int(desc_number(ipd, 1, SQL_DESC_OCTET_LENGTH, W_LEN), list[i].octets, what, __FILE__, __LINE__);
        check_int(desc_number(ipd, 1, SQL_DESC_NUM_PREC_RADIX, W_S32), list[i].radix, what, __FILE__, __LINE__);
        check_int(desc_number(ipd, 1, SQL_DESC_UNSIGNED, W_S16), list[i].is_unsigned, what, __FILE__, __LINE__);
        check_int(desc_number(ipd, 1, SQL_DESC_CASE_SENSITIVE, W_S32), list[i].case_sensitive, what, __FILE__, __LINE__);
        CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_TYPE_NAME), "");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    }
    /* The same one field at a time; what was set last holds. */
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_WVARCHAR, 0));
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_LENGTH, (SQLPOINTER)20, 0));
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_OCTET_LENGTH, W_LEN), 80);
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_OCTET_LENGTH, (SQLPOINTER)99, 0));
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_OCTET_LENGTH, W_LEN), 99);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_LENGTH, W_LEN), 20);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"every descriptor field", all_fields},
        {"row descriptor of a prepared statement", prepared_ird},
        {"parameter descriptor of a prepared statement", prepared_ipd},
        {"defaults and consistency", defaults_and_consistency},
        {"what is unbound", unbound},
        {"buffers", buffers},
        {"parameters from the server or not", automatic_ipd},
        {"very many records", very_many},
        {"types of parameters", types_of_parameters},
    };
    return run_tests("SQLGetDescField and SQLSetDescField", tests, COUNT(tests));
}
