/* SPDX-License-Identifier: Apache-2.0 */
/* Application Default Credentials: the search. https://google.aip.dev/auth/4110. Internal to credentials.c. */
#ifndef ALDB_GOOGLE_ADC_H
#define ALDB_GOOGLE_ADC_H

#include "base/buf.h"
#include "base/rc.h"
#include "diag/diag.h"
#include "google/http.h"

/* What was found: a document, or (text empty) the metadata server. */
struct aldb_adc {
    char *who;            /* owned: names the step */
    struct aldb_buf text; /* secret; initialised by the caller with ALDB_MAX_CREDENTIAL_FILE */
};
/* A file that is there but cannot be read is an error, never passed over. 28000 when nothing is found, saying where was looked. */
enum aldb_rc aldb_adc_find(struct aldb_http *h, const struct aldb_call *call, struct aldb_adc *out, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
