/* SPDX-License-Identifier: Apache-2.0 */
#include "case_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case_run.h"

enum { CASE_TIMEOUT_SECONDS = 60 };

/* Runs the case, tells why it failed, and ends as a whole program does: its leaks are looked for.
 */
_Noreturn static void
run_in_child(const char *folder, const char *scratch, int report)
{
    struct neuron_error error = {0};

    (void)alarm(CASE_TIMEOUT_SECONDS);
    enum neuron_status status = case_run(folder, scratch, &error);
    if (status != NEURON_OK && write(report, error.text, strlen(error.text)) < 0) {
        status = NEURON_SYSTEM;
    }
    exit(status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE); /* NOLINT(concurrency-mt-unsafe) */
}

/* Reads the reason until the child closes its end. */
static void
read_report(int report, struct neuron_error *error)
{
    size_t length = 0;
    ssize_t received = 1;

    while (received > 0 || (received < 0 && errno == EINTR)) {
        received = read(report, error->text + length, sizeof(error->text) - 1 - length);
        length += received > 0 ? (size_t)received : 0;
    }
    error->text[length] = '\0';
}

/* Judges how the child ended. */
static bool
judge(int wait_status, struct neuron_error *error)
{
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == EXIT_SUCCESS) {
        return true;
    }
    if (WIFSIGNALED(wait_status)) {
        const char *signal_text = sigdescr_np(WTERMSIG(wait_status));

        neuron_error_set(error, NEURON_SYSTEM, "the process was ended by a signal: %s",
                         signal_text != NULL ? signal_text : "unknown");
    } else if (error->text[0] == '\0') {
        neuron_error_set(error, NEURON_SYSTEM, "the process ended with %d",
                         WEXITSTATUS(wait_status));
    }
    return false;
}

bool
case_process_run(const char *folder, const char *scratch, struct neuron_error *error)
{
    int report[2] = {-1, -1};
    int wait_status = 0;

    *error = (struct neuron_error){0};
    if (pipe2(report, O_CLOEXEC) != 0) {
        neuron_error_set(error, NEURON_SYSTEM, "no pipe: %s", strerrordesc_np(errno));
        return false;
    }
    pid_t child = fork();
    if (child == 0) {
        (void)close(report[0]);
        run_in_child(folder, scratch, report[1]);
    }
    (void)close(report[1]);
    if (child > 0) {
        read_report(report[0], error);
    }
    (void)close(report[0]);
    if (child < 0 || waitpid(child, &wait_status, 0) != child) {
        neuron_error_set(error, NEURON_SYSTEM, "no process: %s", strerrordesc_np(errno));
        return false;
    }
    return judge(wait_status, error);
}
