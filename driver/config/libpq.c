/* SPDX-License-Identifier: Apache-2.0 */
/* Options as libpq wants them: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "config/internal.h"

/* Which libpq option a keyword is. */
static const struct {
    enum aldb_keyword keyword;
    const char *option;
} mapping[] = {
    {ALDB_KW_Server, "host"},
    {ALDB_KW_HostAddr, "hostaddr"},
    {ALDB_KW_Port, "port"},
    {ALDB_KW_Database, "dbname"},
    {ALDB_KW_UID, "user"},
    {ALDB_KW_PWD, "password"},
    {ALDB_KW_PassFile, "passfile"},
    {ALDB_KW_Service, "service"},
    {ALDB_KW_ApplicationName, "application_name"},
    {ALDB_KW_TargetSessionAttrs, "target_session_attrs"},
    {ALDB_KW_LoadBalanceHosts, "load_balance_hosts"},
    {ALDB_KW_SSLMode, "sslmode"},
    {ALDB_KW_SSLRootCert, "sslrootcert"},
    {ALDB_KW_SSLCert, "sslcert"},
    {ALDB_KW_SSLKey, "sslkey"},
    {ALDB_KW_SSLPassword, "sslpassword"},
    {ALDB_KW_SSLCertMode, "sslcertmode"},
    {ALDB_KW_SSLCrl, "sslcrl"},
    {ALDB_KW_SSLCrlDir, "sslcrldir"},
    {ALDB_KW_SSLSni, "sslsni"},
    {ALDB_KW_SSLMinProtocolVersion, "ssl_min_protocol_version"},
    {ALDB_KW_SSLMaxProtocolVersion, "ssl_max_protocol_version"},
    {ALDB_KW_ChannelBinding, "channel_binding"},
    {ALDB_KW_RequireAuth, "require_auth"},
    {ALDB_KW_RequirePeer, "requirepeer"},
    {ALDB_KW_GssEncMode, "gssencmode"},
    {ALDB_KW_KrbSrvName, "krbsrvname"},
    {ALDB_KW_GssDelegation, "gssdelegation"},
    {ALDB_KW_GssLib, "gsslib"},
    {ALDB_KW_Keepalives, "keepalives"},
    {ALDB_KW_KeepaliveIdle, "keepalives_idle"},
    {ALDB_KW_KeepaliveInterval, "keepalives_interval"},
    {ALDB_KW_KeepaliveCount, "keepalives_count"},
    {ALDB_KW_TcpUserTimeout, "tcp_user_timeout"},
};

/* libpq's word for LoginTimeout. The driver keeps the time itself: libpq does so in the calls that wait only. */
#define CONNECT_TIMEOUT "connect_timeout"

/* Options that are the driver's business. */
static const struct {
    const char *option;
    const char *remedy;
} owned[] = {
    {"client_encoding", "the driver always talks UTF-8 to the server"},
    {"replication", "the driver cannot speak the replication protocol"},
};

/* ------------------------------------------------------------------ conninfo strings */

struct scanner {
    struct aldb_slice text;
    size_t at;
    struct aldb_buf value;
    struct aldb_diag *diag;
};

static bool at_end(const struct scanner *s)
{
    return s->at == s->text.len;
}

static void skip_blanks(struct scanner *s)
{
    while (!at_end(s) && aldb_is_space(s->text.ptr[s->at])) {
        s->at++;
    }
}

static enum aldb_rc refuse(const struct scanner *s, const char *what)
{
    return aldb_diag_post(s->diag, ALDB_ST_HY024,
                          "The value of the connection keyword PqOpt is not valid at byte %zu: %s",
                          s->at + 1, what);
}

static enum aldb_rc scan_value(struct scanner *s)
{
    bool quoted = !at_end(s) && s->text.ptr[s->at] == '\'';
    s->at += quoted;
    while (!at_end(s)) {
        char c = s->text.ptr[s->at];
        if (quoted ? c == '\'' : aldb_is_space(c)) {
            s->at++;
            return ALDB_OK;
        }
        if (c == '\\') {
            s->at++;
            if (at_end(s)) {
                break;
            }
            c = s->text.ptr[s->at];
        }
        aldb_buf_add_char(&s->value, c);
        s->at++;
    }
    return quoted ? refuse(s, "a quoted value without its closing quote") : ALDB_OK;
}

static enum aldb_rc scan_pair(struct scanner *s, struct aldb_pairs *out)
{
    size_t start = s->at;
    while (!at_end(s) && s->text.ptr[s->at] != '=' && !aldb_is_space(s->text.ptr[s->at])) {
        s->at++;
    }
    struct aldb_slice key = aldb_slice(s->text.ptr + start, s->at - start);
    skip_blanks(s);
    if (key.len == 0 || at_end(s) || s->text.ptr[s->at] != '=') {
        return refuse(s, "write it as libpq's key=value key='value' …");
    }
    s->at++;
    skip_blanks(s);
    aldb_buf_reset(&s->value);
    enum aldb_rc rc;
    ALDB_TRY(scan_value(s));
    if (!aldb_buf_ok(&s->value)) {
        return aldb_config_no_memory(s->diag);
    }
    for (size_t i = 0; i < out->count; i++) {
        if (aldb_slice_eq(key, aldb_slice_of(out->at[i].key))) {
            return refuse(s, "an option is given twice");
        }
    }
    if (out->count == ALDB_MAX_PAIRS) {
        return refuse(s, "too many options");
    }
    rc = aldb_pairs_add(out, key, aldb_slice(aldb_buf_cstr(&s->value), s->value.len), s->diag);
out:
    return rc;
}

enum aldb_rc aldb_conninfo_parse(struct aldb_slice text, struct aldb_pairs *out,
                                 struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_pairs pairs = {0};
    struct scanner s = {.text = text, .diag = diag};
    aldb_buf_init(&s.value, ALDB_MAX_CONNSTR);
    if (aldb_buf_reserve(&s.value, text.len) == NULL) {
        rc = aldb_config_no_memory(diag);
        goto out;
    }
    for (skip_blanks(&s); !at_end(&s); skip_blanks(&s)) {
        ALDB_TRY(scan_pair(&s, &pairs));
    }
    *out = pairs;
    pairs = (struct aldb_pairs){0};
out:
    aldb_pairs_clear(&pairs);
    aldb_buf_wipe(&s.value);
    return rc;
}

enum aldb_rc aldb_pqopt_parse(struct aldb_slice text, struct aldb_pairs *out, struct aldb_diag *diag)
{
    struct aldb_slice trimmed = aldb_slice_trim(text);
    if (trimmed.len > 0 && trimmed.ptr[0] == '-') {
        return aldb_pairs_add(out, aldb_slice_of("options"), trimmed, diag);
    }
    return aldb_conninfo_parse(text, out, diag);
}

/* ------------------------------------------------------------------ what goes to libpq */

/* Said by someone, or raised by the driver above what libpq does by itself. */
static bool goes_to_libpq(const struct aldb_options *o, enum aldb_keyword kw)
{
    enum aldb_value_type type = aldb_keyword_info(kw)->type;
    if (type == ALDB_VT_STRING || type == ALDB_VT_SECRET) {
        const char *text = aldb_option_text(o, kw);
        return text != NULL && text[0] != '\0';
    }
    if (kw == ALDB_KW_SSLMaxProtocolVersion && o->SSLMaxProtocolVersion == 0) {
        return false; /* libpq has no word for no limit */
    }
    if ((kw == ALDB_KW_KeepaliveIdle || kw == ALDB_KW_KeepaliveInterval || kw == ALDB_KW_KeepaliveCount) && aldb_option_number(o, kw) == 0) {
        return false; /* libpq would hand the operating system a 0, and Linux refuses it */
    }
    return aldb_option_given(o, kw) || aldb_option_number(o, kw) != aldb_option_fallback(kw);
}

static enum aldb_rc check_option(const struct aldb_options *o, const char *option,
                                 struct aldb_diag *diag)
{
    for (size_t i = 0; i < ALDB_COUNT(owned); i++) {
        if (strcmp(owned[i].option, option) == 0) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "PqOpt must not set %s: %s", option,
                                  owned[i].remedy);
        }
    }
    if (o->InstanceUri != NULL &&
        (strcmp(option, "host") == 0 || strcmp(option, "hostaddr") == 0)) {
        return aldb_diag_post(
            diag, ALDB_ST_HY024,
            "PqOpt sets %s beside InstanceUri: an AlloyDB instance is found by its URI alone",
            option);
    }
    if (o->EnableIamAuth && strcmp(option, "password") == 0) {
        return aldb_diag_post(
            diag, ALDB_ST_HY024,
            "PqOpt sets password beside EnableIamAuth: with IAM a token takes its place");
    }
    for (size_t i = 0; i < ALDB_COUNT(mapping); i++) {
        if (strcmp(mapping[i].option, option) == 0 && goes_to_libpq(o, mapping[i].keyword)) {
            return aldb_diag_post(
                diag, ALDB_ST_HY024,
                "PqOpt sets %s, which the connection keyword %s sets already: give one of them",
                option, aldb_keyword_info(mapping[i].keyword)->name);
        }
    }
    return ALDB_OK;
}

static enum aldb_rc apply_timeout(struct aldb_options *o, const char *seconds, struct aldb_diag *diag)
{
    uint8_t origin = o->origin[ALDB_KW_PqOpt];
    if (aldb_option_given(o, ALDB_KW_LoginTimeout) && o->origin[ALDB_KW_LoginTimeout] == origin) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "PqOpt sets %s, which the connection keyword LoginTimeout sets already: give one of them", CONNECT_TIMEOUT);
    }
    return aldb_options_set(o, aldb_slice_of("LoginTimeout"), aldb_slice_of(seconds), (enum aldb_origin)origin, diag);
}

enum aldb_rc aldb_pqopt_apply(struct aldb_options *o, struct aldb_diag *diag)
{
    struct aldb_pairs pairs = {0};
    enum aldb_rc rc = ALDB_OK;
    if (o->PqOpt.value == NULL) {
        return ALDB_OK;
    }
    ALDB_TRY(aldb_pqopt_parse(aldb_slice_of(o->PqOpt.value), &pairs, diag));
    for (size_t i = 0; i < pairs.count; i++) {
        if (strcmp(pairs.at[i].key, CONNECT_TIMEOUT) == 0) {
            ALDB_TRY(apply_timeout(o, pairs.at[i].value, diag));
        }
    }
out:
    aldb_pairs_clear(&pairs);
    return rc;
}

enum aldb_rc aldb_pqopt_check(const struct aldb_options *o, struct aldb_diag *diag)
{
    if (o->PqOpt.value == NULL) {
        return ALDB_OK;
    }
    enum aldb_rc rc;
    struct aldb_pairs pairs = {0};
    ALDB_TRY(aldb_pqopt_parse(aldb_slice_of(o->PqOpt.value), &pairs, diag));
    for (size_t i = 0; i < pairs.count; i++) {
        ALDB_TRY(check_option(o, pairs.at[i].key, diag));
    }
out:
    aldb_pairs_clear(&pairs);
    return rc;
}

static void add(struct aldb_libpq_params *p, const char *keyword, const char *value)
{
    p->keywords[p->count] = keyword;
    p->values[p->count] = value;
    p->count++;
}

/* libpq's word for a number: of an ENUM its word, of a BOOL 1 or 0. */
static enum aldb_rc add_number(const struct aldb_options *o, enum aldb_keyword kw,
                               const char *option, struct aldb_libpq_params *p,
                               struct aldb_diag *diag)
{
    char digits[21];
    int64_t number = aldb_option_number(o, kw);
    struct aldb_slice text;
    if (aldb_keyword_info(kw)->type == ALDB_VT_ENUM) {
        text = aldb_words_name(aldb_keyword_info(kw)->choices, (int)number);
    } else {
        text = aldb_slice(digits, aldb_format_i64(digits, number));
    }
    enum aldb_rc rc = aldb_pairs_add(&p->store, aldb_slice_of(option), text, diag);
    if (rc == ALDB_OK) {
        add(p, option, p->store.at[p->store.count - 1].value);
    }
    return rc;
}

static enum aldb_rc add_mapped(const struct aldb_options *o, struct aldb_libpq_params *p,
                               struct aldb_diag *diag)
{
    for (size_t i = 0; i < ALDB_COUNT(mapping); i++) {
        enum aldb_keyword kw = mapping[i].keyword;
        enum aldb_value_type type = aldb_keyword_info(kw)->type;
        if (!goes_to_libpq(o, kw)) {
            continue;
        }
        if (type == ALDB_VT_STRING || type == ALDB_VT_SECRET) {
            add(p, mapping[i].option, aldb_option_text(o, kw));
        } else {
            enum aldb_rc rc = add_number(o, kw, mapping[i].option, p, diag);
            if (rc == ALDB_ERR) {
                return rc;
            }
        }
    }
    return ALDB_OK;
}

static bool has_option(const struct aldb_libpq_params *p, const char *option)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->keywords[i], option) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * libpq would try GSSAPI encryption whenever Kerberos credentials lie around, and looks for them at every connect: milliseconds, and a library whose locks
 * are gone when the process exits beside a connecting thread. Where nobody asked for it (option, service or libpq's environment) it is left out;
 * Kerberos authentication does not need it.
 */
static bool gss_encryption_unasked(const struct aldb_options *o, const struct aldb_libpq_params *p)
{
    return !has_option(p, "gssencmode") && !has_option(p, "service") && o->Service == NULL && getenv("PGGSSENCMODE") == NULL &&
           getenv("PGSERVICE") == NULL;
}

enum aldb_rc aldb_options_to_libpq(const struct aldb_options *o, struct aldb_libpq_params *out,
                                   struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct aldb_libpq_params p = {0};
    if (o->PqOpt.value != NULL) {
        ALDB_TRY(aldb_pqopt_check(o, diag));
        ALDB_TRY(aldb_pqopt_parse(aldb_slice_of(o->PqOpt.value), &p.store, diag));
    }
    size_t passed = p.store.count;
    size_t room = passed + ALDB_COUNT(mapping) + 4; /* gssencmode, client_encoding, fallback_application_name, the end */
    p.keywords = aldb_alloc_array(room, sizeof *p.keywords);
    p.values = aldb_alloc_array(room, sizeof *p.values);
    if (p.keywords == NULL || p.values == NULL) {
        rc = aldb_config_no_memory(diag);
        goto out;
    }
    ALDB_TRY(add_mapped(o, &p, diag));
    for (size_t i = 0; i < passed; i++) {
        if (strcmp(p.store.at[i].key, CONNECT_TIMEOUT) != 0) {
            add(&p, p.store.at[i].key, p.store.at[i].value);
        }
    }
    if (gss_encryption_unasked(o, &p)) {
        add(&p, "gssencmode", "disable");
    }
    add(&p, "client_encoding", "UTF8");
    if (!has_option(&p, "application_name") && !has_option(&p, "fallback_application_name")) {
        add(&p, "fallback_application_name", program_invocation_short_name);
    }
    rc = ALDB_OK;
    *out = p;
    p = (struct aldb_libpq_params){0};
out:
    aldb_libpq_params_clear(&p);
    return rc;
}

void aldb_libpq_params_clear(struct aldb_libpq_params *p)
{
    aldb_free(p->keywords);
    aldb_free(p->values);
    aldb_pairs_clear(&p->store);
    *p = (struct aldb_libpq_params){0};
}
