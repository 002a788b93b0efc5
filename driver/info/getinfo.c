/* SPDX-License-Identifier: Apache-2.0 */
#include "info/info.h"

#include "alloydb_odbc.h"
#include "base/clock.h"
#include "handle/job.h"
#include "pg/session.h"
#include "sqltext/sqltext.h"

/* The masks that getinfo.def's SQL_CONVERT_ rows are made of. */
#define CVT_STRINGS                                                                                                     \
    (SQL_CVT_CHAR | SQL_CVT_VARCHAR | SQL_CVT_LONGVARCHAR | SQL_CVT_WCHAR | SQL_CVT_WVARCHAR | SQL_CVT_WLONGVARCHAR)
#define CVT_NUMBERS                                                                                                     \
    (SQL_CVT_NUMERIC | SQL_CVT_DECIMAL | SQL_CVT_INTEGER | SQL_CVT_SMALLINT | SQL_CVT_TINYINT | SQL_CVT_BIGINT |        \
     SQL_CVT_FLOAT | SQL_CVT_REAL | SQL_CVT_DOUBLE)
#define CVT_BINARIES (SQL_CVT_BINARY | SQL_CVT_VARBINARY | SQL_CVT_LONGVARBINARY)
#define CVT_INTERVALS (SQL_CVT_INTERVAL_YEAR_MONTH | SQL_CVT_INTERVAL_DAY_TIME)
#define CVT_ALL                                                                                                         \
    (CVT_STRINGS | CVT_NUMBERS | CVT_BINARIES | CVT_INTERVALS | SQL_CVT_BIT | SQL_CVT_DATE | SQL_CVT_TIME |             \
     SQL_CVT_TIMESTAMP | SQL_CVT_GUID)

#define DRIVER_TYPES_START 1000 /* information types from here on belong to drivers, as far as ODBC has not taken them itself */

/* ------------------------------------------------------------------ what is not constant */

/* Fills out->text or out->number. */
typedef enum aldb_rc info_fn(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag);

static enum aldb_rc text(struct aldb_info_value *out, const char *s, struct aldb_diag *diag)
{
    aldb_buf_add_str(&out->text, s);
    return aldb_buf_ok(&out->text) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

/* The open session; 08003 is posted without one. */
static struct aldb_session *session_of(struct aldb_dbc *dbc, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        (void)aldb_diag_post(diag, ALDB_ST_08003, "This information comes from the server: connect first");
    }
    return dbc->session;
}

static enum aldb_rc data_source_name(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    return text(out, dbc->dsn, diag);
}

static enum aldb_rc connection_handle(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)diag;
    out->number = (SQLULEN)(uintptr_t)dbc;
    return ALDB_OK;
}

static enum aldb_rc environment_handle(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)diag;
    out->number = (SQLULEN)(uintptr_t)dbc->env;
    return ALDB_OK;
}

static enum aldb_rc driver_version(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    aldb_buf_addf(&out->text, "%02d.%02d.%04d", ALLOYDB_ODBC_VERSION_MAJOR, ALLOYDB_ODBC_VERSION_MINOR, ALLOYDB_ODBC_VERSION_PATCH);
    return text(out, NULL, diag);
}

static enum aldb_rc server_name(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    struct aldb_session *s = session_of(dbc, diag);
    return s ? text(out, aldb_session_host(s), diag) : ALDB_ERR;
}

static enum aldb_rc database_name(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    struct aldb_session *s = session_of(dbc, diag);
    return s ? text(out, aldb_session_database(s), diag) : ALDB_ERR;
}

/* Tools choose their SQL dialect by it, so it stays PostgreSQL unless DbmsName= says otherwise. */
static enum aldb_rc dbms_name(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    const char *name = dbc->options.DbmsName;
    return text(out, name && name[0] ? name : "PostgreSQL", diag);
}

/* "##.##.####" and the server's own words behind a blank. */
static enum aldb_rc dbms_version(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    struct aldb_session *s = session_of(dbc, diag);
    if (s == NULL) {
        return ALDB_ERR;
    }
    int v = aldb_session_server_version(s);
    aldb_buf_addf(&out->text, "%02d.%02d.%04d", v / 10000, 0, v % 10000);
    const char *words = aldb_session_parameter(s, "server_version");
    if (words) {
        aldb_buf_add_char(&out->text, ' ');
    }
    return text(out, words, diag);
}

/* The name in the database: SET SESSION AUTHORIZATION changes it. */
static enum aldb_rc user_name(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    struct aldb_session *s = session_of(dbc, diag);
    if (s == NULL) {
        return ALDB_ERR;
    }
    const char *name = aldb_session_parameter(s, "session_authorization");
    return text(out, name ? name : aldb_session_user(s), diag);
}

static bool is_on(const struct aldb_session *s, const char *parameter)
{
    const char *value = aldb_session_parameter(s, parameter);
    return value && aldb_slice_is(aldb_slice_of(value), "on");
}

static enum aldb_rc read_only(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    struct aldb_session *s = session_of(dbc, diag);
    if (s == NULL) {
        return ALDB_ERR;
    }
    bool yes = dbc->access_mode == SQL_MODE_READ_ONLY || dbc->options.ReadOnly || is_on(s, "default_transaction_read_only") ||
               is_on(s, "in_hot_standby");
    return text(out, yes ? "Y" : "N", diag);
}

static enum aldb_rc numeric_functions(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    out->number = aldb_sql_scalar_mask('N');
    return ALDB_OK;
}

static enum aldb_rc string_functions(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    out->number = aldb_sql_scalar_mask('S');
    return ALDB_OK;
}

static enum aldb_rc system_functions(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    out->number = aldb_sql_scalar_mask('Y');
    return ALDB_OK;
}

static enum aldb_rc timedate_functions(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    out->number = aldb_sql_scalar_mask('T');
    return ALDB_OK;
}

static enum aldb_rc timestamp_intervals(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    out->number = aldb_sql_scalar_mask('I');
    return ALDB_OK;
}

/* ------------------------------------------------------------------ what only the server knows */

static void take_cell(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    if (ncells > 0 && cells[0].data) {
        aldb_buf_add(ctx, cells[0].data, cells[0].len);
    }
}

/* One text by one round trip. ALDB_NO_DATA inside a failed transaction, where no query runs. */
static enum aldb_rc ask(struct aldb_dbc *dbc, const char *sql, struct aldb_buf *into, struct aldb_diag *diag)
{
    struct aldb_session *s = session_of(dbc, diag);
    if (s == NULL) {
        return ALDB_ERR;
    }
    if (aldb_dbc_check_jobs(dbc, "The server cannot be asked", diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_wait wait = {.deadline = aldb_deadline_in_s(dbc->connection_timeout), .link = true};
    enum aldb_rc rc = aldb_session_query(s, aldb_slice_of(sql), NULL, take_cell, into, &wait, diag);
    if (rc == ALDB_ERR || rc == ALDB_NO_DATA) {
        return rc;
    }
    return aldb_buf_ok(into) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

/* "" is ODBC's word for a collation that is not known. */
static enum aldb_rc collation(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    enum aldb_rc rc = ask(dbc, "SELECT datcollate FROM pg_catalog.pg_database"
                               " WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()", &out->text, diag);
    return rc == ALDB_NO_DATA ? ALDB_OK : rc;
}

static const struct {
    const char *name;
    SQLUINTEGER bit;
} isolations[] = {
    {"read committed", SQL_TXN_READ_COMMITTED},
    {"repeatable read", SQL_TXN_REPEATABLE_READ},
    {"serializable", SQL_TXN_SERIALIZABLE},
    {"read uncommitted", SQL_TXN_READ_UNCOMMITTED},
};

static enum aldb_rc array_row_counts(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    (void)diag;
    out->number = dbc->options.ArrayRowCounts == ALDB_COUNTS_EACH ? SQL_PARC_BATCH : SQL_PARC_NO_BATCH;
    return ALDB_OK;
}

/* What the session started with: reset_val does not move with SQL_ATTR_TXN_ISOLATION. */
static enum aldb_rc default_isolation(struct aldb_dbc *dbc, struct aldb_info_value *out, struct aldb_diag *diag)
{
    struct aldb_buf name;
    aldb_buf_init(&name, ALDB_MAX_NAME);
    enum aldb_rc rc =
        ask(dbc, "SELECT reset_val FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_transaction_isolation'", &name, diag);
    if (rc == ALDB_NO_DATA) {
        rc = aldb_diag_post(diag, ALDB_ST_25000, "The transaction has failed, so that the server does not tell its default isolation level; end it first");
    } else if (rc == ALDB_OK) {
        for (size_t i = 0; i < ALDB_COUNT(isolations); i++) {
            if (aldb_slice_is(aldb_buf_slice(&name), isolations[i].name)) {
                out->number = isolations[i].bit;
            }
        }
    }
    aldb_buf_clear(&name);
    return rc;
}

/* ------------------------------------------------------------------ the table */

static const struct {
    SQLUSMALLINT id;
    enum aldb_info_kind kind;
    const char *text;
    SQLUINTEGER number;
    info_fn *find; /* NULL: constant */
} rows[] = {
#define ALDB_INFO_S(id, value) {(id), ALDB_INFO_STRING, (value), 0, NULL},
#define ALDB_INFO_16(id, value) {(id), ALDB_INFO_U16, NULL, (value), NULL},
#define ALDB_INFO_32(id, value) {(id), ALDB_INFO_U32, NULL, (value), NULL},
#define ALDB_INFO_S_OF(id, function) {(id), ALDB_INFO_STRING, NULL, 0, (function)},
#define ALDB_INFO_32_OF(id, function) {(id), ALDB_INFO_U32, NULL, 0, (function)},
#define ALDB_INFO_H_OF(id, function) {(id), ALDB_INFO_HANDLE, NULL, 0, (function)},
#include "info/getinfo.def"
};

enum aldb_rc aldb_info_get(struct aldb_dbc *dbc, SQLUSMALLINT type, struct aldb_info_value *out, struct aldb_diag *diag)
{
    for (size_t i = 0; i < ALDB_COUNT(rows); i++) {
        if (rows[i].id != type) {
            continue;
        }
        struct aldb_info_value v = {.kind = rows[i].kind, .number = rows[i].number};
        aldb_buf_init(&v.text, ALDB_MAX_NAME);
        enum aldb_rc rc = rows[i].find ? rows[i].find(dbc, &v, diag) : text(&v, rows[i].text, diag);
        if (rc == ALDB_ERR) {
            aldb_buf_clear(&v.text);
            return rc;
        }
        *out = v;
        return ALDB_OK;
    }
    if (type >= DRIVER_TYPES_START) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Information type %u is in the drivers' own range, and this driver has none there", type);
    }
    return aldb_diag_post(diag, ALDB_ST_HY096, "Information type %u does not exist", type);
}
