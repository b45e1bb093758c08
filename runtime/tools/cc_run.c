/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "cc_arrays.h"
#include "cc_core.h"
#include "cc_exit.h"
#include "cc_model.h"
#include "cc_output_files.h"
#include "cc_same_file.h"
#include "cc_tensors.h"
#include "neuron/module.h"

/* What a run needs; each part is made of those before it. */
struct run {
    struct neuron_cc_arrays arrays;
    struct neuron_cc_model model;
    struct neuron_onnx_report *report;
    struct neuron_cc_tensors tensors;
    struct neuron_cc_output_files files;
};

static enum neuron_status
prepare(const struct neuron_cc_options *options, struct run *run, struct neuron_error *error)
{
    enum neuron_status status = neuron_cc_arrays_load(options, &run->arrays, error);

    if (status == NEURON_OK) {
        status = neuron_cc_model_open(options, &run->arrays, &run->model, &run->report, error);
    }
    if (status == NEURON_OK) {
        status = neuron_cc_tensors_open(run->model.model, options, &run->arrays,
                                        NEURON_CC_REFUSE_MISSING, &run->tensors, error);
    }
    if (status == NEURON_OK) {
        status = neuron_cc_output_files_open(run->model.model, options->output_folder, &run->files,
                                             error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < run->files.count; i += 1) {
        status = neuron_cc_check_output(options, run->report, run->files.paths[i], error);
    }
    return status;
}

/* Runs the model on cores that are this process's for so long. */
static enum neuron_status
run_on_cores(const struct run *run, struct neuron_error *error)
{
    const struct neuron_cc_tensors *tensors = &run->tensors;
    struct neuron_runtime *runtime = NULL;
    struct neuron_module *module = NULL;
    enum neuron_status status =
        neuron_cc_claim_cores(neuron_model_core_count(run->model.model), &runtime, error);

    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, run->model.model, NULL, &module, error);
    }
    if (status == NEURON_OK) {
        status = neuron_module_run(module, tensors->inputs, tensors->input_count, tensors->outputs,
                                   tensors->output_count, error);
    }
    neuron_module_destroy(module);
    neuron_runtime_destroy(runtime);
    return status;
}

static void
print_files(const struct run *run)
{
    for (uint32_t i = 0; i < run->files.count; i += 1) {
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&run->tensors.outputs[i]);
        char text[96] = "";

        (void)printf("%s %s\n", run->files.paths[i],
                     neuron_tensor_shape_format(&shape, text, sizeof(text)));
    }
}

int
neuron_cc_run(const struct neuron_cc_options *options)
{
    struct run run = {0};
    struct neuron_error error = {0};
    int exit_status = EXIT_SUCCESS;
    enum neuron_status status = prepare(options, &run, &error);

    if (status == NEURON_OK) {
        status = run_on_cores(&run, &error);
    }
    if (status == NEURON_OK) {
        status = neuron_cc_output_files_write(&run.files, run.tensors.outputs, &error);
    }
    if (status == NEURON_OK) {
        print_files(&run);
        exit_status = neuron_cc_finish_output();
    } else {
        neuron_cc_output_files_take_back(&run.files);
        exit_status = neuron_cc_refuse(options->model_path, run.report, &error);
    }
    neuron_cc_output_files_close(&run.files);
    neuron_cc_tensors_close(&run.tensors);
    neuron_cc_model_close(&run.model);
    neuron_onnx_report_destroy(run.report);
    neuron_cc_arrays_close(&run.arrays);
    return exit_status;
}
