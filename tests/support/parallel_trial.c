/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel_trial.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "compiler/compile_graph.h"
#include "module/model_body.h"
#include "random_numbers.h"

enum { EXTENT_LIMIT = 5, WAYS = 4 };

static uint32_t
draw(struct parallel_trial *trial, uint32_t limit)
{
    return random_below(&trial->random, limit);
}

bool
parallel_trial_is_dynamic(const struct parallel_trial *trial)
{
    return neuron_data_parallel_has_dynamic_batching(trial->parallel, NULL);
}

int64_t
parallel_trial_compiled_extent(const struct parallel_trial *trial)
{
    return neuron_model_output(trial->staged.model, 0)->shape.dims[0];
}

/* A model for one core, as the compiler makes it. */
static void
compile(struct staged_model *staged, struct neuron_graph *traced)
{
    struct neuron_graph *compiled = NULL;
    struct neuron_error error = {0};

    staged->traced = traced;
    assert_ok(neuron_compile_graph(traced, NULL, &compiled, &error), &error);
    assert_ok(neuron_model_adopt(compiled, "random", &staged->model, &error), &error);
}

static void
make_model(struct parallel_trial *trial)
{
    static const uint32_t counts[] = {1, 1, 2, 4};
    uint32_t wanted = counts[draw(trial, sizeof(counts) / sizeof(counts[0]))];
    uint32_t model_cores = wanted <= trial->cores ? wanted : 1;
    bool is_dynamic = trial->mode == TRIAL_DYNAMIC;
    uint32_t extent = is_dynamic || draw(trial, 2) == 0 ? 1 + draw(trial, EXTENT_LIMIT) : 0;
    const struct row_model_wish wish = {.dim = trial->dim,
                                        .extent = extent,
                                        .may_mix = !is_dynamic || draw(trial, 6) == 0,
                                        .is_deep = model_cores > 1};
    struct neuron_graph *traced = row_model_trace(&trial->recipe, &wish, &trial->random);

    if (model_cores == 1) {
        compile(&trial->staged, traced);
    } else if (draw(trial, 3) == 0) {
        staged_model_create_wide(&trial->staged, traced, model_cores);
    } else {
        staged_model_create(&trial->staged, traced, model_cores, draw(trial, 1000));
    }
}

/* What was declared as shared is; the compiler may have found more. */
static void
note_shared_inputs(struct parallel_trial *trial)
{
    for (uint32_t i = 0; i < trial->recipe.input_count; i += 1) {
        bool is_shared = neuron_model_input_is_shared(trial->staged.model, i);

        assert_true(is_shared || !trial->recipe.is_shared[i]);
        trial->recipe.is_shared[i] = is_shared;
    }
}

/* Chooses replicas by their first cores, in any order; sometimes none, which means all. */
static void
choose_ids(struct parallel_trial *trial)
{
    uint32_t size = neuron_model_core_count(trial->staged.model);
    uint32_t offset = draw(trial, trial->cores % size + 1);
    uint32_t groups = (trial->cores - offset) / size;

    trial->id_count = draw(trial, 3) == 0 ? 0 : 1 + draw(trial, groups);
    for (uint32_t i = 0; i < groups; i += 1) {
        trial->id_cores[i] = offset + i * size;
    }
    for (uint32_t i = 0; i < trial->id_count; i += 1) {
        uint32_t other = i + draw(trial, groups - i);
        uint32_t core = trial->id_cores[other];

        trial->id_cores[other] = trial->id_cores[i];
        trial->id_cores[i] = core;
        (void)snprintf(trial->ids[i], TRIAL_ID_BYTES, "%s%u",
                       draw(trial, 2) == 0 ? "" : "nc:", core);
        trial->id_texts[i] = trial->ids[i];
    }
}

static struct neuron_module *
load(const struct parallel_trial *trial, const struct neuron_module_placement *placement)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_module_create(trial->owner.runtime, trial->staged.model, placement, &module, &error),
        &error);
    return module;
}

/* Makes the object on a module: where that stands, or where it is moved. */
static void
make_on_module(struct parallel_trial *trial, struct neuron_data_parallel_options *options)
{
    const struct neuron_module_placement chosen = {.kind = NEURON_PLACEMENT_SELECTION,
                                                   .cores = trial->id_cores,
                                                   .core_count = trial->id_count};
    bool is_moved = draw(trial, 2) == 0;
    struct neuron_error error = {0};

    trial->place = load(trial, is_moved ? NULL : &chosen);
    if (!is_moved) {
        options->device_ids = NULL;
        options->device_id_count = 0;
    }
    assert_ok(
        neuron_data_parallel_create_on_module(trial->place, options, &trial->parallel, &error),
        &error);
}

static void
make_parallel(struct parallel_trial *trial)
{
    struct neuron_data_parallel_options options = {
        .device_ids = trial->id_count == 0 ? NULL : trial->id_texts,
        .device_id_count = trial->id_count,
        .without_dynamic_batching = trial->mode == TRIAL_OFF,
        .dim = trial->dim,
        .num_workers = draw(trial, 2) * draw(trial, 2 * TRIAL_CORE_LIMIT)};
    struct neuron_error error = {0};

    if (trial->id_count > 0 && draw(trial, WAYS) == 0) {
        make_on_module(trial, &options);
    } else {
        assert_ok(neuron_data_parallel_create(trial->owner.runtime, trial->staged.model, &options,
                                              &trial->parallel, &error),
                  &error);
    }
}

static void
check_object(const struct parallel_trial *trial)
{
    uint32_t size = neuron_model_core_count(trial->staged.model);
    uint32_t replicas = trial->id_count == 0 ? trial->cores / size : trial->id_count;
    bool is_batchable = neuron_model_check_batchable(trial->staged.model, NULL) == NEURON_OK;

    assert_int_equal(neuron_data_parallel_replica_count(trial->parallel), replicas);
    assert_int_equal(neuron_data_parallel_core_count(trial->parallel), replicas * size);
    if (trial->mode != TRIAL_OTHER_DIM) {
        assert_int_equal(parallel_trial_is_dynamic(trial),
                         trial->mode == TRIAL_DYNAMIC && is_batchable);
    }
    if (trial->mode == TRIAL_DYNAMIC && !trial->recipe.mixes) {
        assert_true(is_batchable);
    }
}

void
parallel_trial_check_places(const struct parallel_trial *trial)
{
    const struct neuron_core_set *cores = neuron_runtime_cores(trial->owner.runtime);

    for (uint32_t i = 0; i < trial->id_count; i += 1) {
        const struct neuron_data_parallel_share *share =
            neuron_data_parallel_report_share(trial->report, i);

        assert_int_equal(share->nc, trial->id_cores[i]);
        assert_int_equal(share->core, neuron_core_set_at(cores, trial->id_cores[i]));
    }
}

void
parallel_trial_begin(struct parallel_trial *trial, uint64_t seed)
{
    static const int32_t dims[] = {1, 1, 1, 2, 3, -1, -1, -2, -3};
    char machine[64];
    struct neuron_error error = {0};

    *trial = (struct parallel_trial){.seed = seed, .random = seed};
    trial->mode = (enum trial_mode)(draw(trial, 5) % TRIAL_MODES);
    trial->dim =
        trial->mode == TRIAL_OTHER_DIM ? dims[draw(trial, sizeof(dims) / sizeof(dims[0]))] : 0;
    trial->cores = 1 + draw(trial, draw(trial, 2) == 0 ? 4 : TRIAL_CORE_LIMIT);
    uint32_t devices = trial->cores % 2 == 0 ? 2 : 1;
    (void)snprintf(machine, sizeof(machine), "numa:%u core:%u pu:1", devices,
                   trial->cores / devices);
    make_model(trial);
    note_shared_inputs(trial);
    test_runtime_create(&trial->owner, machine, trial->cores);
    choose_ids(trial);
    trial->loop = load(trial, NULL);
    make_parallel(trial);
    assert_ok(neuron_data_parallel_report_create(trial->parallel, &trial->report, &error), &error);
    check_object(trial);
}

void
parallel_trial_end(struct parallel_trial *trial)
{
    neuron_data_parallel_report_destroy(trial->report);
    neuron_data_parallel_destroy(trial->parallel);
    neuron_module_destroy(trial->place);
    neuron_module_destroy(trial->loop);
    staged_model_destroy(&trial->staged);
    test_runtime_destroy(&trial->owner);
    trial->seed = 0;
}

/* The shape that a tensor has in a call. */
static struct neuron_tensor_shape
shape_in_call(const struct parallel_trial *trial, const struct neuron_tensor_spec *spec,
              int64_t extent)
{
    struct neuron_tensor_shape shape = spec->shape;
    int64_t *dim = &shape.dims[row_model_axis(trial->dim, shape.rank)];

    *dim = parallel_trial_is_dynamic(trial) ? extent : *dim * extent;
    return shape;
}

void
trial_batch_create(struct trial_batch *batch, struct parallel_trial *trial, int64_t extent)
{
    const struct neuron_model *model = trial->staged.model;

    *batch = (struct trial_batch){.extent = extent};
    batch->tensors = (struct neuron_batch_tensors){.inputs = batch->input_views,
                                                   .outputs = batch->output_views,
                                                   .input_count = trial->recipe.input_count,
                                                   .output_count = trial->recipe.output_count};
    for (uint32_t i = 0; i < trial->recipe.input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);
        struct neuron_tensor_shape shape =
            trial->recipe.is_shared[i] ? spec->shape : shape_in_call(trial, spec, extent);

        guarded_tensor_create_input(&batch->inputs[i], &shape, &trial->random);
        batch->input_views[i] = batch->inputs[i].view;
    }
    for (uint32_t i = 0; i < trial->recipe.output_count; i += 1) {
        struct neuron_tensor_shape shape =
            shape_in_call(trial, neuron_model_output(model, i), extent);

        guarded_tensor_create_output(&batch->outputs[i], &shape, &trial->random);
        guarded_tensor_create_output(&batch->expected[i], &shape, &trial->random);
        batch->output_views[i] = batch->outputs[i].view;
    }
}

void
trial_batch_destroy(struct trial_batch *batch)
{
    for (uint32_t i = 0; i < batch->tensors.input_count; i += 1) {
        guarded_tensor_destroy(&batch->inputs[i]);
    }
    for (uint32_t i = 0; i < batch->tensors.output_count; i += 1) {
        guarded_tensor_destroy(&batch->outputs[i]);
        guarded_tensor_destroy(&batch->expected[i]);
    }
}

/* The tensors of one run of the compiled shapes. */
struct piece {
    int64_t index;
    struct guarded_tensor inputs[ROW_MODEL_INPUTS];
    struct guarded_tensor outputs[ROW_MODEL_OUTPUTS];
    struct neuron_tensor_view input_views[ROW_MODEL_INPUTS];
    struct neuron_tensor_view output_views[ROW_MODEL_OUTPUTS];
};

/* Which part of a whole tensor a piece is. */
static struct tensor_part
part_of(const struct parallel_trial *trial, const struct piece *piece,
        const struct neuron_tensor_view *view)
{
    uint32_t axis = row_model_axis(trial->dim, view->rank);

    return (struct tensor_part){.axis = axis, .first = piece->index * view->shape[axis]};
}

/* Makes the inputs of a piece. Rows beyond the last are other ones. */
static void
make_piece(struct piece *piece, const struct trial_batch *batch, struct parallel_trial *trial)
{
    const struct neuron_model *model = trial->staged.model;

    for (uint32_t i = 0; i < trial->recipe.input_count; i += 1) {
        struct guarded_tensor *input = &piece->inputs[i];

        guarded_tensor_create_input(input, &neuron_model_input(model, i)->shape, &trial->random);
        piece->input_views[i] = input->view;
        if (trial->recipe.is_shared[i]) {
            memcpy(input->view.data, batch->inputs[i].view.data, input->bytes);
        } else {
            struct tensor_part part = part_of(trial, piece, &input->view);

            tensor_part_take(&batch->inputs[i].view, &input->view, &part);
        }
    }
    for (uint32_t i = 0; i < trial->recipe.output_count; i += 1) {
        guarded_tensor_create_output(&piece->outputs[i], &neuron_model_output(model, i)->shape,
                                     &trial->random);
        piece->output_views[i] = piece->outputs[i].view;
    }
}

static void
expect_piece(const struct trial_batch *batch, struct parallel_trial *trial, int64_t index)
{
    struct piece piece = {.index = index};
    struct neuron_error error = {0};

    make_piece(&piece, batch, trial);
    assert_ok(neuron_module_run(trial->loop, piece.input_views, trial->recipe.input_count,
                                piece.output_views, trial->recipe.output_count, &error),
              &error);
    for (uint32_t i = 0; i < trial->recipe.output_count; i += 1) {
        struct tensor_part part = part_of(trial, &piece, &piece.output_views[i]);

        tensor_part_put(&batch->expected[i].view, &piece.output_views[i], &part);
        guarded_tensor_destroy(&piece.outputs[i]);
    }
    for (uint32_t i = 0; i < trial->recipe.input_count; i += 1) {
        guarded_tensor_destroy(&piece.inputs[i]);
    }
}

void
trial_batch_expect(struct trial_batch *batch, struct parallel_trial *trial)
{
    int64_t extent = parallel_trial_is_dynamic(trial) ? parallel_trial_compiled_extent(trial) : 1;

    for (int64_t i = 0; i * extent < batch->extent; i += 1) {
        expect_piece(batch, trial, i);
    }
}
