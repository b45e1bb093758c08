/* SPDX-License-Identifier: Apache-2.0 */
/* Loading: where models go, what is refused, what is shared. */
#include "nrt_bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nrt/shared_model.h"

#include "nrt_models.h"

static uint32_t
vnc_of(const nrt_model_t *model)
{
    nrt_model_info_t info = {.vnc = 77};
    size_t written = 0;

    assert_nrt_ok(nrt_get_model_info(model, &info, sizeof(info), &written));
    assert_int_equal(written, sizeof(info));
    return info.vnc;
}

static void
the_first_model_lands_on_core_0_and_the_next_on_the_next(void **state)
{
    nrt_model_t *models[5] = {NULL};

    for (uint32_t i = 0; i < 5; i += 1) {
        models[i] = load_neff(twice_neff(*state), -1, i % 2 == 0 ? -1 : 1);
        assert_int_equal(vnc_of(models[i]), i % 4);
    }
    for (uint32_t i = 0; i < 5; i += 1) {
        assert_nrt_ok(nrt_unload(models[i]));
    }
}

static void
a_model_lands_where_it_is_told(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 3, -1);
    uint32_t count = 0;

    assert_int_equal(vnc_of(model), 3);
    assert_nrt_ok(nrt_get_model_nc_count(model, &count));
    assert_int_equal(count, 1);
    assert_nrt_ok(nrt_get_model_instance_count(model, &count));
    assert_int_equal(count, 1);
    assert_nrt_ok(nrt_unload(model));
}

static void
a_count_of_cores_makes_replicas(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 1, 3);
    uint32_t count = 0;

    assert_int_equal(vnc_of(model), 1);
    assert_nrt_ok(nrt_get_model_vnc_count(model, &count));
    assert_int_equal(count, 3);
    assert_nrt_ok(nrt_get_model_instance_count(model, &count));
    assert_int_equal(count, 3);
    for (int vnc = 1; vnc < 4; vnc += 1) {
        struct twice_tensors tensors = {.x = NULL};

        /* Whichever replica's turn it is, tensors of each of its cores are near enough. */
        twice_tensors_create(&tensors, vnc, (float)vnc);
        assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
        assert_vector(tensors.y, 2.0F * (float)vnc);
        twice_tensors_destroy(&tensors);
    }
    assert_nrt_ok(nrt_unload(model));
}

static void
cores_that_are_not_there_are_refused(void **state)
{
    struct neff neff = twice_neff(*state);
    nrt_model_t *model = NULL;

    assert_nrt(NRT_INVALID, nrt_load(neff.bytes, neff.size_bytes, 4, -1, &model));
    assert_logged(*state, "there is no vnc 4; the process owns vnc 0 to 3");
    assert_nrt(NRT_INVALID, nrt_load(neff.bytes, neff.size_bytes, -2, -1, &model));
    assert_nrt(NRT_INVALID, nrt_load(neff.bytes, neff.size_bytes, INT32_MIN, -1, &model));
    assert_nrt(NRT_INVALID, nrt_load(neff.bytes, neff.size_bytes, 0, 0, &model));
    assert_nrt(NRT_INVALID, nrt_load(neff.bytes, neff.size_bytes, 0, -2, &model));
    assert_nrt(NRT_LOAD_NOT_ENOUGH_NC, nrt_load(neff.bytes, neff.size_bytes, -1, 5, &model));
    assert_nrt(NRT_LOAD_NOT_ENOUGH_NC, nrt_load(neff.bytes, neff.size_bytes, 2, 3, &model));
    assert_logged(*state, "3 cores from vnc 2 on are asked for, and the process owns 4 in all");
    assert_nrt(NRT_LOAD_NOT_ENOUGH_NC, nrt_load(neff.bytes, neff.size_bytes, 3, INT32_MAX, &model));
    assert_null(model);
    free(neff.bytes);
}

static void
what_is_no_neff_is_invalid(void **state)
{
    struct neff neff = twice_neff(*state);
    unsigned char *bytes = neff.bytes;
    nrt_model_t *model = NULL;

    for (size_t size = 1; size < neff.size_bytes; size += 1 + size / 3) {
        assert_nrt(NRT_INVALID, nrt_load(bytes, size, -1, -1, &model));
    }
    assert_nrt(NRT_INVALID, nrt_load("no NEFF at all", 14, -1, -1, &model));
    bytes[neff.size_bytes / 2] ^= 1;
    assert_nrt(NRT_INVALID, nrt_load(bytes, neff.size_bytes, -1, -1, &model));
    assert_logged(*state, "NMGR:nrt_load");
    assert_null(model);
    free(neff.bytes);
}

static void
a_model_that_is_one_of_several_is_refused(void **state)
{
    struct neff neff = twice_neff(*state);
    nrt_model_t *model = NULL;

    assert_nrt(NRT_RESOURCE,
               nrt_load_collectives(neff.bytes, neff.size_bytes, -1, -1, 0, 2, &model));
    assert_logged(*state, "there is no such hardware");
    assert_nrt(NRT_INVALID,
               nrt_load_collectives(neff.bytes, neff.size_bytes, -1, -1, 1, 1, &model));
    assert_nrt(NRT_INVALID,
               nrt_load_collectives(neff.bytes, neff.size_bytes, -1, -1, 0, 0, &model));
    assert_null(model);
    assert_nrt_ok(nrt_load_collectives(neff.bytes, neff.size_bytes, 2, -1, 0, 1, &model));
    assert_int_equal(vnc_of(model), 2);
    assert_nrt_ok(nrt_unload(model));
    free(neff.bytes);
}

static void
equal_models_are_one(void **state)
{
    struct neff neff = twice_neff(*state);
    struct libnrt_shared_model *first = NULL;
    struct libnrt_shared_model *second = NULL;
    struct libnrt_shared_model *other = NULL;
    struct neuron_error error = {.text = ""};

    assert_ok(libnrt_shared_model_open(neff.bytes, neff.size_bytes, &first, &error), &error);
    assert_ok(libnrt_shared_model_open(neff.bytes, neff.size_bytes, &second, &error), &error);
    assert_ptr_equal(first, second);
    free(neff.bytes);
    neff = pair_neff(*state);
    assert_ok(libnrt_shared_model_open(neff.bytes, neff.size_bytes, &other, &error), &error);
    assert_ptr_not_equal(first, other);
    libnrt_shared_model_drop(first);
    assert_string_equal(neuron_model_name(libnrt_shared_model_of(second)), "twice");
    libnrt_shared_model_drop(second);
    libnrt_shared_model_drop(other);
    libnrt_shared_model_drop(NULL);
    free(neff.bytes);
}

/* Changes the last byte of the file that a model was compiled to, in place. */
static void
damage_file(const struct nrt_bench *bench, size_t size_bytes)
{
    char path[TEST_PATH_BYTES];
    int file = open(test_folder_path(&bench->folder, "model.neff", path), O_RDWR | O_CLOEXEC);
    unsigned char byte = 0;

    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, (off_t)size_bytes - 1), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, (off_t)size_bytes - 1), 1);
    assert_int_equal(close(file), 0);
}

/* Opens the file that a model was compiled to, mapped. */
static struct libnrt_shared_model *
open_mapped(const struct nrt_bench *bench, size_t size_bytes)
{
    struct libnrt_shared_model *shared = NULL;
    struct neuron_error error = {.text = ""};
    char path[TEST_PATH_BYTES];
    int file = open(test_folder_path(&bench->folder, "model.neff", path), O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    void *bytes = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, file, 0);
    assert_true(bytes != MAP_FAILED);
    assert_int_equal(close(file), 0);
    assert_ok(libnrt_shared_model_open(bytes, size_bytes, &shared, &error), &error);
    assert_int_equal(munmap(bytes, size_bytes), 0);
    return shared;
}

static void
a_model_whose_file_was_changed_is_shared_no_more(void **state)
{
    struct neff neff = twice_neff(*state);
    struct libnrt_shared_model *mapped = open_mapped(*state, neff.size_bytes);
    struct libnrt_shared_model *shared[3] = {NULL};
    struct neuron_error error = {.text = ""};

    for (size_t i = 0; i < 3; i += 1) {
        if (i == 1) {
            damage_file(*state, neff.size_bytes);
        }
        assert_ok(libnrt_shared_model_open(neff.bytes, neff.size_bytes, &shared[i], &error),
                  &error);
    }
    assert_ptr_equal(shared[0], mapped);
    assert_ptr_not_equal(shared[1], mapped);
    assert_ptr_equal(shared[2], shared[1]);
    assert_ok(neuron_model_check(libnrt_shared_model_of(shared[1]), &error), &error);
    libnrt_shared_model_drop(mapped);
    for (size_t i = 0; i < 3; i += 1) {
        libnrt_shared_model_drop(shared[i]);
    }
    free(neff.bytes);
}

static void
loads_are_logged_at_info(void **state)
{
    nrt_close();
    set_variable("NEURON_RT_LOG_LEVEL", "INFO");
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    nrt_model_t *model = load_neff(twice_neff(*state), 1, 2);
    assert_logged(*state, " INFO NMGR:nrt_load  loaded twice model=");
    assert_logged(*state, " vnc=1 replicas=2 bytes=");
    assert_nrt_ok(nrt_unload(model));
    assert_logged(*state, " INFO NMGR:nrt_unload  unloaded twice model=");
}

static void
a_budget_that_is_used_up_is_a_resource(void **state)
{
    nrt_model_t *model = NULL;
    struct neff neff = slow_neff(*state);

    nrt_close();
    set_variable("NEURON_RT_DEVICE_MEMORY", "4096");
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    assert_nrt(NRT_RESOURCE, nrt_load(neff.bytes, neff.size_bytes, -1, -1, &model));
    assert_logged(*state, "status=NRT_RESOURCE");
    assert_null(model);
    free(neff.bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_model_lands_on_core_0_and_the_next_on_the_next,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_lands_where_it_is_told, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_count_of_cores_makes_replicas, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_that_are_not_there_are_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_neff_is_invalid, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_that_is_one_of_several_is_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_whose_file_was_changed_is_shared_no_more,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(equal_models_are_one, nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(loads_are_logged_at_info, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_budget_that_is_used_up_is_a_resource, nrt_bench_setup,
                                        nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
