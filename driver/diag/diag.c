/* SPDX-License-Identifier: Apache-2.0 */
#include "diag/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf.h"

#define PREFIX "[AlloyDB][ODBC Driver] "
#define SERVER_PREFIX "[AlloyDB][ODBC Driver][PostgreSQL] "
#define CUT " [... cut here]"

static const struct {
    char code[6];
    const char *text;
} states[ALDB_ST_COUNT] = {
    [ALDB_ST_NONE] = {"00000", PREFIX},
#define ALDB_STATE(state, text) [ALDB_ST_##state] = {#state, PREFIX text},
#define ALDB_STATE_OF(name, state, text) [ALDB_ST_##name] = {#state, PREFIX text},
#include "diag/states.def"
#undef ALDB_STATE
#undef ALDB_STATE_OF
};

/* The record of a lost record. */
static const struct aldb_diag_record memory_record = {
    .state = "HY001", .row = ALDB_ROW_NONE, .column = ALDB_COL_NONE};

const char *aldb_state_code(enum aldb_state st)
{
    return states[st].code;
}

const char *aldb_state_text(enum aldb_state st)
{
    return states[st].text + sizeof PREFIX - 1;
}

static bool code_is_warning(const char *code)
{
    return code[0] == '0' && code[1] == '1';
}

bool aldb_state_is_warning(enum aldb_state st)
{
    return code_is_warning(states[st].code);
}

void aldb_diag_init(struct aldb_diag *d)
{
    *d = (struct aldb_diag){.dynamic_function = "", .row = ALDB_ROW_NONE, .column = ALDB_COL_NONE};
}

void aldb_diag_clear(struct aldb_diag *d)
{
    aldb_diag_reset(d);
    aldb_free(d->records);
    aldb_diag_init(d);
}

void aldb_diag_reset(struct aldb_diag *d)
{
    for (size_t i = 0; i < d->count; i++) {
        aldb_free(d->records[i].message);
    }
    d->count = 0;
    d->warnings = 0;
    d->dropped = 0;
    d->dropped_errors = 0;
    d->out_of_memory = false;
    d->sorted = false;
    aldb_diag_at(d, ALDB_ROW_NONE, ALDB_COL_NONE);
}

void aldb_diag_at(struct aldb_diag *d, int64_t row, int32_t column)
{
    d->row = row;
    d->column = column;
}

static void leave_out(struct aldb_diag *d, bool warning)
{
    d->dropped++;
    d->dropped_errors += !warning;
}

/* Makes room for one more by dropping the last warning, if an error needs the place. */
static bool displace_warning(struct aldb_diag *d)
{
    if (d->warnings == 0) {
        return false;
    }
    size_t at = d->count;
    do {
        at--;
    } while (!code_is_warning(d->records[at].state));
    aldb_free(d->records[at].message);
    memmove(&d->records[at], &d->records[at + 1], (d->count - at - 1) * sizeof d->records[0]);
    d->count--;
    d->warnings--;
    leave_out(d, true);
    return true;
}

static bool grow(struct aldb_diag *d)
{
    if (d->count < d->cap) {
        return true;
    }
    size_t cap = d->cap ? d->cap * 2 : 4;
    struct aldb_diag_record *records = aldb_realloc_array(d->records, cap, sizeof *records);
    if (records == NULL) {
        return false;
    }
    d->records = records;
    d->cap = cap;
    return true;
}

/* Takes the message over, whatever becomes of the record. */
static void append(struct aldb_diag *d, struct aldb_diag_record r)
{
    bool warning = code_is_warning(r.state);
    if (d->count >= ALDB_DIAG_MAX && (warning || !displace_warning(d))) {
        leave_out(d, warning);
        aldb_free(r.message);
    } else if (!grow(d)) {
        d->out_of_memory = true;
        aldb_free(r.message);
    } else {
        d->records[d->count++] = r;
        d->warnings += warning;
        d->sorted = false;
    }
}

/* "[AlloyDB][ODBC Driver] text"; NULL when out of memory. */
static char *format_message(const char *fmt, va_list ap) ALDB_PRINTF(1, 0);
static char *format_message(const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    char *message = NULL;
    if (len >= 0) {
        size_t room = sizeof PREFIX + (size_t)len;
        bool cut = room > ALDB_MAX_MESSAGE;
        room = cut ? ALDB_MAX_MESSAGE : room;
        message = aldb_realloc_array(NULL, room, 1);
        if (message) {
            memcpy(message, PREFIX, sizeof PREFIX - 1);
            (void)vsnprintf(message + sizeof PREFIX - 1, room - (sizeof PREFIX - 1), fmt, again);
        }
        if (message && cut) {
            size_t keep = aldb_utf8_floor(message, room - 1, room - sizeof CUT);
            memcpy(message + keep, CUT, sizeof CUT);
        }
    }
    va_end(again);
    return message;
}

static enum aldb_rc post(struct aldb_diag *d, enum aldb_state st, int32_t native, const char *fmt, va_list ap)
    ALDB_PRINTF(4, 0);
static enum aldb_rc post(struct aldb_diag *d, enum aldb_state st, int32_t native, const char *fmt, va_list ap)
{
    bool warning = aldb_state_is_warning(st);
    struct aldb_diag_record r = {.native = native, .row = d->row, .column = d->column};
    memcpy(r.state, states[st].code, sizeof r.state);
    if (fmt) {
        r.message = format_message(fmt, ap);
        if (r.message == NULL && !warning && st != ALDB_ST_HY001) {
            d->out_of_memory = true;
            return ALDB_ERR;
        }
    }
    append(d, r);
    return warning && !d->out_of_memory ? ALDB_INFO : ALDB_ERR;
}

enum aldb_rc aldb_diag_post(struct aldb_diag *d, enum aldb_state st, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    enum aldb_rc rc = post(d, st, 0, fmt, ap);
    va_end(ap);
    return rc;
}

enum aldb_rc aldb_diag_post_native(struct aldb_diag *d, enum aldb_state st, int32_t native, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    enum aldb_rc rc = post(d, st, native, fmt, ap);
    va_end(ap);
    return rc;
}

/* One part of a server's text, without newlines at its end; bounded so that the following parts still find room. */
static void add_part(struct aldb_buf *b, const char *label, const char *text)
{
    if (text == NULL) {
        return;
    }
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r')) {
        len--;
    }
    size_t keep = aldb_utf8_floor(text, len, ALDB_MAX_MESSAGE / 6);
    aldb_buf_add_str(b, label);
    aldb_buf_add(b, text, keep);
    if (keep < len) {
        aldb_buf_add_str(b, CUT);
    }
}

static bool is_blank(const char *s)
{
    return s == NULL || s[0] == '\0';
}

void aldb_diag_map_positions(struct aldb_diag *d, size_t (*map)(const void *ctx, size_t part, size_t character), const void *ctx, size_t part)
{
    d->map_position = map;
    d->map_ctx = ctx;
    d->map_part = part;
}

static void add_position(struct aldb_buf *b, const struct aldb_diag *d, const char *position)
{
    uint64_t at;
    if (is_blank(position) || !aldb_parse_u64(aldb_slice_of(position), &at)) {
        return;
    }
    if (d->map_position) {
        at = d->map_position(d->map_ctx, d->map_part, (size_t)at);
    }
    aldb_buf_addf(b, ", character %llu", (unsigned long long)at);
}

static char *server_message(const struct aldb_diag *d, const struct aldb_server_error *e, bool warning)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    aldb_buf_add_str(&b, SERVER_PREFIX);
    add_part(&b, "", is_blank(e->severity) ? "ERROR" : e->severity);
    add_part(&b, ": ", is_blank(e->message) ? "the server gave no message" : e->message);
    add_part(&b, "\nDETAIL: ", e->detail);
    add_part(&b, "\nHINT: ", e->hint);
    if (!warning) { /* as psql does: where a notice was raised is rarely wanted */
        add_part(&b, "\nCONTEXT: ", e->context);
    }
    if (!is_blank(e->sqlstate) && strcmp(e->sqlstate, "00000") != 0) {
        aldb_buf_addf(&b, "\n(SQLSTATE %.5s", e->sqlstate);
        add_position(&b, d, e->position);
        aldb_buf_add_char(&b, ')');
    }
    return aldb_buf_take(&b);
}

enum aldb_rc aldb_diag_post_server(struct aldb_diag *d, const struct aldb_server_error *e,
                                   const struct aldb_server_context *ctx)
{
    struct aldb_diag_record r = {.row = d->row, .column = d->column, .from_server = true};
    aldb_pgstate_map(e, ctx, r.state);
    r.native = aldb_pgstate_native(e->sqlstate);
    bool warning = code_is_warning(r.state);
    r.message = server_message(d, e, warning);
    if (r.message == NULL && !warning) {
        d->out_of_memory = true;
        return ALDB_ERR;
    }
    append(d, r);
    return warning && !d->out_of_memory ? ALDB_INFO : ALDB_ERR;
}

void aldb_diag_move(struct aldb_diag *to, struct aldb_diag *from)
{
    for (size_t i = 0; i < from->count; i++) {
        append(to, from->records[i]);
    }
    from->count = 0; /* the messages have a new owner */
    to->dropped += from->dropped;
    to->dropped_errors += from->dropped_errors;
    to->out_of_memory = to->out_of_memory || from->out_of_memory;
    aldb_diag_reset(from);
}

struct aldb_diag aldb_diag_aside(struct aldb_diag *d)
{
    struct aldb_diag aside = *d;
    aldb_diag_init(d);
    return aside;
}

void aldb_diag_back(struct aldb_diag *d, struct aldb_diag *aside)
{
    aldb_diag_clear(d);
    *d = *aside;
}

void aldb_diag_back_with(struct aldb_diag *d, struct aldb_diag *aside)
{
    aldb_diag_move(aside, d);
    aldb_diag_back(d, aside);
}

void aldb_diag_copy(struct aldb_diag *to, const struct aldb_diag *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct aldb_diag_record r = from->records[i];
        r.message = aldb_strdup(r.message);
        if (r.message || from->records[i].message == NULL) {
            append(to, r);
        } else {
            to->out_of_memory = true;
        }
    }
    to->dropped += from->dropped;
    to->dropped_errors += from->dropped_errors;
    to->out_of_memory = to->out_of_memory || from->out_of_memory;
}

/* Smaller comes first among the records of one row: https://learn.microsoft.com/sql/odbc/reference/develop-app/sequence-of-status-records */
static int rank_of(const char *state)
{
    static const char *const transaction_failed[] = {"40", "08", "25S"};
    bool standard = strncmp(state, "03", 2) >= 0 && strncmp(state, "HZ", 2) <= 0;
    if (code_is_warning(state)) {
        return state[2] == '0' ? 4 : 5;
    }
    for (size_t i = 0; i < ALDB_COUNT(transaction_failed); i++) {
        if (strncmp(state, transaction_failed[i], strlen(transaction_failed[i])) == 0) {
            return 0;
        }
    }
    if (strncmp(state, "02", 2) == 0) {
        return 3;
    }
    return standard ? 1 : 2;
}

/* ROW_UNKNOWN (-2), ROW_NONE (-1), rows 1, 2, … happen to be in ODBC's order. */
static bool precedes(const struct aldb_diag_record *a, const struct aldb_diag_record *b)
{
    return a->row != b->row ? a->row < b->row : rank_of(a->state) < rank_of(b->state);
}

/* Stable and without allocation; records come nearly in order, so that this is linear in practice. */
static void sort(struct aldb_diag *d)
{
    for (size_t i = 1; i < d->count; i++) {
        struct aldb_diag_record r = d->records[i];
        size_t at = i;
        for (; at > 0 && precedes(&r, &d->records[at - 1]); at--) {
            d->records[at] = d->records[at - 1];
        }
        d->records[at] = r;
    }
    d->sorted = true;
}

static const struct aldb_diag_record *left_out(struct aldb_diag *d)
{
    enum aldb_state st = d->dropped_errors ? ALDB_ST_HY000 : ALDB_ST_01000;
    d->left_out = (struct aldb_diag_record){.row = ALDB_ROW_NONE, .column = ALDB_COL_NONE, .message = d->left_out_text};
    memcpy(d->left_out.state, states[st].code, sizeof d->left_out.state);
    (void)snprintf(d->left_out_text, sizeof d->left_out_text, PREFIX "%zu more diagnostics were left out, %zu of them errors",
                   d->dropped, d->dropped_errors);
    return &d->left_out;
}

const struct aldb_diag_record *aldb_diag_get(struct aldb_diag *d, size_t number)
{
    size_t total = aldb_diag_count(d);
    if (number == 0 || number > total) {
        return NULL;
    }
    if (!d->sorted) {
        sort(d);
    }
    if (d->dropped && number == total) {
        return left_out(d);
    }
    size_t at = number - 1;
    if (d->out_of_memory) {
        size_t before = 0; /* records that rank no lower than the HY001 */
        while (before < d->count && !precedes(&memory_record, &d->records[before])) {
            before++;
        }
        if (at == before) {
            return &memory_record;
        }
        at -= at > before;
    }
    return &d->records[at];
}

size_t aldb_diag_count(const struct aldb_diag *d)
{
    return d->count + d->out_of_memory + (d->dropped > 0);
}

bool aldb_diag_has_error(const struct aldb_diag *d)
{
    return d->count > d->warnings || d->out_of_memory || d->dropped_errors > 0;
}

void aldb_diag_hint(struct aldb_diag *d, size_t number, const char *fmt, ...)
{
    const struct aldb_diag_record *found = aldb_diag_get(d, number);
    struct aldb_diag_record *r = NULL;
    for (size_t i = 0; i < d->count; i++) {
        r = &d->records[i] == found ? &d->records[i] : r;
    }
    if (r == NULL) {
        return;
    }
    struct aldb_buf b;
    va_list ap;
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&b, "%s\nHINT: ", aldb_diag_message(r));
    va_start(ap, fmt);
    aldb_buf_vaddf(&b, fmt, ap);
    va_end(ap);
    char *message = aldb_buf_ok(&b) ? aldb_buf_take(&b) : NULL;
    if (message) {
        aldb_free(r->message);
        r->message = message;
    }
    aldb_buf_clear(&b);
}

const char *aldb_diag_message(const struct aldb_diag_record *r)
{
    if (r->message) {
        return r->message;
    }
    for (size_t i = 0; i < ALDB_COUNT(states); i++) {
        if (memcmp(states[i].code, r->state, sizeof r->state) == 0) {
            return states[i].text;
        }
    }
    return states[ALDB_ST_HY000].text;
}

const char *aldb_diag_sentence(const char *message)
{
    while (message[0] == '[' && strchr(message, ']') != NULL) {
        message = strchr(message, ']') + 1;
    }
    return message + strspn(message, " ");
}

const char *aldb_diag_first_message(struct aldb_diag *d)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, 1);
    return r ? aldb_diag_message(r) : "out of memory";
}

int32_t aldb_diag_first_native(struct aldb_diag *d)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, 1);
    return r ? r->native : 0;
}

const char *aldb_diag_class_origin(const struct aldb_diag_record *r)
{
    return strncmp(r->state, "IM", 2) == 0 ? "ODBC 3.0" : "ISO 9075";
}

/* https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagfield-function, SQL_DIAG_SUBCLASS_ORIGIN */
const char *aldb_diag_subclass_origin(const struct aldb_diag_record *r)
{
    static const char odbc[][6] = {
        "01S00", "01S01", "01S02", "01S06", "01S07", "07S01", "08S01", "21S01", "21S02", "25S01", "25S02",
        "25S03", "42S01", "42S02", "42S11", "42S12", "42S21", "42S22", "HY095", "HY097", "HY098", "HY099",
        "HY100", "HY101", "HY105", "HY107", "HY109", "HY110", "HY111", "HYT00", "HYT01", "IM001", "IM002",
        "IM003", "IM004", "IM005", "IM006", "IM007", "IM008", "IM010",
    };
    for (size_t i = 0; i < ALDB_COUNT(odbc); i++) {
        if (memcmp(odbc[i], r->state, sizeof r->state) == 0) {
            return "ODBC 3.0";
        }
    }
    return "ISO 9075";
}
