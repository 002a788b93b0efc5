/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/library/attributes.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/utf.h"

/* One "keyword=value" of the list. */
struct item {
    struct aldb_slice key;
    struct aldb_slice value; /* blanks around it do not count */
    struct aldb_slice whole; /* with them */
    size_t number;           /* 1 is the first */
    int keyword;             /* enum aldb_keyword; -1 = unknown */
    const char *behind;      /* the secret keyword before it, whose value this may be a piece of; NULL = none */
};

/* What parsing knows. */
struct parse {
    struct aldb_attributes *out;
    const char *driver;
    struct aldb_options options; /* what the values mean, by themselves */
    struct aldb_diag diag;
    struct aldb_faults *faults;
};

static enum aldb_keyword_group { ORDINARY, NAME, DRIVER, ELSEWHERE } group_of(int keyword)
{
    switch (keyword) {
    case ALDB_KW_DSN:
        return NAME;
    case ALDB_KW_Driver:
        return DRIVER;
    case ALDB_KW_FileDSN:
    case ALDB_KW_SaveFile:
        return ELSEWHERE;
    default:
        return ORDINARY;
    }
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static bool has_control(struct aldb_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_control(text.ptr[i])) {
            return true;
        }
    }
    return false;
}

static bool is_secret(const struct item *item)
{
    return item->keyword >= 0 && aldb_keyword_secret((enum aldb_keyword)item->keyword, NULL);
}

/* ------------------------------------------------------------------ what is refused */

static enum aldb_rc refuse_unknown(const struct item *item, struct aldb_faults *f)
{
    char shown[ALDB_SHOWN_MAX + 4];
    const char *near = aldb_keyword_nearest(item->key);
    const char *ask[] = {near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : ""};
    if (item->behind != NULL) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The keyword of attribute number %zu, behind %s, is not known%s%s%s (attributes are separated by NUL)",
                              item->number, item->behind, ask[0], ask[1], ask[2]);
    }
    return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The keyword \"%s\" is not known%s%s%s", aldb_shown(item->key, shown), ask[0], ask[1], ask[2]);
}

/* What odbc.ini cannot hold, or unixODBC not read. */
static enum aldb_rc check_text(const struct item *item, struct aldb_faults *f)
{
    const char *name = aldb_keyword_spelling(item->key);
    if (!aldb_utf8_valid(item->value.ptr, item->value.len)) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE,
                              "The value of %s is not UTF-8, which the driver reads (SQLConfigDataSourceW of unixODBC damages what is not ASCII: call SQLConfigDataSource)", name);
    }
    if (has_control(item->value)) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The value of %s has a control character in it, which odbc.ini cannot hold", name);
    }
    if (is_secret(item) && item->value.len != item->whole.len) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE,
                              "The value of %s begins or ends with a blank, which odbc.ini does not keep: give it in the connection string, in braces", name);
    }
    return ALDB_OK;
}

static enum aldb_rc check_length(const char *key, size_t value, struct aldb_faults *f)
{
    if (strlen(key) + value > ALDB_DSN_LINE_MAX) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The value of %s is too long for odbc.ini, of whose lines unixODBC reads %d bytes: give it in the connection string", key,
                              ALDB_DSN_LINE_MAX);
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ one attribute */

static enum aldb_rc take_name(struct parse *p, const struct item *item)
{
    char **to = p->out->dsn == NULL ? &p->out->dsn : &p->out->new_name;
    if (*to != NULL) {
        return aldb_fault_add(p->faults, ODBC_ERROR_INVALID_KEYWORD_VALUE, "DSN is given more than twice");
    }
    *to = aldb_strndup(item->value.ptr, item->value.len);
    return *to != NULL ? ALDB_OK : aldb_fault_no_memory(p->faults);
}

static enum aldb_rc check_driver(const struct parse *p, const struct item *item)
{
    if (aldb_slice_eq_nocase(item->value, aldb_slice_of(p->driver))) {
        return ALDB_OK;
    }
    char shown[2][ALDB_SHOWN_MAX + 4];
    return aldb_fault_add(p->faults, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The attributes say driver \"%s\" and the call \"%s\": leave Driver out of the attributes",
                          aldb_shown(item->value, shown[0]), aldb_shown(aldb_slice_of(p->driver), shown[1]));
}

static enum aldb_rc check_once(const struct parse *p, const struct item *item)
{
    const char *key = aldb_keyword_spelling(item->key);
    for (size_t i = 0; i < p->out->settings.count; i++) {
        if (aldb_attribute_same(p->out->settings.at[i].key, key)) {
            return aldb_fault_add(p->faults, ODBC_ERROR_INVALID_KEYWORD_VALUE, "%s is given twice, the second time as attribute number %zu: give it once", p->out->settings.at[i].key,
                                  item->number);
        }
    }
    return ALDB_OK;
}

/* The driver's own reading of the value decides; it goes into the file in the words of the table. */
static enum aldb_rc take_setting(struct parse *p, const struct item *item)
{
    enum aldb_rc rc;
    enum aldb_keyword kw = (enum aldb_keyword)item->keyword;
    bool plain = aldb_keyword_info(kw)->type == ALDB_VT_IGNORED;
    const char *key = plain ? aldb_keyword_spelling(item->key) : aldb_keyword_info(kw)->name;
    struct aldb_buf value;
    aldb_buf_init(&value, ALDB_MAX_CONNSTR);
    ALDB_TRY(check_once(p, item));
    ALDB_TRY(check_text(item, p->faults));
    ALDB_TRY(check_length(key, item->value.len, p->faults));
    if (aldb_buf_reserve(&value, ALDB_DSN_LINE_MAX) == NULL) { /* all room at once: growing would leave copies of secrets behind */
        rc = aldb_fault_no_memory(p->faults);
        goto out;
    }
    rc = aldb_options_set(&p->options, item->key, item->value, ALDB_FROM_DSN, &p->diag);
    if (rc == ALDB_ERR) {
        rc = aldb_fault_take(p->faults, ODBC_ERROR_INVALID_KEYWORD_VALUE, &p->diag);
        goto out;
    }
    if (plain) {
        aldb_buf_add_slice(&value, item->value);
    } else if (item->value.len > 0) {
        aldb_option_format(&p->options, kw, &value);
    }
    rc = aldb_buf_ok(&value) ? aldb_pairs_add(&p->out->settings, aldb_slice_of(key), aldb_buf_slice(&value), &p->diag) : ALDB_ERR;
    if (rc == ALDB_ERR) {
        aldb_diag_reset(&p->diag);
        rc = aldb_fault_no_memory(p->faults);
    }
out:
    aldb_buf_wipe(&value);
    return rc;
}

static enum aldb_rc take_item(struct parse *p, const struct item *item)
{
    if (item->keyword < 0) {
        return refuse_unknown(item, p->faults);
    }
    switch (group_of(item->keyword)) {
    case NAME:
        return take_name(p, item);
    case DRIVER:
        return check_driver(p, item);
    case ELSEWHERE:
        return aldb_fault_add(p->faults, ODBC_ERROR_INVALID_KEYWORD_VALUE, "%s is for connection strings: a data source in odbc.ini has none", aldb_keyword_spelling(item->key));
    default:
        return take_setting(p, item);
    }
}

/* ------------------------------------------------------------------ the list */

/* False: no '='. Such a text is not repeated, since it may be anything. */
static bool split_item(struct aldb_slice text, struct item *item)
{
    const char *equals = memchr(text.ptr, '=', text.len);
    if (equals == NULL) {
        return false;
    }
    item->key = aldb_slice_trim(aldb_slice(text.ptr, (size_t)(equals - text.ptr)));
    item->whole = aldb_slice(equals + 1, text.len - (size_t)(equals - text.ptr) - 1);
    item->value = aldb_slice_trim(item->whole);
    item->keyword = aldb_keyword_find(item->key);
    return true;
}

enum aldb_rc aldb_attributes_parse(const char *list, const char *driver, struct aldb_attributes *out, struct aldb_faults *f)
{
    struct parse p = {.out = out, .driver = driver, .faults = f};
    struct item item = {.number = 0};
    enum aldb_rc rc = ALDB_OK;
    aldb_options_init(&p.options);
    aldb_diag_init(&p.diag);
    for (const char *at = list != NULL ? list : ""; *at != '\0'; at += strlen(at) + 1) {
        item.number++;
        if (!split_item(aldb_slice_of(at), &item)) {
            rc = aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "Attribute number %zu has no '=': write keyword=value, and NUL between attributes", item.number);
            continue;
        }
        if (take_item(&p, &item) == ALDB_ERR) {
            rc = ALDB_ERR;
        }
        if (item.keyword >= 0) {
            item.behind = is_secret(&item) ? aldb_keyword_info((enum aldb_keyword)item.keyword)->name : NULL;
        }
    }
    aldb_diag_clear(&p.diag);
    aldb_options_clear(&p.options);
    if (rc == ALDB_ERR) {
        aldb_attributes_clear(out);
    }
    return rc;
}

enum aldb_rc aldb_attributes_names(const char *list, struct aldb_attributes *out, struct aldb_faults *f)
{
    struct parse p = {.out = out, .faults = f};
    struct item item = {.number = 0};
    enum aldb_rc rc = ALDB_OK;
    for (const char *at = list != NULL ? list : ""; rc != ALDB_ERR && *at != '\0'; at += strlen(at) + 1) {
        if (split_item(aldb_slice_of(at), &item) && group_of(item.keyword) == NAME) {
            rc = take_name(&p, &item);
        }
    }
    if (rc == ALDB_ERR) {
        aldb_attributes_clear(out);
    }
    return rc;
}

void aldb_attributes_clear(struct aldb_attributes *a)
{
    aldb_free(a->dsn);
    aldb_free(a->new_name);
    aldb_pairs_clear(&a->settings);
    *a = (struct aldb_attributes){0};
}

bool aldb_attribute_same(const char *a, const char *b)
{
    int kw = aldb_keyword_find(aldb_slice_of(a));
    if (kw != aldb_keyword_find(aldb_slice_of(b))) {
        return false;
    }
    if (kw < 0) {
        return strcasecmp(a, b) == 0; /* as unixODBC does */
    }
    /* One row of the table stands for several of these. */
    return aldb_keyword_info((enum aldb_keyword)kw)->type != ALDB_VT_IGNORED || aldb_keyword_spelling(aldb_slice_of(a)) == aldb_keyword_spelling(aldb_slice_of(b));
}

enum aldb_rc aldb_attributes_check(const struct aldb_pairs *all, struct aldb_faults *f)
{
    struct aldb_options o;
    struct aldb_diag diag;
    aldb_options_init(&o);
    aldb_diag_init(&diag);
    bool good = true;
    for (size_t i = 0; i < all->count; i++) {
        good = aldb_options_set(&o, aldb_slice_of(all->at[i].key), aldb_slice_of(all->at[i].value), ALDB_FROM_DSN, &diag) != ALDB_ERR && good;
    }
    good = good && aldb_options_settle(&o, &diag) != ALDB_ERR;
    enum aldb_rc rc = aldb_fault_take(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, &diag);
    rc = good ? ALDB_OK : rc;
    aldb_diag_clear(&diag);
    aldb_options_clear(&o);
    return rc;
}

enum aldb_rc aldb_dsn_name_check(const char *name, struct aldb_faults *f)
{
    static const char *const taken[] = {"ODBC", "ODBC Data Sources"};
    char shown[ALDB_SHOWN_MAX + 4];
    struct aldb_slice text = aldb_slice_of(name);
    if (text.ptr == NULL || text.len == 0) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_DSN, "The attributes name no data source: give DSN=name");
    }
    for (size_t i = 0; i < ALDB_COUNT(taken); i++) {
        if (aldb_slice_is(text, taken[i])) {
            return aldb_fault_add(f, ODBC_ERROR_INVALID_DSN, "No data source can be named \"%s\": that section of odbc.ini is the driver manager's", taken[i]);
        }
    }
    if (!SQLValidDSN(name) || has_control(text) || !aldb_utf8_valid(text.ptr, text.len)) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_DSN, "\"%s\" cannot be the name of a data source: it has 1 to 32 bytes of UTF-8, and none of []{}(),;?*=!@\\ (attributes are separated by NUL)",
                              aldb_shown(text, shown));
    }
    return ALDB_OK;
}
