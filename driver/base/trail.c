/* SPDX-License-Identifier: Apache-2.0 */
#include "base/trail.h"

#include <string.h>
#include <time.h>

#define MAX_BYTES ((size_t)64 << 10) /* hosts that are tried one after the other leave some lines each; later ones are left out */

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void aldb_trail_init(struct aldb_trail *t)
{
    *t = (struct aldb_trail){0};
    aldb_buf_init(&t->text, MAX_BYTES);
}

void aldb_trail_clear(struct aldb_trail *t)
{
    aldb_buf_clear(&t->text);
    t->stage = NULL;
}

void aldb_trail_reset(struct aldb_trail *t)
{
    if (t) {
        aldb_buf_reset(&t->text);
        t->stage = NULL;
    }
}

void aldb_trail_begin(struct aldb_trail *t, const char *stage)
{
    if (t) {
        t->stage = stage;
        t->began_us = now_us();
    }
}

static void begin_line(struct aldb_trail *t, const char *how)
{
    int64_t us = now_us() - t->began_us;
    aldb_buf_addf(&t->text, "%s\t%s\t%lld.%03d\t", t->stage, how, (long long)(us / 1000), (int)(us % 1000));
    t->stage = NULL;
}

/* Of a line that there was no room for, nothing stays. */
static void end_line(struct aldb_trail *t, size_t start)
{
    aldb_buf_add_char(&t->text, '\n');
    if (!aldb_buf_ok(&t->text) && t->text.data) {
        t->text.len = start;
        t->text.data[start] = '\0';
    }
}

void aldb_trail_end(struct aldb_trail *t, const char *format, ...)
{
    if (t == NULL || t->stage == NULL) {
        return;
    }
    size_t start = t->text.len;
    begin_line(t, "done");
    size_t fact = t->text.len;
    va_list ap;
    va_start(ap, format);
    aldb_buf_vaddf(&t->text, format, ap);
    va_end(ap);
    for (size_t i = fact; i < t->text.len; i++) {
        if ((unsigned char)t->text.data[i] < ' ') {
            t->text.data[i] = ' ';
        }
    }
    end_line(t, start);
}

void aldb_trail_fail(struct aldb_trail *t)
{
    if (t && t->stage) {
        size_t start = t->text.len;
        begin_line(t, "failed");
        end_line(t, start);
    }
}

/* What is before `end`, which is taken off too; all of it without one. */
static struct aldb_slice cut(struct aldb_slice *text, char end)
{
    const char *at = memchr(text->ptr, end, text->len);
    struct aldb_slice part = aldb_slice(text->ptr, at ? (size_t)(at - text->ptr) : text->len);
    size_t taken = part.len + (at ? 1 : 0);
    *text = aldb_slice(text->ptr + taken, text->len - taken);
    return part;
}

bool aldb_trail_step(struct aldb_slice *text, struct aldb_trail_step *out)
{
    if (text->len == 0) {
        return false;
    }
    struct aldb_slice line = cut(text, '\n');
    out->stage = cut(&line, '\t');
    out->how = cut(&line, '\t');
    out->ms = cut(&line, '\t');
    out->fact = line;
    return out->ms.len > 0;
}
