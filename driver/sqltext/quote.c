/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sqltext/sqltext.h"

static void add_doubled(struct aldb_buf *b, struct aldb_slice s, char quote, bool backslashes)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == quote || (backslashes && s.ptr[i] == '\\')) {
            aldb_buf_add(b, s.ptr + from, i + 1 - from);
            from = i; /* the next run begins with the same byte once more */
        }
    }
    aldb_buf_add(b, s.ptr + from, s.len - from);
}

void aldb_sql_quote_literal(struct aldb_buf *b, struct aldb_slice s)
{
    bool backslashes = s.len > 0 && memchr(s.ptr, '\\', s.len) != NULL;
    aldb_buf_add_str(b, backslashes ? "E'" : "'");
    if (s.len > 0) {
        add_doubled(b, s, '\'', backslashes);
    }
    aldb_buf_add_char(b, '\'');
}

void aldb_sql_quote_ident(struct aldb_buf *b, struct aldb_slice s)
{
    aldb_buf_add_char(b, '"');
    if (s.len > 0) {
        add_doubled(b, s, '"', false);
    }
    aldb_buf_add_char(b, '"');
}
