/* SPDX-License-Identifier: Apache-2.0 */
/* Rows kept for random access: in memory, in the file, and where one ends and the other begins. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <CUnit/Basic.h>

#include "base/alloc.h"
#include "base/rowstore.h"

static char text[4096];

/* Row i: a number, NULL in every third, and a text of a length of its own. */
static void make_row(uint64_t i, struct aldb_cell cells[3])
{
    static char number[24];
    int n = snprintf(number, sizeof number, "%llu", (unsigned long long)i);
    size_t len = (size_t)(i * 7919 % (i % 100 == 0 ? 4000 : 60));
    memset(text, 'a' + (int)(i % 26), len);
    cells[0] = (struct aldb_cell){number, (size_t)n};
    cells[1] = i % 3 ? (struct aldb_cell){"", 0} : (struct aldb_cell){NULL, 0};
    cells[2] = (struct aldb_cell){text, len};
}

static bool same_row(const struct aldb_cell *got, uint64_t i)
{
    struct aldb_cell wanted[3];
    make_row(i, wanted);
    for (int k = 0; k < 3; k++) {
        if ((got[k].data == NULL) != (wanted[k].data == NULL) || got[k].len != wanted[k].len || (got[k].len && memcmp(got[k].data, wanted[k].data, got[k].len) != 0)) {
            return false;
        }
    }
    return true;
}

static void test_any_order(void)
{
    enum { ROWS = 20000 };
    static const uint64_t memories[] = {0, 1000, 300000, UINT64_MAX / 2};
    for (size_t m = 0; m < ALDB_COUNT(memories); m++) {
        struct aldb_rowstore r;
        struct aldb_cell cells[3];
        const struct aldb_cell *got;
        uint64_t seed = 1, wrong = 0;
        aldb_rowstore_init(&r, 3, memories[m], 0);
        for (uint64_t i = 0; i < ROWS; i++) {
            CU_ASSERT_EQUAL_FATAL(aldb_rowstore_full(&r), 0);
            make_row(i, cells);
            CU_ASSERT_TRUE_FATAL(aldb_rowstore_add(&r, cells));
            if (i % 50 == 0) { /* read while it grows */
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                uint64_t at = (seed >> 33) % (i + 1);
                wrong += aldb_rowstore_get(&r, at, &got) != 0 || !same_row(got, at);
            }
        }
        CU_ASSERT_EQUAL(r.count, ROWS);
        CU_ASSERT_TRUE(memories[m] > 1 << 20 ? r.fd < 0 : r.fd >= 0);
        CU_ASSERT_TRUE(r.head.len <= memories[m]);
        for (uint64_t i = 0; i < ROWS; i++) {
            wrong += aldb_rowstore_get(&r, i, &got) != 0 || !same_row(got, i);
        }
        for (uint64_t i = ROWS; i-- > ROWS - 1000;) {
            wrong += aldb_rowstore_get(&r, i, &got) != 0 || !same_row(got, i);
        }
        CU_ASSERT_EQUAL(wrong, 0);
        aldb_rowstore_clear(&r);
    }
}

static void test_rows_without_cells(void)
{
    struct aldb_rowstore r;
    const struct aldb_cell *got;
    aldb_rowstore_init(&r, 0, 1000, 0);
    for (int i = 0; i < 200; i++) {
        CU_ASSERT_TRUE(aldb_rowstore_add(&r, NULL));
    }
    CU_ASSERT_EQUAL(aldb_rowstore_get(&r, 199, &got), 0);
    CU_ASSERT_EQUAL(r.count, 200);
    aldb_rowstore_clear(&r);
}

/* Larger than what is read ahead. */
static void test_long_rows(void)
{
    struct aldb_rowstore r;
    const struct aldb_cell *got;
    size_t size = (size_t)3 << 20;
    char *big = aldb_alloc(size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    aldb_rowstore_init(&r, 1, 100, 0);
    for (int i = 0; i < 6; i++) {
        memset(big, 'a' + i, size);
        CU_ASSERT_EQUAL(aldb_rowstore_full(&r), 0);
        CU_ASSERT_TRUE(aldb_rowstore_add(&r, &(struct aldb_cell){big, i % 2 ? 10 : size}));
    }
    for (int i = 5; i >= 0; i--) {
        CU_ASSERT_EQUAL_FATAL(aldb_rowstore_get(&r, (uint64_t)i, &got), 0);
        CU_ASSERT_TRUE(got->len == (i % 2 ? 10 : size) && got->data[0] == 'a' + i && got->data[got->len - 1] == 'a' + i);
    }
    aldb_rowstore_clear(&r);
    aldb_free(big);
}

/* What finds no room is told before a row is taken, and nothing is lost by it. */
static void test_no_room(void)
{
    struct aldb_rowstore r;
    struct aldb_cell cells[3];
    const struct aldb_cell *got;
    uint64_t n = 0;
    aldb_rowstore_init(&r, 3, 1000, 500000);
    while (aldb_rowstore_full(&r) == 0) {
        make_row(n++, cells);
        CU_ASSERT_TRUE_FATAL(aldb_rowstore_add(&r, cells));
    }
    CU_ASSERT_EQUAL(aldb_rowstore_full(&r), EFBIG);
    CU_ASSERT_TRUE(n > 1000 && r.end >= 500000 && r.end < 510000);
    CU_ASSERT_TRUE(aldb_rowstore_get(&r, n - 1, &got) == 0 && same_row(got, n - 1));
    CU_ASSERT_TRUE(aldb_rowstore_get(&r, 0, &got) == 0 && same_row(got, 0));
    aldb_rowstore_clear(&r);

    /* The disk is full: the same, until there is room again. */
    struct rlimit before, small = {600000, 0};
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    int error = 0;
    for (n = 0; n < 100000 && error == 0; n += error == 0) {
        error = aldb_rowstore_full(&r);
        if (error == 0) {
            make_row(n, cells);
            CU_ASSERT_TRUE_FATAL(aldb_rowstore_add(&r, cells));
        }
    }
    CU_ASSERT_EQUAL(error, EFBIG);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < n; i++) {
        wrong += aldb_rowstore_get(&r, i, &got) != 0 || !same_row(got, i);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    r.limit = 0;
    CU_ASSERT_EQUAL(aldb_rowstore_full(&r), 0);
    make_row(n, cells);
    CU_ASSERT_TRUE(aldb_rowstore_add(&r, cells));
    CU_ASSERT_TRUE(aldb_rowstore_get(&r, n, &got) == 0 && same_row(got, n));
    CU_ASSERT_TRUE(aldb_rowstore_get(&r, n - 1, &got) == 0 && same_row(got, n - 1));
    aldb_rowstore_clear(&r);
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_pSuite suite = CU_add_suite("base/rowstore", NULL, NULL);
    CU_add_test(suite, "any order", test_any_order);
    CU_add_test(suite, "rows without cells", test_rows_without_cells);
    CU_add_test(suite, "long rows", test_long_rows);
    CU_add_test(suite, "no room", test_no_room);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
