/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that a driver says of a type, asked for every type that the server has: SQLDescribeCol, SQLColAttribute, SQLColumns, SQLDescribeParam, the IPD
 * and SQLGetTypeInfo agree. The types come from pg_type, so that none is forgotten, with modifiers beside; under every option that changes what is said.
 */
#include "alloydb_odbc.h"
#include "results.h"

#include <stdlib.h>

/* ---- the types ----------------------------------------------------------------------------------------------------- */

enum { MOST_TYPES = 1024 };

static struct {
    char declared[96]; /* as in CREATE TABLE */
    bool domain, builtin;
} types[MOST_TYPES];
static size_t ntypes;

static const char *const modified[] = {
    "varchar(7)", "char(7)", "numeric(9,3)", "numeric(3,-2)", "numeric(2,5)", "numeric(1000,1000)", "bit(3)", "varbit(9)", "time(2)", "timetz(0)",
    "timestamp(3)", "timestamptz(1)", "interval(3)", "interval year", "interval month", "interval day", "interval hour", "interval minute", "interval second",
    "interval second(0)", "interval year to month", "interval day to hour", "interval day to minute", "interval day to second(2)", "interval hour to minute",
    "interval hour to second", "interval minute to second", "varchar(10485760)", "numeric(5,2)[]", "varchar(3)[]",
};

static void add_type(const char *declared, bool domain, bool builtin)
{
    CHECK(ntypes < MOST_TYPES);
    if (ntypes < MOST_TYPES) {
        snprintf(types[ntypes].declared, sizeof types[0].declared, "%s", declared);
        types[ntypes].builtin = builtin;
        types[ntypes++].domain = domain;
    }
}

/* All types of columns, of the server and its extensions, without row types; `all` false: those that are built in and no arrays. */
static void collect(SQLHSTMT stmt, bool all)
{
    char name[96];
    char sql[1024];
    char kind = 0;
    SQLINTEGER builtin = 0;
    ntypes = 0;
    snprintf(sql, sizeof sql,
             "select format_type(t.oid, -1), t.typtype, (t.oid < 10000)::int from pg_type t left join pg_type e on e.oid = t.typelem and t.typcategory = 'A' "
             "where t.typtype in ('b', 'e', 'r', 'm', 'd') and t.typisdefined and (e.oid is null or e.typtype not in ('c', 'p')) and (%s) "
             "and (t.typnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) or exists (select from pg_depend d "
             "where d.classid = 'pg_type'::regclass and d.objid = coalesce(e.oid, t.oid) and d.deptype = 'e')) order by t.oid",
             all ? "true" : "t.oid < 10000 and t.typcategory <> 'A'");
    query(stmt, sql);
    CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 2, SQL_C_BINARY, &kind, 1, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 3, SQL_C_SLONG, &builtin, 0, NULL));
    while (SQLFetch(stmt) == SQL_SUCCESS) {
        add_type(name, kind == 'd', builtin == 1);
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    for (size_t i = 0; i < COUNT(modified); i++) {
        add_type(modified[i], false, true);
    }
}

/* ---- SQLGetTypeInfo ------------------------------------------------------------------------------------------------ */

struct info {
    char name[64];
    SQLSMALLINT type, case_sensitive, searchable, is_unsigned, fixed, verbose, sub, interval_precision, maximum_scale;
    SQLINTEGER size, radix;
    SQLLEN no_size, no_unsigned, no_sub, no_radix, no_interval, no_maximum;
    char prefix[32], suffix[32];
    SQLLEN no_prefix, no_suffix;
};
static struct info infos[1024];
static size_t ninfos;

static void read_infos(SQLHSTMT stmt)
{
    struct info r;
    CHECK_OK(stmt, SQLGetTypeInfo(stmt, SQL_ALL_TYPES));
    CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, r.name, sizeof r.name, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 2, SQL_C_SSHORT, &r.type, 0, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 3, SQL_C_SLONG, &r.size, 0, &r.no_size));
    CHECK_OK(stmt, SQLBindCol(stmt, 4, SQL_C_CHAR, r.prefix, sizeof r.prefix, &r.no_prefix));
    CHECK_OK(stmt, SQLBindCol(stmt, 5, SQL_C_CHAR, r.suffix, sizeof r.suffix, &r.no_suffix));
    CHECK_OK(stmt, SQLBindCol(stmt, 8, SQL_C_SSHORT, &r.case_sensitive, 0, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 9, SQL_C_SSHORT, &r.searchable, 0, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 10, SQL_C_SSHORT, &r.is_unsigned, 0, &r.no_unsigned));
    CHECK_OK(stmt, SQLBindCol(stmt, 11, SQL_C_SSHORT, &r.fixed, 0, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 15, SQL_C_SSHORT, &r.maximum_scale, 0, &r.no_maximum));
    CHECK_OK(stmt, SQLBindCol(stmt, 16, SQL_C_SSHORT, &r.verbose, 0, NULL));
    CHECK_OK(stmt, SQLBindCol(stmt, 17, SQL_C_SSHORT, &r.sub, 0, &r.no_sub));
    CHECK_OK(stmt, SQLBindCol(stmt, 18, SQL_C_SLONG, &r.radix, 0, &r.no_radix));
    CHECK_OK(stmt, SQLBindCol(stmt, 19, SQL_C_SSHORT, &r.interval_precision, 0, &r.no_interval));
    ninfos = 0;
    for (;;) {
        memset(&r, 0, sizeof r);
        if (SQLFetch(stmt) != SQL_SUCCESS || ninfos == COUNT(infos)) {
            break;
        }
        infos[ninfos++] = r;
    }
    CHECK(ninfos > 40 && ninfos < COUNT(infos));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

static const struct info *find_info(const char *name, SQLSMALLINT type)
{
    for (size_t i = 0; i < ninfos; i++) {
        if (infos[i].type == type && strcmp(infos[i].name, name) == 0) {
            return &infos[i];
        }
    }
    return NULL;
}

/* ---- one type ------------------------------------------------------------------------------------------------------ */

static const char *about; /* names what a failed check was about */

static bool same(const char *what, int64_t actual, int64_t wanted)
{
    char text[256];
    snprintf(text, sizeof text, "%s: %s", about, what);
    return check_int(actual, wanted, text, __FILE__, __LINE__);
}

static int64_t field(SQLHDESC desc, SQLSMALLINT id, bool wide)
{
    SQLLEN large = 0;
    SQLSMALLINT small = 0;
    CHECK_OK(desc, SQLGetDescField(desc, 1, id, wide ? (SQLPOINTER)&large : (SQLPOINTER)&small, 0, NULL));
    return wide ? (int64_t)large : small;
}

struct described {
    SQLSMALLINT type, digits, verbose, sub;
    SQLULEN size;
    SQLLEN octets, radix;
    char name[64];
};

static void describe_column(SQLHSTMT stmt, struct described *d)
{
    SQLHDESC ird = SQL_NULL_HDESC;
    SQLSMALLINT precision = -1;
    CHECK_OK(stmt, SQLDescribeCol(stmt, 1, NULL, 0, NULL, &d->type, &d->size, &d->digits, NULL));
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_TYPE_NAME, d->name, sizeof d->name, NULL, NULL));
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL));
    same("SQL_DESC_CONCISE_TYPE", column_attribute(stmt, 1, SQL_DESC_CONCISE_TYPE), d->type);
    d->verbose = (SQLSMALLINT)column_attribute(stmt, 1, SQL_DESC_TYPE);
    same("SQL_DESC_LENGTH", column_attribute(stmt, 1, SQL_DESC_LENGTH), (int64_t)d->size);
    same("SQL_COLUMN_PRECISION", column_attribute(stmt, 1, SQL_COLUMN_PRECISION), (int64_t)d->size);
    same("SQL_COLUMN_SCALE", column_attribute(stmt, 1, SQL_COLUMN_SCALE), d->digits);
    d->octets = column_attribute(stmt, 1, SQL_DESC_OCTET_LENGTH);
    same("SQL_COLUMN_LENGTH", column_attribute(stmt, 1, SQL_COLUMN_LENGTH), d->octets);
    d->radix = column_attribute(stmt, 1, SQL_DESC_NUM_PREC_RADIX);
    CHECK_OK(stmt, SQLGetDescField(ird, 1, SQL_DESC_DATETIME_INTERVAL_CODE, &d->sub, 0, NULL));
    CHECK_OK(stmt, SQLGetDescField(ird, 1, SQL_DESC_PRECISION, &precision, 0, NULL));
    switch (d->verbose) {
    case SQL_DATETIME:
    case SQL_INTERVAL:
        same("precision of seconds", precision, d->digits);
        break;
    case SQL_NUMERIC:
        same("precision", precision, (int64_t)d->size);
        same("scale", column_attribute(stmt, 1, SQL_DESC_SCALE), d->digits);
        break;
    default:
        break;
    }
    /* A value's text is not longer than this; sizes are none of them nonsense. */
    SQLLEN display = column_attribute(stmt, 1, SQL_DESC_DISPLAY_SIZE);
    CHECK(display == SQL_NO_TOTAL || display >= 1);
    CHECK((display == SQL_NO_TOTAL) == (d->octets == SQL_NO_TOTAL));
    CHECK((display == SQL_NO_TOTAL) == (d->size == 0));
}

static void check_catalog(SQLHSTMT stmt, const struct described *d)
{
    SQLSMALLINT type = 0;
    SQLSMALLINT verbose = 0;
    SQLSMALLINT sub = 0;
    SQLSMALLINT digits = 0;
    SQLINTEGER size = 0;
    SQLINTEGER octets = 0;
    SQLSMALLINT radix = 0;
    SQLLEN no_size = 0;
    SQLLEN no_octets = 0;
    SQLLEN no_digits = 0;
    SQLLEN no_radix = 0;
    SQLLEN no_sub = 0;
    char name[64] = "";
    CHECK_OK(stmt, SQLColumns(stmt, NULL, 0, NULL, 0, T("agree_types"), SQL_NTS, NULL, 0));
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 5, SQL_C_SSHORT, &type, 0, NULL));
    CHECK_OK(stmt, SQLGetData(stmt, 6, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK_OK(stmt, SQLGetData(stmt, 7, SQL_C_SLONG, &size, 0, &no_size));
    CHECK_OK(stmt, SQLGetData(stmt, 8, SQL_C_SLONG, &octets, 0, &no_octets));
    CHECK_OK(stmt, SQLGetData(stmt, 9, SQL_C_SSHORT, &digits, 0, &no_digits));
    CHECK_OK(stmt, SQLGetData(stmt, 10, SQL_C_SSHORT, &radix, 0, &no_radix));
    CHECK_OK(stmt, SQLGetData(stmt, 14, SQL_C_SSHORT, &verbose, 0, NULL));
    CHECK_OK(stmt, SQLGetData(stmt, 15, SQL_C_SSHORT, &sub, 0, &no_sub));
    CHECK_RC(stmt, SQLFetch(stmt), SQL_NO_DATA);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    same("SQLColumns DATA_TYPE", type, d->type);
    check_text(name, d->name, about, __FILE__, __LINE__);
    same("SQLColumns COLUMN_SIZE", no_size == SQL_NULL_DATA ? 0 : size, (int64_t)d->size);
    same("SQLColumns BUFFER_LENGTH", no_octets == SQL_NULL_DATA ? SQL_NO_TOTAL : octets, d->octets > INT32_MAX ? INT32_MAX : d->octets);
    same("SQLColumns DECIMAL_DIGITS", no_digits == SQL_NULL_DATA ? 0 : digits, d->digits);
    same("SQLColumns NUM_PREC_RADIX", no_radix == SQL_NULL_DATA ? 0 : radix, d->radix);
    same("SQLColumns SQL_DATA_TYPE", verbose, d->verbose);
    same("SQLColumns SQL_DATETIME_SUB", no_sub == SQL_NULL_DATA ? 0 : sub, d->sub);
}

/* The server tells no modifier of a parameter: with one, only the kind of type can agree. */
static void check_parameter(SQLHSTMT stmt, const struct described *d, bool plain, bool domain)
{
    SQLSMALLINT type = 0;
    SQLSMALLINT digits = 0;
    SQLULEN size = 4711;
    SQLHDESC ipd = SQL_NULL_HDESC;
    char name[64] = "";
    CHECK_OK(stmt, SQLPrepare(stmt, T("insert into agree_types values (?)"), SQL_NTS));
    CHECK_OK(stmt, SQLDescribeParam(stmt, 1, &type, &size, &digits, NULL));
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL));
    bool old = type >= SQL_DATE && type <= SQL_TIMESTAMP; /* ODBC 2's, which descriptors know nothing of */
    same("the IPD's type", field(ipd, SQL_DESC_CONCISE_TYPE, false), old ? type - SQL_DATE + SQL_TYPE_DATE : type);
    same("the IPD's length", field(ipd, SQL_DESC_LENGTH, true), (int64_t)size);
    CHECK_OK(ipd, SQLGetDescField(ipd, 1, SQL_DESC_TYPE_NAME, name, sizeof name, NULL));
    if (domain) {
        CHECK(name[0] != '\0');
    } else if (strncmp(d->name, "interval ", 9) == 0) {
        check_text(name, "interval", about, __FILE__, __LINE__); /* its fields are a modifier */
    } else {
        check_text(name, d->name, about, __FILE__, __LINE__);
    }
    if (!plain) {
        return;
    }
    if (d->type >= SQL_ALLOYDB_TYPE(0)) { /* parameters are described without such codes */
        check_true(type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR, about, __FILE__, __LINE__);
    } else {
        same("SQLDescribeParam's type", type, d->type);
    }
    bool sized = size != 0 && d->type != SQL_NUMERIC;
    if (sized) {
        same("SQLDescribeParam's size", (int64_t)size, (int64_t)d->size);
        same("SQLDescribeParam's digits", digits, d->digits);
    }
}

static void check_info(SQLHSTMT stmt, const struct described *d)
{
    const struct info *r = find_info(d->name, d->type);
    if (r == NULL) {
        check_true(false, about, __FILE__, __LINE__); /* whatever a column is called is listed */
        return;
    }
    char text[32] = "";
    same("SQLGetTypeInfo CASE_SENSITIVE", r->case_sensitive, column_attribute(stmt, 1, SQL_DESC_CASE_SENSITIVE));
    same("SQLGetTypeInfo SEARCHABLE", r->searchable, column_attribute(stmt, 1, SQL_DESC_SEARCHABLE));
    same("SQLGetTypeInfo FIXED_PREC_SCALE", r->fixed, column_attribute(stmt, 1, SQL_DESC_FIXED_PREC_SCALE));
    same("SQLGetTypeInfo SQL_DATA_TYPE", r->verbose, d->verbose);
    same("SQLGetTypeInfo SQL_DATETIME_SUB", r->no_sub == SQL_NULL_DATA ? 0 : r->sub, d->sub);
    same("SQLGetTypeInfo NUM_PREC_RADIX", r->no_radix == SQL_NULL_DATA ? 0 : r->radix, d->radix);
    if (r->no_unsigned != SQL_NULL_DATA) {
        same("SQLGetTypeInfo UNSIGNED_ATTRIBUTE", r->is_unsigned, column_attribute(stmt, 1, SQL_DESC_UNSIGNED));
    }
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_LITERAL_PREFIX, text, sizeof text, NULL, NULL));
    check_text(text, r->no_prefix == SQL_NULL_DATA ? "" : r->prefix, about, __FILE__, __LINE__);
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_LITERAL_SUFFIX, text, sizeof text, NULL, NULL));
    check_text(text, r->no_suffix == SQL_NULL_DATA ? "" : r->suffix, about, __FILE__, __LINE__);
    if (r->no_maximum != SQL_NULL_DATA) {
        check_true(d->digits <= r->maximum_scale, about, __FILE__, __LINE__);
    }
    if (r->no_size == SQL_NULL_DATA) {
        same("SQLGetTypeInfo COLUMN_SIZE is not known", (int64_t)d->size, 0);
    } else {
        check_true(d->size <= (SQLULEN)r->size, about, __FILE__, __LINE__);
    }
}

/* The server's operators decide. Of extensions' types nothing is known, and most of them have an =. */
static void check_searchable(SQLHSTMT stmt, SQLHSTMT other, const char *declared, const char *name, bool builtin)
{
    char sql[256];
    SQLLEN searchable = column_attribute(stmt, 1, SQL_DESC_SEARCHABLE);
    const char *value = name[0] == '_' ? "'{}'" : "null"; /* how elements compare is looked up at run time */
    snprintf(sql, sizeof sql, "select %s::%s = %s", value, declared, value);
    bool equality = SQL_SUCCEEDED(SQLExecDirect(other, T(sql), SQL_NTS));
    if (!equality) {
        same("a missing =", strcmp(diag_state(other, 1), "42000") == 0 || strcmp(diag_state(other, 1), "37000") == 0, true);
    }
    CHECK_OK(other, SQLFreeStmt(other, SQL_CLOSE));
    same("is it searchable?", searchable != SQL_PRED_NONE, equality || !builtin);
    if (searchable == SQL_SEARCHABLE) {
        snprintf(sql, sizeof sql, "select null::%s like 'a%%'", declared);
        run(other, sql);
    }
}

static void check_type(struct link *l, SQLHSTMT other, size_t i)
{
    char sql[256];
    struct described d;
    bool plain = i < ntypes - COUNT(modified) && strcmp(types[i].declared, "bpchar") != 0 && strcmp(types[i].declared, "\"bit\"") != 0;
    about = types[i].declared;
    memset(&d, 0, sizeof d);
    snprintf(sql, sizeof sql, "drop table if exists agree_types; create temp table agree_types (c %s)", types[i].declared);
    run(l->stmt, sql);
    CHECK_OK(l->stmt, SQLPrepare(l->stmt, T("select c from agree_types"), SQL_NTS));
    describe_column(l->stmt, &d);
    check_info(l->stmt, &d);
    check_searchable(l->stmt, other, types[i].declared, d.name, types[i].builtin);
    check_catalog(other, &d);
    check_parameter(other, &d, plain, types[i].domain);

    /* And NULL of it, whatever is asked for. */
    static const SQLSMALLINT c_types[] = {SQL_C_CHAR, SQL_C_WCHAR, SQL_C_BINARY, SQL_C_DEFAULT};
    run(other, "insert into agree_types values (null)");
    CHECK_OK(l->stmt, SQLExecute(l->stmt));
    CHECK_OK(l->stmt, SQLFetch(l->stmt));
    for (size_t k = 0; k < COUNT(c_types); k++) {
        char buffer[64];
        SQLLEN length = 0;
        CHECK_STATE(l->stmt, SQLGetData(l->stmt, 1, c_types[k], buffer, sizeof buffer, NULL), "22002");
        CHECK_OK(l->stmt, SQLGetData(l->stmt, 1, c_types[k], buffer, sizeof buffer, &length));
        same("NULL", length, SQL_NULL_DATA);
    }
    CHECK_OK(l->stmt, SQLFreeStmt(l->stmt, SQL_CLOSE));
}

static void check_all(SQLINTEGER version, const char *options, bool all)
{
    struct link l = link_new(version);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("%s", options)));
    l.stmt = new_stmt(l.dbc);
    SQLHSTMT other = new_stmt(l.dbc);
    collect(l.stmt, all);
    CHECK(ntypes > (all ? 150 : 60));
    read_infos(l.stmt);
    for (size_t i = 0; i < ntypes; i++) {
        check_type(&l, other, i);
    }
    free_stmt(other);
    link_close(&l);
}

static void every_type(void)
{
    check_all(SQL_OV_ODBC3_80, ";", true);
}

static void version2(void)
{
    check_all(SQL_OV_ODBC2, ";", true);
    check_all(SQL_OV_ODBC2, "Int8As=VARCHAR;TimestampTzAs=TEXT;TextAsLongVarchar=no", false);
    for (size_t i = 0; i < ninfos; i++) { /* and of what ODBC 2 did not have nobody speaks */
        SQLSMALLINT t = infos[i].type;
        check_true(t >= SQL_BIT && t <= SQL_VARCHAR, infos[i].name, __FILE__, __LINE__);
    }
}

static void every_option(void)
{
    static const char *const options[] = {
        "UseUnicode=no",
        "BoolsAsChar=yes;Int8As=VARCHAR;NumericAs=DOUBLE",
        "Int8As=NUMERIC;NumericAs=VARCHAR;ByteaAsLongVarBinary=no;TextAsLongVarchar=no",
        "Int8As=INTEGER;NumericAs=LONGVARCHAR;UnknownsAsLongVarchar=yes;MaxLongVarcharSize=5000",
        "Int8As=DOUBLE;UnknownSizes=DONTKNOW;TimestampTzAs=TEXT",
        "MaxVarcharSize=100;TimestampTzAs=UTC",
        "ServerTypes=yes",
        "ServerTypes=yes;TimestampTzAs=UTC;UnknownsAsLongVarchar=yes",
        "UseUnicode=no;BoolsAsChar=yes;TextAsLongVarchar=no;UnknownsAsLongVarchar=yes;MaxVarcharSize=255;UnknownSizes=DONTKNOW",
    };
    for (size_t i = 0; i < COUNT(options); i++) {
        check_all(SQL_OV_ODBC3_80, options[i], false);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"every type", every_type},
        {"every option", every_option},
        {"ODBC 2", version2},
    };
    return run_tests("agreement of descriptions", tests, COUNT(tests));
}
