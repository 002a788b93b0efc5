/* SPDX-License-Identifier: Apache-2.0 */
#include "config/internal.h"
#include "log/log.h"

static const struct {
    const char *word;
    uint32_t mask;
} components[] = {
    {"API", ALDB_LOG_API},
    {"CONNECT", ALDB_LOG_CONNECT},
    {"SESSION", ALDB_LOG_SESSION},
    {"STMT", ALDB_LOG_STMT},
    {"GOOGLE", ALDB_LOG_GOOGLE},
    {"ALL", ALDB_LOG_ALL},
    {"CONNECTOR", ALDB_LOG_CONNECTOR},
};

static bool component_parse(struct aldb_slice word, uint32_t *mask)
{
    for (size_t i = 0; i < ALDB_COUNT(components); i++) {
        if (aldb_slice_is(word, components[i].word)) {
            *mask |= components[i].mask;
            return true;
        }
    }
    return false;
}

bool aldb_components_parse(struct aldb_slice text, uint32_t *mask)
{
    uint32_t found = 0;
    size_t at = 0;
    while (at < text.len) {
        const char *comma = memchr(text.ptr + at, ',', text.len - at);
        size_t end = comma != NULL ? (size_t)(comma - text.ptr) : text.len;
        if (!component_parse(aldb_slice_trim(aldb_slice(text.ptr + at, end - at)), &found)) {
            return false;
        }
        at = end + 1;
    }
    *mask = found != 0 ? found : ALDB_LOG_ALL;
    return true;
}

#define ASKED_MAX 500 /* bytes of one value in the log */

/* Without what would end the line. */
static void add_value(struct aldb_buf *b, struct aldb_slice value)
{
    for (size_t i = 0; i < value.len && i < ASKED_MAX; i++) {
        aldb_buf_add_char(b, (unsigned char)value.ptr[i] < 0x20 ? ' ' : value.ptr[i]);
    }
    if (value.len > ASKED_MAX) {
        aldb_buf_addf(b, "… (%zu bytes)", value.len);
    }
}

/* What somebody has said, and where: each option a line. Of secrets not even the length is told, and InitSql is SQL text like any other. */
static void add_asked(const struct aldb_options *o, struct aldb_buf *out)
{
    static const char *const origins[] = {"connection string or arguments", "odbc.ini", "alloydb-odbc.ini", "environment", "default"};
    struct aldb_buf value;
    aldb_buf_init(&value, ALDB_MAX_CONNSTR);
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        const struct aldb_keyword_info *info = aldb_keyword_info(kw);
        if (!aldb_option_given(o, kw) || info->type == ALDB_VT_IGNORED) {
            continue;
        }
        aldb_buf_addf(out, "option %s = ", info->name);
        if (info->type == ALDB_VT_SECRET || (info->type == ALDB_VT_STRING && aldb_keyword_secret(kw, aldb_option_text(o, kw)))) {
            aldb_buf_add_str(out, "<redacted>");
        } else if (kw == ALDB_KW_InitSql && !o->LogQueryText) {
            aldb_buf_add_str(out, "<SQL text>");
        } else {
            aldb_option_format(o, kw, &value);
            add_value(out, aldb_buf_slice(&value));
            aldb_buf_reset(&value);
        }
        aldb_buf_addf(out, " (%s)\n", origins[o->origin[kw]]);
    }
    aldb_buf_clear(&value);
}

enum aldb_rc aldb_options_to_log(const struct aldb_options *o, struct aldb_log_config *out,
                                 struct aldb_buf *path, struct aldb_diag *diag)
{
    struct aldb_log_config c = {
        .level = (enum aldb_log_level)o->LogLevel,
        .components = ALDB_LOG_ALL,
        .max_size = o->LogMaxSize << 20,
        .max_files = (unsigned)o->LogMaxFiles,
        .query_text = o->LogQueryText,
        .parameters = o->LogParameters,
    };
    if (o->LogComponents != NULL &&
        !aldb_components_parse(aldb_slice_of(o->LogComponents), &c.components)) {
        return aldb_diag_post(diag, ALDB_ST_HY024,
                              "The value of the connection keyword LogComponents is not valid");
    }
    bool absolute = o->LogFile != NULL && o->LogFile[0] == '/';
    if (o->LogPath != NULL && !absolute) {
        aldb_buf_add_str(path, o->LogPath);
        if (o->LogFile != NULL) {
            aldb_buf_add_char(path, '/');
        }
    }
    if (o->LogFile != NULL) {
        aldb_buf_add_str(path, o->LogFile);
    }
    if (!aldb_buf_ok(path)) {
        return aldb_config_no_memory(diag);
    }
    size_t named = path->len;
    aldb_buf_add_char(path, '\0');
    add_asked(o, path);
    if (!aldb_buf_ok(path)) {
        return aldb_config_no_memory(diag);
    }
    c.path = named > 0 ? aldb_buf_cstr(path) : NULL;
    c.asked = aldb_buf_cstr(path) + named + 1;
    *out = c;
    return ALDB_OK;
}
