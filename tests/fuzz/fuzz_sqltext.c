/* SPDX-License-Identifier: Apache-2.0 */
/* Statement texts: no crash, no hang, and the promises of sqltext.h about what comes out. First byte: flags. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sqltext/sqltext.h"

static void require(bool promise)
{
    if (!promise) {
        abort();
    }
}

/* Every other argument gets a name: the text grows by just these, and a position is that of what stood there before. */
static void check_names(struct aldb_sql *sql, size_t part, struct aldb_sql_routine *r)
{
    static const char name[] = "\"n\"\"\" => ";
    size_t grown = 0;
    require(aldb_sql_write_call(sql, part, r, ALDB_CALL_TEXT_FUNCTION) == ALDB_OK);
    size_t before = aldb_sql_part_text(sql, part).len;
    size_t last = aldb_sql_map_position(sql, part, before + 1);
    for (size_t i = 0; i < r->nargs; i += 2) {
        r->args[i].given = aldb_slice_of("n\"");
        grown += r->args[i].name.len == 0 ? sizeof name - 1 : 0;
    }
    require(aldb_sql_write_call(sql, part, r, ALDB_CALL_TEXT_FUNCTION) == ALDB_OK);
    struct aldb_slice text = aldb_sql_part_text(sql, part);
    require(text.len == before + grown && strlen(text.ptr) == text.len);
    require(aldb_sql_map_position(sql, part, text.len + 1) == last);
    for (size_t i = 0; i < r->nargs; i++) {
        r->args[i].given = (struct aldb_slice){0};
    }
    require(aldb_sql_write_call(sql, part, r, ALDB_CALL_TEXT_FUNCTION) == ALDB_OK && aldb_sql_part_text(sql, part).len == before);
}

/* Arguments lie in order between the parentheses, each with its comma in front. */
static void check_call(struct aldb_sql *sql, size_t part)
{
    const struct aldb_sql_part *p = &sql->parts[part];
    struct aldb_sql_routine r;
    enum aldb_rc rc = aldb_sql_read_call(sql, part, &r);
    require(rc == ALDB_OK || rc == ALDB_NO_DATA);
    if (rc != ALDB_OK) {
        return;
    }
    size_t at = r.open;
    require(r.open > p->begin && r.close < p->end && sql->text.data[r.open - 1] == '(' && sql->text.data[r.close] == ')');
    for (size_t i = 0; i < r.nargs; i++) {
        const struct aldb_sql_arg *a = &r.args[i];
        require((a->comma == SIZE_MAX) == (i == 0) && (i == 0 || (a->comma >= at && a->comma < a->begin && sql->text.data[a->comma] == ',')));
        require(a->begin >= at && a->end >= a->begin && a->end <= r.close);
        require(a->value >= a->begin && a->value <= r.close);
        require(a->name.len == 0 || (a->name.at == a->value && a->value + a->name.len < a->end));
        require(a->marker == ALDB_SQL_NO_MARKER || (a->marker >= p->first_param && a->marker < p->first_param + p->nparams));
        at = a->end;
    }
    check_names(sql, part, &r);
    aldb_sql_routine_clear(&r);
}

static void check(struct aldb_sql *sql)
{
    require(sql->nparts > 0);
    size_t at = 0;
    uint32_t markers = sql->call == ALDB_CALL_RETURN;
    for (size_t i = 0; i < sql->nparts; i++) {
        const struct aldb_sql_part *p = &sql->parts[i];
        require(p->begin >= at && p->end >= p->begin && p->end < sql->text.len && sql->text.data[p->end] == '\0');
        require(memchr(sql->text.data + p->begin, '\0', p->end - p->begin) == NULL);
        require(p->first_param == markers);
        require(p->call_name.at + p->call_name.len <= p->end);
        markers += p->nparams;
        at = p->end + 1;
        check_call(sql, i);
        size_t last = 0;
        for (size_t c = 0; c <= 64; c++) {
            last = aldb_sql_map_position(sql, i, c);
            require(c > 0 ? last >= 1 : last == 0);
        }
    }
    require(markers == sql->nparams);
    /* Every marker stands once, in its order. */
    uint32_t first = sql->call == ALDB_CALL_RETURN;
    require(sql->nrefs == sql->nparams - first);
    for (size_t i = 0; i < sql->nrefs; i++) {
        require(sql->refs[i].param == first + i && sql->refs[i].at < sql->text.len && sql->text.data[sql->refs[i].at] == '$');
        require(sql->marker_at[first + i] == sql->refs[i].at);
        require(i == 0 || sql->refs[i].at > sql->refs[i - 1].at);
    }
}

/* A piece of the text, translated again with `behind` behind it, has so many markers. */
static void check_span(const struct aldb_sql *sql, struct aldb_sql_span span, const char *before, const char *behind, uint32_t markers)
{
    struct aldb_sql_flags plain = {.noscan = true, .standard_conforming_strings = sql->standard_conforming_strings};
    struct aldb_buf b;
    struct aldb_sql again;
    struct aldb_diag diag;
    /* A brace that was no escape, and a semicolon in one that was, are no SQL: no server plans them. */
    if (memchr(sql->text.data + span.at, '{', span.len) || memchr(sql->text.data + span.at, ';', span.len)) {
        return;
    }
    aldb_diag_init(&diag);
    aldb_buf_init(&b, ALDB_MAX_SQL);
    aldb_buf_add_str(&b, before);
    aldb_sql_add_span(&b, sql, span);
    aldb_buf_add_str(&b, behind);
    require(aldb_sql_translate(aldb_buf_slice(&b), plain, &again, &diag) != ALDB_ERR && again.nparts == 1 && again.nparams == markers);
    aldb_sql_clear(&again);
    aldb_diag_clear(&diag);
    aldb_buf_clear(&b);
}

/* What cursors that change rows are made of: pieces of the text, and room for the driver's own columns. */
static void check_selection(struct aldb_sql *sql)
{
    const struct aldb_sql_part *p = &sql->parts[0];
    struct aldb_sql_selection sel;
    struct aldb_sql_span name;
    size_t where;
    if (sql->nparts != 1) {
        return;
    }
    if (aldb_sql_selection(sql, 0, &sel)) {
        require(sel.list.at > p->begin && sel.list.len > 0 && sel.relation.at > sel.list.at + sel.list.len && sel.relation.len > 0);
        require(sel.qualifier.at >= sel.relation.at && sel.qualifier.at + sel.qualifier.len <= p->end);
        check_span(sql, sel.list, "select ", " from t", 0);
        char *before = strdup(sql->text.data);
        require(before && aldb_sql_insert(sql, sel.list.at + sel.list.len, aldb_slice_of(", t.x")));
        for (size_t i = 0; i < sql->nrefs; i++) {
            require(sql->text.data[sql->refs[i].at] == '$');
        }
        require(sql->text.data[p->end] == '\0' && strlen(sql->text.data) == strlen(before) + 5);
        aldb_sql_take_out(sql);
        require(strcmp(sql->text.data, before) == 0);
        free(before);
    }
    if (aldb_sql_current_of(sql, 0, &name, &where)) {
        require(where > p->begin && name.at > where && name.len > 0 && name.at + name.len <= p->end);
        if (sql->nrefs > 0 || memchr(sql->text.data, '$', where) == NULL) {
            check_span(sql, (struct aldb_sql_span){p->begin, where - p->begin}, "", "where ctid = ?", sql->nparams + 1);
        }
    }
}

static size_t count_of(struct aldb_slice s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        n += s.ptr[i] == c;
    }
    return n;
}

/* A bracket that an escape leaves open does not keep the text behind it together; in the native text, without the escape's braces, it does. The server takes neither. */
static bool may_split_otherwise(struct aldb_slice text)
{
    return count_of(text, '(') != count_of(text, ')') || count_of(text, '[') != count_of(text, ']');
}

/* What SQLNativeSql shows takes the same parameters, and means what it says when no escapes are looked for. */
static void check_native(struct aldb_slice native, struct aldb_sql_flags flags, const struct aldb_sql *sql)
{
    struct aldb_sql again;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    flags.noscan = true;
    require(aldb_sql_translate(native, flags, &again, &diag) != ALDB_ERR);
    require(again.nparams == sql->nparams - (sql->call == ALDB_CALL_RETURN));
    aldb_sql_clear(&again);
    aldb_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct aldb_sql_flags flags = {.noscan = data[0] & 1, .standard_conforming_strings = !(data[0] & 2)};
    struct aldb_slice text = {(const char *)data + 1, size - 1};
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    struct aldb_sql sql;
    enum aldb_rc rc = aldb_sql_translate(text, flags, &sql, &diag);
    require(aldb_diag_has_error(&diag) == (rc == ALDB_ERR));
    bool translated = rc != ALDB_ERR;
    if (translated) {
        check(&sql);
        check_selection(&sql);
        /* A translated part is PostgreSQL's own text: read again without escapes it is one statement with the same class. */
        struct aldb_sql_flags plain = {.noscan = true, .standard_conforming_strings = flags.standard_conforming_strings};
        struct aldb_sql again;
        const struct aldb_sql_part *p = &sql.parts[0];
        if (sql.nparts == 1 && sql.nrefs == 0 && p->call == ALDB_CALL_NONE && memchr(text.ptr, '?', text.len) == NULL &&
            memchr(text.ptr, '{', text.len) == NULL) {
            require(aldb_sql_translate(aldb_slice(sql.text.data + p->begin, p->end - p->begin), plain, &again, &diag) != ALDB_ERR);
            require(again.nparts == 1 && again.parts[0].cls == p->cls && again.parts[0].end == p->end - p->begin);
            aldb_sql_clear(&again);
        }
    }
    aldb_diag_clear(&diag);

    struct aldb_buf native;
    aldb_buf_init(&native, ALDB_MAX_SQL);
    rc = aldb_sql_native(text, flags, &native, &diag);
    require(aldb_diag_has_error(&diag) == (rc == ALDB_ERR));
    if (translated) {
        require(rc != ALDB_ERR);
        if (!may_split_otherwise(text)) {
            check_native(aldb_buf_slice(&native), flags, &sql);
        }
    }
    aldb_sql_clear(&sql);
    aldb_buf_clear(&native);
    aldb_diag_clear(&diag);
    return 0;
}
