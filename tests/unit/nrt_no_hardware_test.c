/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that ask for what no CPU has: they link, touch nothing, and say so. */
#include "nrt_bench.h"

#include <string.h>

static void
collectives_are_a_resource_that_is_not_there(void **state)
{
    char input[4] = "in";
    char output[4] = "out";

    assert_nrt(NRT_RESOURCE, nrt_build_global_comm(0, 0, 1));
    assert_nrt(NRT_RESOURCE, nrt_cc_global_comm_init(0, 0, 1));
    assert_nrt(NRT_RESOURCE, nrt_barrier(0, 0, 1));
    assert_nrt(NRT_RESOURCE, nrt_all_gather(0, 0, 1, 4, input, output));
    assert_nrt(NRT_RESOURCE, nrt_all_gather(-1, 5, 0, 4, NULL, NULL));
    assert_string_equal(output, "out");
    assert_logged(*state, "NRT:nrt_barrier  there is no such hardware");
    assert_logged(*state, "NRT:nrt_all_gather  there is no such hardware");
}

static void
devices_are_a_resource_that_is_not_there(void **state)
{
    uint32_t number = 77;
    uint32_t count = 1;
    void *address = &number;
    size_t size = 77;
    char text[16] = "text";
    int descriptor = 77;

    assert_nrt(NRT_RESOURCE, nrt_get_dmabuf_fd(0, 1, &descriptor));
    assert_nrt(NRT_RESOURCE, nrt_host_device_id_get(0, &number));
    assert_nrt(NRT_RESOURCE, nrt_host_device_id_rid_map_get(&count, &number));
    assert_nrt(NRT_RESOURCE, nrt_get_hbm_mmap_va(0, 0, &address, &size));
    assert_nrt(NRT_RESOURCE, nrt_get_attached_efa_bdf(&number, text, &size));
    assert_nrt(NRT_RESOURCE, nrt_get_attached_efa_bdf(NULL, NULL, NULL));
    assert_int_equal(descriptor, 77);
    assert_int_equal(number, 77);
    assert_int_equal(size, 77);
    assert_ptr_equal(address, &number);
    assert_string_equal(text, "text");
    assert_logged(*state, "NRT:nrt_get_hbm_mmap_va  there is no such hardware");
}

static void
engines_are_a_resource_that_is_not_there(void **state)
{
    const nrt_ucode_info microcode = {.iram = {.bin = NULL, .size = 0}};

    (void)state;
    assert_nrt(NRT_RESOURCE, nrt_trace_start(true));
    assert_nrt(NRT_RESOURCE, nrt_trace_stop("file"));
    assert_nrt(NRT_RESOURCE, nrt_trace_stop(NULL));
    assert_nrt(NRT_RESOURCE, nrt_set_pool_eng_ucode(&microcode));
    assert_nrt(NRT_RESOURCE, nrt_set_pool_eng_ucode(NULL));
}

static void
there_is_no_network_plugin(void **state)
{
    char text[64] = "";
    int status = 0;

    (void)state;
    assert_null(nrt_get_libnccl_net(&status, text, sizeof(text)));
    assert_int_equal(status, NRT_RESOURCE);
    assert_contains(text, "no such hardware");
    assert_null(nrt_get_libnccl_net(NULL, NULL, 0));
    assert_null(nrt_get_libnccl_net(NULL, text, 3));
    assert_int_equal(strlen(text), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collectives_are_a_resource_that_is_not_there),
        cmocka_unit_test(devices_are_a_resource_that_is_not_there),
        cmocka_unit_test(engines_are_a_resource_that_is_not_there),
        cmocka_unit_test(there_is_no_network_plugin),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
