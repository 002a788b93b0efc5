/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Application buffer -> parameter. The cases stand in tests/conv/put_*.cases, one a line:
 *
 *     server type | C type | SQL type | ColumnSize | DecimalDigits | input | state | format:value | read back by a server
 *
 * server type   a name of `oids` below; "none": not known (OID 0)
 * input         CHAR, WCHAR: "text" with \xHH, \uHHHH (a UTF-16 unit, WCHAR only), \0 \n \t \\ \"; BINARY and any: h:hex bytes
 *               integers, BIT: a number; FLOAT, DOUBLE: a number, nan, inf, -inf; DATE y,m,d; TIME h,m,s; TIMESTAMP y,m,d,h,m,s,ns
 *               NUMERIC precision,scale,sign,digits; intervals sign,year,month or sign,day,hour,minute,second,fraction; GUID its text
 *               behind it, separated by blanks: nts (SQL_NTS), len=n (StrLen_or_Ind), apd=precision,scale (SQLSetDescField), null (no buffer), utc (TimestampTzAs)
 * state         ok, or an SQLSTATE from resolving or converting
 * value         b:hex bytes in binary format, t:text in text format, "-" after a failure
 * read back     what the server makes of it as text; empty: not asked
 *
 * With ALDB_TEST_CONNINFO set, a real server stores the values (under DateStyle and IntervalStyle that mislead whoever relies on them).
 */
#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <libpq-fe.h>

#include "base/alloc.h"
#include "base/be.h"
#include "base/buf.h"
#include "convert/convert.h"
#include "convert/put.h"

/* ------------------------------------------------------------------ names */

struct name {
    const char *name;
    long value;
};

static const struct name oids[] = {
    {"none", 0},      {"bool", 16},         {"bytea", 17},         {"char", 18},       {"name", 19},     {"int8", 20},
    {"int2", 21},     {"int4", 23},         {"text", 25},          {"oid", 26},        {"json", 114},    {"xml", 142},
    {"point", 600},   {"float4", 700},      {"float8", 701},       {"unknown", 705},   {"inet", 869},    {"money", 790},
    {"bpchar", 1042}, {"varchar", 1043},    {"date", 1082},        {"time", 1083},     {"int4[]", 1007}, {"text[]", 1009},
    {"timestamp", 1114}, {"timestamptz", 1184}, {"interval", 1186}, {"timetz", 1266},  {"bit", 1560},    {"varbit", 1562},
    {"numeric", 1700}, {"uuid", 2950},      {"jsonb", 3802},       {"int4range", 3904}, {"user", 99999},
};

#define C(x) {#x, SQL_C_##x}
static const struct name c_types[] = {
    C(CHAR), C(WCHAR), C(BINARY), C(BIT), C(TINYINT), C(STINYINT), C(UTINYINT), C(SHORT), C(SSHORT), C(USHORT), C(LONG),
    C(SLONG), C(ULONG), C(SBIGINT), C(UBIGINT), C(FLOAT), C(DOUBLE), C(NUMERIC), C(GUID), C(DEFAULT),
    {"DATE", SQL_C_TYPE_DATE}, {"TIME", SQL_C_TYPE_TIME}, {"TIMESTAMP", SQL_C_TYPE_TIMESTAMP},
    {"DATE2", SQL_C_DATE}, {"TIME2", SQL_C_TIME}, {"TIMESTAMP2", SQL_C_TIMESTAMP},
    C(INTERVAL_YEAR), C(INTERVAL_MONTH), C(INTERVAL_YEAR_TO_MONTH), C(INTERVAL_DAY), C(INTERVAL_HOUR), C(INTERVAL_MINUTE),
    C(INTERVAL_SECOND), C(INTERVAL_DAY_TO_HOUR), C(INTERVAL_DAY_TO_MINUTE), C(INTERVAL_DAY_TO_SECOND),
    C(INTERVAL_HOUR_TO_MINUTE), C(INTERVAL_HOUR_TO_SECOND), C(INTERVAL_MINUTE_TO_SECOND), {"1234", 1234},
};
#undef C

#define S(x) {#x, SQL_##x}
static const struct name sql_types[] = {
    S(CHAR), S(VARCHAR), S(LONGVARCHAR), S(WCHAR), S(WVARCHAR), S(WLONGVARCHAR), S(DECIMAL), S(NUMERIC), S(BIT), S(TINYINT),
    S(SMALLINT), S(INTEGER), S(BIGINT), S(REAL), S(FLOAT), S(DOUBLE), S(BINARY), S(VARBINARY), S(LONGVARBINARY), S(GUID),
    {"DATE", SQL_TYPE_DATE}, {"TIME", SQL_TYPE_TIME}, {"TIMESTAMP", SQL_TYPE_TIMESTAMP},
    {"DATE2", SQL_DATE}, {"TIME2", SQL_TIME}, {"TIMESTAMP2", SQL_TIMESTAMP},
    S(INTERVAL_YEAR), S(INTERVAL_MONTH), S(INTERVAL_YEAR_TO_MONTH), S(INTERVAL_DAY), S(INTERVAL_HOUR), S(INTERVAL_MINUTE),
    S(INTERVAL_SECOND), S(INTERVAL_DAY_TO_HOUR), S(INTERVAL_DAY_TO_MINUTE), S(INTERVAL_DAY_TO_SECOND),
    S(INTERVAL_HOUR_TO_MINUTE), S(INTERVAL_HOUR_TO_SECOND), S(INTERVAL_MINUTE_TO_SECOND), {"1234", 1234},
};
#undef S

static const char *where; /* file and line of the case at hand */

static void broken(const char *what, const char *text)
{
    fprintf(stderr, "%s: malformed case: %s: %s\n", where, what, text);
    exit(2);
}

static long find_name(const struct name *names, size_t n, const char *text, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i].name, text) == 0) {
            return names[i].value;
        }
    }
    broken(what, text);
    return 0;
}

/* ------------------------------------------------------------------ reading cases */

#define FIELDS 9
#define MAX_BYTES 4096

struct input {
    unsigned char bytes[MAX_BYTES];
    size_t size;
    SQLLEN length;
    bool null;
};

struct test_case {
    char where[64];
    char type[32];
    struct aldb_put_spec spec;
    struct input in;
    char state[6];
    bool binary;
    unsigned char value[MAX_BYTES];
    size_t value_len;
    bool has_back;
    char back[MAX_BYTES];
};

static char *trim(char *s)
{
    while (*s == ' ' || *s == '\t') {
        s++;
    }
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1])) {
        *--end = '\0';
    }
    return s;
}

/* At '|' outside of double quotes. */
static int split(char *line, char *fields[FIELDS])
{
    int n = 0;
    bool quoted = false;
    char *start = line;
    for (char *p = line;; p++) {
        if (*p == '\\' && quoted && p[1] != '\0') {
            p++;
            continue;
        }
        quoted ^= *p == '"';
        if (*p == '\0' || (*p == '|' && !quoted)) {
            bool last = *p == '\0';
            if (n == FIELDS) {
                broken("too many fields", start);
            }
            *p = '\0';
            fields[n++] = trim(start);
            start = p + 1;
            if (last) {
                return n;
            }
        }
    }
}

static unsigned hex_digits(const char *s, int n)
{
    unsigned v = 0;
    for (int i = 0; i < n; i++) {
        if (!isxdigit((unsigned char)s[i])) {
            broken("hex", s);
        }
        v = v * 16 + (unsigned)(isdigit((unsigned char)s[i]) ? s[i] - '0' : tolower((unsigned char)s[i]) - 'a' + 10);
    }
    return v;
}

/* Returns the byte behind the last digit. */
static const char *read_hex(const char *s, unsigned char *out, size_t *len)
{
    *len = 0;
    for (; isxdigit((unsigned char)*s); s += 2) {
        out[(*len)++] = (unsigned char)hex_digits(s, 2);
    }
    return s;
}

static size_t put_unit(unsigned char *out, size_t at, unsigned unit)
{
    uint16_t u = (uint16_t)unit;
    memcpy(out + at, &u, sizeof u);
    return at + sizeof u;
}

/* "…": bytes, or UTF-16 units when wide (the file is UTF-8). */
static const char *read_quoted(const char *s, bool wide, unsigned char *out, size_t *len)
{
    size_t n = 0;
    for (s++; *s != '"'; s++) {
        unsigned c = (unsigned char)*s;
        if (c == '\0') {
            broken("unterminated string", s);
        }
        if (c == '\\') {
            s++;
            if (*s == 'u' && wide) {
                n = put_unit(out, n, hex_digits(s + 1, 4));
                s += 4;
                continue;
            }
            if (*s == 'x') {
                c = hex_digits(s + 1, 2);
                s += 2;
            } else {
                c = *s == '0' ? 0 : *s == 'n' ? '\n' : *s == 't' ? '\t' : (unsigned char)*s;
            }
        } else if (c >= 0x80 && wide) {
            int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
            unsigned cp = c & (0x3fu >> more);
            for (int i = 0; i < more; i++) {
                cp = cp << 6 | ((unsigned char)*++s & 0x3fu);
            }
            if (cp >= 0x10000) {
                n = put_unit(out, n, 0xd800 + ((cp - 0x10000) >> 10));
                n = put_unit(out, n, 0xdc00 + ((cp - 0x10000) & 0x3ff));
            } else {
                n = put_unit(out, n, cp);
            }
            continue;
        }
        if (wide) {
            n = put_unit(out, n, c);
        } else {
            out[n++] = (unsigned char)c;
        }
    }
    *len = n;
    return s + 1;
}

/* Comma-separated numbers. */
static const char *read_numbers(const char *s, long long *v, int n)
{
    for (int i = 0; i < n; i++) {
        char *end;
        v[i] = strtoll(s, &end, 10);
        if (end == s || (i + 1 < n && *end != ',')) {
            broken("numbers", s);
        }
        s = i + 1 < n ? end + 1 : end;
    }
    return s;
}

static void set_input(struct input *in, const void *data, size_t size)
{
    memcpy(in->bytes, data, size);
    in->size = size;
}

#define SET(in, type, ...)                                                                                              \
    do {                                                                                                                \
        type v_ = __VA_ARGS__;                                                                                          \
        set_input((in), &v_, sizeof v_);                                                                                \
    } while (0)

static const char *read_numeric(const char *s, struct input *in)
{
    long long v[3];
    s = read_numbers(s, v, 3);
    if (*s != ',') {
        broken("numeric", s);
    }
    unsigned __int128 digits = 0;
    for (s++; isdigit((unsigned char)*s); s++) {
        digits = digits * 10 + (unsigned)(*s - '0');
    }
    SQL_NUMERIC_STRUCT n = {.precision = (SQLCHAR)v[0], .scale = (SQLSCHAR)v[1], .sign = (SQLCHAR)v[2]};
    memcpy(n.val, &digits, sizeof n.val);
    set_input(in, &n, sizeof n);
    return s;
}

static const char *read_interval(const char *s, SQLSMALLINT c_type, struct input *in)
{
    long long v[6];
    SQL_INTERVAL_STRUCT iv;
    memset(&iv, 0, sizeof iv);
    iv.interval_type = (SQLINTERVAL)(c_type - 100);
    if (c_type == SQL_C_INTERVAL_YEAR || c_type == SQL_C_INTERVAL_MONTH || c_type == SQL_C_INTERVAL_YEAR_TO_MONTH) {
        s = read_numbers(s, v, 3);
        iv.intval.year_month.year = (SQLUINTEGER)v[1];
        iv.intval.year_month.month = (SQLUINTEGER)v[2];
    } else {
        s = read_numbers(s, v, 6);
        iv.intval.day_second.day = (SQLUINTEGER)v[1];
        iv.intval.day_second.hour = (SQLUINTEGER)v[2];
        iv.intval.day_second.minute = (SQLUINTEGER)v[3];
        iv.intval.day_second.second = (SQLUINTEGER)v[4];
        iv.intval.day_second.fraction = (SQLUINTEGER)v[5];
    }
    iv.interval_sign = (SQLSMALLINT)v[0];
    set_input(in, &iv, sizeof iv);
    return s;
}

static const char *read_guid(const char *s, struct input *in)
{
    unsigned char b[16];
    size_t n = 0;
    const char *p = s;
    for (; n < 16 && *p; p++) {
        if (*p != '-') {
            b[n++] = (unsigned char)hex_digits(p++, 2);
        }
    }
    SQLGUID g = {.Data1 = (unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | b[3],
                 .Data2 = (unsigned short)(b[4] << 8 | b[5]),
                 .Data3 = (unsigned short)(b[6] << 8 | b[7])};
    memcpy(g.Data4, b + 8, 8);
    set_input(in, &g, sizeof g);
    return p;
}

static const char *read_fixed(const char *s, SQLSMALLINT c_type, struct input *in)
{
    long long v[7];
    char *end;
    switch (c_type) {
    case SQL_C_FLOAT:
        SET(in, float, strtof(s, &end));
        return end;
    case SQL_C_DOUBLE:
        SET(in, double, strtod(s, &end));
        return end;
    case SQL_C_UBIGINT:
        SET(in, uint64_t, strtoull(s, &end, 10));
        return end;
    case SQL_C_NUMERIC:
        return read_numeric(s, in);
    case SQL_C_GUID:
        return read_guid(s, in);
    case SQL_C_TYPE_DATE:
    case SQL_C_DATE:
        s = read_numbers(s, v, 3);
        SET(in, SQL_DATE_STRUCT, {(SQLSMALLINT)v[0], (SQLUSMALLINT)v[1], (SQLUSMALLINT)v[2]});
        return s;
    case SQL_C_TYPE_TIME:
    case SQL_C_TIME:
        s = read_numbers(s, v, 3);
        SET(in, SQL_TIME_STRUCT, {(SQLUSMALLINT)v[0], (SQLUSMALLINT)v[1], (SQLUSMALLINT)v[2]});
        return s;
    case SQL_C_TYPE_TIMESTAMP:
    case SQL_C_TIMESTAMP:
        s = read_numbers(s, v, 7);
        SET(in, SQL_TIMESTAMP_STRUCT, {(SQLSMALLINT)v[0], (SQLUSMALLINT)v[1], (SQLUSMALLINT)v[2], (SQLUSMALLINT)v[3],
                                       (SQLUSMALLINT)v[4], (SQLUSMALLINT)v[5], (SQLUINTEGER)v[6]});
        return s;
    default:
        break;
    }
    if (aldb_c_type_size(c_type) == (SQLLEN)sizeof(SQL_INTERVAL_STRUCT)) {
        return read_interval(s, c_type, in);
    }
    s = read_numbers(s, v, 1);
    set_input(in, v, (size_t)aldb_c_type_size(c_type)); /* little-endian: the low bytes come first */
    return s;
}

static void read_input(char *text, struct test_case *c)
{
    const char *s = text;
    SQLSMALLINT c_type = c->spec.c_type == SQL_C_DEFAULT ? aldb_type_default_c(c->spec.sql_type) : c->spec.c_type;
    size_t terminator = 0;
    if (strncmp(s, "h:", 2) == 0) {
        s = read_hex(s + 2, c->in.bytes, &c->in.size);
    } else if (*s == '"') {
        bool wide = c_type == SQL_C_WCHAR;
        s = read_quoted(s, wide, c->in.bytes, &c->in.size);
        terminator = wide ? 2 : 1;
    } else if (*s != '-' || (s[1] != '\0' && s[1] != ' ')) { /* a lone "-": no input */
        s = read_fixed(s, c_type, &c->in);
    } else {
        s++;
    }
    c->in.length = (SQLLEN)c->in.size;
    char *rest = text + (s - text);
    for (char *word = strtok(rest, " "); word; word = strtok(NULL, " ")) {
        if (strcmp(word, "nts") == 0) {
            c->in.length = SQL_NTS;
            memset(c->in.bytes + c->in.size, 0, terminator);
            c->in.size += terminator;
        } else if (strncmp(word, "len=", 4) == 0) {
            c->in.length = strtol(word + 4, NULL, 10);
        } else if (strncmp(word, "apd=", 4) == 0) {
            long long v[2];
            read_numbers(word + 4, v, 2);
            c->spec.apd_precision = (SQLSMALLINT)v[0];
            c->spec.apd_scale = (SQLSMALLINT)v[1];
            c->spec.apd_numeric_set = true;
        } else if (strcmp(word, "null") == 0) {
            c->in.null = true;
        } else if (strcmp(word, "utc") == 0) {
            c->spec.utc = true;
        } else {
            broken("input", word);
        }
    }
}

static void read_case(char *line, struct test_case *c)
{
    char *f[FIELDS];
    int n = split(line, f);
    if (n < 8) {
        broken("too few fields", line);
    }
    snprintf(c->type, sizeof c->type, "%s", f[0]);
    c->spec.oid = (uint32_t)find_name(oids, ALDB_COUNT(oids), f[0], "server type");
    c->spec.c_type = (SQLSMALLINT)find_name(c_types, ALDB_COUNT(c_types), f[1], "C type");
    c->spec.sql_type = (SQLSMALLINT)find_name(sql_types, ALDB_COUNT(sql_types), f[2], "SQL type");
    c->spec.column_size = strtoul(f[3], NULL, 10);
    c->spec.decimal_digits = (SQLSMALLINT)strtol(f[4], NULL, 10);
    read_input(f[5], c);
    snprintf(c->state, sizeof c->state, "%s", f[6]);
    if (strncmp(f[7], "b:", 2) == 0) {
        c->binary = true;
        read_hex(f[7] + 2, c->value, &c->value_len);
    } else if (strncmp(f[7], "t:\"", 3) == 0) {
        read_quoted(f[7] + 2, false, c->value, &c->value_len);
    } else if (strcmp(f[7], "-") != 0 || strcmp(c->state, "ok") == 0) {
        broken("expected value", f[7]);
    }
    if (n == FIELDS && f[8][0] != '\0') {
        c->has_back = true;
        snprintf(c->back, sizeof c->back, "%s", f[8]);
    }
}

/* Calls `each` for every case of every file put_*.cases except the matrix. */
static size_t each_case(void (*each)(const struct test_case *c))
{
    struct dirent **files;
    int n = scandir(ALDB_TEST_DIR "/conv", &files, NULL, alphasort);
    size_t count = 0;
    for (int i = 0; i < n; i++) {
        char path[512], line[MAX_BYTES], at[64];
        const char *name = files[i]->d_name;
        size_t len = strlen(name);
        if (strncmp(name, "put_", 4) == 0 && len > 6 && strcmp(name + len - 6, ".cases") == 0 && strcmp(name, "put_matrix.cases") != 0) {
            snprintf(path, sizeof path, ALDB_TEST_DIR "/conv/%s", name);
            FILE *f = fopen(path, "r");
            for (int number = 1; f && fgets(line, sizeof line, f); number++) {
                snprintf(at, sizeof at, "%.40s:%d", name, number);
                where = at;
                char *text = trim(line);
                if (*text == '\0' || *text == '#') {
                    continue;
                }
                struct test_case c;
                memset(&c, 0, sizeof c);
                memcpy(c.where, at, sizeof c.where);
                read_case(text, &c);
                each(&c);
                count++;
            }
            if (f) {
                fclose(f);
            }
        }
        free(files[i]);
    }
    if (n >= 0) {
        free(files);
    }
    return count;
}

/* ------------------------------------------------------------------ running cases */

#define PREFIX "before"

static bool same_state(enum aldb_state st, const char *wanted)
{
    return strcmp(st == ALDB_ST_NONE ? "ok" : aldb_state_code(st), wanted) == 0;
}

/* The value goes in at an odd address of a block that ends with it, so that every stray read is seen. */
static enum aldb_state convert(const struct aldb_put *p, const struct test_case *c, struct aldb_buf *out)
{
    unsigned char *block = malloc(c->in.size + 1);
    memcpy(block + 1, c->in.bytes, c->in.size);
    struct aldb_input in = {c->in.null ? NULL : block + 1, c->in.length};
    enum aldb_state st = aldb_put_value(p, &in, out);
    free(block);
    return st;
}

static void check_case(const struct test_case *c)
{
    struct aldb_put p;
    struct aldb_buf out;
    aldb_buf_init(&out, ALDB_MAX_VALUE);
    aldb_buf_add_str(&out, PREFIX);
    enum aldb_state st = aldb_put_resolve(&p, &c->spec);
    if (st == ALDB_ST_NONE) {
        st = convert(&p, c, &out);
    }
    size_t len = out.len - strlen(PREFIX);
    bool ok = same_state(st, c->state) && memcmp(out.data, PREFIX, strlen(PREFIX)) == 0;
    if (ok && st == ALDB_ST_NONE) {
        ok = p.binary == c->binary && len == c->value_len && memcmp(out.data + strlen(PREFIX), c->value, len) == 0;
    } else if (ok) {
        ok = len == 0;
    }
    CU_ASSERT_TRUE(ok);
    if (!ok) {
        fprintf(stderr, "\n%s: got %s, ", c->where, st == ALDB_ST_NONE ? (p.binary ? "binary" : "text") : aldb_state_code(st));
        for (size_t i = 0; i < len; i++) {
            fprintf(stderr, "%02x", (unsigned char)out.data[strlen(PREFIX) + i]);
        }
        fprintf(stderr, " \"%.*s\"\n", (int)len, out.data + strlen(PREFIX));
    }
    aldb_buf_clear(&out);
}

static void test_cases(void)
{
    size_t n = each_case(check_case);
    printf("%zu cases ", n);
    CU_ASSERT_TRUE(n > 300);
}

/* Memory that runs out anywhere is HY001, with the output as before; nothing leaks (the sanitizer watches). */
static void starve_case(const struct test_case *c)
{
    struct aldb_put p;
    if (strcmp(c->state, "ok") != 0 || aldb_put_resolve(&p, &c->spec) != ALDB_ST_NONE) {
        return;
    }
    for (int after = 0; after < 20; after++) {
        struct aldb_buf out;
        aldb_buf_init(&out, ALDB_MAX_VALUE);
        aldb_alloc_fail_after(after);
        enum aldb_state st = convert(&p, c, &out);
        aldb_alloc_fail_after(-1);
        CU_ASSERT_TRUE(st == ALDB_ST_NONE || (st == ALDB_ST_HY001 && out.len == 0));
        aldb_buf_clear(&out);
        if (st == ALDB_ST_NONE) {
            return;
        }
    }
    CU_FAIL("never enough memory");
}

static void test_no_memory(void)
{
    each_case(starve_case);
}

/* ------------------------------------------------------------------ the matrix C type x SQL type */

static long matrix_c[ALDB_COUNT(c_types)];
static size_t matrix_columns;

/* First line: SQL followed by C types; then an SQL type and a + or . for each of them. */
static void matrix_line(char *line, size_t *pairs)
{
    char *word = strtok(line, " \t\n");
    if (strcmp(word, "SQL") == 0) {
        matrix_columns = 0;
        while ((word = strtok(NULL, " \t\n"))) {
            matrix_c[matrix_columns++] = find_name(c_types, ALDB_COUNT(c_types), word, "C type");
        }
        return;
    }
    char sql_name[40];
    snprintf(sql_name, sizeof sql_name, "%s", word);
    SQLSMALLINT sql = (SQLSMALLINT)find_name(sql_types, ALDB_COUNT(sql_types), word, "SQL type");
    for (size_t i = 0; i < matrix_columns; i++, ++*pairs) {
        word = strtok(NULL, " \t\n");
        if (word == NULL) {
            broken("short line", sql_name);
        }
        struct aldb_put p;
        struct aldb_put_spec spec = {.c_type = (SQLSMALLINT)matrix_c[i], .sql_type = sql};
        enum aldb_state st = aldb_put_resolve(&p, &spec);
        bool ok = same_state(st, *word == '+' ? "ok" : "07006");
        CU_ASSERT_TRUE(ok);
        if (!ok) {
            fprintf(stderr, "\n%s: %s from C type %ld: %s\n", where, sql_name, matrix_c[i], aldb_state_code(st));
        }
    }
}

static void test_matrix(void)
{
    char line[512], at[64];
    size_t pairs = 0;
    FILE *f = fopen(ALDB_TEST_DIR "/conv/put_matrix.cases", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (int number = 1; fgets(line, sizeof line, f); number++) {
        snprintf(at, sizeof at, "put_matrix.cases:%d", number);
        where = at;
        char *text = trim(line);
        if (*text != '\0' && *text != '#') {
            matrix_line(text, &pairs);
        }
    }
    fclose(f);
    printf("%zu pairs ", pairs);
    CU_ASSERT_TRUE(pairs > 500);
}

/* Nothing but the declared states comes out of resolving, whatever the codes are. */
static void test_unknown_types(void)
{
    struct aldb_put p;
    for (int c = -200; c <= 200; c++) {
        for (int sql = -200; sql <= 200; sql += 7) {
            struct aldb_put_spec spec = {.c_type = (SQLSMALLINT)c, .sql_type = (SQLSMALLINT)sql, .oid = 23};
            enum aldb_state st = aldb_put_resolve(&p, &spec);
            bool sql_ok = aldb_sql_type_valid((SQLSMALLINT)sql);
            bool c_ok = c == SQL_C_DEFAULT || aldb_c_type_valid((SQLSMALLINT)c);
            if (!sql_ok) {
                CU_ASSERT_EQUAL(st, ALDB_ST_HY004);
            } else if (!c_ok) {
                CU_ASSERT_EQUAL(st, ALDB_ST_HY003);
            } else {
                CU_ASSERT_TRUE(st == ALDB_ST_NONE || st == ALDB_ST_07006);
            }
        }
    }
}

/* ------------------------------------------------------------------ short road = long road */

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static enum aldb_state long_road(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    struct aldb_datum v;
    aldb_buf_init(&v.scratch, ALDB_MAX_VALUE);
    enum aldb_state st = aldb_put_read(p, in, &v);
    if (st == ALDB_ST_NONE) {
        st = aldb_put_shape(p, &v);
    }
    if (st == ALDB_ST_NONE) {
        st = p->form->write(p, &v, out);
    }
    aldb_buf_clear(&v.scratch);
    return st;
}

static void fill(const struct aldb_put *p, unsigned char *data, size_t size, int round)
{
    for (size_t i = 0; i < size; i++) {
        data[i] = (unsigned char)(next_random() >> 32);
    }
    if (p->c_type == SQL_C_BIT) {
        data[0] &= 3;
    }
    if ((p->c_type == SQL_C_CHAR || p->c_type == SQL_C_WCHAR) && round % 2 == 0) {
        for (size_t i = 0; i < size; i++) {
            data[i] = p->c_type == SQL_C_WCHAR && i % 2 ? 0 : (unsigned char)(data[i] % 95 + 32);
        }
    }
    if ((p->c_type == SQL_C_TYPE_DATE || p->c_type == SQL_C_TYPE_TIMESTAMP) && round % 4 != 0) {
        SQL_TIMESTAMP_STRUCT t = {(SQLSMALLINT)(next_random() % 3000), (SQLUSMALLINT)(next_random() % 14),
                                  (SQLUSMALLINT)(next_random() % 33), (SQLUSMALLINT)(next_random() % 25),
                                  (SQLUSMALLINT)(next_random() % 61), (SQLUSMALLINT)(next_random() % 61),
                                  (SQLUINTEGER)(next_random() % 1000000100)};
        memcpy(data, &t, size < sizeof t ? size : sizeof t);
    }
}

static void test_short_roads(void)
{
    size_t roads = 0;
    for (size_t o = 0; o < ALDB_COUNT(oids); o++) {
        for (size_t c = 0; c < ALDB_COUNT(c_types); c++) {
            for (size_t s = 0; s < ALDB_COUNT(sql_types); s++) {
                struct aldb_put p;
                struct aldb_put_spec spec = {.oid = (uint32_t)oids[o].value,
                                             .c_type = (SQLSMALLINT)c_types[c].value,
                                             .sql_type = (SQLSMALLINT)sql_types[s].value};
                if (aldb_put_resolve(&p, &spec) != ALDB_ST_NONE || aldb_put_fast_find(&p) == NULL) {
                    continue;
                }
                roads++;
                for (int round = 0; round < 40; round++) {
                    unsigned char data[16];
                    struct aldb_buf one, two;
                    aldb_buf_init(&one, 1024);
                    aldb_buf_init(&two, 1024);
                    fill(&p, data, sizeof data, round);
                    struct aldb_input in = {data, round % 20};
                    enum aldb_state a = (round % 20 > 16 ? ALDB_ST_NONE : aldb_put_value(&p, &in, &one));
                    enum aldb_state b = (round % 20 > 16 ? ALDB_ST_NONE : long_road(&p, &in, &two));
                    CU_ASSERT_EQUAL(a, b);
                    CU_ASSERT_TRUE(one.len == two.len && memcmp(aldb_buf_cstr(&one), aldb_buf_cstr(&two), one.len) == 0);
                    aldb_buf_clear(&one);
                    aldb_buf_clear(&two);
                }
            }
        }
    }
    CU_ASSERT_TRUE(roads > 100);
}

/* ------------------------------------------------------------------ what depends on the clock */

/* SQL_C_TYPE_TIME becomes a timestamp of today. Around midnight either day will do. */
static void test_time_of_today(void)
{
    struct aldb_put p;
    SQL_TIME_STRUCT t = {13, 14, 15};
    struct aldb_input in = {&t, 0};
    struct aldb_datetime before = {.parts = ALDB_HAS_DATE}, got;
    struct aldb_buf out;
    aldb_buf_init(&out, 100);

    static const SQLSMALLINT sql[] = {SQL_TYPE_TIMESTAMP, SQL_TYPE_TIME};
    for (size_t i = 0; i < ALDB_COUNT(sql); i++) {
        struct aldb_put_spec spec = {.oid = ALDB_OID_TIMESTAMP, .c_type = SQL_C_TYPE_TIME, .sql_type = sql[i]};
        CU_ASSERT_EQUAL_FATAL(aldb_put_resolve(&p, &spec), ALDB_ST_NONE);
        aldb_buf_reset(&out);
        aldb_today(&before.year, &before.month, &before.day);
        CU_ASSERT_EQUAL(aldb_put_value(&p, &in, &out), ALDB_ST_NONE);
        CU_ASSERT_TRUE_FATAL(p.binary && aldb_timestamp_decode(out.data, out.len, &got));
        int32_t days = aldb_julian_day(got.year, got.month, got.day) - aldb_julian_day(before.year, before.month, before.day);
        CU_ASSERT_TRUE(days == 0 || days == 1);
        CU_ASSERT_TRUE(got.hour == 13 && got.minute == 14 && got.second == 15 && got.fraction == 0);

        spec.oid = ALDB_OID_TIMESTAMPTZ;
        CU_ASSERT_EQUAL_FATAL(aldb_put_resolve(&p, &spec), ALDB_ST_NONE);
        aldb_buf_reset(&out);
        CU_ASSERT_EQUAL(aldb_put_value(&p, &in, &out), ALDB_ST_NONE);
        CU_ASSERT_TRUE_FATAL(!p.binary && aldb_datetime_parse(aldb_buf_slice(&out), &got));
        CU_ASSERT_TRUE(got.parts == (ALDB_HAS_DATE | ALDB_HAS_TIME) && got.hour == 13 && got.second == 15);
    }
    aldb_buf_clear(&out);
}

/* ------------------------------------------------------------------ a real server */

static PGconn *server;

static void command(const char *sql)
{
    PGresult *r = PQexec(server, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK) {
        fprintf(stderr, "\n%s: %s", sql, PQerrorMessage(server));
        CU_FAIL("server");
    }
    PQclear(r);
}

static void store_case(const struct test_case *c)
{
    struct aldb_put p;
    if (!c->has_back || aldb_put_resolve(&p, &c->spec) != ALDB_ST_NONE) {
        return;
    }
    struct aldb_buf out;
    aldb_buf_init(&out, ALDB_MAX_VALUE);
    CU_ASSERT_EQUAL(convert(&p, c, &out), ALDB_ST_NONE);

    char sql[200];
    const char *type = strcmp(c->type, "char") == 0 ? "\"char\"" : c->type;
    snprintf(sql, sizeof sql, "drop table if exists put; create temp table put (v %s)", type);
    command(sql);
    command("set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard'; set timezone = 'Europe/Berlin'");
    const char *value = aldb_buf_cstr(&out);
    int length = (int)out.len, format = p.binary;
    PGresult *r = PQexecParams(server, "insert into put values ($1)", 1, &c->spec.oid, &value, &length, &format, 0);
    const char *got = PQresultErrorMessage(r);
    PGresult *back = NULL;
    if (PQresultStatus(r) == PGRES_COMMAND_OK) {
        command("set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'");
        back = PQexec(server, "select v::text from put");
        got = PQntuples(back) == 1 ? PQgetvalue(back, 0, 0) : PQresultErrorMessage(back);
    }
    bool same = strcmp(got, c->back) == 0;
    CU_ASSERT_TRUE(same);
    if (!same) {
        fprintf(stderr, "\n%s: the server has %s, not %s\n", c->where, got, c->back);
    }
    PQclear(r);
    PQclear(back);
    aldb_buf_clear(&out);
}

static void test_server(void)
{
    const char *conninfo = getenv("ALDB_TEST_CONNINFO");
    if (conninfo == NULL) {
        printf("skipped: ALDB_TEST_CONNINFO is not set ");
        return;
    }
    server = PQconnectdb(conninfo);
    CU_ASSERT_EQUAL_FATAL(PQstatus(server), CONNECTION_OK);
    command("set client_min_messages = error");
    each_case(store_case);
    PQfinish(server);
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite("parameters", NULL, NULL);
    CU_add_test(suite, "conversion cases", test_cases);
    CU_add_test(suite, "matrix of C and SQL types", test_matrix);
    CU_add_test(suite, "unknown type codes", test_unknown_types);
    CU_add_test(suite, "short roads equal the long one", test_short_roads);
    CU_add_test(suite, "times become timestamps of today", test_time_of_today);
    CU_add_test(suite, "no memory", test_no_memory);
    CU_add_test(suite, "a server reads the values", test_server);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    return failures != 0;
}
