/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-executor: runs one replica in a process of its own, for the process that started it. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "neuron/runtime.h"
#include "neuron/status.h"

#include "hosted_program.h"
#include "isolated_setup.h"
#include "process_channel.h"
#include "service.h"

enum { EXIT_BY_HAND = 2 };

/* Says what went wrong where no other way leads to the process that started this one. */
static int
complain(const struct neuron_error *error, int exit_status)
{
    (void)fprintf(stderr, "neuron-executor: %s\n", error->text);
    return exit_status;
}

/* Lets the kernel end this process with its parent, whatever it does then. Says whether the parent
   is still there. */
static bool
bind_to_parent(const struct neuron_isolated_setup *setup)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == (pid_t)setup->parent_pid;
}

/* Loads the program and serves it until the end. */
static enum neuron_status
serve(const struct neuron_isolated_setup *setup, const char *config,
      struct neuron_process_channel *channel, struct neuron_error *error)
{
    struct neuron_runtime *runtime = NULL;
    struct neuron_hosted_program *program = NULL;
    struct neuron_error load_error = {.status = NEURON_OK};
    enum neuron_status status = neuron_runtime_create(&setup->options, &runtime, &load_error);

    if (status == NEURON_OK) {
        status = neuron_hosted_program_create(setup, config, runtime, &program, &load_error);
    }
    status = neuron_service_run(channel, program, status, &load_error, error);
    if (status != NEURON_OK) {
        return status;
    }
    neuron_hosted_program_destroy(program);
    neuron_runtime_destroy(runtime);
    return NEURON_OK;
}

int
main(void)
{
    static struct neuron_isolated_setup setup;
    struct neuron_process_channel *channel = NULL;
    struct neuron_error error = {.status = NEURON_OK};
    char *config = NULL;

    if (neuron_isolated_setup_read(NEURON_ISOLATED_SETUP_FILE, &setup, &config, &error) !=
        NEURON_OK) {
        (void)fprintf(stderr,
                      "neuron-executor: %s; programs start it themselves, see docs/isolation.md\n",
                      error.text);
        return EXIT_BY_HAND;
    }
    (void)close(NEURON_ISOLATED_SETUP_FILE);
    if (!bind_to_parent(&setup)) {
        return EXIT_FAILURE;
    }
    if (neuron_process_channel_create(setup.address, NEURON_CHANNEL_CONNECTS, &channel, &error) !=
        NEURON_OK) {
        return complain(&error, EXIT_FAILURE);
    }
    if (serve(&setup, config, channel, &error) != NEURON_OK) {
        /* A run may be under way: no exit handlers. */
        _exit(complain(&error, EXIT_FAILURE));
    }
    neuron_process_channel_destroy(channel);
    free(config);
    return EXIT_SUCCESS;
}
