/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/be.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/tzrule.h"

#define FILE_MAX (1u << 20) /* real ones have less than 4 kB */
#define OFFSET_MAX (26 * 3600)

struct aldb_zone {
    _Atomic unsigned refs;
    size_t n;         /* changes */
    int64_t *at;      /* when, ascending */
    int32_t *offset;  /* from then on */
    int32_t earlier;  /* before the first change */
    bool has_rule;    /* from the last change on, or always when there is none */
    struct aldb_tzrule rule;
};

/* RFC 8536, 3.1 */
struct header {
    unsigned char version;
    uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

static bool read_header(struct aldb_cursor *c, struct header *h)
{
    const unsigned char *p = aldb_cursor_take(c, 20);
    if (p == NULL || memcmp(p, "TZif", 4) != 0) {
        return false;
    }
    h->version = p[4];
    h->isutcnt = aldb_cursor_be32(c);
    h->isstdcnt = aldb_cursor_be32(c);
    h->leapcnt = aldb_cursor_be32(c);
    h->timecnt = aldb_cursor_be32(c);
    h->typecnt = aldb_cursor_be32(c);
    h->charcnt = aldb_cursor_be32(c);
    uint32_t counts[] = {h->isutcnt, h->isstdcnt, h->leapcnt, h->timecnt, h->typecnt, h->charcnt};
    for (size_t i = 0; i < ALDB_COUNT(counts); i++) {
        if (counts[i] > FILE_MAX) {
            return false;
        }
    }
    return !c->bad && h->typecnt > 0 && h->typecnt <= 256;
}

/* Everything after times and types; lengths cannot overflow, read_header bounded the counts. */
static size_t tail_size(const struct header *h, size_t time_size)
{
    return h->charcnt + h->leapcnt * (time_size + 4) + h->isstdcnt + h->isutcnt;
}

static bool read_block(struct aldb_cursor *c, const struct header *h, size_t time_size, struct aldb_zone *z)
{
    const unsigned char *times = aldb_cursor_take(c, h->timecnt * time_size);
    const unsigned char *indexes = aldb_cursor_take(c, h->timecnt);
    const unsigned char *types = aldb_cursor_take(c, (size_t)h->typecnt * 6);
    (void)aldb_cursor_take(c, tail_size(h, time_size));
    if (c->bad) {
        return false;
    }
    z->at = aldb_alloc_array(h->timecnt, sizeof *z->at);
    z->offset = aldb_alloc_array(h->timecnt, sizeof *z->offset);
    if (z->at == NULL || z->offset == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < h->typecnt; i++) {
        int32_t offset = (int32_t)aldb_load_be32(types + i * 6);
        if (offset < -OFFSET_MAX || offset > OFFSET_MAX) {
            return false;
        }
    }
    z->earlier = (int32_t)aldb_load_be32(types);
    z->n = h->timecnt;
    for (uint32_t i = 0; i < h->timecnt; i++) {
        const unsigned char *time = times + i * time_size;
        z->at[i] = time_size == 8 ? (int64_t)aldb_load_be64(time) : (int32_t)aldb_load_be32(time);
        if (indexes[i] >= h->typecnt || (i > 0 && z->at[i] <= z->at[i - 1])) {
            return false;
        }
        z->offset[i] = (int32_t)aldb_load_be32(types + indexes[i] * 6u);
    }
    return true;
}

/* "\nTZ string\n"; an empty string says nothing. */
static bool read_footer(struct aldb_cursor *c, struct aldb_zone *z)
{
    if (c->left < 2 || c->p[0] != '\n') {
        return false;
    }
    const char *text = (const char *)c->p + 1;
    const char *end = memchr(text, '\n', c->left - 1);
    if (end == NULL) {
        return false;
    }
    z->has_rule = end > text;
    return !z->has_rule || aldb_tzrule_parse(aldb_slice(text, (size_t)(end - text)), &z->rule);
}

static bool read_tzif(struct aldb_cursor *c, struct aldb_zone *z)
{
    struct header h;
    if (!read_header(c, &h)) {
        return false;
    }
    if (h.version == 0) {
        return read_block(c, &h, 4, z);
    }
    /* The first block serves readers of version 1; the same in 64 bits follows. */
    (void)aldb_cursor_take(c, h.timecnt * (size_t)5 + h.typecnt * (size_t)6 + tail_size(&h, 4));
    return read_header(c, &h) && read_block(c, &h, 8, z) && read_footer(c, z);
}

static struct aldb_zone *zone_new(void)
{
    struct aldb_zone *z = aldb_alloc(sizeof *z);
    if (z) {
        atomic_init(&z->refs, 1);
    }
    return z;
}

struct aldb_zone *aldb_zone_parse(const void *tzif, size_t len)
{
    struct aldb_zone *z = zone_new();
    struct aldb_cursor c = aldb_cursor(tzif, len);
    if (z && !read_tzif(&c, z)) {
        aldb_zone_release(z);
        return NULL;
    }
    return z;
}

static bool read_all(int fd, struct aldb_buf *b)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
        return false;
    }
    for (;;) {
        char *to = aldb_buf_reserve(b, 4096);
        if (to == NULL) {
            return false;
        }
        ssize_t got = read(fd, to, 4096);
        if (got == 0) {
            return true;
        }
        if (got > 0) {
            aldb_buf_commit(b, (size_t)got);
        } else if (errno != EINTR) {
            return false;
        }
    }
}

/* Letters, digits, '_', '+', '-', '/' only: no dots, so no way up; not absolute. */
static bool is_safe_name(struct aldb_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!aldb_is_alpha(c) && !aldb_is_digit(c) && strchr("_+-/", c) == NULL) {
            return false;
        }
    }
    return name.len > 0 && name.len < 128 && name.ptr[0] != '/';
}

static int open_zone(const char *name)
{
    static const char *const roots[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"};
    for (size_t i = 0; i < ALDB_COUNT(roots); i++) {
        char path[256];
        int n = snprintf(path, sizeof path, "%s/%s", roots[i], name);
        int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
        if (fd >= 0) {
            return fd;
        }
    }
    return -1;
}

static struct aldb_zone *load_file(const char *name)
{
    if (!is_safe_name(aldb_slice_of(name))) {
        return NULL;
    }
    int fd = open_zone(name);
    if (fd < 0) {
        return NULL;
    }
    struct aldb_buf b;
    aldb_buf_init(&b, FILE_MAX + 4096);
    struct aldb_zone *z = read_all(fd, &b) ? aldb_zone_parse(b.data, b.len) : NULL;
    (void)close(fd);
    aldb_buf_clear(&b);
    return z;
}

static struct aldb_zone *zone_of_rule(struct aldb_tzrule rule)
{
    struct aldb_zone *z = zone_new();
    if (z) {
        z->has_rule = true;
        z->rule = rule;
    }
    return z;
}

/* "+02", "-3", "+05:30": east of UTC, as in SET TIME ZONE; read as a POSIX string, which counts westwards. */
static bool parse_number(const char *name, struct aldb_tzrule *rule)
{
    char posix[32];
    if ((name[0] != '+' && name[0] != '-') || strlen(name) > 9) {
        return false;
    }
    (void)snprintf(posix, sizeof posix, "UTC%s", name);
    if (!aldb_tzrule_parse(aldb_slice_of(posix), rule) || rule->has_dst) {
        return false;
    }
    rule->std = -rule->std;
    return true;
}

/* UTC by all its names and Etc/GMT+5 (which is west, as POSIX has it): known without zoneinfo. */
static bool parse_utc(const char *name, struct aldb_tzrule *rule)
{
    static const char *const names[] = {"UTC", "GMT", "UCT", "Zulu", "Universal", "Greenwich", "GMT0", "GMT+0", "GMT-0"};
    bool etc = strncmp(name, "Etc/", 4) == 0;
    const char *bare = etc ? name + 4 : name;
    *rule = (struct aldb_tzrule){0};
    for (size_t i = 0; i < ALDB_COUNT(names); i++) {
        if (strcmp(bare, names[i]) == 0) {
            return true;
        }
    }
    int64_t west;
    if (etc && strncmp(bare, "GMT", 3) == 0 && (bare[3] == '+' || bare[3] == '-') && strlen(bare) <= 6 &&
        aldb_is_digit(bare[4]) && aldb_parse_i64(aldb_slice_of(bare + 3), &west) && west >= -14 && west <= 12) {
        rule->std = (int32_t)-west * 3600;
        return true;
    }
    return false;
}

struct aldb_zone *aldb_zone_load(const char *pg_timezone)
{
    struct aldb_tzrule rule;
    if (pg_timezone == NULL) {
        return NULL;
    }
    if (parse_utc(pg_timezone, &rule)) {
        return zone_of_rule(rule);
    }
    /* Files before POSIX strings, as PostgreSQL does: a zone's name may look like one (EST5EDT). */
    struct aldb_zone *z = load_file(pg_timezone);
    if (z == NULL && (parse_number(pg_timezone, &rule) || aldb_tzrule_parse(aldb_slice_of(pg_timezone), &rule))) {
        z = zone_of_rule(rule);
    }
    return z;
}

struct aldb_zone *aldb_zone_ref(struct aldb_zone *z)
{
    if (z) {
        atomic_fetch_add(&z->refs, 1);
    }
    return z;
}

void aldb_zone_release(struct aldb_zone *z)
{
    if (z && atomic_fetch_sub(&z->refs, 1) == 1) {
        aldb_free(z->at);
        aldb_free(z->offset);
        aldb_free(z);
    }
}

int32_t aldb_zone_offset(const struct aldb_zone *z, int64_t unix_seconds)
{
    if (z->has_rule && (z->n == 0 || unix_seconds >= z->at[z->n - 1])) {
        return aldb_tzrule_offset(&z->rule, unix_seconds);
    }
    size_t low = 0; /* number of changes at or before the instant */
    size_t high = z->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= unix_seconds) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? z->earlier : z->offset[low - 1];
}
