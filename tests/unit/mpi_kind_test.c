/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "elf_needs.h"
#include "mpi_kind.h"
#include "test_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
names_of_libraries_tell_the_kind(void **state)
{
    static const struct {
        const char *name;
        enum neuron_launch_mpi kind;
    } cases[] = {
        {"libmpi.so.40", NEURON_LAUNCH_MPI_PMIX},  {"libmpi_mpifh.so.40", NEURON_LAUNCH_MPI_PMIX},
        {"libpmix.so.2", NEURON_LAUNCH_MPI_PMIX},  {"libmpich.so.12", NEURON_LAUNCH_MPI_PMI1},
        {"libmpi.so.12", NEURON_LAUNCH_MPI_PMI1},  {"libmpichfort.so.12", NEURON_LAUNCH_MPI_PMI1},
        {"libm.so.6", NEURON_LAUNCH_MPI_OFF},      {"libmpifr.so.4", NEURON_LAUNCH_MPI_OFF},
        {"libmpfr.so.6", NEURON_LAUNCH_MPI_OFF},   {"", NEURON_LAUNCH_MPI_OFF},
        {"mylibmpi.so.40", NEURON_LAUNCH_MPI_OFF},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        assert_int_equal(neuron_mpi_kind_of_library(cases[i].name), cases[i].kind);
    }
}

static void
scripts_and_what_is_no_program_want_nothing(void **state)
{
    const struct test_folder *folder = *state;
    static const char script[] = "#!/bin/sh\nexec mpi_program libmpi.so.40\n";
    char path[TEST_PATH_BYTES] = "";

    test_file_put(test_folder_path(folder, "script", path), script, sizeof(script) - 1);
    assert_int_equal(neuron_mpi_kind_of_program(path, NULL), NEURON_LAUNCH_MPI_OFF);
    assert_int_equal(neuron_mpi_kind_of_program(folder->path, NULL), NEURON_LAUNCH_MPI_OFF);
    assert_int_equal(neuron_mpi_kind_of_program("/nowhere", ""), NEURON_LAUNCH_MPI_OFF);
    assert_int_equal(neuron_mpi_kind_of_program("/bin/true", "/nowhere"), NEURON_LAUNCH_MPI_OFF);
}

static void
a_program_of_ours_is_read(void **state)
{
    struct neuron_elf_needs needs = {0};
    int file = open("/proc/self/exe", O_RDONLY);
    bool has_libc = false;

    (void)state;
    assert_true(neuron_elf_needs_read(file, &needs));
    for (size_t i = 0; i < needs.name_count; i += 1) {
        has_libc = has_libc || strncmp(needs.names[i], "libc.so", 7) == 0;
    }
    assert_true(has_libc);
    neuron_elf_needs_clear(&needs);
    (void)close(file);
}

/* Every cut, and a change of each of the first bytes: read or refused, never followed outside. */
static void
damaged_files_are_refused(void **state)
{
    const struct test_folder *folder = *state;
    static uint8_t bytes[8192];
    struct neuron_elf_needs needs = {0};
    char path[TEST_PATH_BYTES] = "";
    int own = open("/proc/self/exe", O_RDONLY);

    assert_int_equal(read(own, bytes, sizeof(bytes)), sizeof(bytes));
    (void)close(own);
    test_folder_path(folder, "cut", path);
    for (size_t i = 0; i < 1024; i += 7) {
        uint8_t before = bytes[i];

        bytes[i] ^= 0xff;
        test_file_put(path, bytes, i % 2 == 0 ? sizeof(bytes) : i);
        bytes[i] = before;
        int file = open(path, O_RDONLY);
        assert_true(file >= 0);
        (void)neuron_elf_needs_read(file, &needs);
        neuron_elf_needs_clear(&needs);
        (void)close(file);
    }
    assert_int_equal(neuron_mpi_kind_of_program(path, NULL), NEURON_LAUNCH_MPI_OFF);
}

static void
the_line_has_the_last_word(void **state)
{
    struct neuron_launch_program program = {0};
    struct neuron_command_line line = {.programs = &program, .program_count = 1};
    char *const paths[] = {"/bin/true"};
    enum neuron_launch_mpi kind = NEURON_LAUNCH_MPI_AUTO;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_mpi_kind_choose(&line, paths, NULL, &kind, &error), &error);
    assert_int_equal(kind, NEURON_LAUNCH_MPI_OFF);
    line.mpi = NEURON_LAUNCH_MPI_PMI1;
    assert_ok(neuron_mpi_kind_choose(&line, paths, NULL, &kind, &error), &error);
    assert_int_equal(kind, NEURON_LAUNCH_MPI_PMI1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_libraries_tell_the_kind),
        cmocka_unit_test_setup_teardown(scripts_and_what_is_no_program_want_nothing,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test(a_program_of_ours_is_read),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test(the_line_has_the_last_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
