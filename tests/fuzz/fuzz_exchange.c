/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of the metadata exchange, in pieces of any size: the first byte says how large they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf.h"
#include "connector/exchange.h"

static void require(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "violated: %s\n", what);
        abort();
    }
}

/* Bytes used. */
static size_t feed(struct aldb_exchange_reader *r, const uint8_t *data, size_t size, size_t piece)
{
    size_t used = 0;
    while (r->state == ALDB_EXCHANGE_MORE && used < size) {
        size_t n = aldb_exchange_wants(r);
        require(n > 0 && n <= ALDB_EXCHANGE_MAX + 5, "a reader that wants more says how much, within the limit");
        n = n < piece ? n : piece;
        n = n < size - used ? n : size - used;
        aldb_exchange_feed(r, data + used, n);
        used += n;
    }
    if (r->state == ALDB_EXCHANGE_MORE) {
        aldb_exchange_end(r);
    }
    require(aldb_exchange_wants(r) == 0, "a reader at its end wants nothing");
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aldb_exchange_reader whole, pieces;
    if (size == 0) {
        return 0;
    }
    aldb_exchange_reader_init(&whole);
    aldb_exchange_reader_init(&pieces);
    size_t a = feed(&whole, data + 1, size - 1, SIZE_MAX);
    size_t b = feed(&pieces, data + 1, size - 1, 1u + data[0] % 7);
    require(a == b && whole.state == pieces.state && whole.code == pieces.code, "the pieces make no difference");
    require(whole.text != NULL && strcmp(whole.text, pieces.text) == 0, "nor for the text");
    require(aldb_utf8_valid(whole.text, strlen(whole.text)), "which is UTF-8");
    require(whole.state != ALDB_EXCHANGE_SERVER || whole.server.message != NULL, "an error of PostgreSQL has a text");
    require(whole.state != ALDB_EXCHANGE_BROKEN || whole.text[0] != '\0', "what is wrong is said");
    aldb_exchange_reader_clear(&whole);
    aldb_exchange_reader_clear(&pieces);
    return 0;
}
