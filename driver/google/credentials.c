/* SPDX-License-Identifier: Apache-2.0 */
#include "google/credentials.h"

#include "base/alloc.h"
#include "google/adc.h"
#include "google/crypt.h"
#include "google/encode.h"
#include "google/file.h"
#include "google/source.h"
#include "log/log.h"

#define CHAIN_MAX 64 /* service accounts of one impersonation */

struct aldb_credentials {
    struct aldb_credentials *next; /* of those open */
    unsigned refs;                 /* under the room's lock, as the list */
    char *identity;
    struct aldb_http *http;
    struct aldb_source *source;
    struct aldb_source *login; /* LoginToken; NULL: the source serves logins too */
};

static struct aldb_credentials *open_ones;

static bool is_given(const char *s)
{
    return s && s[0];
}

/* Service accounts of the two keywords: caller first, the target last. */
struct chain {
    char *at[CHAIN_MAX + 1];
    size_t count;
};

static void chain_clear(struct chain *c)
{
    while (c->count > 0) {
        aldb_free(c->at[--c->count]);
    }
}

static enum aldb_rc chain_add(struct chain *c, const char *list, const char *keyword, struct aldb_diag *diag)
{
    for (const char *p = list; is_given(list) && p;) {
        size_t len = strcspn(p, ",");
        struct aldb_slice name = aldb_slice_trim(aldb_slice(p, len));
        if (name.len == 0) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "%s has an empty name in its list", keyword);
        }
        if (c->count == CHAIN_MAX) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "%s names more than %d service accounts", keyword, CHAIN_MAX);
        }
        char *copy = aldb_strndup(name.ptr, name.len);
        if (copy == NULL) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        c->at[c->count++] = copy;
        p = p[len] == ',' ? p + len + 1 : NULL;
    }
    return ALDB_OK;
}

static enum aldb_rc check_options(const struct aldb_credentials_options *o, struct chain *chain, struct aldb_diag *diag)
{
    const struct {
        const char *name;
        bool given;
    } sources[] = {{"CredentialsFile", is_given(o->CredentialsFile)},
                   {"CredentialsJson", is_given(o->CredentialsJson.value)},
                   {"AccessToken", is_given(o->AccessToken.value)}};
    const char *first = NULL;
    enum aldb_rc rc;
    for (size_t i = 0; i < ALDB_COUNT(sources); i++) {
        if (sources[i].given && first) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "%s and %s are both given; Google credentials can come from one of them only", first, sources[i].name);
        }
        first = sources[i].given ? sources[i].name : first;
    }
    if (is_given(o->Delegates) && !is_given(o->ImpersonateServiceAccount)) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "Delegates are given without ImpersonateServiceAccount, the account that they lead to");
    }
    ALDB_TRY(chain_add(chain, o->Delegates, "Delegates", diag));
    size_t delegates = chain->count;
    ALDB_TRY(chain_add(chain, o->ImpersonateServiceAccount, "ImpersonateServiceAccount", diag));
    if (delegates > 0 && chain->count > delegates + 1) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "ImpersonateServiceAccount is a list and Delegates are given too; write the delegates in one of them only");
    }
    if (is_given(o->UniverseDomain) && !aldb_universe_ok(o->UniverseDomain)) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "UniverseDomain is not a domain name");
    }
    if (is_given(o->QuotaProject) && !aldb_http_text_ok(o->QuotaProject)) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "QuotaProject has characters that no project has");
    }
out:
    return rc;
}

static void add_field(struct aldb_buf *b, const char *text, size_t len)
{
    aldb_buf_addf(b, "%zu:", len);
    aldb_buf_add(b, text, len);
}

static void add_text(struct aldb_buf *b, const char *text)
{
    add_field(b, text ? text : "", text ? strlen(text) : 0);
}

/* "Google credentials" of that text and these options, as a hash. NULL: out of memory. */
static char *make_identity(const struct aldb_credentials_options *o, const struct chain *chain, const char *who, struct aldb_slice document)
{
    unsigned char hash[ALDB_SHA256_BYTES];
    struct aldb_buf all, id;
    aldb_buf_init(&all, 4 * ALDB_MAX_CREDENTIAL_FILE);
    aldb_buf_init(&id, ALDB_MAX_NAME);
    const char *const texts[] = {document.len ? "" : who, o->AccessToken.value, o->LoginToken.value, o->QuotaProject, aldb_source_env_get("GOOGLE_CLOUD_QUOTA_PROJECT"),
                                 o->UniverseDomain, o->ProxyUrl, o->NoProxy, o->user_agent, o->ca_file, o->iam_endpoint};
    size_t room = document.len + 1024;
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        room += texts[i] ? strlen(texts[i]) + 24 : 24;
    }
    for (size_t i = 0; i < chain->count; i++) {
        room += strlen(chain->at[i]) + 24;
    }
    if (aldb_buf_reserve(&all, room)) { /* at once: growing would leave copies of secrets */
        for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
            add_text(&all, texts[i]);
        }
        for (size_t i = 0; i < chain->count; i++) {
            add_text(&all, chain->at[i]);
        }
        add_field(&all, document.ptr ? document.ptr : "", document.len);
    }
    char *text = NULL;
    if (aldb_buf_ok(&all) && aldb_sha256(aldb_buf_slice(&all), hash)) {
        aldb_buf_add_str(&id, "google:");
        aldb_hex_add(&id, hash, sizeof hash);
        text = aldb_buf_take(&id);
    }
    aldb_buf_wipe(&all);
    aldb_buf_clear(&id);
    return text;
}

/* The material: a document, a token, or the metadata server, and where it is from. */
static enum aldb_rc find_material(const struct aldb_credentials_options *o, struct aldb_http *h, const struct aldb_call *call, struct aldb_adc *m,
                                  struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    if (is_given(o->CredentialsFile)) {
        m->who = aldb_source_text("Google credentials (CredentialsFile \"%s\")", o->CredentialsFile);
        rc = m->who ? aldb_file_read(o->CredentialsFile, m->who, true, &m->text, diag) : ALDB_OK;
    } else if (is_given(o->CredentialsJson.value)) {
        m->who = aldb_strdup("Google credentials (CredentialsJson)");
        size_t len = strlen(o->CredentialsJson.value);
        if (len < ALDB_MAX_CREDENTIAL_FILE && aldb_buf_reserve(&m->text, len + 1) == NULL) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        aldb_buf_add(&m->text, o->CredentialsJson.value, len);
        if (!aldb_buf_ok(&m->text)) {
            return aldb_diag_post(diag, ALDB_ST_28000, "Google credentials (CredentialsJson): the text is longer than %u bytes", ALDB_MAX_CREDENTIAL_FILE);
        }
    } else if (is_given(o->AccessToken.value)) {
        m->who = aldb_strdup("Google credentials (AccessToken)");
    } else {
        return aldb_adc_find(h, call, m, diag);
    }
    if (m->who == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else if (rc == ALDB_OK && m->text.len == 0 && !is_given(o->AccessToken.value)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: it is empty", m->who);
    }
    return rc;
}

static enum aldb_rc make_source(const struct aldb_credentials_options *o, const struct aldb_source_env *env, const struct aldb_call *call,
                                const struct aldb_adc *m, struct aldb_source **out, struct aldb_diag *diag)
{
    if (is_given(o->AccessToken.value)) {
        return aldb_static_token_new(o->AccessToken.value, env, out, diag);
    }
    if (m->text.len == 0) {
        return aldb_metadata_new(env, call, out, diag);
    }
    struct aldb_json j = {0};
    enum aldb_rc rc = aldb_json_parse(aldb_buf_slice(&m->text), m->who, ALDB_ST_28000, &j, diag);
    if (rc == ALDB_OK) {
        rc = aldb_source_parse(&j, env, out, diag);
    }
    aldb_json_clear(&j);
    return rc;
}

/* The chain's last acts for the source; those before are its delegates. */
static enum aldb_rc impersonate(struct chain *chain, const struct aldb_source_env *env, struct aldb_source **source, struct aldb_diag *diag)
{
    if (chain->count == 0) {
        return ALDB_OK;
    }
    char *target = chain->at[chain->count - 1];
    chain->at[chain->count - 1] = NULL;
    struct aldb_impersonation how = {.target = target, .delegates = (const char *const *)chain->at};
    struct aldb_source *inner = *source;
    *source = NULL;
    enum aldb_rc rc = aldb_impersonated_new(inner, &how, NULL, env, source, diag);
    chain->at[chain->count - 1] = target;
    return rc;
}

static void credentials_free(struct aldb_credentials *c)
{
    aldb_source_free(c->source);
    aldb_source_free(c->login);
    aldb_http_close(c->http);
    aldb_free(c->identity);
    aldb_free(c);
}

/* One that is open already, with one more reference. */
static struct aldb_credentials *find_open(const char *identity)
{
    struct aldb_credentials *c = open_ones;
    while (c && strcmp(c->identity, identity) != 0) {
        c = c->next;
    }
    if (c) {
        c->refs++;
    }
    return c;
}

static enum aldb_rc build(const struct aldb_credentials_options *o, struct chain *chain, const struct aldb_http_options *http_options,
                          const struct aldb_call *call, const struct aldb_adc *m, struct aldb_credentials *c, struct aldb_diag *diag)
{
    const char *universe = is_given(o->UniverseDomain) ? o->UniverseDomain : NULL;
    const char *quota = is_given(o->QuotaProject) ? o->QuotaProject : aldb_source_env_get("GOOGLE_CLOUD_QUOTA_PROJECT");
    struct aldb_source_env env = {.who = m->who, .http = c->http, .http_options = http_options, .universe = universe, .quota_project = quota,
                                  .iam_endpoint = o->iam_endpoint};
    enum aldb_rc rc;
    ALDB_TRY(make_source(o, &env, call, m, &c->source, diag));
    if (universe && strcmp(universe, c->source->universe) != 0) {
        rc = aldb_diag_post(diag, ALDB_ST_HY024, "%s: these credentials belong to the universe %s, but UniverseDomain is %s", m->who, c->source->universe, universe);
        goto out;
    }
    ALDB_TRY(impersonate(chain, &env, &c->source, diag));
    if (is_given(o->LoginToken.value)) {
        env.who = "Google credentials (LoginToken)";
        ALDB_TRY(aldb_static_token_new(o->LoginToken.value, &env, &c->login, diag));
    }
out:
    return rc;
}

enum aldb_rc aldb_credentials_open(const struct aldb_credentials_options *o, const struct aldb_call *call, struct aldb_credentials **out,
                                   struct aldb_diag *diag)
{
    struct chain chain = {.count = 0};
    struct aldb_adc m = {.who = NULL};
    struct aldb_http_options http_options = {.user_agent = o->user_agent, .proxy_url = is_given(o->ProxyUrl) ? o->ProxyUrl : NULL,
                                             .no_proxy = is_given(o->NoProxy) ? o->NoProxy : NULL, .ca_file = o->ca_file};
    struct aldb_credentials *c = aldb_alloc(sizeof *c), *other;
    enum aldb_rc rc;
    aldb_buf_init(&m.text, ALDB_MAX_CREDENTIAL_FILE);
    if (c == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    c->refs = 1;
    ALDB_TRY(check_options(o, &chain, diag));
    ALDB_TRY(aldb_http_open(&http_options, &c->http, diag));
    ALDB_TRY(find_material(o, c->http, call, &m, diag));
    c->identity = make_identity(o, &chain, m.who, aldb_buf_slice(&m.text));
    if (c->identity == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    aldb_google_lock();
    other = find_open(c->identity);
    aldb_google_unlock();
    if (other == NULL) {
        ALDB_TRY(build(o, &chain, &http_options, call, &m, c, diag));
        aldb_google_lock();
        other = find_open(c->identity); /* somebody may have been faster */
        if (other == NULL) {
            c->next = open_ones;
            open_ones = c;
            other = c;
            c = NULL;
        }
        aldb_google_unlock();
        const char *quota = other->source->quota_project;
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_GOOGLE, "%s: type %s%s%s", other->source->who, other->source->type->name, quota ? ", quota project " : "",
                 quota ? quota : "");
    }
    *out = other;
out:
    if (c) {
        credentials_free(c);
    }
    chain_clear(&chain);
    aldb_free(m.who);
    aldb_buf_wipe(&m.text);
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

struct aldb_credentials *aldb_credentials_ref(struct aldb_credentials *c)
{
    aldb_google_lock();
    c->refs++;
    aldb_google_unlock();
    return c;
}

void aldb_credentials_unref(struct aldb_credentials *c)
{
    if (c == NULL) {
        return;
    }
    aldb_google_lock();
    bool last = --c->refs == 0;
    if (last) {
        struct aldb_credentials **at = &open_ones;
        while (*at != c) {
            at = &(*at)->next;
        }
        *at = c->next;
    }
    aldb_google_unlock();
    if (last) {
        credentials_free(c);
    }
}

static struct aldb_source *source_for(struct aldb_credentials *c, enum aldb_token_use use)
{
    return use == ALDB_TOKEN_LOGIN && c->login ? c->login : c->source;
}

enum aldb_rc aldb_credentials_token(struct aldb_credentials *c, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out,
                                    struct aldb_diag *diag)
{
    return aldb_source_token(source_for(c, use), use, call, out, diag);
}

bool aldb_credentials_reject(struct aldb_credentials *c, enum aldb_token_use use, const struct aldb_token *token)
{
    return aldb_source_reject(source_for(c, use), use, token->serial);
}

enum aldb_rc aldb_credentials_principal(struct aldb_credentials *c, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    struct aldb_source *s = source_for(c, ALDB_TOKEN_LOGIN);
    char *copy = NULL;
    aldb_google_lock();
    bool known = s->principal != NULL;
    aldb_google_unlock();
    if (!known && s->type->find_principal && s->type->find_principal(s, call, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_google_lock();
    copy = aldb_strdup(s->principal);
    bool lost = s->principal && copy == NULL;
    aldb_google_unlock();
    if (lost) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    *out = copy;
    return ALDB_OK;
}

enum aldb_rc aldb_credentials_user(struct aldb_credentials *c, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    static const char suffix[] = ".gserviceaccount.com";
    char *user = NULL;
    if (aldb_credentials_principal(c, call, &user, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    size_t len = user ? strlen(user) : 0;
    if (len > sizeof suffix - 1 && strcmp(user + len - (sizeof suffix - 1), suffix) == 0) {
        user[len - (sizeof suffix - 1)] = '\0';
    }
    *out = user;
    return ALDB_OK;
}

char *aldb_credentials_user_agent(const char *custom)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "alloydb-odbc/%s%s%s", ALDB_VERSION, is_given(custom) ? " " : "", is_given(custom) ? custom : "");
    char *text = aldb_buf_ok(&b) ? aldb_buf_take(&b) : NULL;
    aldb_buf_clear(&b);
    return text;
}

const char *aldb_credentials_quota_project(const struct aldb_credentials *c)
{
    return c->source->quota_project;
}

const char *aldb_credentials_universe(const struct aldb_credentials *c)
{
    return c->source->universe;
}

const char *aldb_credentials_who(const struct aldb_credentials *c)
{
    return c->source->who;
}

const char *aldb_credentials_type(const struct aldb_credentials *c)
{
    return c->source->type->name;
}

const char *aldb_credentials_identity(const struct aldb_credentials *c)
{
    return c->identity;
}

struct aldb_http *aldb_credentials_http(struct aldb_credentials *c)
{
    return c->http;
}
