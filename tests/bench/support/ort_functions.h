/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of ONNX Runtime that the benchmarks call. Its npm package holds the shared library
 * and no header. The library exports one function, which gives a table of all others; the table
 * only ever grows at its end, so that places in it are fixed since its first version.
 */
#ifndef NEURON_BENCH_ORT_FUNCTIONS_H
#define NEURON_BENCH_ORT_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

struct ort_allocator;
struct ort_environment;
struct ort_memory;
struct ort_options;
struct ort_run_options;
struct ort_session;
struct ort_status;
struct ort_tensor_shape;
struct ort_value;

enum {
    ORT_TABLE_VERSION = 17, /* of the table that is asked for; any version gives these functions */
    ORT_LOG_ERRORS = 3,
    ORT_ALL_OPTIMIZATIONS = 99,
    ORT_DEVICE_ALLOCATOR = 0,
    ORT_DEFAULT_MEMORY = 0
};

/* A NULL status is success. The numbers are the places in the table. */
struct ort_functions {
    void *unused_0[2];
    const char *(*get_error_message)(const struct ort_status *status); /* 2 */
    struct ort_status *(*create_environment)(int log_level, const char *name,
                                             struct ort_environment **environment); /* 3 */
    void *unused_4[3];
    struct ort_status *(*create_session)(const struct ort_environment *environment,
                                         const char *path, const struct ort_options *options,
                                         struct ort_session **session); /* 7 */
    void *unused_8;
    /* A NULL output is allocated; else it is written in place. */
    struct ort_status *(*run)(struct ort_session *session, const struct ort_run_options *options,
                              const char *const *input_names, const struct ort_value *const *inputs,
                              size_t input_count, const char *const *output_names,
                              size_t output_count, struct ort_value **outputs); /* 9 */
    struct ort_status *(*create_session_options)(struct ort_options **options); /* 10 */
    void *unused_11[12];
    struct ort_status *(*set_optimization_level)(struct ort_options *options, int level); /* 23 */
    struct ort_status *(*set_intra_op_threads)(struct ort_options *options, int count);   /* 24 */
    struct ort_status *(*set_inter_op_threads)(struct ort_options *options, int count);   /* 25 */
    void *unused_26[5];
    struct ort_status *(*get_output_count)(const struct ort_session *session,
                                           size_t *count); /* 31 */
    void *unused_32[5];
    struct ort_status *(*get_output_name)(const struct ort_session *session, size_t index,
                                          struct ort_allocator *allocator, char **name); /* 37 */
    void *unused_38[11];
    struct ort_status *(*create_tensor)(const struct ort_memory *memory, void *bytes,
                                        size_t size_bytes, const int64_t *dims, size_t rank,
                                        int type, struct ort_value **value); /* 49 */
    void *unused_50;
    struct ort_status *(*get_tensor_bytes)(struct ort_value *value, void **bytes); /* 51 */
    void *unused_52[8];
    struct ort_status *(*get_tensor_type)(const struct ort_tensor_shape *shape, int *type); /* 60 */
    void *unused_61[3];
    struct ort_status *(*get_element_count)(const struct ort_tensor_shape *shape,
                                            size_t *count); /* 64 */
    struct ort_status *(*get_tensor_shape)(const struct ort_value *value,
                                           struct ort_tensor_shape **shape); /* 65 */
    void *unused_66[3];
    struct ort_status *(*create_cpu_memory)(int allocator, int kind,
                                            struct ort_memory **memory); /* 69 */
    void *unused_70[8];
    struct ort_status *(*get_default_allocator)(struct ort_allocator **allocator); /* 78 */
    void *unused_79[13];
    void (*release_environment)(struct ort_environment *environment); /* 92 */
    void (*release_status)(struct ort_status *status);                /* 93 */
    void (*release_memory)(struct ort_memory *memory);                /* 94 */
    void (*release_session)(struct ort_session *session);             /* 95 */
    void (*release_value)(struct ort_value *value);                   /* 96 */
    void *unused_97[2];
    void (*release_tensor_shape)(struct ort_tensor_shape *shape); /* 99 */
    void (*release_options)(struct ort_options *options);         /* 100 */
};

/* What the exported function OrtGetApiBase() returns. */
struct ort_base {
    const struct ort_functions *(*get_functions)(uint32_t version);
    const char *(*get_version)(void);
};

#endif
