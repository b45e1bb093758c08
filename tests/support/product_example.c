/* SPDX-License-Identifier: Apache-2.0 */
#include "product_example.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

static struct guarded
guard(size_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guarded guarded = {.size_bytes = (count * sizeof(float) + page - 1) / page * page};

    guarded.pages = mmap(NULL, guarded.size_bytes + page, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(guarded.pages != MAP_FAILED);
    assert_int_equal(mprotect(guarded.pages + guarded.size_bytes, page, PROT_NONE), 0);
    guarded.numbers = (float *)(void *)(guarded.pages + guarded.size_bytes) - count;
    return guarded;
}

static void
release(struct guarded *guarded)
{
    (void)munmap(guarded->pages, guarded->size_bytes + (size_t)sysconf(_SC_PAGESIZE));
}

/* The same numbers each time, between -1 and 1. */
static void
fill(float *numbers, int64_t count, uint32_t seed)
{
    uint32_t state = seed * 2654435761U + 12345U;

    for (int64_t i = 0; i < count; i += 1) {
        state = state * 1664525U + 1013904223U;
        numbers[i] = (float)(state >> 8) / 8388608.0F - 1.0F;
    }
}

static void
set_call(struct product_example *example, int64_t rows, int64_t gap)
{
    example->call =
        (struct neuron_packed_product_call){.left = example->left.numbers,
                                            .left_stride = example->product.depth + gap,
                                            .rows = rows,
                                            .packed = example->packed.numbers,
                                            .bias = example->bias.numbers,
                                            .result = example->result.numbers,
                                            .result_stride = example->product.columns + gap};
}

void
product_example_make(struct product_example *example, int64_t rows, int64_t gap)
{
    const struct neuron_packed_product *product = &example->product;
    int64_t left_stride = product->depth + gap;
    int64_t result_stride = product->columns + gap;
    int64_t lefts = (rows - 1) * left_stride + product->depth;
    int64_t results = (rows - 1) * result_stride + product->columns;

    example->left = guard((size_t)lefts);
    example->weights = guard((size_t)(product->depth * product->columns));
    example->packed = guard(neuron_packed_product_bytes(product) / sizeof(float));
    example->bias = guard((size_t)product->columns);
    example->result = guard((size_t)results);
    example->before = guard((size_t)results);
    fill(example->left.numbers, lefts, 1);
    fill(example->weights.numbers, product->depth * product->columns, 2);
    fill(example->bias.numbers, product->columns, 3);
    fill(example->before.numbers, results, 4);
    memcpy(example->result.numbers, example->before.numbers, (size_t)results * sizeof(float));
    neuron_packed_product_pack(product, example->weights.numbers, product->columns, 1,
                               example->packed.numbers);
    set_call(example, rows, gap);
}

void
product_example_release(struct product_example *example)
{
    release(&example->left);
    release(&example->weights);
    release(&example->packed);
    release(&example->bias);
    release(&example->result);
    release(&example->before);
}

double
product_example_activate(const struct neuron_packed_product *product, double x)
{
    const struct neuron_attributes *attributes = product->attributes;

    switch ((int)product->activation) {
    case NEURON_OPERATOR_RELU:
        return x < 0.0 ? 0.0 : x;
    case NEURON_OPERATOR_LEAKY_RELU:
        return x < 0.0 ? x * (double)attributes->alpha : x;
    case NEURON_OPERATOR_CLIP:
        return fmin(fmax(x, (double)attributes->low), (double)attributes->high);
    case NEURON_OPERATOR_GELU:
        return 0.5 * x * (1.0 + erf(x * 0.70710678118654752440));
    case NEURON_OPERATOR_GELU_TANH:
        return 0.5 * x * (1.0 + tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
    case NEURON_OPERATOR_SIGMOID:
        return 1.0 / (1.0 + exp(-x));
    case NEURON_OPERATOR_SWISH:
        return x / (1.0 + exp(-x));
    case NEURON_OPERATOR_TANH:
        return tanh(x);
    default:
        return x;
    }
}

/* What an element of the result is to be, and how far it may be off. */
static double
expected_element(const struct product_example *example, int64_t row, int64_t column, double *bound)
{
    const struct neuron_packed_product_call *call = &example->call;
    const struct neuron_packed_product *product = &example->product;
    double sum = call->bias != NULL ? (double)call->bias[column] : 0.0;
    double size = 1.0;

    for (int64_t k = 0; k < product->depth; k += 1) {
        double factor = (double)call->left[row * call->left_stride + k];
        double term = factor * (double)example->weights.numbers[k * product->columns + column];

        sum += term;
        size += fabs(term);
    }
    if (call->adds_result) {
        sum += (double)example->before.numbers[row * call->result_stride + column];
    }
    *bound = 1e-6 * size;
    return product_example_activate(product, sum);
}

static void
expect_element(const struct product_example *example, int64_t row, int64_t column)
{
    const struct neuron_packed_product *product = &example->product;
    double bound = 0;
    double expected = expected_element(example, row, column, &bound);
    double result = (double)example->call.result[row * example->call.result_stride + column];

    if (!(fabs(result - expected) <= bound)) {
        fail_msg("code %d, %lldx%lldx%lld: element %lld,%lld is %g, not %g", (int)product->code,
                 (long long)example->call.rows, (long long)product->depth,
                 (long long)product->columns, (long long)row, (long long)column, result, expected);
    }
}

void
product_example_expect(const struct product_example *example)
{
    neuron_packed_product_run(&example->product, &example->call);
    for (int64_t i = 0; i < example->call.rows; i += 1) {
        for (int64_t j = 0; j < example->product.columns; j += 1) {
            expect_element(example, i, j);
        }
    }
}

/* An example of a code that runs; its arrays are still to be made. */
bool
product_example_begin(struct product_example *example, int code, int64_t depth, int64_t columns)
{
    *example = (struct product_example){.product = {.code = (enum neuron_product_code)code,
                                                    .depth = depth,
                                                    .columns = columns,
                                                    .activation = NEURON_OPERATOR_NONE},
                                        .attributes = {.alpha = 0.25F, .low = -0.5F, .high = 2.0F}};
    example->product.attributes = &example->attributes;
    return neuron_product_code_runs(example->product.code);
}
