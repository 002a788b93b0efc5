/* SPDX-License-Identifier: Apache-2.0 */
#include "credentials.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>

#undef curl_easy_setopt

typedef CURLcode setopt_function(CURL *handle, CURLoption option, ...);

static setopt_function *libcurl_setopt;

/* In front of libcurl's, for the driver that this program loads. */
__attribute__((visibility("default"))) CURLcode curl_easy_setopt(CURL *handle, CURLoption option, ...)
{
    va_list rest;
    CURLcode rc;
    va_start(rest, option);
    if (option < CURLOPTTYPE_OBJECTPOINT) {
        rc = libcurl_setopt(handle, option, va_arg(rest, long));
    } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
        rc = libcurl_setopt(handle, option, va_arg(rest, curl_off_t));
    } else {
        rc = libcurl_setopt(handle, option, va_arg(rest, void *));
    }
    va_end(rest);
    if (rc == CURLE_OK && option == CURLOPT_URL) {
        rc = libcurl_setopt(handle, CURLOPT_CAINFO, getenv("ALLOYDB_EMULATOR_CA"));
    }
    return rc;
}

const char *contents(const char *name)
{
    static char text[16384];
    char path[512];
    snprintf(path, sizeof path, "%s/%s", emulator_fact("STATE"), name);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (n == 0) {
        printf("\n    FATAL: no %s\n", path);
        exit(EXIT_FAILURE);
    }
    (void)fclose(file);
    while (n > 0 && text[n - 1] == '\n') {
        n--;
    }
    text[n] = '\0';
    return text;
}

const char *principal(const char *who)
{
    static char ring[4][256];
    static unsigned next;
    char *out = ring[next++ % COUNT(ring)];
    if (strcmp(who, "alice") == 0) {
        return emulator_fact("ALICE");
    }
    if (strcmp(who, "bob") == 0) {
        return "principal://iam.googleapis.com/locations/global/workforcePools/emulator/subject/bob";
    }
    if (strcmp(who, "workload") == 0) {
        return "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/emulator/subject/workload";
    }
    snprintf(out, sizeof ring[0], "%s@%s.iam.gserviceaccount.com", who, emulator_fact("PROJECT"));
    return out;
}

const char *role(const char *who)
{
    const char *email = principal(who);
    char *end = strstr(email, ".gserviceaccount.com");
    if (end != NULL) {
        *end = '\0';
    }
    return email;
}

const char *fresh_project(void)
{
    static char text[32];
    static unsigned n;
    snprintf(text, sizeof text, "fresh%u", ++n);
    return text;
}

const char *instance(const char *credentials, const char *project, const char *options)
{
    static char text[8192];
    bool iam = strstr(options, "EnableIamAuth") != NULL;
    snprintf(text, sizeof text, "DRIVER=AlloyDB;%s%sServer=%s;ApiEndpoint=%s;%s%sDatabase=%s;QuotaProject=%s%s%s%s%s%s", options, options[0] ? ";" : "",
             emulator_fact("INSTANCE"), emulator_fact("URL"), credentials, credentials[0] ? ";" : "", fact("DATABASE"), project, iam ? "" : ";UID=",
             iam ? "" : fact("USER"), iam ? "" : ";PWD=", iam ? "" : fact("PASSWORD"), under_valgrind() ? ";LoginTimeout=900" : "");
    return text;
}

void use_environment(const char *file, bool adc)
{
    static char variable[] = "GOOGLE_APPLICATION_CREDENTIALS", metadata[256];
    static const char *const aws[] = {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
    char path[512];
    for (size_t i = 0; i < COUNT(aws); i++) {
        unsetenv(aws[i]);
    }
    if (metadata[0] == '\0') {
        snprintf(metadata, sizeof metadata, "%s", emulator_fact("URL") + strlen("http://"));
    }
    setenv("GCE_METADATA_HOST", metadata, 1);
    setenv("GCE_METADATA_IP", metadata, 1);
    unsetenv("NO_GCE_CHECK");
    setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1", 1);
    snprintf(path, sizeof path, "%s/service_account.json", emulator_fact("CREDENTIALS"));
    if (adc) {
        setenv(variable, path, 1);
    } else {
        unsetenv(variable);
    }
    char text[4096];
    snprintf(text, sizeof text, "%s", file ? contents(file) : "");
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *equals = strchr(line, '=');
        if (strncmp(line, "export ", 7) == 0 && equals != NULL) {
            *equals = '\0';
            setenv(line + 7, equals + 1, 1);
        }
    }
}

const char *edited(const char *name, const char *from, const char *to)
{
    static char path[512], keywords[600];
    char file[512], text[16384];
    snprintf(file, sizeof file, "credentials/%s.json", name);
    snprintf(text, sizeof text, "%s", contents(file));
    snprintf(path, sizeof path, "%s/edited.json", emulator_fact("STATE"));
    FILE *out = fopen(path, "w");
    char *at = strstr(text, from);
    if (out == NULL || at == NULL) {
        printf("\n    FATAL: %s: no %s\n", file, from);
        exit(EXIT_FAILURE);
    }
    fprintf(out, "%.*s%s%s\n", (int)(at - text), text, to, at + strlen(from));
    (void)fclose(out);
    snprintf(keywords, sizeof keywords, "CredentialsFile=%s", path);
    return keywords;
}

void credentials_begin(void)
{
    (void)emulator_fact("CA");
    void *library = dlopen("libcurl.so.4", RTLD_NOW);
    *(void **)&libcurl_setopt = library ? dlsym(library, "curl_easy_setopt") : NULL;
    if (libcurl_setopt == NULL) {
        printf("FATAL: libcurl.so.4 cannot be loaded\n");
        exit(EXIT_FAILURE);
    }
    unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
    unsetenv("CLOUDSDK_CONFIG");
}
