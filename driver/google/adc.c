/* SPDX-License-Identifier: Apache-2.0 */
#include "google/adc.h"

#include <pwd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "google/file.h"
#include "google/source.h"

#define VARIABLE "GOOGLE_APPLICATION_CREDENTIALS"
#define FILE_NAME "application_default_credentials.json"
#define PASSWD_BYTES 16384

/* As the shell's ~ without HOME. NULL: the user has none, or no memory. */
static char *home_of_user(void)
{
    struct passwd entry, *found = NULL;
    char *buf = aldb_alloc(PASSWD_BYTES);
    char *home = NULL;
    if (buf && getpwuid_r(geteuid(), &entry, buf, PASSWD_BYTES, &found) == 0 && found && found->pw_dir && found->pw_dir[0]) {
        home = aldb_strdup(found->pw_dir);
    }
    aldb_free(buf);
    return home;
}

/* Where `gcloud auth application-default login` writes. */
static enum aldb_rc gcloud_path(char **out, struct aldb_diag *diag)
{
    const char *config = aldb_source_env_get("CLOUDSDK_CONFIG");
    const char *home = aldb_source_env_get("HOME");
    char *own = config == NULL && home == NULL ? home_of_user() : NULL;
    *out = config ? aldb_source_text("%s/" FILE_NAME, config) : aldb_source_text("%s/.config/gcloud/" FILE_NAME, home ? home : own ? own : "");
    aldb_free(own);
    return *out ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

static enum aldb_rc found(char *who, const char *path, struct aldb_adc *out, struct aldb_diag *diag)
{
    if (who == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    enum aldb_rc rc = path ? aldb_file_read(path, who, true, &out->text, diag) : ALDB_OK;
    if (rc == ALDB_OK) {
        out->who = who;
    } else {
        aldb_free(who);
    }
    return rc;
}

enum aldb_rc aldb_adc_find(struct aldb_http *h, const struct aldb_call *call, struct aldb_adc *out, struct aldb_diag *diag)
{
    const char *named = aldb_source_env_get(VARIABLE);
    char *path = NULL;
    if (named) {
        return found(aldb_source_text("Google credentials (" VARIABLE "=\"%s\")", named), named, out, diag);
    }
    enum aldb_rc rc;
    ALDB_TRY(gcloud_path(&path, diag));
    if (aldb_file_exists(path)) {
        rc = found(aldb_source_text("Google credentials (gcloud's default file \"%s\")", path), path, out, diag);
        goto out;
    }
    ALDB_TRY(aldb_metadata_detect(h, call, diag));
    if (rc == ALDB_OK) {
        rc = found(aldb_source_text("Google credentials (metadata server %s)", aldb_metadata_host()), NULL, out, diag);
        goto out;
    }
    rc = aldb_diag_post(diag, ALDB_ST_28000, "Google credentials were not found: the environment variable " VARIABLE " is not set, there is no file \"%s\", and this "
                        "is no machine of Google Cloud with a metadata server. Give CredentialsFile, or run `gcloud auth application-default login`; see "
                        "https://cloud.google.com/docs/authentication/external/set-up-adc", path);
out:
    aldb_free(path);
    return rc;
}
