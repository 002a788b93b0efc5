/* SPDX-License-Identifier: Apache-2.0 */
/* alloydb-odbc unload: the rows of a table or a query into a file, by COPY, as of one moment. */
#include "setup/command/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "setup/command/copy.h"
#include "setup/command/interrupt.h"
#include "setup/command/progress.h"
#include "setup/command/rows.h"
#include "setup/command/sink.h"
#include "setup/command/terminal.h"

/* A query as COPY takes it. What ends it for psql does not belong to it; a comment may stand at its end. */
static void add_query(struct aldb_buf *sql, const char *query)
{
    struct aldb_slice text = aldb_slice_trim(aldb_slice_of(query));
    while (text.len > 0 && text.ptr[text.len - 1] == ';') {
        text = aldb_slice_trim(aldb_slice(text.ptr, text.len - 1));
    }
    aldb_buf_add_str(sql, "(");
    aldb_buf_add_slice(sql, text);
    aldb_buf_add_str(sql, "\n)");
}

/* COPY reads what a table itself stores: neither views, nor partitions, nor tables that inherit from it. For those it is given a query. */
static void add_table(const struct aldb_copy *k, struct aldb_buf *sql)
{
    const struct aldb_names *columns = k->columns.count > 0 ? &k->columns : &k->there;
    if (!k->stored) {
        aldb_buf_add_str(sql, "(SELECT ");
        aldb_add_names(sql, columns, ", ");
        aldb_buf_add_str(sql, " FROM ");
    }
    aldb_add_names(sql, &k->table, ".");
    if (!k->stored) {
        aldb_buf_add_str(sql, ")");
    } else if (k->columns.count > 0) {
        aldb_buf_add_str(sql, " (");
        aldb_add_names(sql, columns, ", ");
        aldb_buf_add_str(sql, ")");
    }
}

static char *copy_text(const struct aldb_copy *k)
{
    const char *query = aldb_flag_value(k->a, "query");
    struct aldb_buf sql;
    aldb_buf_init(&sql, ALDB_MAX_SQL);
    aldb_buf_add_str(&sql, "COPY ");
    if (query != NULL) {
        add_query(&sql, query);
    } else {
        add_table(k, &sql);
    }
    aldb_buf_add_str(&sql, " TO STDOUT");
    aldb_copy_add_options(k, &sql, aldb_flag_given(k->a, "force-quote") ? ", FORCE_QUOTE *" : "");
    return aldb_buf_take(&sql);
}

/* All of them, or as many as somebody reads. *count: without the header. */
static bool write_rows(struct aldb_copy *k, struct aldb_sink *sink, uint64_t *count)
{
    struct aldb_rows rows;
    SQLRETURN rc = SQL_SUCCESS;
    uint64_t lines = 0;
    if (!aldb_rows_open(&rows, k->stmt, true)) {
        return false;
    }
    while (aldb_sink_ok(sink) && !aldb_interrupted() && (rc = aldb_rows_next(&rows, k->quiet)) == SQL_SUCCESS) {
        aldb_sink_add(sink, rows.values[0].ptr, rows.values[0].len);
        aldb_sink_add_char(sink, '\n');
        aldb_sink_show(sink);
        lines++;
        aldb_progress_at(lines - (k->header ? 1 : 0), aldb_sink_bytes(sink));
    }
    if (rc == SQL_ERROR) {
        aldb_sink_flush(sink);
        aldb_copy_complain(k);
    }
    aldb_rows_close(&rows);
    *count = lines - (k->header && lines > 0 ? 1 : 0);
    return rc == SQL_NO_DATA || (rc == SQL_SUCCESS && !aldb_interrupted()); /* what the sink has met it tells itself */
}

static bool copy(struct aldb_copy *k, struct aldb_sink *sink, uint64_t *count)
{
    char *sql = copy_text(k);
    if (sql == NULL) {
        return aldb_failed_no_memory(), false;
    }
    (void)aldb_progress_begin(0, k->quiet, sink->fd);
    SQLRETURN rc = SQLExecDirect(k->stmt, (SQLCHAR *)sql, SQL_NTS);
    aldb_free(sql);
    if (!SQL_SUCCEEDED(rc)) {
        aldb_copy_complain(k);
        return false;
    }
    if (rc == SQL_SUCCESS_WITH_INFO && !k->quiet) {
        aldb_rows_tell(k->stmt);
    }
    bool good = write_rows(k, sink, count);
    (void)SQLFreeStmt(k->stmt, SQL_CLOSE);
    aldb_progress_end();
    return good;
}

static void tell(uint64_t count, const char *path)
{
    struct aldb_buf line;
    aldb_buf_init(&line, ALDB_MAX_NAME);
    aldb_add_count(&line, count);
    (void)printf("%s row%s written to %s\n", aldb_buf_cstr(&line), count == 1 ? "" : "s", path);
    aldb_buf_clear(&line);
}

int aldb_run_unload(const struct aldb_arguments *a)
{
    struct aldb_copy k;
    struct aldb_sink sink;
    bool has_query = aldb_flag_given(a, "query");
    size_t file = has_query ? 1 : 2;
    const char *table = has_query || a->count < 2 ? NULL : a->at[1], *path = a->count > file ? a->at[file] : "-";
    uint64_t count = 0;
    int status = aldb_copy_open(&k, a, table);
    if (status == ALDB_EXIT_GOOD && !has_query && table == NULL) {
        status = aldb_usage_error(a->command, "A table is wanted, or --query");
    } else if (status == ALDB_EXIT_GOOD && has_query && a->count > 2) {
        status = aldb_usage_error(a->command, "Rows come from a table or from --query, not both");
    } else if (status == ALDB_EXIT_GOOD && has_query && k.columns.count > 0) {
        status = aldb_usage_error(a->command, "--columns belongs to a table; a query names its own");
    } else if (status == ALDB_EXIT_GOOD && !k.csv && aldb_flag_given(a, "force-quote")) {
        status = aldb_usage_error(a->command, "--force-quote belongs to --format csv");
    }
    if (status == ALDB_EXIT_GOOD) {
        bool good = aldb_copy_connect(&k) && (has_query || aldb_copy_look(&k)) && aldb_sink_open(&sink, path, true);
        if (good) {
            good = copy(&k, &sink, &count);
            aldb_progress_end();
            good = aldb_sink_close(&sink, good) && good;
        }
        if (good && !k.quiet && strcmp(path, "-") != 0) {
            tell(count, path);
        }
        status = good ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
    }
    aldb_copy_close(&k);
    return aldb_interrupt_status(status);
}
