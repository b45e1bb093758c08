/* SPDX-License-Identifier: Apache-2.0 */
/* How many cores there are, and are asked for: calls that come at any time. */
#include "nrt/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "neuron/topology.h"
#include "nrt/lifecycle.h"
#include "nrt/struct_size.h"

enum { REQUESTED_BYTES = 64 };

NRT_STATUS
libnrt_refuse_cores(const struct neuron_runtime_options *options, const struct neuron_error *error)
{
    char requested[REQUESTED_BYTES] = "all";
    struct neuron_core_set *cores = NULL;

    if (options->visible_cores != NULL &&
        neuron_core_set_parse(options->visible_cores, &cores, NULL) == NEURON_OK) {
        (void)snprintf(requested, sizeof(requested), "nc%u-nc%u (cores of the machine)",
                       neuron_core_set_at(cores, 0),
                       neuron_core_set_at(cores, neuron_core_set_count(cores) - 1));
        neuron_core_set_destroy(cores);
    } else if (neuron_runtime_options_core_count(options) > 0) {
        (void)snprintf(requested, sizeof(requested), "%u",
                       neuron_runtime_options_core_count(options));
    }
    return libnrt_refuse(NRT_FAILURE, "nrt_allocate_neuron_cores",
                         "NeuronCore(s) not available - Requested:%s; %s", requested, error->text);
}

NRT_STATUS
libnrt_check_vnc(const char *call, int64_t vnc)
{
    uint32_t core_count = neuron_runtime_core_count(libnrt_runtime());

    if (vnc < 0 || vnc >= (int64_t)core_count) {
        return libnrt_refuse(NRT_INVALID, call,
                             "there is no vnc %" PRId64 "; the process owns vnc 0 to %u", vnc,
                             core_count - 1);
    }
    return NRT_SUCCESS;
}

/* Reads the machine, and gives a number of it. */
static NRT_STATUS
count_cores(const char *call, uint32_t (*count_of)(const struct neuron_topology *), uint32_t *count)
{
    struct neuron_topology *topology = NULL;
    struct neuron_error error = {.text = ""};

    if (neuron_topology_create(&topology, &error) != NEURON_OK) {
        return libnrt_refuse(NRT_FAILURE, call, "%s", error.text);
    }
    *count = count_of(topology);
    neuron_topology_destroy(topology);
    return NRT_SUCCESS;
}

static NRT_STATUS
count_all_cores(const char *call, uint32_t *count)
{
    if (count == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "vnc_count is NULL");
    }
    return count_cores(call, neuron_topology_core_count, count);
}

NRT_STATUS
nrt_get_total_nc_count(uint32_t *vnc_count)
{
    return count_all_cores("nrt_get_total_nc_count", vnc_count);
}

NRT_STATUS
nrt_get_total_vnc_count(uint32_t *vnc_count)
{
    return count_all_cores("nrt_get_total_vnc_count", vnc_count);
}

/* Says how many cores the environment would have nrt_init() ask for. */
static NRT_STATUS
count_wanted_cores(const char *call, uint32_t *count)
{
    struct neuron_runtime_options options = {.core_count = 0};
    struct neuron_core_set *cores = NULL;
    struct neuron_error error = {.text = ""};
    enum neuron_status status = neuron_runtime_options_read(&options, &error);

    if (status == NEURON_OK && options.visible_cores != NULL) {
        status = neuron_core_set_parse(options.visible_cores, &cores, &error);
    }
    if (status != NEURON_OK) {
        return libnrt_refuse(libnrt_status_of(status), call, "%s", error.text);
    }
    if (cores != NULL) {
        *count = neuron_core_set_count(cores);
        neuron_core_set_destroy(cores);
        return NRT_SUCCESS;
    }
    if (neuron_runtime_options_core_count(&options) > 0) {
        *count = neuron_runtime_options_core_count(&options);
        return NRT_SUCCESS;
    }
    return count_cores(call, neuron_topology_core_limit, count);
}

static NRT_STATUS
count_visible_cores(const char *call, uint32_t *count)
{
    if (count == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "vnc_count is NULL");
    }
    if (libnrt_is_forked_child()) {
        return libnrt_refuse_child(call);
    }
    if (libnrt_try_enter()) {
        *count = neuron_runtime_core_count(libnrt_runtime());
        libnrt_leave();
        return NRT_SUCCESS;
    }
    return count_wanted_cores(call, count);
}

NRT_STATUS
nrt_get_visible_nc_count(uint32_t *vnc_count)
{
    return count_visible_cores("nrt_get_visible_nc_count", vnc_count);
}

NRT_STATUS
nrt_get_visible_vnc_count(uint32_t *vnc_count)
{
    return count_visible_cores("nrt_get_visible_vnc_count", vnc_count);
}

NRT_STATUS
nrt_get_instance_info(nrt_instance_info_t *info, size_t instance_info_len)
{
    nrt_instance_info_t here = {.family = NRT_INSTANCE_UNKNOWN, .size = NRT_INSTANCE_SIZE_UNKNOWN};
    struct utsname machine = {.machine = ""};

    if (info == NULL) {
        return libnrt_refuse(NRT_INVALID, "nrt_get_instance_info", "info is NULL");
    }
    (void)uname(&machine);
    (void)snprintf(here.arch_name, sizeof(here.arch_name), "%.15s", machine.machine);
    (void)libnrt_copy_struct(info, instance_info_len, &here, sizeof(here));
    return NRT_SUCCESS;
}
