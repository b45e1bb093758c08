/* SPDX-License-Identifier: Apache-2.0 */
#include "top/model_tree.h"

#include <stdio.h>

#include "neuron/core_set.h"

#include "top/process_name.h"

enum { CORES_BYTES = 256, LINE_BYTES = 640, INDENT = 3, WORD_BITS = 64 };

enum neuron_status
neuron_module_cores(const struct neuron_counter_sample *runtime,
                    const struct neuron_module_sample *module, struct neuron_core_set **cores,
                    struct neuron_error *error)
{
    struct neuron_core_set *made = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &made, error);

    for (uint32_t nc = 0; status == NEURON_OK && nc < runtime->core_count &&
                          nc < NEURON_COUNTER_CORE_WORDS * WORD_BITS;
         nc += 1) {
        if ((module->cores[nc / WORD_BITS] >> nc % WORD_BITS & 1) != 0) {
            status = neuron_core_set_add(made, runtime->cores[nc].core, error);
        }
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(made);
        return status;
    }
    *cores = made;
    return NEURON_OK;
}

static void
format_cores(const struct neuron_counter_sample *runtime, const struct neuron_module_sample *module,
             char *text, size_t size_bytes)
{
    struct neuron_core_set *cores = NULL;

    (void)snprintf(text, size_bytes, "?");
    if (neuron_module_cores(runtime, module, &cores, NULL) == NEURON_OK) {
        (void)neuron_core_set_format(cores, text, size_bytes);
        neuron_core_set_destroy(cores);
    }
}

/* Draws the branch before a model. */
static void
put_branch(struct neuron_canvas *canvas, uint32_t row, bool is_last)
{
    neuron_canvas_put_character(canvas, row, 1, NEURON_STYLE_FAINT, is_last ? 0x2514 : 0x251C,
                                is_last ? '`' : '|');
    neuron_canvas_put_character(canvas, row, 2, NEURON_STYLE_FAINT, 0x2500, '-');
}

static void
add_model(struct neuron_canvas *canvas, const struct neuron_counter_sample *runtime,
          const struct neuron_module_sample *module, bool is_last)
{
    struct neuron_place place = {.row = neuron_canvas_add_row(canvas),
                                 .column = 1 + INDENT,
                                 .width = canvas->width,
                                 .style = NEURON_STYLE_NAME};
    char cores[CORES_BYTES] = "";
    char line[LINE_BYTES] = "";

    put_branch(canvas, place.row, is_last);
    place.column += neuron_canvas_put(canvas, &place, module->name);
    format_cores(runtime, module, cores, sizeof(cores));
    (void)snprintf(line, sizeof(line), "  cores %s  %u %s of %u %s%s", cores, module->replica_count,
                   module->replica_count == 1 ? "replica" : "replicas", module->model_cores,
                   module->model_cores == 1 ? "core" : "cores",
                   module->is_running ? "  running" : "");
    place.style = NEURON_STYLE_PLAIN;
    (void)neuron_canvas_put(canvas, &place, line);
}

/* Adds a process and its models; nothing where it has none. Says how many it has. */
static uint32_t
add_process(struct neuron_canvas *canvas, const struct neuron_node_process *process)
{
    char name[NEURON_PROCESS_NAME_BYTES] = "";
    char label[NEURON_PROCESS_NAME_BYTES + 32] = "";
    uint32_t count = 0;
    uint32_t added = 0;

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        count += process->runtimes[i].module_count;
    }
    if (count == 0) {
        return 0;
    }
    struct neuron_place place = {.row = neuron_canvas_add_row(canvas), .width = canvas->width};
    (void)snprintf(label, sizeof(label), "%s (%d)",
                   neuron_process_name(process, name, sizeof(name)), (int)process->pid);
    (void)neuron_canvas_put(canvas, &place, label);
    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        const struct neuron_counter_sample *runtime = &process->runtimes[i];

        for (uint32_t k = 0; k < runtime->module_count; k += 1) {
            added += 1;
            add_model(canvas, runtime, &runtime->modules[k], added == count);
        }
    }
    return count;
}

void
neuron_model_tree_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                      uint32_t process)
{
    struct neuron_place place = {.row = neuron_canvas_add_row(canvas),
                                 .width = canvas->width,
                                 .style = NEURON_STYLE_HEADING};
    uint32_t count = 0;

    neuron_canvas_paint(canvas, place.row, 0, NEURON_STYLE_HEADING);
    (void)neuron_canvas_put(canvas, &place, "MODELS");
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (process == neuron_no_process || process == i) {
            count += add_process(canvas, &sample->processes[i]);
        }
    }
    if (count == 0) {
        place.row = neuron_canvas_add_row(canvas);
        place.style = NEURON_STYLE_FAINT;
        (void)neuron_canvas_put(canvas, &place, "No model is loaded.");
    }
}
