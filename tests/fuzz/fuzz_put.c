/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a parameter of any type for any server type: no stray access, and only what the contract of aldb_put_value allows comes out. */
#include <stdlib.h>
#include <string.h>

#include "base/utf.h"
#include "convert/convert.h"
#include "types/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 8

static const uint32_t oids[] = {0,    16,   17,   19,   20,   21,   23,   25,   26,   114,  600,  700,  701,  705,  790,   869,
                                1007, 1043, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1700, 2950, 3802, 3904, 99999};

static const SQLSMALLINT c_types[] = {
    SQL_C_CHAR, SQL_C_WCHAR, SQL_C_BINARY, SQL_C_BIT, SQL_C_STINYINT, SQL_C_UTINYINT, SQL_C_SSHORT, SQL_C_USHORT, SQL_C_SLONG,
    SQL_C_ULONG, SQL_C_SBIGINT, SQL_C_UBIGINT, SQL_C_FLOAT, SQL_C_DOUBLE, SQL_C_NUMERIC, SQL_C_GUID, SQL_C_TYPE_DATE, SQL_C_TYPE_TIME,
    SQL_C_TYPE_TIMESTAMP, SQL_C_INTERVAL_YEAR, SQL_C_INTERVAL_MONTH, SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_C_INTERVAL_DAY,
    SQL_C_INTERVAL_HOUR, SQL_C_INTERVAL_MINUTE, SQL_C_INTERVAL_SECOND, SQL_C_INTERVAL_DAY_TO_HOUR, SQL_C_INTERVAL_DAY_TO_MINUTE,
    SQL_C_INTERVAL_DAY_TO_SECOND, SQL_C_INTERVAL_HOUR_TO_MINUTE, SQL_C_INTERVAL_HOUR_TO_SECOND, SQL_C_INTERVAL_MINUTE_TO_SECOND,
    SQL_C_DEFAULT};

static const SQLSMALLINT sql_types[] = {
    SQL_VARCHAR, SQL_WVARCHAR, SQL_DECIMAL, SQL_NUMERIC, SQL_BIT, SQL_TINYINT, SQL_SMALLINT, SQL_INTEGER, SQL_BIGINT, SQL_REAL,
    SQL_DOUBLE, SQL_VARBINARY, SQL_GUID, SQL_TYPE_DATE, SQL_TYPE_TIME, SQL_TYPE_TIMESTAMP, SQL_INTERVAL_YEAR, SQL_INTERVAL_MONTH,
    SQL_INTERVAL_YEAR_TO_MONTH, SQL_INTERVAL_DAY, SQL_INTERVAL_HOUR, SQL_INTERVAL_MINUTE, SQL_INTERVAL_SECOND,
    SQL_INTERVAL_DAY_TO_HOUR, SQL_INTERVAL_DAY_TO_MINUTE, SQL_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL_HOUR_TO_MINUTE,
    SQL_INTERVAL_HOUR_TO_SECOND, SQL_INTERVAL_MINUTE_TO_SECOND};

static void require(int fact)
{
    if (!fact) {
        abort();
    }
}

/* Bytes of a binary form, 0 = any number. */
static size_t binary_size(enum aldb_family f)
{
    switch (f) {
    case ALDB_FAM_BOOL:
        return 1;
    case ALDB_FAM_INT2:
        return 2;
    case ALDB_FAM_INT4:
    case ALDB_FAM_OID:
    case ALDB_FAM_FLOAT4:
    case ALDB_FAM_DATE:
        return 4;
    case ALDB_FAM_INT8:
    case ALDB_FAM_FLOAT8:
    case ALDB_FAM_TIME:
    case ALDB_FAM_TIMESTAMP:
        return 8;
    case ALDB_FAM_INTERVAL:
    case ALDB_FAM_UUID:
        return 16;
    default:
        return 0;
    }
}

static void check(const struct aldb_put *p, const struct aldb_input *in)
{
    struct aldb_buf out;
    aldb_buf_init(&out, 1u << 22);
    aldb_buf_add_char(&out, '!');
    enum aldb_state st = aldb_put_value(p, in, &out);
    require(out.len >= 1 && out.data[0] == '!');
    switch (st) {
    case ALDB_ST_NONE:
        if (p->binary) {
            size_t wanted = binary_size(p->family);
            require(wanted == 0 || out.len - 1 == wanted);
        } else {
            require(aldb_utf8_valid(out.data + 1, out.len - 1) && memchr(out.data + 1, '\0', out.len - 1) == NULL);
        }
        break;
    case ALDB_ST_01S07:
    case ALDB_ST_22001:
    case ALDB_ST_22003:
    case ALDB_ST_22007:
    case ALDB_ST_22008:
    case ALDB_ST_22015:
    case ALDB_ST_22018:
    case ALDB_ST_HY009:
    case ALDB_ST_HY090:
        require(out.len == 1 && aldb_buf_ok(&out));
        break;
    default:
        abort();
    }
    aldb_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD) {
        return 0;
    }
    struct aldb_put_spec spec = {
        .oid = oids[data[0] % ALDB_COUNT(oids)],
        .c_type = c_types[data[1] % ALDB_COUNT(c_types)],
        .sql_type = sql_types[data[2] % ALDB_COUNT(sql_types)],
        .decimal_digits = (SQLSMALLINT)(data[3] % 12),
        .apd_precision = (SQLSMALLINT)(data[4] % 40),
        .apd_scale = (SQLSMALLINT)((int)data[5] * 2 - 255),
        .apd_numeric_set = data[6] % 2 != 0,
        .utc = data[6] & 2,
    };
    struct aldb_put p;
    enum aldb_state st = aldb_put_resolve(&p, &spec);
    if (st != ALDB_ST_NONE) {
        require(st == ALDB_ST_07006);
        return 0;
    }
    /* An own block, so that a step past its end is seen; two zeros behind it when the length is to be found by them. */
    size_t len = size - HEAD;
    size_t fixed = (size_t)aldb_c_type_size(p.c_type);
    if (len < fixed) {
        return 0;
    }
    int terminated = data[7] % 4 == 0 && p.c_type != SQL_C_BINARY && fixed == 0;
    unsigned char *block = malloc(len + 2);
    require(block != NULL);
    memcpy(block, data + HEAD, len);
    if (terminated) {
        len &= ~(size_t)(p.c_type == SQL_C_WCHAR);
        block[len] = block[len + 1] = 0;
    } else {
        unsigned char *tight = malloc(len ? len : 1);
        require(tight != NULL);
        memcpy(tight, block, len);
        free(block);
        block = tight;
    }
    struct aldb_input in = {block, terminated ? SQL_NTS : (SQLLEN)len};
    check(&p, &in);
    free(block);
    return 0;
}
