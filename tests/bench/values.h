/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One number for all values of a result, the same however they were fetched: each value as characters in one form, a hash of each row, and the sum of those, so that
 * the order of the rows does not matter.
 */
#ifndef BENCH_VALUES_H
#define BENCH_VALUES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum value_kind { VALUE_TEXT, VALUE_BOOL, VALUE_REAL, VALUE_MOMENT };

struct values {
    uint64_t row, sum;
};

static inline void value_bytes(struct values *v, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        v->row = (v->row ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    }
    v->row = (v->row ^ 0x1ff) * 0x100000001b3u; /* its end */
}

static inline void value_null(struct values *v)
{
    v->row = (v->row ^ 0x2ff) * 0x100000001b3u;
}

static inline void value_real(struct values *v, double x)
{
    char text[40];
    value_bytes(v, text, (size_t)snprintf(text, sizeof text, "%.17g", x));
}

/* Date, or date and time with nanoseconds. */
static inline void value_moment(struct values *v, int year, int month, int day, const int time[3], long nanoseconds)
{
    char text[64];
    int len = snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    if (time != NULL) {
        len += snprintf(text + len, sizeof text - (size_t)len, " %02d:%02d:%02d.%09ld", time[0], time[1], time[2], nanoseconds);
    }
    value_bytes(v, text, (size_t)len);
}

/* What came as characters, of either driver or of the server's (ISO dates). */
static inline void value_text(struct values *v, enum value_kind kind, const char *text, size_t len)
{
    char copy[64];
    if (kind == VALUE_TEXT || len >= sizeof copy) {
        value_bytes(v, text, len);
        return;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (kind == VALUE_BOOL) {
        value_bytes(v, copy[0] == 't' || copy[0] == '1' ? "1" : "0", 1);
    } else if (kind == VALUE_REAL) {
        value_real(v, strtod(copy, NULL));
    } else {
        int year = 0, month = 0, day = 0, time[3] = {0};
        char fraction[10] = "000000000";
        int fields = sscanf(copy, "%d-%d-%d %d:%d:%d.%9[0-9]", &year, &month, &day, &time[0], &time[1], &time[2], fraction);
        for (size_t i = strlen(fraction); i < 9; i++) {
            fraction[i] = '0';
        }
        value_moment(v, year, month, day, fields > 3 ? time : NULL, strtol(fraction, NULL, 10));
    }
}

static inline void value_row(struct values *v)
{
    v->sum += v->row;
    v->row = 0xcbf29ce484222325u;
}

static inline struct values values_new(void)
{
    return (struct values){.row = 0xcbf29ce484222325u};
}

#endif
