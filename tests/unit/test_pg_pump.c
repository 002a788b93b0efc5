/* SPDX-License-Identifier: Apache-2.0 */
/* The pump between two socket pairs: everything in one thread, as in the driver. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <CUnit/Basic.h>

#include "base/be.h"
#include "base/clock.h"
#include "pg/pump.h"
#include "stream_support.h"
#include "suites.h"

struct bench {
    int libpq, server; /* our ends */
    struct st_stream *stream;
    struct pump *pump;
};

static void nonblocking(int fd)
{
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static struct bench set_up(void)
{
    int inner[2];
    int outer[2];
    struct bench b = {0};
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, inner), 0);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, outer), 0);
    nonblocking(inner[0]);
    nonblocking(outer[0]);
    b.libpq = inner[0];
    b.server = outer[0];
    b.stream = st_new(outer[1]);
    b.pump = pump_new(inner[1], &b.stream->base);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b.pump);
    return b;
}

static void close_end(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

static void tear_down(struct bench *b)
{
    pump_close(b->pump, 100);
    close_end(&b->libpq);
    close_end(&b->server);
}

/* One turn as the driver makes it; `ms` as for poll. */
static int turn(struct pump *p, int ms)
{
    struct pollfd fds[2];
    int n = poll(fds, 2, pump_fill(p, fds) ? ms : 0);
    if (n >= 0) {
        pump_ready(p, fds);
    }
    return pump_move(p);
}

/* What byte `at` of a direction is. */
static unsigned char byte_at(size_t at, unsigned salt)
{
    return (unsigned char)((at * 2654435761u >> 13) + salt);
}

struct flow {
    size_t total, sent, got;
    unsigned salt;
    bool wrong, ended;
};

static void send_some(struct flow *f, int fd, size_t piece)
{
    unsigned char data[65536];
    size_t n = f->total - f->sent < piece ? f->total - f->sent : piece;
    for (size_t i = 0; i < n; i++) {
        data[i] = byte_at(f->sent + i, f->salt);
    }
    ssize_t done = n ? send(fd, data, n, MSG_NOSIGNAL) : 0;
    f->sent += done > 0 ? (size_t)done : 0;
}

static void receive_some(struct flow *f, int fd, size_t piece)
{
    unsigned char data[65536];
    ssize_t n = recv(fd, data, piece, 0);
    f->ended = f->ended || n == 0;
    for (ssize_t i = 0; i < n; i++) {
        f->wrong = f->wrong || data[i] != byte_at(f->got + (size_t)i, f->salt);
    }
    f->got += n > 0 ? (size_t)n : 0;
}

/* Both directions at once until all has arrived, or nothing has for five seconds. */
static void run(struct bench *b, struct flow *up, struct flow *down, size_t piece)
{
    int64_t last = aldb_now_ms();
    while ((up->got < up->total || down->got < down->total) && aldb_now_ms() - last < 5000) {
        size_t before = up->got + down->got;
        send_some(up, b->libpq, piece);
        send_some(down, b->server, piece);
        (void)turn(b->pump, 1);
        receive_some(up, b->server, piece);
        receive_some(down, b->libpq, piece);
        last = up->got + down->got > before ? aldb_now_ms() : last;
    }
    CU_ASSERT_EQUAL(up->got, up->total);
    CU_ASSERT_EQUAL(down->got, down->total);
    CU_ASSERT_FALSE(up->wrong || down->wrong);
}

static void test_volume(void)
{
    struct bench b = set_up();
    struct flow up = {.total = (size_t)30 << 20, .salt = 1};
    struct flow down = {.total = (size_t)90 << 20, .salt = 2};
    run(&b, &up, &down, 65536);
    CU_ASSERT_STRING_EQUAL(pump_error(b.pump), "");
    tear_down(&b);
}

/* Nobody reads what comes down: what goes up must not care, and the other way round. */
static void test_independent(void)
{
    for (int stuck = 0; stuck < 2; stuck++) {
        struct bench b = set_up();
        struct flow up = {.total = (size_t)4 << 20};
        struct flow down = {.total = (size_t)4 << 20, .salt = 9};
        struct flow *runs = stuck ? &up : &down;
        int64_t end = aldb_now_ms() + 10000;
        while (runs->got < runs->total && aldb_now_ms() < end) {
            send_some(&up, b.libpq, 65536);
            send_some(&down, b.server, 65536);
            (void)turn(b.pump, 1);
            receive_some(runs, stuck ? b.server : b.libpq, 65536);
        }
        CU_ASSERT_EQUAL(runs->got, runs->total);
        CU_ASSERT_FALSE(runs->wrong);
        run(&b, &up, &down, 65536); /* and nothing of what was stuck is lost */
        tear_down(&b);
    }
}

/* When nothing can be moved, poll() must wait: a full buffer, an idle link. */
static void test_no_spinning(void)
{
    struct bench b = set_up();
    struct flow down = {.total = (size_t)4 << 20};
    struct pollfd fds[2];
    for (int i = 0; i < 200; i++) {
        send_some(&down, b.server, 65536);
        (void)turn(b.pump, 0);
    }
    CU_ASSERT_TRUE(down.sent < down.total);
    CU_ASSERT_TRUE(pump_fill(b.pump, fds));
    CU_ASSERT_EQUAL(poll(fds, 2, 20), 0);
    struct flow up = {0};
    down.total = down.sent;
    run(&b, &up, &down, 65536);
    (void)turn(b.pump, 0);
    CU_ASSERT_TRUE(pump_fill(b.pump, fds));
    CU_ASSERT_EQUAL(poll(fds, 2, 20), 0);
    tear_down(&b);
}

/* Pieces of each size from one byte on, on all four edges, with calls that would block in between and bytes that the socket does not show. */
static void test_pieces(void)
{
    static const size_t pieces[] = {1, 2, 3, 5, 7, 64, 4095, 4096, 4097, 16384, 65535};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        for (int how = 0; how < 4; how++) {
            struct bench b = set_up();
            struct flow up = {.total = pieces[i] < 64 ? 3000 : 300001, .salt = 3};
            struct flow down = {.total = pieces[i] < 64 ? 5000 : 500009, .salt = 4};
            b.stream->piece = pieces[i];
            b.stream->stutters = how & 1;
            b.stream->hold = how & 2;
            run(&b, &up, &down, pieces[i]);
            tear_down(&b);
        }
    }
}

/* What comes in a flood goes to libpq in pieces of one size, one a call; as long as there is more nobody is told to wait. */
static void test_whole_pieces(void)
{
    struct bench b = set_up();
    struct flow down = {.total = 4 * PUMP_PIECE, .salt = 11};
    struct pollfd fds[2];
    while (down.sent < down.total) {
        size_t before = down.sent;
        send_some(&down, b.server, 65536);
        CU_ASSERT_TRUE_FATAL(down.sent > before);
    }
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(pump_retry(b.pump, PUMP_TO_LIBPQ), PUMP_TO_LIBPQ | PUMP_WHOLE_PIECE);
        CU_ASSERT_FALSE(pump_fill(b.pump, fds));
        size_t before = down.got;
        receive_some(&down, b.libpq, 65536);
        CU_ASSERT_EQUAL(down.got - before, PUMP_PIECE);
    }
    CU_ASSERT_FALSE(down.wrong);
    CU_ASSERT_EQUAL(pump_retry(b.pump, PUMP_TO_LIBPQ), 0);
    down.total += 100;
    send_some(&down, b.server, 65536);
    CU_ASSERT_EQUAL(turn(b.pump, 1000), PUMP_TO_LIBPQ);
    tear_down(&b);
}

/* Only the side that is named is tried without poll(). */
static void test_retry_one_side(void)
{
    struct bench b = set_up();
    char c;
    (void)turn(b.pump, 0); /* nothing there: both sides are waited for */
    CU_ASSERT_EQUAL(send(b.libpq, "q", 1, MSG_NOSIGNAL), 1);
    CU_ASSERT_EQUAL(send(b.server, "a", 1, MSG_NOSIGNAL), 1);
    CU_ASSERT_EQUAL(pump_move(b.pump), 0);
    CU_ASSERT_EQUAL(pump_retry(b.pump, PUMP_TO_LIBPQ), PUMP_TO_LIBPQ);
    CU_ASSERT_EQUAL(recv(b.libpq, &c, 1, 0), 1);
    CU_ASSERT_EQUAL(recv(b.server, &c, 1, 0), -1);
    CU_ASSERT_EQUAL(send(b.server, "a", 1, MSG_NOSIGNAL), 1);
    CU_ASSERT_EQUAL(pump_retry(b.pump, PUMP_TO_STREAM), PUMP_TO_STREAM);
    CU_ASSERT_EQUAL(recv(b.server, &c, 1, 0), 1);
    CU_ASSERT_EQUAL(recv(b.libpq, &c, 1, 0), -1);
    CU_ASSERT_EQUAL(turn(b.pump, 1000), PUMP_TO_LIBPQ); /* and what is not tried poll() finds */
    tear_down(&b);
}

/* The server closes behind `size` bytes, libpq having read none of them: it gets all, then the end. */
static void test_end_of_stream(void)
{
    for (size_t size = 0; size <= 1 << 20; size = size ? size * 32 : 1) {
        for (int hold = 0; hold < 2; hold++) {
            struct bench b = set_up();
            struct flow down = {.total = size, .salt = 5};
            b.stream->hold = hold;
            for (int i = 0; i < 1000 && down.sent < size; i++) {
                send_some(&down, b.server, 65536);
                (void)turn(b.pump, 0);
                if (i > 8) {
                    receive_some(&down, b.libpq, 65536);
                }
            }
            close_end(&b.server);
            int told = 0;
            for (int i = 0; i < 1000 && !down.ended; i++) {
                told |= turn(b.pump, 1);
                receive_some(&down, b.libpq, 1000);
            }
            for (int64_t end = aldb_now_ms() + 5000; !down.ended && aldb_now_ms() < end;) {
                told |= turn(b.pump, 0);
                receive_some(&down, b.libpq, 65536);
            }
            CU_ASSERT_TRUE(down.ended);
            CU_ASSERT_TRUE(told & PUMP_TO_LIBPQ);
            CU_ASSERT_EQUAL(down.got, size);
            CU_ASSERT_FALSE(down.wrong);
            CU_ASSERT_STRING_EQUAL(pump_error(b.pump), "");
            /* libpq may still write: no signal, no failure of the program. */
            CU_ASSERT_TRUE(send(b.libpq, "x", 1, MSG_NOSIGNAL) == 1);
            (void)turn(b.pump, 0);
            (void)turn(b.pump, 0);
            tear_down(&b);
        }
    }
}

/* libpq closes behind what it wrote last, Terminate for one: that arrives, whether the pump had seen it or not; what comes down then is thrown away. */
static void test_libpq_closes(void)
{
    for (int seen = 0; seen < 2; seen++) {
        for (int busy = 0; busy < 2; busy++) {
            struct bench b = set_up();
            struct flow up = {.total = 100000, .salt = 6};
            struct flow down = {.total = (size_t)1 << 20, .salt = 7};
            for (int i = 0; busy && i < 20; i++) {
                send_some(&down, b.server, 65536);
                (void)turn(b.pump, 0);
            }
            up.total = 0;
            for (ssize_t n; up.total < 100000; up.total += (size_t)n) {
                struct flow one = {.total = 100000, .sent = up.total, .salt = 6};
                send_some(&one, b.libpq, 1000);
                n = (ssize_t)(one.sent - up.total);
                if (n == 0) {
                    break;
                }
            }
            CU_ASSERT_TRUE(up.total > 0);
            if (seen) {
                (void)turn(b.pump, 0);
            }
            close_end(&b.libpq);
            if (seen) {
                (void)turn(b.pump, 0);
                (void)turn(b.pump, 0);
            }
            int closed = st_closed;
            int64_t start = aldb_now_ms();
            pump_close(b.pump, 500);
            CU_ASSERT_EQUAL(st_closed, closed + 1);
            CU_ASSERT_TRUE(aldb_now_ms() - start < 15000);
            for (int i = 0; i < 1000 && !up.ended; i++) {
                receive_some(&up, b.server, 65536);
            }
            CU_ASSERT_EQUAL(up.got, up.total);
            CU_ASSERT_FALSE(up.wrong);
            close_end(&b.server);
        }
    }
}

/* A server that reads nothing any more does not hold up the farewell. */
static void test_close_is_bounded(void)
{
    struct bench b = set_up();
    struct flow up = {.total = (size_t)8 << 20};
    for (int i = 0; i < 100; i++) {
        send_some(&up, b.libpq, 65536);
        (void)turn(b.pump, 0);
    }
    CU_ASSERT_TRUE(up.sent < up.total);
    close_end(&b.libpq);
    int64_t start = aldb_now_ms();
    pump_close(b.pump, 100);
    int64_t took = aldb_now_ms() - start;
    CU_ASSERT_TRUE(took >= 100 && took < 15000);
    close_end(&b.server);
}

/* The stream fails: libpq gets what was read before, then the end; why is kept. */
static void test_failure(void)
{
    for (int how = 0; how < 3; how++) {
        struct bench b = set_up();
        struct flow down = {.total = 50000, .salt = 8};
        send_some(&down, b.server, 50000);
        if (how == 0) {
            (void)turn(b.pump, 0);
            (void)turn(b.pump, 0);
            b.stream->read_fails = true;
            (void)send(b.server, "!", 1, MSG_NOSIGNAL);
        } else {
            /* The server's last words are still there to be read; `how` 2: its end, too. */
            b.stream->write_fails = true;
            CU_ASSERT_EQUAL(send(b.libpq, "question", 8, MSG_NOSIGNAL), 8);
            if (how == 2) {
                close_end(&b.server);
            }
        }
        for (int i = 0; i < 100 && !down.ended; i++) {
            (void)turn(b.pump, 1);
            receive_some(&down, b.libpq, 65536);
        }
        CU_ASSERT_TRUE(down.ended);
        CU_ASSERT_EQUAL(down.got, down.sent);
        CU_ASSERT_FALSE(down.wrong);
        CU_ASSERT_STRING_EQUAL(pump_error(b.pump), how == 0 ? "the test's stream cannot be read" : "the test's stream cannot be written");
        /* libpq does not know yet: what it writes goes nowhere and blocks nobody. */
        struct flow up = {.total = (size_t)2 << 20};
        for (int i = 0; i < 1000 && how > 0 && up.sent < up.total; i++) {
            send_some(&up, b.libpq, 65536);
            (void)turn(b.pump, 0);
        }
        CU_ASSERT_TRUE(how == 0 || up.sent == up.total);
        tear_down(&b);
    }
}

static void test_abandon(void)
{
    struct bench b = set_up();
    CU_ASSERT_EQUAL(send(b.libpq, "unsaid", 6, MSG_NOSIGNAL), 6);
    int abandoned = st_abandoned;
    pump_abandon(b.pump);
    pump_abandon(NULL);
    pump_close(NULL, 1);
    char c;
    CU_ASSERT_EQUAL(st_abandoned, abandoned + 1);
    CU_ASSERT_EQUAL(recv(b.server, &c, 1, 0), 0);
    close_end(&b.libpq);
    close_end(&b.server);
}

/* ------------------------------------------------------------------ BackendKeyData */

/* A message of `len` bytes of body, each one `fill`. */
static size_t message(unsigned char *at, char type, uint32_t len, unsigned char fill)
{
    at[0] = (unsigned char)type;
    aldb_store_be32(at + 1, len + 4);
    memset(at + 5, fill, len);
    return 5 + len;
}

static void feed(struct bench *b, const unsigned char *data, size_t len, size_t piece)
{
    char sink[4096];
    b->stream->piece = piece;
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        CU_ASSERT_EQUAL(send(b->server, data + at, n, MSG_NOSIGNAL), (ssize_t)n);
        (void)turn(b->pump, 1);
        (void)!recv(b->libpq, sink, sizeof sink, 0);
    }
}

static void test_key(void)
{
    static const uint32_t keys[] = {4, 32, PUMP_KEY_MAX};
    unsigned char text[2048];
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        for (size_t piece = 1; piece < 600; piece = piece < 12 ? piece + 1 : piece * 3) {
            struct bench b = set_up();
            size_t len = message(text, 'R', 4, 0);
            len += message(text + len, 'S', 700, 'K'); /* looks like one inside */
            size_t at = len + 5;
            len += message(text + len, 'K', 4 + keys[k], 0xab);
            aldb_store_be32(text + at, 0x01020304);
            len += message(text + len, 'Z', 1, 'I');
            size_t first = len;
            len += message(text + len, 'K', 8, 0xee); /* after the start-up: somebody's data */
            feed(&b, text, first, piece);
            feed(&b, text + first, len - first, piece);
            const struct pump_key *key = pump_key(b.pump);
            CU_ASSERT_TRUE(key->known);
            CU_ASSERT_EQUAL(key->key_len, keys[k]);
            CU_ASSERT_EQUAL(memcmp(key->pid, "\1\2\3\4", 4), 0);
            for (size_t i = 0; i < key->key_len; i++) {
                CU_ASSERT_EQUAL(key->key[i], 0xab);
            }
            tear_down(&b);
        }
    }
}

/* No key, or what is none: the start-up ends without one, and the bytes pass all the same. */
static void test_no_key(void)
{
    static const struct {
        char type;
        uint32_t len;
    } cases[] = {{'Z', 1}, {'K', 4}, {'K', 0}, {'K', 4 + PUMP_KEY_MAX + 1}};
    unsigned char text[2048];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b = set_up();
        size_t len = message(text, 'R', 4, 0);
        len += message(text + len, cases[i].type, cases[i].len, 1);
        len += message(text + len, 'K', 8, 2);
        feed(&b, text, len, 64);
        CU_ASSERT_FALSE(pump_key(b.pump)->known);
        tear_down(&b);
    }
    static const char foreign[] = "R\0\0\0\1HTTP/1.1 400 Bad Request\r\n\r\nK\0\0\0\14abcdefgh";
    struct bench b = set_up();
    feed(&b, (const unsigned char *)foreign, sizeof foreign - 1, 7);
    CU_ASSERT_FALSE(pump_key(b.pump)->known);
    tear_down(&b);
}

int main(void)
{
    CU_TestInfo moving[] = {
        {"30 MB up and 90 MB down at once", test_volume},
        {"directions are independent", test_independent},
        {"nothing spins", test_no_spinning},
        {"pieces of all sizes", test_pieces},
        {"whole pieces of a flood", test_whole_pieces},
        {"one side at a time", test_retry_one_side},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo ends[] = {
        {"of the stream", test_end_of_stream},
        {"of libpq", test_libpq_closes},
        {"in time", test_close_is_bounded},
        {"by failure", test_failure},
        {"in a child", test_abandon},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo key[] = {
        {"BackendKeyData", test_key},
        {"none", test_no_key},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"moving", NULL, NULL, NULL, NULL, moving},
        {"ends", NULL, NULL, NULL, NULL, ends},
        {"start-up", NULL, NULL, NULL, NULL, key},
        CU_SUITE_INFO_NULL,
    };
    alarm(3500);
    signal(SIGPIPE, SIG_DFL); /* the pump must not raise it */
    return run_suites(suites);
}
