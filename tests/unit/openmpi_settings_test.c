/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "openmpi_settings.h"

#include <string.h>

static char *nothing[] = {NULL};

/* The value of a parameter; NULL where there is none. */
static const char *
value_of(const struct neuron_openmpi_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i += 1) {
        const char *entry = settings->entries[i] + strlen("OMPI_MCA_");

        if (strncmp(entry, name, strlen(name)) == 0 && entry[strlen(name)] == '=') {
            return entry + strlen(name) + 1;
        }
    }
    return NULL;
}

static void
make(const struct neuron_openmpi_request *request, struct neuron_openmpi_settings *settings)
{
    struct neuron_error error = {0};

    assert_ok(neuron_openmpi_settings_make(request, settings, &error), &error);
}

static void
transports_of_one_machine_are_chosen(void **state)
{
    const struct neuron_command_line line = {0};
    const struct neuron_openmpi_request request = {.line = &line,
                                                   .inherited = nothing,
                                                   .shared_folder = "/dev/shm/x",
                                                   .is_oversubscribed = true,
                                                   .is_bound = true};
    struct neuron_openmpi_settings settings = {0};

    (void)state;
    make(&request, &settings);
    assert_string_equal(value_of(&settings, "pml"), "ob1");
    assert_string_equal(value_of(&settings, "btl"), "self,vader");
    assert_string_equal(value_of(&settings, "mpi_oversubscribe"), "1");
    assert_string_equal(value_of(&settings, "schizo"), "^orte,slurm,flux,jsm");
    assert_string_equal(value_of(&settings, "btl_vader_backing_directory"), "/dev/shm/x");
    assert_string_equal(value_of(&settings, "orte_externally_bound"), "1");
    neuron_openmpi_settings_clear(&settings);
}

static void
without_binding_or_shared_memory_neither_is_told(void **state)
{
    const struct neuron_command_line line = {0};
    const struct neuron_openmpi_request request = {
        .line = &line, .inherited = nothing, .shared_folder = ""};
    struct neuron_openmpi_settings settings = {0};

    (void)state;
    make(&request, &settings);
    assert_null(value_of(&settings, "btl_vader_backing_directory"));
    assert_null(value_of(&settings, "orte_externally_bound"));
    assert_string_equal(value_of(&settings, "mpi_oversubscribe"), "0");
    neuron_openmpi_settings_clear(&settings);
}

static void
expect_no_choice(const struct neuron_openmpi_request *request, const char *pml)
{
    struct neuron_openmpi_settings settings = {0};

    make(request, &settings);
    assert_null(value_of(&settings, "btl"));
    if (pml == NULL) {
        assert_null(value_of(&settings, "pml"));
    } else {
        assert_string_equal(value_of(&settings, "pml"), pml);
    }
    neuron_openmpi_settings_clear(&settings);
}

static void
whoever_names_transports_is_left_to_choose(void **state)
{
    char *inherited[] = {"PATH=/bin", "OMPI_MCA_mtl=ofi", NULL};
    const char *assignments[] = {"OMPI_MCA_btl=tcp,self"};
    const char *parameters[] = {"pml", "ucx", "pml", "cm"};
    struct neuron_launch_program program = {.assignments = assignments, .assignment_count = 1};
    struct neuron_command_line line = {0};
    struct neuron_openmpi_request request = {
        .line = &line, .inherited = inherited, .shared_folder = ""};

    (void)state;
    expect_no_choice(&request, NULL);
    request.inherited = nothing;
    request.parameters = "# mine\n\tbtl=tcp,self\n";
    expect_no_choice(&request, NULL);
    request.parameters = NULL;
    line.programs = &program;
    line.program_count = 1;
    expect_no_choice(&request, NULL);
    line.program_count = 0;
    line.engine_parameters = parameters;
    line.engine_parameter_count = 4;
    expect_no_choice(&request, "cm");
}

static void
plugins_are_left_out_unless_somebody_names_some(void **state)
{
    char *inherited[] = {"HWLOC_PLUGINS_PATH=/opt/hwloc", NULL};
    const struct neuron_command_line line = {0};
    struct neuron_openmpi_request request = {
        .line = &line, .inherited = nothing, .shared_folder = ""};
    struct neuron_openmpi_settings settings = {0};

    (void)state;
    make(&request, &settings);
    assert_contains(settings.entries[settings.count - 1], "HWLOC_PLUGINS_BLACKLIST=");
    neuron_openmpi_settings_clear(&settings);
    request.inherited = inherited;
    make(&request, &settings);
    assert_null(strstr(settings.entries[settings.count - 1], "HWLOC_"));
    neuron_openmpi_settings_clear(&settings);
}

static void
only_whole_names_in_a_file_count(void **state)
{
    (void)state;
    assert_true(neuron_openmpi_settings_name_transports("pml = ucx"));
    assert_true(neuron_openmpi_settings_name_transports("a = b\r\n mtl=x"));
    assert_false(neuron_openmpi_settings_name_transports(""));
    assert_false(neuron_openmpi_settings_name_transports("# pml = ucx\nbtl_tcp_if_include = lo"));
    assert_false(neuron_openmpi_settings_name_transports("coll = pml\n\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transports_of_one_machine_are_chosen),
        cmocka_unit_test(without_binding_or_shared_memory_neither_is_told),
        cmocka_unit_test(whoever_names_transports_is_left_to_choose),
        cmocka_unit_test(plugins_are_left_out_unless_somebody_names_some),
        cmocka_unit_test(only_whole_names_in_a_file_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
