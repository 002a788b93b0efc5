/* SPDX-License-Identifier: Apache-2.0 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "config/internal.h"
#include "log/log.h"

/* ------------------------------------------------------------------ helpers */

static char folder[] = "/tmp/test_config.XXXXXX";
static struct aldb_diag diag;

static struct aldb_slice S(const char *s) {
    return aldb_slice_of(s);
}

/* State of the n-th record, "" when there is none. */
static const char *
state(size_t n)
{
    const struct aldb_diag_record *r = aldb_diag_get(&diag, n);
    return r != NULL ? r->state : "";
}

static const char *message(size_t n)
{
    const struct aldb_diag_record *r = aldb_diag_get(&diag, n);
    return r != NULL ? aldb_diag_message(r) : "";
}

static bool says(const char *part)
{
    for (size_t i = 1; i <= aldb_diag_count(&diag); i++) {
        if (strstr(message(i), part) != NULL) {
            return true;
        }
    }
    return false;
}

static void fresh(void)
{
    aldb_diag_clear(&diag);
    aldb_diag_init(&diag);
}

/* "key=value|key=value" of the pairs, for comparing. */
static const char *joined(const struct aldb_pairs *p)
{
    static char text[4096];
    text[0] = '\0';
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%s", i > 0 ? "|" : "", p->at[i].key,
                              p->at[i].value);
    }
    return text;
}

static const char *file(const char *name, const char *content)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(content, f);
    fclose(f);
    return path;
}

/* Resolves a connection string, with or without a DSN argument. */
static enum aldb_rc resolve_with(const char *connstr, const char *dsn, struct aldb_options *o)
{
    struct aldb_pairs p = {0};
    fresh();
    aldb_options_init(o);
    enum aldb_rc rc = aldb_connstr_split(S(connstr), &p, &diag);
    if (rc != ALDB_ERR) {
        rc = aldb_options_resolve(o, &p, dsn, &diag);
    }
    aldb_pairs_clear(&p);
    return rc;
}

static enum aldb_rc resolve(const char *connstr, struct aldb_options *o)
{
    char full[4096];
    snprintf(full, sizeof full, "Driver=AlloyDB;%s", connstr);
    return resolve_with(full, NULL, o);
}

/* The connection string is refused with HY024 and a text that has `part` in it. */
static void refused(const char *connstr, const char *part)
{
    struct aldb_options o;
    enum aldb_rc rc = resolve(connstr, &o);
    if (rc != ALDB_ERR || strcmp(state(1), "HY024") != 0 || !says(part)) {
        fprintf(stderr, "\n%s: rc %d, %s %s\n", connstr, rc, state(1), message(1));
    }
    CU_ASSERT_EQUAL(rc, ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY024");
    CU_ASSERT_TRUE(says(part));
    aldb_options_clear(&o);
}

/* Server and Port become these. */
static void target(const char *connstr, const char *host, const char *port)
{
    struct aldb_options o;
    enum aldb_rc rc = resolve(connstr, &o);
    const char *h = o.Server != NULL ? o.Server : "-";
    const char *p = o.Port != NULL ? o.Port : "-";
    if (rc != ALDB_OK || strcmp(h, host) != 0 || strcmp(p, port) != 0) {
        fprintf(stderr, "\n%s: rc %d, host %s port %s %s\n", connstr, rc, h, p, message(1));
    }
    CU_ASSERT_EQUAL(rc, ALDB_OK);
    CU_ASSERT_STRING_EQUAL(h, host);
    CU_ASSERT_STRING_EQUAL(p, port);
    aldb_options_clear(&o);
}

/* ------------------------------------------------------------------ the table */

static void test_spellings(void)
{
    size_t count;
    const struct aldb_spelling *all = aldb_spelling_all(&count);
    CU_ASSERT_TRUE(count > 300);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(all[i - 1].folded, all[i].folded) >= 0) {
            fprintf(stderr, "\ncollision: %s %s\n", all[i - 1].name, all[i].name);
        }
        CU_ASSERT_TRUE(strcmp(all[i - 1].folded, all[i].folded) < 0);
    }
    /* Every name and alias of the table is in the index and leads to its row. */
    size_t names = 0;
    for (int kw = 0; kw < ALDB_KW_COUNT; kw++) {
        const struct aldb_keyword_info *info = aldb_keyword_info((enum aldb_keyword)kw);
        CU_ASSERT_EQUAL(aldb_keyword_find(S(info->name)), kw);
        names++;
        char aliases[1024];
        CU_ASSERT_TRUE(aldb_copy(aliases, sizeof aliases, S(info->aliases)));
        char *save = NULL;
        for (char *a = strtok_r(aliases, " ", &save); a != NULL; a = strtok_r(NULL, " ", &save)) {
            CU_ASSERT_EQUAL(aldb_keyword_find(S(a)), kw);
            names++;
        }
        CU_ASSERT_TRUE(info->help[0] != '\0' && info->group[0] != '\0');
    }
    CU_ASSERT_EQUAL(names, count);
}

static void test_defaults_parse(void)
{
    struct aldb_options o;
    aldb_options_init(&o);
    for (int i = 0; i < ALDB_KW_COUNT; i++) {
        enum aldb_keyword kw = (enum aldb_keyword)i;
        const struct aldb_keyword_info *info = aldb_keyword_info(kw);
        CU_ASSERT_EQUAL(o.origin[kw], ALDB_FROM_DEFAULT);
        if (info->type == ALDB_VT_IGNORED || info->type == ALDB_VT_STRING ||
            info->type == ALDB_VT_SECRET) {
            continue;
        }
        if (info->type == ALDB_VT_ENUM || info->type == ALDB_VT_BOOL) {
            CU_ASSERT_PTR_NOT_NULL(info->fallback);
        }
        if (info->fallback != NULL) {
            struct aldb_options p;
            aldb_options_init(&p);
            fresh();
            CU_ASSERT_EQUAL(
                aldb_options_set(&p, S(info->name), S(info->fallback), ALDB_FROM_STRING, &diag),
                ALDB_OK);
            CU_ASSERT_EQUAL(aldb_option_number(&p, kw), aldb_option_number(&o, kw));
            aldb_options_clear(&p);
        }
    }
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_PREFER);
    CU_ASSERT_EQUAL(o.LoginTimeout, 30);
    CU_ASSERT_EQUAL(o.MaxBufferMemory, 64);
    CU_ASSERT_EQUAL(o.MaxSpoolSize, 0);
    CU_ASSERT_FALSE(o.BoolsAsChar);
    CU_ASSERT_TRUE(o.UseUnicode);
    CU_ASSERT_EQUAL(o.ErrorRollback, ALDB_ROLLBACK_STATEMENT);
    CU_ASSERT_PTR_NULL(o.DbmsName);
    aldb_options_clear(&o);
}

/* Written under the keyword's own name and in its own words, the value is the same. */
static void check_formatted(const struct aldb_options *o, enum aldb_keyword kw)
{
    struct aldb_options again;
    struct aldb_buf text;
    aldb_options_init(&again);
    aldb_buf_init(&text, ALDB_MAX_NAME);
    aldb_option_format(o, kw, &text);
    CU_ASSERT_TRUE(text.len > 0);
    CU_ASSERT_EQUAL(aldb_options_set(&again, S(aldb_keyword_info(kw)->name), aldb_buf_slice(&text), ALDB_FROM_STRING, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_option_number(&again, kw), aldb_option_number(o, kw));
    aldb_buf_clear(&text);
    aldb_options_clear(&again);
}

/* Every word of every ENUM and of every dialect is accepted and means a value of its keyword. */
static void test_words(void)
{
    size_t count;
    const struct aldb_spelling *all = aldb_spelling_all(&count);
    size_t dialects = 0;
    for (size_t i = 0; i < count; i++) {
        const struct aldb_keyword_info *info = aldb_keyword_info(all[i].keyword);
        const char *lists[] = {info->type == ALDB_VT_ENUM ? info->choices : "",
                               all[i].dialect != NULL ? all[i].dialect : ""};
        dialects += all[i].dialect != NULL;
        for (size_t l = 0; l < 2; l++) {
            struct aldb_slice rest = S(lists[l]);
            struct aldb_slice word;
            struct aldb_slice value;
            while (aldb_words_next(&rest, &word, &value)) {
                struct aldb_options o;
                aldb_options_init(&o);
                fresh();
                struct aldb_slice given = aldb_slice_is(word, "#") ? S("17") : word;
                enum aldb_rc rc =
                    aldb_options_set(&o, S(all[i].name), given, ALDB_FROM_STRING, &diag);
                if (rc != ALDB_OK) {
                    fprintf(stderr, "\n%s=%.*s: %s\n", all[i].name, (int)word.len, word.ptr,
                            message(1));
                }
                CU_ASSERT_EQUAL(rc, ALDB_OK);
                CU_ASSERT_TRUE(aldb_option_given(&o, all[i].keyword));
                check_formatted(&o, all[i].keyword);
                if (l == 0) {
                    int64_t number;
                    CU_ASSERT_TRUE(aldb_parse_i64(value, &number));
                    if (all[i].dialect == NULL) {
                        CU_ASSERT_EQUAL(aldb_option_number(&o, all[i].keyword), number);
                    }
                }
                aldb_options_clear(&o);
            }
        }
    }
#define ALDB_KEYWORD(...)
#define ALDB_DIALECT(name, words) dialects--;
#include "config/keywords.def"
#undef ALDB_KEYWORD
    CU_ASSERT_EQUAL(dialects, 0); /* each ALDB_DIALECT row belongs to a spelling, as written */
}

static void test_folding(void)
{
    static const struct {
        const char *key;
        int keyword;
    } cases[] = {
        {"enable_iam_auth", ALDB_KW_EnableIamAuth},
        {"EnableIamAuth", ALDB_KW_EnableIamAuth},
        {"Enable-IAM-Auth", ALDB_KW_EnableIamAuth},
        {"user id", ALDB_KW_UID},
        {"  U I D ", ALDB_KW_UID},
        {"sslmode", ALDB_KW_SSLMode},
        {"SSL_MODE", ALDB_KW_SSLMode},
        {"servername", ALDB_KW_Server},
        {"Initial Catalog", ALDB_KW_Database},
        {"Trusted_Connection", ALDB_KW_TrustedConnection},
        {"application_name", ALDB_KW_ApplicationName},
        {"target_session_attrs", ALDB_KW_TargetSessionAttrs},
        {"keepalives_idle", ALDB_KW_KeepaliveIdle},
        {"ssl_min_protocol_version", ALDB_KW_SSLMinProtocolVersion},
        {"connect_timeout", ALDB_KW_LoginTimeout},
        {"A0", ALDB_KW_ReadOnly},
        {"b9", ALDB_KW_BoolsAsChar},
        {"CA", ALDB_KW_SSLMode},
        {"BI", ALDB_KW_Int8As},
        {"D9", ALDB_KW_IgnoreTimeout},
        {"CX", ALDB_KW_ShortFlags},
        {"AB", ALDB_KW_ExtraOptions},
        {"DX", ALDB_KW_Database},
        {"D5", ALDB_KW_PqOpt},
        {"pqopt", ALDB_KW_PqOpt},
        {"dbms_name", ALDB_KW_DbmsName},
        {"", -1},
        {"_-", -1},
        {"Servr", -1},
        {"Server.", -1},
        {"a very long key that is longer than every keyword there is or will be", -1},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        CU_ASSERT_EQUAL(aldb_keyword_find(S(cases[i].key)), cases[i].keyword);
    }
    CU_ASSERT_EQUAL(aldb_keyword_find(aldb_slice("UID\0", 4)), -1);
    CU_ASSERT_EQUAL(aldb_keyword_find(S("\xc3\x9cID")), -1);
}

static void test_nearest(void)
{
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Servr")), "Server");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Pasword")), "Password");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("ssl-mod")), "SSLMode");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("EnableIamAuthn")), "EnableIamAuth");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Datbase")), "Database");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Srever")), "Server");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Potr")), "Port");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Prot")), "Port");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Hots")), "Host");
    CU_ASSERT_STRING_EQUAL(aldb_keyword_nearest(S("Sevrer")), "Server");
    CU_ASSERT_PTR_NULL(aldb_keyword_nearest(S("")));
    CU_ASSERT_PTR_NULL(aldb_keyword_nearest(S("Q7")));
    CU_ASSERT_PTR_NULL(aldb_keyword_nearest(S("SomethingElseEntirely")));

    /* Any two neighbours of any name, swapped. */
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        char name[ALDB_SPELLING_MAX + 1];
        CU_ASSERT_TRUE(aldb_copy(name, sizeof name, S(aldb_keyword_info(kw)->name)));
        for (size_t i = 0; name[i + 1] != '\0' && strlen(name) > 3; i++) {
            char c = name[i];
            name[i] = name[i + 1];
            name[i + 1] = c;
            const char *near = aldb_keyword_nearest(S(name));
            CU_ASSERT_TRUE(near != NULL && aldb_keyword_find(S(near)) == (int)kw);
            name[i + 1] = name[i];
            name[i] = c;
        }
    }
}

/* ------------------------------------------------------------------ splitting */

static void test_split_good(void)
{
    static const struct {
        const char *text;
        const char *pairs;
    } cases[] = {
        {"", ""},
        {" ", ""},
        {";", ""},
        {" ; ;; ", ""},
        {"UID=a", "UID=a"},
        {"UID=a;", "UID=a"},
        {"UID=a;;PWD=b;", "UID=a|PWD=b"},
        {" UID = a b ; PWD = c ", "UID=a b|PWD=c"},
        {"UID=", "UID="},
        {"UID=;PWD=", "UID=|PWD="},
        {"PWD=a=b==c", "PWD=a=b==c"},
        {"PWD={a;b}", "PWD=a;b"},
        {"PWD={a}}b}", "PWD=a}b"},
        {"PWD={}}}", "PWD=}"},
        {"PWD={}", "PWD="},
        {"PWD={ a }", "PWD= a "},
        {"PWD= {a} ;UID=u", "PWD=a|UID=u"},
        {"PWD={{}", "PWD={"},
        {"PWD={a=b;c=d};UID=u", "PWD=a=b;c=d|UID=u"},
        {"PWD=a{b;UID=u", "PWD=a{b|UID=u"},
        {"PWD=a}b;UID=u", "PWD=a}b|UID=u"},
        {"PWD=a%3Bb+c", "PWD=a%3Bb+c"},
        {"PWD='a b'", "PWD='a b'"},
        {"PWD=\"a\"", "PWD=\"a\""},
        {"pwd=\xc3\xa4\xe2\x82\xac", "pwd=\xc3\xa4\xe2\x82\xac"},
        {"\n\tUID\t=\ta\r\n;\nPWD=b", "UID=a|PWD=b"},
        /* the first wins, also by alias and folding */
        {"UID=a;UID=b", "UID=a"},
        {"User Id=a;UID=b;USER=c", "User Id=a"},
        {"UID=;UID=b", "UID="},
        {"Foo=1;f-o_o=2;FOO=3", "Foo=1"},
        /* unknown keys stay */
        {"Foo=1;Bar=2", "Foo=1|Bar=2"},
        {"{UID}=a", "{UID}=a"},
        /* DSN against DRIVER: the first wins */
        {"DSN=x;DRIVER=y", "DSN=x"},
        {"DRIVER=y;UID=u;DSN=x", "DRIVER=y|UID=u"},
        {"Driver={Alloy DB};dsn=x", "Driver=Alloy DB"},
        {"DSN=;DRIVER=y", "DSN=|DRIVER=y"},
        {"DSN=x;FILEDSN=f;SAVEFILE=s", "DSN=x|FILEDSN=f|SAVEFILE=s"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_pairs p = {0};
        fresh();
        CU_ASSERT_EQUAL(aldb_connstr_split(S(cases[i].text), &p, &diag), ALDB_OK);
        if (strcmp(joined(&p), cases[i].pairs) != 0) {
            fprintf(stderr, "\n%s: %s\n", cases[i].text, joined(&p));
        }
        CU_ASSERT_STRING_EQUAL(joined(&p), cases[i].pairs);
        CU_ASSERT_EQUAL(aldb_diag_count(&diag), 0);
        aldb_pairs_clear(&p);
    }
}

static void test_split_bad(void)
{
    static const struct {
        const char *text;
        size_t len; /* 0: up to the NUL */
        const char *part;
    } cases[] = {
        {"x", 0, "byte 1: a keyword without '='"},
        {"UID", 0, "byte 1: a keyword without '='"},
        {"UID=a;PWD", 0, "byte 7: a keyword without '='"},
        {"UID;PWD=b", 0, "byte 1: a keyword without '='"},
        {"PWD=secret;half;UID=u", 0, "byte 12: a keyword without '='"},
        {"=a", 0, "byte 1: '=' without a keyword"},
        {"UID=a; =b", 0, "byte 8: '=' without a keyword"},
        {"=", 0, "byte 1: '='"},
        {"PWD={a", 0, "byte 5: the brace that opens here is never closed"},
        {"PWD={", 0, "byte 5: the brace"},
        {"PWD={a}}", 0, "byte 5: the brace"},
        {"PWD={a}};UID=u", 0, "byte 5: the brace"},
        {"UID=u;PWD= {a;b", 0, "byte 12: the brace"},
        {"PWD={a}b", 0, "byte 8: text behind a closing brace"},
        {"PWD={a}b;UID=u", 0, "byte 8: text behind a closing brace"},
        {"PWD={a} {b}", 0, "byte 9: text behind a closing brace"},
        {"UID=a\0b", 7, "byte 6: a NUL character"},
        {"\0UID=a", 6, "byte 1: a NUL character"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_pairs p = {0};
        fresh();
        struct aldb_slice text =
            cases[i].len > 0 ? aldb_slice(cases[i].text, cases[i].len) : S(cases[i].text);
        CU_ASSERT_EQUAL(aldb_connstr_split(text, &p, &diag), ALDB_ERR);
        CU_ASSERT_STRING_EQUAL(state(1), "HY000");
        if (!says(cases[i].part)) {
            fprintf(stderr, "\n%s: %s\n", cases[i].text, message(1));
        }
        CU_ASSERT_TRUE(says(cases[i].part));
        CU_ASSERT_FALSE(says("secret") || says("half"));
        CU_ASSERT_PTR_NULL(p.at);
        CU_ASSERT_EQUAL(p.count, 0);
    }
    /* A terminator that was counted is no part of the text. */
    struct aldb_pairs p = {0};
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_slice("UID=a\0\0", 7), &p, &diag), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(joined(&p), "UID=a");
    aldb_pairs_clear(&p);
    /* Nothing at all. */
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_slice(NULL, 0), &p, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(p.count, 0);
    aldb_pairs_clear(&p);
}

static void test_split_large(void)
{
    struct aldb_pairs p = {0};
    size_t size = ALDB_MAX_CONNSTR;
    char *text = aldb_alloc(size + 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', size + 1);
    memcpy(text, "PWD=", 4);
    fresh();
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_slice(text, size), &p, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(strlen(p.at[0].value), size - 4);
    aldb_pairs_clear(&p);
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_slice(text, size + 1), &p, &diag), ALDB_ERR);
    CU_ASSERT_TRUE(says("too long"));
    aldb_free(text);

    struct aldb_buf many;
    aldb_buf_init(&many, ALDB_MAX_CONNSTR);
    for (int i = 0; i < ALDB_MAX_PAIRS; i++) {
        aldb_buf_addf(&many, "key%d=%d;", i, i);
    }
    fresh();
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_buf_slice(&many), &p, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(p.count, ALDB_MAX_PAIRS);
    CU_ASSERT_STRING_EQUAL(p.at[777].value, "777");
    aldb_pairs_clear(&p);
    aldb_buf_add_str(&many, "key0=repeated;"); /* does not count */
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_buf_slice(&many), &p, &diag), ALDB_OK);
    aldb_pairs_clear(&p);
    aldb_buf_add_str(&many, "one more=1");
    CU_ASSERT_EQUAL(aldb_connstr_split(aldb_buf_slice(&many), &p, &diag), ALDB_ERR);
    CU_ASSERT_TRUE(says("more than 1024 keywords"));
    CU_ASSERT_PTR_NULL(p.at);
    aldb_buf_clear(&many);
}

/* What add writes, split reads back: values of every byte but NUL. */
static void test_round_trip(void)
{
    uint32_t seed = 20240607;
    for (int round = 0; round < 3000; round++) {
        char values[8][40];
        struct aldb_buf b;
        aldb_buf_init(&b, ALDB_MAX_CONNSTR);
        for (int i = 0; i < 8; i++) {
            seed = seed * 1664525u + 1013904223u;
            size_t len = (seed >> 16) % 32;
            for (size_t k = 0; k < len; k++) {
                static const char hard[] = "{}{};=; \t\n,()[]?*!@'\"\\%+ab";
                seed = seed * 1664525u + 1013904223u;
                unsigned any = (seed >> 16) % 255 + 1;
                values[i][k] =
                    (seed >> 30) == 0 ? (char)any : hard[(seed >> 16) % (sizeof hard - 1)];
            }
            values[i][len] = '\0';
            char key[16];
            snprintf(key, sizeof key, "Key %d", i);
            aldb_connstr_add(&b, key, values[i]);
        }
        struct aldb_pairs p = {0};
        fresh();
        CU_ASSERT_EQUAL_FATAL(aldb_connstr_split(aldb_buf_slice(&b), &p, &diag), ALDB_OK);
        CU_ASSERT_EQUAL_FATAL(p.count, 8);
        for (int i = 0; i < 8; i++) {
            CU_ASSERT_STRING_EQUAL(p.at[i].value, values[i]);
        }
        aldb_pairs_clear(&p);
        aldb_buf_clear(&b);
    }
}

static void test_add(void)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_CONNSTR);
    aldb_connstr_add(&b, "UID", "joe");
    aldb_connstr_add(&b, "PWD", "a;b}c");
    aldb_connstr_add(&b, "Database", "");
    aldb_connstr_add(&b, "Server", "projects/p/locations/r/clusters/c/instances/i");
    aldb_connstr_add(&b, "Schema", " x");
    CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&b), "UID=joe;PWD={a;b}}c};Database=;Server=projects/p/"
                                              "locations/r/clusters/c/instances/i;Schema={ x}");
    aldb_buf_clear(&b);
}

/* ------------------------------------------------------------------ setting */

static void test_set_values(void)
{
    struct aldb_options o;
    CU_ASSERT_EQUAL(
        resolve("UID=joe;PWD=pw;sslmode=verify-full;LoginTimeout=5;ReadOnly=true;FetchMode=stream;"
                "BI=-5;NumericAs=-1;A7=100;C8=0;B6=1;TimestampTzAs=utc;Max_Varchar_Size=255;B1=-4",
                &o),
        ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.UID, "joe");
    CU_ASSERT_STRING_EQUAL(o.PWD.value, "pw");
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_VERIFY_FULL);
    CU_ASSERT_EQUAL(o.LoginTimeout, 5);
    CU_ASSERT_TRUE(o.ReadOnly);
    CU_ASSERT_EQUAL(o.FetchMode, ALDB_FETCH_STREAM); /* the first, B6 comes later */
    CU_ASSERT_EQUAL(o.Int8As, 0);
    CU_ASSERT_EQUAL(o.NumericAs, -1);
    CU_ASSERT_EQUAL(o.FetchSize, 100);
    CU_ASSERT_FALSE(o.UseServerSidePrepare);
    CU_ASSERT_EQUAL(o.TimestampTzAs, ALDB_TZ_UTC);
    CU_ASSERT_EQUAL(o.MaxVarcharSize, 255);
    CU_ASSERT_EQUAL(o.MaxLongVarcharSize, 0);
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_UID], ALDB_FROM_STRING);
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_Database], ALDB_FROM_DEFAULT);
    CU_ASSERT_STRING_EQUAL(o.DbmsName, "PostgreSQL");
    CU_ASSERT_PTR_NULL(o.ApiEndpoint); /* the universe of the credentials decides */
    aldb_options_clear(&o);
    CU_ASSERT_PTR_NULL(o.UID);
}

static void test_dialects(void)
{
    static const struct {
        const char *text;
        enum aldb_keyword keyword;
        int64_t value;
    } cases[] = {
        {"Encrypt=yes", ALDB_KW_SSLMode, ALDB_SSL_VERIFY_FULL},
        {"Encrypt=1", ALDB_KW_SSLMode, ALDB_SSL_VERIFY_FULL},
        {"Encrypt=Mandatory", ALDB_KW_SSLMode, ALDB_SSL_VERIFY_FULL},
        {"Encrypt=false", ALDB_KW_SSLMode, ALDB_SSL_DISABLE},
        {"Encrypt=require", ALDB_KW_SSLMode, ALDB_SSL_REQUIRE},
        {"UseSSL=on", ALDB_KW_SSLMode, ALDB_SSL_VERIFY_FULL},
        {"EncryptionMethod=6", ALDB_KW_SSLMode, ALDB_SSL_PREFER},
        {"CA=r", ALDB_KW_SSLMode, ALDB_SSL_REQUIRE},
        {"CA=vf", ALDB_KW_SSLMode, ALDB_SSL_VERIFY_FULL},
        {"CA=verify-ca", ALDB_KW_SSLMode, ALDB_SSL_VERIFY_CA},
        {"UseDeclareFetch=1", ALDB_KW_FetchMode, ALDB_FETCH_CURSOR},
        {"UseDeclareFetch=0", ALDB_KW_FetchMode, ALDB_FETCH_AUTO},
        {"STREAMRS=1", ALDB_KW_FetchMode, ALDB_FETCH_STREAM},
        {"StreamResults=no", ALDB_KW_FetchMode, ALDB_FETCH_BUFFER},
        {"Protocol=7.4-0", ALDB_KW_ErrorRollback, ALDB_ROLLBACK_NONE},
        {"Protocol=7.4-1", ALDB_KW_ErrorRollback, ALDB_ROLLBACK_TRANSACTION},
        {"A1=7.4-2", ALDB_KW_ErrorRollback, ALDB_ROLLBACK_STATEMENT},
        {"Protocol=7.4", ALDB_KW_ErrorRollback, ALDB_ROLLBACK_STATEMENT},
        {"TransactionErrorBehavior=0", ALDB_KW_ErrorRollback, ALDB_ROLLBACK_NONE},
        {"ApplicationIntent=ReadOnly", ALDB_KW_ReadOnly, 1},
        {"ApplicationIntent=readwrite", ALDB_KW_ReadOnly, 0},
        {"PrepareThreshold=0", ALDB_KW_UseServerSidePrepare, 0},
        {"PrepareThreshold=5", ALDB_KW_UseServerSidePrepare, 1},
        {"LazyRefresh=0", ALDB_KW_RefreshStrategy, ALDB_REFRESH_BACKGROUND},
        {"RefreshStrategy=refresh_ahead", ALDB_KW_RefreshStrategy, ALDB_REFRESH_BACKGROUND},
        {"D1=-1", ALDB_KW_KeepaliveIdle, 0},
        {"Min_TLS=1.3", ALDB_KW_SSLMinProtocolVersion, 3},
        {"Debug=1", ALDB_KW_LogLevel, ALDB_LOG_DEBUG},
        {"CommLog=0", ALDB_KW_LogLevel, ALDB_LOG_OFF},
        {"LogLevel=6", ALDB_KW_LogLevel, ALDB_LOG_TRACE},
        {"LogLevel=warning", ALDB_KW_LogLevel, ALDB_LOG_WARNING},
        {"target_session_attrs=read-write", ALDB_KW_TargetSessionAttrs, ALDB_TARGET_READ_WRITE},
        {"targetServerType=preferSecondary", ALDB_KW_TargetSessionAttrs,
         ALDB_TARGET_PREFER_STANDBY},
        {"UnknownSizes=2", ALDB_KW_UnknownSizes, ALDB_SIZES_GENEROUS},
        {"A9=1", ALDB_KW_UnknownSizes, ALDB_SIZES_UNKNOWN},
        {"NumericAs=8", ALDB_KW_NumericAs, 8},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_options o;
        enum aldb_rc rc = resolve(cases[i].text, &o);
        if (rc != ALDB_OK || aldb_option_number(&o, cases[i].keyword) != cases[i].value) {
            fprintf(stderr, "\n%s: %s\n", cases[i].text, message(1));
        }
        CU_ASSERT_EQUAL(rc, ALDB_OK);
        CU_ASSERT_EQUAL(aldb_option_number(&o, cases[i].keyword), cases[i].value);
        aldb_options_clear(&o);
    }
}

static void test_bad_values(void)
{
    refused("SSLMode=requird",
            "The value \"requird\" of SSLMode in the connection string is not valid: choose one of "
            "disable, allow, prefer, require, verify-ca, verify-full");
    refused("SSLMode=yes", "SSLMode");
    refused("SSLMode=r", "verify-full");
    refused("Encrypt=maybe",
            "of Encrypt in the connection string is not valid: choose one of yes, mandatory");
    refused("LoginTimeout=abc", "a whole number in 0..2147483");
    refused("LoginTimeout=-1", "LoginTimeout");
    refused("LoginTimeout=2147484", "LoginTimeout");
    refused("LoginTimeout=99999999999999999999999", "LoginTimeout");
    refused("LoginTimeout=1.5", "LoginTimeout");
    refused("LoginTimeout=0x10", "LoginTimeout");
    refused("ReadOnly=perhaps", "yes, no");
    refused("ReadOnly=2", "ReadOnly");
    refused("FetchMode=SLOW", "AUTO, BUFFER, STREAM, CURSOR");
    refused("UseDeclareFetch=2", "UseDeclareFetch");
    refused("PrepareThreshold=many", "any whole number");
    refused("Protocol=8", "Protocol");
    refused("Port=abc", "1..65535");
    refused("Port=0", "1..65535");
    refused("Port=65536", "1..65535");
    refused("Port=-1", "1..65535");
    refused("Port=+5432", "1..65535");
}

static void test_echo(void)
{
    struct aldb_options o;
    /* Values of secrets are never shown. */
    CU_ASSERT_EQUAL(resolve("PqOpt={password=hunter2 sslmode}", &o), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY024");
    CU_ASSERT_TRUE(says("PqOpt"));
    CU_ASSERT_FALSE(says("hunter2"));
    aldb_options_clear(&o);
    fresh();
    aldb_options_init(&o);
    CU_ASSERT_EQUAL(
        aldb_options_set(&o, S("PWD"), aldb_slice("hun\0ter2", 8), ALDB_FROM_STRING, &diag),
        ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY024");
    CU_ASSERT_TRUE(says("PWD"));
    CU_ASSERT_FALSE(says("hun"));
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("UID"), aldb_slice("a\0b", 3), ALDB_FROM_STRING, &diag),
                    ALDB_ERR);
    CU_ASSERT_PTR_NULL(o.UID);
    aldb_options_clear(&o);

    char out[ALDB_SHOWN_MAX + 4];
    CU_ASSERT_STRING_EQUAL(aldb_shown(S("a\nb\x7f"), out), "a?b?");
    CU_ASSERT_STRING_EQUAL(aldb_shown(S("\xc3\xa4"), out), "\xc3\xa4");
    CU_ASSERT_STRING_EQUAL(aldb_shown(S("\xc3(\xff"), out), "?(?");
    CU_ASSERT_STRING_EQUAL(aldb_shown(S(""), out), "");
    char longer[ALDB_SHOWN_MAX + 50];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer + ALDB_SHOWN_MAX - 1, "\xc3\xa4", 2); /* straddles the cut */
    aldb_shown(S(longer), out);
    CU_ASSERT_EQUAL(strlen(out), ALDB_SHOWN_MAX - 1 + 3);
    CU_ASSERT_STRING_EQUAL(out + ALDB_SHOWN_MAX - 1, "\xe2\x80\xa6");
}

static void test_unknown(void)
{
    struct aldb_options o;
    CU_ASSERT_EQUAL(resolve("Servr=h;UID=u", &o), ALDB_INFO);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 1);
    CU_ASSERT_STRING_EQUAL(state(1), "01S00");
    CU_ASSERT_TRUE(says("The connection string has the keyword \"Servr\", which is not known and "
                        "was ignored; did you mean Server?"));
    CU_ASSERT_STRING_EQUAL(o.UID, "u");
    CU_ASSERT_PTR_NULL(o.Server);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("Nonsense=secret", &o), ALDB_INFO);
    CU_ASSERT_TRUE(says("\"Nonsense\", which is not known and was ignored"));
    CU_ASSERT_FALSE(says("did you mean"));
    CU_ASSERT_FALSE(says("secret"));
    aldb_options_clear(&o);
    /* An unknown key together with a bad value: both are said. */
    CU_ASSERT_EQUAL(resolve("Nonsense=1;SSLMode=x;LoginTimeout=y", &o), ALDB_ERR);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 3);
    CU_ASSERT_TRUE(says("SSLMode") && says("LoginTimeout") && says("Nonsense"));
    aldb_options_clear(&o);
    /* Behind a secret it may be the rest of it. */
    CU_ASSERT_EQUAL(resolve("PWD=my;hush=xyzzy;mum=plugh;Nonsense=1;UID=u;Other=1", &o), ALDB_INFO);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 4);
    CU_ASSERT_TRUE(says("Keyword number 3 of the connection string, behind PWD, is not known") && says("written in braces"));
    CU_ASSERT_FALSE(says("hush") || says("xyzzy") || says("mum") || says("plugh") || says("Nonsense"));
    CU_ASSERT_TRUE(says("\"Other\""));
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("ProxyUrl=http://u:my;hush@proxy=xyzzy;UID=u", &o), ALDB_INFO);
    CU_ASSERT_TRUE(says("behind ProxyUrl, is not known"));
    CU_ASSERT_FALSE(says("hush") || says("xyzzy"));
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("PWD=my;Databse=db", &o), ALDB_INFO);
    CU_ASSERT_TRUE(says("did you mean Database?"));
    CU_ASSERT_FALSE(says("Databse"));
    aldb_options_clear(&o);
    /* Keywords of the driver manager and of other drivers are taken silently. */
    CU_ASSERT_EQUAL(resolve("Description=x;Trace=No;Threading=2;Optimizer=0;Ksqo=1;Socket=4096;CX="
                            "1c305008b;AB=0;WSID=pc;AutoTranslate=no",
                            &o),
                    ALDB_OK);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 0);
    aldb_options_clear(&o);
    /* An empty value is none. */
    CU_ASSERT_EQUAL(resolve("SSLMode=;Port=;LoginTimeout=;UID=;ReadOnly=", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_PREFER);
    CU_ASSERT_EQUAL(o.LoginTimeout, 30);
    CU_ASSERT_PTR_NULL(o.UID);
    CU_ASSERT_PTR_NULL(o.Port);
    aldb_options_clear(&o);
}

static void test_origins(void)
{
    struct aldb_options o;
    aldb_options_init(&o);
    fresh();
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("UID"), S("dsn"), ALDB_FROM_DSN, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("User"), S("again"), ALDB_FROM_DSN, &diag), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.UID, "dsn");
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("UID"), S("ini"), ALDB_FROM_INI, &diag), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.UID, "dsn");
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("UID"), S("string"), ALDB_FROM_STRING, &diag), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.UID, "string");
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_UID], ALDB_FROM_STRING);
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("LogLevel"), S("DEBUG"), ALDB_FROM_ENV, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("LogLevel"), S("OFF"), ALDB_FROM_INI, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(o.LogLevel, ALDB_LOG_OFF);
    CU_ASSERT_EQUAL(aldb_options_set(&o, S("LogLevel"), S("nonsense"), ALDB_FROM_ENV, &diag),
                    ALDB_OK); /* outvoted */
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 0);
    aldb_options_clear(&o);
}

/* ------------------------------------------------------------------ where to */

static void test_server(void)
{
    target("UID=u", "-", "-");
    target("Server=h", "h", "-");
    target("Server=h;Port=5433", "h", "5433");
    target("Server=h:5433", "h", "5433");
    target("Server=h,5433", "h", "5433");
    target("Server= h , 5433 ", "h", "5433");
    target("Server=h : 5433", "h", "5433");
    target("Server=10.1.2.3:1", "10.1.2.3", "1");
    target("Server=[::1]", "::1", "-");
    target("Server=[::1]:65535", "::1", "65535");
    target("Server=[fe80::1%eth0],5433", "fe80::1%eth0", "5433");
    target("Server=::1", "::1", "-");
    target("Server=fe80::1:2", "fe80::1:2", "-");
    target("Server=::1,5433", "::1", "5433");
    target("Server=/var/run/postgresql", "/var/run/postgresql", "-");
    target("Server=/tmp/a:b;Port=5433", "/tmp/a:b", "5433");
    target("Server=/tmp,5433", "/tmp", "5433");
    target("Server=@abstract", "@abstract", "-");
    /* several */
    target("Server=h1,h2", "h1,h2", "-");
    target("Server=h1, h2 ,h3", "h1,h2,h3", "-");
    target("Server=h1,h2;Port=5433", "h1,h2", "5433");
    target("Server=h1,h2;Port={5433,5434}", "h1,h2", "5433,5434");
    target("Server=h1,h2;Port={,5434}", "h1,h2", ",5434");
    target("Server=h1:1,h2:2", "h1,h2", "1,2");
    target("Server=h1:1,h2", "h1,h2", "1,");
}

static void test_server_more(void)
{
    target("Server=h1,h2,5433", "h1,h2", "5433,5433");
    target("Server=h1:1,h2,5433", "h1,h2", "1,5433");
    target("Server=h1:1,h2;Port=2", "h1,h2", "1,2"); /* who has none takes it */
    target("Server=[::1]:1,/tmp", "::1,/tmp", "1,");
    target("Server=h:5433;Port=5433", "h", "5433");
    target("Server=h,5433;Port=5433", "h", "5433");
    target("Server=h1:1,h2:2;Port={1,2}", "h1,h2", "1,2");
    target("Host=h;Server=other", "h", "-");
}

static void test_server_bad(void)
{
    refused("Server=h:", "not valid at \"h:\"");
    refused("Server=:5432", "not valid at \":5432\"");
    refused("Server=h:port", "h:port");
    refused("Server=h:0", "h:0");
    refused("Server=h:65536", "h:65536");
    refused("Server=h,0", "The port \"0\" in Server");
    refused("Server=h,99999999999999999999", "The port");
    refused("Server=,", "Server");
    refused("Server=h1,,h2", "Server");
    refused("Server=h1,", "Server");
    refused("Server=,5432", "Server");
    refused("Server=[::1", "Server");
    refused("Server=[]:1", "Server");
    refused("Server=[::1]x", "Server");
    refused("Server=[::1]:", "Server");
    refused("Server=[::1]:x", "Server");
    refused("Server=tcp:h,1433", "tcp:h");
    refused("Server=h:5433;Port=5432", "Server says port 5433 and Port says 5432");
    refused("Server=h,5433;Port=5432", "Server says port 5433 and Port says 5432");
    refused("Server=h1:1,h2:2;Port=1", "Server says port 1,2");
    refused("Server=h1,1;Port=2", "Server says port 1 and Port says 2");
    refused("Server=h1:1,h2;Port={1,2}", "Server says port");
    refused("Server=h1,h2;Port={1,2,3}", "3 ports and Server 2 hosts");
    refused("Server=h;Port={1,2}", "2 ports and Server 1 hosts");
}

#define URI "projects/p/locations/r/clusters/c/instances/i"

static void test_instance(void)
{
    struct aldb_options o;
    CU_ASSERT_EQUAL(resolve("Server=" URI ";UID=u", &o), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.InstanceUri, URI);
    CU_ASSERT_PTR_NULL(o.Server);
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_InstanceUri], ALDB_FROM_STRING);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("InstanceUri=" URI ";EnableIamAuth=1;Database=db;IpType=psc", &o),
                    ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.InstanceUri, URI);
    CU_ASSERT_EQUAL(o.IpType, ALDB_IP_PSC);
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_PREFER); /* the connector has its own TLS */
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("InstanceUri=" URI ";Server=" URI, &o), ALDB_OK);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("InstanceUri=" URI ";Port=5432", &o), ALDB_INFO);
    CU_ASSERT_STRING_EQUAL(state(1), "01S00");
    CU_ASSERT_TRUE(says("connector's TLS and port are used: Port"));
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("InstanceUri=" URI ";SSLMode=disable;SSLRootCert=/x;GssEncMode=prefer;PassFile=/y;LoadBalanceHosts=random;Port=1", &o), ALDB_INFO);
    CU_ASSERT_TRUE(says("are used: Port, PassFile, LoadBalanceHosts, SSLMode, SSLRootCert, GssEncMode"));
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("InstanceUri=" URI ";ChannelBinding=prefer;RequireAuth=scram-sha-256;Keepalives=0;TargetSessionAttrs=any", &o), ALDB_OK);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("InstanceUri=projects/example.com:p/locations/europe-west1/clusters/c/instances/i", &o), ALDB_OK);
    aldb_options_clear(&o);
    refused("InstanceUri=" URI ";Server=h", "Server and InstanceUri are both given");
    refused("InstanceUri=" URI ";HostAddr=10.0.0.1", "HostAddr and InstanceUri are both given");
    refused("InstanceUri=" URI ";Server=" URI "2", "two different instances");
    refused("InstanceUri=p:r:c:i", "projects/PROJECT/locations");
    refused("InstanceUri=" URI "/", "projects/PROJECT/locations");
    refused("InstanceUri=" URI "/x", "projects/PROJECT/locations");
    refused("InstanceUri=projects//locations/r/clusters/c/instances/i",
            "projects/PROJECT/locations");
    refused("InstanceUri=projects/p/locations/r/clusters/c", "projects/PROJECT/locations");
    refused("InstanceUri=projects/p/locations/r/clusters/c/instances",
            "projects/PROJECT/locations");
    refused("InstanceUri=/" URI, "projects/PROJECT/locations");
    refused("InstanceUri=" URI "?port=1", "projects/PROJECT/locations"); /* as strict as the connector */
    refused("InstanceUri=projects/p/locations/r /clusters/c/instances/i", "projects/PROJECT/locations");
    refused("Server=projects/p/locations/../clusters/c/instances/i", "looks like an instance URI but is none");
    refused("Server=projects/p", "looks like an instance URI but is none");
}

static void test_identity(void)
{
    struct aldb_options o;
    refused("InstanceUri=" URI ";EnableIamAuth=yes;PWD=x", "PWD and EnableIamAuth are both given");
    refused("Server=h;EnableIamAuth=yes;PWD=x", "PWD and EnableIamAuth are both given");
    refused("Server=h;EnableIamAuth=yes;SSLMode=prefer",
            "SSLMode=prefer could send the IAM token to somebody else");
    refused("Server=h;EnableIamAuth=yes;Encrypt=no", "SSLMode=disable could send");
    CU_ASSERT_EQUAL(resolve("Server=h;EnableIamAuth=yes;PWD=", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_VERIFY_FULL);
    aldb_options_clear(&o);
    refused("Server=h;EnableIamAuth=yes;SSLMode=require", "choose verify-full or verify-ca");
    CU_ASSERT_EQUAL(resolve("Server=h;EnableIamAuth=yes;SSLMode=verify-ca", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_VERIFY_CA);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("Server=h;Trusted_Connection=Yes", &o), ALDB_INFO);
    CU_ASSERT_STRING_EQUAL(state(1), "01S00");
    CU_ASSERT_TRUE(says("TrustedConnection was ignored"));
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("Server=h;Integrated Security=SSPI", &o), ALDB_INFO);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("Server=h;Trusted_Connection=No", &o), ALDB_OK);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("Server=h;Trusted_Connection=Yes;EnableIamAuth=1", &o), ALDB_OK);
    aldb_options_clear(&o);
}

/* ------------------------------------------------------------------ sources */

static void use_dsn_file(const char *name, const char *content)
{
    CU_ASSERT_EQUAL(setenv("ODBCINI", file(name, content), 1), 0);
}

static void test_pqopt_timeout(void)
{
    static const struct {
        const char *content, *connstr;
        unsigned seconds;
    } cases[] = {
        {"PqOpt=connect_timeout=7", "", 7},
        {"PqOpt=connect_timeout=0", "", 0},
        {"PqOpt=connect_timeout=7", "LoginTimeout=9", 9},
        {"LoginTimeout=9", "PqOpt=connect_timeout=7", 7},
        {"Port=1", "PqOpt={keepalives_idle=3 connect_timeout=8}", 8},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_options o;
        char content[100], name[24];
        snprintf(name, sizeof name, "timeout%zu", i); /* unixODBC remembers what it has read */
        snprintf(content, sizeof content, "[%s]\nDriver=AlloyDB\n%s\n", name, cases[i].content);
        use_dsn_file("timeout.ini", content);
        CU_ASSERT_EQUAL(resolve_with(cases[i].connstr, name, &o), ALDB_OK);
        CU_ASSERT_EQUAL(o.LoginTimeout, cases[i].seconds);
        aldb_options_clear(&o);
    }
}

static void test_dsn(void)
{
    struct aldb_options o;
    use_dsn_file("dsn1.ini",
                 "[one]\nDriver = AlloyDB\nDescription = my own\nServername = dbhost\nPort=5433\n"
                 "Username = joe\nPassword = {a;b}\nsslmode= require\nEmpty =\nConnSettings = set "
                 "a=1;set b=2\n"
                 "Commlog = 0\n[other]\nServer = elsewhere\n[DEFAULT]\nServer=fallback\n");
    CU_ASSERT_EQUAL(resolve_with("DSN=one", NULL, &o), ALDB_INFO);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 1);
    CU_ASSERT_TRUE(says("The data source has the keyword \"Empty\""));
    CU_ASSERT_STRING_EQUAL(o.Server, "dbhost");
    CU_ASSERT_STRING_EQUAL(o.Port, "5433");
    CU_ASSERT_STRING_EQUAL(o.UID, "joe");
    CU_ASSERT_STRING_EQUAL(o.PWD.value, "{a;b}"); /* literal in a file */
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_REQUIRE);
    CU_ASSERT_STRING_EQUAL(o.InitSql, "set a=1;set b=2");
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_Server], ALDB_FROM_DSN);
    aldb_options_clear(&o);
    /* The connection string wins, also by alias; an empty value there is none. */
    CU_ASSERT_EQUAL(resolve_with("DSN=one;Host=near;PWD=;User=jane;ssl mode=allow", NULL, &o),
                    ALDB_INFO);
    CU_ASSERT_STRING_EQUAL(o.Server, "near");
    CU_ASSERT_STRING_EQUAL(o.Port, "5433");
    CU_ASSERT_STRING_EQUAL(o.UID, "jane");
    CU_ASSERT_STRING_EQUAL(o.PWD.value, "{a;b}");
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_ALLOW);
    aldb_options_clear(&o);
    /* A port within the stronger Server beats the weaker Port; a stronger Port beats the port within the weaker Server. */
    CU_ASSERT_EQUAL(resolve_with("DSN=one;Server=near:6000", NULL, &o), ALDB_INFO);
    CU_ASSERT_STRING_EQUAL(o.Port, "6000");
    aldb_options_clear(&o);
    /* SQLConnect: the name is an argument. */
    CU_ASSERT_EQUAL(resolve_with("UID=x", "other", &o), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.Server, "elsewhere");
    CU_ASSERT_STRING_EQUAL(o.UID, "x");
    aldb_options_clear(&o);
    /* DRIVER first: no data source is read. */
    CU_ASSERT_EQUAL(resolve_with("DRIVER=AlloyDB;DSN=one", NULL, &o), ALDB_OK);
    CU_ASSERT_PTR_NULL(o.Server);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve_with("DSN=;DRIVER=AlloyDB", "", &o), ALDB_OK);
    CU_ASSERT_PTR_NULL(o.Server);
    aldb_options_clear(&o);
    /* None named: the default one. */
    CU_ASSERT_EQUAL(resolve_with("UID=x", NULL, &o), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.Server, "fallback");
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve_with("UID=x", "", &o), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.Server, "fallback");
    aldb_options_clear(&o);
    /* Not there: the default one, and said so; without it, nothing. */
    CU_ASSERT_EQUAL(resolve_with("DSN=nowhere;UID=x", NULL, &o), ALDB_INFO);
    CU_ASSERT_STRING_EQUAL(state(1), "01000");
    CU_ASSERT_TRUE(says("\"nowhere\" is not in odbc.ini"));
    CU_ASSERT_STRING_EQUAL(o.UID, "x");
    CU_ASSERT_STRING_EQUAL(o.Server, "fallback");
    aldb_options_clear(&o);
    use_dsn_file("dsn0.ini", "[one]\nServer=db\n");
    CU_ASSERT_EQUAL(resolve_with("DSN=nowhere;UID=x", NULL, &o), ALDB_OK);
    CU_ASSERT_PTR_NULL(o.Server);
    aldb_options_clear(&o);
}

static void test_dsn_port(void)
{
    struct aldb_options o;
    use_dsn_file("dsn2.ini", "[two]\nServer=h:6000\nSSLMode=sometimes\n[three]\nServer=h:6000\n");
    CU_ASSERT_EQUAL(resolve_with("DSN=three;Port=7000", NULL, &o), ALDB_OK);
    CU_ASSERT_STRING_EQUAL(o.Server, "h");
    CU_ASSERT_STRING_EQUAL(o.Port, "7000");
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve_with("DSN=two", NULL, &o), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY024");
    CU_ASSERT_TRUE(says("The value \"sometimes\" of SSLMode in the data source is not valid"));
    CU_ASSERT_PTR_NULL(o.Server);
    /* What a stronger source overrules is not judged. */
    CU_ASSERT_EQUAL(resolve_with("DSN=two;SSLMode=require", NULL, &o), ALDB_OK);
    aldb_options_clear(&o);
}

static void test_dsn_long(void)
{
    char content[8192] = "[long]\n";
    size_t n = strlen(content);
    for (int i = 0; i < 200; i++) {
        n += (size_t)snprintf(content + n, sizeof content - n, "Unknown%03d=%d\n", i, i);
    }
    n += (size_t)snprintf(content + n, sizeof content - n, "InitSql=");
    memset(content + n, 'i', 900);
    content[n + 900] = '\0';
    struct aldb_pairs p = {0};
    use_dsn_file("dsn3.ini", content);
    fresh();
    CU_ASSERT_EQUAL(aldb_dsn_read("long", &p, &diag), ALDB_OK);
    CU_ASSERT_EQUAL_FATAL(p.count, 201);
    CU_ASSERT_STRING_EQUAL(p.at[199].key, "Unknown199");
    CU_ASSERT_STRING_EQUAL(p.at[199].value, "199");
    CU_ASSERT_STRING_EQUAL(p.at[200].key, "InitSql");
    CU_ASSERT_EQUAL(strlen(p.at[200].value), 900);
    aldb_pairs_clear(&p);
    /* A line that the driver manager would cut is refused, and what it made of the rest is not shown. */
    strcpy(content, "[cut]\nPWD=");
    n = strlen(content);
    memset(content + n, 'p', 1500);
    strcpy(content + n + 1500, "secret\nUID=u\n");
    use_dsn_file("dsn4.ini", content);
    fresh();
    CU_ASSERT_EQUAL(aldb_dsn_read("cut", &p, &diag), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY000");
    CU_ASSERT_TRUE(says("\"PWD\""));
    CU_ASSERT_FALSE(says("ppp") || says("secret"));
    CU_ASSERT_PTR_NULL(p.at);
}

/* Runs `resolve` with stderr in a file and tells how much was written there. */
static enum aldb_rc resolve_quietly(const char *connstr, struct aldb_options *o)
{
    char path[256];
    snprintf(path, sizeof path, "%s/stderr", folder);
    fflush(stderr);
    int saved = dup(2);
    int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    CU_ASSERT_TRUE_FATAL(saved >= 0 && fd >= 0);
    dup2(fd, 2);
    enum aldb_rc rc = resolve(connstr, o);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    struct stat st;
    CU_ASSERT_EQUAL(fstat(fd, &st), 0);
    CU_ASSERT_EQUAL(st.st_size, 0);
    close(fd);
    return rc;
}

static void test_ini(void)
{
    struct aldb_options o;
    setenv("ALLOYDB_ODBC_INI",
           file("good.ini", "# site\n[Defaults]\nSSLMode = verify-ca\nLoginTimeout = 7\nInitSql = "
                            "\"set a=1; set b=2\"\nquery_timeout=9\n"
                            "[Log]\nLogLevel = INFO\nLogPath = /var/log/x\n"),
           1);
    CU_ASSERT_EQUAL(resolve_quietly("LoginTimeout=8", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_VERIFY_CA);
    CU_ASSERT_EQUAL(o.LoginTimeout, 8);
    CU_ASSERT_EQUAL(o.QueryTimeout, 9);
    CU_ASSERT_STRING_EQUAL(o.InitSql, "set a=1; set b=2");
    CU_ASSERT_EQUAL(o.LogLevel, ALDB_LOG_INFO);
    CU_ASSERT_STRING_EQUAL(o.LogPath, "/var/log/x");
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_SSLMode], ALDB_FROM_INI);
    aldb_options_clear(&o);

    setenv("ALLOYDB_ODBC_INI",
           file("refused.ini",
                "stray = 1\n[Defaults]\nServer = evil\nPWD = x\nInstanceUri = y\nNonsens = "
                "1\n[Log]\nFetchMode=BUFFER\nLogLevel=INFO\n[Else]\nUID=x\n"),
           1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_INFO);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 7);
    CU_ASSERT_TRUE(says("Server was ignored") && says("PWD was ignored") &&
                   says("InstanceUri was ignored"));
    CU_ASSERT_TRUE(
        says("FetchMode was ignored: it is not among the keywords of the section [Log]"));
    CU_ASSERT_TRUE(says("\"stray\" was ignored") && says("\"uid\" was ignored") &&
                   says("\"nonsens\", which is not known"));
    CU_ASSERT_PTR_NULL(o.Server);
    CU_ASSERT_PTR_NULL(o.PWD.value);
    CU_ASSERT_EQUAL(o.FetchMode, ALDB_FETCH_AUTO);
    CU_ASSERT_EQUAL(o.LogLevel, ALDB_LOG_INFO);
    aldb_options_clear(&o);
}

static void test_ini_bad(void)
{
    struct aldb_options o;
    setenv("ALLOYDB_ODBC_INI", file("value.ini", "[Defaults]\nSSLMode = sometimes\n"), 1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY024");
    aldb_options_clear(&o);
    setenv("ALLOYDB_ODBC_INI", file("syntax.ini", "[Defaults]\nthis is no line hunter2\n"), 1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY000");
    CU_ASSERT_TRUE(says("syntax.ini cannot be read"));
    CU_ASSERT_FALSE(says("hunter2"));
    aldb_options_clear(&o);
    char content[4096] = "[Defaults]\nInitSql=";
    size_t n = strlen(content);
    memset(content + n, 'x', 3000);
    content[n + 3000] = '\n';
    content[n + 3001] = '\0';
    setenv("ALLOYDB_ODBC_INI", file("line.ini", content), 1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY000");
    aldb_options_clear(&o);
    setenv("ALLOYDB_ODBC_INI", "/nonexistent/alloydb-odbc.ini", 1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_ERR);
    CU_ASSERT_TRUE(says("/nonexistent/alloydb-odbc.ini cannot be read"));
    aldb_options_clear(&o);
    setenv("ALLOYDB_ODBC_INI", file("empty.ini", ""), 1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_OK);
    aldb_options_clear(&o);
    /* The user's own file. */
    unsetenv("ALLOYDB_ODBC_INI");
    file(".alloydb-odbc.ini", "[Defaults]\nConnectRetryCount=3\n");
    setenv("HOME", folder, 1);
    CU_ASSERT_EQUAL(resolve_quietly("UID=u", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.ConnectRetryCount, 3);
    aldb_options_clear(&o);
    setenv("HOME", "/nonexistent", 1);
    setenv("ALLOYDB_ODBC_INI", file("empty.ini", ""), 1);
}

static void test_environment(void)
{
    struct aldb_options o;
    setenv("ALLOYDB_ODBC_LOG_LEVEL", "DEBUG", 1);
    setenv("ALLOYDB_ODBC_LOGPATH", "/tmp/logs", 1);
    setenv("ALLOYDB_ODBC_SERVER", "evil", 1);
    setenv("ALLOYDB_ODBC_SSL_MODE", "disable", 1);
    CU_ASSERT_EQUAL(resolve("UID=u", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.LogLevel, ALDB_LOG_DEBUG);
    CU_ASSERT_STRING_EQUAL(o.LogPath, "/tmp/logs");
    CU_ASSERT_EQUAL(o.origin[ALDB_KW_LogLevel], ALDB_FROM_ENV);
    CU_ASSERT_PTR_NULL(o.Server);
    CU_ASSERT_EQUAL(o.SSLMode, ALDB_SSL_PREFER);
    aldb_options_clear(&o);
    CU_ASSERT_EQUAL(resolve("UID=u;LogLevel=OFF", &o), ALDB_OK);
    CU_ASSERT_EQUAL(o.LogLevel, ALDB_LOG_OFF);
    aldb_options_clear(&o);
    setenv("ALLOYDB_ODBC_LOG_LEVEL", "LOUD", 1);
    CU_ASSERT_EQUAL(resolve("UID=u", &o), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state(1), "HY024");
    aldb_options_clear(&o);
    unsetenv("ALLOYDB_ODBC_LOG_LEVEL");
    unsetenv("ALLOYDB_ODBC_LOGPATH");
    unsetenv("ALLOYDB_ODBC_SERVER");
    unsetenv("ALLOYDB_ODBC_SSL_MODE");
}

/* ------------------------------------------------------------------ libpq */

/* "key=value key=value" in order, without the two that are always there; NULL on an error. */
static const char *libpq_text(const char *connstr)
{
    static char text[4096];
    struct aldb_options o;
    struct aldb_libpq_params p = {0};
    text[0] = '\0';
    size_t n = 0;
    bool encoding = false;
    enum aldb_rc rc = resolve(connstr, &o);
    if (rc == ALDB_ERR || aldb_options_to_libpq(&o, &p, &diag) == ALDB_ERR) {
        aldb_options_clear(&o);
        return NULL;
    }
    for (size_t i = 0; i < p.count; i++) {
        if (strcmp(p.keywords[i], "client_encoding") == 0) {
            CU_ASSERT_STRING_EQUAL(p.values[i], "UTF8");
            encoding = true;
        } else if (o.origin[ALDB_KW_GssEncMode] == ALDB_FROM_DEFAULT && strcmp(p.keywords[i], "gssencmode") == 0) {
            CU_ASSERT_STRING_EQUAL(p.values[i], "disable");
            CU_ASSERT_PTR_NULL(o.Service);
        } else if (strcmp(p.keywords[i], "fallback_application_name") != 0 ||
                   strcmp(p.values[i], program_invocation_short_name) != 0) {
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%s", n > 0 ? " " : "",
                                  p.keywords[i], p.values[i]);
        }
    }
    CU_ASSERT_TRUE(encoding);
    CU_ASSERT_PTR_NULL(p.keywords[p.count]);
    CU_ASSERT_PTR_NULL(p.values[p.count]);
    aldb_libpq_params_clear(&p);
    CU_ASSERT_PTR_NULL(p.keywords);
    aldb_options_clear(&o);
    return text;
}

static void test_libpq(void)
{
    static const struct {
        const char *connstr;
        const char *expected;
    } cases[] = {
        {"UID=u", "user=u"},
        {"", ""},
        {"Server=h:1,h2:2;Database=d;UID=u;PWD=p", "host=h,h2 port=1,2 dbname=d user=u password=p"},
        {"LoginTimeout=5;QueryTimeout=3;Schema=s", ""},
        {"SSLMode=prefer", "sslmode=prefer"},
        {"SSLMode=VERIFY-FULL;SSLRootCert=system", "sslmode=verify-full sslrootcert=system"},
        {"EnableIamAuth=1", "sslmode=verify-full"},
        {"SSLSni=no;SSLMinProtocolVersion=tlsv1.3;ChannelBinding=require",
         "sslsni=0 ssl_min_protocol_version=TLSv1.3 channel_binding=require"},
        {"SSLMaxProtocolVersion=1.2", "ssl_max_protocol_version=TLSv1.2"},
        {"SSLMaxProtocolVersion=none", ""},
        {"KeepaliveIdle=30;D2=5;KeepaliveCount=3;TcpUserTimeout=1000;Keepalives=yes",
         "keepalives=1 keepalives_idle=30 keepalives_interval=5 keepalives_count=3 "
         "tcp_user_timeout=1000"},
        {"APP=my app;Service=svc;PassFile=/p;KrbSrvName=k;GssEncMode=disable;RequirePeer=postgres",
         "passfile=/p service=svc application_name=my app requirepeer=postgres gssencmode=disable "
         "krbsrvname=k"},
        {"target_session_attrs=prefer-standby;HostAddr=10.0.0.1;RequireAuth=scram-sha-256",
         "hostaddr=10.0.0.1 target_session_attrs=prefer-standby require_auth=scram-sha-256"},
        {"PqOpt={sslrootcert=/a options='-c a=b' x=}", "sslrootcert=/a options=-c a=b x="},
        {"Server=h;PqOpt={ port = 5433 }", "host=h port=5433"},
        {"PqOpt={application_name=mine}", "application_name=mine"},
        {"PqOpt={fallback_application_name=mine}", "fallback_application_name=mine"},
        {"PqOpt={connect_timeout=7 application_name=mine}", "application_name=mine"},
        {"PqOpt=sslmode=disable", "sslmode=disable"},
        {"options= -c search_path=x", "options=-c search_path=x"},
        {"Options={ -c a='b' --c=d }", "options=-c a='b' --c=d"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        const char *text = libpq_text(cases[i].connstr);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        if (strcmp(text, cases[i].expected) != 0) {
            fprintf(stderr, "\n%s: %s\n", cases[i].connstr, text);
        }
        CU_ASSERT_STRING_EQUAL(text, cases[i].expected);
    }
}

static void test_pqopt(void)
{
    static const struct {
        const char *text;
        const char *pairs; /* NULL: refused */
    } cases[] = {
        {"", ""},
        {"  ", ""},
        {"a=b", "a=b"},
        {" a = b  c=d ", "a=b|c=d"},
        {"a=", "a="},
        {"a= b=c", "a=b=c"},
        {"a='b c' d=e", "a=b c|d=e"},
        {"a='' b=c", "a=|b=c"},
        {"a='it\\'s' b=c\\ d", "a=it's|b=c d"},
        {"a='x\\\\y'", "a=x\\y"},
        {"a='x'b='y'", "a=x|b=y"},
        {"a=b\\", "a=b"},
        {"a", NULL},
        {"a b", NULL},
        {"a b=c", NULL},
        {"=b", NULL},
        {"a='b", NULL},
        {"a='b\\", NULL},
        {"a=b a=c", NULL},
        {"postgresql://u:hunter2@h/d", NULL},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_pairs p = {0};
        fresh();
        enum aldb_rc rc = aldb_conninfo_parse(S(cases[i].text), &p, &diag);
        CU_ASSERT_EQUAL(rc, cases[i].pairs != NULL ? ALDB_OK : ALDB_ERR);
        if (cases[i].pairs != NULL) {
            CU_ASSERT_STRING_EQUAL(joined(&p), cases[i].pairs);
        } else {
            CU_ASSERT_STRING_EQUAL(state(1), "HY024");
            CU_ASSERT_FALSE(says("hunter2"));
        }
        aldb_pairs_clear(&p);
    }
    refused("Server=h;PqOpt=host=x",
            "PqOpt sets host, which the connection keyword Server sets already");
    refused("PWD=p;PqOpt=password=x", "password");
    refused("SSLMode=require;PqOpt=sslmode=disable", "SSLMode");
    refused("EnableIamAuth=1;PqOpt=sslmode=disable", "SSLMode");
    refused("Server=h:5433;PqOpt=port=1", "Port");
    refused("PqOpt=client_encoding=LATIN1", "UTF-8");
    refused("LoginTimeout=9;PqOpt=connect_timeout=3", "LoginTimeout");
    refused("PqOpt=connect_timeout=soon", "LoginTimeout");
    refused("PqOpt=replication=database", "replication");
    refused("PqOpt={a=b a=c}", "twice");
    refused("InstanceUri=" URI ";PqOpt=host=h", "host beside InstanceUri");
    refused("InstanceUri=" URI ";PqOpt=hostaddr=10.0.0.1", "hostaddr beside InstanceUri");
    refused("EnableIamAuth=1;PqOpt=password=p", "password beside EnableIamAuth");
}

/* libpq takes each option under the name the driver gives it (an older libpq does not know them all). */
static void test_libpq_names(void)
{
    static const char text[] = "Server=h;HostAddr=10.0.0.1;Port=1;Database=d;UID=u;PWD=p;PassFile="
                               "f;Service=s;ApplicationName=a;TargetSessionAttrs=any;"
                               "LoadBalanceHosts=disable;SSLMode=prefer;SSLRootCert=r;SSLCert=c;"
                               "SSLKey=k;SSLPassword=p;SSLCertMode=allow;SSLCrl=c;SSLCrlDir=d;"
                               "SSLSni=1;SSLMinProtocolVersion=TLSv1.2;SSLMaxProtocolVersion=TLSv1."
                               "3;ChannelBinding=prefer;RequireAuth=none;RequirePeer=p;"
                               "GssEncMode=prefer;KrbSrvName=k;GssLib=g;Keepalives=1;KeepaliveIdle="
                               "1;KeepaliveInterval=1;KeepaliveCount=1;TcpUserTimeout=1";
    struct aldb_options o;
    struct aldb_libpq_params p = {0};
    CU_ASSERT_EQUAL_FATAL(resolve(text, &o), ALDB_OK);
    CU_ASSERT_EQUAL_FATAL(aldb_options_to_libpq(&o, &p, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(p.count, 33 + 1); /* and client_encoding */
    PQconninfoOption *known = PQconndefaults();
    CU_ASSERT_PTR_NOT_NULL_FATAL(known);
    for (size_t i = 0; i < p.count; i++) {
        bool newer = strcmp(p.keywords[i], "load_balance_hosts") == 0 ||
                     strcmp(p.keywords[i], "sslcertmode") == 0 ||
                     strcmp(p.keywords[i], "require_auth") == 0;
        bool found = newer && PQlibVersion() < 160000;
        for (const PQconninfoOption *k = known; k->keyword != NULL; k++) {
            found = found || strcmp(k->keyword, p.keywords[i]) == 0;
        }
        if (!found) {
            fprintf(stderr, "\nlibpq does not know %s\n", p.keywords[i]);
        }
        CU_ASSERT_TRUE(found);
    }
    PQconninfoFree(known);
    aldb_libpq_params_clear(&p);
    aldb_options_clear(&o);
}

/* Our reading of conninfo strings against libpq's own, on strings full of quotes, blanks and backslashes. */
static void test_pqopt_as_libpq(void)
{
    static const char *const pieces[] = {"host", "port", "user", "dbname", "=", "=",   "=",  " ",
                                         " ",    "'",    "'",    "\\",     "x", "y z", "\t", "''"};
    uint32_t seed = 4711;
    unsigned compared = 0;
    for (int round = 0; round < 20000; round++) {
        char text[128] = "";
        size_t n = 0;
        seed = seed * 1664525u + 1013904223u;
        for (uint32_t k = (seed >> 20) % 12; k > 0; k--) {
            seed = seed * 1664525u + 1013904223u;
            n += (size_t)snprintf(text + n, sizeof text - n, "%s",
                                  pieces[(seed >> 16) % ALDB_COUNT(pieces)]);
        }
        struct aldb_pairs p = {0};
        char *reason = NULL;
        fresh();
        enum aldb_rc rc = aldb_conninfo_parse(S(text), &p, &diag);
        PQconninfoOption *theirs = PQconninfoParse(text, &reason);
        bool unknown = reason != NULL && strstr(reason, "invalid connection option") != NULL;
        if (!unknown && !says("twice")) {
            compared++;
            CU_ASSERT_EQUAL(rc == ALDB_OK, theirs != NULL);
            for (const PQconninfoOption *k = theirs; k != NULL && k->keyword != NULL; k++) {
                const char *ours = NULL;
                for (size_t i = 0; i < p.count; i++) {
                    ours = strcmp(p.at[i].key, k->keyword) == 0 ? p.at[i].value : ours;
                }
                CU_ASSERT_EQUAL(ours == NULL, k->val == NULL);
                if (ours != NULL && k->val != NULL) {
                    CU_ASSERT_STRING_EQUAL(ours, k->val);
                }
            }
        }
        PQconninfoFree(theirs);
        PQfreemem(reason);
        aldb_pairs_clear(&p);
    }
    CU_ASSERT_TRUE(compared > 1000);
}

static void test_complete(void)
{
    struct aldb_options o;
    struct aldb_pairs p = {0};
    struct aldb_buf out;
    static const struct {
        const char *given;
        const char *expected;
    } cases[] = {
        {"Driver={AlloyDB};server = h:5433 ;UID=u;PWD={p;w}",
         "Driver=AlloyDB;server=h:5433;UID=u;PWD={p;w}"},
        {"DSN=full;UID=u", "DSN=full;UID=u"},
        {"UID=u", "DSN=DEFAULT;UID=u"},
        {"DSN=full;Nonsense=1", "DSN=full;Nonsense=1"},
        {"DSN=full;SAVEFILE=f;Password=x;User=u", "DSN=full;SAVEFILE=f;PWD=x;User=u;Server=h"},
        {"Driver=AlloyDB;SAVEFILE=f;InstanceUri=projects/p/locations/r/clusters/c/instances/i;AccessToken=secret",
         "Driver=AlloyDB;SAVEFILE=f;InstanceUri=projects/p/locations/r/clusters/c/instances/i"},
        {"DSN=proxied;SAVEFILE=f", "DSN=proxied;SAVEFILE=f;Server=h"},
        {"DSN=proxied;SAVEFILE=f;ProxyUrl=http://plain:3128", "DSN=proxied;SAVEFILE=f;ProxyUrl=http://plain:3128;Server=h"},
        {"DSN=proxied;SAVEFILE=f;HttpsProxy={http://u:hidden@proxy:3128}", "DSN=proxied;SAVEFILE=f;Server=h"},
        {"DSN=proxied;HttpsProxy=http://u:p@proxy:3128", "DSN=proxied;HttpsProxy={http://u:p@proxy:3128}"},
        {"DSN=none;SAVEFILE=f", "DSN=none;SAVEFILE=f;Schema={a,b};Server=fallback"},
        {"SAVEFILE=f;Server=mine", "DSN=DEFAULT;SAVEFILE=f;Schema={a,b};Server=mine"},
        /* Server and Port as they were settled, whoever said them. */
        {"DSN=ported;Port=2;SAVEFILE=f", "DSN=ported;SAVEFILE=f;Server=h;Port=2"},
        {"DSN=two;Server=h:5;SAVEFILE=f", "DSN=two;SAVEFILE=f;Server=h;Port=5"},
        {"Driver=AlloyDB;Server=a:1,b:2;SAVEFILE=f", "Driver=AlloyDB;SAVEFILE=f;Server={a,b};Port={1,2}"},
        /* What may be the rest of a secret, and what hides nothing. */
        {"DSN=full;SSLPassword=abc;secret=tail;SAVEFILE=f;UID=", "DSN=full;SAVEFILE=f;UID=v;Server=h"},
    };
    use_dsn_file("dsn5.ini", "[ported]\nServer=h:1\n[two]\nServer=g\nPort=5432\n[full]\nDriver=AlloyDB\nDescription=d\nServer=h\nUID=v\nPWD=hidden\nUnheard=1\n[proxied]\nServer=h\nProxyUrl=http://u:hidden@proxy:3128\n[DEFAULT]\nServer=fallback\nSchema=a,b\n");
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        fresh();
        aldb_options_init(&o);
        CU_ASSERT_EQUAL(aldb_connstr_split(S(cases[i].given), &p, &diag), ALDB_OK);
        CU_ASSERT_NOT_EQUAL(aldb_options_resolve(&o, &p, NULL, &diag), ALDB_ERR);
        aldb_buf_init(&out, ALDB_MAX_CONNSTR);
        CU_ASSERT_EQUAL(aldb_connstr_complete(&p, &o, &out, &diag), ALDB_OK);
        CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&out), cases[i].expected);
        aldb_buf_clear(&out);
        aldb_pairs_clear(&p);
        aldb_options_clear(&o);
    }
}

/* How often memory was asked for, when the data source has a value that long. */
static uint64_t allocations(size_t length)
{
    char ini[1024];
    char given[64];
    char value[900];
    struct aldb_options o;
    struct aldb_pairs p = {0};
    struct aldb_buf out;
    memset(value, 'v', sizeof value);
    snprintf(ini, sizeof ini, "[room%zu]\nInitSql=%.*s\n", length, (int)length, value);
    use_dsn_file("dsn6.ini", ini);
    fresh();
    aldb_options_init(&o);
    aldb_buf_init(&out, ALDB_MAX_CONNSTR);
    snprintf(given, sizeof given, "DSN=room%zu;SAVEFILE=f;PWD=secret", length);
    CU_ASSERT_EQUAL(aldb_connstr_split(S(given), &p, &diag), ALDB_OK);
    CU_ASSERT_NOT_EQUAL(aldb_options_resolve(&o, &p, NULL, &diag), ALDB_ERR);
    uint64_t before = aldb_alloc_count();
    CU_ASSERT_EQUAL(aldb_connstr_complete(&p, &o, &out, &diag), ALDB_OK);
    uint64_t n = aldb_alloc_count() - before;
    CU_ASSERT_TRUE(out.len > length);
    aldb_buf_clear(&out);
    aldb_pairs_clear(&p);
    aldb_options_clear(&o);
    return n;
}

/* A buffer that grew would have left the password in the memory it had before. */
static void test_complete_grows_never(void)
{
    CU_ASSERT_EQUAL(allocations(1), allocations(800));
}

static void test_log(void)
{
    static const struct {
        const char *connstr;
        const char *path;
    } cases[] = {
        {"LogLevel=INFO", NULL},
        {"LogPath=/var/log/x", "/var/log/x"},
        {"LogPath=/var/log/x;LogFile=y.log", "/var/log/x/y.log"},
        {"LogPath=/var/log/x;LogFile=/tmp/y.log", "/tmp/y.log"},
        {"TraceFile=y.log", "y.log"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_options o;
        struct aldb_log_config c;
        struct aldb_buf path;
        aldb_buf_init(&path, ALDB_MAX_NAME);
        CU_ASSERT_EQUAL(resolve(cases[i].connstr, &o), ALDB_OK);
        CU_ASSERT_EQUAL(aldb_options_to_log(&o, &c, &path, &diag), ALDB_OK);
        if (cases[i].path == NULL) {
            CU_ASSERT_PTR_NULL(c.path);
        } else {
            CU_ASSERT_STRING_EQUAL(c.path, cases[i].path);
        }
        CU_ASSERT_EQUAL(c.max_size, 50u << 20);
        CU_ASSERT_EQUAL(c.max_files, 5);
        CU_ASSERT_EQUAL(c.components, ALDB_LOG_ALL);
        CU_ASSERT_FALSE(c.query_text || c.parameters);
        aldb_buf_clear(&path);
        aldb_options_clear(&o);
    }
    /* What was asked for, and where. */
    static const char *const asked[][2] = {
        {"Server=h;UID=u;PWD=hush;ProxyUrl=http://u:hush@p:1;PqOpt={sslcompression=hush};LogLevel=INFO;LogFile=/x;InitSql={select 'hush'};ApplicationName={a\nb}",
         "option Server = h (connection string or arguments)\noption UID = u (connection string or arguments)\noption PWD = <redacted> (connection string or arguments)\n"
         "option ApplicationName = a b (connection string or arguments)\noption ProxyUrl = <redacted> (connection string or arguments)\n"
         "option InitSql = <SQL text> (connection string or arguments)\noption PqOpt = <redacted> (connection string or arguments)\n"
         "option LogLevel = INFO (connection string or arguments)\noption LogFile = /x (connection string or arguments)\n"},
        {"ProxyUrl=http://p:1;InitSql={select 1};LogQueryText=yes",
         "option ProxyUrl = http://p:1 (connection string or arguments)\noption InitSql = select 1 (connection string or arguments)\n"
         "option LogQueryText = yes (connection string or arguments)\n"},
        {"", ""},
    };
    for (size_t i = 0; i < ALDB_COUNT(asked); i++) {
        struct aldb_options o;
        struct aldb_log_config c;
        struct aldb_buf path;
        aldb_buf_init(&path, ALDB_MAX_NAME);
        CU_ASSERT_EQUAL(resolve(asked[i][0], &o), ALDB_OK);
        CU_ASSERT_EQUAL(aldb_options_to_log(&o, &c, &path, &diag), ALDB_OK);
        CU_ASSERT_STRING_EQUAL(c.asked, asked[i][1]);
        aldb_buf_clear(&path);
        aldb_options_clear(&o);
    }
    uint32_t mask;
    CU_ASSERT_TRUE(aldb_components_parse(S("api, Stmt"), &mask));
    CU_ASSERT_EQUAL(mask, ALDB_LOG_API | ALDB_LOG_STMT);
    CU_ASSERT_TRUE(aldb_components_parse(S(""), &mask));
    CU_ASSERT_EQUAL(mask, ALDB_LOG_ALL);
    CU_ASSERT_FALSE(aldb_components_parse(S("api,everything"), &mask));
    CU_ASSERT_FALSE(aldb_components_parse(S("api,,stmt"), &mask));
    refused("LogComponents=api;LogLevel=LOUD", "OFF, FATAL, ERROR, WARNING, INFO, DEBUG, TRACE");
    refused("LogComponents=everything", "choose from API");
}

/* ------------------------------------------------------------------ out of memory */

/* Split, resolve with a data source and a driver ini, libpq parameters, completion, logging: every allocation fails once. */
static enum aldb_rc whole_road(void)
{
    static const char text[] = "DSN=oom;SAVEFILE=f;Server=h1:1,h2;UID=u;Nonsense=1;Foo "
                               "Bar=2;PWD={p;w};PqOpt={sslrootcert=/a options='-c x=1'};"
                               "ApplicationName=app;KeepaliveIdle=3;LogPath=/x;LogFile=y";
    struct aldb_pairs p = {0};
    struct aldb_options o;
    struct aldb_libpq_params params = {0};
    struct aldb_log_config log;
    struct aldb_buf path;
    struct aldb_buf out;
    enum aldb_rc rc;
    aldb_options_init(&o);
    aldb_buf_init(&path, ALDB_MAX_NAME);
    aldb_buf_init(&out, ALDB_MAX_CONNSTR);
    ALDB_TRY(aldb_connstr_split(S(text), &p, &diag));
    ALDB_TRY(aldb_options_resolve(&o, &p, NULL, &diag));
    ALDB_TRY(aldb_options_to_libpq(&o, &params, &diag));
    ALDB_TRY(aldb_connstr_complete(&p, &o, &out, &diag));
    ALDB_TRY(aldb_options_to_log(&o, &log, &path, &diag));
out:
    aldb_libpq_params_clear(&params);
    aldb_options_clear(&o);
    aldb_pairs_clear(&p);
    aldb_buf_clear(&path);
    aldb_buf_clear(&out);
    return rc;
}

static void test_out_of_memory(void)
{
    use_dsn_file("oom.ini", "[oom]\nPort=5\nDatabase=db\nSSLMode=allow\nInitSql=select 1\n");
    setenv("ALLOYDB_ODBC_INI",
           file("oom-driver.ini", "[Defaults]\nSSLCert=/c\n[Log]\nLogLevel=INFO\n"), 1);
    fresh();
    CU_ASSERT_EQUAL(whole_road(), ALDB_OK);
    int failures = 0;
    int64_t after = 0;
    for (;; after++) {
        CU_ASSERT_TRUE_FATAL(after < 1000);
        fresh();
        aldb_alloc_fail_after(after);
        enum aldb_rc rc = whole_road();
        aldb_alloc_fail_after(-1);
        if (rc != ALDB_ERR) {
            CU_ASSERT_TRUE(rc == ALDB_OK);
            if (aldb_diag_count(&diag) > 0 && strcmp(state(1), "01S00") == 0 &&
                strstr(message(1), "Nonsense") != NULL) {
                break; /* nothing failed any more */
            }
            continue; /* only the text of a warning was lost */
        }
        failures++;
        CU_ASSERT_STRING_EQUAL(state(1), "HY001");
        if (strcmp(state(1), "HY001") != 0) {
            fprintf(stderr, "\nafter %d: %s %s\n", (int)after, state(1), message(1));
        }
    }
    CU_ASSERT_TRUE(failures > 40);
    setenv("ALLOYDB_ODBC_INI", file("empty.ini", ""), 1);
}

static int set_up(void)
{
    aldb_diag_init(&diag);
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    char path[256];
    snprintf(path, sizeof path, "%s/none.ini", folder);
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return 1;
    }
    fclose(f);
    return setenv("ALLOYDB_ODBC_INI", path, 1) || setenv("ODBCINI", path, 1) ||
           setenv("ODBCSYSINI", folder, 1);
}

static int clean_up(void)
{
    char command[128];
    aldb_diag_clear(&diag);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 2;
    }
    CU_pSuite s = CU_add_suite("config", set_up, clean_up);
    static const struct {
        const char *name;
        CU_TestFunc run;
    } tests[] = {
        {"spellings", test_spellings},
        {"defaults", test_defaults_parse},
        {"words", test_words},
        {"folding", test_folding},
        {"nearest", test_nearest},
        {"split: good", test_split_good},
        {"split: malformed", test_split_bad},
        {"split: large", test_split_large},
        {"add and split", test_round_trip},
        {"add", test_add},
        {"values", test_set_values},
        {"dialects", test_dialects},
        {"bad values", test_bad_values},
        {"what messages show", test_echo},
        {"unknown keywords", test_unknown},
        {"origins", test_origins},
        {"Server", test_server},
        {"Server, several", test_server_more},
        {"Server, bad", test_server_bad},
        {"instance URI", test_instance},
        {"identity", test_identity},
        {"data source", test_dsn},
        {"data source, ports and bad values", test_dsn_port},
        {"data source, long lines", test_dsn_long},
        {"driver ini", test_ini},
        {"driver ini, bad", test_ini_bad},
        {"environment", test_environment},
        {"libpq parameters", test_libpq},
        {"libpq's names", test_libpq_names},
        {"PqOpt", test_pqopt},
        {"PqOpt's time to connect", test_pqopt_timeout},
        {"PqOpt, as libpq reads it", test_pqopt_as_libpq},
        {"completed string", test_complete},
        {"completed string, all room at once", test_complete_grows_never},
        {"logging", test_log},
        {"out of memory", test_out_of_memory},
    };
    for (size_t i = 0; s != NULL && i < ALDB_COUNT(tests); i++) {
        if (CU_add_test(s, tests[i].name, tests[i].run) == NULL) {
            return 2;
        }
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures() + (s == NULL);
    CU_cleanup_registry();
    return failed > 0;
}
