/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of statement a part is. Private to sqltext/. Fed with the tokens between two top-level semicolons, it remembers the leading words and
 * the few later ones that matter; the class is looked up when the part ends.
 */
#ifndef ALDB_SQLTEXT_CLASSIFY_H
#define ALDB_SQLTEXT_CLASSIFY_H

#include "sqltext/scan.h"
#include "sqltext/sqltext.h"

#define ALDB_CLASSIFY_LEAD 6

/* Words that matter behind the first ones. */
enum aldb_watch {
    WATCH_NONE,
    WATCH_INSERT,
    WATCH_UPDATE,
    WATCH_DELETE,
    WATCH_MERGE,
    WATCH_READ, /* SELECT, VALUES, TABLE */
    WATCH_WITH, /* WITH, RECURSIVE */
    WATCH_INTO,
    WATCH_FROM,
    WATCH_TO,
    WATCH_AS,
    WATCH_RETURNING,
    WATCH_FOR,
    WATCH_LOCK,   /* SHARE, KEY, NO; behind FOR these, and UPDATE, lock rows */
    WATCH_SIDE,   /* LEFT, RIGHT, FULL, OUTER */
    WATCH_JOIN,
    WATCH_GROUPS, /* ROLLUP, CUBE, GROUPING SETS */
    WATCH_CONCURRENTLY,
    WATCH_ANALYZE,
    WATCH_STDIO,
    WATCH_BINARY,
    WATCH_BEGIN,
    WATCH_ATOMIC,
    WATCH_CASE,
    WATCH_END,
    /* Of subscriptions. */
    WATCH_REFRESH,
    WATCH_CONNECT,
    WATCH_CREATE_SLOT,
    WATCH_PUBLICATION,
    WATCH_TWO_PHASE, /* and FAILOVER */
    WATCH_FALSE,     /* and OFF */
};

struct aldb_classify {
    struct aldb_slice lead[ALDB_CLASSIFY_LEAD]; /* first tokens of the statement's own level; empty where no word */
    unsigned nlead;
    size_t depth;       /* open parentheses and brackets */
    size_t base;        /* of these, the ones in front of the first word: (SELECT …) */
    size_t body;        /* BEGIN ATOMIC and CASE not ended */
    enum aldb_tok last; /* previous token */
    enum aldb_watch last_watch;
    enum aldb_watch option; /* REFRESH, CREATE_SLOT or CONNECT before '=' */
    enum aldb_watch pending; /* a data-modifying word: the next token decides */
    bool pending_own;
    enum aldb_watch main;   /* main verb behind WITH or EXPLAIN */
    bool writes_inside;     /* a data-modifying statement, in WITH or as the main verb */
    bool locks;             /* FOR UPDATE, FOR SHARE, …, at any depth */
    bool into, returning, concurrently, analyze;
    enum aldb_watch stdio;  /* COPY: FROM or TO the application */
    bool binary;
    bool adds_nulls;        /* outer joins, or groups without some of their columns */
    bool routine;           /* CREATE FUNCTION or PROCEDURE */
    bool refresh, no_refresh, no_slot, alter_slot; /* subscriptions */
};

void aldb_classify_begin(struct aldb_classify *c);
void aldb_classify_token(struct aldb_classify *c, enum aldb_tok kind, struct aldb_slice text);
/* Does a semicolon here end the statement? Not in parentheses (CREATE RULE), nor in a BEGIN ATOMIC body. */
bool aldb_classify_splits(const struct aldb_classify *c);
/* Sets cls, returning, writes, rows, adds_nulls and binary. part->call must be set. */
void aldb_classify_end(const struct aldb_classify *c, struct aldb_sql_part *part);

#endif
