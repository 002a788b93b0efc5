/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf.h"
#include "setup/command/terminal.h"

#define BAR_COLUMNS 24
#define LINE_MAX_BYTES 512
#define SPEED_FROM_MS 500.0 /* a rate of less says nothing */

static struct {
    pthread_mutex_t lock; /* of drawing */
    bool shown, drawn;
    double began;
    uint64_t total;
    atomic_uint_fast64_t rows, bytes;
} self = {.lock = PTHREAD_MUTEX_INITIALIZER};

void aldb_add_count(struct aldb_buf *out, uint64_t count)
{
    char digits[21];
    size_t n = aldb_format_u64(digits, count);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            aldb_buf_add_char(out, ',');
        }
        aldb_buf_add_char(out, digits[i]);
    }
}

void aldb_add_bytes(struct aldb_buf *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < ALDB_COUNT(units)) {
        bytes /= 1000;
        unit++;
    }
    aldb_buf_addf(out, "%.*f %s", unit > 0 && bytes < 99.95 ? 1 : 0, bytes, units[unit]);
}

void aldb_add_duration(struct aldb_buf *out, double seconds)
{
    uint64_t s = seconds > 0 ? (uint64_t)(seconds + 0.5) : 0;
    if (s >= 3600) {
        aldb_buf_addf(out, "%llu:%02u:%02u", (unsigned long long)(s / 3600), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
    } else {
        aldb_buf_addf(out, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
    }
}

bool aldb_progress_begin(uint64_t total, bool quiet, int data)
{
    (void)pthread_mutex_lock(&self.lock);
    self.shown = !quiet && aldb_terminal_width(stderr) > 0 && (data < 0 || !isatty(data));
    self.drawn = false;
    self.began = aldb_clock_ms();
    self.total = total;
    atomic_store(&self.rows, 0);
    atomic_store(&self.bytes, 0);
    bool shown = self.shown;
    (void)pthread_mutex_unlock(&self.lock);
    return shown;
}

void aldb_progress_at(uint64_t rows, uint64_t bytes)
{
    atomic_store_explicit(&self.rows, rows, memory_order_relaxed);
    atomic_store_explicit(&self.bytes, bytes, memory_order_relaxed);
}

/* With the lock. */
static void erase(void)
{
    if (self.drawn) {
        const char *term = getenv("TERM");
        if (term == NULL || strcmp(term, "dumb") == 0) {
            unsigned width = aldb_terminal_width(stderr);
            (void)fprintf(stderr, "\r%*s\r", (int)(width > 1 ? width - 1 : 0), "");
        } else {
            (void)fputs("\r\033[K", stderr);
        }
        (void)fflush(stderr);
        self.drawn = false;
    }
}

static void add_bar(struct aldb_buf *line, double part)
{
    bool utf8 = aldb_shows_utf8();
    unsigned full = (unsigned)(part * BAR_COLUMNS);
    for (unsigned i = 0; i < BAR_COLUMNS; i++) {
        aldb_buf_add_str(line, i < full ? utf8 ? "█" : "#" : utf8 ? "░" : ".");
    }
    aldb_buf_addf(line, " %3.0f%%  ", part * 100);
}

/* `wide`: with the bar. Every character takes one column. */
static void compose(struct aldb_buf *line, bool wide)
{
    uint64_t rows = atomic_load(&self.rows), bytes = atomic_load(&self.bytes);
    double elapsed = aldb_clock_ms() - self.began, part = self.total > 0 ? (double)bytes / (double)self.total : 0;
    part = part > 1 ? 1 : part;
    if (self.total > 0 && wide) {
        add_bar(line, part);
    } else if (self.total > 0) {
        aldb_buf_addf(line, "%3.0f%%  ", part * 100);
    }
    aldb_add_count(line, rows);
    aldb_buf_add_str(line, rows == 1 ? " row  " : " rows  ");
    aldb_add_bytes(line, (double)bytes);
    if (self.total > 0) {
        aldb_buf_add_str(line, " of ");
        aldb_add_bytes(line, (double)self.total);
    }
    if (elapsed >= SPEED_FROM_MS) {
        aldb_buf_add_str(line, "  ");
        if (self.total > 0) {
            aldb_add_bytes(line, (double)bytes / elapsed * 1e3);
            aldb_buf_add_str(line, "/s");
        } else {
            aldb_add_count(line, (uint64_t)((double)rows / elapsed * 1e3));
            aldb_buf_add_str(line, " rows/s");
        }
    }
    aldb_buf_add_str(line, "  ");
    if (self.total > 0 && elapsed >= SPEED_FROM_MS && bytes > 0) {
        aldb_add_duration(line, elapsed / 1e3 * (1 - part) / part);
        aldb_buf_add_str(line, " left");
    } else {
        aldb_add_duration(line, elapsed / 1e3);
    }
}

void aldb_progress_draw(void)
{
    struct aldb_buf line;
    aldb_buf_init(&line, LINE_MAX_BYTES);
    (void)pthread_mutex_lock(&self.lock);
    if (self.shown) {
        unsigned width = aldb_terminal_width(stderr);
        compose(&line, true);
        if (aldb_utf8_chars(aldb_buf_cstr(&line), line.len) >= width) {
            aldb_buf_reset(&line);
            compose(&line, false);
        }
        if (aldb_buf_ok(&line) && aldb_utf8_chars(line.data, line.len) < width) { /* else there is no room for it */
            erase();
            (void)fputs(line.data, stderr);
            (void)fflush(stderr);
            self.drawn = true;
        }
    }
    (void)pthread_mutex_unlock(&self.lock);
    aldb_buf_clear(&line);
}

void aldb_progress_hide(void)
{
    (void)pthread_mutex_lock(&self.lock);
    erase();
    (void)pthread_mutex_unlock(&self.lock);
}

void aldb_progress_end(void)
{
    (void)pthread_mutex_lock(&self.lock);
    erase();
    self.shown = false;
    (void)pthread_mutex_unlock(&self.lock);
}
