/* SPDX-License-Identifier: Apache-2.0 */
/* Weights are in memory once: the pages of the file that were packed leave it. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "resident_memory.h"
#include "test_runtime.h"
#include "weighty_model.h"

enum {
    CHANNELS = 736,    /* 19.5 MB of weights that are packed */
    SUMS = 256 * 1024, /* 1 MiB of weights that are not */
    SHIFT_BYTES = SUMS * 4,
    SLACK_BYTES = 256 * 1024 /* pages at edges, and those that the kernel maps around a fault */
};

struct bench {
    struct test_runtime test;
    struct weighty_model weighty;
    struct neuron_model *model;
    char path[TEST_PATH_BYTES];
};

static void
create_bench(struct bench *bench, const char *synthetic, uint32_t core_count)
{
    test_runtime_create(&bench->test, synthetic, core_count);
    weighty_model_create(&bench->weighty, CHANNELS, SUMS);
    bench->model = weighty_model_load(&bench->weighty, &bench->test.folder, "weighty");
    test_folder_path(&bench->test.folder, "weighty.neff", bench->path);
}

static void
destroy_bench(struct bench *bench)
{
    neuron_model_destroy(bench->model);
    weighty_model_destroy(&bench->weighty);
    test_runtime_destroy(&bench->test);
}

/* Loads to the first cores, and fails the test unless what was packed has left, and runs right. */
static void
check_load(struct bench *bench, uint32_t core_count)
{
    static const uint32_t cores[] = {0, 1, 2, 3};
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores, .core_count = core_count};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->test.runtime, bench->model, &placement, &module, &error),
              &error);
    assert_true(resident_bytes_of_file(bench->path) <= SHIFT_BYTES + SLACK_BYTES);
    for (uint32_t i = 0; i < core_count; i += 1) {
        weighty_model_check(&bench->weighty, module);
    }
    assert_true(resident_bytes_of_file(bench->path) >= SHIFT_BYTES);
    assert_true(resident_bytes_of_file(bench->path) <= SHIFT_BYTES + SLACK_BYTES);
    neuron_module_destroy(module);
}

static void
packed_pages_leave_and_the_others_are_read_in_place(void **state)
{
    struct bench bench = {0};

    (void)state;
    create_bench(&bench, "core:2 pu:1", 2);
    /* Loading has read the file for its checksum. */
    assert_true(resident_bytes_of_file(bench.path) >= weighty_model_bytes(&bench.weighty));
    check_load(&bench, 2);
    destroy_bench(&bench);
}

static void
a_model_is_packed_again_from_the_pages_that_left(void **state)
{
    struct bench bench = {0};

    (void)state;
    create_bench(&bench, "core:2 pu:1", 1);
    check_load(&bench, 1);
    check_load(&bench, 1);
    destroy_bench(&bench);
}

static void
devices_pack_at_the_same_time(void **state)
{
    struct bench bench = {0};

    (void)state;
    create_bench(&bench, "numa:2 core:2 pu:1", 4);
    check_load(&bench, 4);
    destroy_bench(&bench);
}

/* Loads the bench's model anew from bytes of its file, mapped or copied from there. */
static void
reload_from_bytes(struct bench *bench, bool is_mapped)
{
    struct neuron_error error = {0};
    struct stat status = {0};
    int file = open(bench->path, O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(fstat(file, &status), 0);
    size_t size_bytes = (size_t)status.st_size;
    void *mapping = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, file, 0);
    assert_true(mapping != MAP_FAILED);
    void *copy = malloc(size_bytes);
    assert_non_null(copy);
    memcpy(copy, mapping, size_bytes);
    neuron_model_destroy(bench->model);
    assert_ok(
        neuron_model_load_bytes(is_mapped ? mapping : copy, size_bytes, &bench->model, &error),
        &error);
    free(copy);
    assert_int_equal(munmap(mapping, size_bytes), 0);
    assert_int_equal(close(file), 0);
}

static void
pages_of_a_file_that_was_given_as_bytes_leave_as_well(void **state)
{
    struct bench bench = {0};

    (void)state;
    create_bench(&bench, "core:2 pu:1", 2);
    reload_from_bytes(&bench, true);
    check_load(&bench, 2);
    destroy_bench(&bench);
}

static void
a_copy_of_bytes_stays_whole(void **state)
{
    struct bench bench = {0};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    (void)state;
    create_bench(&bench, "core:2 pu:1", 2);
    reload_from_bytes(&bench, false);
    for (int i = 0; i < 2; i += 1) {
        /* The second time the constants are packed from what the first one left. */
        assert_ok(neuron_module_create(bench.test.runtime, bench.model, NULL, &module, &error),
                  &error);
        weighty_model_check(&bench.weighty, module);
        neuron_module_destroy(module);
    }
    destroy_bench(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_pages_leave_and_the_others_are_read_in_place),
        cmocka_unit_test(a_model_is_packed_again_from_the_pages_that_left),
        cmocka_unit_test(devices_pack_at_the_same_time),
        cmocka_unit_test(pages_of_a_file_that_was_given_as_bytes_leave_as_well),
        cmocka_unit_test(a_copy_of_bytes_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
