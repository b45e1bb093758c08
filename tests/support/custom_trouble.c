/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library with a custom program that makes trouble when its input "order" says so
 * (custom_trouble.h), or its config: "refuse", "abort" or "hang" in create(), which with
 * "wait-for:PATH" waits until there is such a file, and with "abort-without:PATH" makes a signal
 * where there is none; "changed" describes other tensors in an isolated process.
 */
#include "custom_trouble.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/custom_program.h"

/* The most descriptors that it looks for. */
enum { DESCRIPTOR_LIMIT = 256 };

static void
sleep_for_ever(void)
{
    for (;;) {
        (void)pause();
    }
}

/* Not by abort(): sanitizers catch that, and exit. To the process: this thread may block it. */
static void
end_by_signal(void)
{
    (void)kill(getpid(), SIGUSR1);
    sleep_for_ever();
}

static void
spin_for_ever(void)
{
    static volatile bool is_over;

    while (!is_over) {
    }
}

static enum neuron_status
fail(struct neuron_error *error, enum neuron_status status, const char *text)
{
    error->status = status;
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
    return status;
}

static void
close_or_shorten_all(bool does_close)
{
    for (int i = 3; i < DESCRIPTOR_LIMIT; i += 1) {
        if (does_close) {
            (void)close(i);
        } else if (ftruncate(i, 0) != 0) {
            continue;
        }
    }
}

static void
scribble(const struct neuron_tensor_view *inputs, const struct neuron_tensor_view *outputs)
{
    size_t size_bytes = (size_t)inputs[0].shape[0] * sizeof(float);

    memset(inputs[0].data, 0xA5, size_bytes);
    memset(inputs[1].data, 0xA5, sizeof(int32_t));
    memset(outputs[0].data, 0xA5, size_bytes);
}

/* The orders that end in nothing good. */
static void
do_harm(int32_t order, const char *config)
{
    if (order == TROUBLE_HANG) {
        sleep_for_ever();
    } else if (order == TROUBLE_SPIN) {
        spin_for_ever();
    } else if (order == TROUBLE_ABORT ||
               (order == TROUBLE_ONCE && config != NULL && unlink(config) == 0)) {
        end_by_signal();
    } else if (order == TROUBLE_EXIT) {
        _exit(7);
    } else if (order == TROUBLE_UNPLUG) {
        close_or_shorten_all(true);
        sleep_for_ever();
    } else if (order == TROUBLE_TRUNCATE) {
        close_or_shorten_all(false);
    } else if (order == TROUBLE_FREEZE) {
        (void)kill(getppid(), SIGSTOP);
    } else if (order == TROUBLE_SLOW) {
        (void)usleep(200 * 1000);
    } else if (order == TROUBLE_PRINT) {
        (void)printf("printed by a custom program\n");
        (void)fflush(stdout);
    }
}

static enum neuron_status
run(void *instance, const struct neuron_tensor_view *inputs,
    const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const float *x = inputs[0].data;
    float *y = outputs[0].data;
    int32_t order = 0;

    memcpy(&order, inputs[1].data, sizeof(order));
    for (int64_t i = 0; i < inputs[0].shape[0] && order == TROUBLE_NONE; i += 1) {
        order = x[i] > TROUBLE_ROW ? (int32_t)x[i] - TROUBLE_ROW : TROUBLE_NONE;
    }
    do_harm(order, instance);
    switch (order) {
    case TROUBLE_SCRIBBLE:
        scribble(inputs, outputs);
        return NEURON_OK;
    case TROUBLE_REFUSE:
        return fail(error, NEURON_UNSUPPORTED_MODEL, "these rows are not liked");
    case TROUBLE_NAN:
        return fail(error, NEURON_NUMERICAL_ERROR, "the result is too large to tell");
    case TROUBLE_LOSE:
        return fail(error, NEURON_PEER_LOST, "something else was lost");
    case TROUBLE_GARBLE:
        memset(error->text, 0xFE, sizeof(error->text));
        memcpy(error->text, "bad\nline", 8);
        return NEURON_SYSTEM;
    default:
        break;
    }
    for (int64_t i = 0; i < inputs[0].shape[0]; i += 1) {
        y[i] = 2.0F * x[i];
    }
    return NEURON_OK;
}

/* The path behind a word at the start of a config; NULL where that begins otherwise. */
static const char *
path_behind(const char *config, const char *word)
{
    size_t length = strlen(word);

    return config != NULL && strncmp(config, word, length) == 0 ? config + length : NULL;
}

/* Minds whether the file is there that a config names. */
static void
mind_file(const char *config)
{
    const char *awaited = path_behind(config, "wait-for:");
    const char *needed = path_behind(config, "abort-without:");

    while (awaited != NULL && access(awaited, F_OK) != 0) {
        (void)usleep(1000);
    }
    if (needed != NULL && access(needed, F_OK) != 0) {
        end_by_signal();
    }
}

static enum neuron_status
create(const char *config, const struct neuron_custom_place *place, void **instance,
       struct neuron_error *error)
{
    (void)place;
    *instance = NULL;
    if (config != NULL && strcmp(config, "refuse") == 0) {
        return fail(error, NEURON_UNSUPPORTED_MODEL, "no instance of this is made");
    }
    if (config != NULL && strcmp(config, "abort") == 0) {
        end_by_signal();
    }
    if (config != NULL && strcmp(config, "hang") == 0) {
        sleep_for_ever();
    }
    mind_file(config);
    *instance = config == NULL ? NULL : strdup(config);
    return NEURON_OK;
}

const struct neuron_custom_program *
neuron_custom_program(const char *config, struct neuron_error *error)
{
    static const struct neuron_custom_tensor inputs[2] = {
        {.spec = {.name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 1}}},
        {.spec = {.name = "order", .shape = {.type = NEURON_INT32, .rank = 1, .dims = {1}}},
         .is_shared = true},
    };
    static struct neuron_custom_tensor output = {
        .spec = {.name = "y", .shape = {.type = NEURON_FLOAT32, .rank = 1}}};
    static struct neuron_custom_program program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                   .name = "trouble",
                                                   .inputs = inputs,
                                                   .outputs = &output,
                                                   .input_count = 2,
                                                   .output_count = 1,
                                                   .create = create,
                                                   .run = run,
                                                   .destroy = free};

    (void)error;
    program.config = config;
    if (config != NULL && strcmp(config, "changed") == 0 &&
        strcmp(program_invocation_short_name, "neuron-executor") == 0) {
        output.spec.shape.type = NEURON_INT32; /* of the same size */
    }
    return &program;
}
