/* SPDX-License-Identifier: Apache-2.0 */
/* A relay between driver and test server, on 127.0.0.1: it counts round trips, and can make them long. */
#ifndef ALDB_TEST_RELAY_H
#define ALDB_TEST_RELAY_H

#include <stdbool.h>

/* Listens; what the server says reaches the driver `delay_ms` late. False: it could not be started. */
bool relay_start(int delay_ms);
int relay_port(void);
/* How often the driver has spoken after the server had, which is how many round trips there were. */
int relay_turns(void);
/* After the connections through it have been closed. */
void relay_stop(void);

#endif
