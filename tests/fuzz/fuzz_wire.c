/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every decoder of the wire x every C type, bound and in parts, with arbitrary bytes from the server. Input: type, C
 * type, flags, buffer length, then the cell. Buffers are exactly as long as promised, so that the sanitizers see a
 * byte too much; the contract of convert.h is asserted.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/tz.h"
#include "config/options.h"
#include "convert/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One of each family and each special case; the last is unknown to the driver. */
static const uint32_t oids[] = {16,   17,   18,   20,   21,   23,   25,   26,   114,  700,
                                701,  790,  1042, 1082, 1083, 1114, 1184, 1186, 1266, 1560,
                                1700, 2950, 3802, 1000, 1001, 1007, 1009, 1016, 1115, 1185,
                                1187, 1231, 1270, 2951, 3807, 1021, 1022, 1002, 600,  1182,
                                3910, 3912, 4533, 4535, 3909, 3913, 6153, 99999};

static const SQLSMALLINT c_types[] = {
    SQL_C_DEFAULT,
    SQL_C_CHAR,
    SQL_C_WCHAR,
    SQL_C_BINARY,
    SQL_C_BIT,
    SQL_C_TINYINT,
    SQL_C_UTINYINT,
    SQL_C_SHORT,
    SQL_C_USHORT,
    SQL_C_LONG,
    SQL_C_ULONG,
    SQL_C_SBIGINT,
    SQL_C_UBIGINT,
    SQL_C_FLOAT,
    SQL_C_DOUBLE,
    SQL_C_NUMERIC,
    SQL_C_TYPE_DATE,
    SQL_C_TYPE_TIME,
    SQL_C_TYPE_TIMESTAMP,
    SQL_C_GUID,
    SQL_C_INTERVAL_YEAR,
    SQL_C_INTERVAL_MONTH,
    SQL_C_INTERVAL_DAY,
    SQL_C_INTERVAL_HOUR,
    SQL_C_INTERVAL_MINUTE,
    SQL_C_INTERVAL_SECOND,
    SQL_C_INTERVAL_YEAR_TO_MONTH,
    SQL_C_INTERVAL_DAY_TO_HOUR,
    SQL_C_INTERVAL_DAY_TO_MINUTE,
    SQL_C_INTERVAL_DAY_TO_SECOND,
    SQL_C_INTERVAL_HOUR_TO_MINUTE,
    SQL_C_INTERVAL_HOUR_TO_SECOND,
    SQL_C_INTERVAL_MINUTE_TO_SECOND,
};

/* Typmods of an interval: free, day to second, year to month, second. */
static const int32_t interval_typmods[] = {-1, (7176 << 16) | 0xffff, (6 << 16) | 0xffff,
                                           4096 << 16 | 3};

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_length(enum aldb_state st, SQLLEN length, SQLLEN before)
{
    if (st == ALDB_ST_NONE || st == ALDB_ST_01004 || st == ALDB_ST_01S07) {
        require(length >= 0);
    } else {
        require(length == before);
    }
}

static void fetch(const struct aldb_get *g, const struct aldb_cell *cell, size_t buflen, int parts)
{
    size_t fixed = (size_t)aldb_c_type_size(g->c_type);
    char *target = malloc(fixed > 0 ? fixed : buflen);
    struct aldb_chunk chunk;
    SQLLEN length = -77;

    aldb_chunk_init(&chunk);
    for (int calls = 0; calls < 64 && !chunk.done; calls++) {
        size_t before = chunk.offset;
        SQLLEN last = length;
        enum aldb_state st =
            aldb_get_cell(g, cell, target, (SQLLEN)buflen, &length, parts ? &chunk : NULL);
        check_length(st, length, last);
        if (!parts || chunk.offset == before) {
            break;
        }
        /* What is left only shrinks, and nothing but CHAR, WCHAR and BINARY comes in parts. */
        require(fixed == 0 && (calls == 0 || length < last));
    }
    aldb_chunk_clear(&chunk);
    free(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct aldb_zone *zone;
    static const struct aldb_type_options options = {.wide = true};

    if (size < 4) {
        return 0;
    }
    if (zone == NULL) {
        zone = aldb_zone_load("Europe/Berlin");
    }
    uint8_t flags = data[2];
    struct aldb_locale locale = {
        .datestyle = "ISPG"[flags >> 2 & 3],
        .dmy = flags >> 4 & 1,
        .intervalstyle = "pvsi"[data[3] & 3],
        .zone = flags & 0x80 ? NULL : zone,
        .infinite_intervals = data[3] >> 2 & 1,
        .timestamptz_as = flags >> 5 & 3,
    };
    struct aldb_get_spec spec = {
        .oid = oids[data[0] % ALDB_COUNT(oids)],
        .typmod = -1,
        .binary = flags & 1,
        .c_type = c_types[data[1] % ALDB_COUNT(c_types)],
        .precision = (SQLSMALLINT)(data[3] % 12),
        .scale = (SQLSMALLINT)(data[3] % 40 - 8),
        .interval_precision = data[3] % 11,
        .max_length = data[3] == 77 ? 5 : 0,
        .locale = &locale,
        .options = &options,
    };
    if (spec.oid == ALDB_OID_INTERVAL) {
        spec.typmod = interval_typmods[data[3] & 3];
    }
    struct aldb_get g;
    if (aldb_get_resolve(&g, &spec) != ALDB_ST_NONE) {
        return 0;
    }
    char *exact = malloc(size - 4);
    if (size > 4) {
        memcpy(exact, data + 4, size - 4);
    }
    struct aldb_cell cell = {exact, size - 4};
    fetch(&g, &cell, data[3], flags >> 1 & 1);
    SQLLEN length = -77;
    enum aldb_state st = aldb_get_cell(&g, &cell, NULL, 0, &length, NULL);
    check_length(st, length, -77);
    free(exact);
    return 0;
}
