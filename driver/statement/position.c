/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/position.h"

#include <sql.h>
#include <sqlext.h>

static const struct aldb_move before = {.place = ALDB_PLACE_BEFORE};
static const struct aldb_move after = {.place = ALDB_PLACE_AFTER};

static struct aldb_move row(int64_t first)
{
    return (struct aldb_move){.place = ALDB_PLACE_ROW, .first = first};
}

/* It would begin before the first row, and begins with it. */
static struct aldb_move cut(void)
{
    return (struct aldb_move){.place = ALDB_PLACE_ROW, .first = 1, .cut = true};
}

/* a + b without overflow. */
static int64_t sum(int64_t a, int64_t b)
{
    int64_t result;
    return __builtin_add_overflow(a, b, &result) ? (b < 0 ? INT64_MIN : INT64_MAX) : result;
}

static bool is_before(const struct aldb_position *at)
{
    return at->first == 0 && !at->after;
}

static struct aldb_move absolute(int64_t n, int64_t size, int64_t last)
{
    if (n > 0) {
        return row(n);
    }
    if (n == 0 || last == 0) {
        return n == 0 ? before : after;
    }
    int64_t first = last + n + 1;
    return first >= 1 ? row(first) : -size <= n ? cut() : before;
}

static struct aldb_move relative(int64_t n, const struct aldb_position *at, int64_t size, int64_t last)
{
    if (at->first == 0) {
        if (is_before(at)) {
            return n > 0 ? absolute(n, size, last) : before;
        }
        return n < 0 ? absolute(n, size, last) : after;
    }
    int64_t first = sum(at->first, n);
    if (first >= 1) {
        return row(first);
    }
    return at->first > 1 && n >= -size ? cut() : before;
}

static struct aldb_move prior(const struct aldb_position *at, int64_t size, int64_t last)
{
    if (is_before(at) || at->first == 1) {
        return before;
    }
    if (at->first == 0) {
        return last == 0 ? before : last >= size ? row(last - size + 1) : cut();
    }
    return at->first > size ? row(at->first - size) : cut();
}

bool aldb_position_needs_last(int orientation, int64_t offset, const struct aldb_position *at)
{
    bool at_end = at->first == 0 && at->after;
    switch (orientation) {
    case SQL_FETCH_LAST:
        return true;
    case SQL_FETCH_PRIOR:
        return at_end;
    case SQL_FETCH_ABSOLUTE:
        return offset < 0;
    case SQL_FETCH_RELATIVE:
        return at_end && offset < 0;
    default:
        return false;
    }
}

struct aldb_move aldb_position_move(int orientation, int64_t offset, const struct aldb_position *at, int64_t size, int64_t last, int64_t bookmark)
{
    switch (orientation) {
    case SQL_FETCH_NEXT:
        return at->first > 0 ? row(sum(at->first, at->rows)) : at->after ? after : row(1);
    case SQL_FETCH_FIRST:
        return row(1);
    case SQL_FETCH_LAST:
        return last == 0 ? after : row(last > size ? last - size + 1 : 1);
    case SQL_FETCH_PRIOR:
        return prior(at, size, last);
    case SQL_FETCH_RELATIVE:
        return relative(offset, at, size, last);
    case SQL_FETCH_ABSOLUTE:
        return absolute(offset, size, last);
    case SQL_FETCH_BOOKMARK: {
        int64_t first = sum(bookmark, offset);
        return first >= 1 ? row(first) : before;
    }
    default:
        return before;
    }
}
