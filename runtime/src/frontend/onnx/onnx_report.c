/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "growing_array.h"

enum { USE_LIMIT = 256 /* ONNX has fewer operators */ };

/* A file that was read, by what no other name of it changes. */
struct file_identity {
    dev_t device;
    ino_t number;
};

struct neuron_onnx_report {
    struct neuron_onnx_problem *problems; /* room for the limit */
    uint32_t problem_count;
    uint32_t problem_total;
    struct neuron_onnx_operator_use uses[USE_LIMIT + 1]; /* the last one is for all others */
    uint32_t use_count;
    struct file_identity *files; /* beside the model */
    uint32_t file_count;
    uint32_t file_room;
};

struct neuron_onnx_report *
neuron_onnx_report_create(void)
{
    struct neuron_onnx_report *report = calloc(1, sizeof(*report));

    if (report == NULL) {
        return NULL;
    }
    report->problems = calloc(NEURON_ONNX_PROBLEM_LIMIT, sizeof(*report->problems));
    if (report->problems == NULL) {
        free(report);
        return NULL;
    }
    return report;
}

void
neuron_onnx_copy_printable(char *to, size_t room_bytes, const char *from)
{
    size_t length = strnlen(from, room_bytes - 1);

    for (size_t i = 0; i < length; i += 1) {
        to[i] = from[i];
        if (from[i] < ' ' || from[i] > '~') {
            to[i] = '?';
        }
    }
    to[length] = '\0';
}

void
neuron_onnx_report_refuse(struct neuron_onnx_report *report, const char *name,
                          const char *operator_name, int64_t opset, const char *reason)
{
    report->problem_total += 1;
    if (report->problem_count == NEURON_ONNX_PROBLEM_LIMIT) {
        return;
    }
    struct neuron_onnx_problem *problem = &report->problems[report->problem_count];
    neuron_onnx_copy_printable(problem->name, sizeof(problem->name), name);
    neuron_onnx_copy_printable(problem->operator_name, sizeof(problem->operator_name),
                               operator_name);
    problem->opset = opset;
    neuron_onnx_copy_printable(problem->reason, sizeof(problem->reason), reason);
    report->problem_count += 1;
}

uint32_t
neuron_onnx_report_total(const struct neuron_onnx_report *report)
{
    return report->problem_total;
}

struct neuron_onnx_operator_use *
neuron_onnx_report_use_of(struct neuron_onnx_report *report, const char *domain,
                          const char *operator_name)
{
    char full_name[NEURON_ONNX_NAME_BYTES] = "";
    char name[NEURON_ONNX_NAME_BYTES] = "";
    bool is_own = domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0;

    (void)snprintf(full_name, sizeof(full_name), "%s%s%s", is_own ? "" : domain,
                   is_own ? "" : "::", operator_name);
    neuron_onnx_copy_printable(name, sizeof(name), full_name);
    for (uint32_t i = 0; i < report->use_count; i += 1) {
        if (strcmp(report->uses[i].operator_name, name) == 0) {
            return &report->uses[i];
        }
    }
    if (report->use_count > USE_LIMIT) {
        return &report->uses[USE_LIMIT];
    }
    struct neuron_onnx_operator_use *use = &report->uses[report->use_count];
    (void)snprintf(use->operator_name, sizeof(use->operator_name), "%s",
                   report->use_count == USE_LIMIT ? "(others)" : name);
    report->use_count += 1;
    return use;
}

static bool
is_file(const struct file_identity *file, const struct stat *facts)
{
    return file->device == facts->st_dev && file->number == facts->st_ino;
}

bool
neuron_onnx_report_note_file(struct neuron_onnx_report *report, int descriptor)
{
    struct stat facts = {0};

    /* The weights of a file stand together in most models. */
    if (fstat(descriptor, &facts) != 0 ||
        (report->file_count > 0 && is_file(&report->files[report->file_count - 1], &facts))) {
        return true;
    }
    void *files =
        neuron_grow(report->files, report->file_count, &report->file_room, sizeof(*report->files));
    if (files == NULL) {
        return false;
    }
    report->files = files;
    report->files[report->file_count] =
        (struct file_identity){.device = facts.st_dev, .number = facts.st_ino};
    report->file_count += 1;
    return true;
}

bool
neuron_onnx_report_has_file(const struct neuron_onnx_report *report, const char *path)
{
    struct stat facts = {0};
    bool is_found = false;

    if (stat(path, &facts) != 0) {
        return false;
    }
    for (uint32_t i = 0; !is_found && i < report->file_count; i += 1) {
        is_found = is_file(&report->files[i], &facts);
    }
    return is_found;
}

uint32_t
neuron_onnx_report_problem_count(const struct neuron_onnx_report *report)
{
    return report->problem_count;
}

const struct neuron_onnx_problem *
neuron_onnx_report_problem(const struct neuron_onnx_report *report, uint32_t index)
{
    return &report->problems[index];
}

uint32_t
neuron_onnx_report_use_count(const struct neuron_onnx_report *report)
{
    return report->use_count;
}

const struct neuron_onnx_operator_use *
neuron_onnx_report_use(const struct neuron_onnx_report *report, uint32_t index)
{
    return &report->uses[index];
}

void
neuron_onnx_report_destroy(struct neuron_onnx_report *report)
{
    if (report != NULL) {
        free(report->problems);
        free(report->files);
        free(report);
    }
}
