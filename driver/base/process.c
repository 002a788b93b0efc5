/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <pthread.h>

_Atomic int32_t aldb_process_forks = -1;

static void in_child(void)
{
    atomic_fetch_add(&aldb_process_forks, 1);
}

/* When the library is loaded, before there is anything that a child could inherit. Without memory for the handler each question goes to the kernel. */
__attribute__((constructor)) static void count_forks(void)
{
    atomic_store(&aldb_process_forks, pthread_atfork(NULL, NULL, in_child) == 0 ? 0 : -1);
}
