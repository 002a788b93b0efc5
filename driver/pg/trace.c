/* SPDX-License-Identifier: Apache-2.0 */
/* What a session is, and parameter values (for LogParameters), in the log. */
#include "pg/internal.h"

#include <string.h>

#include "log/log.h"
#include "types/oid.h"

#define SHOWN_MAX 1024 /* bytes of one value */

/* Whole numbers as such, everything else that is binary as bytes. */
static void add_binary(struct aldb_buf *b, uint32_t oid, const unsigned char *value, size_t len)
{
    if ((oid == ALDB_OID_INT2 && len == 2) || (oid == ALDB_OID_INT4 && len == 4) || (oid == ALDB_OID_INT8 && len == 8)) {
        uint64_t n = value[0] & 0x80 ? UINT64_MAX : 0;
        for (size_t i = 0; i < len; i++) {
            n = n << 8 | value[i];
        }
        aldb_buf_addf(b, "%lld", (long long)n);
        return;
    }
    aldb_buf_add_str(b, "\\x");
    for (size_t i = 0; i < len && i < SHOWN_MAX / 2; i++) {
        aldb_buf_addf(b, "%02x", (unsigned)value[i]);
    }
}

static const char *setting(const struct aldb_session *s, const char *name)
{
    const char *value = PQparameterStatus(s->conn, name);
    return value ? value : "?";
}

void aldb_session_log(const struct aldb_session *s, const void *who)
{
    if (!aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_SESSION)) {
        return;
    }
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&b, "connection %p is backend %d; server_version %s, libpq %d; ", who, PQbackendPID(s->conn), setting(s, "server_version"), PQlibVersion());
    aldb_buf_addf(&b, "the server asked for %s; TimeZone %s, DateStyle %s, standard_conforming_strings %s", PQconnectionUsedPassword(s->conn) ? "a password" : "no password",
                  setting(s, "TimeZone"), setting(s, "DateStyle"), setting(s, "standard_conforming_strings"));
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_SESSION, "%s", aldb_buf_cstr(&b));
    aldb_buf_clear(&b);
}

void trace_params(const struct aldb_session *s, const struct aldb_plan *plan, const struct aldb_params *p)
{
    if (!aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_SESSION) || !aldb_log_parameters()) {
        return;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        struct aldb_buf b;
        bool binary = p->formats && p->formats[i];
        size_t len = p->values[i] == NULL ? 0 : binary || p->lengths ? (size_t)p->lengths[i] : strlen(p->values[i]);
        aldb_buf_init(&b, 4 * SHOWN_MAX);
        if (p->values[i] == NULL) {
            aldb_buf_add_str(&b, "NULL");
        } else if (binary) {
            add_binary(&b, plan && i < plan->nparams ? plan->param_oids[i] : 0, (const unsigned char *)p->values[i], len);
        } else {
            aldb_buf_addf(&b, "'%.*s'", (int)(len < SHOWN_MAX ? len : SHOWN_MAX), p->values[i]);
        }
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_SESSION, "backend %d: $%u = %s (%zu bytes)", PQbackendPID(s->conn), i + 1, aldb_buf_cstr(&b), len);
        aldb_buf_clear(&b);
    }
}
