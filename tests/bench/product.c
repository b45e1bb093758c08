/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our packed products beside those of oneDNN, as a plan of one node has them: how many times as
 * fast ours are, with weights that come from memory as in a network, since both walk through many
 * copies of them. Left sides are in the cache, as what a layer before has just written.
 *
 *   product [PART [CODE]]
 *
 * PART  runs only the shapes whose name has it in it
 * CODE  is avx2 or plain for that code of ours, in place of the fastest; ONEDNN_MAX_CPU_ISA=AVX2
 *       holds the other side back
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kernels/packed_product.h"
#include "engine/single_thread.h"

#include "measure.h"
#include "product_peer.h"

enum {
    BLOCKS = 13,
    RUN_LIMIT = 16, /* of a block */
    COPY_LIMIT = 96,
    COLD_BYTES = 96 << 20
};

struct bench {
    const struct product_subject *subject;
    struct neuron_packed_product product;
    int copies;
    struct product_peer theirs[COPY_LIMIT];
    float *packed[COPY_LIMIT];
    float *left;
    float *residual;
    float *bias;
    float *result;
    float *their_result;
};

/* As record_weights() makes them. */
static float
weight_at(int64_t index)
{
    return (float)(index % 17) / 170.0F - 0.04F;
}

static float *
make_numbers(int64_t count)
{
    float *numbers =
        aligned_alloc(NEURON_PRODUCT_ALIGNMENT, ((size_t)count * sizeof(*numbers) + 63) / 64 * 64);

    for (int64_t i = 0; i < count && numbers != NULL; i += 1) {
        numbers[i] = (float)(i % 13) / 13.0F - 0.5F;
    }
    return numbers;
}

/* Packs the weights that record_weights() made for the other side. NULL without memory. */
static float *
make_packed(const struct bench *bench)
{
    const struct product_shape *shape = &bench->subject->shape;
    int64_t count = shape->depth * shape->columns;
    bool is_window = bench->subject->is_window;
    float *weights = make_numbers(count);
    float *packed =
        aligned_alloc(NEURON_PRODUCT_ALIGNMENT, neuron_packed_product_bytes(&bench->product));

    if (weights != NULL && packed != NULL) {
        for (int64_t i = 0; i < count; i += 1) {
            weights[i] = weight_at(i);
        }
        neuron_packed_product_pack(&bench->product, weights, is_window ? 1 : shape->columns,
                                   is_window ? shape->depth : 1, packed);
    }
    free(weights);
    return packed;
}

/* Everything but weights. */
static enum neuron_status
make_arrays(struct bench *bench, struct neuron_error *error)
{
    const struct product_shape *shape = &bench->subject->shape;
    int64_t rows = bench->subject->rows;

    bench->left = make_numbers(rows * shape->depth);
    bench->residual = make_numbers(rows * shape->columns);
    bench->bias = make_numbers(shape->columns);
    bench->result = make_numbers(rows * shape->columns);
    bench->their_result = make_numbers(rows * shape->columns);
    bool is_complete = bench->left != NULL && bench->residual != NULL && bench->bias != NULL &&
                       bench->result != NULL && bench->their_result != NULL;
    for (int i = 0; i < bench->copies; i += 1) {
        is_complete = is_complete && bench->packed[i] != NULL;
    }
    if (!is_complete) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %s", bench->subject->name);
    }
    for (int64_t i = 0; i < shape->columns; i += 1) {
        bench->bias[i] = weight_at(i);
    }
    return NEURON_OK;
}

/* Both sides read the same numbers. */
static enum neuron_status
make_bench(struct bench *bench, const struct product_subject *subject, struct neuron_error *error)
{
    static const enum neuron_operator endings[] = {[PRODUCT_RELU] = NEURON_OPERATOR_RELU,
                                                   [PRODUCT_GELU] = NEURON_OPERATOR_GELU,
                                                   [PRODUCT_RESIDUAL] = NEURON_OPERATOR_NONE};
    const struct product_shape *shape = &subject->shape;
    int64_t bytes = shape->depth * shape->columns * (int64_t)sizeof(float);
    int64_t copies = COLD_BYTES / bytes + 1;
    enum neuron_status status = NEURON_OK;

    *bench = (struct bench){.subject = subject,
                            .product = {.code = subject->code,
                                        .depth = shape->depth,
                                        .columns = shape->columns,
                                        .activation = endings[shape->ending]},
                            .copies = (int)(copies < COPY_LIMIT ? copies : COPY_LIMIT)};
    for (int i = 0; i < bench->copies && status == NEURON_OK; i += 1) {
        bench->packed[i] = make_packed(bench);
        status = product_peer_create(subject, &bench->theirs[i], error);
    }
    return status == NEURON_OK ? make_arrays(bench, error) : status;
}

static void
destroy_bench(struct bench *bench)
{
    for (int i = 0; i < bench->copies; i += 1) {
        product_peer_destroy(&bench->theirs[i]);
        free(bench->packed[i]);
    }
    free(bench->left);
    free(bench->residual);
    free(bench->bias);
    free(bench->result);
    free(bench->their_result);
}

/* Brings an array to the cache. */
static void
touch(const float *numbers, int64_t count)
{
    volatile float sink = 0.0F;

    for (int64_t i = 0; i < count; i += 16) {
        sink = numbers[i];
    }
    (void)sink;
}

/* In microseconds; negative after a failure. */
static double
run_theirs(struct bench *bench, int copy)
{
    void *inputs[2] = {bench->left, bench->residual};

    touch(bench->left, bench->subject->rows * bench->subject->shape.depth);
    return product_peer_run(&bench->theirs[copy], inputs, bench->their_result);
}

/* In microseconds. */
static double
run_ours(struct bench *bench, int copy)
{
    const struct product_shape *shape = &bench->subject->shape;
    int64_t results = bench->subject->rows * shape->columns;
    const struct neuron_packed_product_call call = {
        .left = bench->left,
        .left_stride = shape->depth,
        .rows = bench->subject->rows,
        .packed = bench->packed[copy],
        .bias = bench->bias,
        .result = bench->result,
        .result_stride = shape->columns,
        .adds_result = shape->ending == PRODUCT_RESIDUAL,
        .next = bench->packed[(copy + 1) % bench->copies],
        .next_bytes = neuron_packed_product_bytes(&bench->product)};

    if (call.adds_result) {
        memcpy(bench->result, bench->residual, (size_t)results * sizeof(float));
    }
    touch(bench->left, bench->subject->rows * shape->depth);
    double begin_us = read_clock_us();
    neuron_packed_product_run(&bench->product, &call);
    return read_clock_us() - begin_us;
}

/* How far the results are apart; of a window, ours is the other way round, and is not looked at. */
static double
compare(const struct bench *bench)
{
    int64_t count = bench->subject->rows * bench->subject->shape.columns;
    double difference = 0;
    double size = 0;

    for (int64_t i = 0; i < count && !bench->subject->is_window; i += 1) {
        double theirs = (double)bench->their_result[i];

        difference += pow((double)bench->result[i] - theirs, 2);
        size += theirs * theirs;
    }
    return size > 0 ? sqrt(difference / size) : 0;
}

static enum neuron_status
measure(struct bench *bench, struct neuron_error *error)
{
    const struct product_subject *subject = bench->subject;
    double gflop = 2e-9 * (double)(subject->rows * subject->shape.depth * subject->shape.columns);
    double ratios[BLOCKS];
    double ours_us[BLOCKS];
    double first_us = run_theirs(bench, 0) + run_ours(bench, 0);
    int runs = (int)fmax(2, fmin(RUN_LIMIT, 10000 / first_us));
    int copy = 0;

    if (compare(bench) > 1e-5) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: results differ by %g", subject->name,
                           compare(bench));
    }
    for (int i = 0; i < BLOCKS; i += 1) {
        double theirs_us = 0;

        ours_us[i] = 0;
        for (int j = 0; j < runs; j += 1) {
            theirs_us += run_theirs(bench, (copy + j) % bench->copies) / runs;
        }
        for (int j = 0; j < runs; j += 1) {
            ours_us[i] += run_ours(bench, (copy + j) % bench->copies) / runs;
        }
        copy += runs;
        ratios[i] = theirs_us / ours_us[i];
    }
    printf("%s %.3f x -\n", subject->name, median(ratios, BLOCKS));
    printf("%s_speed %.1f GFLOP/s -\n", subject->name, gflop * 1e6 / median(ours_us, BLOCKS));
    (void)fflush(stdout);
    return NEURON_OK;
}

/* Measures one product if its name has `part` in it. */
static enum neuron_status
run_subject(struct product_subject *subject, const char *part, struct neuron_error *error)
{
    static const char *const endings[] = {[PRODUCT_PLAIN] = "",
                                          [PRODUCT_RELU] = "_relu",
                                          [PRODUCT_GELU] = "_gelu",
                                          [PRODUCT_RESIDUAL] = "_residual"};
    static struct bench bench; /* large */

    (void)snprintf(subject->name, sizeof(subject->name), "%s_%lldx%lldx%lld%s",
                   subject->is_window ? "conv" : "product", (long long)subject->rows,
                   (long long)subject->shape.depth, (long long)subject->shape.columns,
                   endings[subject->shape.ending]);
    if (strstr(subject->name, part) == NULL) {
        return NEURON_OK;
    }
    enum neuron_status status = make_bench(&bench, subject, error);
    if (status == NEURON_OK) {
        status = measure(&bench, error);
    }
    destroy_bench(&bench);
    return status;
}

static enum neuron_product_code
find_code(const char *name)
{
    if (strcmp(name, "plain") == 0) {
        return NEURON_PRODUCT_PLAIN;
    }
    return strcmp(name, "avx2") == 0 ? NEURON_PRODUCT_AVX2 : neuron_product_code_best();
}

int
main(int argc, char **argv)
{
    static const struct product_shape products[] = {
        {784, 1024, PRODUCT_RELU},   {1024, 1024, PRODUCT_RELU},  {1024, 10, PRODUCT_PLAIN},
        {768, 768, PRODUCT_PLAIN},   {768, 3072, PRODUCT_GELU},   {3072, 768, PRODUCT_RESIDUAL},
        {2048, 1000, PRODUCT_PLAIN}, {1280, 1000, PRODUCT_PLAIN}, {3136, 512, PRODUCT_RELU}};
    static const struct product_shape windows[] = {
        {64, 256, PRODUCT_RELU},   {256, 64, PRODUCT_RELU},   {512, 128, PRODUCT_RELU},
        {128, 512, PRODUCT_RELU},  {1024, 256, PRODUCT_RELU}, {256, 1024, PRODUCT_RELU},
        {2048, 512, PRODUCT_RELU}, {512, 2048, PRODUCT_RELU}, {24, 144, PRODUCT_RELU},
        {32, 192, PRODUCT_RELU},   {96, 576, PRODUCT_RELU},   {160, 960, PRODUCT_RELU},
        {960, 320, PRODUCT_PLAIN}};
    static const int64_t rows[] = {1, 8, 32, 128, 1024};
    static const int64_t areas[] = {49, 196, 784, 3136};
    const char *part = argc > 1 ? argv[1] : "";
    enum neuron_product_code code = find_code(argc > 2 ? argv[2] : "");
    struct neuron_error error = {0};
    enum neuron_status status = NEURON_OK;

    (void)neuron_engine_use_single_thread();
    for (size_t i = 0; i < sizeof(products) / sizeof(*products) * 5 && status == NEURON_OK;
         i += 1) {
        struct product_subject subject = {
            .shape = products[i / 5], .rows = rows[i % 5], .code = code};

        status = run_subject(&subject, part, &error);
    }
    for (size_t i = 0; i < sizeof(windows) / sizeof(*windows) * 4 && status == NEURON_OK; i += 1) {
        struct product_subject subject = {
            .shape = windows[i / 4], .rows = areas[i % 4], .is_window = true, .code = code};

        status = run_subject(&subject, part, &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "product: %s\n", error.text);
    }
    return status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
