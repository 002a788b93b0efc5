/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subject token from a helper program, which the environment must allow. https://google.aip.dev/auth/4117 (executable-sourced),
 * https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers#executable-sourced-credentials
 */
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "google/encode.h"
#include "google/file.h"
#include "google/jwt.h"
#include "google/run.h"
#include "google/subject.h"
#include "log/log.h"

#define ALLOW "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"
#define VERSION_MAX 1
#define TIMEOUT_MS 30000
#define TIMEOUT_MIN_MS 5000
#define TIMEOUT_MAX_MS 120000
#define COMPLAINT_MAX 400 /* bytes of its standard error that a message repeats */

struct executable {
    struct aldb_subject base;
    char **argv;
    int64_t timeout_ms;
    char *output_file; /* NULL: none */
};

static void free_members(struct aldb_subject *s)
{
    struct executable *x = (struct executable *)s;
    aldb_words_free(x->argv);
    aldb_free(x->output_file);
}

static bool is_saml(const char *token_type)
{
    return strcmp(token_type, "urn:ietf:params:oauth:token-type:saml2") == 0;
}

/* The token in an answer of the helper. `expiring`: it must say when it expires. */
static enum aldb_rc read_answer(struct aldb_slice text, const char *source, bool expiring, char **out, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct aldb_json j = {0};
    int64_t version = 0, end = INT64_MAX;
    bool success = false;
    const char *type = NULL, *code = "", *message = "";
    ALDB_TRY(aldb_json_parse(text, source, ALDB_ST_28000, &j, diag));
    ALDB_TRY(aldb_json_integer(&j, "version", ALDB_JSON_REQUIRED, &version, diag));
    if (version > VERSION_MAX) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: it is of version %lld; up to %d is supported", source, (long long)version, VERSION_MAX);
        goto out;
    }
    ALDB_TRY(aldb_json_bool(&j, "success", ALDB_JSON_REQUIRED, &success, diag));
    if (!success) {
        struct aldb_buf said;
        ALDB_TRY(aldb_json_string(&j, "code", ALDB_JSON_REQUIRED, &code, diag));
        ALDB_TRY(aldb_json_string(&j, "message", ALDB_JSON_REQUIRED, &message, diag));
        aldb_buf_init(&said, ALDB_MAX_NAME);
        aldb_quote_add(&said, aldb_slice_of(code), 100);
        aldb_buf_add_str(&said, ", message: ");
        aldb_quote_add(&said, aldb_slice_of(message), COMPLAINT_MAX);
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: Executable returned unsuccessful response: code: %s", source, aldb_buf_cstr(&said));
        aldb_buf_clear(&said);
        goto out;
    }
    ALDB_TRY(aldb_json_integer(&j, "expiration_time", expiring ? ALDB_JSON_REQUIRED : ALDB_JSON_OPTIONAL, &end, diag));
    if (end <= aldb_google_epoch()) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the token in it has expired", source);
        goto out;
    }
    ALDB_TRY(aldb_json_string(&j, "token_type", ALDB_JSON_REQUIRED, &type, diag));
    if (strcmp(type, "urn:ietf:params:oauth:token-type:jwt") != 0 && strcmp(type, "urn:ietf:params:oauth:token-type:id_token") != 0 && !is_saml(type)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"token_type\" is none of urn:ietf:params:oauth:token-type:jwt, …:id_token and …:saml2", source);
        goto out;
    }
    ALDB_TRY(aldb_source_take(&j, is_saml(type) ? "saml_response" : "id_token", ALDB_JSON_REQUIRED, out, diag));
out:
    aldb_json_clear(&j);
    return rc;
}

/* What the helper left the last time, if it still holds. */
static bool read_output_file(const struct executable *x, char **out)
{
    struct aldb_buf text;
    struct aldb_diag ignored;
    if (x->output_file == NULL || !aldb_file_exists(x->output_file)) {
        return false;
    }
    aldb_diag_init(&ignored);
    aldb_buf_init(&text, ALDB_MAX_CREDENTIAL_FILE);
    bool good = aldb_file_read(x->output_file, x->base.who, true, &text, &ignored) == ALDB_OK &&
                read_answer(aldb_buf_slice(&text), "the helper's output file", true, out, &ignored) == ALDB_OK;
    if (!good && aldb_diag_count(&ignored) > 0) {
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_GOOGLE, "%s: the helper's output file is not used: %s", x->base.who,
                 aldb_diag_first_message(&ignored));
    }
    aldb_buf_wipe(&text);
    aldb_diag_clear(&ignored);
    return good;
}

#define SET_MAX 7

struct setting {
    const char *name;
    const char *value; /* NULL: must not be set */
};

static bool is_set_by_us(const char *entry, const struct setting *settings)
{
    for (size_t i = 0; i < SET_MAX; i++) {
        size_t len = strlen(settings[i].name);
        if (strncmp(entry, settings[i].name, len) == 0 && entry[len] == '=') {
            return true;
        }
    }
    return false;
}

/* The process's environment with what the specification adds; the last SET_MAX entries at most are owned. NULL: out of memory. */
static char **make_environment(const struct executable *x, char **owned)
{
    const struct setting settings[SET_MAX] = {
        {"GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", x->base.audience},
        {"GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE", x->base.subject_token_type},
        {"GOOGLE_EXTERNAL_ACCOUNT_ID", ""}, /* known only to interactive callers */
        {"GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", "0"},
        {"GOOGLE_EXTERNAL_ACCOUNT_REVOKE", "0"},
        {"GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL", x->base.impersonated_email},
        {"GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", x->output_file},
    };
    size_t n = 0;
    while (environ && environ[n]) {
        n++;
    }
    char **env = aldb_alloc_array(n + SET_MAX + 1, sizeof *env);
    size_t k = 0, o = 0;
    for (size_t i = 0; env && i < n && environ[i]; i++) {
        if (!is_set_by_us(environ[i], settings)) {
            env[k++] = environ[i];
        }
    }
    for (size_t i = 0; env && i < SET_MAX; i++) {
        if (settings[i].value) {
            owned[o] = aldb_source_text("%s=%s", settings[i].name, settings[i].value);
            if (owned[o] == NULL) {
                aldb_free(env);
                return NULL;
            }
            env[k++] = owned[o++];
        }
    }
    return env;
}

static enum aldb_rc judge(const struct executable *x, const struct aldb_run_result *r, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    const char *who = x->base.who;
    char text[128];
    struct aldb_buf said;
    enum aldb_rc rc;
    switch (r->outcome) {
    case ALDB_RUN_NOT_STARTED:
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the helper program \"%s\" cannot be started: %s", who, x->argv[0], strerror_r(r->error, text, sizeof text));
    case ALDB_RUN_TIMEOUT:
        return aldb_deadline_over(call->deadline)
                   ? aldb_diag_post(diag, ALDB_ST_HYT00, "%s: the helper program did not end within the time allowed", who)
                   : aldb_diag_post(diag, ALDB_ST_08001, "%s: the helper program did not end within %lld ms (credential_source.executable.timeout_millis)", who,
                                    (long long)x->timeout_ms);
    case ALDB_RUN_STOPPED:
        return aldb_diag_post(diag, ALDB_ST_HY008, "%s: the call was cancelled while the helper program ran", who);
    case ALDB_RUN_TOO_MUCH:
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the helper program wrote more than %zu bytes", who, r->out.max);
    case ALDB_RUN_MEMORY:
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    case ALDB_RUN_ENDED:
        break;
    }
    if (r->status != 0) { /* of its standard output nothing is repeated: a token may stand there */
        aldb_buf_init(&said, ALDB_MAX_NAME);
        aldb_quote_add(&said, aldb_slice_trim(aldb_buf_slice(&r->err)), COMPLAINT_MAX);
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: Executable exited with non-zero return code %d. Error: %s", who, r->status, aldb_buf_cstr(&said));
        aldb_buf_clear(&said);
        return rc;
    }
    char *source = aldb_source_text("%s: the helper program's answer", who);
    if (source == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    rc = read_answer(aldb_buf_slice(&r->out), source, x->output_file != NULL, out, diag);
    aldb_free(source);
    return rc;
}

static enum aldb_rc fetch(struct aldb_subject *s, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    struct executable *x = (struct executable *)s;
    const char *allowed = aldb_source_env_get(ALLOW);
    if (allowed == NULL || strcmp(allowed, "1") != 0) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the credentials name a helper program, and programs need to be allowed: if you trust the file, set the "
                              "environment variable " ALLOW "=1", s->who);
    }
    if (read_output_file(x, out)) {
        return ALDB_OK;
    }
    char *owned[SET_MAX] = {0};
    char **env = make_environment(x, owned);
    enum aldb_rc rc;
    if (env == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else {
        struct aldb_run_result r = {0};
        aldb_buf_init(&r.out, ALDB_MAX_TOKEN);
        aldb_buf_init(&r.err, 4096);
        aldb_run(x->argv, env, x->timeout_ms, call, &r);
        rc = judge(x, &r, call, out, diag);
        aldb_buf_wipe(&r.out);
        aldb_buf_wipe(&r.err);
    }
    for (size_t i = 0; i < SET_MAX; i++) {
        aldb_free(owned[i]);
    }
    aldb_free(env);
    return rc;
}

static const struct aldb_subject_type executable_type = {.name = "executable", .fetch = fetch, .free = free_members};

enum aldb_rc aldb_subject_executable_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env,
                                           struct aldb_subject **out, struct aldb_diag *diag)
{
    struct executable *x = NULL;
    const char *command = NULL;
    (void)env;
    enum aldb_rc rc = aldb_subject_new(&executable_type, sizeof *x, base, &x, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    x->timeout_ms = TIMEOUT_MS;
    ALDB_TRY(aldb_json_string(j, "executable.command", ALDB_JSON_REQUIRED, &command, diag));
    ALDB_TRY(aldb_json_integer(j, "executable.timeout_millis", ALDB_JSON_OPTIONAL, &x->timeout_ms, diag));
    ALDB_TRY(aldb_source_take(j, "executable.output_file", ALDB_JSON_OPTIONAL, &x->output_file, diag));
    if (x->timeout_ms < TIMEOUT_MIN_MS || x->timeout_ms > TIMEOUT_MAX_MS) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"credential_source.executable.timeout_millis\" is %lld; it can be %d to %d", j->source,
                            (long long)x->timeout_ms, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
        goto out;
    }
    switch (aldb_words_split(command, &x->argv)) {
    case ALDB_SPLIT_OK:
        *out = &x->base;
        break;
    case ALDB_SPLIT_MEMORY:
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        break;
    default:
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"credential_source.executable.command\" is no command: it is blank, or a quote has no end",
                            j->source);
        break;
    }
out:
    if (rc == ALDB_ERR) {
        aldb_subject_free(&x->base);
    }
    return rc;
}
