/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "mpi_fit.h"
#include "test_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRAM_LIMIT_BYTES = 32 * 1024 * 1024 };

static const char own_library[] = "libcmocka.so.0";
static const char mpich_library[sizeof(own_library)] = "libmpich.so.12";
static const char openmpi_library[sizeof(own_library)] = "libmpi.so.40";

struct fit {
    char path[TEST_PATH_BYTES];
    char *paths[1];
    char *arguments[2];
    struct neuron_launch_program program;
    struct neuron_command_line line;
    char text[NEURON_MPI_FIT_BYTES];
    struct neuron_error error;
};

/* This program, with the name of a library that it links replaced. */
static void
put_program(const char *path, const char library[sizeof(own_library)])
{
    uint8_t *bytes = calloc(1, PROGRAM_LIMIT_BYTES);
    int own = open("/proc/self/exe", O_RDONLY);
    size_t length = 0;
    ssize_t got = 0;
    uint8_t *name = NULL;

    assert_non_null(bytes);
    assert_true(own >= 0);
    while ((got = read(own, bytes + length, PROGRAM_LIMIT_BYTES - length)) > 0) {
        length += (size_t)got;
    }
    assert_true(length < PROGRAM_LIMIT_BYTES);
    (void)close(own);
    /* Its first place is the table of the dynamic linker's names. */
    name = memmem(bytes, length, own_library, sizeof(own_library));
    assert_non_null(name);
    memcpy(name, library, sizeof(own_library));
    test_file_put(path, bytes, length);
    assert_int_equal(chmod(path, 0755), 0);
    free(bytes);
}

static void
make_fit(const struct test_folder *folder, const char library[sizeof(own_library)],
         enum neuron_launch_mpi mpi, struct fit *fit)
{
    *fit = (struct fit){0};
    put_program(test_folder_path(folder, "program", fit->path), library);
    fit->paths[0] = fit->path;
    fit->arguments[0] = fit->path;
    fit->program.arguments = fit->arguments;
    fit->line = (struct neuron_command_line){
        .programs = &fit->program,
        .program_count = 1,
        .mpi = mpi,
    };
}

static bool
warns(struct fit *fit)
{
    return neuron_mpi_fit_warn(&fit->line, fit->paths, NULL, fit->text, sizeof(fit->text));
}

static void
another_mpi_than_the_one_named_is_told_of(void **state)
{
    struct fit fit;

    make_fit(*state, mpich_library, NEURON_LAUNCH_MPI_PMIX, &fit);
    assert_true(warns(&fit));
    assert_non_null(strstr(fit.text, "program links MPICH, whose ranks are alone with --mpi pmix"));
    fit.line.mpi = NEURON_LAUNCH_MPI_PMI1;
    assert_false(warns(&fit));
    make_fit(*state, openmpi_library, NEURON_LAUNCH_MPI_PMI1, &fit);
    assert_true(warns(&fit));
    assert_non_null(strstr(fit.text, "links Open MPI, whose ranks are alone with --mpi pmi1"));
    fit.line.mpi = NEURON_LAUNCH_MPI_PMIX;
    assert_false(warns(&fit));
}

static void
nothing_is_told_where_no_mpi_is_named_or_linked(void **state)
{
    struct fit fit;

    make_fit(*state, mpich_library, NEURON_LAUNCH_MPI_AUTO, &fit);
    assert_false(warns(&fit));
    fit.line.mpi = NEURON_LAUNCH_MPI_OFF;
    assert_false(warns(&fit));
    make_fit(*state, own_library, NEURON_LAUNCH_MPI_PMIX, &fit);
    assert_false(warns(&fit));
    fit.line.mpi = NEURON_LAUNCH_MPI_PMI1;
    assert_false(warns(&fit));
}

static enum neuron_status
check_hosts(struct fit *fit, const char *search)
{
    return neuron_mpi_fit_check_hosts(&fit->line, search, NULL, &fit->error);
}

static void
mpich_is_refused_on_several_hosts(void **state)
{
    const struct test_folder *folder = *state;
    struct fit fit;

    make_fit(folder, mpich_library, NEURON_LAUNCH_MPI_AUTO, &fit);
    assert_int_equal(check_hosts(&fit, NULL), NEURON_INVALID_ARGUMENT);
    assert_non_null(strstr(fit.error.text, "program: an MPICH program; on several hosts only"));
    fit.arguments[0] = "program";
    assert_int_equal(check_hosts(&fit, folder->path), NEURON_INVALID_ARGUMENT);
    fit.line.mpi = NEURON_LAUNCH_MPI_PMIX;
    assert_int_equal(check_hosts(&fit, folder->path), NEURON_INVALID_ARGUMENT);
    fit.line.mpi = NEURON_LAUNCH_MPI_OFF;
    assert_int_equal(check_hosts(&fit, folder->path), NEURON_OK);
}

static void
other_programs_and_unseen_ones_are_let_through(void **state)
{
    const struct test_folder *folder = *state;
    struct fit fit;

    make_fit(folder, openmpi_library, NEURON_LAUNCH_MPI_AUTO, &fit);
    assert_int_equal(check_hosts(&fit, NULL), NEURON_OK);
    make_fit(folder, own_library, NEURON_LAUNCH_MPI_AUTO, &fit);
    assert_int_equal(check_hosts(&fit, NULL), NEURON_OK);
    fit.arguments[0] = "program-of-another-host";
    assert_int_equal(check_hosts(&fit, folder->path), NEURON_OK);
    fit.arguments[0] = "/nowhere/program";
    assert_int_equal(check_hosts(&fit, folder->path), NEURON_OK);
    fit.line.program_count = 0;
    assert_int_equal(check_hosts(&fit, folder->path), NEURON_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_mpi_than_the_one_named_is_told_of,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_told_where_no_mpi_is_named_or_linked,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(mpich_is_refused_on_several_hosts, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(other_programs_and_unseen_ones_are_let_through,
                                        test_folder_setup, test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
