/* SPDX-License-Identifier: Apache-2.0 */
/* alloydb-odbc query: statements, and what they answer. */
#include "setup/command/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloydb_odbc.h"
#include "setup/command/connection.h"
#include "setup/command/interrupt.h"
#include "setup/command/output.h"
#include "setup/command/progress.h"
#include "setup/command/terminal.h"

#define PIECE ((size_t)64 << 10)

struct query {
    const struct aldb_arguments *a;
    struct aldb_connection c;
    SQLHSTMT stmt;
    struct aldb_sink sink;
    struct aldb_output output;
    uint64_t max_rows; /* of a result set; 0: all */
    uint64_t rows;     /* of all result sets, for the progress */
    bool quiet;
};

/* ------------------------------------------------------------------ the command line */

static bool read_text(FILE *from, const char *name, struct aldb_buf *out)
{
    for (;;) {
        char *room = aldb_buf_reserve(out, PIECE);
        size_t n = room != NULL ? fread(room, 1, PIECE, from) : 0;
        if (room == NULL || ferror(from)) {
            (void)aldb_failed("%s: %s", name, room == NULL ? "the SQL is too long" : strerror(errno));
            return false;
        }
        if (n == 0) {
            break;
        }
        aldb_buf_commit(out, n);
    }
    if (out->len >= 3 && memcmp(out->data, "\xEF\xBB\xBF", 3) == 0) { /* as Windows' editors write it */
        memmove(out->data, out->data + 3, out->len - 2);
        out->len -= 3;
    }
    if (out->len > 0 && memchr(out->data, '\0', out->len) != NULL) {
        (void)aldb_failed("%s: that is no SQL in UTF-8: there is a zero byte in it", name);
        return false;
    }
    return true;
}

/* The text of --file, or of stdin where there is no other. ALDB_EXIT_GOOD, or what to end with. */
static int read_file(const struct aldb_arguments *a, struct aldb_buf *out)
{
    const char *path = aldb_flag_value(a, "file");
    if (path != NULL && a->count > 1) {
        return aldb_usage_error(a->command, "SQL comes as arguments or from --file, not both");
    }
    if (path == NULL && a->count > 1) {
        return ALDB_EXIT_GOOD;
    }
    if (path == NULL || strcmp(path, "-") == 0) {
        if (isatty(STDIN_FILENO)) {
            return aldb_usage_error(a->command, "There is no SQL: it comes as an argument, from --file or on standard input");
        }
        return read_text(stdin, "standard input", out) ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return aldb_failed("%s: %s", path, strerror(errno));
    }
    bool good = read_text(file, path, out);
    (void)fclose(file);
    return good ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
}

/* A number of a flag. ALDB_EXIT_GOOD, with *out 0 where it is not given. */
static int number_of(const struct aldb_arguments *a, const char *name, uint64_t most, uint64_t *out)
{
    const char *text = aldb_flag_value(a, name);
    *out = 0;
    if (text != NULL && (!aldb_parse_u64(aldb_slice_of(text), out) || *out == 0 || *out > most)) {
        return aldb_usage_error(a->command, "--%s %s: a whole number from 1 on is wanted", name, text);
    }
    return ALDB_EXIT_GOOD;
}

/* ------------------------------------------------------------------ one statement */

/* Before anything is written to stderr, what came before it is to be on stdout. */
static int complain(struct query *q)
{
    aldb_sink_flush(&q->sink);
    if (!aldb_interrupted()) {
        aldb_rows_tell(q->stmt);
    }
    return ALDB_EXIT_FAILED;
}

/* What a statement without rows has done. */
static void tell_count(struct query *q)
{
    SQLLEN count = -1;
    SQLCHAR name[64] = "";
    struct aldb_buf line;
    if (q->quiet) {
        return;
    }
    (void)SQLRowCount(q->stmt, &count);
    (void)SQLGetDiagField(SQL_HANDLE_STMT, q->stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION, name, sizeof name, NULL);
    char *rest = strstr((char *)name, " WHERE"); /* ODBC's names of statements: SELECT CURSOR, UPDATE WHERE */
    rest = rest != NULL ? rest : strstr((char *)name, " CURSOR");
    if (rest != NULL) {
        *rest = '\0';
    }
    aldb_buf_init(&line, ALDB_MAX_NAME);
    bool known = name[0] != '\0' && strcmp((const char *)name, "CALL") != 0; /* which DO is, too */
    aldb_buf_add_str(&line, known ? (const char *)name : "Done");
    if (count >= 0) {
        aldb_buf_addf(&line, ": %lld row%s", (long long)count, count == 1 ? "" : "s");
    }
    if (q->output.format->for_people) {
        aldb_sink_add_str(&q->sink, aldb_buf_cstr(&line));
        aldb_sink_add_char(&q->sink, '\n');
    } else {
        aldb_progress_hide();
        (void)fprintf(stderr, "%s\n", aldb_buf_cstr(&line));
    }
    aldb_buf_clear(&line);
}

/* Rows up to the end, the limit, an error, a signal, or a reader who left. */
static int write_rows(struct query *q, struct aldb_rows *rows, bool *complete)
{
    SQLRETURN rc = SQL_SUCCESS;
    while (aldb_sink_ok(&q->sink) && !aldb_interrupted() && (rc = aldb_rows_next(rows, q->quiet)) == SQL_SUCCESS) {
        if (!aldb_output_row(&q->output)) {
            return ALDB_EXIT_FAILED;
        }
        aldb_progress_at(++q->rows, aldb_sink_bytes(&q->sink));
        if (rows->at == rows->fetched) {
            aldb_sink_show(&q->sink);
        }
        if (q->max_rows != 0 && q->output.count >= q->max_rows) {
            break;
        }
    }
    *complete = rc == SQL_NO_DATA || (rc == SQL_SUCCESS && aldb_sink_ok(&q->sink) && !aldb_interrupted());
    return rc == SQL_ERROR || aldb_interrupted() ? ALDB_EXIT_FAILED : ALDB_EXIT_GOOD;
}

static int show_rows(struct query *q)
{
    struct aldb_rows rows;
    bool complete = false;
    if (!aldb_rows_open(&rows, q->stmt, false)) {
        return ALDB_EXIT_FAILED;
    }
    int status = aldb_output_begin(&q->output, &rows) ? write_rows(q, &rows, &complete) : ALDB_EXIT_FAILED;
    bool written = aldb_output_end(&q->output, complete);
    if (rows.ended == SQL_ERROR) {
        (void)complain(q);
    }
    aldb_rows_close(&rows);
    return written ? status : ALDB_EXIT_FAILED;
}

/* One text, of one statement or several, and all its results. */
static int run_text(struct query *q, const char *text)
{
    int status = ALDB_EXIT_GOOD;
    SQLRETURN rc = aldb_execute(q->stmt, text);
    while (status == ALDB_EXIT_GOOD && rc != SQL_NO_DATA && aldb_sink_ok(&q->sink)) {
        SQLSMALLINT columns = 0;
        if (rc == SQL_NEED_DATA) {
            (void)SQLCancel(q->stmt);
            return aldb_failed("COPY … FROM STDIN takes data that a query has not: use " ALDB_PROGRAM " load");
        }
        if (!SQL_SUCCEEDED(rc)) {
            status = complain(q);
            break;
        }
        if (rc == SQL_SUCCESS_WITH_INFO && !q->quiet) {
            aldb_sink_flush(&q->sink);
            aldb_rows_tell(q->stmt);
        }
        if (SQL_SUCCEEDED(SQLNumResultCols(q->stmt, &columns)) && columns > 0) {
            status = show_rows(q);
        } else {
            tell_count(q);
        }
        aldb_sink_flush(&q->sink); /* the next one may take its time */
        if (status == ALDB_EXIT_GOOD && aldb_sink_ok(&q->sink)) {
            rc = SQLMoreResults(q->stmt);
        }
    }
    (void)SQLFreeStmt(q->stmt, SQL_CLOSE);
    return aldb_interrupted() ? ALDB_EXIT_FAILED : status;
}

/* ------------------------------------------------------------------ the command */

static bool prepare(struct query *q, uint64_t timeout)
{
    if (!SQL_SUCCEEDED(SQLSetConnectAttr(q->c.dbc, SQL_ATTR_ALLOYDB_SERVER_TYPES, (SQLPOINTER)(uintptr_t)SQL_TRUE, SQL_IS_UINTEGER)) ||
        !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, q->c.dbc, &q->stmt))) {
        aldb_print_diagnostics(SQL_HANDLE_DBC, q->c.dbc);
        return false;
    }
    if (timeout > 0) {
        (void)SQLSetStmtAttr(q->stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)(uintptr_t)timeout, 0);
    }
    return true;
}

static int run_texts(struct query *q, const struct aldb_buf *file)
{
    const struct aldb_arguments *a = q->a;
    int status = ALDB_EXIT_GOOD;
    aldb_interrupt_watch(q->stmt);
    (void)aldb_progress_begin(0, q->quiet, q->sink.fd);
    if (a->count <= 1) {
        status = run_text(q, aldb_buf_cstr(file));
    }
    for (size_t i = 1; i < a->count && status == ALDB_EXIT_GOOD && aldb_sink_ok(&q->sink); i++) {
        status = run_text(q, a->at[i]);
    }
    aldb_progress_end();
    aldb_interrupt_watch(SQL_NULL_HSTMT);
    return status;
}

int aldb_run_query(const struct aldb_arguments *a)
{
    struct query q = {.a = a, .quiet = aldb_flag_given(a, "quiet")};
    struct aldb_buf file, password;
    uint64_t timeout;
    const char *format = aldb_flag_value(a, "format");
    const struct aldb_output_options options = {.null = aldb_flag_value(a, "null"), .no_header = aldb_flag_given(a, "no-header"), .quiet = q.quiet};
    int status = number_of(a, "max-rows", UINT64_MAX, &q.max_rows);
    status = status == ALDB_EXIT_GOOD ? number_of(a, "timeout", 2147483, &timeout) : status;
    if (status == ALDB_EXIT_GOOD && options.null != NULL && format != NULL && strncmp(format, "json", 4) == 0) {
        status = aldb_usage_error(a->command, "--null has no meaning for --format %s: NULL is null", format);
    }
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    (void)setvbuf(stdin, NULL, _IONBF, 0); /* nothing is read ahead: behind the password comes SQL */
    aldb_buf_init(&file, ALDB_MAX_SQL);
    aldb_buf_init(&password, ALDB_MAX_CONNSTR);
    status = aldb_password_asked(a, &password) ? read_file(a, &file) : ALDB_EXIT_FAILED;
    if (status == ALDB_EXIT_GOOD) {
        bool connected = aldb_connect(&q.c, a->at[0], aldb_buf_cstr(&password)) && prepare(&q, timeout);
        status = connected && aldb_interrupt_begin() && aldb_sink_open(&q.sink, aldb_flag_value(a, "output"), false) ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
        if (status == ALDB_EXIT_GOOD) {
            aldb_output_init(&q.output, format != NULL ? format : "aligned", options, &q.sink);
            status = run_texts(&q, &file);
            status = aldb_sink_close(&q.sink, true) ? status : ALDB_EXIT_FAILED;
        }
        aldb_interrupt_end();
        (void)SQLFreeHandle(SQL_HANDLE_STMT, q.stmt);
        aldb_disconnect(&q.c);
    }
    aldb_buf_wipe(&password);
    aldb_buf_clear(&file);
    return aldb_interrupt_status(status);
}
