/* SPDX-License-Identifier: Apache-2.0 */
/* Remedies for what libpq, and the Kerberos library below it, say of a connect that failed. */
#include "pg/internal.h"

#include <string.h>

/* libpq gives no SQLSTATE with its own errors, and hands the Kerberos library's texts through. The first phrase that is found counts. */
static const struct {
    const char *phrase;
    enum aldb_state state;
    const char *remedy;
} advices[] = {
    {"GSSAPI encryption required but", ALDB_ST_08001,
     "Get a ticket first: kinit, or name a ticket cache in KRB5CCNAME or a client keytab in KRB5_CLIENT_KTNAME. Where the server has no GSSAPI, and on Unix sockets, "
     "leave GssEncMode=require out."},
    {"server doesn't support GSSAPI encryption", ALDB_ST_08001, "Leave GssEncMode=require out, or give the server a keytab (krb_server_keyfile)."},
    {"No Kerberos credentials available", ALDB_ST_28000,
     "There is no ticket: get one with kinit, or name a ticket cache in KRB5CCNAME or a client keytab in KRB5_CLIENT_KTNAME."},
    {"Ticket expired", ALDB_ST_28000, "Get a new ticket with kinit; with a client keytab (KRB5_CLIENT_KTNAME) tickets are renewed without anybody."},
    {"not found in Kerberos database", ALDB_ST_28000,
     "The KDC knows no such name. The server's is made of KrbSrvName and Server: give Server as the server's principal has it, no alias and no address."},
    {"Cannot contact any KDC", ALDB_ST_08001, "Is the KDC running, and its address in krb5.conf (KRB5_CONFIG) right?"},
    {"Cannot find KDC", ALDB_ST_08001, "Name the realm's KDC in krb5.conf (KRB5_CONFIG), or in DNS."},
    {"Clock skew too great", ALDB_ST_28000, "Kerberos allows the clocks of this machine, the server and the KDC five minutes of difference."},
    {"GSSAPI authentication failed for user", ALDB_ST_28000,
     "Is the ticket (klist) that of the user in UID? Otherwise the server needs a map for it in pg_ident.conf. The server's log says more."},
    {"LDAP authentication failed for user", ALDB_ST_28000,
     "The user or the password is wrong, or the server cannot reach its directory or search in it. The server's log says which."},
    {"RADIUS authentication failed for user", ALDB_ST_28000,
     "The user or the password is wrong, or the server cannot reach its RADIUS server or shares no secret with it. The server's log says which."},
    {"IAM user authentication failed for user", ALDB_ST_28000,
     "UID must be the principal of the credentials (a service account's without .gserviceaccount.com) and an IAM user of the cluster; the principal needs the roles "
     "roles/alloydb.databaseUser and roles/serviceusage.serviceUsageConsumer, and the instance the flag alloydb.iam_authentication=on."},
    {"root certificate file", ALDB_ST_08001, "Name a file with the certificates of the authorities that you trust in SSLRootCert, or write SSLRootCert=system."},
};

enum aldb_state connect_advise(struct aldb_buf *text, enum aldb_state st)
{
    for (size_t i = 0; i < ALDB_COUNT(advices); i++) {
        if (strstr(aldb_buf_cstr(text), advices[i].phrase)) {
            aldb_buf_addf(text, "\n\t%s", advices[i].remedy);
            return st == ALDB_ST_08001 ? advices[i].state : st;
        }
    }
    return st;
}
