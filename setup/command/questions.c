/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/questions.h"

#include <stdio.h>
#include <string.h>

#include "base/instance_uri.h"
#include "setup/command/terminal.h"

/* One conversation. */
struct talk {
    struct aldb_pairs *out;
    const struct aldb_pairs *old;
    struct aldb_buf answer;
    struct aldb_diag diag;
    bool good;
};

static const char *old_value(const struct talk *t, enum aldb_keyword kw)
{
    for (size_t i = 0; t->old != NULL && i < t->old->count; i++) {
        if (aldb_keyword_find(aldb_slice_of(t->old->at[i].key)) == (int)kw) {
            return t->old->at[i].value;
        }
    }
    return NULL;
}

/* Puts what differs from what is there; "" takes it out. */
static void put(struct talk *t, enum aldb_keyword kw, const char *value)
{
    const char *old = old_value(t, kw);
    if (t->good && strcmp(old != NULL ? old : "", value) != 0) {
        t->good = aldb_pairs_add(t->out, aldb_slice_of(aldb_keyword_info(kw)->name), aldb_slice_of(value), &t->diag) == ALDB_OK;
    }
}

/* The answer, without blanks around it, is in t->answer. A lone "-" is no value at all, where there is an old one to fall back on. */
static const char *ask(struct talk *t, const char *question, const char *fallback)
{
    t->good = t->good && aldb_ask(question, fallback, &t->answer);
    struct aldb_slice said = aldb_slice_trim(aldb_buf_slice(&t->answer));
    if (!t->good || said.len == 0 || (said.len == 1 && said.ptr[0] == '-')) {
        return "";
    }
    size_t start = (size_t)(said.ptr - t->answer.data);
    memmove(t->answer.data, t->answer.data + start, said.len);
    t->answer.len = said.len;
    t->answer.data[said.len] = '\0';
    return t->answer.data;
}

/* A word of the keyword; asked again until it is one. */
static void ask_word(struct talk *t, const char *question, enum aldb_keyword kw, const char *fallback)
{
    struct aldb_options check;
    struct aldb_diag wrong;
    aldb_diag_init(&wrong);
    for (bool asked = false; t->good && !asked;) {
        const char *said = ask(t, question, old_value(t, kw) != NULL ? old_value(t, kw) : fallback);
        aldb_options_init(&check);
        asked = aldb_options_set(&check, aldb_slice_of(aldb_keyword_info(kw)->name), aldb_slice_of(said), ALDB_FROM_STRING, &wrong) != ALDB_ERR;
        if (!asked) {
            (void)fprintf(stderr, "%s\n", aldb_diag_message(aldb_diag_get(&wrong, 1)));
        } else {
            put(t, kw, said);
        }
        aldb_diag_reset(&wrong);
        aldb_options_clear(&check);
    }
    aldb_diag_clear(&wrong);
}

static void ask_password(struct talk *t, const char *user)
{
    struct aldb_buf password;
    aldb_buf_init(&password, ALDB_MAX_NAME);
    bool has = old_value(t, ALDB_KW_PWD) != NULL;
    const char *question = has ? "Password (empty: as it is)" : "Password (empty: applications give it, or ~/.pgpass)";
    t->good = t->good && aldb_buf_reserve(&password, 1024) != NULL && aldb_ask_secret(question, &password);
    if (t->good && password.len > 0 && aldb_ask_yes("Keep it in odbc.ini, where whoever may read that file can read it?", false)) {
        put(t, ALDB_KW_PWD, aldb_buf_cstr(&password));
    } else if (t->good && password.len > 0) {
        (void)fprintf(stderr, "It is not kept: applications give it (UID and PWD), or a line of ~/.pgpass: HOST:PORT:DATABASE:%s:PASSWORD\n", user);
    }
    aldb_buf_wipe(&password);
}

static void ask_instance(struct talk *t)
{
    ask_word(t, "Which of its addresses: PRIVATE, PUBLIC or PSC", ALDB_KW_IpType, "PRIVATE");
    put(t, ALDB_KW_Database, ask(t, "Database", old_value(t, ALDB_KW_Database) != NULL ? old_value(t, ALDB_KW_Database) : "postgres"));
    const char *iam = old_value(t, ALDB_KW_EnableIamAuth);
    bool was = iam == NULL || (iam[0] != 'n' && iam[0] != '0' && iam[0] != 'N' && iam[0] != 'f');
    if (!t->good) {
        return;
    }
    if (aldb_ask_yes("Log in with Google's IAM, without a password?", was)) {
        put(t, ALDB_KW_EnableIamAuth, "yes");
        put(t, ALDB_KW_PWD, "");
        put(t, ALDB_KW_UID, ask(t, "User (empty: the one of the credentials)", old_value(t, ALDB_KW_UID)));
    } else {
        put(t, ALDB_KW_EnableIamAuth, iam != NULL ? "no" : "");
        put(t, ALDB_KW_UID, ask(t, "User", old_value(t, ALDB_KW_UID)));
        ask_password(t, aldb_buf_cstr(&t->answer));
    }
    put(t, ALDB_KW_CredentialsFile, ask(t, "Credentials file (empty: Application Default Credentials)", old_value(t, ALDB_KW_CredentialsFile)));
}

/* Does nobody stand between us and it? */
static bool is_local(const char *server)
{
    return server[0] == '/' || strncmp(server, "localhost", 9) == 0 || strncmp(server, "127.", 4) == 0 || strncmp(server, "::1", 3) == 0;
}

static void ask_server(struct talk *t, bool local)
{
    put(t, ALDB_KW_Database, ask(t, "Database", old_value(t, ALDB_KW_Database) != NULL ? old_value(t, ALDB_KW_Database) : "postgres"));
    put(t, ALDB_KW_UID, ask(t, "User", old_value(t, ALDB_KW_UID)));
    ask_password(t, aldb_buf_cstr(&t->answer));
    ask_word(t, "TLS: verify-full, verify-ca, require, prefer or disable", ALDB_KW_SSLMode, local ? "prefer" : "verify-full");
    bool verifies = strncmp(aldb_buf_cstr(&t->answer), "verify", 6) == 0;
    if (verifies) {
        put(t, ALDB_KW_SSLRootCert, ask(t, "File of the certificate authority (system: the system's)", old_value(t, ALDB_KW_SSLRootCert) != NULL ? old_value(t, ALDB_KW_SSLRootCert) : "system"));
    }
}

bool aldb_ask_for_source(struct aldb_pairs *out, const struct aldb_pairs *old)
{
    struct talk t = {.out = out, .old = old, .good = true};
    aldb_buf_init(&t.answer, ALDB_MAX_NAME);
    aldb_diag_init(&t.diag);
    const char *instance = old_value(&t, ALDB_KW_InstanceUri);
    (void)fprintf(stderr, "%s", old != NULL ? "Empty lines leave things as they are; a single \"-\" takes a value out.\n" : "");
    const char *where = ask(&t, "Server: HOST or HOST:PORT; or an AlloyDB instance: " ALDB_INSTANCE_FORM, instance != NULL ? instance : old_value(&t, ALDB_KW_Server));
    while (t.good && where[0] == '\0') {
        where = ask(&t, "Server or instance", NULL);
    }
    bool is_instance = aldb_instance_uri_check(aldb_slice_of(where), NULL), local = is_local(where);
    put(&t, is_instance ? ALDB_KW_InstanceUri : ALDB_KW_Server, where);
    if (old_value(&t, is_instance ? ALDB_KW_Server : ALDB_KW_InstanceUri) != NULL) {
        put(&t, is_instance ? ALDB_KW_Server : ALDB_KW_InstanceUri, "");
    }
    if (t.good && is_instance) {
        ask_instance(&t);
    } else if (t.good) {
        ask_server(&t, local);
    }
    if (!t.good) {
        (void)aldb_failed("Nothing was written");
    }
    aldb_diag_clear(&t.diag);
    aldb_buf_wipe(&t.answer);
    return t.good;
}
