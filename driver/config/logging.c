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
    c.path = path->len > 0 ? aldb_buf_cstr(path) : NULL;
    *out = c;
    return ALDB_OK;
}
