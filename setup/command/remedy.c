/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/remedy.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/rc.h"

/* The first row that fits: a stage, the beginning of a SQLSTATE and a part of the message, each "" for any. The last row of a stage fits all that is left of it. */
static const struct {
    const char *stage, *state, *words, *remedy;
} rows[] = {
    /* what was asked for */
    {"options", "HY024", "", "Change that keyword: \"alloydb-odbc keywords NAME\" tells what it can be, \"alloydb-odbc dsn edit\" changes a data source"},
    {"options", "HYC00", "", "Leave that keyword out, or install a newer libpq"},
    {"options", "", "", "Look at the settings above; \"alloydb-odbc dsn edit\" changes a data source"},

    /* Google's side */
    {"credentials", "", "(GOOGLE_APPLICATION_CREDENTIALS", "The variable GOOGLE_APPLICATION_CREDENTIALS does not name good credentials: correct it, or unset it"},
    {"credentials", "", "may not be read", "Make that file readable for the user who runs the application (chmod, chown), and for nobody else"},
    {"credentials", "", "was not found", "Name the file that there is as CredentialsFile, or leave CredentialsFile out and run \"gcloud auth application-default login\""},
    {"credentials", "", "JSON", "That file is damaged, or no credentials: download the key anew, or run \"gcloud auth application-default login\""},
    {"credentials", "", "no credentials", "Run \"gcloud auth application-default login\", or name a file as CredentialsFile"},
    {"credentials", "", "none were found", "Run \"gcloud auth application-default login\", or name a file as CredentialsFile"},
    {"credentials", "", "metadata server", "Outside of Google Cloud name a file as CredentialsFile, or run \"gcloud auth application-default login\""},
    {"credentials", "", "invalid_grant", "The login or key is not valid any more: run \"gcloud auth application-default login\" again, or make a new key; check this machine's clock"},
    {"credentials", "HYT00", "", "Let this machine reach Google's token service over HTTPS: firewall, DNS, or ProxyUrl"},
    {"credentials", "08", "", "Let this machine reach Google's token service over HTTPS: firewall, DNS, or ProxyUrl"},
    {"credentials", "", "", "Run \"gcloud auth application-default login\", or name a good key file as CredentialsFile"},
    {"login token", "", "", "The credentials give no token for the database login: run \"gcloud auth application-default login\" again, or see LoginToken"},
    {"API", "", "SERVICE_DISABLED", "Enable the API in the project: gcloud services enable alloydb.googleapis.com"},
    {"API", "", "it is disabled", "Enable the API in the project: gcloud services enable alloydb.googleapis.com"},
    {"API", "28000", "scope", "Give the virtual machine the access scope cloud-platform, or make the token with it"},
    {"API", "28000", "HTTP 403", "Give the principal the roles roles/alloydb.client and roles/serviceusage.serviceUsageConsumer in the instance's project"},
    {"API", "28000", "HTTP 401", "The token is not accepted: log in again, or give a new AccessToken"},
    {"API", "", "HTTP 404", "There is no such instance: correct InstanceUri (gcloud alloydb instances list shows what there is)"},
    {"API", "", "HTTP 400", "Correct InstanceUri: projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE"},
    {"API", "", "HTTP 429", "A quota is used up: try again later, or have it raised"},
    {"API", "", "expired", "Check this machine's clock (timedatectl); certificates of the API last an hour"},
    {"API", "", "HTTP 5", "Google's API has a fault at the moment: try again in a minute"},
    {"API", "", "", "Let this machine reach alloydb.googleapis.com over HTTPS: firewall, DNS, or ProxyUrl"},
    {"address", "", "no address at all", "Wait until the instance is made and runs"},
    {"address", "", "", "Set IpType to one of the addresses that the instance offers"},
    {"exchange", "28000", "not enabled", "Set the instance's flag alloydb.iam_authentication=on, or log in with UID and PWD instead of EnableIamAuth"},
    {"exchange", "28000", "", "Give the principal the roles roles/alloydb.client and roles/alloydb.databaseUser"},
    {"exchange", "", "certificate", "Check this machine's clock (timedatectl): the instance does not accept the client's certificate"},
    {"exchange", "", "", "Try again in a minute: the instance may be restarting. If it stays, something on the way cuts the connection"},

    /* the network */
    {"name", "HYT00", "", "The name server does not answer: check this machine's DNS (/etc/resolv.conf), or give HostAddr"},
    {"name", "", "", "Check the spelling of Server, and that this machine can look the name up (getent hosts NAME)"},
    {"TCP", "", "refused", "Nothing listens there: check Server and Port, and that the server runs and listens on that address"},
    {"TCP", "", "No such file or directory", "There is no server on this machine: name one as Server, or check the folder of its socket"},
    {"TCP", "", "unreachable", "There is no way to that network from here: check the address, the VPN or VPC, and the routes"},
    {"TCP", "", "No route", "There is no way to that network from here: check the address, the VPN or VPC, and the routes"},
    {"TCP", "", "resolved", "The name does not lead anywhere from here: check the DNS zone of the endpoint"},
    {"TCP", "", "", "Something swallows the packets: let TCP to that address and port through the firewalls, or use another way in (IpType, VPN)"},

    /* TLS */
    {"TLS", "", "does not support SSL", "Switch TLS on at the server (ssl = on); only in a network that you trust, say SSLMode=prefer"},
    {"TLS", "", "root certificate file", "Name the file with the server's authority as SSLRootCert, or say SSLRootCert=system for a public one"},
    {"TLS", "", "no file with the operating system's", "Install the package ca-certificates, or name a file as SSLRootCert"},
    {"TLS", "", "has expired", "Renew the server's certificate; if it has not expired, this machine's clock is wrong (timedatectl)"},
    {"TLS", "", "not yet valid", "Check this machine's clock (timedatectl)"},
    {"TLS", "", "revoked", "The server's certificate was withdrawn: it needs a new one"},
    {"TLS", "", "does not match host name", "Connect by the name that the certificate is for (Server), with HostAddr for the address if need be"},
    {"TLS", "", "for another", "Something redirects the connection, or the address is another server's: check DNS and proxies"},
    {"TLS", "", "verify failed", "Name the file with the authority that signed the server's certificate as SSLRootCert"},
    {"TLS", "", "own authority", "Something on the way opens the TLS connection: let port 5433 through unopened"},
    {"TLS", "", "certificate file", "Name a client certificate and key that can be read as SSLCert and SSLKey"},
    {"TLS", "", "private key", "Name the certificate's own key as SSLKey, readable for its owner only (chmod 600)"},
    {"TLS", "HYT00", "", "Something listens there that says nothing: check Server and Port, and proxies on the way"},
    {"TLS", "", "unexpected", "What listens there is no PostgreSQL server, or a proxy without one behind it: check Server and Port"},
    {"TLS", "", "", "Does the server listen there that you mean? Check Server and Port, and proxies on the way"},

    /* the server */
    {"login", "", "no password supplied", "Give the password: PWD, a PassFile, or --ask-password of this command"},
    {"login", "", "password authentication failed", "Check UID and PWD; in a connection string a password with ; { or } stands in braces, with } doubled: PWD={a;b}}c}"},
    {"login", "", "no pg_hba.conf entry", "Have the server's pg_hba.conf let this user, database and address in (with or without TLS, as the message says)"},
    {"login", "", "pg_hba.conf rejects", "Have the server's pg_hba.conf let this user, database and address in"},
    {"login", "", "IAM", "Make the principal a database user of the cluster (gcloud alloydb users create --type=IAM_BASED), with roles/alloydb.databaseUser; leave UID out"},
    {"login", "", "database \"", "Set Database to one that is there; without it the user's name is taken"},
    {"login", "", "not permitted to log in", "Have the role allowed to log in: ALTER ROLE … LOGIN"},
    {"login", "08004", "too many", "All connections of the server are taken: close some, or have max_connections raised"},
    {"login", "08004", "connection slots", "All connections of the server are taken: close some, or have max_connections raised"},
    {"login", "", "role \"", "Have the role made on the server (CREATE ROLE … LOGIN), or correct UID"},
    {"login", "", "starting up", "Try again in a minute: the server is starting"},
    {"login", "", "shutting down", "The server is being stopped: have it started again"},
    {"login", "", "recovery mode", "Try again in a minute: the server is recovering"},
    {"login", "", "GSSAPI", "Get a Kerberos ticket (kinit; klist shows what there is), and check KrbSrvName"},
    {"login", "", "Kerberos", "Get a Kerberos ticket (kinit; klist shows what there is), and check KrbSrvName"},
    {"login", "", "certificate", "Name the client certificate of that user as SSLCert, with its key as SSLKey"},
    {"login", "HYT00", "", "The server took the connection and says nothing: check Server and Port, and look at the server"},
    {"login", "", "no PostgreSQL server", "What listens there is no PostgreSQL server: check Server and Port"},
    {"login", "", "invalid response", "What listens there is no PostgreSQL server: check Server and Port"},
    {"login", "", "unexpected", "What listens there is no PostgreSQL server, or a proxy without one behind it: check Server and Port"},
    {"login", "", "", "The message is the server's own: ask who looks after it, with its log at hand"},
    {"session", "", "InitSql", "Correct InitSql, which is run after each login"},
    {"session", "", "", "Correct the settings that are made after the login: Schema, InitSql, ReadOnly, TimestampTzAs"},
    {"", "", "", "Look into the driver's log: LogLevel=DEBUG and LogFile in the connection string"},
};

static bool fits(size_t row, const char *stage, const char *state, const char *message)
{
    return (rows[row].stage[0] == '\0' || strcmp(rows[row].stage, stage) == 0) && strncmp(rows[row].state, state, strlen(rows[row].state)) == 0
           && strstr(message, rows[row].words) != NULL;
}

const char *aldb_remedy(const char *stage, const char *state, const char *message)
{
    size_t i = 0;
    while (i + 1 < ALDB_COUNT(rows) && !fits(i, stage, state, message)) {
        i++;
    }
    return rows[i].remedy;
}
