/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cell.h"

#include <string.h>

static int32_t length_at(const char *lengths, size_t i)
{
    int32_t length;
    memcpy(&length, lengths + i * sizeof length, sizeof length);
    return length;
}

size_t aldb_cells_size(const struct aldb_cell *cells, size_t n)
{
    size_t size = n * sizeof(int32_t);
    for (size_t i = 0; i < n; i++) {
        size += cells[i].len;
    }
    return size;
}

void aldb_cells_pack(char *to, const struct aldb_cell *cells, size_t n)
{
    char *bytes = to + n * sizeof(int32_t);
    for (size_t i = 0; i < n; i++) {
        int32_t length = cells[i].data ? (int32_t)cells[i].len : -1;
        memcpy(to + i * sizeof length, &length, sizeof length);
        if (length > 0) {
            memcpy(bytes, cells[i].data, cells[i].len);
            bytes += cells[i].len;
        }
    }
}

size_t aldb_cells_packed_size(const char *lengths, size_t n)
{
    size_t size = n * sizeof(int32_t);
    for (size_t i = 0; i < n; i++) {
        int32_t length = length_at(lengths, i);
        size += length > 0 ? (size_t)length : 0;
    }
    return size;
}

void aldb_cells_unpack(const char *from, struct aldb_cell *cells, size_t n)
{
    const char *bytes = from + n * sizeof(int32_t);
    for (size_t i = 0; i < n; i++) {
        int32_t length = length_at(from, i);
        cells[i] = (struct aldb_cell){length < 0 ? NULL : bytes, length < 0 ? 0 : (size_t)length};
        bytes += length < 0 ? 0 : length;
    }
}
