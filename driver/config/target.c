/* SPDX-License-Identifier: Apache-2.0 */
/* Where to connect to and as whom: what the keywords mean together. */
#include "base/alloc.h"
#include "base/instance_uri.h"
#include "config/internal.h"

static bool all_digits(struct aldb_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!aldb_is_digit(s.ptr[i])) {
            return false;
        }
    }
    return s.len > 0;
}

static bool port_valid(struct aldb_slice s)
{
    uint64_t port;
    return all_digits(s) && aldb_parse_u64(s, &port) && port >= 1 && port <= 65535;
}

/* Cuts the next part of a list with commas off *rest; false when there is none. */
static bool next_part(struct aldb_slice *rest, struct aldb_slice *part)
{
    if (rest->ptr == NULL) {
        return false;
    }
    const char *cut = rest->len > 0 ? memchr(rest->ptr, ',', rest->len) : NULL;
    if (cut == NULL) {
        *part = aldb_slice_trim(*rest);
        *rest = aldb_slice(NULL, 0);
        return true;
    }
    size_t len = (size_t)(cut - rest->ptr);
    *part = aldb_slice_trim(aldb_slice(rest->ptr, len));
    *rest = aldb_slice(cut + 1, rest->len - len - 1);
    return true;
}

static size_t count_parts(struct aldb_slice s)
{
    size_t n = 0;
    struct aldb_slice part;
    while (next_part(&s, &part)) {
        n++;
    }
    return n;
}

bool aldb_ports_valid(struct aldb_slice s)
{
    struct aldb_slice part;
    while (next_part(&s, &part)) {
        if (part.len > 0 && !port_valid(part)) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ hosts and ports */

/* host, host:port, [v6], [v6]:port, bare v6 (more than one colon), /directory, @abstract. False: not one of them. */
static bool parse_endpoint(struct aldb_slice s, struct aldb_slice *host, struct aldb_slice *port)
{
    *host = s;
    *port = aldb_slice(NULL, 0);
    if (s.len == 0) {
        return false;
    }
    if (s.ptr[0] == '/' || s.ptr[0] == '@') {
        return true;
    }
    struct aldb_slice rest;
    if (s.ptr[0] == '[') {
        const char *close = memchr(s.ptr, ']', s.len);
        if (close == NULL || close == s.ptr + 1) {
            return false;
        }
        size_t used = (size_t)(close - s.ptr) + 1;
        *host = aldb_slice(s.ptr + 1, used - 2);
        rest = aldb_slice(s.ptr + used, s.len - used);
        if (rest.len == 0) {
            return true;
        }
    } else {
        const char *colon = memchr(s.ptr, ':', s.len);
        if (colon == NULL) {
            return true;
        }
        size_t len = (size_t)(colon - s.ptr);
        if (memchr(colon + 1, ':', s.len - len - 1) != NULL) {
            return true;
        }
        *host = aldb_slice_trim(aldb_slice(s.ptr, len));
        rest = aldb_slice(colon, s.len - len);
    }
    *port = aldb_slice_trim(aldb_slice(rest.ptr + 1, rest.len - 1));
    return rest.ptr[0] == ':' && host->len > 0 && port_valid(*port);
}

/* What Server says, as libpq's two lists. */
struct server {
    struct aldb_buf hosts;
    struct aldb_buf ports;
    size_t count;
    bool has_ports; /* some host has one of its own */
    bool port_used; /* some other has none, and takes what Port says */
};

/* `fill` is the port of the hosts that have none of their own; may be empty. */
static enum aldb_rc parse_hosts(struct aldb_slice list, struct aldb_slice fill, struct server *out,
                                struct aldb_diag *diag)
{
    struct aldb_slice part;
    while (next_part(&list, &part)) {
        struct aldb_slice host;
        struct aldb_slice port;
        if (!parse_endpoint(part, &host, &port)) {
            char shown[ALDB_SHOWN_MAX + 4];
            return aldb_diag_post(
                diag, ALDB_ST_HY024,
                "The value of the connection keyword Server is not valid at \"%s\": write host, "
                "host:port, host,port, "
                "[IPv6 address]:port or a socket directory; several hosts are separated by commas",
                aldb_shown(part, shown));
        }
        if (out->count++ > 0) {
            aldb_buf_add_char(&out->hosts, ',');
            aldb_buf_add_char(&out->ports, ',');
        }
        aldb_buf_add_slice(&out->hosts, host);
        aldb_buf_add_slice(&out->ports, port.ptr != NULL ? port : fill);
        out->has_ports = out->has_ports || port.ptr != NULL;
        out->port_used = out->port_used || (port.ptr == NULL && fill.len > 0);
    }
    return aldb_buf_ok(&out->hosts) && aldb_buf_ok(&out->ports) ? ALDB_OK
                                                                : aldb_config_no_memory(diag);
}

/* A last part made of digits alone is the port of all hosts ("host,1433" as SQL Server's drivers write it). Cuts it off *list. */
static struct aldb_slice cut_common_port(struct aldb_slice *list)
{
    const char *comma = memrchr(list->ptr, ',', list->len);
    if (comma == NULL) {
        return aldb_slice(NULL, 0);
    }
    size_t len = (size_t)(comma - list->ptr);
    struct aldb_slice last = aldb_slice_trim(aldb_slice(comma + 1, list->len - len - 1));
    if (!all_digits(last)) {
        return aldb_slice(NULL, 0);
    }
    list->len = len;
    return last;
}

/* Every port in the list is `port`, or the lists are the same. */
static bool ports_agree(struct aldb_slice list, struct aldb_slice port)
{
    if (aldb_slice_eq(list, port)) {
        return true;
    }
    struct aldb_slice part;
    while (next_part(&list, &part)) {
        if (!aldb_slice_eq(part, port)) {
            return false;
        }
    }
    return true;
}

/* Ports found in Server against Port: the stronger source wins; in one source they must say the same. */
static enum aldb_rc settle_ports(struct aldb_options *o, const struct server *server,
                                 struct aldb_diag *diag)
{
    struct aldb_slice own = aldb_slice_of(o->Port);
    int from_server = o->origin[ALDB_KW_Server];
    int from_port = o->origin[ALDB_KW_Port];
    if (server->has_ports && from_server <= from_port) {
        struct aldb_slice found = aldb_buf_slice(&server->ports);
        if (from_server == from_port && !server->port_used && !ports_agree(found, own)) {
            char shown[2][ALDB_SHOWN_MAX + 4];
            return aldb_diag_post(diag, ALDB_ST_HY024,
                                  "Server says port %s and Port says %s: give one of them",
                                  aldb_shown(found, shown[0]), aldb_shown(own, shown[1]));
        }
        o->origin[ALDB_KW_Port] = o->origin[ALDB_KW_Server];
        return aldb_option_replace(o, ALDB_KW_Port, found, diag);
    }
    size_t ports = count_parts(own);
    if (ports > 1 && ports != server->count) {
        return aldb_diag_post(
            diag, ALDB_ST_HY024,
            "Port has %zu ports and Server %zu hosts: give one port, or one a host", ports,
            server->count);
    }
    return ALDB_OK;
}

static enum aldb_rc split_server(struct aldb_options *o, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct server server = {0};
    aldb_buf_init(&server.hosts, ALDB_MAX_CONNSTR);
    aldb_buf_init(&server.ports, ALDB_MAX_CONNSTR);
    struct aldb_slice list = aldb_slice_trim(aldb_slice_of(o->Server));
    struct aldb_slice fill = cut_common_port(&list);
    if (fill.ptr != NULL && !port_valid(fill)) {
        char shown[ALDB_SHOWN_MAX + 4];
        rc =
            aldb_diag_post(diag, ALDB_ST_HY024,
                           "The port \"%s\" in Server is not valid: a port is a number in 1..65535",
                           aldb_shown(fill, shown));
        goto out;
    }
    server.has_ports = fill.ptr != NULL;
    if (fill.ptr == NULL && o->Port != NULL && strchr(o->Port, ',') == NULL) {
        fill = aldb_slice_trim(aldb_slice_of(o->Port));
    }
    bool common = server.has_ports;
    ALDB_TRY(parse_hosts(list, fill, &server, diag));
    server.port_used = server.port_used && !common;
    ALDB_TRY(settle_ports(o, &server, diag));
    ALDB_TRY(aldb_option_replace(o, ALDB_KW_Server, aldb_buf_slice(&server.hosts), diag));
out:
    aldb_buf_clear(&server.hosts);
    aldb_buf_clear(&server.ports);
    return rc;
}

/* ------------------------------------------------------------------ what goes together */

static bool text_given(const struct aldb_options *o, enum aldb_keyword kw)
{
    const char *text = aldb_option_text(o, kw);
    return text != NULL && text[0] != '\0';
}

/* Server=projects/… is InstanceUri. */
static enum aldb_rc adopt_instance_uri(struct aldb_options *o, struct aldb_diag *diag)
{
    static const char prefix[] = "projects/";
    struct aldb_slice server = aldb_slice_trim(aldb_slice_of(o->Server));
    if (server.ptr == NULL || server.len < sizeof prefix - 1 ||
        memcmp(server.ptr, prefix, sizeof prefix - 1) != 0) {
        return ALDB_OK;
    }
    enum aldb_rc rc;
    char shown[ALDB_SHOWN_MAX + 4];
    if (!aldb_instance_uri_check(server, NULL)) {
        return aldb_diag_post(
            diag, ALDB_ST_HY024,
            "The value \"%s\" of the connection keyword Server looks like an instance URI but is "
            "none: write " ALDB_INSTANCE_FORM,
            aldb_shown(server, shown));
    }
    if (o->InstanceUri != NULL && !aldb_slice_eq(server, aldb_slice_of(o->InstanceUri))) {
        return aldb_diag_post(
            diag, ALDB_ST_HY024,
            "Server and InstanceUri name two different instances: give one of them");
    }
    o->origin[ALDB_KW_InstanceUri] = o->origin[ALDB_KW_Server];
    ALDB_TRY(aldb_option_replace(o, ALDB_KW_InstanceUri, server, diag));
    ALDB_TRY(aldb_option_replace(o, ALDB_KW_Server, aldb_slice(NULL, 0), diag));
    o->origin[ALDB_KW_Server] = ALDB_FROM_DEFAULT;
out:
    return rc;
}

/* The connector has its own TLS and address; what the server may ask for at the login (ChannelBinding, RequireAuth) is not of it. */
static bool is_ignored_beside_instance(enum aldb_keyword kw)
{
    return kw == ALDB_KW_Port || kw == ALDB_KW_LoadBalanceHosts || kw == ALDB_KW_PassFile ||
           (strcmp(aldb_keyword_info(kw)->group, "tls") == 0 && kw != ALDB_KW_ChannelBinding && kw != ALDB_KW_RequireAuth);
}

static enum aldb_rc post_ignored(const struct aldb_options *o, struct aldb_diag *diag)
{
    struct aldb_buf names;
    enum aldb_rc rc = ALDB_OK;
    aldb_buf_init(&names, ALDB_MAX_NAME);
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        if (is_ignored_beside_instance(kw) && o->origin[kw] <= ALDB_FROM_DSN) { /* what is set for every connection of the machine is not meant for this one */
            aldb_buf_addf(&names, "%s%s", names.len ? ", " : "", aldb_keyword_info(kw)->name);
        }
    }
    if (!aldb_buf_ok(&names)) {
        rc = aldb_config_no_memory(diag);
    } else if (names.len) {
        rc = aldb_diag_post(diag, ALDB_ST_01S00, "Ignored beside InstanceUri, where the connector's TLS and port are used: %s", aldb_buf_cstr(&names));
    }
    aldb_buf_clear(&names);
    return rc;
}

static enum aldb_rc check_instance(const struct aldb_options *o, struct aldb_diag *diag)
{
    static const enum aldb_keyword hosts[] = {ALDB_KW_Server, ALDB_KW_HostAddr};
    for (size_t i = 0; i < ALDB_COUNT(hosts); i++) {
        if (text_given(o, hosts[i])) {
            return aldb_diag_post(diag, ALDB_ST_HY024,
                                  "%s and InstanceUri are both given: an AlloyDB instance is found "
                                  "by its URI alone; leave one of them out",
                                  aldb_keyword_info(hosts[i])->name);
        }
    }
    return post_ignored(o, diag);
}

static struct aldb_slice word_of(const struct aldb_options *o, enum aldb_keyword kw)
{
    return aldb_words_name(aldb_keyword_info(kw)->choices, (int)aldb_option_number(o, kw));
}

/* An access token is a password that works everywhere: it only travels to a server whose certificate was checked. pg/ holds to it whatever the options say. */
static enum aldb_rc check_identity(struct aldb_options *o, struct aldb_diag *diag)
{
    if (o->EnableIamAuth && text_given(o, ALDB_KW_PWD)) {
        return aldb_diag_post(diag, ALDB_ST_HY024,
                              "PWD and EnableIamAuth are both given: with IAM a token takes the "
                              "place of the password; leave one of them out");
    }
    if (o->EnableIamAuth && o->InstanceUri == NULL) {
        if (!aldb_option_given(o, ALDB_KW_SSLMode)) {
            o->SSLMode = ALDB_SSL_VERIFY_FULL;
        } else if (o->SSLMode < ALDB_SSL_VERIFY_CA) {
            struct aldb_slice mode = word_of(o, ALDB_KW_SSLMode);
            return aldb_diag_post(diag, ALDB_ST_HY024,
                                  "SSLMode=%.*s could send the IAM token to somebody else than the "
                                  "server: choose verify-full or verify-ca",
                                  (int)mode.len, mode.ptr);
        }
    }
    if (o->TrustedConnection && !o->EnableIamAuth) {
        return aldb_diag_post(diag, ALDB_ST_01S00,
                              "TrustedConnection was ignored: PostgreSQL has no such thing; give "
                              "UID and PWD, or EnableIamAuth");
    }
    return ALDB_OK;
}

/* Their numbers count the same versions, from 0 and from 1 (0 = no limit). The lower limit is there when nobody asked for it, too. */
static enum aldb_rc check_tls_versions(const struct aldb_options *o, struct aldb_diag *diag)
{
    if (o->SSLMaxProtocolVersion == 0 || o->SSLMaxProtocolVersion - 1 >= o->SSLMinProtocolVersion) {
        return ALDB_OK;
    }
    struct aldb_slice low = word_of(o, ALDB_KW_SSLMinProtocolVersion);
    struct aldb_slice high = word_of(o, ALDB_KW_SSLMaxProtocolVersion);
    return aldb_diag_post(diag, ALDB_ST_HY024, "SSLMaxProtocolVersion=%.*s leaves nothing above SSLMinProtocolVersion=%.*s", (int)high.len, high.ptr,
                          (int)low.len, low.ptr);
}

enum aldb_rc aldb_target_check(struct aldb_options *o, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    bool info = false;
    ALDB_TRY(adopt_instance_uri(o, diag));
    if (o->InstanceUri != NULL) {
        ALDB_TRY(check_instance(o, diag));
        info = rc == ALDB_INFO;
    } else if (text_given(o, ALDB_KW_Server)) {
        ALDB_TRY(split_server(o, diag));
    }
    ALDB_TRY(check_tls_versions(o, diag));
    ALDB_TRY(check_identity(o, diag));
    rc = info ? ALDB_INFO : rc;
out:
    return rc;
}
