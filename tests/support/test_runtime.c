/* SPDX-License-Identifier: Apache-2.0 */
#include "test_runtime.h"

#include "check.h"
#include "invented_machine.h"

void
test_runtime_create(struct test_runtime *test, const char *synthetic, uint32_t core_count)
{
    struct neuron_error error = {0};

    test->runtime = NULL;
    test_folder_create(&test->folder);
    invent_machine(synthetic);
    const struct neuron_runtime_options options = {.core_count = core_count,
                                                   .lease.directory = test->folder.path};
    assert_ok(neuron_runtime_create(&options, &test->runtime, &error), &error);
}

void
test_runtime_destroy(struct test_runtime *test)
{
    neuron_runtime_destroy(test->runtime);
    test->runtime = NULL;
    test_folder_destroy(&test->folder);
}
