/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/plan.h"

#include <stdlib.h>

#include "compiler/memory_plan.h"
#include "engine/lowering.h"
#include "engine/machine.h"
#include "engine/narrow_values.h"
#include "engine/product_step.h"
#include "engine/single_thread.h"
#include "engine/value_signs.h"

/* How oneDNN does an operator on float32; NULL where it does not. */
static neuron_lower_fn *
find_primitive_lowering(enum neuron_operator kind)
{
    static neuron_lower_fn *const lowerings[NEURON_OPERATOR_END] = {
        [NEURON_OPERATOR_ADD] = neuron_lower_binary,
        [NEURON_OPERATOR_SUBTRACT] = neuron_lower_binary,
        [NEURON_OPERATOR_MULTIPLY] = neuron_lower_binary,
        [NEURON_OPERATOR_DIVIDE] = neuron_lower_binary,
        [NEURON_OPERATOR_MINIMUM] = neuron_lower_binary,
        [NEURON_OPERATOR_MAXIMUM] = neuron_lower_binary,
        [NEURON_OPERATOR_SOFTMAX] = neuron_lower_softmax,
        [NEURON_OPERATOR_LOG_SOFTMAX] = neuron_lower_softmax,
        [NEURON_OPERATOR_LAYER_NORM] = neuron_lower_layer_norm,
        [NEURON_OPERATOR_MATMUL] = neuron_lower_matmul,
        [NEURON_OPERATOR_CONV] = neuron_lower_conv,
        [NEURON_OPERATOR_CONV_TRANSPOSE] = neuron_lower_conv,
        [NEURON_OPERATOR_MAX_POOL] = neuron_lower_pool,
        [NEURON_OPERATOR_AVERAGE_POOL] = neuron_lower_pool,
        [NEURON_OPERATOR_RESIZE] = neuron_lower_resize,
        [NEURON_OPERATOR_TRANSPOSE] = neuron_lower_transpose,
        [NEURON_OPERATOR_CONCAT] = neuron_lower_concat,
    };

    return lowerings[kind];
}

/* Says whether the node takes and gives float32 alone. */
static bool
is_of_float32(const struct neuron_lowering *lowering)
{
    size_t count = 0;
    bool is_float =
        neuron_lowering_output_shape(lowering)->type == NEURON_FLOAT32 &&
        neuron_tensor_shape_element_count(neuron_lowering_output_shape(lowering), &count) &&
        count > 0;

    for (uint32_t i = 0; is_float && i < lowering->node->input_count; i += 1) {
        is_float =
            neuron_lowering_input_shape(lowering, i)->type == NEURON_FLOAT32 &&
            neuron_tensor_shape_element_count(neuron_lowering_input_shape(lowering, i), &count) &&
            count > 0;
    }
    return is_float;
}

static neuron_lower_fn *
choose_lowering(const struct neuron_lowering *lowering)
{
    enum neuron_operator kind = lowering->node->kind;
    neuron_lower_fn *primitive = find_primitive_lowering(kind);

    if (kind == NEURON_OPERATOR_RESHAPE) {
        return neuron_lower_reshape;
    }
    if (!is_of_float32(lowering)) {
        return neuron_lower_portable;
    }
    if (neuron_lowering_has_eltwise(kind)) {
        return neuron_lower_unary;
    }
    return primitive == NULL ? neuron_lower_portable : primitive;
}

/* Makes a buffer for each input and constant; the nodes make those of their results. */
static enum neuron_status
add_given_values(struct neuron_plan *plan, struct neuron_error *error)
{
    const struct neuron_graph *graph = plan->graph;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];
        dnnl_memory_desc_t layout = neuron_layout_plain(&value->shape);

        if (value->origin == NEURON_VALUE_COMPUTED) {
            continue;
        }
        enum neuron_status status =
            neuron_plan_add_buffer(plan, &layout, &plan->value_buffers[i], error);
        if (status != NEURON_OK) {
            return status;
        }
        struct neuron_storage *storage =
            &plan->storages[plan->buffers[plan->value_buffers[i]].storage];
        storage->place =
            value->origin == NEURON_VALUE_CONSTANT ? NEURON_PLACE_CONSTANT : NEURON_PLACE_INPUT;
        storage->constant = value->constant;
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        uint32_t buffer = plan->value_buffers[graph->inputs[i].value];

        plan->storages[plan->buffers[buffer].storage].port = i;
    }
    return NEURON_OK;
}

/* Finds which node reads each value last. */
static void
find_last_readers(struct neuron_plan *plan)
{
    const struct neuron_graph *graph = plan->graph;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        for (uint32_t j = 0; j < graph->nodes[i].input_count; j += 1) {
            plan->last_readers[graph->nodes[i].inputs[j]] = i;
        }
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        plan->last_readers[graph->outputs[i].value] = UINT32_MAX;
    }
}

/* The type that a node's operands are rounded to, where there are kernels for it. */
static dnnl_data_type_t
operand_type_of(const struct neuron_node *node)
{
    return node->attributes.precision == NEURON_PRECISION_BFLOAT16 &&
                   neuron_machine_has_precision(NEURON_PRECISION_BFLOAT16)
               ? dnnl_bf16
               : dnnl_f32;
}

static enum neuron_status
lower_nodes(struct neuron_plan *plan, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < plan->graph->node_count; i += 1) {
        struct neuron_lowering lowering = {.plan = plan,
                                           .node = &plan->graph->nodes[i],
                                           .index = i,
                                           .operand_type = operand_type_of(&plan->graph->nodes[i]),
                                           .error = error};

        status = choose_lowering(&lowering)(&lowering);
    }
    return status;
}

/* Copies a buffer to the caller's memory, for results that are not made in place. */
static enum neuron_status
copy_to_output(struct neuron_lowering *lowering, uint32_t from, const dnnl_memory_desc_t *plain,
               uint32_t *to)
{
    enum neuron_status status = neuron_plan_add_buffer(lowering->plan, plain, to, lowering->error);

    return status == NEURON_OK ? neuron_lowering_add_copy(lowering, from, *to) : status;
}

/*
 * Puts each output into the caller's memory: the step that makes it writes there, unless it is an
 * input, a constant, or another output as well.
 */
static enum neuron_status
place_outputs(struct neuron_plan *plan, struct neuron_error *error)
{
    const struct neuron_graph *graph = plan->graph;
    struct neuron_lowering lowering = {.plan = plan, .operand_type = dnnl_f32, .error = error};

    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        uint32_t value = graph->outputs[i].value;
        dnnl_memory_desc_t plain = neuron_layout_plain(&graph->values[value].shape);
        uint32_t buffer = 0;

        enum neuron_status status =
            neuron_lowering_reorder(&lowering, plan->value_buffers[value], &plain, &buffer);
        if (status == NEURON_OK &&
            plan->storages[plan->buffers[buffer].storage].place != NEURON_PLACE_ARENA) {
            status = copy_to_output(&lowering, buffer, &plain, &buffer);
        }
        if (status != NEURON_OK) {
            return status;
        }
        struct neuron_storage *storage = &plan->storages[plan->buffers[buffer].storage];
        storage->place = NEURON_PLACE_OUTPUT;
        storage->port = i;
    }
    return NEURON_OK;
}

/* Finds a place in the arena for every storage that is neither the caller's nor constant. */
static enum neuron_status
lay_out_arena(struct neuron_plan *plan, struct neuron_error *error)
{
    struct neuron_memory_interval *intervals =
        calloc((size_t)plan->storage_count + 1, sizeof(*intervals));

    if (intervals == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
    }
    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        const struct neuron_storage *storage = &plan->storages[i];

        if (storage->place == NEURON_PLACE_ARENA && storage->first_step != UINT32_MAX) {
            intervals[i] = (struct neuron_memory_interval){.size_bytes = storage->size_bytes,
                                                           .first_step = storage->first_step,
                                                           .last_step = storage->last_step};
        }
    }
    enum neuron_status status =
        neuron_memory_plan(intervals, plan->storage_count, &plan->arena_bytes, error);
    for (uint32_t i = 0; status == NEURON_OK && i < plan->storage_count; i += 1) {
        plan->storages[i].offset = intervals[i].offset;
    }
    free(intervals);
    return status;
}

/* Decides what concerns the graph as a whole. */
static void
choose_for_graph(struct neuron_plan *plan)
{
    const struct neuron_graph *graph = plan->graph;
    neuron_layout_choose(graph, neuron_machine_instructions(), plan->layouts);
    if (neuron_machine_has_precision(NEURON_PRECISION_BFLOAT16)) {
        neuron_narrow_values_find(graph, plan->is_narrow);
    }
    neuron_value_signs_find(graph, plan->is_positive);
}

/* Frees constants that the plan made on the way to others. */
static void
free_unread(struct neuron_plan *plan)
{
    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        struct neuron_storage *storage = &plan->storages[i];

        if (storage->owned != NULL && storage->first_step == UINT32_MAX) {
            free(storage->owned);
            storage->owned = NULL;
            storage->constant = NULL;
            storage->owned_bytes = 0;
        }
    }
}

static enum neuron_status
build(struct neuron_plan *plan, struct neuron_error *error)
{
    enum neuron_status status = neuron_plan_charge_constants(plan, error);

    if (status == NEURON_OK) {
        find_last_readers(plan);
        choose_for_graph(plan);
        status = add_given_values(plan, error);
    }
    if (status == NEURON_OK) {
        status = lower_nodes(plan, error);
    }
    if (status == NEURON_OK) {
        status = place_outputs(plan, error);
    }
    if (status == NEURON_OK) {
        status = lay_out_arena(plan, error);
    }
    if (status == NEURON_OK) {
        neuron_packed_cache_store(plan->packed, plan);
    }
    free_unread(plan);
    neuron_product_steps_link(plan);
    return status == NEURON_OK ? neuron_plan_settle_charge(plan, error) : status;
}

/* Makes a plan of nothing yet. Returns NULL where there is no memory for it. */
static struct neuron_plan *
create_empty(const struct neuron_graph *graph)
{
    struct neuron_plan *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NULL;
    }
    created->graph = graph;
    created->core_count = graph->split.kind == NEURON_SPLIT_KIND_WIDE ? graph->split.core_count : 1;
    created->value_buffers =
        calloc((size_t)graph->value_count + 1, sizeof(*created->value_buffers));
    created->last_readers = calloc((size_t)graph->value_count + 1, sizeof(*created->last_readers));
    created->layouts = calloc((size_t)graph->node_count + 1, sizeof(*created->layouts));
    created->is_narrow = calloc((size_t)graph->value_count + 1, sizeof(*created->is_narrow));
    created->is_positive = calloc((size_t)graph->value_count + 1, sizeof(*created->is_positive));
    if (created->value_buffers == NULL || created->last_readers == NULL ||
        created->layouts == NULL || created->is_narrow == NULL || created->is_positive == NULL ||
        dnnl_engine_create(&created->engine, dnnl_cpu, 0) != dnnl_success) {
        neuron_plan_destroy(created);
        return NULL;
    }
    return created;
}

/* Completes an empty plan, or destroys it. Accepts NULL. */
static enum neuron_status
complete(struct neuron_plan *created, struct neuron_plan **plan, struct neuron_error *error)
{
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
    }
    int threads = neuron_engine_use_single_thread();
    enum neuron_status status = build(created, error);
    neuron_engine_restore_threads(threads);
    if (status != NEURON_OK) {
        neuron_plan_destroy(created);
        return status;
    }
    *plan = created;
    return NEURON_OK;
}

enum neuron_status
neuron_plan_create(const struct neuron_graph *graph, const struct neuron_charge *charge,
                   struct neuron_plan **plan, struct neuron_error *error)
{
    return neuron_plan_create_cached(graph, charge, NULL, plan, error);
}

enum neuron_status
neuron_plan_create_cached(const struct neuron_graph *graph, const struct neuron_charge *charge,
                          const struct neuron_packed_place *place, struct neuron_plan **plan,
                          struct neuron_error *error)
{
    struct neuron_plan *created = create_empty(graph);

    if (created != NULL) {
        created->charge = charge == NULL ? created->charge : *charge;
        created->packed = neuron_packed_cache_open(place);
    }
    return complete(created, plan, error);
}

enum neuron_status
neuron_plan_outline(const struct neuron_graph *graph, struct neuron_plan **plan,
                    struct neuron_error *error)
{
    struct neuron_plan *created = create_empty(graph);

    if (created != NULL) {
        created->is_outline = true;
    }
    return complete(created, plan, error);
}

void
neuron_plan_destroy(struct neuron_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (uint32_t i = 0; i < plan->step_count; i += 1) {
        (void)dnnl_primitive_destroy(plan->steps[i].primitive);
        free(plan->steps[i].arguments);
        free(plan->steps[i].product);
    }
    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        free(plan->storages[i].owned);
    }
    neuron_packed_cache_close(plan->packed);
    neuron_charge_give(&plan->charge, plan->charged_bytes, NEURON_MEMORY_WEIGHTS);
    (void)dnnl_engine_destroy(plan->engine);
    free(plan->steps);
    free(plan->storages);
    free(plan->buffers);
    free(plan->reordered);
    free(plan->value_buffers);
    free(plan->last_readers);
    free(plan->layouts);
    free(plan->is_narrow);
    free(plan->is_positive);
    free(plan);
}
