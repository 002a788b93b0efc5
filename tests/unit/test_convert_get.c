/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs tests/conv/get_*.cases: one conversion from the wire to an application buffer a line. Fields, separated by " | ":
 *
 *   type      name of a built-in type, or its OID for others; ":typmod" may follow
 *   format    t (text) or b (binary)
 *   wire      text: as it is, with \xHH for other bytes; binary: hexadecimal
 *   C type    name without SQL_C_; "(a,b)" = precision,scale of NUMERIC, leading,fraction precision of intervals;
 *             "+" before it: read in parts, as SQLGetData does
 *   buflen    bytes; "null" = no target, only the length is wanted
 *   state     00000, or the SQLSTATE; in parts one for each call, separated by commas
 *   length    what *length becomes ("-" = untouched); in parts one for each call
 *   value     "text" for CHAR and WCHAR (in parts: all pieces together), hexadecimal for BINARY, else the number or the struct's fields; "-" = none
 *
 * A line of the form "@ key=value …" sets the session for those that follow: datestyle, dmy, intervalstyle, zone, tzas, infinite, maxlen, wide.
 * Buffers are exactly as long as the case says, so that the address sanitizer sees any byte too much.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/be.h"
#include "base/tz.h"
#include "base/utf.h"
#include "config/options.h"
#include "convert/convert.h"
#include "convert/datetime.h"
#include "convert/numeric.h"
#include "convert/parse.h"

#ifndef ALDB_TEST_DIR
#define ALDB_TEST_DIR ".."
#endif

struct session {
    struct aldb_locale locale;
    struct aldb_zone *zone;
    struct aldb_type_options options;
    SQLULEN max_length;
};

struct line {
    const char *file;
    int number;
    char *field[8];
};

static int ncases;

/* ------------------------------------------------------------------ reading a line */

static const struct {
    const char *name;
    SQLSMALLINT type;
} c_types[] = {
    {"CHAR", SQL_C_CHAR},
    {"WCHAR", SQL_C_WCHAR},
    {"BINARY", SQL_C_BINARY},
    {"BIT", SQL_C_BIT},
    {"TINYINT", SQL_C_TINYINT},
    {"STINYINT", SQL_C_STINYINT},
    {"UTINYINT", SQL_C_UTINYINT},
    {"SHORT", SQL_C_SHORT},
    {"SSHORT", SQL_C_SSHORT},
    {"USHORT", SQL_C_USHORT},
    {"LONG", SQL_C_LONG},
    {"SLONG", SQL_C_SLONG},
    {"ULONG", SQL_C_ULONG},
    {"SBIGINT", SQL_C_SBIGINT},
    {"UBIGINT", SQL_C_UBIGINT},
    {"FLOAT", SQL_C_FLOAT},
    {"DOUBLE", SQL_C_DOUBLE},
    {"NUMERIC", SQL_C_NUMERIC},
    {"DATE", SQL_C_TYPE_DATE},
    {"TIME", SQL_C_TYPE_TIME},
    {"TIMESTAMP", SQL_C_TYPE_TIMESTAMP},
    {"DATE2", SQL_C_DATE},
    {"TIME2", SQL_C_TIME},
    {"TIMESTAMP2", SQL_C_TIMESTAMP},
    {"GUID", SQL_C_GUID},
    {"DEFAULT", SQL_C_DEFAULT},
    {"YEAR", SQL_C_INTERVAL_YEAR},
    {"MONTH", SQL_C_INTERVAL_MONTH},
    {"DAY", SQL_C_INTERVAL_DAY},
    {"HOUR", SQL_C_INTERVAL_HOUR},
    {"MINUTE", SQL_C_INTERVAL_MINUTE},
    {"SECOND", SQL_C_INTERVAL_SECOND},
    {"YEAR_TO_MONTH", SQL_C_INTERVAL_YEAR_TO_MONTH},
    {"DAY_TO_HOUR", SQL_C_INTERVAL_DAY_TO_HOUR},
    {"DAY_TO_MINUTE", SQL_C_INTERVAL_DAY_TO_MINUTE},
    {"DAY_TO_SECOND", SQL_C_INTERVAL_DAY_TO_SECOND},
    {"HOUR_TO_MINUTE", SQL_C_INTERVAL_HOUR_TO_MINUTE},
    {"HOUR_TO_SECOND", SQL_C_INTERVAL_HOUR_TO_SECOND},
    {"MINUTE_TO_SECOND", SQL_C_INTERVAL_MINUTE_TO_SECOND},
    {"NONSENSE", 1234},
};

static char *trimmed(char *s)
{
    while (*s == ' ') {
        s++;
    }
    size_t n = strlen(s);
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n')) {
        s[--n] = '\0';
    }
    return s;
}

static bool split(char *text, struct line *l)
{
    for (int i = 0; i < 8; i++) {
        char *bar = i < 7 ? strstr(text, " | ") : NULL;
        if (i < 7 && bar == NULL) {
            return false;
        }
        if (bar != NULL) {
            *bar = '\0';
        }
        l->field[i] = trimmed(text);
        text = bar != NULL ? bar + 3 : text;
    }
    return true;
}

static uint32_t oid_of(const char *name)
{
    if (name[0] >= '0' && name[0] <= '9') {
        return (uint32_t)strtoul(name, NULL, 10);
    }
    for (uint32_t oid = 1; oid < 10000; oid++) {
        const struct aldb_type *t = aldb_type_find(oid);
        if (t != NULL && strcmp(t->name, name) == 0) {
            return oid;
        }
    }
    return 0;
}

static size_t unhex(const char *s, char *out)
{
    size_t n = 0;

    for (; s[0] != '\0' && s[1] != '\0'; s++) {
        if (s[0] == ' ') {
            continue;
        }
        out[n++] = (char)(aldb_hex_value(s[0]) << 4 | aldb_hex_value(s[1]));
        s++;
    }
    return n;
}

static size_t unescape(const char *s, char *out)
{
    size_t n = 0;

    while (*s != '\0') {
        if (s[0] == '\\' && s[1] == 'x' && aldb_hex_value(s[2]) >= 0 && s[2] != '\0' &&
            aldb_hex_value(s[3]) >= 0) {
            out[n++] = (char)(aldb_hex_value(s[2]) << 4 | aldb_hex_value(s[3]));
            s += 4;
        } else {
            out[n++] = *s++;
        }
    }
    return n;
}

/* ------------------------------------------------------------------ showing a result */

static void show_text(struct aldb_buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20) {
            aldb_buf_addf(out, "\\x%02x", c);
        } else {
            aldb_buf_add_char(out, s[i]);
        }
    }
}

static void show_interval(struct aldb_buf *out, SQLSMALLINT c_type, const SQL_INTERVAL_STRUCT *v)
{
    bool months = c_type == SQL_C_INTERVAL_YEAR || c_type == SQL_C_INTERVAL_MONTH ||
                  c_type == SQL_C_INTERVAL_YEAR_TO_MONTH;

    aldb_buf_addf(out, "%d%s ", (int)v->interval_type, v->interval_sign ? "-" : "+");
    if (months) {
        aldb_buf_addf(out, "%u-%u", (unsigned)v->intval.year_month.year,
                      (unsigned)v->intval.year_month.month);
    } else {
        aldb_buf_addf(out, "%u %u:%u:%u.%u", (unsigned)v->intval.day_second.day,
                      (unsigned)v->intval.day_second.hour, (unsigned)v->intval.day_second.minute,
                      (unsigned)v->intval.day_second.second,
                      (unsigned)v->intval.day_second.fraction);
    }
}

static void show_numeric(struct aldb_buf *out, const SQL_NUMERIC_STRUCT *v)
{
    unsigned __int128 n = 0;
    char digits[48];
    size_t at = sizeof digits;

    for (size_t i = SQL_MAX_NUMERIC_LEN; i-- > 0;) {
        n = n << 8 | v->val[i];
    }
    do {
        digits[--at] = (char)('0' + (int)(n % 10));
        n /= 10;
    } while (n != 0);
    aldb_buf_addf(out, "%s%.*s e-%d p%d", v->sign == 1 ? "+" : "-", (int)(sizeof digits - at),
                  digits + at, v->scale, v->precision);
}

/* `n`: bytes of CHAR, WCHAR or BINARY data in `p`. */
static void show(struct aldb_buf *out, SQLSMALLINT c_type, const void *p, size_t n)
{
    union {
        SQLCHAR u8;
        SQLSCHAR s8;
        SQLSMALLINT s16;
        SQLUSMALLINT u16;
        SQLINTEGER s32;
        SQLUINTEGER u32;
        int64_t s64;
        uint64_t u64;
        float f;
        double d;
        SQL_NUMERIC_STRUCT numeric;
        SQL_DATE_STRUCT date;
        SQL_TIME_STRUCT time;
        SQL_TIMESTAMP_STRUCT ts;
        SQLGUID guid;
        SQL_INTERVAL_STRUCT interval;
    } v;
    char number[40];
    unsigned char guid[16];

    memset(&v, 0, sizeof v);
    size_t size = (size_t)aldb_c_type_size(c_type);
    if (size > 0) {
        memcpy(&v, p, size);
    }
    switch (c_type) {
    case SQL_C_CHAR:
        show_text(out, p, n);
        break;
    case SQL_C_WCHAR: {
        struct aldb_buf utf8;
        aldb_buf_init(&utf8, ALDB_MAX_VALUE);
        if (aldb_utf16_to_utf8(&utf8, p, n / 2)) {
            show_text(out, aldb_buf_cstr(&utf8), utf8.len);
        } else {
            aldb_buf_add_str(out, "(lone surrogate)");
        }
        aldb_buf_clear(&utf8);
        break;
    }
    case SQL_C_BINARY:
        for (size_t i = 0; i < n; i++) {
            aldb_buf_addf(out, "%02x", ((const unsigned char *)p)[i]);
        }
        break;
    case SQL_C_BIT:
    case SQL_C_UTINYINT:
        aldb_buf_addf(out, "%u", v.u8);
        break;
    case SQL_C_TINYINT:
    case SQL_C_STINYINT:
        aldb_buf_addf(out, "%d", v.s8);
        break;
    case SQL_C_SHORT:
    case SQL_C_SSHORT:
        aldb_buf_addf(out, "%d", v.s16);
        break;
    case SQL_C_USHORT:
        aldb_buf_addf(out, "%u", v.u16);
        break;
    case SQL_C_LONG:
    case SQL_C_SLONG:
        aldb_buf_addf(out, "%d", (int)v.s32);
        break;
    case SQL_C_ULONG:
        aldb_buf_addf(out, "%u", (unsigned)v.u32);
        break;
    case SQL_C_SBIGINT:
        aldb_buf_addf(out, "%lld", (long long)v.s64);
        break;
    case SQL_C_UBIGINT:
        aldb_buf_addf(out, "%llu", (unsigned long long)v.u64);
        break;
    case SQL_C_FLOAT:
        aldb_buf_add(out, number, aldb_format_float(number, v.f));
        break;
    case SQL_C_DOUBLE:
        aldb_buf_add(out, number, aldb_format_double(number, v.d));
        break;
    case SQL_C_NUMERIC:
        show_numeric(out, &v.numeric);
        break;
    case SQL_C_DATE:
    case SQL_C_TYPE_DATE:
        aldb_buf_addf(out, "%d-%u-%u", v.date.year, v.date.month, v.date.day);
        break;
    case SQL_C_TIME:
    case SQL_C_TYPE_TIME:
        aldb_buf_addf(out, "%u:%u:%u", v.time.hour, v.time.minute, v.time.second);
        break;
    case SQL_C_TIMESTAMP:
    case SQL_C_TYPE_TIMESTAMP:
        aldb_buf_addf(out, "%d-%u-%u %u:%u:%u.%u", v.ts.year, v.ts.month, v.ts.day, v.ts.hour,
                      v.ts.minute, v.ts.second, (unsigned)v.ts.fraction);
        break;
    case SQL_C_GUID:
        aldb_guid_from_struct(&v.guid, guid);
        aldb_guid_format(guid, number);
        aldb_buf_add(out, number, ALDB_GUID_TEXT);
        break;
    default:
        show_interval(out, c_type, &v.interval);
        break;
    }
}

/* ------------------------------------------------------------------ running a case */

static const char *code_of(enum aldb_state st)
{
    return st == ALDB_ST_NONE ? "00000" : aldb_state_code(st);
}

static bool delivered(enum aldb_state st)
{
    return st == ALDB_ST_NONE || st == ALDB_ST_01004 || st == ALDB_ST_01S07;
}

static size_t terminator(SQLSMALLINT c_type)
{
    return c_type == SQL_C_CHAR ? 1 : c_type == SQL_C_WCHAR ? 2 : 0;
}

/* Bytes of data in a character or binary buffer after one call. */
static size_t data_bytes(SQLSMALLINT c_type, const char *buf, size_t buflen, SQLLEN length)
{
    size_t full = length > 0 ? (size_t)length : 0;

    if (c_type == SQL_C_BINARY) {
        return full < buflen ? full : buflen;
    }
    if (buflen < terminator(c_type)) {
        return 0;
    }
    size_t most = buflen - terminator(c_type);
    if (full <= most) {
        return full; /* embedded NULs belong to the value */
    }
    return c_type == SQL_C_WCHAR ? 2 * aldb_utf16_len(buf) : strlen(buf);
}

static bool is_terminated(SQLSMALLINT c_type, const char *buf, size_t buflen, size_t n)
{
    size_t t = terminator(c_type);

    if (t == 0 || buflen < t) {
        return true;
    }
    return n + t <= buflen && buf[n] == '\0' && (t == 1 || buf[n + 1] == '\0');
}

static void run(const struct aldb_get *g, const struct aldb_cell *cell, bool parts,
                const char *buflen_text, struct aldb_buf *states, struct aldb_buf *lengths,
                struct aldb_buf *value)
{
    bool null = strcmp(buflen_text, "null") == 0;
    size_t buflen = null ? 0 : (size_t)strtoul(buflen_text, NULL, 10);
    size_t fixed = (size_t)aldb_c_type_size(g->c_type);
    char *buf = malloc(fixed > 0 ? fixed : buflen + (buflen == 0));
    char *all = malloc(1 << 20);
    size_t nall = 0;
    struct aldb_chunk chunk;

    aldb_chunk_init(&chunk);
    for (int call = 0; call < 100; call++) {
        SQLLEN length = -77;
        memset(buf, 0xAA, fixed > 0 ? fixed : buflen);
        size_t before = chunk.offset;
        enum aldb_state st = aldb_get_cell(g, cell, null ? NULL : buf, (SQLLEN)buflen, &length,
                                           parts ? &chunk : NULL);
        aldb_buf_addf(states, "%s%s", call ? "," : "", code_of(st));
        if (length == -77) {
            aldb_buf_addf(lengths, "%s-", call ? "," : "");
        } else {
            aldb_buf_addf(lengths, "%s%lld", call ? "," : "", (long long)length);
        }
        if (delivered(st) && !null) {
            if (fixed > 0) {
                memcpy(all, buf, fixed);
                nall = fixed;
            } else {
                size_t n = data_bytes(g->c_type, buf, buflen, length);
                if (!is_terminated(g->c_type, buf, buflen, n)) {
                    aldb_buf_add_str(value, "(not terminated)");
                }
                memcpy(all + nall, buf, n);
                nall += n;
            }
        } else {
            break;
        }
        if (!parts || chunk.done || chunk.offset == before) {
            break;
        }
    }
    if (nall > 0 || fixed == 0) {
        show(value, g->c_type, all, nall);
    }
    aldb_chunk_clear(&chunk);
    free(all);
    free(buf);
}

static void run_case(const struct session *s, struct line *l)
{
    char *wire = malloc(strlen(l->field[2]) + 1);
    struct aldb_get_spec spec = {.typmod = -1,
                                 .precision = 38,
                                 .max_length = s->max_length,
                                 .locale = &s->locale,
                                 .options = &s->options};
    struct aldb_get g;
    struct aldb_buf states, lengths, value;
    int a = 0;
    int b = 0;

    ncases++;
    char *colon = strchr(l->field[0], ':');
    if (colon != NULL) {
        *colon = '\0';
        spec.typmod = (int32_t)strtol(colon + 1, NULL, 10);
    }
    spec.oid = oid_of(l->field[0]);
    spec.binary = l->field[1][0] == 'b';
    struct aldb_cell cell = {NULL,
                             spec.binary ? unhex(l->field[2], wire) : unescape(l->field[2], wire)};
    /* Exactly as long as the value: no terminator to run into. */
    char *exact = malloc(cell.len + (cell.len == 0));
    memcpy(exact, wire, cell.len);
    cell.data = exact;

    char *name = l->field[3];
    bool parts = name[0] == '+';
    name += parts;
    char *open = strchr(name, '(');
    if (open != NULL) {
        sscanf(open, "(%d,%d)", &a, &b);
        *open = '\0';
    }
    spec.c_type = -1;
    for (size_t i = 0; i < ALDB_COUNT(c_types); i++) {
        if (strcmp(c_types[i].name, name) == 0) {
            spec.c_type = c_types[i].type;
        }
    }
    bool interval =
        spec.c_type >= SQL_C_INTERVAL_YEAR && spec.c_type <= SQL_C_INTERVAL_MINUTE_TO_SECOND;
    if (open != NULL && interval) {
        spec.interval_precision = a;
        spec.precision = (SQLSMALLINT)b;
    } else if (open != NULL) {
        spec.precision = (SQLSMALLINT)a;
        spec.scale = (SQLSMALLINT)b;
    } else if (interval) {
        spec.interval_precision = 2;
        spec.precision = 6;
    }
    aldb_buf_init(&states, 4096);
    aldb_buf_init(&lengths, 4096);
    aldb_buf_init(&value, 1 << 20);
    enum aldb_state st = aldb_get_resolve(&g, &spec);
    bool text = false;
    if (st == ALDB_ST_NONE) {
        text = g.c_type == SQL_C_CHAR || g.c_type == SQL_C_WCHAR;
        if (text) {
            aldb_buf_add_char(&value, '"');
        }
        run(&g, &cell, parts, l->field[4], &states, &lengths, &value);
        if (text) {
            aldb_buf_add_char(&value, '"');
        }
    } else {
        aldb_buf_add_str(&states, code_of(st));
        aldb_buf_add_char(&lengths, '-');
    }
    const char *got = aldb_buf_cstr(&value);
    if (got[0] == '\0' || (strcmp(got, "\"\"") == 0 && strcmp(l->field[7], "-") == 0)) {
        got = "-";
    }
    bool ok = spec.oid != 0 && strcmp(aldb_buf_cstr(&states), l->field[5]) == 0 &&
              strcmp(aldb_buf_cstr(&lengths), l->field[6]) == 0 && strcmp(got, l->field[7]) == 0;
    if (!ok) {
        fprintf(stderr, "%s:%d: got %s | %s | %s, expected %s | %s | %s\n", l->file, l->number,
                aldb_buf_cstr(&states), aldb_buf_cstr(&lengths), got, l->field[5], l->field[6],
                l->field[7]);
    }
    CU_ASSERT_TRUE(ok);
    aldb_buf_clear(&states);
    aldb_buf_clear(&lengths);
    aldb_buf_clear(&value);
    free(exact);
    free(wire);
}

static void set_session(struct session *s, char *text)
{
    for (char *word = strtok(text, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        char *eq = strchr(word, '=');
        CU_ASSERT_PTR_NOT_NULL_FATAL(eq);
        *eq = '\0';
        const char *v = eq + 1;
        if (strcmp(word, "datestyle") == 0) {
            s->locale.datestyle = v[0];
        } else if (strcmp(word, "dmy") == 0) {
            s->locale.dmy = v[0] == '1';
        } else if (strcmp(word, "intervalstyle") == 0) {
            s->locale.intervalstyle = v[0];
        } else if (strcmp(word, "zone") == 0) {
            aldb_zone_release(s->zone);
            s->zone = strcmp(v, "none") == 0 ? NULL : aldb_zone_load(v);
            CU_ASSERT_TRUE(strcmp(v, "none") == 0 || s->zone != NULL);
            s->locale.zone = s->zone;
        } else if (strcmp(word, "tzas") == 0) {
            s->locale.timestamptz_as = v[0] == 'U'   ? ALDB_TZ_UTC
                                       : v[0] == 'T' ? ALDB_TZ_TEXT
                                                     : ALDB_TZ_SESSION;
            s->options.timestamptz_as = s->locale.timestamptz_as;
        } else if (strcmp(word, "infinite") == 0) {
            s->locale.infinite_intervals = v[0] == '1';
        } else if (strcmp(word, "maxlen") == 0) {
            s->max_length = strtoul(v, NULL, 10);
        } else if (strcmp(word, "characters") == 0) {
            s->options.bools_as_char = v[0] == '1';
            s->options.int8_as = s->options.numeric_as = v[0] == '1' ? SQL_VARCHAR : 0;
        } else if (strcmp(word, "wide") == 0) {
            s->options.wide = v[0] == '1';
        } else {
            CU_FAIL("unknown session key");
        }
    }
}

static void run_file(const char *path)
{
    static char text[1 << 20];
    struct session s = {.locale = {.datestyle = 'I', .intervalstyle = 'p'},
                        .options = {.wide = true, .text_as_longvarchar = true}};
    struct line l = {.file = path};
    FILE *f = fopen(path, "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (fgets(text, sizeof text, f) != NULL) {
        l.number++;
        char *p = trimmed(text);
        if (p[0] == '\0' || p[0] == '#') {
            continue;
        }
        if (p[0] == '@') {
            set_session(&s, p + 1);
            continue;
        }
        bool ok = split(p, &l);
        if (!ok) {
            fprintf(stderr, "%s:%d: not a case\n", path, l.number);
        }
        CU_ASSERT_TRUE(ok);
        if (ok) {
            run_case(&s, &l);
        }
    }
    fclose(f);
    aldb_zone_release(s.zone);
}

/* ------------------------------------------------------------------ the way back */

/* Text -> binary with the shared encoders; 0: not a type they write. */
static size_t encode(const char *type, struct aldb_slice text, char *out)
{
    struct aldb_datetime dt;
    struct aldb_interval iv;
    int32_t days;
    int64_t us;

    if (strcmp(type, "numeric") == 0) {
        struct aldb_decimal d;
        struct aldb_buf buf;
        aldb_buf_init(&buf, 1 << 20);
        bool ok = aldb_decimal_parse(text, &d) && aldb_decimal_to_binary(&d, &buf) == ALDB_ST_NONE;
        size_t len = ok ? buf.len : 0;
        memcpy(out, aldb_buf_cstr(&buf), len);
        aldb_buf_clear(&buf);
        return len;
    }
    if (strcmp(type, "interval") == 0) {
        if (!aldb_interval_parse(text, 0, &iv, NULL)) {
            return 0;
        }
        aldb_interval_encode(&iv, (unsigned char *)out);
        return 16;
    }
    if (!aldb_datetime_parse(text, &dt)) {
        return 0;
    }
    if (strcmp(type, "date") == 0 && aldb_date_encode(&dt, &days) == ALDB_ST_NONE) {
        aldb_store_be32(out, (uint32_t)days);
        return 4;
    }
    bool ok = (strcmp(type, "time") == 0 && aldb_time_encode(&dt, &us) == ALDB_ST_NONE) ||
              (strcmp(type, "timestamp") == 0 && aldb_timestamp_encode(&dt, &us) == ALDB_ST_NONE) ||
              (strcmp(type, "timestamptz") == 0 &&
               (dt.parts & ALDB_HAS_OFFSET || dt.instant != ALDB_FINITE) &&
               aldb_timestamptz_encode(&dt, &us) == ALDB_ST_NONE);
    if (!ok) {
        return 0;
    }
    aldb_store_be64(out, (uint64_t)us);
    return 8;
}

/* What the server printed, read and written by the encoders, must give the very bytes that the server sent. */
static void test_round_trip(void)
{
    static const char *const types[] = {"numeric", "interval",  "date",
                                        "time",    "timestamp", "timestamptz"};
    static char text[1 << 16];
    static char wire[1 << 16];
    static char again[1 << 16];
    struct line l = {.file = "get_server.cases"};
    char path[4096];
    int done = 0;

    snprintf(path, sizeof path, "%s/get_server.cases",
             getenv("ALDB_CASES") ? getenv("ALDB_CASES") : ALDB_TEST_DIR "/conv");
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    bool offsets = false;
    while (fgets(text, sizeof text, f) != NULL) {
        l.number++;
        if (text[0] == '@') {
            offsets = strstr(text, "tzas=") != NULL ? strstr(text, "tzas=TEXT") != NULL : offsets;
        }
        if (text[0] == '#' || text[0] == '@' || !split(text, &l) || l.field[1][0] != 'b') {
            continue;
        }
        for (size_t i = 0; i < ALDB_COUNT(types); i++) {
            if (strcmp(l.field[0], types[i]) != 0 || (i == 5 && !offsets)) {
                continue;
            }
            size_t len = unhex(l.field[2], wire);
            size_t n = encode(types[i], aldb_slice(l.field[7] + 1, strlen(l.field[7]) - 2), again);
            if (i == 0 && strstr(l.field[7], "Infinity") != NULL && len == 8) {
                memset(wire + 6, 0,
                       2); /* an infinity's scale means nothing, and servers send what they have */
            }
            bool ok = n == len && memcmp(wire, again, n) == 0;
            if (!ok) {
                fprintf(stderr, "%s:%d: %s %s does not encode to %s\n", l.file, l.number, types[i],
                        l.field[7], l.field[2]);
            }
            CU_ASSERT_TRUE(ok);
            done++;
        }
    }
    fclose(f);
    printf(" %d values ", done);
    CU_ASSERT_TRUE(done > 300);
}

/* Every rendering that needs memory answers HY001 without it, leaves the length alone and leaks nothing. */
static void test_out_of_memory(void)
{
    static const struct {
        uint32_t oid;
        bool binary;
        const char *wire;
    } values[] = {
        {1007, true,
         "000000010000000000000017000000030000000100000004000000010000000400000002000000040000000"
         "3"},
        {1700, true, "000101f400000000ffff"},
        {17, false, "5c7830304646"},
    };

    for (size_t i = 0; i < ALDB_COUNT(values); i++) {
        char wire[100];
        char buf[16];
        struct aldb_get g;
        struct aldb_cell cell = {wire, unhex(values[i].wire, wire)};
        struct aldb_get_spec spec = {
            .oid = values[i].oid, .typmod = -1, .binary = values[i].binary, .c_type = SQL_C_CHAR};
        if (values[i].oid == 1700) {
            memcpy(wire + 8, "\x00\x01", 2);
        }
        CU_ASSERT_EQUAL_FATAL(aldb_get_resolve(&g, &spec), ALDB_ST_NONE);
        SQLLEN length = -77;
        aldb_alloc_fail_after(0);
        enum aldb_state st = aldb_get_cell(&g, &cell, buf, sizeof buf, &length, NULL);
        aldb_alloc_fail_after(-1);
        CU_ASSERT_EQUAL(st, ALDB_ST_HY001);
        CU_ASSERT_EQUAL(length, -77);
        st = aldb_get_cell(&g, &cell, NULL, 0, &length, NULL);
        CU_ASSERT_EQUAL(st, ALDB_ST_NONE);
        CU_ASSERT_TRUE(length > 3);
    }
}

static void test_cases(void)
{
    const char *dir = getenv("ALDB_CASES");
    char pattern[4096];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/get_*.cases", dir != NULL ? dir : ALDB_TEST_DIR "/conv");
    CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        run_file(found.gl_pathv[i]);
    }
    globfree(&found);
    printf(" %d cases ", ncases);
    CU_ASSERT_TRUE(ncases > 300);
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite("convert/get", NULL, NULL);
    if (suite == NULL || CU_add_test(suite, "cases", test_cases) == NULL ||
        CU_add_test(suite, "out of memory", test_out_of_memory) == NULL ||
        CU_add_test(suite, "encoders give the server's bytes", test_round_trip) == NULL) {
        return 1;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0 || CU_get_error() != CUE_SUCCESS;
}
