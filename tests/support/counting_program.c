/* SPDX-License-Identifier: Apache-2.0 */
#include "counting_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "neuron/core_set.h"
#include "neuron/executor.h"

enum { PAINT = 0xA5 };

struct counted counted;

/* What create() makes: one core's. */
struct instance {
    uint32_t nc;
    _Atomic bool is_busy;
};

static bool
is_on_executor_of(uint32_t nc)
{
    return neuron_executor_is_current(neuron_runtime_executor(counted.runtime, nc));
}

static enum neuron_status
give_failure(struct neuron_error *error)
{
    if (counted.text != NULL) {
        (void)snprintf(error->text, sizeof(error->text), "%s", counted.text);
    }
    return counted.failure;
}

static enum neuron_status
create_counting(const char *config, const struct neuron_custom_place *place, void **instance,
                struct neuron_error *error)
{
    const struct neuron_core_set *cores = neuron_runtime_cores(counted.runtime);
    struct instance *made = NULL;

    if (place->nc >= neuron_runtime_core_count(counted.runtime) || place->nc >= COUNTED_CORES ||
        neuron_core_set_at(cores, place->nc) != place->core) {
        atomic_fetch_add(&counted.bad_places, 1);
        return NEURON_SYSTEM;
    }
    if (!is_on_executor_of(place->nc)) {
        atomic_fetch_add(&counted.strange_calls, 1);
    }
    if (place->nc == counted.fails_to_create) {
        return give_failure(error);
    }
    made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return NEURON_OUT_OF_MEMORY;
    }
    made->nc = place->nc;
    atomic_fetch_add(&counted.created[place->nc], 1);
    if (place->nc == 0) {
        counted.config = config; /* by one thread alone */
    }
    *instance = made;
    return NEURON_OK;
}

static void
destroy_counting(void *argument)
{
    struct instance *instance = argument;

    if (!is_on_executor_of(instance->nc) || atomic_load(&instance->is_busy)) {
        atomic_fetch_add(&counted.strange_calls, 1);
    }
    atomic_fetch_add(&counted.destroyed[instance->nc], 1);
    free(instance);
}

/* Says whether views are what the program was promised. */
static bool
are_views_right(const struct neuron_tensor_view *inputs, const struct neuron_tensor_view *outputs)
{
    int64_t rows = inputs[0].shape[0];

    return rows >= 1 && inputs[0].type == NEURON_INT64 && inputs[0].rank == 1 &&
           inputs[1].type == NEURON_FLOAT32 && inputs[1].rank == 1 &&
           inputs[1].shape[0] == COUNTED_COLUMNS && outputs[0].type == NEURON_FLOAT32 &&
           outputs[0].rank == 2 && outputs[0].shape[0] == rows &&
           outputs[0].shape[1] == COUNTED_COLUMNS && outputs[1].type == NEURON_UINT8 &&
           outputs[1].rank == 1 && outputs[1].shape[0] == rows;
}

static void
note_rows(int64_t rows)
{
    int64_t most = atomic_load(&counted.most_rows);

    while (rows > most && !atomic_compare_exchange_weak(&counted.most_rows, &most, rows)) {
    }
}

static void
compute_row(const struct neuron_tensor_view *inputs, const struct neuron_tensor_view *outputs,
            int64_t place, int64_t row)
{
    const float *table = inputs[1].data;
    float *scaled = (float *)outputs[0].data + place * COUNTED_COLUMNS;
    uint8_t *low = outputs[1].data;

    for (int i = 0; i < COUNTED_COLUMNS; i += 1) {
        scaled[i] = (float)row * table[i];
    }
    low[place] = (uint8_t)row;
}

static enum neuron_status
run_counting(void *argument, const struct neuron_tensor_view *inputs,
             const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    struct instance *instance = argument;
    const int64_t *rows = inputs[0].data;
    enum neuron_status status = NEURON_OK;

    if (!is_on_executor_of(instance->nc) || atomic_exchange(&instance->is_busy, true) ||
        !are_views_right(inputs, outputs)) {
        atomic_fetch_add(&counted.strange_calls, 1);
    }
    atomic_fetch_add(&counted.runs, 1);
    note_rows(inputs[0].shape[0]);
    for (int64_t i = 0; i < inputs[0].shape[0] && status == NEURON_OK; i += 1) {
        atomic_fetch_add(&counted.row_runs[rows[i]], 1);
        if ((uint64_t)rows[i] >= atomic_load(&counted.failing_row)) {
            status = give_failure(error);
        } else {
            compute_row(inputs, outputs, i, rows[i]);
        }
    }
    atomic_store(&instance->is_busy, false);
    return status;
}

static const struct neuron_custom_tensor counted_inputs[2] = {
    {.spec = {"row", {NEURON_INT64, 1, {0}}}},
    {.spec = {"table", {NEURON_FLOAT32, 1, {COUNTED_COLUMNS}}}, .is_shared = true},
};
static const struct neuron_custom_tensor counted_outputs[2] = {
    {.spec = {"scaled", {NEURON_FLOAT32, 2, {0, COUNTED_COLUMNS}}}},
    {.spec = {"low", {NEURON_UINT8, 1, {0}}}},
};
const struct neuron_custom_program counting_program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                       .name = "counting",
                                                       .inputs = counted_inputs,
                                                       .outputs = counted_outputs,
                                                       .input_count = 2,
                                                       .output_count = 2,
                                                       .create = create_counting,
                                                       .run = run_counting,
                                                       .destroy = destroy_counting,
                                                       .config = "as it is"};

void
counted_reset(const struct neuron_runtime *runtime)
{
    memset(&counted, 0, sizeof(counted));
    counted.runtime = runtime;
    counted.fails_to_create = COUNTED_NOBODY;
    counted.failure = NEURON_SYSTEM;
    atomic_store(&counted.failing_row, COUNTED_ROWS);
}

void
counted_check_gone(uint32_t instances)
{
    uint32_t created = 0;

    for (uint32_t nc = 0; nc < COUNTED_CORES; nc += 1) {
        created += atomic_load(&counted.created[nc]);
        assert_int_equal(atomic_load(&counted.destroyed[nc]), atomic_load(&counted.created[nc]));
    }
    assert_int_equal(created, instances);
    assert_int_equal(atomic_load(&counted.strange_calls), 0);
    assert_int_equal(atomic_load(&counted.bad_places), 0);
}

void
counted_rows_fill(struct counted_rows *rows, int64_t count)
{
    const struct neuron_tensor_view views[4] = {
        {.type = NEURON_INT64, .rank = 1, .shape = {count}, .data = rows->row},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {COUNTED_COLUMNS}, .data = rows->table},
        {.type = NEURON_FLOAT32,
         .rank = 2,
         .shape = {count, COUNTED_COLUMNS},
         .data = rows->scaled},
        {.type = NEURON_UINT8, .rank = 1, .shape = {count}, .data = rows->low}};

    memset(rows, PAINT, sizeof(*rows));
    for (int i = 0; i < COUNTED_ROWS; i += 1) {
        rows->row[i] = i;
        atomic_store(&counted.row_runs[i], 0);
    }
    for (int i = 0; i < COUNTED_COLUMNS; i += 1) {
        rows->table[i] = (float)(i + 2);
    }
    memcpy(rows->inputs, views, sizeof(rows->inputs));
    memcpy(rows->outputs, views + 2, sizeof(rows->outputs));
    rows->tensors = (struct neuron_batch_tensors){
        .inputs = rows->inputs, .outputs = rows->outputs, .input_count = 2, .output_count = 2};
    atomic_store(&counted.most_rows, 0);
    atomic_store(&counted.runs, 0);
}

void
counted_rows_check(const struct counted_rows *rows)
{
    const unsigned char *behind = (const unsigned char *)rows->scaled[rows->inputs[0].shape[0]];
    int64_t count = rows->inputs[0].shape[0];

    for (int64_t i = 0; i < COUNTED_ROWS; i += 1) {
        assert_int_equal(atomic_load(&counted.row_runs[i]), i < count ? 1 : 0);
    }
    for (int64_t i = 0; i < count; i += 1) {
        for (int j = 0; j < COUNTED_COLUMNS; j += 1) {
            assert_true(rows->scaled[i][j] == (float)i * rows->table[j]);
        }
        assert_int_equal(rows->low[i], (uint8_t)i);
    }
    assert_int_equal(rows->low[count], PAINT);
    for (size_t i = 0; i < sizeof(rows->scaled[0]); i += 1) {
        assert_int_equal(behind[i], PAINT);
    }
}
