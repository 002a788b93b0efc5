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
#define OFFSET_LIMIT (16 * 3600) /* all are less */

struct aldb_zone {
    _Atomic unsigned refs;
    size_t n;                     /* changes */
    int64_t *at;                  /* when, ascending */
    struct aldb_tzlocal *then;    /* from then on */
    struct aldb_tzlocal earlier;  /* before the first change */
    bool has_rule;                /* from the last change on, or always when there is none */
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

/* Everything after the abbreviations; lengths cannot overflow, read_header bounded the counts. */
static size_t tail_size(const struct header *h, size_t time_size)
{
    return h->leapcnt * (time_size + 4) + h->isstdcnt + h->isutcnt;
}

/* Offset, is-dst, where its abbreviation begins. */
static bool read_type(const unsigned char *type, const char *words, size_t words_len, struct aldb_tzlocal *out)
{
    out->offset = (int32_t)aldb_load_be32(type);
    size_t at = type[5];
    const char *end = at < words_len ? memchr(words + at, '\0', words_len - at) : NULL;
    if (end == NULL || out->offset <= -OFFSET_LIMIT || out->offset >= OFFSET_LIMIT) {
        return false;
    }
    (void)aldb_copy(out->word, sizeof out->word, aldb_slice(words + at, (size_t)(end - words) - at));
    return true;
}

static bool read_block(struct aldb_cursor *c, const struct header *h, size_t time_size, struct aldb_zone *z)
{
    const unsigned char *times = aldb_cursor_take(c, h->timecnt * time_size);
    const unsigned char *indexes = aldb_cursor_take(c, h->timecnt);
    const unsigned char *types = aldb_cursor_take(c, (size_t)h->typecnt * 6);
    const char *words = (const char *)aldb_cursor_take(c, h->charcnt);
    (void)aldb_cursor_take(c, tail_size(h, time_size));
    if (c->bad) {
        return false;
    }
    z->at = aldb_alloc_array(h->timecnt, sizeof *z->at);
    z->then = aldb_alloc_array(h->timecnt, sizeof *z->then);
    if (z->at == NULL || z->then == NULL) {
        return false;
    }
    for (uint32_t i = h->typecnt; i-- > 0;) { /* all of them are looked at, the first last */
        if (!read_type(types + i * 6, words, h->charcnt, &z->earlier)) {
            return false;
        }
    }
    z->n = h->timecnt;
    for (uint32_t i = 0; i < h->timecnt; i++) {
        const unsigned char *time = times + i * time_size;
        z->at[i] = time_size == 8 ? (int64_t)aldb_load_be64(time) : (int32_t)aldb_load_be32(time);
        if (indexes[i] >= h->typecnt || (i > 0 && z->at[i] <= z->at[i - 1]) ||
            !read_type(types + indexes[i] * 6u, words, h->charcnt, &z->then[i])) {
            return false;
        }
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
    (void)aldb_cursor_take(c, h.timecnt * (size_t)5 + h.typecnt * (size_t)6 + h.charcnt + tail_size(&h, 4));
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

/* The server's file of that name says where the server is. */
static bool is_local_name(const char *name)
{
    const char *last = strrchr(name, '/');
    last = last ? last + 1 : name;
    return strcmp(last, "localtime") == 0 || strcmp(last, "posixrules") == 0;
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
    if (!is_safe_name(aldb_slice_of(name)) || is_local_name(name)) {
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

/* UTC by its names: known without zoneinfo. */
static bool parse_utc(const char *name, struct aldb_tzrule *rule)
{
    static const struct {
        const char *name, *word;
    } names[] = {{"UTC", "UTC"}, {"UCT", "UTC"}, {"Zulu", "UTC"}, {"Universal", "UTC"}, {"GMT", "GMT"}, {"Greenwich", "GMT"}};
    const char *bare = strncmp(name, "Etc/", 4) == 0 ? name + 4 : name;
    *rule = (struct aldb_tzrule){.has_dst = false};
    for (size_t i = 0; i < ALDB_COUNT(names); i++) {
        if (strcmp(bare, names[i].name) == 0) {
            (void)aldb_copy(rule->std.word, sizeof rule->std.word, aldb_slice_of(names[i].word));
            return true;
        }
    }
    return false;
}

struct aldb_zone *aldb_zone_load(const char *pg_timezone)
{
    struct aldb_tzrule rule;
    if (pg_timezone == NULL) {
        return NULL;
    }
    /* Files before POSIX strings, as PostgreSQL does: a zone's name may look like one (EST5EDT). */
    struct aldb_zone *z = load_file(pg_timezone);
    if (z == NULL && (parse_utc(pg_timezone, &rule) || aldb_tzrule_parse(aldb_slice_of(pg_timezone), &rule))) {
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
        aldb_free(z->then);
        aldb_free(z);
    }
}

/* How many changes there are at or before the instant. */
static size_t count_changes(const struct aldb_zone *z, int64_t unix_seconds)
{
    size_t low = 0;
    size_t high = z->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= unix_seconds) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct aldb_tzlocal *after_changes(const struct aldb_zone *z, size_t count)
{
    return count == 0 ? &z->earlier : &z->then[count - 1];
}

static const struct aldb_tzlocal *local_at(const struct aldb_zone *z, int64_t unix_seconds)
{
    if (z->has_rule && (z->n == 0 || unix_seconds >= z->at[z->n - 1])) {
        return aldb_tzrule_at(&z->rule, unix_seconds);
    }
    return after_changes(z, count_changes(z, unix_seconds));
}

int32_t aldb_zone_offset(const struct aldb_zone *z, int64_t unix_seconds)
{
    return local_at(z, unix_seconds)->offset;
}

struct search {
    const struct aldb_zone *zone;
    int64_t local;
    struct aldb_slice word;
    int32_t offset;
    bool found, ambiguous;
};

/* Was it that local time there when it was `l`? */
static void consider(struct search *s, const struct aldb_tzlocal *l)
{
    const struct aldb_tzlocal *is = local_at(s->zone, s->local - l->offset);
    bool fits = is->offset == l->offset && strlen(is->word) == s->word.len && memcmp(is->word, s->word.ptr, s->word.len) == 0;
    s->ambiguous |= fits && s->found && l->offset != s->offset;
    if (fits) {
        s->found = true;
        s->offset = l->offset;
    }
}

bool aldb_zone_find(const struct aldb_zone *z, int64_t local_seconds, struct aldb_slice word, int32_t *offset)
{
    struct search s = {.zone = z, .local = local_seconds, .word = word};
    size_t last = count_changes(z, local_seconds + OFFSET_LIMIT);
    for (size_t i = count_changes(z, local_seconds - OFFSET_LIMIT); i <= last; i++) {
        consider(&s, after_changes(z, i));
    }
    if (z->has_rule) {
        consider(&s, &z->rule.std);
        consider(&s, z->rule.has_dst ? &z->rule.dst : &z->rule.std);
    }
    if (s.found && !s.ambiguous) {
        *offset = s.offset;
        return true;
    }
    return false;
}
