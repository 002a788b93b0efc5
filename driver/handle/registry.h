/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set of live handles of the process. An application may pass a handle that it has freed, or any other value: membership is decided
 * here, by address alone, before anything behind the pointer is read. Thread-safe; asking takes no lock, whatever the number of handles; striped locks of leaf rank for the rest.
 */
#ifndef ALDB_HANDLE_REGISTRY_H
#define ALDB_HANDLE_REGISTRY_H

#include <stdbool.h>

#include "base/rc.h"

bool aldb_registry_add(const void *handle) ALDB_MUSTCHECK; /* false: out of memory */
void aldb_registry_remove(const void *handle);             /* unknown ones are ignored */
bool aldb_registry_has(const void *handle);

#endif
