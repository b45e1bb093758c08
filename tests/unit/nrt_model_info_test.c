/* SPDX-License-Identifier: Apache-2.0 */
/* What a model says of its inputs and outputs. */
#include "nrt_bench.h"

#include <string.h>

#include "nrt_models.h"

static void
inputs_come_before_outputs(void **state)
{
    static const char *const names[] = {"a", "b", "sum", "difference"};
    nrt_model_t *model = load_neff(pair_neff(*state), -1, -1);
    nrt_tensor_info_array_t *described = NULL;

    assert_nrt_ok(nrt_get_model_tensor_info(model, &described));
    assert_int_equal(described->tensor_count, 4);
    for (uint64_t i = 0; i < 4; i += 1) {
        const nrt_tensor_info_t *tensor = &described->tensor_array[i];

        assert_string_equal(tensor->name, names[i]);
        assert_int_equal(tensor->usage, i < 2 ? NRT_TENSOR_USAGE_INPUT : NRT_TENSOR_USAGE_OUTPUT);
        assert_int_equal(tensor->size, VECTOR_BYTES);
        assert_int_equal(tensor->dtype, NRT_DTYPE_FLOAT32);
        assert_int_equal(tensor->ndim, 1);
        assert_int_equal(tensor->shape[0], VECTOR_LENGTH);
    }
    assert_nrt_ok(nrt_free_model_tensor_info(described));
    assert_nrt_ok(nrt_unload(model));
}

static void
a_description_outlives_its_model(void **state)
{
    nrt_model_t *model = load_neff(slow_neff(*state), -1, -1);
    nrt_tensor_info_array_t *described = NULL;

    assert_nrt_ok(nrt_get_model_tensor_info(model, &described));
    assert_nrt_ok(nrt_unload(model));
    assert_int_equal(described->tensor_count, 2);
    assert_int_equal(described->tensor_array[1].ndim, 2);
    assert_int_equal(described->tensor_array[1].shape[1], SLOW_SIDE);
    assert_int_equal(described->tensor_array[1].size, SLOW_SIDE * SLOW_SIDE * 4);
    assert_nrt_ok(nrt_free_model_tensor_info(described));
    assert_nrt(NRT_INVALID, nrt_free_model_tensor_info(described));
}

/* What a program keeps that knows nothing of its model but what the runtime tells. */
struct client {
    nrt_tensor_info_array_t *described;
    nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
};

static nrt_tensor_set_t *
set_for(const struct client *client, const nrt_tensor_info_t *info)
{
    return info->usage == NRT_TENSOR_USAGE_INPUT ? client->inputs : client->outputs;
}

static void
allocate_all(const struct client *client)
{
    for (uint64_t i = 0; i < client->described->tensor_count; i += 1) {
        const nrt_tensor_info_t *info = &client->described->tensor_array[i];
        nrt_tensor_t *tensor = NULL;

        assert_nrt_ok(
            nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, info->size, info->name, &tensor));
        assert_nrt_ok(nrt_add_tensor_to_tensor_set(set_for(client, info), info->name, tensor));
    }
}

/* Frees the tensors by way of a copy of the pointer, before the sets go. */
static void
free_all(const struct client *client)
{
    for (uint64_t i = 0; i < client->described->tensor_count; i += 1) {
        const nrt_tensor_info_t *info = &client->described->tensor_array[i];
        nrt_tensor_t *tensor = NULL;

        assert_nrt_ok(nrt_get_tensor_from_tensor_set(set_for(client, info), info->name, &tensor));
        nrt_tensor_free(&tensor);
    }
}

static void
a_typical_client_gets_along_with_the_sizes_alone(void **state)
{
    nrt_model_t *model = load_neff(crowd_neff(*state), -1, 1);
    struct client client = {.described = NULL};

    assert_nrt_ok(nrt_get_model_tensor_info(model, &client.described));
    assert_nrt_ok(nrt_allocate_tensor_set(&client.inputs));
    assert_nrt_ok(nrt_allocate_tensor_set(&client.outputs));
    allocate_all(&client);
    assert_nrt_ok(nrt_execute(model, client.inputs, client.outputs));
    assert_nrt_ok(nrt_unload(model));
    free_all(&client);
    nrt_destroy_tensor_set(&client.inputs);
    nrt_destroy_tensor_set(&client.outputs);
    assert_nrt_ok(nrt_free_model_tensor_info(client.described));
}

static void
a_model_struct_is_filled_as_far_as_the_caller_knows_it(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 2, -1);
    nrt_model_info_t info = {.vnc = 77};
    size_t written = 1;

    assert_nrt_ok(nrt_get_model_info(model, &info, 0, &written));
    assert_int_equal(written, 0);
    assert_int_equal(info.vnc, 77);
    assert_nrt_ok(nrt_get_model_info(model, &info, 100, NULL));
    assert_int_equal(info.vnc, 2);
    assert_nrt_ok(nrt_unload(model));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_come_before_outputs),
        cmocka_unit_test(a_description_outlives_its_model),
        cmocka_unit_test(a_typical_client_gets_along_with_the_sizes_alone),
        cmocka_unit_test(a_model_struct_is_filled_as_far_as_the_caller_knows_it),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
