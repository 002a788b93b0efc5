/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a unit test's main(). */
#ifndef ALDB_TEST_SUITES_H
#define ALDB_TEST_SUITES_H

#include <CUnit/Basic.h>
#include <stdbool.h>

/* Runs them. The status of the process: 0 when there were tests, and all are good. */
static int run_suites(CU_SuiteInfo *suites)
{
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    bool failed = CU_get_number_of_failures() > 0 || CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    return failed ? 1 : 0;
}

#endif
