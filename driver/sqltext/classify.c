/* SPDX-License-Identifier: Apache-2.0 */
#include "sqltext/classify.h"

/* Leading words and what they mean: the first row that matches counts. '*' stands for any one token. */
static const struct lead {
    const char *words[5];
    enum aldb_sql_class cls;
    bool rows; /* may return rows; where the class leaves it open */
} LEADS[] = {
    {{"select"}, ALDB_SQL_SELECT, true},
    {{"insert"}, ALDB_SQL_INSERT, false},
    {{"update"}, ALDB_SQL_UPDATE, false},
    {{"delete"}, ALDB_SQL_DELETE, false},
    {{"with"}, ALDB_SQL_WITH_DML, true},
    {{"values"}, ALDB_SQL_SELECT, true},
    {{"table"}, ALDB_SQL_SELECT, true},
    {{"show"}, ALDB_SQL_SELECT, true},
    {{"merge"}, ALDB_SQL_MERGE, false},
    {{"call"}, ALDB_SQL_CALL, true},
    {{"do"}, ALDB_SQL_CALL, false},

    {{"begin"}, ALDB_SQL_TXN_BEGIN, false},
    {{"start", "transaction"}, ALDB_SQL_TXN_BEGIN, false},
    {{"commit", "prepared"}, ALDB_SQL_NO_BLOCK, false},
    {{"commit"}, ALDB_SQL_TXN_COMMIT, false},
    {{"end"}, ALDB_SQL_TXN_COMMIT, false},
    {{"prepare", "transaction"}, ALDB_SQL_TXN_COMMIT, false},
    {{"rollback", "prepared"}, ALDB_SQL_NO_BLOCK, false},
    {{"rollback", "to"}, ALDB_SQL_SAVEPOINT_END, false},
    {{"rollback", "work", "to"}, ALDB_SQL_SAVEPOINT_END, false},
    {{"rollback", "transaction", "to"}, ALDB_SQL_SAVEPOINT_END, false},
    {{"rollback"}, ALDB_SQL_TXN_ROLLBACK, false},
    {{"abort"}, ALDB_SQL_TXN_ROLLBACK, false},
    {{"savepoint"}, ALDB_SQL_SAVEPOINT, false},
    {{"release"}, ALDB_SQL_SAVEPOINT_END, false},

    {{"set", "transaction"}, ALDB_SQL_SET_TXN, false},
    {{"set", "local", "transaction"}, ALDB_SQL_SET_TXN, false},
    {{"set", "session", "transaction"}, ALDB_SQL_SET_TXN, false},
    {{"set", "session", "characteristics"}, ALDB_SQL_SET_TXN, false},
    {{"set", "transaction_isolation"}, ALDB_SQL_SET_TXN, false},
    {{"set", "transaction_read_only"}, ALDB_SQL_SET_TXN, false},
    {{"set", "transaction_deferrable"}, ALDB_SQL_SET_TXN, false},
    {{"set", "local", "transaction_isolation"}, ALDB_SQL_SET_TXN, false},
    {{"set", "local", "transaction_read_only"}, ALDB_SQL_SET_TXN, false},
    {{"set", "local", "transaction_deferrable"}, ALDB_SQL_SET_TXN, false},
    {{"set", "session", "transaction_isolation"}, ALDB_SQL_SET_TXN, false},
    {{"set", "session", "transaction_read_only"}, ALDB_SQL_SET_TXN, false},
    {{"set", "session", "transaction_deferrable"}, ALDB_SQL_SET_TXN, false},
    {{"set"}, ALDB_SQL_SET, false},
    {{"reset"}, ALDB_SQL_SET, false},
    {{"discard", "all"}, ALDB_SQL_NO_BLOCK, false},
    {{"discard"}, ALDB_SQL_SET, false},
    {{"deallocate"}, ALDB_SQL_SET, false},

    /* What the server refuses inside a transaction block; CONCURRENTLY, CLUSTER and subscriptions are looked at below. */
    {{"vacuum"}, ALDB_SQL_NO_BLOCK, false},
    {{"create", "database"}, ALDB_SQL_NO_BLOCK, false},
    {{"drop", "database"}, ALDB_SQL_NO_BLOCK, false},
    {{"alter", "database", "*", "set", "tablespace"}, ALDB_SQL_NO_BLOCK, false},
    {{"create", "tablespace"}, ALDB_SQL_NO_BLOCK, false},
    {{"drop", "tablespace"}, ALDB_SQL_NO_BLOCK, false},
    {{"alter", "system"}, ALDB_SQL_NO_BLOCK, false},
    {{"reindex", "database"}, ALDB_SQL_NO_BLOCK, false},
    {{"reindex", "system"}, ALDB_SQL_NO_BLOCK, false},
    {{"reindex", "schema"}, ALDB_SQL_NO_BLOCK, false},
    {{"drop", "subscription"}, ALDB_SQL_NO_BLOCK, false},

    {{"create"}, ALDB_SQL_DDL, false},
    {{"alter"}, ALDB_SQL_DDL, false},
    {{"drop"}, ALDB_SQL_DDL, false},
    {{"comment"}, ALDB_SQL_DDL, false},
    {{"grant"}, ALDB_SQL_DDL, false},
    {{"revoke"}, ALDB_SQL_DDL, false},
    {{"truncate"}, ALDB_SQL_DDL, false},
    {{"reindex"}, ALDB_SQL_DDL, false},
    {{"refresh"}, ALDB_SQL_DDL, false},
    {{"security"}, ALDB_SQL_DDL, false},
    {{"import"}, ALDB_SQL_DDL, false},
    {{"reassign"}, ALDB_SQL_DDL, false},

    {{"copy"}, ALDB_SQL_UTILITY, false}, /* or one of its own, below */
    {{"analyze"}, ALDB_SQL_UTILITY, false},
    {{"analyse"}, ALDB_SQL_UTILITY, false},
    {{"checkpoint"}, ALDB_SQL_UTILITY, false},
    {{"close"}, ALDB_SQL_UTILITY, false},
    {{"cluster"}, ALDB_SQL_UTILITY, false},
    {{"declare"}, ALDB_SQL_UTILITY, false},
    {{"listen"}, ALDB_SQL_UTILITY, false},
    {{"load"}, ALDB_SQL_UTILITY, false},
    {{"lock"}, ALDB_SQL_UTILITY, false},
    {{"move"}, ALDB_SQL_UTILITY, false},
    {{"notify"}, ALDB_SQL_UTILITY, false},
    {{"prepare"}, ALDB_SQL_UTILITY, false},
    {{"unlisten"}, ALDB_SQL_UTILITY, false},
};

/* The words of enum aldb_watch by length, so that most words of a statement cost one switch and one comparison. */
static const struct watch {
    const char *word;
    enum aldb_watch watch;
} WATCHES[] = {
    {"as", WATCH_AS},           {"no", WATCH_LOCK},           {"to", WATCH_TO},
    {"end", WATCH_END},         {"for", WATCH_FOR},           {"key", WATCH_LOCK},        {"off", WATCH_FALSE},
    {"case", WATCH_CASE},       {"cube", WATCH_GROUPS},       {"from", WATCH_FROM},       {"full", WATCH_SIDE},     {"into", WATCH_INTO},
    {"join", WATCH_JOIN},       {"left", WATCH_SIDE},         {"sets", WATCH_GROUPS},     {"with", WATCH_WITH},
    {"begin", WATCH_BEGIN},     {"false", WATCH_FALSE},       {"merge", WATCH_MERGE},     {"outer", WATCH_SIDE},    {"right", WATCH_SIDE},
    {"share", WATCH_LOCK},      {"stdin", WATCH_STDIO},       {"table", WATCH_READ},
    {"atomic", WATCH_ATOMIC},   {"binary", WATCH_BINARY},   {"delete", WATCH_DELETE},     {"insert", WATCH_INSERT},   {"rollup", WATCH_GROUPS}, {"select", WATCH_READ},
    {"stdout", WATCH_STDIO},    {"update", WATCH_UPDATE},     {"values", WATCH_READ},
    {"analyse", WATCH_ANALYZE}, {"analyze", WATCH_ANALYZE},   {"connect", WATCH_CONNECT}, {"refresh", WATCH_REFRESH},
    {"failover", WATCH_TWO_PHASE},
    {"recursive", WATCH_WITH},  {"returning", WATCH_RETURNING}, {"two_phase", WATCH_TWO_PHASE},
    {"create_slot", WATCH_CREATE_SLOT}, {"publication", WATCH_PUBLICATION},
    {"concurrently", WATCH_CONCURRENTLY},
};
/* WATCHES[WATCH_AT[n] .. WATCH_AT[n + 1]) have n letters. */
static const unsigned char WATCH_AT[] = {0, 0, 0, 3, 7, 16, 24, 33, 37, 38, 41, 41, 43, 44};
_Static_assert(ALDB_COUNT(WATCHES) == 44, "WATCH_AT counts the words of each length");

static bool same(struct aldb_slice word, const char *lower)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != lower[i]) {
            return false; /* also when `lower` ends first */
        }
    }
    return lower[word.len] == '\0';
}

static enum aldb_watch watch(struct aldb_slice word)
{
    if (word.len + 1 >= ALDB_COUNT(WATCH_AT)) {
        return WATCH_NONE;
    }
    for (unsigned i = WATCH_AT[word.len]; i < WATCH_AT[word.len + 1]; i++) {
        if (same(word, WATCHES[i].word)) {
            return WATCHES[i].watch;
        }
    }
    return WATCH_NONE;
}

static bool lead_is(const struct aldb_classify *c, unsigned i, const char *word)
{
    return i < c->nlead && same(c->lead[i], word);
}

void aldb_classify_begin(struct aldb_classify *c)
{
    *c = (struct aldb_classify){.last = TOK_END};
}

bool aldb_classify_splits(const struct aldb_classify *c)
{
    return c->depth == 0 && c->body == 0;
}

static void lead(struct aldb_classify *c, enum aldb_tok kind, struct aldb_slice text)
{
    if (c->nlead < ALDB_CLASSIFY_LEAD) {
        c->lead[c->nlead++] = kind == TOK_WORD ? text : aldb_slice("", 0);
        /* CREATE [OR REPLACE] {FUNCTION | PROCEDURE} */
        unsigned noun = lead_is(c, 1, "or") ? 3 : 1;
        if (c->nlead == noun + 1 && lead_is(c, 0, "create")) {
            c->routine = lead_is(c, noun, "function") || lead_is(c, noun, "procedure");
        }
    }
}

/* The token behind INSERT, UPDATE, … tells the statement from a column or table of that name. */
static void decide_pending(struct aldb_classify *c, enum aldb_tok kind, enum aldb_watch w)
{
    bool verb;
    switch (c->pending) {
    case WATCH_DELETE:
        verb = w == WATCH_FROM;
        break;
    case WATCH_UPDATE:
        verb = (kind == TOK_WORD && w != WATCH_AS && w != WATCH_FROM) || kind == TOK_QUOTED;
        break;
    default:
        verb = w == WATCH_INTO;
        break;
    }
    if (verb) {
        c->writes_inside = true;
        if (c->pending_own) {
            c->main = c->pending;
        }
    }
    c->pending = WATCH_NONE;
}

static void body_word(struct aldb_classify *c, enum aldb_watch w)
{
    if (w == WATCH_ATOMIC && c->last_watch == WATCH_BEGIN && c->body == 0 && c->depth == 0) {
        c->body = 1;
    } else if (c->body > 0 && w == WATCH_CASE) {
        c->body++;
    } else if (c->body > 0 && w == WATCH_END) {
        c->body--;
    }
}

static void option_word(struct aldb_classify *c, enum aldb_watch w, bool own)
{
    switch (w) {
    case WATCH_REFRESH:
        c->refresh = c->refresh || own;
        c->option = own ? WATCH_NONE : w;
        break;
    case WATCH_PUBLICATION:
        c->refresh = c->refresh || own;
        break;
    case WATCH_TWO_PHASE:
        c->alter_slot = true;
        break;
    case WATCH_CONNECT:
    case WATCH_CREATE_SLOT:
        c->option = w;
        break;
    case WATCH_FALSE:
        if (c->option == WATCH_REFRESH) {
            c->no_refresh = true;
        } else if (c->option != WATCH_NONE) {
            c->no_slot = true;
        }
        break;
    default:
        break;
    }
}

static void watched(struct aldb_classify *c, enum aldb_watch w, bool own)
{
    if (c->last == TOK_DOT || c->last_watch == WATCH_AS) {
        return; /* a column, or a label: AS may be followed by any word. Statements behind AS begin with WITH or stand in parentheses */
    }
    if (c->routine) {
        body_word(c, w);
        return;
    }
    if (c->last_watch == WATCH_FOR && (w == WATCH_UPDATE || w == WATCH_LOCK)) {
        c->locks = true; /* substring(s FOR key), too: that only costs a plain read its cancel */
        return;
    }
    bool cte_name = c->last_watch == WATCH_WITH || c->last == TOK_COMMA;
    switch (w) {
    case WATCH_INSERT:
    case WATCH_UPDATE:
    case WATCH_DELETE:
    case WATCH_MERGE:
        if (own ? c->main == WATCH_NONE && !cte_name : c->last == TOK_LPAREN || c->last == TOK_RPAREN) {
            c->pending = w;
            c->pending_own = own;
        }
        break;
    case WATCH_READ:
        if (own && c->main == WATCH_NONE && !cte_name) {
            c->main = w;
        }
        break;
    case WATCH_INTO:
        c->into = c->into || own;
        break;
    case WATCH_RETURNING:
        c->returning = c->returning || own;
        break;
    case WATCH_JOIN:
        c->adds_nulls = c->adds_nulls || c->last_watch == WATCH_SIDE;
        break;
    case WATCH_GROUPS:
        c->adds_nulls = true;
        break;
    case WATCH_CONCURRENTLY:
        c->concurrently = true;
        break;
    case WATCH_ANALYZE:
        c->analyze = c->analyze || c->main == WATCH_NONE;
        break;
    case WATCH_STDIO:
        c->stdio = own && (c->last_watch == WATCH_FROM || c->last_watch == WATCH_TO) ? c->last_watch : c->stdio; /* the words mean the same */
        break;
    case WATCH_BINARY:
        c->binary = c->binary || c->stdio != WATCH_NONE || (c->nlead == 2 && lead_is(c, 0, "copy"));
        break;
    default:
        option_word(c, w, own);
        break;
    }
}

void aldb_classify_token(struct aldb_classify *c, enum aldb_tok kind, struct aldb_slice text)
{
    enum aldb_watch w = kind == TOK_WORD ? watch(text) : WATCH_NONE;
    if (c->pending != WATCH_NONE) {
        decide_pending(c, kind, w);
    }
    if (kind == TOK_COMMA) {
        c->option = WATCH_NONE;
    }
    switch (kind) {
    case TOK_LPAREN:
    case TOK_LBRACKET:
        c->base += c->nlead == 0;
        c->depth++;
        break;
    case TOK_RPAREN:
    case TOK_RBRACKET:
        c->depth -= c->depth > 0;
        break;
    default:
        if (c->depth <= c->base && c->nlead < ALDB_CLASSIFY_LEAD) {
            lead(c, kind, text);
        }
        if (w != WATCH_NONE) {
            watched(c, w, c->depth <= c->base);
        }
        break;
    }
    c->last = kind;
    c->last_watch = w;
}

static const struct lead *find(const struct aldb_classify *c)
{
    for (size_t i = 0; i < ALDB_COUNT(LEADS); i++) {
        unsigned n = 0;
        while (n < ALDB_COUNT(LEADS[i].words) && LEADS[i].words[n] != NULL) {
            if (n >= c->nlead || (LEADS[i].words[n][0] != '*' && !same(c->lead[n], LEADS[i].words[n]))) {
                break;
            }
            n++;
        }
        if (n == ALDB_COUNT(LEADS[i].words) || LEADS[i].words[n] == NULL) {
            return &LEADS[i];
        }
    }
    static const struct lead other = {{NULL}, ALDB_SQL_UTILITY, true};
    return &other;
}

/* Schema changes that run in a transaction block, except in their CONCURRENTLY form or when they reach another server. */
static enum aldb_sql_class ddl(const struct aldb_classify *c)
{
    bool index = lead_is(c, 1, "index") || lead_is(c, 2, "index");
    if (c->concurrently && (index || lead_is(c, 0, "reindex") || (lead_is(c, 0, "alter") && lead_is(c, 1, "table")))) {
        return ALDB_SQL_NO_BLOCK;
    }
    if (lead_is(c, 1, "subscription")) {
        bool refused = lead_is(c, 0, "create") ? !c->no_slot : c->alter_slot || (c->refresh && !c->no_refresh);
        return refused ? ALDB_SQL_NO_BLOCK : ALDB_SQL_DDL;
    }
    return ALDB_SQL_DDL;
}

static bool is_dml(enum aldb_watch w)
{
    return w == WATCH_INSERT || w == WATCH_UPDATE || w == WATCH_DELETE || w == WATCH_MERGE;
}

/* CLUSTER [VERBOSE | (options)] without a table runs a transaction a table. */
static bool cluster_all(const struct aldb_classify *c)
{
    return c->nlead == 1 || (c->nlead == 2 && lead_is(c, 1, "verbose"));
}

/* EXPLAIN of a plain query; CREATE TABLE AS, DECLARE and EXECUTE can be explained too. */
static bool explains_read(const struct aldb_classify *c)
{
    unsigned i = 1;
    while (lead_is(c, i, "analyze") || lead_is(c, i, "analyse") || lead_is(c, i, "verbose")) {
        i++;
    }
    bool query = lead_is(c, i, "select") || lead_is(c, i, "values") || lead_is(c, i, "table") || lead_is(c, i, "with");
    return query && !c->writes_inside && !c->into && !c->locks;
}

/* COPY whose data go to the application or come from it. What it reads may be a statement that writes: COPY (DELETE … RETURNING …) TO STDOUT. */
static void copy(const struct aldb_classify *c, struct aldb_sql_part *part)
{
    bool out = c->stdio == WATCH_TO;
    part->cls = out ? ALDB_SQL_COPY_OUT : ALDB_SQL_COPY_IN;
    part->rows = out;
    part->writes = !out || c->writes_inside || c->locks;
    part->binary = out && c->binary;
}

void aldb_classify_end(const struct aldb_classify *c, struct aldb_sql_part *part)
{
    if (part->call != ALDB_CALL_NONE) {
        part->cls = ALDB_SQL_CALL;
        part->writes = part->rows = part->adds_nulls = true;
        return;
    }
    const struct lead *l = find(c);
    part->cls = l->cls;
    part->rows = l->rows;
    part->writes = true;
    part->adds_nulls |= c->adds_nulls || l->cls == ALDB_SQL_MERGE || !aldb_sql_plannable(l->cls);
    switch (l->cls) {
    case ALDB_SQL_INSERT:
    case ALDB_SQL_UPDATE:
    case ALDB_SQL_DELETE:
    case ALDB_SQL_MERGE:
        part->returning = part->rows = c->returning;
        break;
    case ALDB_SQL_WITH_DML:
        if (is_dml(c->main)) {
            part->returning = part->rows = c->returning;
            break;
        }
        part->rows = !c->into;
        if (!c->writes_inside) {
            part->cls = c->into ? ALDB_SQL_SELECT_INTO : ALDB_SQL_SELECT;
            part->writes = c->into || c->locks;
        }
        break;
    case ALDB_SQL_SELECT:
        part->writes = c->into || c->locks;
        if (c->into) {
            part->cls = ALDB_SQL_SELECT_INTO;
            part->rows = false;
        }
        break;
    case ALDB_SQL_DDL:
        part->cls = ddl(c);
        break;
    case ALDB_SQL_UTILITY:
        if (lead_is(c, 0, "cluster") && cluster_all(c)) {
            part->cls = ALDB_SQL_NO_BLOCK;
        } else if (lead_is(c, 0, "copy") && c->stdio != WATCH_NONE) {
            copy(c, part);
        } else if (lead_is(c, 0, "explain")) {
            part->writes = c->analyze && !explains_read(c);
        }
        break;
    default:
        break;
    }
}
