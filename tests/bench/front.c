/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front of an AlloyDB instance, for measuring only: what the emulator's front does, without its checks, and without Python's time. A thread a connection.
 * Usage: front IDENTITY AUTHORITY SOCKET ADDRESS PORT PLAIN-PORT
 * IDENTITY: PEM of certificate, chain and key; AUTHORITY: PEM that client certificates are checked against; SOCKET: PostgreSQL's. On PORT: TLS 1.3 with a client
 * certificate, the exchange (any request is let in), then PostgreSQL. On PLAIN-PORT: TLS 1.3 as PostgreSQL itself offers it, after an SSLRequest, by the same
 * relay. Ends when its standard input ends.
 *
 * The relay blocks while one side does not read: whoever sends much must read meanwhile, as clients that measure a fetch do.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, REQUEST_MAX = 16 * 1024 };

static struct sockaddr_un server;

struct port {
    SSL_CTX *settings;
    bool exchange;
    int listener;
};

struct connection {
    const struct port *port;
    int fd;
};

static void die(const char *what)
{
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

static bool read_all(SSL *ssl, unsigned char *data, size_t size)
{
    size_t n;
    for (; size > 0; data += n, size -= n) {
        if (SSL_read_ex(ssl, data, size, &n) != 1) {
            return false;
        }
    }
    return true;
}

static bool answer_exchange(SSL *ssl)
{
    static const unsigned char good[] = {0, 0, 0, 2, 0x08, 0x01};
    unsigned char request[REQUEST_MAX];
    size_t n;
    if (!read_all(ssl, request, 4)) {
        return false;
    }
    size_t size = (size_t)request[0] << 24 | (size_t)request[1] << 16 | (size_t)request[2] << 8 | request[3];
    return size <= sizeof request && read_all(ssl, request, size) && SSL_write_ex(ssl, good, sizeof good, &n) == 1;
}

/* SSLRequest: its 8 bytes are not looked at. */
static bool answer_ssl_request(int fd)
{
    unsigned char request[8];
    return recv(fd, request, sizeof request, MSG_WAITALL) == (ssize_t)sizeof request && send(fd, "S", 1, 0) == 1;
}

static bool send_all(int fd, const unsigned char *data, size_t size)
{
    ssize_t n;
    for (; size > 0; data += n, size -= (size_t)n) {
        n = send(fd, data, size, 0);
        if (n <= 0) {
            return false;
        }
    }
    return true;
}

static void relay(SSL *ssl, int fd, unsigned char *data)
{
    size_t n;
    struct pollfd fds[2] = {{.fd = SSL_get_fd(ssl), .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    while (poll(fds, 2, -1) > 0) {
        if (fds[1].revents) {
            ssize_t got = recv(fd, data, CHUNK, 0);
            if (got <= 0 || SSL_write_ex(ssl, data, (size_t)got, &n) != 1) {
                return;
            }
        }
        if (fds[0].revents) {
            do {
                if (SSL_read_ex(ssl, data, CHUNK, &n) != 1 || !send_all(fd, data, n)) {
                    return;
                }
            } while (SSL_pending(ssl) > 0);
        }
    }
}

static void *serve(void *argument)
{
    struct connection *c = argument;
    const int one = 1;
    SSL *ssl = SSL_new(c->port->settings);
    unsigned char *data = malloc(CHUNK);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (ssl && data && fd >= 0 && SSL_set_fd(ssl, c->fd) == 1 && (c->port->exchange || answer_ssl_request(c->fd)) && SSL_accept(ssl) == 1 &&
        (!c->port->exchange || answer_exchange(ssl)) && connect(fd, (struct sockaddr *)&server, sizeof server) == 0) {
        relay(ssl, fd, data);
        (void)SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    (void)close(fd);
    (void)close(c->fd);
    free(data);
    free(c);
    return NULL;
}

static void *accept_all(void *argument)
{
    const struct port *port = argument;
    int fd;
    while ((fd = accept(port->listener, NULL, NULL)) >= 0) {
        pthread_t thread;
        struct connection *c = malloc(sizeof *c);
        if (c == NULL) {
            die("malloc");
        }
        *c = (struct connection){.port = port, .fd = fd};
        if (pthread_create(&thread, NULL, serve, c) != 0) {
            die("pthread_create");
        }
        (void)pthread_detach(thread);
    }
    die("accept");
    return NULL;
}

static void open_port(struct port *port, const char *identity, const char *authority, const char *address, const char *number)
{
    const int one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(number, NULL, 10))};
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    if (c == NULL || SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) != 1 || SSL_CTX_use_certificate_chain_file(c, identity) != 1 ||
        SSL_CTX_use_PrivateKey_file(c, identity, SSL_FILETYPE_PEM) != 1 || SSL_CTX_load_verify_locations(c, authority, NULL) != 1) {
        die("certificates");
    }
    (void)SSL_CTX_set_num_tickets(c, 0);
    SSL_CTX_set_verify(c, port->exchange ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, NULL);
    port->settings = c;
    port->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || setsockopt(port->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(port->listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(port->listener, 64) != 0) {
        die("listen");
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, accept_all, port) != 0) {
        die("pthread_create");
    }
}

int main(int argc, char **argv)
{
    static struct port ports[] = {{.exchange = true}, {.exchange = false}};
    char byte;
    if (argc != 7 || strlen(argv[3]) >= sizeof server.sun_path) {
        fprintf(stderr, "usage: %s IDENTITY AUTHORITY SOCKET ADDRESS PORT PLAIN-PORT\n", argv[0]);
        return EXIT_FAILURE;
    }
    server.sun_family = AF_UNIX;
    memcpy(server.sun_path, argv[3], strlen(argv[3]));
    (void)signal(SIGPIPE, SIG_IGN);
    open_port(&ports[0], argv[1], argv[2], argv[4], argv[5]);
    open_port(&ports[1], argv[1], argv[2], argv[4], argv[6]);
    printf("ready\n");
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return EXIT_SUCCESS;
}
