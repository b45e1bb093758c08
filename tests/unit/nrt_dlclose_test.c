/* SPDX-License-Identifier: Apache-2.0 */
/* A program that opens libnrt by its name, and closes it too early. */
#include "check.h"

#include <dlfcn.h>

#include "nrt/nrt.h"

#include "environment_variable.h"
#include "invented_machine.h"
#include "test_folder.h"

typedef NRT_STATUS
init_fn(nrt_framework_type_t framework, const char *fw_version, const char *fal_version);
typedef void
close_fn(void);

/* ISO C has no conversion from the pointer that dlsym() returns. */
union symbol {
    void *address;
    init_fn *init;
    close_fn *close;
};

static union symbol
find_symbol(void *library, const char *name)
{
    const union symbol symbol = {.address = dlsym(library, name)};

    assert_non_null(symbol.address);
    return symbol;
}

static void
threads_keep_their_code_after_dlclose(void **state)
{
    struct test_folder folder = {.path = ""};
    void *library = dlopen(NRT_LIBRARY, RTLD_NOW | RTLD_LOCAL);

    (void)state;
    assert_non_null(library);
    const union symbol init = find_symbol(library, "nrt_init");
    const union symbol close = find_symbol(library, "nrt_close");
    test_folder_create(&folder);
    set_variable("NEURON_RT_LEASE_DIRECTORY", folder.path);
    invent_machine("core:2 pu:1");
    assert_int_equal(init.init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), NRT_SUCCESS);
    assert_int_equal(dlclose(library), 0);
    void *again = dlopen(NRT_LIBRARY, RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(again);
    assert_ptr_equal(find_symbol(again, "nrt_close").address, close.address);
    close.close();
    assert_int_equal(dlclose(again), 0);
    test_folder_destroy(&folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_keep_their_code_after_dlclose)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
