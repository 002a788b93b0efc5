/* SPDX-License-Identifier: Apache-2.0 */
#include "relay.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

static struct {
    int listener;
    int delay_ms;
    in_port_t port;
    pthread_t thread;
    atomic_int turns;
    atomic_int open; /* connections */
} relay;

static int server_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((in_port_t)atoi(fact("PORT")))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void carry(int client, int server)
{
    char buffer[16384];
    struct pollfd fds[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    bool server_spoke = true;
    while (poll(fds, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents == 0) {
                continue;
            }
            ssize_t got = read(fds[i].fd, buffer, sizeof buffer);
            if (got <= 0) {
                return;
            }
            if (i == 0 && server_spoke) {
                atomic_fetch_add(&relay.turns, 1);
            }
            if (i == 1 && !server_spoke) {
                pause_ms(relay.delay_ms);
            }
            server_spoke = i == 1;
            for (ssize_t sent = 0; sent < got;) {
                ssize_t n = send(fds[1 - i].fd, buffer + sent, (size_t)(got - sent), MSG_NOSIGNAL);
                if (n <= 0) {
                    return;
                }
                sent += n;
            }
        }
    }
}

static void *run_connection(void *fd)
{
    int client = (int)(intptr_t)fd;
    int server = server_socket();
    if (server >= 0) {
        carry(client, server);
        close(server);
    }
    close(client);
    atomic_fetch_sub(&relay.open, 1);
    return NULL;
}

static void *run_relay(void *unused)
{
    (void)unused;
    intptr_t client;
    while ((client = accept(relay.listener, NULL, NULL)) >= 0) {
        pthread_t thread;
        atomic_fetch_add(&relay.open, 1);
        if (pthread_create(&thread, NULL, run_connection, (void *)client) != 0) {
            abort();
        }
        pthread_detach(thread);
    }
    return NULL;
}

bool relay_start(int delay_ms)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    relay.delay_ms = delay_ms;
    relay.listener = socket(AF_INET, SOCK_STREAM, 0);
    bool up = bind(relay.listener, (struct sockaddr *)&address, size) == 0 && listen(relay.listener, 8) == 0 &&
              getsockname(relay.listener, (struct sockaddr *)&address, &size) == 0 && pthread_create(&relay.thread, NULL, run_relay, NULL) == 0;
    relay.port = ntohs(address.sin_port);
    return up;
}

int relay_port(void)
{
    return relay.port;
}

int relay_turns(void)
{
    return atomic_load(&relay.turns);
}

void relay_stop(void)
{
    shutdown(relay.listener, SHUT_RDWR);
    pthread_join(relay.thread, NULL);
    while (atomic_load(&relay.open) > 0) {
        pause_ms(1);
    }
    close(relay.listener);
}
