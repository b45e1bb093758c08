/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exec_trouble.h"
#include "test_folder.h"

/* Reads a beginning, and checks code and line. */
static void
check_head(const void *head, size_t length, int reason, int code, const char *line)
{
    struct neuron_exec_trouble trouble;
    char text[320] = "";

    neuron_exec_trouble_read(head, length, reason, &trouble);
    assert_int_equal(neuron_exec_trouble_code(&trouble), code);
    assert_string_equal(neuron_exec_trouble_format(&trouble, "x", text, sizeof(text)), line);
}

static void
check_text(const char *head, int reason, int code, const char *line)
{
    check_head(head, strlen(head), reason, code, line);
}

static void
the_interpreter_of_a_script_is_named(void **state)
{
    (void)state;
    check_text("#!/no/such\n", ENOENT, 126,
               "cannot start x: bad interpreter /no/such: No such file or directory");
    check_text("#! \t/no/such -e x\n", ENOENT, 126,
               "cannot start x: bad interpreter /no/such: No such file or directory");
    check_text("#!/etc/passwd", EACCES, 126,
               "cannot start x: bad interpreter /etc/passwd: Permission denied");
    check_text("#!/bin/sh\r\n", ENOENT, 126,
               "cannot start x: bad interpreter /bin/sh: a carriage return follows its name; give "
               "the file Unix line ends");
    check_text("#!\n", ENOEXEC, 126, "cannot start x: its #! line names no interpreter");
    check_text("#!", ENOEXEC, 126, "cannot start x: its #! line names no interpreter");
    check_text("#!/a\033[1m\n", ENOENT, 126,
               "cannot start x: bad interpreter /a?[1m: No such file or directory");
}

static void
a_text_or_nothing_is_no_program(void **state)
{
    const char *line = "cannot start x: it is no program; begin a script with its interpreter, as "
                       "#!/bin/sh";

    (void)state;
    check_text("echo\n", ENOEXEC, 126, line);
    check_text("", ENOEXEC, 126, line);
    check_text("\177EL", ENOEXEC, 126, line);
    check_text("echo\n", EACCES, 126, "cannot start x: Permission denied");
    check_text("echo\n", ENOENT, 127, "cannot start x: No such file or directory");
}

/* The beginning of a program of this machine, with a loader. */
struct program {
    ElfW(Ehdr) file;
    ElfW(Phdr) part;
    char loader[16];
};

static struct program
make_program(void)
{
    struct program program = {.loader = "/lib/ld-none"};
    FILE *file = fopen("/proc/self/exe", "re");

    assert_non_null(file);
    assert_int_equal(fread(&program.file, sizeof(program.file), 1, file), 1);
    assert_int_equal(fclose(file), 0);
    program.file.e_phoff = offsetof(struct program, part);
    program.file.e_phnum = 1;
    program.part.p_type = PT_INTERP;
    program.part.p_offset = offsetof(struct program, loader);
    return program;
}

static void
programs_of_other_machines_and_systems_are_told_apart(void **state)
{
    struct program program = make_program();
    const char *damaged = "cannot start x: it is damaged; build or copy it again";

    (void)state;
    check_head(&program, sizeof(program), ENOENT, 126,
               "cannot start x: its loader /lib/ld-none is not there; build it for this system");
    check_head(&program, sizeof(program) - 8, ENOENT, 126,
               "cannot start x: its loader /lib/ld- is not there; build it for this system");
    program.file.e_phoff = UINT64_MAX;
    check_head(&program, sizeof(program), ENOENT, 126,
               "cannot start x: its loader is not there; build it for this system");
    check_head(&program, sizeof(program), ENOEXEC, 126, damaged);
    check_head(&program, 20, ENOEXEC, 126, damaged);
    program.file.e_machine = EM_S390;
    check_head(&program, sizeof(program), ENOEXEC, 126,
               "cannot start x: it was built for another machine; build it for this one");
}

/* Looks at a file, and checks its line. */
static void
check_file(const char *path, const char *directory, int reason, int code, const char *part)
{
    struct neuron_exec_trouble trouble;
    char text[320] = "";

    neuron_exec_trouble_find(path, directory, reason, &trouble);
    assert_int_equal(neuron_exec_trouble_code(&trouble), code);
    assert_contains(neuron_exec_trouble_format(&trouble, path, text, sizeof(text)), part);
}

static void
files_are_looked_at_where_they_are(void **state)
{
    const struct test_folder *folder = *state;
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(folder, "script", path), "#!/no/such", 10);
    assert_int_equal(chmod(path, 0600), 0);
    check_file(path, NULL, EACCES, 126, "chmod +x");
    assert_int_equal(chmod(path, 0700), 0);
    check_file(path, NULL, ENOENT, 126, "bad interpreter /no/such");
    check_file("./script", folder->path, ENOENT, 126, "bad interpreter /no/such");
    check_file(path, "/nonexistent", ENOENT, 126, "bad interpreter /no/such");
    check_file(path, NULL, ETXTBSY, 126, "open for writing");
    check_file("./none", folder->path, ENOENT, 127, "No such file");
    check_file(folder->path, NULL, EACCES, 126, "it is a directory");
    check_file(test_folder_path(folder, "none", path), NULL, ENOENT, 127, "No such file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interpreter_of_a_script_is_named),
        cmocka_unit_test(a_text_or_nothing_is_no_program),
        cmocka_unit_test(programs_of_other_machines_and_systems_are_told_apart),
        cmocka_unit_test_setup_teardown(files_are_looked_at_where_they_are, test_folder_setup,
                                        test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
