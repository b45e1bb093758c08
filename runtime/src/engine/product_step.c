/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/product_step.h"

#include <stdlib.h>

#include "engine/lowering.h"
#include "engine/packed_weights.h"

/* The first part of the signature of packed weights, which no layout of oneDNN has for its own. */
enum { SIGNATURE = 0x4E50 };

/* The places of a step's arguments; the bias, where there is one, stands before the result. */
enum { LEFT, WEIGHTS, BIAS };

static enum neuron_status
run_product(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_product_step *step = call->product;
    const struct neuron_packed_product_call run = {.left = call->inputs[LEFT].data,
                                                   .left_stride = step->product.depth,
                                                   .rows = step->rows,
                                                   .packed = call->inputs[WEIGHTS].data,
                                                   .bias = step->has_bias ? call->inputs[BIAS].data
                                                                          : NULL,
                                                   .result = call->output.data,
                                                   .result_stride = step->product.columns,
                                                   .adds_result = step->adds_result,
                                                   .next = step->next,
                                                   .next_bytes = step->next_bytes};

    (void)error;
    neuron_packed_product_run(&step->product, &run);
    return NEURON_OK;
}

bool
neuron_product_step_fits(const struct neuron_lowering *lowering)
{
    enum neuron_operator activation = lowering->node->attributes.activation;

    return lowering->operand_type == dnnl_f32 && lowering->scaling == NULL &&
           neuron_product_code_best() != NEURON_PRODUCT_PLAIN &&
           lowering->plan->graph->split.kind != NEURON_SPLIT_KIND_WIDE &&
           neuron_lowering_is_constant(lowering, 1) &&
           (activation == NEURON_OPERATOR_NONE || neuron_packed_product_activates(activation));
}

/* Packs the weights of a node, or finds them packed on the disk. */
static enum neuron_status
pack_weights(struct neuron_lowering *lowering, const struct neuron_packed_product *product,
             const struct neuron_product_shape *shape, uint32_t *buffer)
{
    struct neuron_plan *plan = lowering->plan;
    int64_t count = (int64_t)(neuron_packed_product_bytes(product) / sizeof(float));
    uint64_t signature = (uint64_t)SIGNATURE << 48 | (uint64_t)product->code << 40;
    dnnl_memory_desc_t layout = neuron_layout_dense(&count, 1);
    uint32_t raw = neuron_lowering_input(lowering, 1);
    void *packed = NULL;

    enum neuron_status status = neuron_plan_add_buffer(plan, &layout, buffer, lowering->error);
    if (status == NEURON_OK && !neuron_packed_weights_find(plan, *buffer, signature)) {
        status = neuron_packed_weights_allocate(lowering, *buffer, &packed);
        if (status == NEURON_OK) {
            neuron_packed_product_pack(product, plan->storages[plan->buffers[raw].storage].constant,
                                       shape->row_stride, shape->column_stride, packed);
        }
    }
    if (status == NEURON_OK) {
        neuron_packed_weights_release(plan, raw);
    }
    return status;
}

enum neuron_status
neuron_product_step_add(struct neuron_lowering *lowering, const struct neuron_product_shape *shape,
                        uint32_t left, uint32_t output)
{
    const struct neuron_attributes *attributes = &lowering->node->attributes;
    struct neuron_product_step *step = calloc(1, sizeof(*step));
    struct neuron_step_argument arguments[4] = {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, 0}};
    uint32_t count = 2;

    if (step == NULL) {
        return NEURON_FAIL(lowering->error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
    }
    *step = (struct neuron_product_step){.product = {.code = neuron_product_code_best(),
                                                     .depth = shape->depth,
                                                     .columns = shape->columns,
                                                     .activation = attributes->activation,
                                                     .attributes = attributes},
                                         .rows = shape->rows,
                                         .has_bias = neuron_lowering_has_bias(lowering),
                                         .adds_result = attributes->has_residual};
    enum neuron_status status =
        pack_weights(lowering, &step->product, shape, &arguments[WEIGHTS].buffer);
    if (status == NEURON_OK && step->has_bias) {
        arguments[count].name = DNNL_ARG_BIAS;
        status = neuron_lowering_plain_input(lowering, 2, &arguments[count].buffer);
        count += 1;
    }
    if (status != NEURON_OK) {
        free(step);
        return status;
    }
    arguments[count] = (struct neuron_step_argument){DNNL_ARG_DST, output};
    return neuron_lowering_add_product(lowering, run_product, step, arguments, count + 1);
}

void
neuron_product_steps_link(struct neuron_plan *plan)
{
    const struct neuron_storage *next = NULL;

    for (uint32_t i = plan->step_count; i > 0; i -= 1) {
        const struct neuron_step *step = &plan->steps[i - 1];

        if (step->product == NULL) {
            continue;
        }
        step->product->next = next == NULL ? NULL : next->constant;
        step->product->next_bytes = next == NULL ? 0 : next->size_bytes;
        next = &plan->storages[plan->buffers[step->arguments[WEIGHTS].buffer].storage];
    }
}
