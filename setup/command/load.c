/* SPDX-License-Identifier: Apache-2.0 */
/* alloydb-odbc load: a file's rows into a table, by COPY, all or none. */
#include "setup/command/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloydb_odbc.h"
#include "base/alloc.h"
#include "setup/command/header.h"
#include "setup/command/interrupt.h"
#include "setup/command/progress.h"
#include "setup/command/rows.h"
#include "setup/command/terminal.h"

#define PIECE ((size_t)64 << 10)

struct load {
    struct aldb_copy k;
    const char *name;       /* of the file, for messages */
    int fd;
    uint64_t total;         /* bytes of the file; 0: nobody knows */
    uint64_t bytes;         /* read so far */
    struct aldb_buf piece;  /* what is read and not sent */
    bool at_end;
    struct aldb_names header;
    struct aldb_row_counter counter;
    bool counts;
};

/* ------------------------------------------------------------------ the file */

static int open_input(struct load *l, const struct aldb_arguments *a)
{
    const char *path = a->count > 2 ? a->at[2] : "-";
    bool is_stdin = strcmp(path, "-") == 0;
    struct stat info;
    l->name = is_stdin ? "standard input" : path;
    if (is_stdin && isatty(STDIN_FILENO)) {
        return aldb_usage_error(a->command, "There are no rows: they come from a file or on standard input");
    }
    l->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (l->fd < 0 || fstat(l->fd, &info) != 0) {
        return aldb_failed("%s: %s", path, strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        return aldb_failed("%s: %s", path, strerror(EISDIR));
    }
    off_t at = S_ISREG(info.st_mode) ? lseek(l->fd, 0, SEEK_CUR) : -1;
    l->total = at >= 0 && info.st_size > at ? (uint64_t)(info.st_size - at) : 0;
    return ALDB_EXIT_GOOD;
}

/* Adds to `piece`. False: it cannot be read, and that has been said; or a signal came. */
static bool read_more(struct load *l)
{
    struct pollfd wait[] = {{.fd = l->fd, .events = POLLIN}, {.fd = aldb_interrupt_fd(), .events = POLLIN}};
    char *room = aldb_buf_reserve(&l->piece, PIECE);
    if (room == NULL) {
        return aldb_failed_no_memory(), false;
    }
    while (poll(wait, ALDB_COUNT(wait), -1) < 0 && errno == EINTR) {
    }
    if (aldb_interrupted()) {
        return false;
    }
    ssize_t n = read(l->fd, room, PIECE);
    if (n < 0) {
        aldb_progress_hide();
        return aldb_failed("%s: %s", l->name, strerror(errno)), false;
    }
    aldb_buf_commit(&l->piece, (size_t)n);
    l->bytes += (uint64_t)n;
    l->at_end = n == 0;
    return true;
}

/* ------------------------------------------------------------------ its header */

static bool refuse_header(const struct load *l, const char *why)
{
    (void)aldb_failed("%s, line 1: %s", l->name, why);
    return false;
}

/* In place of bytes of another encoding, what the server reads in them. */
static bool decode_header(struct load *l)
{
    struct aldb_copy *k = &l->k;
    struct aldb_names names = {0};
    bool good = true;
    for (size_t i = 0; good && i < l->header.count; i++) {
        struct aldb_rows rows;
        SQLLEN lengths[] = {(SQLLEN)strlen(l->header.at[i]), SQL_NTS};
        SQLULEN sizes[] = {(SQLULEN)lengths[0] + 1, strlen(k->encoding) + 1};
        (void)SQLBindParameter(k->stmt, 1, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, sizes[0], 0, l->header.at[i], lengths[0], &lengths[0]);
        (void)SQLBindParameter(k->stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, sizes[1], 0, (SQLPOINTER)(uintptr_t)k->encoding, 0, &lengths[1]);
        if (!SQL_SUCCEEDED(SQLExecDirect(k->stmt, (SQLCHAR *)"SELECT pg_catalog.convert_from(CAST(? AS bytea), ?)", SQL_NTS))) {
            aldb_copy_complain(k);
            good = false;
        } else if (aldb_rows_open(&rows, k->stmt, false)) {
            good = aldb_rows_next(&rows, true) == SQL_SUCCESS ? aldb_names_add(&names, rows.values[0].ptr, rows.values[0].len) || (aldb_failed_no_memory(), false)
                                                              : (aldb_copy_complain(k), false);
            aldb_rows_close(&rows);
        } else {
            good = false;
        }
        (void)SQLFreeStmt(k->stmt, SQL_CLOSE);
        (void)SQLFreeStmt(k->stmt, SQL_RESET_PARAMS);
    }
    aldb_names_clear(&l->header);
    l->header = names;
    return good;
}

/* One name with characters in it that delimit elsewhere: what was meant? */
static char other_delimiter(const struct load *l)
{
    static const char usual[] = ",;\t|";
    const char *found = l->header.count == 1 ? strpbrk(l->header.at[0], usual) : NULL;
    return found != NULL ? *found : '\0';
}

/* The names must be columns of the table, each once. */
static bool check_names(struct load *l)
{
    struct aldb_copy *k = &l->k;
    for (size_t i = 0; i < l->header.count; i++) {
        const char *name = l->header.at[i];
        if (!aldb_names_has(&k->there, name)) {
            char meant = other_delimiter(l);
            aldb_copy_refuse_column(k, l->name, name);
            if (meant != '\0') {
                (void)fprintf(stderr, "Is the delimiter another one? Try --delimiter '%s'\n", meant == '\t' ? "tab" : (const char[]){meant, '\0'});
            } else {
                (void)fputs("The first line names columns, in letters as they are; a file without such a line needs --no-header.\n", stderr);
            }
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(l->header.at[j], name) == 0) {
                struct aldb_buf why;
                aldb_buf_init(&why, ALDB_MAX_MESSAGE);
                aldb_buf_addf(&why, "The column \"%s\" is named twice", name);
                (void)refuse_header(l, aldb_buf_cstr(&why));
                aldb_buf_clear(&why);
                return false;
            }
        }
    }
    return true;
}

/* --header-match: these columns, in this order. */
static bool check_match(struct load *l)
{
    const struct aldb_names *want = l->k.columns.count > 0 ? &l->k.columns : &l->k.there;
    bool same = want->count == l->header.count;
    for (size_t i = 0; same && i < want->count; i++) {
        same = strcmp(want->at[i], l->header.at[i]) == 0;
    }
    if (same) {
        return true;
    }
    struct aldb_buf wanted, found;
    aldb_buf_init(&wanted, ALDB_MAX_MESSAGE);
    aldb_buf_init(&found, ALDB_MAX_MESSAGE);
    aldb_add_names(&wanted, want, ", ");
    aldb_add_names(&found, &l->header, ", ");
    (void)aldb_failed("%s, line 1: The names are not those of the columns. The columns are: %s; the line has: %s", l->name, aldb_buf_cstr(&wanted), aldb_buf_cstr(&found));
    aldb_buf_clear(&wanted);
    aldb_buf_clear(&found);
    return false;
}

static bool starts_with(const struct load *l, const char *bytes, size_t length)
{
    return l->piece.len >= length && memcmp(l->piece.data, bytes, length) == 0;
}

/* What editors and Excel put in front of text; and what is no text at all. */
static bool take_mark(struct load *l)
{
    while (l->piece.len < 4 && !l->at_end) {
        if (!read_more(l)) {
            return false;
        }
    }
    if (starts_with(l, "\xFF\xFE", 2) || starts_with(l, "\xFE\xFF", 2)) {
        return refuse_header(l, "The file is UTF-16, which PostgreSQL does not read; convert it: iconv -f UTF-16 -t UTF-8");
    }
    if (starts_with(l, "\x1F\x8B", 2)) {
        return refuse_header(l, "The file is compressed by gzip; unpack it on the way: gunzip -c FILE | " ALDB_PROGRAM " load TARGET TABLE -");
    }
    if (starts_with(l, "PK\x03\x04", 4)) {
        return refuse_header(l, "The file is a zip archive, or a workbook of a spreadsheet, which can be saved as CSV");
    }
    if (starts_with(l, "\xEF\xBB\xBF", 3)) {
        l->piece.len -= 3;
        memmove(l->piece.data, l->piece.data + 3, l->piece.len);
    }
    return true;
}

static bool read_header(struct load *l)
{
    bool failed = false;
    while (!aldb_header_parse(&l->k, aldb_buf_slice(&l->piece), l->at_end, &l->header, &failed)) {
        if (l->piece.len > ALDB_HEADER_MAX) {
            return refuse_header(l, "It does not end within 1 MB; are --format, --quote and --delimiter right?");
        }
        if (!read_more(l)) {
            return false;
        }
    }
    if (failed) {
        return aldb_failed_no_memory(), false;
    }
    if (l->piece.len == 0) {
        return refuse_header(l, "The file is empty: a line with the names of the columns is wanted; --no-header goes without");
    }
    bool match = aldb_flag_given(l->k.a, "header-match");
    return (l->k.encoding == NULL || decode_header(l)) && (match ? check_match(l) : l->k.columns.count > 0 || check_names(l));
}

/* ------------------------------------------------------------------ COPY */

static char *copy_text(const struct load *l)
{
    const struct aldb_copy *k = &l->k;
    const struct aldb_names *columns = k->columns.count > 0 ? &k->columns : &l->header;
    struct aldb_buf sql;
    aldb_buf_init(&sql, ALDB_MAX_SQL);
    aldb_buf_add_str(&sql, "COPY ");
    aldb_add_names(&sql, &k->table, ".");
    if (columns->count > 0) {
        aldb_buf_add_str(&sql, " (");
        aldb_add_names(&sql, columns, ", ");
        aldb_buf_add_str(&sql, ")");
    }
    aldb_buf_add_str(&sql, " FROM STDIN");
    aldb_copy_add_options(k, &sql, "");
    return aldb_buf_take(&sql);
}

/* Sends what is read, and all that can still be read. */
static bool send(struct load *l, SQLRETURN *rc)
{
    *rc = SQLPutData(l->k.stmt, l->piece.data != NULL ? l->piece.data : (char[]){'\0'}, (SQLLEN)l->piece.len);
    while (SQL_SUCCEEDED(*rc)) {
        if (l->counts) {
            aldb_row_counter_add(&l->counter, aldb_buf_slice(&l->piece));
            aldb_progress_at(l->counter.rows - (l->k.header && l->counter.rows > 0 ? 1 : 0), l->bytes);
        }
        aldb_buf_reset(&l->piece);
        if (l->at_end || !read_more(l)) {
            break;
        }
        *rc = l->piece.len > 0 ? SQLPutData(l->k.stmt, l->piece.data, (SQLLEN)l->piece.len) : SQL_SUCCESS;
    }
    return SQL_SUCCEEDED(*rc) && l->at_end && !aldb_interrupted();
}

/* *rows: what COPY counted. */
static bool copy(struct load *l, SQLLEN *rows)
{
    struct aldb_copy *k = &l->k;
    SQLPOINTER token;
    char *sql = copy_text(l);
    if (sql == NULL) {
        return aldb_failed_no_memory(), false;
    }
    aldb_row_counter_init(&l->counter, k);
    l->counts = aldb_progress_begin(l->total, k->quiet, -1);
    SQLRETURN rc = SQLExecDirect(k->stmt, (SQLCHAR *)sql, SQL_NTS);
    aldb_free(sql);
    rc = rc == SQL_NEED_DATA ? SQLParamData(k->stmt, &token) : rc;
    if (rc == SQL_NEED_DATA) {
        if (!send(l, &rc) && SQL_SUCCEEDED(rc)) {
            (void)SQLCancel(k->stmt); /* what it says is said already, or a signal */
            return false;
        }
        rc = SQL_SUCCEEDED(rc) ? SQLParamData(k->stmt, &token) : rc;
    }
    aldb_progress_end();
    if (!SQL_SUCCEEDED(rc)) {
        aldb_copy_complain(k);
        return false;
    }
    if (rc == SQL_SUCCESS_WITH_INFO && !k->quiet) {
        aldb_rows_tell(k->stmt);
    }
    bool counted = SQL_SUCCEEDED(SQLRowCount(k->stmt, rows));
    (void)SQLFreeStmt(k->stmt, SQL_CLOSE);
    return counted && !aldb_interrupted();
}

/* ------------------------------------------------------------------ the transaction */

static bool truncate_table(struct load *l)
{
    struct aldb_buf sql;
    aldb_buf_init(&sql, ALDB_MAX_SQL);
    aldb_buf_add_str(&sql, "TRUNCATE TABLE ");
    aldb_add_names(&sql, &l->k.table, ".");
    bool good = aldb_buf_ok(&sql) ? aldb_copy_execute(&l->k, sql.data) : (aldb_failed_no_memory(), false);
    aldb_buf_clear(&sql);
    return good;
}

static void tell(const struct load *l, SQLLEN rows, bool dry)
{
    struct aldb_buf line;
    if (l->k.quiet) {
        return;
    }
    aldb_buf_init(&line, ALDB_MAX_MESSAGE);
    aldb_add_count(&line, (uint64_t)rows);
    aldb_buf_addf(&line, " row%s %s ", rows == 1 ? "" : "s", dry ? "would be loaded into" : "loaded into");
    aldb_copy_add_table(&l->k, &line);
    (void)printf("%s%s\n", aldb_buf_cstr(&line), dry ? "; nothing was changed" : "");
    aldb_buf_clear(&line);
}

static bool load_all(struct load *l)
{
    struct aldb_copy *k = &l->k;
    const char *before = aldb_flag_value(k->a, "before");
    bool dry = aldb_flag_given(k->a, "dry-run");
    SQLLEN rows = 0;
    if (!SQL_SUCCEEDED(SQLSetConnectAttr(k->c.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)(uintptr_t)SQL_AUTOCOMMIT_OFF, SQL_IS_UINTEGER))) {
        aldb_print_diagnostics(SQL_HANDLE_DBC, k->c.dbc);
        return false;
    }
    bool good = (before == NULL || aldb_copy_execute(k, before)) && (!aldb_flag_given(k->a, "truncate") || truncate_table(l)) && copy(l, &rows);
    good = good && (!dry || aldb_copy_execute(k, "SET CONSTRAINTS ALL IMMEDIATE"));
    aldb_progress_end();
    aldb_interrupt_watch(SQL_NULL_HSTMT); /* a COMMIT on its way is not called back */
    SQLRETURN rc = SQLEndTran(SQL_HANDLE_DBC, k->c.dbc, good && !dry ? SQL_COMMIT : SQL_ROLLBACK);
    if (good && !SQL_SUCCEEDED(rc)) {
        aldb_print_diagnostics(SQL_HANDLE_DBC, k->c.dbc);
        return false;
    }
    if (good) {
        tell(l, rows, dry);
    }
    return good;
}

int aldb_run_load(const struct aldb_arguments *a)
{
    struct load l = {.fd = -1};
    aldb_buf_init(&l.piece, ALDB_HEADER_MAX + 2 * PIECE);
    int status = aldb_copy_open(&l.k, a, a->at[1]);
    if (status == ALDB_EXIT_GOOD && aldb_flag_given(a, "header-match") && !l.k.header) {
        status = aldb_usage_error(a->command, "--header-match needs a header");
    }
    status = status == ALDB_EXIT_GOOD ? open_input(&l, a) : status;
    if (status == ALDB_EXIT_GOOD) {
        bool looks = l.k.header || l.k.columns.count > 0;
        bool good = aldb_copy_connect(&l.k) && (!looks || aldb_copy_look(&l.k)) && (l.k.encoding != NULL || take_mark(&l)) && (!l.k.header || read_header(&l)) && load_all(&l);
        status = good ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
    }
    if (l.fd > STDIN_FILENO) {
        (void)close(l.fd);
    }
    aldb_copy_close(&l.k);
    aldb_names_clear(&l.header);
    aldb_buf_clear(&l.piece);
    return aldb_interrupt_status(status);
}
