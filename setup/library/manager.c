/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/library/manager.h"

#include <pthread.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/mutex.h"
#include "base/thread.h"

/* ------------------------------------------------------------------ the lock */

/* Nothing but another call of the installer holds the lock for a moment; what has not come back then never does before this call ends. */
#define PATIENCE_S 2

/* Belongs to the caller and the thread that asks: the last of them frees it. */
struct question {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool answer;
    bool left; /* nobody waits any more */
};

static void question_free(struct question *q)
{
    (void)pthread_cond_destroy(&q->answered);
    (void)pthread_mutex_destroy(&q->lock);
    aldb_free(q);
}

static struct question *question_new(void)
{
    struct question *q = aldb_alloc(sizeof *q);
    if (q != NULL) {
        (void)pthread_mutex_init(&q->lock, NULL);
        aldb_cond_init(&q->answered);
    }
    return q;
}

static void *ask(void *context)
{
    struct question *q = context;
    UWORD mode;
    (void)SQLGetConfigMode(&mode);
    (void)pthread_mutex_lock(&q->lock);
    q->answer = true;
    bool last = q->left;
    (void)pthread_cond_signal(&q->answered);
    (void)pthread_mutex_unlock(&q->lock);
    if (last) {
        question_free(q);
    }
    return NULL;
}

static bool await(struct question *q)
{
    struct aldb_deadline until = aldb_deadline_in_s(PATIENCE_S);
    (void)pthread_mutex_lock(&q->lock);
    while (!q->answer && aldb_cond_wait(&q->answered, &q->lock, until)) {
    }
    bool answer = q->answer;
    q->left = true;
    (void)pthread_mutex_unlock(&q->lock);
    return answer;
}

enum aldb_rc aldb_manager_check(struct aldb_faults *f)
{
    struct question *q = question_new();
    if (q == NULL || !aldb_thread_start("alloydb-setup", ask, q, NULL)) {
        if (q != NULL) {
            question_free(q);
        }
        return aldb_fault_no_memory(f);
    }
    if (!await(q)) { /* the thread frees it when the manager lets go */
        return aldb_fault_add(f, ODBC_ERROR_REQUEST_FAILED,
                              "unixODBC keeps odbc.ini locked while it calls set-up libraries, as versions 2.3.13 and 2.3.14 do: write the data source with "
                              "odbcinst -i -s -f FILE, or take another version");
    }
    question_free(q);
    return ALDB_OK;
}

/* ------------------------------------------------------------------ ini files */

void aldb_manager_get(const char *file, const char *section, const char *key, char out[ALDB_INI_VALUE])
{
    memset(out, 0, ALDB_INI_VALUE);
    if (SQLGetPrivateProfileString(section, key, "", out, ALDB_INI_VALUE, file) < 0) {
        out[0] = '\0';
    }
}

/* unixODBC takes the first where the second is there, too. */
static const char *const library_keys[] = {"Driver64", "Driver"};

enum aldb_rc aldb_driver_check(const char *driver, struct aldb_faults *f)
{
    char library[ALDB_INI_VALUE];
    char shown[ALDB_SHOWN_MAX + 4];
    if (driver[0] == '\0') {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_NAME, "No driver is named: give its name in odbcinst.ini (odbcinst -q -d lists them)");
    }
    for (size_t i = 0; i < ALDB_COUNT(library_keys); i++) {
        aldb_manager_get("odbcinst.ini", driver, library_keys[i], library);
        if (library[0] != '\0') {
            return ALDB_OK;
        }
    }
    return aldb_fault_add(f, ODBC_ERROR_INVALID_NAME, "odbcinst.ini has no driver \"%s\" (odbcinst -q -d lists them): register it first, with odbcinst -i -d -f FILE",
                          aldb_shown(aldb_slice_of(driver), shown));
}

bool aldb_driver_is(const char *driver, const char *said)
{
    if (strcasecmp(driver, said) == 0) {
        return true;
    }
    char library[ALDB_INI_VALUE];
    for (size_t i = 0; i < ALDB_COUNT(library_keys); i++) {
        aldb_manager_get("odbcinst.ini", driver, library_keys[i], library);
        if (library[0] != '\0' && strcmp(library, said) == 0) {
            return true;
        }
    }
    return false;
}
