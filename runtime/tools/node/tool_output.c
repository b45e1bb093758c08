/* SPDX-License-Identifier: Apache-2.0 */
#include "node/tool_output.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_COLUMNS = 80, COLUMNS_LIMIT = 10000 };

enum neuron_status
neuron_tool_output_begin(struct neuron_error *error)
{
    (void)signal(SIGPIPE, SIG_IGN);
    bool has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i += 1) {
        /* The lowest number that is free is taken. */
        if (fcntl(i, F_GETFD) < 0 && open("/dev/null", O_RDWR) != i) {
            has_output = false;
        }
    }
    return has_output ? NEURON_OK : NEURON_FAIL(error, NEURON_SYSTEM, "standard output is closed");
}

/* Says whether nobody reads a pipe any more. The reason of a write that failed may be of an earlier
   one, which the stream has not kept. */
static bool
is_deserted(FILE *stream)
{
    struct pollfd output = {.fd = fileno(stream)};

    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

enum neuron_status
neuron_tool_output_flush(FILE *stream, struct neuron_error *error)
{
    if (fflush(stream) != 0 || ferror(stream) != 0) {
        int reason = errno;

        return NEURON_FAIL(error, is_deserted(stream) ? NEURON_PEER_LOST : NEURON_SYSTEM,
                           "standard output cannot be written: %s", strerrordesc_np(reason));
    }
    return NEURON_OK;
}

int
neuron_tool_fail(const char *program, const struct neuron_error *error, int exit_status)
{
    (void)fprintf(stderr, "%s: %s\n", program, error->text);
    return exit_status;
}

int
neuron_tool_end(const char *program, enum neuron_status status, const struct neuron_error *error)
{
    return status == NEURON_OK || status == NEURON_PEER_LOST
               ? EXIT_SUCCESS
               : neuron_tool_fail(program, error, NEURON_TOOL_EXIT_FAILED);
}

/* What the variable says; 0 for nothing that makes sense. */
static size_t
read_columns(void)
{
    const char *text = getenv("COLUMNS"); /* NOLINT(concurrency-mt-unsafe): one thread */
    char *end = NULL;
    long columns = text == NULL ? 0 : strtol(text, &end, 10);

    return columns > 0 && columns <= COLUMNS_LIMIT && *end == '\0' ? (size_t)columns : 0;
}

struct neuron_tool_screen
neuron_tool_screen_find(FILE *stream)
{
    struct neuron_tool_screen screen = {.is_terminal = isatty(fileno(stream)) == 1};
    struct winsize size = {0};

    if (screen.is_terminal && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0) {
        screen.columns = size.ws_col;
    }
    if (screen.columns == 0) {
        screen.columns = read_columns();
    }
    if (screen.columns == 0) {
        screen.columns = USUAL_COLUMNS;
    }
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    screen.is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return screen;
}
