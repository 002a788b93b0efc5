/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetData: whole values and parts of them, columns in any order, what may be read again, and everything it refuses. */
#include "harness.h"

#include <stdlib.h>

static void fetch(SQLHSTMT stmt, const char *sql)
{
    query(stmt, sql);
    CHECK_OK(stmt, SQLFetch(stmt));
}

static void done(SQLHSTMT stmt)
{
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* ---- characters in parts ------------------------------------------------------------------------------------------- */

static void char_parts(void)
{
    struct link l = link_open("");
    char part[5];
    SQLLEN left = 0;
    fetch(l.stmt, "select 'abcdefghij'");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left), "01004");
    CHECK_INT(left, 10); /* what was left before this part */
    CHECK_TEXT(part, "abcd");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left), "01004");
    CHECK_INT(left, 6);
    CHECK_TEXT(part, "efgh");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left));
    CHECK_INT(left, 2);
    CHECK_TEXT(part, "ij");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left), SQL_NO_DATA);
    CHECK_TEXT(part, "ij");
    CHECK_INT(left, 2);
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left), SQL_NO_DATA);
    done(l.stmt);

    /* A part that fits exactly: the terminator needs room, too. */
    fetch(l.stmt, "select 'abcde'");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 5, &left), "01004");
    CHECK_INT(left, 5);
    CHECK_TEXT(part, "abcd");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 2, &left));
    CHECK_INT(left, 1);
    CHECK_TEXT(part, "e");
    done(l.stmt);

    /* Buffers of every size, also of different ones; without an indicator. */
    for (SQLLEN size = 2; size < 14; size++) {
        char all[32] = "";
        char piece[16];
        SQLRETURN rc;
        fetch(l.stmt, "select 'abcdefghij'");
        while ((rc = SQLGetData(l.stmt, 1, SQL_C_CHAR, piece, size, NULL)) != SQL_NO_DATA && SQL_SUCCEEDED(rc)) {
            strncat(all, piece, sizeof all - strlen(all) - 1);
        }
        CHECK_RC(l.stmt, rc, SQL_NO_DATA);
        CHECK_TEXT(all, "abcdefghij");
        done(l.stmt);
    }
    link_close(&l);
}

/* No room, or room for the terminator only: asks for the length, and the position stays. */
static void no_room(void)
{
    struct link l = link_open("");
    char part[16] = "xyz";
    SQLWCHAR units[8] = {7, 7};
    SQLLEN left = 0;
    fetch(l.stmt, "select 'abc', '\\x010203'::bytea, ''");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 0, &left), "01004");
    CHECK_INT(left, 3);
    CHECK_TEXT(part, "xyz");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 1, &left), "01004");
    CHECK_INT(left, 3);
    CHECK_TEXT(part, "");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left));
    CHECK_INT(left, 3);
    CHECK_TEXT(part, "abc");
    for (SQLLEN room = 0; room < 4; room++) { /* 3: one unit, as 2 */
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, room, &left), "01004");
        CHECK_INT(left, 6);
        CHECK_INT(units[0], room < 2 ? 7 : 0);
        CHECK_INT(units[1], 7);
    }
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, sizeof units, &left));
    CHECK_TEXT(narrow(units), "abc");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 2, SQL_C_BINARY, part, 0, &left), "01004");
    CHECK_INT(left, 3);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_BINARY, part, 3, &left));
    CHECK_INT(left, 3);
    CHECK(memcmp(part, "\x01\x02\x03", 3) == 0);
    done(l.stmt);

    /* The length of a number as text; a buffer for some of its digits is an error, and loses nothing. */
    fetch(l.stmt, "select 123456");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 0, &left), "01004");
    CHECK_INT(left, 6);
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 4, &left), "22003");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 7, &left));
    CHECK_TEXT(part, "123456");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 7, &left), SQL_NO_DATA);
    done(l.stmt);
    link_close(&l);
}

/* A part is filled to its last byte, within a character too: clients count on the room that they gave, and put the parts together before they read them. */
static void utf8_parts(void)
{
    struct link l = link_open("");
    char part[8];
    SQLLEN left = 0;
    fetch(l.stmt, "select 'aé€😀'"); /* 1, 2, 3 and 4 bytes */
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 3, &left), "01004");
    CHECK_INT(left, 10);
    CHECK_TEXT(part, "a\xC3");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 5, &left), "01004");
    CHECK_INT(left, 8);
    CHECK_TEXT(part, "\xA9€");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 4, &left), "01004");
    CHECK_INT(left, 4);
    CHECK_TEXT(part, "\xF0\x9F\x98");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 2, &left));
    CHECK_INT(left, 1);
    CHECK_TEXT(part, "\x80");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 5, &left), SQL_NO_DATA);

    /* Two bytes at a time get there, too. */
    char all[16] = "";
    SQLRETURN rc;
    done(l.stmt);
    fetch(l.stmt, "select 'aé€😀'");
    while ((rc = SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 2, &left)) != SQL_NO_DATA && SQL_SUCCEEDED(rc) && strlen(all) < 11) {
        strncat(all, part, sizeof all - strlen(all) - 1);
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_TEXT(all, "aé€😀");
    link_close(&l);
}

static void wchar_parts(void)
{
    struct link l = link_open("");
    SQLWCHAR part[8];
    SQLLEN left = 0;
    fetch(l.stmt, "select 'aé€😀b😀'"); /* 8 units: the pairs are 3-4 and 6-7 */
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 10, &left), "01004"); /* 4 and the terminator: the last is half a pair */
    CHECK_INT(left, 16);
    CHECK_INT(part[3], 0xD83D);
    CHECK_INT(part[4], 0);
    part[3] = 0;
    CHECK_TEXT(narrow(part), "aé€");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 7, &left), "01004"); /* odd: 3 units */
    CHECK_INT(left, 8);
    CHECK_INT(part[0], 0xDE00);
    CHECK_INT(part[1], 'b');
    CHECK_INT(part[2], 0);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 8, &left));
    CHECK_INT(left, 4);
    CHECK_TEXT(narrow(part), "😀");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 8, &left), SQL_NO_DATA);
    done(l.stmt);

    /* One unit at a time. */
    SQLWCHAR all[16];
    size_t n = 0;
    SQLRETURN rc;
    fetch(l.stmt, "select 'aé€😀b😀'");
    while ((rc = SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 4, &left)) != SQL_NO_DATA && SQL_SUCCEEDED(rc) && n < 12) {
        CHECK_INT(left, 2 * (8 - (SQLLEN)n));
        CHECK_INT(part[1], 0);
        all[n++] = part[0];
    }
    all[n] = 0;
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(n, 8);
    CHECK_TEXT(narrow(all), "aé€😀b😀");
    done(l.stmt);

    /* A buffer that changes its size in the middle of a pair. */
    fetch(l.stmt, "select '😀😀x'");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 4, &left), "01004");
    CHECK_INT(part[0], 0xD83D);
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, 2, &left), "01004");
    CHECK_INT(left, 8);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, part, sizeof part, &left));
    CHECK_INT(left, 8);
    CHECK_INT(part[0], 0xDE00);
    CHECK_TEXT(narrow(part + 1), "😀x");
    link_close(&l);
}

static void binary_parts(void)
{
    struct link l = link_open("");
    unsigned char part[8];
    char hex[8];
    SQLWCHAR whex[8];
    SQLLEN left = 0;
    for (int text = 0; text < 2; text++) {
        fetch(l.stmt, text ? "select '\\x00010203fffe'::bytea, 'pg_class'::regclass" : "select '\\x00010203fffe'::bytea");
        memset(part, 0x55, sizeof part);
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 4, &left), "01004");
        CHECK_INT(left, 6);
        CHECK(memcmp(part, "\x00\x01\x02\x03\x55", 5) == 0); /* no terminator */
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 2, &left));
        CHECK_INT(left, 2);
        CHECK(memcmp(part, "\xff\xfe\x02", 3) == 0);
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 2, &left), SQL_NO_DATA);

        /* As digits: whole pairs only, whatever the size. */
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, hex, 6, &left), "01004");
        CHECK_INT(left, 12);
        CHECK_TEXT(hex, "0001");
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, hex, 7, &left), "01004");
        CHECK_INT(left, 8);
        CHECK_TEXT(hex, "0203FF");
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, hex, 3, &left));
        CHECK_INT(left, 2);
        CHECK_TEXT(hex, "FE");
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, hex, 3, &left), SQL_NO_DATA);
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, whex, 15, &left), "01004");
        CHECK_INT(left, 24);
        CHECK_TEXT(narrow(whex), "000102");
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, whex, 16, &left));
        CHECK_INT(left, 12);
        CHECK_TEXT(narrow(whex), "03FFFE");
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, whex, 16, &left), SQL_NO_DATA);
        done(l.stmt);
    }

    /* Text as bytes is its UTF-8, never read as digits. */
    fetch(l.stmt, "select '00FFé'");
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 5, &left), "01004");
    CHECK_INT(left, 6);
    CHECK(memcmp(part, "00FF\xC3", 5) == 0);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 5, &left));
    CHECK_INT(left, 1);
    CHECK_INT(part[0], 0xA9);
    link_close(&l);
}

/* Values that are no text on the wire come in parts, too: they are rendered once. */
static void rendered_parts(void)
{
    static const struct {
        const char *sql, *text;
        SQLLEN first; /* bytes that must fit at once: digits before the point, fields of a date */
    } list[] = {
        {"select array[1, 2, 3, 1000000]", "{1,2,3,1000000}", 1},
        {"select 123.456789", "123.456789", 4},
        {"select -0.00001::numeric", "-0.00001", 3},
        {"select '2026-11-21 01:02:03.456789'::timestamp", "2026-11-21 01:02:03.456789", 20},
        {"select '01:02:03.456789'::time", "01:02:03.456789", 9},
        {"select '1 year 2 mons'::interval", "1 year 2 mons", 1},
        {"select '{\"a\": 1}'::jsonb", "{\"a\": 1}", 1},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        for (int wide_chars = 0; wide_chars < 2; wide_chars++) {
            char all[64] = "";
            union {
                char narrow[64];
                SQLWCHAR wide[64];
            } part;
            SQLLEN left = 0;
            SQLLEN unit = wide_chars ? 2 : 1;
            SQLSMALLINT type = wide_chars ? SQL_C_WCHAR : SQL_C_CHAR;
            SQLRETURN rc;
            fetch(l.stmt, list[i].sql);
            if (list[i].first > 1) { /* cutting what is no fraction would make another value */
                CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, type, &part, (list[i].first - 1) * unit, &left), "22003");
            }
            SQLLEN room = list[i].first + 1;
            while ((rc = SQLGetData(l.stmt, 1, type, &part, room * unit, &left)) != SQL_NO_DATA && SQL_SUCCEEDED(rc) && strlen(all) < 40) {
                CHECK_INT(left, unit * (SQLLEN)(strlen(list[i].text) - strlen(all)));
                strncat(all, wide_chars ? narrow(part.wide) : part.narrow, sizeof all - strlen(all) - 1);
                room = 3;
            }
            CHECK_RC(l.stmt, rc, SQL_NO_DATA);
            CHECK_TEXT(all, list[i].text);
            done(l.stmt);
        }
    }
    link_close(&l);
}

static void empty_values(void)
{
    struct link l = link_open("");
    char text[4] = "xyz";
    SQLWCHAR units[2] = {7, 7};
    SQLLEN left = 9;
    for (int as_text = 0; as_text < 2; as_text++) {
        fetch(l.stmt, as_text ? "select '', ''::bytea, 'pg_class'::regclass" : "select '', ''::bytea");
        memcpy(text, "xyz", 4);
        units[0] = 7;
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 1, &left));
        CHECK_INT(left, 0);
        CHECK_TEXT(text, "");
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, 2, &left));
        CHECK_INT(left, 0);
        CHECK_INT(units[0], 0);
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, 2, &left), SQL_NO_DATA);
        left = 9;
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_BINARY, text, 0, &left));
        CHECK_INT(left, 0);
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 2, SQL_C_BINARY, text, sizeof text, &left), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, 1, &left));
        CHECK_INT(left, 0);
        done(l.stmt);
    }
    link_close(&l);
}

static void fixed_values_once(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLLEN left = 0;
    fetch(l.stmt, "select 42");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, &left)); /* BufferLength means nothing here */
    CHECK_INT(n, 42);
    CHECK_INT(left, 4);
    n = 0;
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, sizeof n, &left), SQL_NO_DATA);
    CHECK_INT(n, 0);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_DEFAULT, &n, sizeof n, NULL));
    CHECK_INT(n, 42);
    link_close(&l);
}

/* ---- which column, when -------------------------------------------------------------------------------------------- */

static void any_order(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    char text[8];
    SQLLEN left = 0;
    SQLINTEGER bound = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SLONG, &bound, 0, NULL));
    fetch(l.stmt, "select 1, 2, 'three', 4");
    CHECK_INT(bound, 2);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 4, SQL_C_SLONG, &n, 0, NULL));
    CHECK_INT(n, 4);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_INT(n, 1);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &left)); /* also a bound one */
    CHECK_TEXT(text, "2");

    /* Leaving a column in the middle of it and coming back starts it again. */
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, text, 3, &left), "01004");
    CHECK_TEXT(text, "th");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, text, sizeof text, &left));
    CHECK_INT(left, 5);
    CHECK_TEXT(text, "three");

    /* So does another C type. */
    SQLWCHAR units[3];
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 3, SQL_C_WCHAR, units, sizeof units, &left), "01004");
    CHECK_INT(left, 10);
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, text, 4, &left), "01004");
    CHECK_INT(left, 5);
    CHECK_TEXT(text, "thr");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, text, 4, &left));
    CHECK_TEXT(text, "ee");
    done(l.stmt);
    link_close(&l);
}

/* The next row begins anew; so does the next execution. */
static void next_row(void)
{
    struct link l = link_open("");
    char text[8];
    SQLLEN left = 0;
    query(l.stmt, "values ('first row'), ('second row')");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 6, &left), "01004");
    CHECK_TEXT(text, "first");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 7, &left), "01004");
    CHECK_INT(left, 10);
    CHECK_TEXT(text, "second");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), "24000");
    done(l.stmt);
    query(l.stmt, "values ('third row')");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 6, &left), "01004");
    CHECK_INT(left, 9);
    CHECK_TEXT(text, "third");
    link_close(&l);
}

/* Another statement of the connection takes this one's rows off the wire: the current row stays, and the position in it. */
static void beside_another_statement(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    char text[16];
    SQLLEN left = 0;
    query(l.stmt, "select 'row ' || i, i from generate_series(1, 100000) i");
    for (int row = 1; row <= 3; row++) {
        char wanted[16];
        SQLINTEGER n = 0;
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 5, &left), "01004");
        CHECK_INT(query_int(other, "select 7 from pg_class limit 1"), 7);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left));
        snprintf(wanted, sizeof wanted, "%d", row);
        CHECK_TEXT(text, wanted);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SLONG, &n, 0, NULL));
        CHECK_INT(n, row);
    }
    free_stmt(other);
    link_close(&l);
}

/* ---- NULL ---------------------------------------------------------------------------------------------------------- */

static void null_values(void)
{
    struct link l = link_open("");
    char text[4] = "xyz";
    SQLINTEGER n = 5;
    SQLLEN left = 0;
    fetch(l.stmt, "select null::text, null::int, null::bytea");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left));
    CHECK_INT(left, SQL_NULL_DATA);
    CHECK_TEXT(text, "xyz");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), SQL_NO_DATA);
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SLONG, &n, 0, NULL), "22002");
    CHECK_INT(n, 5);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SLONG, &n, 0, &left)); /* and again, now with an indicator */
    CHECK_INT(left, SQL_NULL_DATA);
    CHECK_INT(n, 5);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_BINARY, text, 0, &left));
    CHECK_INT(left, SQL_NULL_DATA);
    /* What no value of the type could become is refused for NULL as well. */
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 3, SQL_C_SLONG, &n, 0, &left), "07006");
    link_close(&l);
}

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

static void wrong_arguments(void)
{
    struct link l = link_open("");
    char text[8];
    SQLLEN left = 0;
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), "HY010");
    query(l.stmt, "select 1, 'a'");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), "24000");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 0, SQL_C_CHAR, text, sizeof text, &left), "07009");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, text, sizeof text, &left), "07009");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 65535, SQL_C_CHAR, text, sizeof text, &left), "07009");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, NULL, sizeof text, &left), "HY009");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, -1, &left), "HY090");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, 4711, text, sizeof text, &left), "HY003");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_TYPE_DATE, text, sizeof text, &left), "07006");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_ARD_TYPE, text, sizeof text, &left), "07009"); /* nothing in the descriptor */
    /* After all that the value is still there. */
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left));
    CHECK_TEXT(text, "1");
    done(l.stmt);
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), "HY010");

    /* No result set. */
    query(l.stmt, "create temp table t (a int)");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), "24000");
    CHECK_INT(SQLGetData(SQL_NULL_HSTMT, 1, SQL_C_CHAR, text, sizeof text, &left), SQL_INVALID_HANDLE);
    link_close(&l);
}

/* Where and what: row and column of the record, and a message that names them. */
static void diagnostics(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLINTEGER column = 0;
    SQLLEN row = 0;
    fetch(l.stmt, "select 1, 'nonsense'");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SLONG, &n, 0, NULL), "22018");
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(column, 2);
    CHECK_INT(row, 1);
    CHECK_CONTAINS(diag_message(l.stmt, 1), "column 2");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_GUID, &n, 0, NULL), "07006");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "int4");
    link_close(&l);
}

/* ---- SQL_ATTR_MAX_LENGTH ------------------------------------------------------------------------------------------- */

static void max_length(void)
{
    struct link l = link_open("");
    char text[32];
    SQLWCHAR units[16];
    SQLLEN left = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_LENGTH, (SQLPOINTER)4, 0));
    for (int as_text = 0; as_text < 2; as_text++) {
        fetch(l.stmt, as_text ? "select 'abcdef', '\\x0102030405'::bytea, 1234567, 'aaaé', 'pg_class'::regclass"
                              : "select 'abcdef', '\\x0102030405'::bytea, 1234567, 'aaaé'");
        /* Cut without a word: the application asked for it. */
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left));
        CHECK_INT(left, 4);
        CHECK_TEXT(text, "abcd");
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, sizeof units, &left));
        CHECK_TEXT(narrow(units), "abcd");
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 3, &left), "01004"); /* a short buffer is another matter */
        CHECK_INT(left, 4);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, 3, &left));
        CHECK_TEXT(text, "cd");
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_BINARY, text, sizeof text, &left));
        CHECK_INT(left, 4);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &left));
        CHECK_TEXT(text, "01020304");
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, text, sizeof text, &left)); /* numbers are not cut */
        CHECK_TEXT(text, "1234567");
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 4, SQL_C_CHAR, text, sizeof text, &left)); /* nor characters halved */
        CHECK_TEXT(text, "aaa");
        done(l.stmt);
    }
    /* Bound, and off again. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &left));
    fetch(l.stmt, "select 'abcdef'");
    CHECK_INT(left, 4);
    CHECK_TEXT(text, "abcd");
    done(l.stmt);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_LENGTH, (SQLPOINTER)0, 0));
    fetch(l.stmt, "select 'abcdef'");
    CHECK_INT(left, 6);
    CHECK_TEXT(text, "abcdef");
    link_close(&l);
}

/* ---- the descriptor's type ----------------------------------------------------------------------------------------- */

static void ard_type(void)
{
    struct link l = link_open("");
    SQLHDESC ard = SQL_NULL_HDESC;
    SQLINTEGER n = 0;
    char text[16];
    SQLLEN left = 0;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)SQL_C_SLONG, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)SQL_C_CHAR, 0));
    fetch(l.stmt, "select '42', 3.5");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_ARD_TYPE, &n, sizeof n, &left));
    CHECK_INT(n, 42);
    CHECK_INT(left, 4);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_ARD_TYPE, text, sizeof text, &left));
    CHECK_TEXT(text, "3.5");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 2, SQL_ARD_TYPE, text, sizeof text, &left), SQL_NO_DATA);
    link_close(&l);
}

/* Targets need no alignment. */
static void unaligned(void)
{
    struct link l = link_open("");
    char raw[64];
    SQLBIGINT big = 0;
    SQLWCHAR units[4];
    fetch(l.stmt, "select 1234567890123456789, 'abc', '2026-11-21 01:02:03.5'::timestamp");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SBIGINT, raw + 1, 0, NULL));
    memcpy(&big, raw + 1, sizeof big);
    CHECK_INT(big, 1234567890123456789);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_WCHAR, raw + 1, 20, NULL));
    memcpy(units, raw + 1, sizeof units);
    CHECK_TEXT(narrow(units), "abc");
    SQL_TIMESTAMP_STRUCT ts;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_TYPE_TIMESTAMP, raw + 3, 0, NULL));
    memcpy(&ts, raw + 3, sizeof ts);
    CHECK_INT(ts.fraction, 500000000);
    link_close(&l);
}

/* The results that the driver makes itself follow the same rules. */
static void catalog_result(void)
{
    struct link l = link_open("");
    char part[4];
    SQLLEN left = 0;
    SQLSMALLINT type = 0;
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_INTEGER));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SSHORT, &type, 0, &left));
    CHECK_INT(type, SQL_INTEGER);
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 3, &left), "01004");
    CHECK_TEXT(part, "in");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left));
    CHECK_TEXT(part, "t4");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 4, SQL_C_CHAR, part, sizeof part, &left)); /* LITERAL_PREFIX */
    CHECK_INT(left, SQL_NULL_DATA);
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 4, SQL_C_CHAR, part, sizeof part, &left), SQL_NO_DATA);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"CHAR in parts", char_parts},
        {"no room", no_room},
        {"UTF-8 at the edges of parts", utf8_parts},
        {"WCHAR in parts", wchar_parts},
        {"BINARY in parts", binary_parts},
        {"rendered values in parts", rendered_parts},
        {"empty values", empty_values},
        {"fixed types once", fixed_values_once},
        {"any order", any_order},
        {"next row", next_row},
        {"beside another statement", beside_another_statement},
        {"NULL", null_values},
        {"wrong arguments", wrong_arguments},
        {"diagnostics", diagnostics},
        {"SQL_ATTR_MAX_LENGTH", max_length},
        {"SQL_ARD_TYPE", ard_type},
        {"unaligned targets", unaligned},
        {"results of the driver's own", catalog_result},
    };
    return run_tests("SQLGetData", tests, COUNT(tests));
}
