/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of cells that a block cursor keeps. */
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "base/alloc.h"
#include "base/cellrows.h"

static void test_round_trip(void)
{
    enum { ROWS = 500 };
    struct aldb_cellrows r;
    char text[16];
    aldb_cellrows_init(&r);
    CU_ASSERT_PTR_NULL(aldb_cellrows_get(&r, 0));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < ROWS; i++) {
            int n = snprintf(text, sizeof text, "row %d", i + round);
            struct aldb_cell cells[3] = {{text, (size_t)n}, {NULL, 0}, {"", 0}};
            CU_ASSERT_TRUE_FATAL(aldb_cellrows_add(&r, cells, 3));
        }
        CU_ASSERT_EQUAL(r.count, ROWS);
        for (int i = ROWS - 1; i >= 0; i -= 7) { /* in any order, and twice */
            int n = snprintf(text, sizeof text, "row %d", i + round);
            const struct aldb_cell *cells = aldb_cellrows_get(&r, (size_t)i);
            CU_ASSERT_PTR_EQUAL(aldb_cellrows_get(&r, (size_t)i), cells);
            CU_ASSERT_PTR_NOT_NULL_FATAL(cells);
            CU_ASSERT_TRUE(cells[0].len == (size_t)n && memcmp(cells[0].data, text, (size_t)n) == 0);
            CU_ASSERT_TRUE(cells[1].data == NULL && cells[1].len == 0);
            CU_ASSERT_TRUE(cells[2].data != NULL && cells[2].len == 0);
        }
        CU_ASSERT_PTR_NULL(aldb_cellrows_get(&r, ROWS));
        aldb_cellrows_reset(&r);
        CU_ASSERT_PTR_NULL(aldb_cellrows_get(&r, 0));
    }
    aldb_cellrows_clear(&r);
}

/* Rows of the next result may have another width; rows without cells are rows. */
static void test_widths(void)
{
    struct aldb_cellrows r;
    struct aldb_cell cells[200];
    aldb_cellrows_init(&r);
    for (size_t i = 0; i < ALDB_COUNT(cells); i++) {
        cells[i] = (struct aldb_cell){"abcdefgh", i % 8};
    }
    for (uint16_t width = 200; width > 0; width = (uint16_t)(width / 3)) {
        CU_ASSERT_TRUE(aldb_cellrows_add(&r, cells, width));
        const struct aldb_cell *got = aldb_cellrows_get(&r, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got);
        for (uint16_t i = 0; i < width; i++) {
            CU_ASSERT_TRUE(got[i].len == i % 8U && memcmp(got[i].data, "abcdefgh", got[i].len) == 0);
        }
        aldb_cellrows_reset(&r);
    }
    CU_ASSERT_TRUE(aldb_cellrows_add(&r, cells, 0));
    CU_ASSERT_TRUE(aldb_cellrows_add(&r, cells, 0));
    CU_ASSERT_PTR_NOT_NULL(aldb_cellrows_get(&r, 1));
    CU_ASSERT_EQUAL(r.count, 2);
    aldb_cellrows_clear(&r);
}

/* A rowset of long values does not hold its memory for ever. */
static void test_long_values(void)
{
    struct aldb_cellrows r;
    size_t size = (size_t)16 << 20;
    char *big = aldb_alloc(size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    memset(big, 'x', size);
    aldb_cellrows_init(&r);
    CU_ASSERT_TRUE(aldb_cellrows_add(&r, &(struct aldb_cell){big, size}, 1));
    const struct aldb_cell *got = aldb_cellrows_get(&r, 0);
    CU_ASSERT_TRUE(got != NULL && got[0].len == size && memcmp(got[0].data, big, size) == 0);
    aldb_cellrows_reset(&r);
    CU_ASSERT_EQUAL(r.bytes.cap, 0);
    CU_ASSERT_TRUE(aldb_cellrows_add(&r, &(struct aldb_cell){big, 10}, 1));
    size_t small = r.bytes.cap;
    aldb_cellrows_reset(&r);
    CU_ASSERT_TRUE(small > 0 && r.bytes.cap == small);
    aldb_cellrows_clear(&r);
    aldb_free(big);
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_pSuite suite = CU_add_suite("base/cellrows", NULL, NULL);
    CU_add_test(suite, "round trip", test_round_trip);
    CU_add_test(suite, "widths", test_widths);
    CU_add_test(suite, "long values", test_long_values);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
