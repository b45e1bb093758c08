/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-cc is asked to do. */
#ifndef NEURON_TOOLS_CC_COMMAND_LINE_H
#define NEURON_TOOLS_CC_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/compiler.h"
#include "neuron/onnx.h"
#include "neuron/status.h"

/* What kind of call it is. */
enum neuron_cc_request {
    NEURON_CC_NOTHING = 0,
    NEURON_CC_COMPILE,
    NEURON_CC_INFO,
    NEURON_CC_ANALYZE,
    NEURON_CC_RUN,
    NEURON_CC_BENCH,
    NEURON_CC_SHOW_HELP,
    NEURON_CC_SHOW_VERSION
};

/* The file that an input is read from. */
struct neuron_cc_array_file {
    char *input; /* owned */
    const char *path;
};

/* Shapes of one bucket. */
struct neuron_cc_bucket {
    struct neuron_onnx_input_shape *shapes; /* owned, as are the names they point to */
    uint32_t shape_count;
    int64_t batch; /* 0 for none */
};

/* Texts point into the arguments that were parsed. */
struct neuron_cc_options {
    const char *model_path;
    const char *output_path;
    struct neuron_compiler_options compiler;
    int64_t batch; /* 0 for none */
    struct neuron_onnx_input_shape *shapes;
    char **shape_names;                       /* what the shapes point to */
    const char **shared_inputs;               /* owned; the names are not */
    struct neuron_cc_array_file *array_files; /* of different inputs */
    struct neuron_cc_bucket *buckets;         /* owned */
    const char *output_folder;
    const char *weights_path; /* the file of weights to be given; NULL for none */
    const char *trace_path;   /* NULL for none */
    uint64_t run_limit;       /* most runs of a benchmark; 0 for no limit given */
    uint64_t time_limit_ms;   /* of a benchmark; 0 for no limit given */
    uint32_t shape_count;
    uint32_t shared_input_count;
    uint32_t array_file_count;
    uint32_t bucket_count;
    enum neuron_cc_request request;
    bool has_compiler_options; /* that decide how it is computed */
    bool has_cast_type;        /* among these */
    bool has_split;
    bool shows_profile;
    bool remeasures; /* the limits of the core, though they are known */
};

/*
 * Parses the arguments of the program: a command, its file, and options in any order, "--name
 * value" or "--name=value".
 *
 * arguments  the program's name first; outlive the options.
 * options    overwritten; destroyed by the caller. Zeroed on failure.
 *
 * Returns NEURON_INVALID_SYNTAX with the offending argument, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_options_parse(int argument_count, char *const *arguments,
                        struct neuron_cc_options *options, struct neuron_error *error);

/* Frees what the options own. Accepts zeroed ones. */
void
neuron_cc_options_destroy(struct neuron_cc_options *options);

/* The text of --help. */
extern const char neuron_cc_help[];

#endif
