/* SPDX-License-Identifier: Apache-2.0 */
/* Entry points with SQLWCHAR strings: UTF-16. */
#define ALDB_NAME(f) f##W
#define ALDB_CHAR SQLWCHAR
#define ALDB_WIDE true

#include "api/strings.inc"
