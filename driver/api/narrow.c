/* SPDX-License-Identifier: Apache-2.0 */
/* Entry points with SQLCHAR strings: UTF-8. */
#define ALDB_NAME(f) f
#define ALDB_CHAR SQLCHAR
#define ALDB_WIDE false

#include "api/strings.inc"
