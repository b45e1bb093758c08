/* SPDX-License-Identifier: Apache-2.0 */
/* A program of the user's own in place of a compiled model: what no compiler here knows. */
#ifndef NEURON_CUSTOM_PROGRAM_H
#define NEURON_CUSTOM_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Trees, tokenizers, another runtime: three functions of the user's that make an instance, run it
 * on some rows, and destroy it. neuron_data_parallel_create_custom() makes an instance on each
 * core. The functions are linked in, or come from a shared library.
 *
 * All three are called on the thread that is pinned to the instance's core, for one instance one at
 * a time; those of different instances overlap, so what instances have in common they only read, or
 * lock. A thread that they start inherits the pinning: it shares the core.
 *
 * A function that fails returns what fits best of NEURON_INVALID_ARGUMENT, NEURON_OUT_OF_MEMORY,
 * NEURON_UNSUPPORTED_MODEL, NEURON_NUMERICAL_ERROR and NEURON_SYSTEM, and says why in `error`,
 * which is never NULL and comes with an empty text. A library that is linked with nothing of ours
 * writes `error->text` itself, with snprintf(), one line of up to NEURON_ERROR_TEXT_BYTES with its
 * end; others call neuron_error_set(). The status that counts is the one that is returned: any
 * other counts as NEURON_SYSTEM, and its name is in the text, as it would say something of the call
 * or its core, which only those know; and a failure without a text gets one.
 */
enum {
    NEURON_CUSTOM_PROGRAM_VERSION = 1,
    NEURON_CUSTOM_TENSOR_LIMIT = 1024 /* most inputs, and most outputs */
};

/* Where an instance lives. */
struct neuron_custom_place {
    uint32_t nc;   /* the process's number of its core */
    uint32_t core; /* the machine's */
};

/*
 * Makes the instance of one core. What it allocates and touches lies near that core.
 *
 * config    the program's own `config`; may be NULL.
 * place     lives for the call.
 * instance  receives what run() and destroy() get. It may stay NULL.
 *
 * Returns NEURON_OK, or why it failed; then it leaves nothing behind, and destroy() is not
 * called.
 */
typedef enum neuron_status
neuron_custom_create_fn(const char *config, const struct neuron_custom_place *place,
                        void **instance, struct neuron_error *error);

/*
 * Runs an instance on some rows.
 *
 * inputs   as many as the program has, dense, of its types and shapes, with the number of rows of
 *          this run in dimension 0: at least 1, at most the program's `row_limit`. Shared inputs
 *          are whole. Only read: other cores read the same memory at this time.
 * outputs  as many as the program has, with the same number of rows. Each byte is to be written.
 *
 * Views and memory are the caller's, and lent for the run. A row lies where the caller's batch has
 * it: aligned to its elements if the batch is, and to nothing wider.
 *
 * Returns NEURON_OK, or why it failed, which becomes the status of the call; then what stands in
 * the outputs does not matter.
 */
typedef enum neuron_status
neuron_custom_run_fn(void *instance, const struct neuron_tensor_view *inputs,
                     const struct neuron_tensor_view *outputs, struct neuron_error *error);

/* Destroys an instance. Called once for each that create() made, a NULL one included. */
typedef void
neuron_custom_destroy_fn(void *instance);

/*
 * One input or output. Its name is not empty and ends within the array. A tensor of rows has rank 1
 * or more, and 0 as dimension 0, which is how many rows a run gets; all others are at least 1,
 * those beyond the rank 0.
 */
struct neuron_custom_tensor {
    struct neuron_tensor_spec spec;
    bool is_shared; /* an input that is the same for all rows: no dimension is theirs, rank 0 is
                       allowed */
};

struct neuron_custom_library;

/*
 * What a program is. One that is linked in stays as it is, with all that it points to, as long as
 * an object runs it.
 */
struct neuron_custom_program {
    uint32_t version; /* NEURON_CUSTOM_PROGRAM_VERSION; the first field in all versions */
    const char *name; /* for texts; 1 to NEURON_NAME_LIMIT_BYTES - 1 bytes */
    const struct neuron_custom_tensor *inputs; /* at least one that is not shared */
    const struct neuron_custom_tensor *outputs;
    uint32_t input_count;              /* 1 to NEURON_CUSTOM_TENSOR_LIMIT */
    uint32_t output_count;             /* likewise */
    uint32_t row_limit;                /* most rows of one run; 0 for any number */
    neuron_custom_create_fn *create;   /* NULL for none: run() gets NULL as its instance */
    neuron_custom_run_fn *run;         /* not NULL */
    neuron_custom_destroy_fn *destroy; /* NULL for none; there is none without create() */
    const char *config;                /* handed to create(); NULL for none */
    /* Where the program comes from: left NULL, and set by neuron_custom_library_open(). */
    const struct neuron_custom_library *library;
};

/*
 * Says what program a library has. May decide about shapes.
 *
 * config  what the user gave to neuron_custom_library_open(), NULL for nothing. Lives as long as
 * the library, so it may be the program's own `config`.
 *
 * Returns a program, of which everything is copied before the function is called again, so that it
 * may stand in one static variable; or NULL with a text in `error`, and in its status what is wrong
 * if that is something else than the NEURON_UNSUPPORTED_MODEL that stands there.
 */
typedef const struct neuron_custom_program *
neuron_custom_program_fn(const char *config, struct neuron_error *error);

/* What a shared library defines, by this name. Nothing here does. */
NEURON_API neuron_custom_program_fn neuron_custom_program;

/*
 * Opens a shared library, asks for its program, and checks that.
 *
 * path    with a '/' in it a file, else searched as dlopen() does. Copied.
 * config  handed to the library. Copied. NULL for none.
 * library receives a new object, which the caller closes. Unchanged on failure.
 * error   receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT for an empty path; NEURON_SYSTEM when the file cannot be loaded;
 * NEURON_UNSUPPORTED_MODEL for one that does not define neuron_custom_program(), or when
 * neuron_custom_program_check() refuses what that returns; what the function itself failed with; or
 * NEURON_OUT_OF_MEMORY.
 * Any thread; one at a time for one file, where its program stands in a static variable. Blocks
 * while the file is read.
 *
 * The library's own code runs, in this process and with its rights. One that is not trusted to
 * keep to its rows, or to end, runs with NEURON_ISOLATION_PROCESS; yet it is opened here first.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_custom_library_open(const char *path, const char *config,
                           struct neuron_custom_library **library, struct neuron_error *error);

/* The program of a library: a copy, which lives as long as the library is open. Any thread. */
NEURON_API const struct neuron_custom_program *
neuron_custom_library_program(const struct neuron_custom_library *library);

/* Closes a library. Accepts NULL. No object runs its program any more. Any thread. */
NEURON_API void
neuron_custom_library_close(struct neuron_custom_library *library);

/*
 * Checks that a program is whole: its version, and only if that is right its name, functions and
 * tensors.
 *
 * program  may be NULL, which is refused.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_UNSUPPORTED_MODEL; the text says what is wrong with which tensor.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_custom_program_check(const struct neuron_custom_program *program,
                            struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif
