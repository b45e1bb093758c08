/* SPDX-License-Identifier: Apache-2.0 */
/* A program that opens libnrt by its name, and closes it too early. */
#include "check.h"

#include <dlfcn.h>
#include <string.h>

#include "nrt/nrt.h"

#include "environment_variable.h"
#include "invented_machine.h"
#include "test_folder.h"

typedef NRT_STATUS
init_fn(nrt_framework_type_t framework, const char *fw_version, const char *fal_version);
typedef void
close_fn(void);

/* Copies the address of a function: ISO C has no conversion from what dlsym() returns. */
static void
find_function(void *library, const char *name, void *function)
{
    const void *address = dlsym(library, name);

    assert_non_null(address);
    memcpy(function, &address, sizeof(address));
}

static void
threads_keep_their_code_after_dlclose(void **state)
{
    struct test_folder folder = {.path = ""};
    init_fn *init = NULL;
    close_fn *close = NULL;
    void *library = dlopen(NRT_LIBRARY, RTLD_NOW | RTLD_LOCAL);

    (void)state;
    assert_non_null(library);
    find_function(library, "nrt_init", &init);
    find_function(library, "nrt_close", &close);
    test_folder_create(&folder);
    set_variable("NEURON_RT_LEASE_DIRECTORY", folder.path);
    invent_machine("core:2 pu:1");
    assert_int_equal(init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), NRT_SUCCESS);
    assert_int_equal(dlclose(library), 0);
    void *again = dlopen(NRT_LIBRARY, RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(again);
    close();
    assert_int_equal(dlclose(again), 0);
    test_folder_destroy(&folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_keep_their_code_after_dlclose)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
