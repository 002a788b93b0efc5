/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 32 << 20 };

const char *emulator_fact(const char *name)
{
    char variable[64];
    snprintf(variable, sizeof variable, "ALLOYDB_EMULATOR_%s", name);
    const char *value = getenv(variable);
    if (value == NULL) {
        skip("%s is not set; tests/emulator/around starts an emulator and sets it", variable);
    }
    return value;
}

void emulator_real_time(void)
{
    if (under_valgrind()) {
        skip("under valgrind a connect takes longer than the certificates and outages of this test last");
    }
}

static void give_up(const char *what, const char *answer)
{
    printf("\n    FATAL: the emulator: %s: %.300s\n", what, answer);
    exit(EXIT_FAILURE);
}

static int dial(const char *url)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char host[64] = "";
    unsigned port = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sscanf(url, "http://%63[0-9.]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &to.sin_addr) != 1) {
        give_up("no such URL", url);
    }
    to.sin_port = htons((uint16_t)port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        give_up("no connection", url);
    }
    return fd;
}

/* The body of the answer, to be freed. */
static char *call(const char *method, const char *path, const char *body)
{
    char head[512];
    int fd = dial(emulator_fact("URL"));
    int length = snprintf(head, sizeof head, "%s /_emulator/%s HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", method, path,
                          strlen(body));
    if (send(fd, head, (size_t)length, MSG_NOSIGNAL) != length || send(fd, body, strlen(body), MSG_NOSIGNAL) != (ssize_t)strlen(body)) {
        give_up("cannot be asked", path);
    }
    size_t got = 0;
    size_t room = 1 << 16;
    char *text = malloc(room + 1);
    for (ssize_t n = 0; text != NULL && got < ANSWER_MAX && (n = recv(fd, text + got, room - got, 0)) > 0;) {
        got += (size_t)n;
        if (got == room) {
            room *= 2;
            char *more = realloc(text, room + 1);
            if (more == NULL) {
                free(text);
            }
            text = more;
        }
    }
    close(fd);
    if (text == NULL) {
        give_up("out of memory", path);
    }
    text[got] = '\0';
    char *content = strstr(text, "\r\n\r\n");
    if (strncmp(text, "HTTP/1.1 200 ", 13) != 0 || content == NULL) {
        give_up(path, text);
    }
    memmove(text, content + 4, strlen(content + 4) + 1);
    return text;
}

static size_t occurrences(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p++) {
        n++;
    }
    return n;
}

void emulator_reset(void)
{
    free(call("POST", "reset", ""));
}

void emulator_fault(const char *json)
{
    free(call("POST", "faults", json));
}

void emulator_revoke(const char *json)
{
    free(call("POST", "revoke", json));
}

void emulator_heal(void)
{
    free(call("DELETE", "faults", ""));
}

static char *journal(const char *kind)
{
    char path[100];
    snprintf(path, sizeof path, "requests?kind=%s", kind);
    return call("GET", path, "");
}

size_t emulator_count(const char *kind)
{
    char word[100];
    char *text = journal(kind);
    snprintf(word, sizeof word, "\"kind\": \"%s%s", kind, kind[0] != '\0' ? "\"" : "");
    size_t n = occurrences(text, word);
    free(text);
    return n;
}

size_t emulator_wait(const char *kind, size_t count, int seconds)
{
    double until = seconds_now() + seconds;
    size_t n = emulator_count(kind);
    while (n < count && seconds_now() < until) {
        pause_s(0.05);
        n = emulator_count(kind);
    }
    return n;
}

bool emulator_saw(const char *kind, const char *json)
{
    char *text = journal(kind);
    bool saw = strstr(text, json) != NULL;
    free(text);
    return saw;
}

size_t emulator_sessions(void)
{
    char *text = call("GET", "state", "");
    size_t n = occurrences(text, "\"stage\": \"session\"");
    free(text);
    return n;
}

const char *emulator_connstr(const char *project, const char *extra)
{
    static char text[4096];
    bool iam = strstr(extra, "EnableIamAuth") != NULL;
    snprintf(text, sizeof text, "DRIVER=AlloyDB;%s%sServer=%s;ApiEndpoint=%s;CredentialsFile=%s/service_account.json;Database=%s%s%s%s%s%s%s%s", extra,
             extra[0] != '\0' ? ";" : "", emulator_fact("INSTANCE"), emulator_fact("URL"), emulator_fact("CREDENTIALS"), fact("DATABASE"),
             project[0] != '\0' ? ";QuotaProject=" : "", project, iam ? "" : ";UID=", iam ? "" : fact("USER"), iam ? "" : ";PWD=",
             iam ? "" : fact("PASSWORD"), under_valgrind() ? ";LoginTimeout=900" : "");
    return text;
}

struct link emulator_link(const char *connstr)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (!SQL_SUCCEEDED(try_connect(l.dbc, connstr))) {
        printf("\n    FATAL: %s: %s\n", diag_state(l.dbc, 1), diag_message(l.dbc, 1));
        exit(EXIT_FAILURE);
    }
    l.stmt = new_stmt(l.dbc);
    return l;
}

double emulator_connects(const char *connstr)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    double began = seconds_now();
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr));
    double took = seconds_now() - began;
    link_close(&l);
    return took;
}

double emulator_refuses(const char *connstr, const char *state, const char *word, const char *another)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    double began = seconds_now();
    SQLRETURN rc = try_connect(l.dbc, connstr);
    CHECK_STATE(l.dbc, rc, state[0] != '\0' ? state : diag_state(l.dbc, 1));
    double took = seconds_now() - began;
    CHECK_CONTAINS(diag_message(l.dbc, 1), word);
    CHECK_CONTAINS(diag_message(l.dbc, 1), another);
    link_close(&l);
    return took;
}

void emulator_certificates_last(int seconds)
{
    char json[100];
    snprintf(json, sizeof json, "{\"at\": \"generateClientCertificate\", \"lifetime\": %d}", seconds);
    emulator_fault(json);
}
