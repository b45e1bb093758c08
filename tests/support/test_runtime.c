/* SPDX-License-Identifier: Apache-2.0 */
#include "test_runtime.h"

#include "check.h"
#include "invented_machine.h"

void
test_runtime_create_limited(struct test_runtime *test, const char *synthetic, uint32_t core_count,
                            uint64_t device_memory_bytes)
{
    struct neuron_error error = {0};

    test->runtime = NULL;
    test_folder_create(&test->folder);
    invent_machine(synthetic);
    const struct neuron_runtime_options options = {.core_count = core_count,
                                                   .lease.directory = test->folder.path,
                                                   .device_memory_bytes = device_memory_bytes};
    assert_ok(neuron_runtime_create(&options, &test->runtime, &error), &error);
}

void
test_runtime_create(struct test_runtime *test, const char *synthetic, uint32_t core_count)
{
    test_runtime_create_limited(test, synthetic, core_count, 0);
}

void
test_runtime_destroy(struct test_runtime *test)
{
    neuron_runtime_destroy(test->runtime);
    test->runtime = NULL;
    test_folder_destroy(&test->folder);
}
