/* SPDX-License-Identifier: Apache-2.0 */
#include "openmpi_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "OMPI_MCA_"

/* Parameters that choose transports, or that bring files which may. */
static const char *const choosing[] = {"pml", "btl", "mtl", "mca_base_param_files"};

/*
 * What launched ranks come to in any case. Asked to, they load these components alone, and not
 * those that are looked at first.
 */
static const char *const settled[][2] = {{"ess", "pmi"},
                                         {"state", "app"},
                                         {"errmgr", "default_app"},
                                         {"pmix", "^s1,s2,cray,isolated,flux"}};

/*
 * Plugins of hwloc that look for devices. Every rank would load them, with X11 and OpenCL, though
 * it takes over the machine's description from its server.
 */
static const char plugins[] = "HWLOC_PLUGINS_";
static const char no_plugins[] =
    "HWLOC_PLUGINS_BLACKLIST=hwloc_cuda,hwloc_gl,hwloc_levelzero,hwloc_nvml,hwloc_opencl,"
    "hwloc_pci,hwloc_rsmi";

/* Parameters that name the folder for files in shared memory. */
static const char *const placing[] = {"btl_vader_backing_directory", "osc_sm_backing_directory",
                                      "osc_rdma_backing_directory"};

enum {
    CHOOSING_COUNT = sizeof(choosing) / sizeof(choosing[0]),
    SETTLED_COUNT = sizeof(settled) / sizeof(settled[0]),
    PLACING_COUNT = sizeof(placing) / sizeof(placing[0]),
    FIXED_LIMIT = 20 /* settings that are ours */
};

static bool
is_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static bool
is_choosing(const char *text, size_t length)
{
    for (size_t i = 0; i < CHOOSING_COUNT; i += 1) {
        if (is_name(choosing[i], text, length)) {
            return true;
        }
    }
    return false;
}

bool
neuron_openmpi_settings_name_transports(const char *parameters)
{
    const char *line = parameters;

    while (line != NULL) {
        line += strspn(line, " \t\r\n");
        if (is_choosing(line, strcspn(line, " \t=\r\n"))) {
            return true;
        }
        line = strchr(line, '\n');
    }
    return false;
}

/* Says whether an entry of an environment chooses transports. */
static bool
entry_chooses(const char *entry)
{
    size_t length = strcspn(entry, "=");

    return strncmp(entry, PREFIX, strlen(PREFIX)) == 0 &&
           is_choosing(entry + strlen(PREFIX), length - strlen(PREFIX));
}

static bool
program_chooses(const struct neuron_launch_program *program)
{
    for (uint32_t i = 0; i < program->assignment_count; i += 1) {
        if (entry_chooses(program->assignments[i])) {
            return true;
        }
    }
    return false;
}

static bool
user_chooses(const struct neuron_openmpi_request *request)
{
    const struct neuron_command_line *line = request->line;

    for (size_t i = 0; request->inherited[i] != NULL; i += 1) {
        if (entry_chooses(request->inherited[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        if (program_chooses(&line->programs[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i + 1 < line->engine_parameter_count; i += 2) {
        const char *name = line->engine_parameters[i];

        if (is_choosing(name, strlen(name))) {
            return true;
        }
    }
    return request->parameters != NULL &&
           neuron_openmpi_settings_name_transports(request->parameters);
}

static bool
has_entry(const struct neuron_openmpi_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i += 1) {
        const char *entry = settings->entries[i] + strlen(PREFIX);

        if (is_name(name, entry, strcspn(entry, "="))) {
            return true;
        }
    }
    return false;
}

/* Adds a parameter, unless it is there. */
static bool
add(struct neuron_openmpi_settings *settings, const char *name, const char *value)
{
    if (has_entry(settings, name)) {
        return true;
    }
    if (asprintf(&settings->entries[settings->count], PREFIX "%s=%s", name, value) < 0) {
        settings->entries[settings->count] = NULL;
        return false;
    }
    settings->count += 1;
    return true;
}

/* Leaves hwloc's plugins out, unless somebody has said which to take. */
static bool
add_plugins(struct neuron_openmpi_settings *settings, char *const *inherited)
{
    for (size_t i = 0; inherited[i] != NULL; i += 1) {
        if (strncmp(inherited[i], plugins, strlen(plugins)) == 0) {
            return true;
        }
    }
    settings->entries[settings->count] = strdup(no_plugins);
    if (settings->entries[settings->count] == NULL) {
        return false;
    }
    settings->count += 1;
    return true;
}

/*
 * Open MPI 4 decides by its "schizo" components whether a process was launched at all; those that
 * look for its own launcher, or for a scheduler, would say no.
 */
static bool
add_ours(struct neuron_openmpi_settings *settings, const struct neuron_openmpi_request *request)
{
    bool is_added = add(settings, "schizo", "^orte,slurm,flux,jsm") &&
                    add(settings, "mpi_oversubscribe", request->is_oversubscribed ? "1" : "0");

    for (size_t i = 0; i < SETTLED_COUNT; i += 1) {
        is_added = is_added && add(settings, settled[i][0], settled[i][1]);
    }
    if (request->is_bound) {
        is_added = is_added && add(settings, "orte_externally_bound", "1") &&
                   add(settings, "hwloc_base_binding_policy", "none");
    }
    for (size_t i = 0; request->shared_folder[0] != '\0' && i < PLACING_COUNT; i += 1) {
        is_added = is_added && add(settings, placing[i], request->shared_folder);
    }
    if (!user_chooses(request)) {
        is_added = is_added && add(settings, "pml", "ob1") && add(settings, "btl", "self,vader");
    }
    return is_added;
}

enum neuron_status
neuron_openmpi_settings_make(const struct neuron_openmpi_request *request,
                             struct neuron_openmpi_settings *settings, struct neuron_error *error)
{
    const struct neuron_command_line *line = request->line;
    struct neuron_openmpi_settings made = {
        .entries =
            calloc((size_t)line->engine_parameter_count / 2 + FIXED_LIMIT, sizeof(*made.entries))};
    bool is_made = made.entries != NULL;

    /* Of several values of one parameter the last one counts. */
    for (uint32_t i = line->engine_parameter_count; is_made && i >= 2; i -= 2) {
        is_made = add(&made, line->engine_parameters[i - 2], line->engine_parameters[i - 1]);
    }
    if (!is_made || !add_ours(&made, request) || !add_plugins(&made, request->inherited)) {
        neuron_openmpi_settings_clear(&made);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a rank's environment");
    }
    *settings = made;
    return NEURON_OK;
}

void
neuron_openmpi_settings_clear(struct neuron_openmpi_settings *settings)
{
    for (size_t i = 0; i < settings->count; i += 1) {
        free(settings->entries[i]);
    }
    free(settings->entries);
    *settings = (struct neuron_openmpi_settings){0};
}
