/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/parse.h"

#include <string.h>

#include "base/be.h"

int aldb_hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = aldb_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void aldb_hex_format(const void *data, size_t len, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *in = data;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
}

static bool is_guid_dash(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

bool aldb_guid_parse(struct aldb_slice s, unsigned char out[16])
{
    unsigned char bytes[16];
    size_t n = 0;

    s = aldb_slice_trim(s);
    if (s.len == ALDB_GUID_TEXT + 2 && s.ptr[0] == '{' && s.ptr[s.len - 1] == '}') {
        s = aldb_slice(s.ptr + 1, ALDB_GUID_TEXT);
    }
    if (s.len != ALDB_GUID_TEXT) {
        return false;
    }
    for (size_t i = 0; i < s.len;) {
        if (is_guid_dash(i)) {
            if (s.ptr[i++] != '-') {
                return false;
            }
            continue;
        }
        int high = aldb_hex_value(s.ptr[i]);
        int low = aldb_hex_value(s.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[n++] = (unsigned char)(high << 4 | low);
        i += 2;
    }
    memcpy(out, bytes, sizeof bytes);
    return true;
}

void aldb_guid_format(const unsigned char in[16], char out[ALDB_GUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < 16; i++) {
        if (is_guid_dash(at)) {
            out[at++] = '-';
        }
        out[at++] = digits[in[i] >> 4];
        out[at++] = digits[in[i] & 15];
    }
}

void aldb_guid_to_struct(const unsigned char in[16], SQLGUID *out)
{
    out->Data1 = aldb_load_be32(in);
    out->Data2 = aldb_load_be16(in + 4);
    out->Data3 = aldb_load_be16(in + 6);
    memcpy(out->Data4, in + 8, sizeof out->Data4);
}

void aldb_guid_from_struct(const SQLGUID *in, unsigned char out[16])
{
    aldb_store_be32(out, (uint32_t)in->Data1);
    aldb_store_be16(out + 4, in->Data2);
    aldb_store_be16(out + 6, in->Data3);
    memcpy(out + 8, in->Data4, sizeof in->Data4);
}

static bool parse_bytea_hex(struct aldb_slice s, unsigned char *out, size_t *out_len)
{
    if (s.len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i += 2) {
        int high = aldb_hex_value(s.ptr[i]);
        int low = aldb_hex_value(s.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    *out_len = s.len / 2;
    return true;
}

bool aldb_bytea_parse(struct aldb_slice s, unsigned char *out, size_t *out_len)
{
    if (s.len >= 2 && s.ptr[0] == '\\' && s.ptr[1] == 'x') {
        return parse_bytea_hex(aldb_slice(s.ptr + 2, s.len - 2), out, out_len);
    }
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\\') {
            out[n++] = (unsigned char)s.ptr[i];
            continue;
        }
        if (i + 1 < s.len && s.ptr[i + 1] == '\\') {
            out[n++] = '\\';
            i++;
            continue;
        }
        if (i + 3 >= s.len) {
            return false;
        }
        int value = 0;
        for (size_t k = 1; k <= 3; k++) {
            char c = s.ptr[i + k];
            if (c < '0' || c > '7') {
                return false;
            }
            value = value * 8 + (c - '0');
        }
        if (value > 255) {
            return false;
        }
        out[n++] = (unsigned char)value;
        i += 3;
    }
    *out_len = n;
    return true;
}
