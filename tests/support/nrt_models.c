/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt_models.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/compiler.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_move.h"

enum { SLOW_STEPS = 2000 };

/* Reads a whole file. */
static struct neff
read_neff(const char *path)
{
    struct neff neff = {.bytes = NULL};
    struct stat status = {.st_size = 0};
    int file = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(fstat(file, &status), 0);
    neff.size_bytes = (size_t)status.st_size;
    neff.bytes = malloc(neff.size_bytes);
    assert_non_null(neff.bytes);
    assert_int_equal(read(file, neff.bytes, neff.size_bytes), status.st_size);
    assert_int_equal(close(file), 0);
    return neff;
}

static struct neff
compile_with(const struct nrt_bench *bench, neuron_trace_fn *function,
             const struct neuron_trace_signature *signature,
             const struct neuron_compiler_options *options)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {.text = ""};
    char path[TEST_PATH_BYTES];

    test_folder_path(&bench->folder, "model.neff", path);
    assert_ok(neuron_trace(function, signature, NULL, &graph, &error), &error);
    assert_ok(neuron_compile(graph, options, path, &error), &error);
    neuron_graph_destroy(graph);
    return read_neff(path);
}

static struct neff
compile(const struct nrt_bench *bench, neuron_trace_fn *function,
        const struct neuron_trace_signature *signature, const char *name)
{
    const struct neuron_compiler_options options = {.model_name = name};

    return compile_with(bench, function, signature, &options);
}

static const struct neuron_tensor_view vectors[] = {
    {.type = NEURON_FLOAT32, .rank = 1, .shape = {VECTOR_LENGTH}},
    {.type = NEURON_FLOAT32, .rank = 1, .shape = {VECTOR_LENGTH}},
};

static enum neuron_status
twice(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
      void *user)
{
    (void)user;
    outputs[0] = neuron_multiply(trace, inputs[0], neuron_scalar(trace, 2.0F));
    return neuron_trace_status(trace);
}

struct neff
twice_neff(const struct nrt_bench *bench)
{
    const char *const input_names[] = {"x"};
    const char *const output_names[] = {"y"};
    const struct neuron_trace_signature signature = {.example_inputs = vectors,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};

    return compile(bench, twice, &signature, "twice");
}

static enum neuron_status
pair(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
     void *user)
{
    (void)user;
    outputs[0] = neuron_add(trace, inputs[0], inputs[1]);
    outputs[1] = neuron_subtract(trace, inputs[0], inputs[1]);
    return neuron_trace_status(trace);
}

struct neff
pair_neff(const struct nrt_bench *bench)
{
    const char *const input_names[] = {"a", "b"};
    const char *const output_names[] = {"sum", "difference"};
    const struct neuron_trace_signature signature = {.example_inputs = vectors,
                                                     .input_count = 2,
                                                     .output_count = 2,
                                                     .input_names = input_names,
                                                     .output_names = output_names};

    return compile(bench, pair, &signature, "pair");
}

static enum neuron_status
quotient(struct neuron_trace *trace, const struct neuron_value *inputs,
         struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_divide(trace, inputs[0], inputs[1]);
    return neuron_trace_status(trace);
}

struct neff
quotient_neff(const struct nrt_bench *bench)
{
    const char *const input_names[] = {"a", "b"};
    const char *const output_names[] = {"quotient"};
    const struct neuron_trace_signature signature = {.example_inputs = vectors,
                                                     .input_count = 2,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};

    return compile(bench, quotient, &signature, "quotient");
}

static enum neuron_status
crowd(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
      void *user)
{
    (void)user;
    outputs[0] = inputs[0];
    for (int i = 1; i < CROWD_INPUTS; i += 1) {
        outputs[0] = neuron_add(trace, outputs[0], inputs[i]);
    }
    return neuron_trace_status(trace);
}

struct neff
crowd_neff(const struct nrt_bench *bench)
{
    struct neuron_tensor_view examples[CROWD_INPUTS];
    char names[CROWD_INPUTS][8];
    const char *input_names[CROWD_INPUTS];
    const char *const output_names[] = {"y"};
    const struct neuron_trace_signature signature = {.example_inputs = examples,
                                                     .input_count = CROWD_INPUTS,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};

    for (int i = 0; i < CROWD_INPUTS; i += 1) {
        examples[i] = vectors[0];
        (void)snprintf(names[i], sizeof(names[i]), "x_%d", i);
        input_names[i] = names[i];
    }
    return compile(bench, crowd, &signature, "crowd");
}

static enum neuron_status
slow(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
     void *user)
{
    (void)user;
    outputs[0] = inputs[0];
    for (int i = 0; i < SLOW_STEPS; i += 1) {
        outputs[0] = neuron_matmul(trace, outputs[0], inputs[0]);
    }
    return neuron_trace_status(trace);
}

struct neff
slow_neff(const struct nrt_bench *bench)
{
    const struct neuron_tensor_view example = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {SLOW_SIDE, SLOW_SIDE}};
    const char *const input_names[] = {"x"};
    const char *const output_names[] = {"y"};
    const struct neuron_trace_signature signature = {.example_inputs = &example,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};

    return compile(bench, slow, &signature, "slow");
}

static enum neuron_status
choose(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    struct neuron_value doubled =
        neuron_relu(trace, neuron_multiply(trace, inputs[0], neuron_scalar(trace, 2.0F)));

    (void)user;
    outputs[0] = neuron_add(trace, neuron_gather(trace, doubled, inputs[1], 0), inputs[0]);
    return neuron_trace_status(trace);
}

static struct neff
compile_for_cores(const struct nrt_bench *bench, uint32_t core_count, enum neuron_split split)
{
    static const char *const input_names[] = {"x", "which"};
    static const char *const output_names[] = {"y"};
    const struct neuron_tensor_view views[] = {vectors[0],
                                               {.type = NEURON_INT32, .rank = 1, .shape = {1}}};
    const struct neuron_trace_signature signature = {.example_inputs = views,
                                                     .input_count = 2,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};
    const struct neuron_compiler_options options = {
        .model_name = "staged", .core_count = core_count, .split = split};

    return compile_with(bench, choose, &signature, &options);
}

struct neff
staged_neff(const struct nrt_bench *bench, uint32_t core_count)
{
    return compile_for_cores(bench, core_count, NEURON_SPLIT_PIPELINE);
}

struct neff
wide_neff(const struct nrt_bench *bench, uint32_t core_count)
{
    return compile_for_cores(bench, core_count, NEURON_SPLIT_WIDE);
}

nrt_model_t *
load_neff(struct neff neff, int32_t vnc, int32_t vnc_count)
{
    nrt_model_t *model = NULL;

    assert_nrt_ok(nrt_load(neff.bytes, neff.size_bytes, vnc, vnc_count, &model));
    assert_non_null(model);
    free(neff.bytes);
    return model;
}

nrt_tensor_t *
vector_of(int vnc, float value)
{
    const float numbers[VECTOR_LENGTH] = {value, value, value, value};
    nrt_tensor_t *tensor = NULL;

    assert_nrt_ok(
        nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, vnc, VECTOR_BYTES, "vector", &tensor));
    assert_nrt_ok(nrt_tensor_write(tensor, numbers, 0, VECTOR_BYTES));
    return tensor;
}

void
check_vector(const nrt_tensor_t *tensor, float value, const char *file, int line)
{
    float numbers[VECTOR_LENGTH] = {0};

    assert_nrt_ok(nrt_tensor_read(tensor, numbers, 0, VECTOR_BYTES));
    for (int i = 0; i < VECTOR_LENGTH; i += 1) {
        if (numbers[i] != value) {
            print_error("number %d is %g, expected %g\n", i, (double)numbers[i], (double)value);
            _fail(file, line);
        }
    }
}

nrt_tensor_set_t *
set_of(const char *name, nrt_tensor_t *tensor)
{
    nrt_tensor_set_t *set = NULL;

    assert_nrt_ok(nrt_allocate_tensor_set(&set));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, name, tensor));
    return set;
}

void
twice_tensors_create(struct twice_tensors *tensors, int vnc, float value)
{
    tensors->x = vector_of(vnc, value);
    tensors->y = vector_of(vnc, 0.0F);
    tensors->inputs = set_of("x", tensors->x);
    tensors->outputs = set_of("y", tensors->y);
}

void
twice_tensors_destroy(struct twice_tensors *tensors)
{
    nrt_tensor_free(&tensors->x);
    nrt_tensor_free(&tensors->y);
    nrt_destroy_tensor_set(&tensors->inputs);
    nrt_destroy_tensor_set(&tensors->outputs);
}
