/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connection info of instances, shared by all connections of the process: one entry for each (instance, credentials, endpoint, quota project, universe).
 * Entries outlive their users, with the credentials and their tokens, so that a program that connects again and again asks for nothing; the API's idle
 * connections are closed meanwhile.
 *
 * LAZY: whoever connects and finds nothing, or something within ALDB_INFO_MARGIN_S of its end, asks the API; everybody else who comes meanwhile waits for the
 * answer within his own call, so that any number of threads makes one pair of API calls. While the old info still works its renewal may take
 * ALDB_INFO_RENEW_MS of one caller's time, and half of what he has; nobody else waits; a failure is only logged and not repeated for as long again.
 *
 * BACKGROUND: entries that are held are renewed by a thread (renewer.h) from the moment they are, at half of a life of an hour or more, else
 * ALDB_INFO_MARGIN_S before its end, within the same limit. What LAZY does it does too, for a process that was suspended. A forked child keeps what its parent knew, and the parent's requests under way do not count there.
 */
#ifndef ALDB_CONNECTOR_CACHE_H
#define ALDB_CONNECTOR_CACHE_H

#include <stdbool.h>

#include "base/rc.h"
#include "connector/admin.h"
#include "connector/info.h"
#include "diag/diag.h"

#define ALDB_INFO_MARGIN_S 240
#define ALDB_INFO_RENEW_MS 10000
/* Renewals in the background, and those that a failed connection asks for while the end is not near: two at once, then one every 30 seconds, of each entry. */
#define ALDB_INFO_FORCED_BURST 2
#define ALDB_INFO_FORCED_MS 30000
#define ALDB_CACHE_MAX 1024 /* entries kept that nobody uses; the one that was used longest ago goes first, but before it what has ended */

struct aldb_cache_entry;

/* The entry for this request: aldb_cache_close(). No I/O. HY001. */
enum aldb_rc aldb_cache_open(const struct aldb_admin_request *r, struct aldb_cache_entry **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_cache_close(struct aldb_cache_entry *e); /* NULL is allowed */

/*
 * Info that is good now; *out: aldb_connection_info_unref(). *cached: it was there before this call, so that a renewal may help when it does not work.
 * `r` as for open. Posts what aldb_admin_ask and aldb_connection_info_new post; HYT00 and HY008 while waiting for another thread.
 */
enum aldb_rc aldb_cache_get(struct aldb_cache_entry *e, const struct aldb_admin_request *r, const struct aldb_call *call,
                            struct aldb_connection_info **out, bool *cached, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* A connection with this info failed, or it lacks the address that was looked for: the next get asks the API, if the limit allows. No effect when the info was renewed meanwhile. */
void aldb_cache_suspect(struct aldb_cache_entry *e, const struct aldb_connection_info *i);

/* The background keeps the entry renewed until it is released as often as it was held; `r` is copied. HY001. */
enum aldb_rc aldb_cache_hold(struct aldb_cache_entry *e, const struct aldb_admin_request *r, struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_cache_release(struct aldb_cache_entry *e);
/* For the renewer's thread: renews one held entry that is due, and returns how many milliseconds may pass before the next call. */
int64_t aldb_cache_renew(const struct aldb_call *call);

#endif
