/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_combination.h"

#include "compiler/compiler_args.h"

static enum neuron_status
check_files(const struct neuron_cc_options *options, struct neuron_error *error)
{
    if (options->request == NEURON_CC_COMPILE && options->output_path == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "-o FILE is missing: where the compiled file goes");
    }
    if (options->request == NEURON_CC_RUN && options->output_folder == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--output-dir DIR is missing: where the outputs go");
    }
    if (options->compiler.weights_path != NULL && !options->compiler.weights_apart) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--weights-out: the weights stay in the compiled file, unless there is "
                           "--no-inline-weights");
    }
    return NEURON_OK;
}

static enum neuron_status
check_shapes(const struct neuron_cc_options *options, struct neuron_error *error)
{
    if (options->bucket_count == 0) {
        return NEURON_OK;
    }
    if (options->request != NEURON_CC_COMPILE) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--batch: only compile takes several, for buckets");
    }
    /* The buckets of a list of batches have each a batch of their own. */
    if (options->buckets[0].batch == 0 && options->batch > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--batch does nothing beside --bucket: write all of one into each "
                           "--bucket");
    }
    return NEURON_OK;
}

static enum neuron_status
check_types(const struct neuron_cc_options *options, struct neuron_error *error)
{
    const struct neuron_compiler_options *compiler = &options->compiler;
    enum neuron_status status =
        neuron_compiler_options_check(compiler, options->has_cast_type, error);

    if (status == NEURON_OK && options->request == NEURON_CC_COMPILE &&
        options->array_file_count > 0 &&
        (compiler->auto_cast == NEURON_AUTO_CAST_NONE ||
         compiler->auto_cast_type != NEURON_AUTO_CAST_INT8)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--calibrate is for products of 8 bits: give --auto-cast matmult or all "
                           "and --auto-cast-type int8, too");
    }
    return status;
}

enum neuron_status
neuron_cc_check_combination(const struct neuron_cc_options *options, struct neuron_error *error)
{
    enum neuron_status status = check_files(options, error);

    if (status == NEURON_OK) {
        status = check_shapes(options, error);
    }
    if (status == NEURON_OK && options->has_split && options->compiler.core_count < 2) {
        status = NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                             "--split is for several cores: give --num-neuroncores, too");
    }
    return status == NEURON_OK ? check_types(options, error) : status;
}
