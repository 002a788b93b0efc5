/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/hosts.h"

#include <string.h>
#include <sys/random.h>

#include "base/worker.h"
#include "base/alloc.h"
#include "pg/internal.h"

/* ------------------------------------------------------------------ what libpq makes of the options */

/* No value of gssencmode: libpq merges all sources, refuses it, and has connected to nobody. */
#define STOPPER "only-say-what-it-would-be"

bool hosts_left_out(const char *keyword)
{
    return strcmp(keyword, "load_balance_hosts") == 0 || (strcmp(keyword, "gssdelegation") == 0 && PQlibVersion() < 160000);
}

/* `extra` ends with a NULL keyword, as the other two. */
static PGconn *ask_libpq(const char *const *keywords, const char *const *values, const char *const *extra)
{
    size_t n = 0;
    size_t more = 0;
    for (; keywords[n]; n++) {
    }
    for (; extra[more]; more += 2) {
    }
    const char **k = aldb_alloc_array(n + more / 2 + 1, sizeof *k);
    const char **v = aldb_alloc_array(n + more / 2 + 1, sizeof *v);
    PGconn *conn = NULL;
    if (k && v) {
        size_t used = 0;
        for (size_t i = 0; i < n; i++) {
            if (!hosts_left_out(keywords[i])) {
                k[used] = keywords[i];
                v[used++] = values[i];
            }
        }
        for (size_t i = 0; i < more; i += 2) {
            k[used] = extra[i];
            v[used++] = extra[i + 1];
        }
        conn = PQconnectStartParams(k, v, 0);
    }
    aldb_free(k);
    aldb_free(v);
    return conn;
}

static const PQconninfoOption *find_option(const PQconninfoOption *options, const char *keyword)
{
    while (options->keyword && strcmp(options->keyword, keyword) != 0) {
        options++;
    }
    return options->keyword ? options : NULL;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    const PQconninfoOption *o = find_option(options, keyword);
    return o && o->val && o->val[0] ? o->val : NULL;
}

/* Part `i` of a list separated by commas; NULL ptr past its end. */
static struct aldb_slice part_of(const char *list, size_t i)
{
    for (; list && i > 0; i--) {
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
    }
    return list ? aldb_slice(list, strcspn(list, ",")) : aldb_slice(NULL, 0);
}

static size_t count_parts(const char *list)
{
    size_t n = list ? 1 : 0;
    for (; list && *list; list++) {
        n += *list == ',';
    }
    return n;
}

/* NULL for an empty part. False: out of memory. */
static bool copy_part(char **out, struct aldb_slice part)
{
    *out = part.len ? aldb_strndup(part.ptr, part.len) : NULL;
    return *out || part.len == 0;
}

/* Where libpq connects to for an empty part of a list. NULL: out of memory. */
static char *default_host(void)
{
    static const char *const nothing[] = {NULL};
    static const char *const extra[] = {"host", ",", "password", "none", "gssencmode", STOPPER, NULL};
    PGconn *conn = ask_libpq(nothing, nothing, extra);
    char *name = conn ? aldb_strdup(PQhost(conn)) : NULL;
    PQfinish(conn);
    return name;
}

static bool fill_host(struct host *h, const PQconninfoOption *options, size_t i, size_t count)
{
    const char *port = value_of(options, "port");
    const PQconninfoOption *any = find_option(options, "port");
    struct aldb_slice one = part_of(port, count_parts(port) > 1 ? i : 0);
    if (!copy_part(&h->name, part_of(value_of(options, "host"), i)) || !copy_part(&h->addr, part_of(value_of(options, "hostaddr"), i)) ||
        !copy_part(&h->port, one.len ? one : aldb_slice_of(any && any->compiled ? any->compiled : "5432"))) {
        return false;
    }
    if (h->name || count == 1) {
        return true;
    }
    h->name = h->addr ? aldb_strdup(h->addr) : default_host();
    return h->name != NULL;
}

static bool fill(struct hosts *out, const PQconninfoOption *options)
{
    size_t addrs = count_parts(value_of(options, "hostaddr"));
    size_t names = count_parts(value_of(options, "host"));
    out->count = addrs ? addrs : names ? names : 1;
    out->at = aldb_alloc_array(out->count, sizeof *out->at);
    const char *target = value_of(options, "target_session_attrs");
    out->target = aldb_strdup(target ? target : "any");
    const char *mode = value_of(options, "sslmode");
    const char *root = value_of(options, "sslrootcert");
    out->ssl_mode = aldb_strdup(mode);
    out->ssl_root_cert = aldb_strdup(root);
    const char *pass_file = value_of(options, "passfile");
    out->pass_file = aldb_strdup(pass_file);
    bool ok = out->at && out->target && (out->ssl_mode || !mode) && (out->ssl_root_cert || !root) && (out->pass_file || !pass_file);
    for (size_t i = 0; ok && i < out->count; i++) {
        ok = fill_host(&out->at[i], options, i, out->count);
    }
    const char *balance = value_of(options, "load_balance_hosts");
    out->random = balance && strcmp(balance, "random") == 0;
    return ok;
}

enum aldb_rc hosts_read(const char *const *keywords, const char *const *values, struct hosts *out, struct aldb_diag *diag)
{
    /* With a password libpq does not look for a password file, which it may complain of on the terminal. */
    static const char *const extra[] = {"password", "none", "gssencmode", STOPPER, NULL};
    struct hosts found = {0};
    PQconninfoOption *options = NULL;
    enum aldb_rc rc = ALDB_ERR;
    PGconn *conn = ask_libpq(keywords, values, extra);
    if (conn == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (strstr(PQerrorMessage(conn), STOPPER) == NULL) {
        rc = post_connect_error(conn, diag);
        goto out;
    }
    options = PQconninfo(conn);
    if (options == NULL || !fill(&found, options)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    for (size_t i = 0; keywords[i]; i++) {
        if (strcmp(keywords[i], "load_balance_hosts") == 0 && values[i]) {
            found.random = strcmp(values[i], "random") == 0;
        }
    }
    *out = found;
    found = (struct hosts){0};
    rc = ALDB_OK;
out:
    hosts_clear(&found);
    PQconninfoFree(options);
    PQfinish(conn);
    return rc;
}

void hosts_clear(struct hosts *h)
{
    for (size_t i = 0; h->at && i < h->count; i++) {
        aldb_free(h->at[i].name);
        aldb_free(h->at[i].addr);
        aldb_free(h->at[i].port);
    }
    aldb_free(h->at);
    aldb_free(h->target);
    aldb_free(h->ssl_mode);
    aldb_free(h->ssl_root_cert);
    aldb_free(h->pass_file);
    *h = (struct hosts){0};
}

void hosts_shuffle(void *things, size_t count, size_t size)
{
    char *at = things;
    for (size_t i = count; i > 1; i--) {
        uint32_t random = 0;
        if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) {
            random = (uint32_t)aldb_now_ms();
        }
        char *a = at + (i - 1) * size;
        char *b = at + (random % i) * size;
        for (size_t k = 0; k < size; k++) {
            char byte = a[k];
            a[k] = b[k];
            b[k] = byte;
        }
    }
}

/* ------------------------------------------------------------------ names */

static bool is_name(const struct host *h)
{
    struct aldb_address ip;
    return h->addr == NULL && h->name && h->name[0] != '/' && h->name[0] != '@' && strchr(h->name, '%') == NULL && !aldb_address_parse(h->name, 0, &ip);
}

enum aldb_rc hosts_look_up(const struct host *h, struct aldb_deadline deadline, struct aldb_addresses *out, struct aldb_buf *why, bool *late)
{
    const char *said = "";
    *out = (struct aldb_addresses){.count = 1};
    *late = false;
    if (!is_name(h)) {
        return ALDB_OK;
    }
    switch (aldb_lookup(h->name, 0, deadline, aldb_worker_stop_flag(), out, &said)) {
    case ALDB_LOOKUP_FOUND:
        return ALDB_OK;
    case ALDB_LOOKUP_MEMORY:
        return ALDB_ERR;
    case ALDB_LOOKUP_FAILED:
        aldb_buf_addf(why, "could not translate host name \"%s\" to address: %s", h->name, said);
        return ALDB_NO_DATA;
    default:
        *late = true;
        aldb_buf_addf(why, "could not translate host name \"%s\" to address in time: the resolver does not answer", h->name);
        return ALDB_NO_DATA;
    }
}
