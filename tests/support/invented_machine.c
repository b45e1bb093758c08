/* SPDX-License-Identifier: Apache-2.0 */
#include "invented_machine.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

void
invent_machine(const char *synthetic)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): tests change the environment while one thread runs. */
    assert_int_equal(unsetenv("HWLOC_XMLFILE"), 0);
    if (synthetic == NULL) {
        assert_int_equal(unsetenv("HWLOC_SYNTHETIC"), 0);
    } else {
        assert_int_equal(setenv("HWLOC_SYNTHETIC", synthetic, 1), 0);
    }
    /* NOLINTEND(concurrency-mt-unsafe) */
}

struct neuron_topology *
create_topology(const char *synthetic)
{
    struct neuron_topology *topology = NULL;
    struct neuron_error error = {0};

    invent_machine(synthetic);
    assert_ok(neuron_topology_create(&topology, &error), &error);
    assert_non_null(topology);
    return topology;
}

struct neuron_core_set *
cores_of(const char *text)
{
    struct neuron_core_set *cores = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_core_set_parse(text, &cores, &error), &error);
    assert_non_null(cores);
    return cores;
}

void
check_cores(const struct neuron_core_set *cores, const char *expected, const char *file, int line)
{
    char text[256];

    neuron_core_set_format(cores, text, sizeof(text));
    if (strcmp(text, expected) != 0) {
        print_error("cores are \"%s\", expected \"%s\"\n", text, expected);
        _fail(file, line);
    }
}
