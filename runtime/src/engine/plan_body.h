/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan is made of. A storage is a piece of memory: in the arena, of the caller, or constant.
 * A buffer is a storage seen in a layout: reshaping makes a second buffer of the same storage. A
 * step is a kernel with the buffers it works on.
 */
#ifndef NEURON_ENGINE_PLAN_BODY_H
#define NEURON_ENGINE_PLAN_BODY_H

#include <stddef.h>
#include <stdint.h>

#include <oneapi/dnnl/dnnl.h>

#include "engine/kernels/kernel.h"
#include "engine/layout_choice.h"
#include "engine/plan.h"

enum neuron_place {
    NEURON_PLACE_ARENA,
    NEURON_PLACE_INPUT,   /* the caller's, `port` says which */
    NEURON_PLACE_OUTPUT,  /* the caller's */
    NEURON_PLACE_CONSTANT /* the graph's, or packed and owned by the plan */
};

struct neuron_storage {
    enum neuron_place place;
    uint32_t port;
    size_t size_bytes;
    size_t offset;       /* in the arena */
    uint32_t first_step; /* that touches it, by its moment; UINT32_MAX until one does */
    uint32_t last_step;
    bool is_value;        /* it was made for a node's result */
    bool is_copy;         /* of another storage in another layout, and asked for again */
    uint32_t last_reader; /* the last node that reads a value in it; UINT32_MAX for outputs */
    const void *constant;
    void *owned; /* packed weights */
    size_t owned_bytes;
    uint64_t signature; /* of the layout of packed weights */
    bool is_factors;    /* of weights of 8 bits: what no step reads, but the next plan needs */
};

struct neuron_buffer {
    uint32_t storage;
    size_t offset; /* in the storage, for a piece of it */
    dnnl_memory_desc_t layout;
};

struct neuron_step_argument {
    int name; /* DNNL_ARG_... */
    uint32_t buffer;
};

/*
 * A primitive of oneDNN, or a kernel of our own. The arguments of the latter are the node's inputs,
 * the result, and a buffer of scratch memory where it wants some.
 */
struct neuron_step {
    dnnl_primitive_t primitive;          /* NULL for a kernel of our own */
    neuron_kernel_fn *run;               /* NULL for a primitive */
    struct neuron_product_step *product; /* of our own kernel for products; else NULL; owned */
    bool is_by_elements; /* a kernel of our own on the elements of one buffer, in any order */
    const struct neuron_node *node; /* that it belongs to; NULL for what brings outputs in place */
    struct neuron_step_argument *arguments;
    uint32_t argument_count;
    uint32_t core;   /* that does it, of those that run the plan together; 0 of one alone */
    uint32_t moment; /* parts of one kernel, on several cores, are in one moment */
    bool is_beside;  /* it is a further part in the moment of the step before it */
};

/* A buffer that was made from another by reordering it; asked for again, it is used again. */
struct neuron_reordered {
    uint32_t from;
    uint32_t to;
};

struct neuron_plan {
    const struct neuron_graph *graph;
    bool is_outline; /* its packed weights are nowhere, and it is not run */
    dnnl_engine_t engine;
    struct neuron_storage *storages;
    uint32_t storage_count;
    uint32_t storage_room;
    struct neuron_buffer *buffers;
    uint32_t buffer_count;
    uint32_t buffer_room;
    struct neuron_step *steps;
    uint32_t step_count;
    uint32_t step_room;
    uint32_t core_count;   /* that run it together */
    uint32_t moment_count; /* as many as steps where each stands alone */
    struct neuron_reordered *reordered;
    uint32_t reordered_count;
    uint32_t reordered_room;
    uint32_t *value_buffers; /* of each value of the graph: the buffer it is made in */
    uint32_t *last_readers; /* of each value: the last node that reads it; UINT32_MAX for outputs */
    enum neuron_layout *layouts; /* of each node */
    bool *is_narrow;             /* of each value: kept as bfloat16 */
    bool *is_positive;           /* of each value: known to be never negative */
    size_t arena_bytes;
    struct neuron_packed_cache *packed; /* NULL for none */
    uint64_t constant_bytes;            /* of the graph, as they are stored */
    struct neuron_charge charge;
    uint64_t charged_bytes;
};

/* Takes the raw size of all constants, before any is packed. */
enum neuron_status
neuron_plan_charge_constants(struct neuron_plan *plan, struct neuron_error *error);

/* Takes or gives back the difference to what the weights came to, when all steps are there. */
enum neuron_status
neuron_plan_settle_charge(struct neuron_plan *plan, struct neuron_error *error);

#endif
