/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ODBC statement means: the only place besides catalog/ and info/ where ODBC and the session meet.
 * Every function: statement lock held by the caller (api/); diagnostics on stmt->h.diag; state already checked against handle/statetable.
 */
#ifndef ALDB_STATEMENT_STATEMENT_H
#define ALDB_STATEMENT_STATEMENT_H

#include "handle/handle.h"

/* prepare.c */
enum aldb_rc aldb_stmt_prepare(struct aldb_stmt *stmt, struct aldb_slice text) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_num_params(struct aldb_stmt *stmt, SQLSMALLINT *count) ALDB_MUSTCHECK;
/* Makes the IRD of a prepared, unexecuted statement readable (asks the server once). ird.count = 0 when there is no result set. */
enum aldb_rc aldb_stmt_describe_result(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* Fills the IPD from the server (types of all markers). */
enum aldb_rc aldb_stmt_describe_params(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* Tells the names of a call's parameters in the IPD, where the application has set none and the server leaves no doubt which routine is meant. */
enum aldb_rc aldb_stmt_name_params(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/*
 * The server's own type (OID and modifier; of a domain those of its base) of marker `number`, 1-based; varchar where it is undetermined. 07009. For
 * SQLDescribeParam.
 */
enum aldb_rc aldb_stmt_param_type(struct aldb_stmt *stmt, SQLUSMALLINT number, uint32_t *oid, int32_t *typmod) ALDB_MUSTCHECK;
/* Looks up table, schema, nullability, auto-increment and type names of the IRD's columns (one round trip, remembered). */
enum aldb_rc aldb_stmt_column_details(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* Would that cost little: no round trip, or no result in the way of it that would first have to be stored, nor (where calls are asynchronous) another call? */
bool aldb_stmt_details_cheap(struct aldb_stmt *stmt);

/* execute.c */
enum aldb_rc aldb_stmt_execute(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_exec_direct(struct aldb_stmt *stmt, struct aldb_slice text) ALDB_MUSTCHECK;
/* Runs a driver-made query (catalog functions, SQLGetTypeInfo) as this statement's result set. Takes over q->local. */
enum aldb_rc aldb_stmt_run_query(struct aldb_stmt *stmt, struct aldb_query *q) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_more_results(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* Closes cursor and pending results: SQLFreeStmt(SQL_CLOSE) (never an error) and SQLCloseCursor (24000 when none is open). */
enum aldb_rc aldb_stmt_close(struct aldb_stmt *stmt, bool must_be_open) ALDB_MUSTCHECK;
/*
 * Before a call that an open cursor forbids: closes a cursor on which SQLCancel was called since it was opened. The driver manager takes every SQLCancel that
 * meets no execution for SQLFreeStmt(SQL_CLOSE), one beside a SQLFetch too: it refuses SQLCloseCursor then and lets the next execution through.
 */
void aldb_stmt_close_cancelled(struct aldb_stmt *stmt);
/* SQLRowCount: rows affected; for a result set the number of its rows when all have arrived already, else -1. */
int64_t aldb_stmt_row_count(struct aldb_stmt *stmt);
/* From any thread without a lock; touches no diagnostics. */
void aldb_stmt_cancel(struct aldb_stmt *stmt);
/* What SQLCancel does to a statement that waits for data, or for its streamed parameters to be read: it forgets them. Lock of the statement. */
void aldb_stmt_wait_no_more(struct aldb_stmt *stmt);
/* SQLCancel of a call that a worker runs: cancels what it is at now, if that is not cancelled yet. Again and again until it has ended. */
void aldb_stmt_press_cancel(struct aldb_stmt *stmt);

/* putdata.c */
enum aldb_rc aldb_stmt_param_data(struct aldb_stmt *stmt, SQLPOINTER *token) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_put_data(struct aldb_stmt *stmt, SQLPOINTER data, SQLLEN len) ALDB_MUSTCHECK;

/* params.c */
enum aldb_rc aldb_stmt_bind_parameter(struct aldb_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT io, SQLSMALLINT c_type, SQLSMALLINT sql_type,
                                      SQLULEN column_size, SQLSMALLINT digits, SQLPOINTER value, SQLLEN buflen, SQLLEN *ind) ALDB_MUSTCHECK;

/* fetch.c */
enum aldb_rc aldb_stmt_bind_col(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN buflen, SQLLEN *ind) ALDB_MUSTCHECK;
/* Rowset of ARD.array_size rows (SQLFetch, SQLFetchScroll NEXT) or of `rows` with own pointers (SQLExtendedFetch: NULL pointers for SQLFetch). */
struct aldb_fetch_request {
    int orientation;           /* whatever the application gave */
    SQLLEN offset;
    SQLULEN rows;              /* 0 = ARD.array_size */
    bool extended;             /* SQLExtendedFetch: row errors are SQL_SUCCESS_WITH_INFO with 01S01 */
    SQLULEN *fetched;          /* extended only */
    SQLUSMALLINT *status;      /* extended only */
};
enum aldb_rc aldb_stmt_fetch(struct aldb_stmt *stmt, const struct aldb_fetch_request *req) ALDB_MUSTCHECK;
/* setpos.c: SQLSetPos. Rows of the rowset from 1, 0 = all */
enum aldb_rc aldb_stmt_set_pos(struct aldb_stmt *stmt, SQLSETPOSIROW row, SQLUSMALLINT operation, SQLUSMALLINT lock) ALDB_MUSTCHECK;
/* SQLBulkOperations, over the ARD.array_size rows of the bound buffers. */
enum aldb_rc aldb_stmt_bulk_operations(struct aldb_stmt *stmt, SQLSMALLINT operation) ALDB_MUSTCHECK;

/* ahead.c */
/* Can the fetch, and with `ahead` the look ahead behind it, be done without waiting? */
bool aldb_stmt_fetch_at_hand(struct aldb_stmt *stmt, const struct aldb_fetch_request *req, bool ahead) ALDB_MUSTCHECK;
/* The same of SQLGetData: only a large object has to be asked for. */
bool aldb_stmt_get_data_at_hand(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type) ALDB_MUSTCHECK;
/* After a fetch: waits until it is known what the next one will say. Returns `rc`, the fetch's own, or ALDB_INFO with notices posted. */
enum aldb_rc aldb_stmt_look_ahead(struct aldb_stmt *stmt, enum aldb_rc rc) ALDB_MUSTCHECK;
/* After SQLPrepare: asks the server now what SQLNumResultCols, SQLDescribeCol, SQLColAttribute and SQLDescribeParam will want to know. Failures are told by those. */
void aldb_stmt_describe_ahead(struct aldb_stmt *stmt);

/* getdata.c */
/* SQLGetData while a streamed output parameter is read (ALDB_STMT_PARAM_DATA); `number` is the parameter's, from 1. */
enum aldb_rc aldb_stmt_get_param_data(struct aldb_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN buflen, SQLLEN *ind)
    ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_get_data(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN buflen, SQLLEN *ind) ALDB_MUSTCHECK;

#endif
