/* SPDX-License-Identifier: Apache-2.0 */
#include "google/oauth.h"

#include "base/alloc.h"
#include "google/encode.h"
#include "google/jwt.h"
#include "log/log.h"

#define UNKNOWN_LIFE_S 300
#define SKEW_TOLD_S 60

/* Code and text of an error, borrowed from *j, which is to be cleared. False: the answer is nothing that is understood. */
static bool read_error(const struct aldb_http_answer *a, struct aldb_json *j, const char **code, const char **text)
{
    struct aldb_diag ignored;
    struct aldb_json inner = {0};
    aldb_diag_init(&ignored);
    *code = *text = "";
    bool known = a->json && aldb_json_parse(aldb_buf_slice(&a->body), "", ALDB_ST_08001, j, &ignored) == ALDB_OK;
    if (known && aldb_json_string(j, "error", ALDB_JSON_REQUIRED, code, &ignored) == ALDB_OK) {
        known = aldb_json_string(j, "error_description", ALDB_JSON_OPTIONAL, text, &ignored) == ALDB_OK;
    } else if (known) {
        known = aldb_json_object(j, "error", ALDB_JSON_REQUIRED, &inner, &ignored) == ALDB_OK &&
                aldb_json_string(&inner, "status", ALDB_JSON_OPTIONAL, code, &ignored) == ALDB_OK &&
                aldb_json_string(&inner, "message", ALDB_JSON_OPTIONAL, text, &ignored) == ALDB_OK;
    }
    aldb_diag_clear(&ignored);
    return known && (**code || **text);
}

void aldb_refusal_code(const struct aldb_http_answer *a, char *code, size_t size)
{
    struct aldb_json j = {0};
    const char *found, *text;
    (void)aldb_copy(code, size, aldb_slice_of(read_error(a, &j, &found, &text) ? found : ""));
    aldb_json_clear(&j);
}

static void add_clock(struct aldb_buf *b, int64_t date)
{
    int64_t off = date ? aldb_google_epoch() - date : 0;
    if (off > SKEW_TOLD_S || off < -SKEW_TOLD_S) {
        aldb_buf_addf(b, " This machine's clock is %lld seconds %s the server's: set it right.", (long long)(off < 0 ? -off : off),
                      off < 0 ? "behind" : "ahead of");
    }
}

static const char *verb(int status)
{
    return status == 400 || status == 401 || status == 403 ? "refused" : status == 429 || status >= 500 ? "cannot answer now" : "failed";
}

enum aldb_rc aldb_refusal_post(const struct aldb_http_answer *a, const struct aldb_refusal *r, struct aldb_diag *diag)
{
    struct aldb_json j = {0};
    struct aldb_buf b;
    const char *code, *text;
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&b, "%s: %s %s", r->who, r->what, verb(a->status));
    if (read_error(a, &j, &code, &text)) {
        aldb_buf_add_str(&b, ": ");
        aldb_quote_add(&b, aldb_slice_of(code), 100);
        aldb_buf_add_str(&b, *code && *text ? ": " : "");
        aldb_quote_add(&b, aldb_slice_of(text), 600);
        aldb_buf_addf(&b, " (HTTP %d).", a->status);
    } else if (a->body.len == 0) {
        aldb_buf_addf(&b, ": HTTP %d without an explanation.", a->status);
    } else {
        aldb_buf_addf(&b, ": HTTP %d with %zu bytes of %s, which is no explanation; something else may be answering there, as a proxy.", a->status, a->body.len,
                      a->content_type[0] ? a->content_type : "unknown type");
    }
    aldb_json_clear(&j);
    bool refused = strcmp(verb(a->status), "refused") == 0;
    if (refused) {
        add_clock(&b, a->date); /* first of all: where it is wrong, nothing else is worth a look */
    }
    if (r->remedy[0] && (refused || a->status == 404)) {
        aldb_buf_addf(&b, " %s", r->remedy);
    }
    if (a->status == 429) {
        aldb_buf_add_str(&b, " A quota is used up: try again later, or have it raised.");
    } else if (a->status >= 500) {
        aldb_buf_add_str(&b, " The fault is on that side: try again later.");
    } else if (!refused && a->status != 404) {
        aldb_buf_add_str(&b, " Is that the right address?");
    }
    enum aldb_rc rc = aldb_buf_ok(&b) ? aldb_diag_post(diag, refused ? ALDB_ST_28000 : ALDB_ST_08001, "%s", b.data) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&b);
    return rc;
}

enum aldb_rc aldb_oauth_check(const char *token, const char *source, const char *field, enum aldb_state state, struct aldb_diag *diag)
{
    size_t len = strlen(token);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)token[i] <= 0x20 || (unsigned char)token[i] >= 0x7f) {
            return aldb_diag_post(diag, state, "%s: \"%s\" is no token: it has blanks, control or non-ASCII characters", source, field);
        }
    }
    return ALDB_OK;
}

static enum aldb_rc read_token(const struct aldb_http_answer *a, const char *source, struct aldb_moment asked, struct aldb_oauth_answer *out,
                               struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct aldb_json j = {0};
    const char *token = NULL, *refresh = NULL, *id = NULL;
    int64_t life = -1;
    ALDB_TRY(aldb_json_parse(aldb_buf_slice(&a->body), source, ALDB_ST_08001, &j, diag));
    ALDB_TRY(aldb_json_string(&j, "access_token", ALDB_JSON_REQUIRED, &token, diag));
    ALDB_TRY(aldb_json_integer(&j, "expires_in", ALDB_JSON_OPTIONAL, &life, diag));
    ALDB_TRY(aldb_json_string(&j, "refresh_token", ALDB_JSON_OPTIONAL, &refresh, diag));
    ALDB_TRY(aldb_json_string(&j, "id_token", ALDB_JSON_OPTIONAL, &id, diag));
    ALDB_TRY(aldb_oauth_check(token, source, "access_token", ALDB_ST_08001, diag));
    if (life == -1) {
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_GOOGLE, "%s: no expires_in; the token is used for %d seconds", source, UNKNOWN_LIFE_S);
        life = UNKNOWN_LIFE_S;
    } else if (life <= 0) {
        rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: \"expires_in\" is %lld: the token has expired already", source, (long long)life);
        goto out;
    }
    out->token.value.value = aldb_strdup(token);
    out->refresh_token = aldb_strdup(refresh);
    out->id_token = aldb_strdup(id);
    if (out->token.value.value == NULL || (refresh && out->refresh_token == NULL) || (id && out->id_token == NULL)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    aldb_token_live(&out->token, asked, life);
out:
    aldb_json_clear(&j);
    return rc;
}

/* RFC 6749 2.3.1: both parts form-encoded. Google's libraries do not encode them; its identifiers need it not, so that both agree. NULL: out of memory. */
static char *basic(const char *id, const char *secret)
{
    struct aldb_buf plain;
    struct aldb_buf header;
    size_t room = strlen(id) + (secret ? strlen(secret) : 0) + 2;
    aldb_buf_init(&plain, ALDB_MAX_TOKEN);
    aldb_buf_init(&header, ALDB_MAX_TOKEN);
    char *value = NULL;
    if (aldb_buf_reserve(&plain, room) && aldb_buf_reserve(&header, 2 * room + 16)) {
        aldb_buf_addf(&plain, "%s:%s", id, secret ? secret : "");
        aldb_buf_add_str(&header, "Basic ");
        aldb_base64_add(&header, plain.data, plain.len);
        value = aldb_buf_ok(&plain) ? aldb_buf_take(&header) : NULL;
    }
    aldb_buf_wipe(&plain);
    aldb_buf_wipe(&header);
    return value;
}

/* What goes beyond the caller's remedy for codes that always mean the same. */
static const char *remedy_for(const char *code, const char *remedy)
{
    if (strcmp(code, "invalid_scope") == 0 || strcmp(code, "access_denied") == 0 || strcmp(code, "admin_policy_enforced") == 0) {
        return "Your organisation may not allow this scope for these credentials; another token for the database login can be given as LoginToken.";
    }
    if (strcmp(code, "invalid_client") == 0 || strcmp(code, "unauthorized_client") == 0) {
        return "The client that the credentials name (client_id, client_secret, or the service account) is unknown, disabled or not allowed to do this.";
    }
    return remedy;
}

enum aldb_rc aldb_oauth_ask(struct aldb_http *h, const struct aldb_oauth_request *r, const struct aldb_call *call, struct aldb_oauth_answer *out,
                            struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct aldb_http_answer a = {0};
    struct aldb_buf what, source;
    char *authorization = NULL;
    *out = (struct aldb_oauth_answer){0};
    aldb_buf_init(&what, ALDB_MAX_NAME);
    aldb_buf_init(&source, ALDB_MAX_NAME);
    aldb_buf_add_str(&what, "the token endpoint ");
    aldb_http_name_add(&what, r->url);
    aldb_buf_addf(&source, "%s: the answer of %s", r->who, aldb_buf_cstr(&what));
    if (!aldb_buf_ok(&what) || !aldb_buf_ok(&source) || (r->client_id && (authorization = basic(r->client_id, r->client_secret)) == NULL)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    struct aldb_http_header headers[] = {
        {"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}, {"Authorization", authorization}};
    struct aldb_http_request request = {.url = r->url, .headers = headers, .nheaders = ALDB_COUNT(headers), .body = r->form};
    struct aldb_moment asked = aldb_moment_now();
    aldb_http_call(h, &request, &aldb_retry_token, call, &a);
    out->date = a.date;
    if (a.fault != ALDB_HTTP_ANSWERED) {
        rc = aldb_http_post_fault(&a, r->who, aldb_buf_cstr(&what), diag);
    } else if (a.status != 200) {
        aldb_refusal_code(&a, out->code, sizeof out->code);
        struct aldb_refusal refusal = {.who = r->who, .what = aldb_buf_cstr(&what), .remedy = remedy_for(out->code, r->remedy)};
        if (strstr(aldb_buf_cstr(&a.body), "\"invalid_rapt\"") || strstr(aldb_buf_cstr(&a.body), "\"rapt_required\"")) {
            refusal.remedy = "Reauthentication is needed: run `gcloud auth application-default login`.";
        }
        rc = aldb_refusal_post(&a, &refusal, diag);
    } else {
        rc = read_token(&a, aldb_buf_cstr(&source), asked, out, diag);
    }
    aldb_http_answer_clear(&a);
out:
    aldb_free_secret(authorization);
    aldb_buf_clear(&what);
    aldb_buf_clear(&source);
    return rc;
}

void aldb_oauth_answer_clear(struct aldb_oauth_answer *a)
{
    aldb_token_clear(&a->token);
    aldb_free_secret(a->refresh_token);
    aldb_free_secret(a->id_token);
    *a = (struct aldb_oauth_answer){0};
}
