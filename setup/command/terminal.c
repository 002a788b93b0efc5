/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "setup/command/args.h"

static bool utf8;

/* A standard stream that is closed would be what the next connection gets, and what is said there would go to the server. */
static void take_standard_streams(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        (void)close(fd);
    }
}

void aldb_terminal_begin(void)
{
    take_standard_streams();
    /* LC_CTYPE alone: numbers and messages are everywhere the same. */
    utf8 = setlocale(LC_CTYPE, "") != NULL && strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0;
    (void)signal(SIGPIPE, SIG_IGN); /* a reader who left shows as EPIPE */
}

int aldb_terminal_end(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }
    if (errno == EPIPE) {
        return status;
    }
    return aldb_failed("The output could not be written: %s", strerror(errno));
}

void aldb_complain(const char *format, va_list ap)
{
    (void)fflush(stdout);
    (void)fputs(ALDB_PROGRAM ": ", stderr);
    (void)vfprintf(stderr, format, ap);
    (void)fputc('\n', stderr);
}

int aldb_failed(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    aldb_complain(format, ap);
    va_end(ap);
    return ALDB_EXIT_FAILED;
}

int aldb_failed_no_memory(void)
{
    return aldb_failed("Out of memory");
}

bool aldb_shows_utf8(void)
{
    return utf8;
}

bool aldb_shows_colours(FILE *to)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no == NULL || no[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0 && isatty(fileno(to));
}

bool aldb_may_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

unsigned aldb_terminal_width(FILE *to)
{
    struct winsize size = {0};
    if (!isatty(fileno(to)) || ioctl(fileno(to), TIOCGWINSZ, &size) != 0) {
        return 0;
    }
    return size.ws_col != 0 ? size.ws_col : 80;
}

double aldb_clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

const char *aldb_colour(FILE *to, enum aldb_colour c)
{
    static const char *const sequences[] = {"\033[0m", "\033[31m", "\033[32m", "\033[33m", "\033[1m", "\033[2m"};
    return aldb_shows_colours(to) ? sequences[c] : "";
}

/* ------------------------------------------------------------------ questions */

bool aldb_read_line(struct aldb_buf *out)
{
    aldb_buf_reset(out);
    int c;
    while ((c = getc(stdin)) != EOF && c != '\n') {
        aldb_buf_add_char(out, (char)c);
    }
    if (out->len > 0 && out->data[out->len - 1] == '\r') {
        out->data[--out->len] = '\0';
    }
    return aldb_buf_ok(out) && (c == '\n' || out->len > 0);
}

bool aldb_ask(const char *question, const char *fallback, struct aldb_buf *out)
{
    if (fallback != NULL && fallback[0] != '\0') {
        (void)fprintf(stderr, "%s [%s]: ", question, fallback);
    } else {
        (void)fprintf(stderr, "%s: ", question);
    }
    (void)fflush(stderr);
    if (!aldb_read_line(out)) {
        (void)fputc('\n', stderr);
        return false;
    }
    if (out->len == 0 && fallback != NULL) {
        aldb_buf_add_str(out, fallback);
    }
    return aldb_buf_ok(out);
}

/* What the terminal was, for the handler of signals. */
static struct termios shown;

static void show_again(int signal_number)
{
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

bool aldb_ask_secret(const char *question, struct aldb_buf *out)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction before[ALDB_COUNT(ends)];
    const struct sigaction handle = {.sa_handler = show_again};
    (void)fprintf(stderr, "%s: ", question);
    (void)fflush(stderr);
    bool hidden = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (hidden) {
        for (size_t i = 0; i < ALDB_COUNT(ends); i++) {
            (void)sigaction(ends[i], &handle, &before[i]);
        }
        struct termios blind = shown;
        blind.c_lflag &= ~(tcflag_t)ECHO;
        blind.c_cc[VSUSP] = _POSIX_VDISABLE;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &blind);
    }
    bool read = aldb_read_line(out);
    if (hidden) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        for (size_t i = 0; i < ALDB_COUNT(ends); i++) {
            (void)sigaction(ends[i], &before[i], NULL);
        }
    }
    (void)fputc('\n', stderr);
    return read;
}

bool aldb_ask_yes(const char *question, bool fallback)
{
    struct aldb_buf answer;
    bool yes = fallback;
    aldb_buf_init(&answer, ALDB_MAX_NAME);
    while (aldb_ask(question, fallback ? "Y/n" : "y/N", &answer)) {
        struct aldb_slice said = aldb_slice_trim(aldb_buf_slice(&answer));
        if (said.len > 0 && strncasecmp(said.ptr, "yes", said.len) == 0 && said.len <= 3) {
            yes = true;
        } else if (said.len > 0 && strncasecmp(said.ptr, "no", said.len) == 0 && said.len <= 2) {
            yes = false;
        } else if (said.len != 3 || said.ptr[1] != '/') {
            (void)fputs("Please answer yes or no.\n", stderr);
            continue;
        }
        break;
    }
    aldb_buf_clear(&answer);
    return yes;
}
