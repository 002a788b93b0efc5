/* SPDX-License-Identifier: Apache-2.0 */
/* The statement state table: statetable.def. The driver checks by itself: not every caller comes through a driver manager, and those leave gaps. */
#ifndef ALDB_HANDLE_STATETABLE_H
#define ALDB_HANDLE_STATETABLE_H

#include "handle/handle.h"

enum aldb_fn {
#define ALDB_FN(id, ...) ALDB_FN_##id,
#include "handle/statetable.def"
#undef ALDB_FN
    ALDB_FN_COUNT
};

/* "SQLPrepare"; static. */
const char *aldb_fn_name(enum aldb_fn fn);
/* ALDB_ST_NONE when `fn` may be called now. Statement lock held. */
enum aldb_state aldb_statetable_verdict(const struct aldb_stmt *stmt, enum aldb_fn fn);
/* The same, posting what is wrong and what to do about it. */
enum aldb_rc aldb_statetable_check(struct aldb_stmt *stmt, enum aldb_fn fn, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
