/* SPDX-License-Identifier: Apache-2.0 */
/* What the server and libpq say, as diagnostics. */
#include "pg/internal.h"

#include <string.h>

const char *result_state(const PGresult *res)
{
    const char *s = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    return s ? s : "";
}

static struct aldb_server_error fields_of(const PGresult *res)
{
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    return (struct aldb_server_error){
        .severity = severity ? severity : PQresultErrorField(res, PG_DIAG_SEVERITY),
        .sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE),
        .message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY),
        .detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL),
        .hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT),
        .position = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION),
        .context = PQresultErrorField(res, PG_DIAG_CONTEXT),
        .schema = PQresultErrorField(res, PG_DIAG_SCHEMA_NAME),
        .table = PQresultErrorField(res, PG_DIAG_TABLE_NAME),
        .column = PQresultErrorField(res, PG_DIAG_COLUMN_NAME),
        .datatype = PQresultErrorField(res, PG_DIAG_DATATYPE_NAME),
        .constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME),
        .routine = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION),
    };
}

/* libpq's reason with its hints, which are indented, and without what it met when it tried to go on nevertheless. */
static struct aldb_slice first_reason(const char *text)
{
    size_t len = strcspn(text, "\n");
    while (text[len] == '\n' && text[len + 1] == '\t') {
        len += 1 + strcspn(text + len + 1, "\n");
    }
    return aldb_slice(text, len);
}

enum aldb_rc post_result_error(const struct aldb_session *s, const PGresult *res, const struct aldb_server_context *ctx, struct aldb_diag *diag)
{
    struct aldb_server_error e = fields_of(res);
    if (e.sqlstate == NULL) {
        /* Not from the server: libpq itself (lost connection, out of memory). */
        struct aldb_slice text = first_reason(PQresultErrorMessage(res));
        const char *stream = s && s->pump ? pump_error(s->pump) : ""; /* libpq has seen no more than the end */
        return aldb_diag_post(diag, ALDB_ST_08S01, "The connection to the server was lost: %.*s%s%s", (int)text.len, text.ptr, stream[0] ? "\n" : "", stream);
    }
    return aldb_diag_post_server(diag, &e, ctx);
}

void login_notice_receiver(void *diag, const PGresult *res)
{
    struct aldb_server_error e = fields_of(res);
    if (e.sqlstate) { /* libpq's own remarks have none */
        struct aldb_server_context ctx = {.moment = ALDB_AT_STATEMENT};
        (void)aldb_diag_post_server(diag, &e, &ctx);
    }
}

void notice_receiver(void *session, const PGresult *res)
{
    login_notice_receiver(&((struct aldb_session *)session)->notices, res);
}

/* ------------------------------------------------------------------ connecting */

/* States that say who is not let in, and states that say why nobody is. Others mean that no session could be made: 08001. */
static enum aldb_state connect_state(const char *pg)
{
    if (strncmp(pg, "28", 2) == 0) {
        return ALDB_ST_28000;
    }
    static const char *const refused[] = {"53300", "57P03", "3D000", "55000", "42501", "57P01", "57P02", "25006"};
    for (size_t i = 0; i < ALDB_COUNT(refused); i++) {
        if (strcmp(pg, refused[i]) == 0) {
            return ALDB_ST_08004;
        }
    }
    return ALDB_ST_08001;
}

static bool state_char(char c)
{
    return aldb_is_digit(c) || (c >= 'A' && c <= 'Z');
}

/* "SEVERITY:  28P01: text" -> offset of "28P01: ", or -1. The severity may be translated; the five characters and the colon are not. */
static ptrdiff_t find_state(const char *line, size_t len)
{
    for (size_t i = 0; i + 9 <= len; i++) {
        if (line[i] == ':' && line[i + 1] == ' ' && line[i + 2] == ' ' && line[i + 8] == ':' && state_char(line[i + 3]) &&
            state_char(line[i + 4]) && state_char(line[i + 5]) && state_char(line[i + 6]) && state_char(line[i + 7])) {
            return (ptrdiff_t)(i + 3);
        }
    }
    return -1;
}

/* Takes the line that begins at `start`, the last one, off again if the line before it is the same. */
static void drop_repetition(struct aldb_buf *b, size_t start)
{
    size_t len = b->len - start;
    size_t before = start > 0 ? start - 1 : 0; /* the newline between the two */
    if (len > 0 && before >= len && memcmp(b->data + before - len, b->data + start, len) == 0 && (before == len || b->data[before - len - 1] == '\n')) {
        b->len = before;
        b->data[b->len] = '\0';
    }
}

/* libpq's verbose text without the state and the LOCATION lines, and without what it says twice: once with TLS and once without. */
static void tidy(const char *text, struct aldb_buf *out, char state[6])
{
    while (*text) {
        const char *end = strchr(text, '\n');
        size_t len = end ? (size_t)(end - text) : strlen(text);
        ptrdiff_t at = find_state(text, len);
        if (strncmp(text, "LOCATION:", 9) != 0 && len > 0) {
            if (out->len) {
                aldb_buf_add_char(out, '\n');
            }
            size_t start = out->len;
            if (at >= 0) {
                memcpy(state, text + at, 5);
                state[5] = '\0';
                aldb_buf_add(out, text, (size_t)at);
                aldb_buf_add(out, text + at + 7, len - (size_t)at - 7);
            } else {
                aldb_buf_add(out, text, len);
            }
            drop_repetition(out, start);
        }
        text += end ? len + 1 : len;
    }
}

enum aldb_state connect_error(PGconn *conn, struct aldb_buf *text, int32_t *native)
{
    char pg[6] = "";
    tidy(PQerrorMessage(conn), text, pg);
    *native = pg[0] ? aldb_pgstate_native(pg) : 0;
    if (pg[0]) {
        return connect_state(pg);
    }
    return PQconnectionNeedsPassword(conn) ? ALDB_ST_28000 : ALDB_ST_08001;
}

enum aldb_rc post_connect_error(PGconn *conn, struct aldb_diag *diag)
{
    struct aldb_buf text;
    int32_t native;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    enum aldb_state st = connect_error(conn, &text, &native);
    enum aldb_rc rc = aldb_diag_post_native(diag, st, native, "%s", aldb_buf_cstr(&text));
    aldb_buf_clear(&text);
    return rc;
}
