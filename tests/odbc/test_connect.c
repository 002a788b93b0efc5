/* SPDX-License-Identifier: Apache-2.0 */
/* SQLConnect, SQLDriverConnect and SQLDisconnect: every way to log in, every way to be refused, within the time allowed. */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* One attempt through SQLDriverConnect. */
struct attempt {
    const char *what;
    const char *keywords; /* for connstr() */
    const char *state;    /* NULL: connects without a word; 01…: connects with that record; else: refused with that state */
    const char *says;     /* part of the message, or NULL */
};

static void attempt(const struct attempt *a)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLRETURN rc = try_connect(l.dbc, connstr("%s", a->keywords));
    bool held;
    if (a->state == NULL) {
        held = check_rc(l.dbc, rc, SQL_SUCCESS, a->what, __FILE__, __LINE__);
    } else {
        SQLRETURN wanted = strncmp(a->state, "01", 2) == 0 ? SQL_SUCCESS_WITH_INFO : SQL_ERROR;
        held = check_state(l.dbc, rc, wanted, a->state, a->what, __FILE__, __LINE__);
    }
    if (held && a->says != NULL) {
        check_contains(diag_message(l.dbc, 1), a->says, a->what, __FILE__, __LINE__);
    }
    if (SQL_SUCCEEDED(rc)) {
        l.stmt = new_stmt(l.dbc);
        CHECK_INT(query_int(l.stmt, "select 42"), 42);
    }
    link_close(&l);
}

static void attempt_all(const struct attempt *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        attempt(&list[i]);
    }
}

/* ---- SQLConnect ---------------------------------------------------------------------------------------------------- */

static void sqlconnect(void)
{
    struct link l = link_new(SQL_OV_ODBC3);
    SQLCHAR *dsn = T(fact("DSN"));
    CHECK_OK(l.dbc, SQLConnect(l.dbc, dsn, SQL_NTS, NULL, 0, NULL, 0));
    CHECK_STATE(l.dbc, SQLConnect(l.dbc, dsn, SQL_NTS, NULL, 0, NULL, 0), "08002");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "08003");

    /* User and password of the call stand above those of the DSN; lengths need no terminator. */
    CHECK_OK(l.dbc, SQLConnect(l.dbc, dsn, SQL_NTS, T("aldb_trustXXX"), 10, T("ignored"), 7));
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "select current_user"), "aldb_trust");
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    CHECK_OK(l.dbc, SQLConnectW(l.dbc, wide(fact("DSN")), SQL_NTS, wide("aldb_odd"), SQL_NTS, wide(fact("ODD_PASSWORD")), SQL_NTS));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    CHECK_STATE(l.dbc, SQLConnect(l.dbc, dsn, SQL_NTS, T("aldb_test"), SQL_NTS, T("wrong"), SQL_NTS), "28000");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "password authentication failed for user \"aldb_test\"");
    CHECK_STATE(l.dbc, SQLConnect(l.dbc, T("no such dsn"), SQL_NTS, NULL, 0, NULL, 0), "IM002");
    link_close(&l);
}

/* ---- SQLDriverConnect ---------------------------------------------------------------------------------------------- */

static void keywords(void)
{
    static const struct attempt list[] = {
        {"the DSN alone", "", NULL, NULL},
        {"without a DSN", "DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER;PWD=$PASSWORD", NULL, NULL},
        {"aliases and folding", "DRIVER={AlloyDB};host name=$HOST;PORT_NUMBER=$PORT;Initial-Catalog=$DATABASE;User ID=$USER;"
                                "password={$PASSWORD};", NULL, NULL},
        {"host,port in one", "DRIVER=AlloyDB;Server=$HOST,$PORT;Database=$DATABASE;UID=$USER;PWD=$PASSWORD", NULL, NULL},
        {"host:port in one", "DRIVER=AlloyDB;Server=$HOST:$PORT;Database=$DATABASE;UID=$USER;PWD=$PASSWORD", NULL, NULL},
        {"the first of two wins", "UID=aldb_trust;UID=nobody", NULL, NULL},
        {"empty parts", ";;UID=aldb_trust;;", NULL, NULL},
        {"unknown keyword", "Sevrer=x", "01S00", "Sevrer"},
        {"unknown keyword: the nearest one is named", "ApplicatonName=x", "01S00", "ApplicationName"},
        {"bad SSLMode", "SSLMode=verify_ful", "HY024", "verify-full"},
        {"SSLMode is matched exactly", "SSLMode=d", "HY024", "SSLMode"},
        {"what psqlODBC writes for the operating system's keepalive", "D1=-1;KeepaliveInterval=-1;KeepaliveCount=0;TcpUserTimeout=0", NULL, NULL},
        {"keepalive", "KeepaliveIdle=60;KeepaliveInterval=10;KeepaliveCount=3;TcpUserTimeout=20000", NULL, NULL},
        {"no keepalive", "Keepalives=no", NULL, NULL},
        {"a number is a number", "LoginTimeout=1.5", "HY024", "give a whole number in 0..2147483"},
        {"the rest of a password is not repeated", "DRIVER=AlloyDB;PWD=my;secret=word;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=aldb_trust", "01S00",
         "Keyword number 3 of the connection string, behind PWD"},
        {"the same thing is not said twice", "PWD=wrong", "28000", "password authentication failed for user \"aldb_test\""},
        {"bad number", "Port=54x2", "HY024", "54x2"},
        {"number out of range", "Port=65536", "HY024", "65536"},
        {"bad choice", "FetchMode=sometimes", "HY024", "STREAM"},
        {"bad truth", "ReadOnly=perhaps", "HY024", "ReadOnly"},
        /* Malformed: the DSN comes first, because the driver manager looks for it by itself. */
        {"unterminated brace", "DSN=$DSN;PWD={abc", "HY000", NULL},
        {"text behind a closing brace", "DSN=$DSN;PWD={abc}d", "HY000", NULL},
        {"no equals sign", "DSN=$DSN;ReadOnly", "HY000", NULL},
        {"empty keyword", "DSN=$DSN;=x", "HY000", NULL},
    };
    attempt_all(list, COUNT(list));
}

static void completed_string(void)
{
    char out[1024];
    SQLSMALLINT length = -1;
    struct link l = link_new(SQL_OV_ODBC3_80);
    const char *in = connstr("UID=aldb_trust;ApplicationName={a;b}");
    CHECK_OK(l.dbc, SQLDriverConnect(l.dbc, NULL, T(in), SQL_NTS, T(out), sizeof out, &length, SQL_DRIVER_COMPLETE));
    CHECK_INT(length, (SQLSMALLINT)strlen(out));
    CHECK_CONTAINS(out, "DSN=alloydb_test");
    CHECK_CONTAINS(out, "UID=aldb_trust");
    CHECK_CONTAINS(out, "ApplicationName={a;b}");
    CHECK(strstr(out, fact("PASSWORD")) == NULL); /* the DSN's password was not given here, so it is not shown */
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    /* The string that came out connects. */
    CHECK_OK(l.dbc, try_connect(l.dbc, out));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    /* Cut: connected all the same, with the full length. */
    SQLSMALLINT full = length;
    char tiny[8];
    memset(tiny, 'x', sizeof tiny);
    CHECK_INFO(l.dbc, SQLDriverConnect(l.dbc, NULL, T(in), SQL_NTS, T(tiny), sizeof tiny, &length, SQL_DRIVER_NOPROMPT), "01004");
    CHECK_INT(length, full);
    CHECK_INT(strnlen(tiny, sizeof tiny), sizeof tiny - 1);
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    /* Length alone; and wide, in characters. */
    CHECK_OK(l.dbc, SQLDriverConnect(l.dbc, NULL, T(in), SQL_NTS, NULL, 0, &length, SQL_DRIVER_COMPLETE_REQUIRED));
    CHECK_INT(length, full);
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    SQLWCHAR wout[1024];
    CHECK_OK(l.dbc, SQLDriverConnectW(l.dbc, NULL, wide(in), SQL_NTS, wout, COUNT(wout), &length, SQL_DRIVER_NOPROMPT));
    CHECK_INT(length, full);
    CHECK_TEXT(narrow(wout), out);
    link_close(&l);
}

/* ---- authentication ------------------------------------------------------------------------------------------------ */

static void authentication(void)
{
    static const struct attempt list[] = {
        {"SCRAM", "UID=aldb_test;PWD=$PASSWORD", NULL, NULL},
        {"MD5", "UID=aldb_md5;PWD=$PASSWORD", NULL, NULL},
        {"cleartext password", "UID=aldb_clear;PWD=$PASSWORD", NULL, NULL},
        {"trust", "UID=aldb_trust", NULL, NULL},
        {"wrong password, SCRAM", "PWD=wrong", "28000", "aldb_test"},
        {"wrong password, MD5", "UID=aldb_md5;PWD=wrong", "28000", "aldb_md5"},
        {"wrong password, cleartext", "UID=aldb_clear;PWD=wrong", "28000", "aldb_clear"},
        {"no password", "DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER", "28000", NULL},
        {"no such role", "UID=aldb_nobody;PWD=x", "28000", "aldb_nobody"},
        {"pg_hba.conf refuses", "UID=aldb_reject;PWD=$PASSWORD", "28000", "pg_hba.conf"},
        {"no such database", "Database=aldb_nowhere", "08004", "aldb_nowhere"},
    };
    attempt_all(list, COUNT(list));
}

/* A password with every character that means something in a connection string. */
static void quoted_password(void)
{
    char braced[128];
    size_t n = 0;
    for (const char *p = fact("ODD_PASSWORD"); *p != '\0' && n < sizeof braced - 2; p++) {
        braced[n++] = *p;
        if (*p == '}') {
            braced[n++] = '}';
        }
    }
    braced[n] = '\0';
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("UID=aldb_odd;PWD={%s}", braced)));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_OK(l.dbc, SQLDriverConnectW(l.dbc, NULL, wide(connstr("UID=aldb_odd;PWD={%s}", braced)), SQL_NTS, NULL, 0, NULL,
                                      SQL_DRIVER_NOPROMPT));
    link_close(&l);
}

/* libpq's own password file and service file work for direct connections. */
static void password_and_service_files(void)
{
    char passfile[] = "/tmp/aldb-passfile-XXXXXX";
    char service[] = "/tmp/aldb-service-XXXXXX";
    int fd = mkstemp(passfile); /* mode 0600, which libpq demands */
    dprintf(fd, "*:*:%s:aldb_test:%s\n", fact("DATABASE"), fact("PASSWORD"));
    close(fd);
    fd = mkstemp(service);
    dprintf(fd, "[here]\nhost=%s\nport=%s\ndbname=%s\nuser=aldb_trust\n", fact("HOST"), fact("PORT"), fact("DATABASE"));
    close(fd);

    setenv("PGPASSFILE", passfile, 1);
    setenv("PGSERVICEFILE", service, 1);
    attempt(&(struct attempt){".pgpass", "DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER", NULL, NULL});
    attempt(&(struct attempt){"service file", "DRIVER=AlloyDB;PqOpt={service=here}", NULL, NULL});
    attempt(&(struct attempt){"unknown service", "DRIVER=AlloyDB;PqOpt={service=nowhere}", "08001", "nowhere"});
    unsetenv("PGPASSFILE");
    unsetenv("PGSERVICEFILE");
    unlink(passfile);
    unlink(service);
}

/* ---- TLS ----------------------------------------------------------------------------------------------------------- */

static void tls_modes(void)
{
    /* aldb_tls may come with TLS only, aldb_plain without it only; the server's certificate is for "localhost". */
    static const struct attempt list[] = {
        {"disable, plain wanted", "UID=aldb_plain;SSLMode=disable", NULL, NULL},
        {"disable, TLS wanted", "UID=aldb_tls;SSLMode=disable", "28000", NULL},
        {"allow, plain wanted", "UID=aldb_plain;SSLMode=allow", NULL, NULL},
        {"allow, TLS wanted", "UID=aldb_tls;SSLMode=allow", NULL, NULL},
        {"prefer, plain wanted", "UID=aldb_plain;SSLMode=prefer", NULL, NULL},
        {"prefer, TLS wanted", "UID=aldb_tls;SSLMode=prefer", NULL, NULL},
        {"require, TLS wanted", "UID=aldb_tls;SSLMode=require", NULL, NULL},
        {"require, plain wanted", "UID=aldb_plain;SSLMode=require", "28000", NULL},
        {"require, wrong authority", "UID=aldb_tls;SSLMode=require;SSLRootCert=$WRONG_CA", "08001",
         "certificate verify failed (self-signed"},
        {"prefer, wrong authority, TLS wanted", "UID=aldb_tls;SSLMode=prefer;SSLRootCert=$WRONG_CA", "28000",
         "certificate verify failed (self-signed"},
        {"verify-ca", "UID=aldb_tls;SSLMode=verify-ca;SSLRootCert=$CA", NULL, NULL},
        {"verify-ca, wrong authority", "UID=aldb_tls;SSLMode=verify-ca;SSLRootCert=$WRONG_CA", "08001", "certificate verify failed"},
        {"verify-ca, no authority", "UID=aldb_tls;SSLMode=verify-ca;SSLRootCert=/nonexistent/ca.crt", "08001", "/nonexistent/ca.crt"},
        {"verify-full", "PqOpt={hostaddr=$HOST};Server=localhost;UID=aldb_tls;SSLMode=verify-full;SSLRootCert=$CA", NULL, NULL},
        {"verify-full, wrong name", "UID=aldb_tls;SSLMode=verify-full;SSLRootCert=$CA", "08001", "127.0.0.1"},
        {"Encrypt=yes means verify-full", "UID=aldb_tls;Encrypt=yes;SSLRootCert=$CA", "08001", "127.0.0.1"},
        {"Encrypt=no means disable", "UID=aldb_tls;Encrypt=no", "28000", NULL},
        {"channel binding", "ChannelBinding=require;SSLMode=require", NULL, NULL},
        {"channel binding, prefer", "ChannelBinding=prefer;SSLMode=require", NULL, NULL},
        {"channel binding, prefer, without TLS", "ChannelBinding=prefer;SSLMode=disable", NULL, NULL},
        {"channel binding, disable", "ChannelBinding=disable;SSLMode=require", NULL, NULL},
        {"channel binding, wrong password", "ChannelBinding=require;SSLMode=require;PWD=wrong", "28000", "password authentication failed"},
        {"channel binding without TLS", "ChannelBinding=require;SSLMode=disable", "08001", "channel binding required, but SSL not in use"},
        {"channel binding without SCRAM", "ChannelBinding=require;SSLMode=require;UID=aldb_md5", "08001", "channel binding"},
        {"channel binding, password in clear", "ChannelBinding=require;SSLMode=require;UID=aldb_clear", "08001", "channel binding"},
        {"channel binding where nobody asks for a password", "ChannelBinding=require;SSLMode=require;UID=aldb_trust", "08001", "without channel binding"},
        {"MD5 through TLS", "SSLMode=require;UID=aldb_md5;PWD=$PASSWORD", NULL, NULL},
        {"no TLS as old as that", "SSLMode=require;SSLMaxProtocolVersion=TLSv1.1", "HY024", "SSLMaxProtocolVersion"},
        {"client certificate", "UID=aldb_cert;SSLMode=verify-ca;SSLRootCert=$CA;SSLCert=$CERT;SSLKey=$KEY", NULL, NULL},
        {"client certificate, encrypted key", "UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$ENCRYPTED_KEY;"
                                              "SSLPassword=$KEY_PASSWORD", NULL, NULL},
        {"client certificate, wrong key password", "UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$ENCRYPTED_KEY;"
                                                   "SSLPassword=wrong", "08001", NULL},
        {"client certificate of another role", "UID=aldb_test;PWD=wrong;SSLMode=require;SSLCert=$CERT;SSLKey=$KEY", "28000", NULL},
        {"client certificate missing", "UID=aldb_cert;SSLMode=require", "28000", NULL},
        {"client certificate unreadable", "UID=aldb_cert;SSLMode=require;SSLCert=/nonexistent/c.crt;SSLKey=$KEY", "28000", NULL},
    };
    attempt_all(list, COUNT(list));

    struct link l = link_open("UID=aldb_tls;SSLMode=require;SSLMinProtocolVersion=TLSv1.3");
    CHECK_TEXT(query_text(l.stmt, "select version from pg_stat_ssl where pid = pg_backend_pid()"), "TLSv1.3");
    link_close(&l);
}

/* SSLCertMode and RequireAuth came with libpq 16: an older one cannot promise what they ask for, and the connection is refused. */
static void newer_libpq(void)
{
    static const struct attempt none[] = {
        {"SSLCertMode before libpq 16", "UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$KEY;SSLCertMode=require", "HYC00", "SSLCertMode needs libpq 16"},
        {"RequireAuth before libpq 16", "RequireAuth=scram-sha-256", "HYC00", "RequireAuth needs libpq 16"},
        {"RequireAuth in PqOpt before libpq 16", "PqOpt={require_auth=scram-sha-256}", "HYC00", "RequireAuth needs libpq 16"},
    };
    static const struct attempt list[] = {
        {"certificate required", "UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$KEY;SSLCertMode=require", NULL, NULL},
        {"certificate allowed", "UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$KEY;SSLCertMode=allow", NULL, NULL},
        {"certificate kept back", "UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$KEY;SSLCertMode=disable", "28000", "valid client certificate"},
        {"certificate required, without TLS", "SSLMode=disable;SSLCertMode=require", "08001", "server did not request an SSL certificate"},
        {"no such mode", "SSLCertMode=sometimes", "08001", "sometimes"},
        {"SCRAM only", "RequireAuth=scram-sha-256", NULL, NULL},
        {"SCRAM only, the server asks for clear text", "RequireAuth=scram-sha-256;UID=aldb_clear;PWD=$PASSWORD", "08001", "cleartext"},
        {"SCRAM only, the server asks for MD5", "RequireAuth=scram-sha-256;UID=aldb_md5;PWD=$PASSWORD", "08001", "requirement \"scram-sha-256\" failed"},
        {"SCRAM only, the server asks for nothing", "RequireAuth=scram-sha-256;UID=aldb_trust", "08001", "did not complete authentication"},
        {"anything but clear text", "RequireAuth=!password;UID=aldb_clear;PWD=$PASSWORD", "08001", "cleartext"},
        {"a certificate, and nothing else", "RequireAuth=none;UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$KEY", NULL, NULL},
    };
    struct link l = link_new(SQL_OV_ODBC3_80);
    bool old = !SQL_SUCCEEDED(try_connect(l.dbc, connstr("RequireAuth=scram-sha-256"))) && diag_has(l.dbc, "HYC00");
    link_close(&l);
    if (old) {
        attempt_all(none, COUNT(none));
    } else {
        attempt_all(list, COUNT(list));
    }
}

/* ---- where the server is ------------------------------------------------------------------------------------------- */

static void addresses(void)
{
    static const struct attempt list[] = {
        {"Unix socket", "Server=$SOCKETDIR", NULL, NULL},
        {"Unix socket, wrong folder", "Server=/nonexistent", "08001", "/nonexistent"},
        {"nobody listens", "Port=$DEAD_PORT", "08001", "127.0.0.1"},
        {"no such host", "Server=no-such-host.invalid", "08001", "no-such-host.invalid"},
        {"failover to the second host", "Server={127.0.0.1:$DEAD_PORT,127.0.0.1:$PORT}", NULL, NULL},
        {"all hosts dead", "Server={127.0.0.1:$DEAD_PORT,127.0.0.1:$DEAD_PORT}", "08001", NULL},
        {"target_session_attrs met", "PqOpt={target_session_attrs=read-write}", NULL, NULL},
        {"target_session_attrs not met", "PqOpt={target_session_attrs=read-write};UID=aldb_readonly;PWD=$PASSWORD", "08001", "read-only"},
        {"target_session_attrs=read-only", "PqOpt={target_session_attrs=read-only};UID=aldb_readonly;PWD=$PASSWORD", NULL, NULL},
    };
    attempt_all(list, COUNT(list));
}

static void ipv6(void)
{
    static const struct attempt list[] = {
        {"IPv6", "Server=::1", NULL, NULL},
        {"IPv6 in brackets", "Server=[::1]", NULL, NULL},
        {"IPv6 with its port", "DRIVER=AlloyDB;Server={[::1]:$PORT};Database=$DATABASE;UID=$USER;PWD=$PASSWORD", NULL, NULL},
        {"IPv6, port behind a comma", "DRIVER=AlloyDB;Server={::1,$PORT};Database=$DATABASE;UID=$USER;PWD=$PASSWORD", NULL, NULL},
        {"IPv6 dead, then IPv4", "Server={[::1]:$DEAD_PORT,127.0.0.1:$PORT}", NULL, NULL},
        {"IPv4 dead, then IPv6", "Server={127.0.0.1:$DEAD_PORT,[::1]};Port=$PORT", NULL, NULL},
        {"IPv6, nobody there", "Server=::1;Port=$DEAD_PORT", "08001", "\"::1\", port"},
        {"an address to dial beside the name to verify", "Server=localhost;HostAddr=::1;UID=aldb_tls;SSLMode=verify-full;SSLRootCert=$CA", NULL, NULL},
    };
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0) {
        printf("(this machine has no IPv6) ");
        return;
    }
    close(fd);
    attempt_all(list, COUNT(list));
    struct link l = link_open("Server=::1");
    CHECK_TEXT(query_text(l.stmt, "select host(inet_server_addr())"), "::1");
    link_close(&l);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

/* A listener that accepts connections (the kernel does) and never says a word. Returns its descriptor. */
static int black_hole(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("black hole");
        exit(EXIT_FAILURE);
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void login_timeout(void)
{
    int port = 0;
    int hole = black_hole(&port);

    struct link l = link_new(SQL_OV_ODBC3_80);
    double start = seconds_now();
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("Port=%d;LoginTimeout=1", port)), "HYT00");
    CHECK(seconds_now() - start > 0.9 && seconds_now() - start < 8);

    /* The attribute says the same, and stands above the keyword. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)1, 0));
    start = seconds_now();
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("Port=%d", port)), "HYT00");
    CHECK(seconds_now() - start > 0.9 && seconds_now() - start < 8);

    /* One limit over all hosts together. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)3, 0));
    start = seconds_now();
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("Server={127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d}", port, port, port)), "HYT00");
    CHECK(seconds_now() - start > 2.9 && seconds_now() - start < 8.5);
    close(hole);

    /* The handle is as good as new. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)60, 0));
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    link_close(&l);
}

/* ---- the end of a connection --------------------------------------------------------------------------------------- */

static void lost_server(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    char sql[64];
    SQLUINTEGER dead = 99;
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    CHECK_INT(dead, SQL_CD_FALSE);

    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)query_int(l.stmt, "select pg_backend_pid()"));
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    CHECK_INT(dead, SQL_CD_TRUE);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
    SQLRETURN rc = SQLDisconnect(l.dbc);
    CHECK(SQL_SUCCEEDED(rc));
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc); /* the old one died with its connection */
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    link_close(&other);
    link_close(&l);
}

/* SQLDisconnect frees the statements, whatever they were doing (the leak checker would tell); a handle of theirs is no handle any more. */
static void disconnect_frees_statements(void)
{
    struct link l = link_open("");
    query(l.stmt, "select generate_series(1, 1000000)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
}

static void open_transaction_is_kept(void)
{
    struct link l = link_open("");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(l.stmt, "create temp table t (a int)");
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "25000");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"SQLConnect", sqlconnect},
        {"keywords", keywords},
        {"completed connection string", completed_string},
        {"authentication", authentication},
        {"quoted password", quoted_password},
        {"password and service files", password_and_service_files},
        {"TLS modes", tls_modes},
        {"SSLCertMode and RequireAuth", newer_libpq},
        {"addresses", addresses},
        {"IPv6", ipv6},
        {"login timeout", login_timeout},
        {"lost server", lost_server},
        {"SQLDisconnect frees statements", disconnect_frees_statements},
        {"SQLDisconnect with an open transaction", open_transaction_is_kept},
    };
    return run_tests("connecting", tests, COUNT(tests));
}
