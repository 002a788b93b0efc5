/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/dial.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "connector/cache.h"
#include "connector/exchange.h"
#include "connector/ready.h"
#include "connector/static_info.h"
#include "connector/tcp.h"
#include "connector/tls.h"
#include "google/encode.h"
#include "log/log.h"

#define SERVER_TEXT_MAX 1000 /* bytes of each text of an error of PostgreSQL's kind */

struct aldb_dialer {
    struct aldb_instance instance;
    enum aldb_address_type type;
    bool iam;
    uint16_t port;
    struct aldb_tcp_options tcp;
    char *endpoint, *static_info, *user_agent;
    struct aldb_credentials *credentials;
    struct aldb_cache_entry *entry; /* NULL with static_info */
    bool holds;                     /* the entry, in the background */
};

/* One attempt. */
struct attempt {
    const struct aldb_dialer *d;
    const struct aldb_call *call;
    struct aldb_diag *diag;
    const char *address; /* what is dialled: the info's */
    bool renew;          /* another certificate or address may help at once */
    bool suspect;        /* another address or certificate may help next time */
};

static bool is_given(const char *s)
{
    return s && s[0];
}

static bool copy(char **to, const char *from)
{
    *to = is_given(from) ? aldb_strdup(from) : NULL;
    return *to || !is_given(from);
}

static struct aldb_admin_request request_of(const struct aldb_dialer *d)
{
    return (struct aldb_admin_request){.instance = &d->instance, .credentials = d->credentials, .endpoint = d->endpoint};
}

/* ------------------------------------------------------------------ the dialer */

static enum aldb_rc check(const struct aldb_dial_options *o, struct aldb_diag *diag)
{
    const char *const texts[] = {o->UserAgent, o->ApiEndpoint};
    static const char *const names[] = {"UserAgent", "ApiEndpoint"};
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        if (is_given(texts[i]) && !aldb_http_text_ok(texts[i])) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "%s has blanks at an end, or control characters", names[i]);
        }
    }
    if (is_given(o->UserAgent) && strlen(o->UserAgent) > ALDB_EXCHANGE_MAX / 4) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "UserAgent is longer than %u bytes", ALDB_EXCHANGE_MAX / 4);
    }
    if (is_given(o->StaticConnectionInfo) && is_given(o->ApiEndpoint)) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "StaticConnectionInfo and ApiEndpoint are both given; with the file the API is not asked");
    }
    return ALDB_OK;
}

enum aldb_rc aldb_dialer_open(const struct aldb_dial_options *o, const struct aldb_call *call, struct aldb_dialer **out, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct aldb_dialer *d = aldb_alloc(sizeof *d);
    if (d == NULL || !copy(&d->endpoint, o->ApiEndpoint) || !copy(&d->static_info, o->StaticConnectionInfo) ||
        (d->user_agent = aldb_credentials_user_agent(o->UserAgent)) == NULL) {
        aldb_dialer_close(d);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    d->type = o->IpType;
    d->iam = o->EnableIamAuth;
    d->tcp = o->tcp;
    d->port = o->port ? o->port : ALDB_DIAL_PORT;
    ALDB_TRY(check(o, diag));
    ALDB_TRY(aldb_instance_parse(o->InstanceUri ? o->InstanceUri : "", &d->instance, diag));
    aldb_trail_begin(call->trail, "credentials");
    struct aldb_credentials_options c = o->credentials;
    c.user_agent = d->user_agent;
    ALDB_TRY(aldb_credentials_open(&c, call, &d->credentials, diag));
    if (d->static_info == NULL) {
        struct aldb_admin_request r = request_of(d);
        ALDB_TRY(aldb_cache_open(&r, &d->entry, diag));
        if (o->RefreshStrategy == ALDB_RENEWAL_BACKGROUND) {
            ALDB_TRY(aldb_cache_hold(d->entry, &r, diag));
            d->holds = true;
        }
    }
    *out = d;
    d = NULL;
out:
    aldb_dialer_close(d);
    return rc;
}

void aldb_dialer_close(struct aldb_dialer *d)
{
    if (d) {
        if (d->holds) {
            aldb_cache_release(d->entry);
        }
        aldb_cache_close(d->entry);
        aldb_credentials_unref(d->credentials);
        aldb_instance_clear(&d->instance);
        aldb_free(d->endpoint);
        aldb_free(d->static_info);
        aldb_free(d->user_agent);
        aldb_free(d);
    }
}

enum aldb_rc aldb_dialer_user(struct aldb_dialer *d, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    return aldb_credentials_user(d->credentials, call, out, diag);
}

/* ------------------------------------------------------------------ address */

/* "PUBLIC, PSC": the kinds of address that the instance has, but for `without`. */
static const char *list_offers(const struct aldb_connection_info *info, enum aldb_address_type without, char out[64])
{
    size_t len = 0;
    out[0] = '\0';
    for (unsigned t = 0; t < ALDB_ADDRESS_TYPES; t++) {
        if (info->facts.address[t] && t != (unsigned)without) {
            len += (size_t)snprintf(out + len, 64 - len, "%s%s", len ? ", " : "", aldb_address_type_name((enum aldb_address_type)t));
        }
    }
    return out;
}

static const char *pick(struct attempt *a, const struct aldb_connection_info *info)
{
    const char *address = info->facts.address[a->d->type];
    aldb_trail_begin(a->call->trail, "address");
    if (address) {
        aldb_trail_end(a->call->trail, "%s (%s)", address, aldb_address_type_name(a->d->type));
        return address;
    }
    a->suspect = a->renew = true; /* it may have been given one */
    char offers[64];
    const char *wanted = aldb_address_type_name(a->d->type);
    if (list_offers(info, ALDB_ADDRESS_TYPES, offers)[0] == '\0') {
        (void)aldb_diag_post(a->diag, ALDB_ST_08001, "Address of %s: the instance has no address at all; is it still being made, or stopped?", a->d->instance.uri);
    } else {
        (void)aldb_diag_post(a->diag, ALDB_ST_08001, "Address of %s: the instance has none for IpType=%s; it offers %s. Set IpType to one of these, or have the "
                             "instance given a %s address", a->d->instance.uri, wanted, offers, wanted);
    }
    return NULL;
}

/* ------------------------------------------------------------------ TLS and exchange */

/* "TLS with 10.0.0.1:5433 (PRIVATE address of projects/…)": the beginning of a message. */
static void add_stage(struct aldb_buf *b, const struct attempt *a, const char *stage)
{
    bool v6 = strchr(a->address, ':') != NULL;
    aldb_buf_addf(b, "%s with %s%s%s:%u (%s address of %s)", stage, v6 ? "[" : "", a->address, v6 ? "]" : "", a->d->port,
                  aldb_address_type_name(a->d->type), a->d->instance.uri);
}

static enum aldb_rc post_stage(const struct attempt *a, enum aldb_state state, const char *stage, const char *fact, const char *remedy)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    add_stage(&b, a, stage);
    enum aldb_rc rc = aldb_buf_ok(&b) ? aldb_diag_post(a->diag, state, "%s: %s%s%s", aldb_buf_cstr(&b), fact, remedy[0] ? ". " : "", remedy)
                                      : aldb_diag_post(a->diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&b);
    return rc;
}

/* Why a wait ended otherwise than with a socket that is ready. */
static enum aldb_rc post_wait(const struct attempt *a, enum aldb_ready why, const char *stage)
{
    char text[128];
    switch (why) {
    case ALDB_READY_STOPPED:
        return post_stage(a, ALDB_ST_HY008, stage, "the call was cancelled", "");
    case ALDB_READY_TIMEOUT:
        return post_stage(a, ALDB_ST_HYT00, stage, "the server did not answer within the time allowed", "LoginTimeout sets that time.");
    case ALDB_READY_LATE:
        return post_stage(a, ALDB_ST_08001, stage, "the server does not answer", "Does something else than an AlloyDB instance listen there?");
    default:
        return post_stage(a, ALDB_ST_08001, stage, strerror_r(errno, text, sizeof text), "");
    }
}

static const char *tls_remedy(const struct attempt *a, const struct aldb_stream *s)
{
    switch (aldb_tls_verdict(s)) {
    case X509_V_OK:
        break;
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return a->d->type == ALDB_ADDRESS_PSC ? "It is for another name than the instance's; does that name lead to this instance's endpoint?"
                                              : "It is for another address; does something redirect the connection?";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "Is this machine's clock right?";
    default:
        return "Only the instance's own authority is trusted; does something open the TLS connection on its way?";
    }
    switch (aldb_tls_alert(s)) {
    case SSL_AD_PROTOCOL_VERSION:
        return "The server does not speak TLS 1.3; does something else than an AlloyDB instance listen there?";
    case 0:
        return "Does an AlloyDB instance listen there, or does something on the way cut the connection?";
    default:
        return "The server does not accept the client's certificate; is this machine's clock right?";
    }
}

static enum aldb_rc handshake(struct attempt *a, struct aldb_stream *s)
{
    struct aldb_deadline until = aldb_deadline_in_ms(ALDB_DIAL_STEP_MS);
    short events = 0;
    int rc;
    aldb_trail_begin(a->call->trail, "TLS");
    while ((rc = aldb_tls_handshake(s, &events)) == ALDB_STREAM_AGAIN) {
        enum aldb_ready ready = aldb_ready_wait(s->type->fd(s), events, until, a->call);
        if (ready != ALDB_READY) {
            a->suspect = ready == ALDB_READY_LATE;
            return post_wait(a, ready, "TLS");
        }
    }
    if (rc == ALDB_STREAM_FAILED) {
        a->suspect = a->renew = true;
        return post_stage(a, ALDB_ST_08001, "TLS", s->type->error(s), tls_remedy(a, s));
    }
    aldb_trail_end(a->call->trail, "TLS 1.3 with the instance's own certificate");
    return ALDB_OK;
}

/* The connection broke within the exchange: what is wrong with the client's certificate is told only now (RFC 8446 4.4.2.4). */
static enum aldb_rc post_broken(struct attempt *a, const struct aldb_stream *s, const char *text)
{
    a->suspect = a->renew = true;
    return post_stage(a, ALDB_ST_08001, "Metadata exchange", text, tls_remedy(a, s));
}

static enum aldb_rc send_request(struct attempt *a, struct aldb_stream *s, struct aldb_slice request, struct aldb_deadline until)
{
    while (request.len > 0) {
        short events = 0;
        ssize_t n = s->type->write(s, request.ptr, request.len, &events);
        if (n == ALDB_STREAM_FAILED) {
            return post_broken(a, s, s->type->error(s));
        }
        if (n > 0) {
            request = aldb_slice(request.ptr + n, request.len - (size_t)n);
            continue;
        }
        enum aldb_ready ready = aldb_ready_wait(s->type->fd(s), events, until, a->call);
        if (ready != ALDB_READY) {
            return post_wait(a, ready, "Metadata exchange");
        }
    }
    return ALDB_OK;
}

static enum aldb_rc read_answer(struct attempt *a, struct aldb_stream *s, struct aldb_exchange_reader *r, struct aldb_deadline until)
{
    char data[4096];
    while (r->state == ALDB_EXCHANGE_MORE) {
        short events = 0;
        size_t wants = aldb_exchange_wants(r);
        ssize_t n = s->type->read(s, data, wants < sizeof data ? wants : sizeof data, &events);
        if (n > 0) {
            (void)aldb_exchange_feed(r, data, (size_t)n);
        } else if (n == ALDB_STREAM_END) {
            aldb_exchange_end(r);
            a->renew = true;
        } else if (n == ALDB_STREAM_FAILED) {
            return post_broken(a, s, s->type->error(s));
        } else {
            enum aldb_ready ready = aldb_ready_wait(s->type->fd(s), events, until, a->call);
            if (ready != ALDB_READY) {
                a->suspect = ready == ALDB_READY_LATE;
                return post_wait(a, ready, "Metadata exchange");
            }
        }
    }
    return ALDB_OK;
}

/* Whoever it is that answers so was sent the token, and its words are a stranger's. */
static enum aldb_rc post_server(const struct attempt *a, const struct aldb_exchange_reader *r)
{
    struct aldb_buf where, quoted[3];
    struct aldb_server_error e = r->server;
    struct aldb_server_context ctx = {.moment = ALDB_AT_CONNECT};
    const char **const texts[ALDB_COUNT(quoted)] = {&e.message, &e.detail, &e.hint};
    for (size_t i = 0; i < ALDB_COUNT(quoted); i++) {
        aldb_buf_init(&quoted[i], ALDB_MAX_MESSAGE);
        if (*texts[i]) {
            aldb_quote_add(&quoted[i], aldb_slice_of(*texts[i]), SERVER_TEXT_MAX);
            *texts[i] = aldb_buf_cstr(&quoted[i]);
        }
    }
    aldb_buf_init(&where, ALDB_MAX_MESSAGE);
    add_stage(&where, a, "Metadata exchange");
    e.context = aldb_buf_cstr(&where);
    enum aldb_rc rc = aldb_diag_post_server(a->diag, &e, &ctx);
    aldb_buf_clear(&where);
    for (size_t i = 0; i < ALDB_COUNT(quoted); i++) {
        aldb_buf_clear(&quoted[i]);
    }
    return rc == ALDB_ERR ? rc : aldb_diag_post(a->diag, ALDB_ST_08001, "The server answered the metadata exchange with a notice instead of an answer");
}

static enum aldb_rc judge_answer(struct attempt *a, const struct aldb_exchange_reader *r, const struct aldb_token *token)
{
    char text[800];
    switch (r->state) {
    case ALDB_EXCHANGE_OK:
        return ALDB_OK;
    case ALDB_EXCHANGE_SERVER:
        return post_server(a, r);
    case ALDB_EXCHANGE_REFUSED:
        (void)aldb_credentials_reject(a->d->credentials, ALDB_TOKEN_LOGIN, token); /* if it is the token that is wrong, the next connect has another */
        if (r->text[0]) {
            (void)snprintf(text, sizeof text, "the instance refused: %s", r->text);
        } else {
            (void)snprintf(text, sizeof text, "the instance refused without a reason (code %u)", r->code);
        }
        return post_stage(a, ALDB_ST_28000, "Metadata exchange", text,
                          a->d->iam ? "The principal needs the roles roles/alloydb.client and roles/alloydb.databaseUser, the instance the flag "
                                      "alloydb.iam_authentication=on, and the database a user of that principal."
                                    : "The principal of the Google credentials needs the role roles/alloydb.client.");
    default:
        if (r->in.failed) {
            return aldb_diag_post(a->diag, ALDB_ST_HY001, NULL);
        }
        a->suspect = true;
        return post_stage(a, ALDB_ST_08001, "Metadata exchange", r->text,
                          a->renew ? "Is the instance being restarted? A certificate that it does not accept can be the reason too." : "");
    }
}

static enum aldb_rc exchange(struct attempt *a, struct aldb_stream *s, const struct aldb_token *token)
{
    struct aldb_deadline until = aldb_deadline_in_ms(ALDB_DIAL_STEP_MS);
    struct aldb_exchange_reader reader;
    struct aldb_buf request;
    enum aldb_rc rc;
    aldb_trail_begin(a->call->trail, "exchange");
    aldb_exchange_reader_init(&reader);
    aldb_buf_init(&request, ALDB_EXCHANGE_MAX + 64);
    enum aldb_rc made = aldb_exchange_write(&request, a->d->iam ? ALDB_EXCHANGE_AUTO_IAM : ALDB_EXCHANGE_DB_NATIVE, a->d->user_agent, token->value.value);
    if (made != ALDB_OK) {
        rc = made == ALDB_ERR ? aldb_diag_post(a->diag, ALDB_ST_HY001, NULL)
                              : post_stage(a, ALDB_ST_28000, "Metadata exchange", "the access token is too long to be sent", "Give another one as LoginToken.");
        goto out;
    }
    ALDB_TRY(send_request(a, s, aldb_buf_slice(&request), until));
    ALDB_TRY(read_answer(a, s, &reader, until));
    ALDB_TRY(judge_answer(a, &reader, token));
    aldb_trail_end(a->call->trail, a->d->iam ? "accepted, with an IAM token as the database login" : "accepted");
out:
    aldb_exchange_reader_clear(&reader);
    aldb_buf_wipe(&request);
    return rc;
}

/* ------------------------------------------------------------------ all together */

static enum aldb_rc post_tcp(const struct attempt *a, const struct aldb_connection_info *info, const struct aldb_tcp_failure *f)
{
    struct aldb_buf b;
    char remedy[400], offers[64];
    const char *others = list_offers(info, a->d->type, offers);
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    enum aldb_state state = f->kind == ALDB_TCP_STOPPED ? ALDB_ST_HY008 : f->kind == ALDB_TCP_TIMEOUT ? ALDB_ST_HYT00 : ALDB_ST_08001;
    const char *hint = a->d->type == ALDB_ADDRESS_PRIVATE ? "It is reached from its VPC network and what is joined to it"
                       : a->d->type == ALDB_ADDRESS_PUBLIC ? "Public addresses are reached from the networks that the instance allows, if it allows any"
                                                           : "The name must lead to a Private Service Connect endpoint of this network";
    (void)snprintf(remedy, sizeof remedy, "%s; firewalls must let TCP to port %u out.%s%s%s", hint, a->d->port,
                   others[0] ? " IpType can also be " : "", others, others[0] ? "." : "");
    add_stage(&b, a, "TCP connection");
    aldb_buf_addf(&b, ": %s%s%s%s", f->where, f->where[0] ? ": " : "", f->why, state == ALDB_ST_HY008 ? "" : ". ");
    enum aldb_rc rc = aldb_buf_ok(&b) && f->kind != ALDB_TCP_MEMORY
                          ? aldb_diag_post(a->diag, state, "%s%s", aldb_buf_cstr(&b), state == ALDB_ST_HY008 ? "" : remedy)
                          : aldb_diag_post(a->diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&b);
    return rc;
}

static enum aldb_rc connect_once(struct attempt *a, const struct aldb_connection_info *info, const struct aldb_token *token, struct aldb_stream **out)
{
    struct aldb_tcp_failure failure;
    struct aldb_stream *s = NULL;
    aldb_trail_begin(a->call->trail, "TCP");
    int fd = aldb_tcp_connect(a->address, a->d->port, &a->d->tcp, ALDB_DIAL_STEP_MS, a->call, &failure);
    if (fd < 0) {
        a->suspect = failure.kind == ALDB_TCP_UNREACHED;
        return post_tcp(a, info, &failure);
    }
    aldb_trail_end(a->call->trail, "%s port %u", a->address, a->d->port);
    if (aldb_tls_open(info->tls, fd, a->address, &s, a->diag) == ALDB_ERR) {
        aldb_tcp_close(fd);
        return ALDB_ERR;
    }
    enum aldb_rc rc = handshake(a, s);
    if (rc == ALDB_OK) {
        rc = exchange(a, s, token);
    }
    if (rc == ALDB_OK) {
        *out = s;
    } else {
        s->type->close(s, ALDB_DIAL_CLOSE_MS);
    }
    return rc;
}

static enum aldb_rc get_info(struct aldb_dialer *d, const struct aldb_call *call, struct aldb_connection_info **info, bool *cached, struct aldb_diag *diag)
{
    *cached = false;
    if (d->static_info) {
        return aldb_static_info_read(d->static_info, &d->instance, info, diag);
    }
    char offers[64];
    struct aldb_admin_request r = request_of(d);
    aldb_trail_begin(call->trail, "API");
    enum aldb_rc rc = aldb_cache_get(d->entry, &r, call, info, cached, diag);
    if (rc != ALDB_ERR) {
        aldb_trail_end(call->trail, "%saddresses %s; certificate good for %lld s", *cached ? "known already: " : "", list_offers(*info, ALDB_ADDRESS_TYPES, offers),
                       (long long)(aldb_connection_info_left_ms(*info) / 1000));
    }
    return rc;
}

/* With this info. *again: what failed is worth another attempt with a newer one. */
static enum aldb_rc attempt(struct aldb_dialer *d, const struct aldb_call *call, const struct aldb_connection_info *info, bool *again,
                            struct aldb_stream **out, struct aldb_diag *diag)
{
    struct attempt a = {.d = d, .call = call, .diag = diag};
    struct aldb_token token = {0};
    *again = false;
    a.address = pick(&a, info);
    enum aldb_rc rc = ALDB_ERR;
    if (a.address) {
        aldb_trail_begin(call->trail, "login token");
        rc = aldb_credentials_token(d->credentials, ALDB_TOKEN_LOGIN, call, &token, diag);
    }
    if (rc != ALDB_ERR) {
        aldb_trail_end(call->trail, "%s", aldb_credentials_who(d->credentials));
        rc = connect_once(&a, info, &token, out);
    }
    aldb_token_clear(&token);
    if (rc == ALDB_ERR && d->entry && (a.suspect || a.renew)) {
        aldb_cache_suspect(d->entry, info);
        *again = a.renew;
    }
    return rc;
}

enum aldb_rc aldb_dial(struct aldb_dialer *d, const struct aldb_call *call, struct aldb_stream **out, struct aldb_diag *diag)
{
    struct aldb_connection_info *info = NULL, *newer = NULL;
    struct aldb_diag said, why;
    bool cached = false, again = false;
    int64_t began = aldb_now_ms();
    aldb_diag_init(&said);
    aldb_diag_init(&why);
    enum aldb_rc rc = get_info(d, call, &info, &cached, &said);
    if (rc != ALDB_ERR) {
        rc = attempt(d, call, info, &again, out, &said);
    }
    if (rc == ALDB_ERR && again && cached) {
        bool same;
        if (get_info(d, call, &newer, &same, &why) != ALDB_ERR && newer->serial != info->serial) {
            ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_CONNECTOR, "tried again with new connection info after: %s",
                     aldb_diag_first_message(&said));
            aldb_diag_reset(&said);
            rc = attempt(d, call, newer, &again, out, &said);
        }
    }
    if (rc != ALDB_ERR) {
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECTOR, "%s: connected in %lld ms%s", d->instance.uri, (long long)(aldb_now_ms() - began),
                 cached ? ", with what was known" : "");
    }
    aldb_connection_info_unref(info);
    aldb_connection_info_unref(newer);
    aldb_diag_move(diag, &said);
    aldb_diag_clear(&said);
    aldb_diag_clear(&why);
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}
