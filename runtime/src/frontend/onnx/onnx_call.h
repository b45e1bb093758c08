/* SPDX-License-Identifier: Apache-2.0 */
/* A node with what its inputs are: what every operator is computed or translated from. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_CALL_H
#define NEURON_FRONTEND_ONNX_ONNX_CALL_H

#include <onnx/onnx.pb-c.h>

#include "frontend/onnx/onnx_constant.h"
#include "frontend/onnx/onnx_tensor.h"
#include "frontend/trace_body.h"
#include "neuron/trace.h"

/* What is known of a name of the file so far. */
enum neuron_onnx_state {
    NEURON_ONNX_PENDING = 0, /* a node computes it, which was not looked at yet */
    NEURON_ONNX_KNOWN,       /* a constant */
    NEURON_ONNX_COMPUTED,    /* a value of the graph */
    NEURON_ONNX_LEFT_OUT,    /* an output that is not computed here, such as a dropout's mask */
    NEURON_ONNX_REFUSED      /* what computes it was refused, and so is no news */
};

/* A name of the file, and what it stands for. */
struct neuron_onnx_value {
    const char *name;
    enum neuron_onnx_state state;
    struct neuron_onnx_constant constant; /* its bytes are those of a known value, else NULL */
    bool owns_bytes;                      /* until the graph has them */
    bool is_weight;                       /* its constant gets its name */
    bool is_kept;                         /* and is not computed with */
    struct neuron_value traced;           /* invalid for a known value until a node wants it; what
                                             was computed at once has both */
    struct neuron_onnx_value *same;       /* the name that stands for it, if it is another one */
};

struct neuron_onnx_importer;

/* A node on its way into the graph. */
struct neuron_onnx_call {
    const Neuron__Onnx__Node *node;
    int64_t opset;
    struct neuron_onnx_value *const *inputs; /* NULL where the node leaves one out */
    uint32_t input_count;
    struct neuron_trace *trace;
    struct neuron_onnx_source *source;
    struct neuron_onnx_importer *importer; /* for nodes that hold graphs */
    struct neuron_error *error;
};

/* What came of a node: exactly one of the first three is set. The constant is the caller's also on
   failure. */
struct neuron_onnx_result {
    struct neuron_onnx_value *same;       /* an input, passed on */
    struct neuron_onnx_constant constant; /* owned */
    struct neuron_value traced;           /* the first output */
    struct neuron_value *more; /* room for the outputs of the node behind the first; those that
                                  stay invalid are not computed */
};

/* Translates a node to operators of the graph, or gives its constant. */
typedef enum neuron_status
neuron_onnx_operator_fn(struct neuron_onnx_call *call, struct neuron_onnx_result *result);

/* Says whether the node has this input. */
bool
neuron_onnx_call_has(const struct neuron_onnx_call *call, uint32_t input);

/* The type and shape of an input that the node has. */
const struct neuron_tensor_shape *
neuron_onnx_call_shape(const struct neuron_onnx_call *call, uint32_t input);

/* An input whose elements are known; NULL for another one, and for one left out. What is done
   depends on them: it is a weight no longer. */
const struct neuron_onnx_constant *
neuron_onnx_call_known(const struct neuron_onnx_call *call, uint32_t input);

/* An input as a value of the graph; an invalid one where it is left out. A known one becomes a
   constant of the graph; where that fails, the trace has failed. */
struct neuron_value
neuron_onnx_call_value(const struct neuron_onnx_call *call, uint32_t input);

/* Refuses a node whose input must be known, and is not. */
enum neuron_status
neuron_onnx_call_refuse_unknown(const struct neuron_onnx_call *call, uint32_t input,
                                const char *what);

/* The trace's status, with its text in the error. */
enum neuron_status
neuron_onnx_call_status(const struct neuron_onnx_call *call);

/* Which dimensions a node speaks of. */
struct neuron_onnx_axes {
    bool is_given;
    uint32_t count;
    int64_t list[NEURON_RANK_LIMIT]; /* from the front, in the node's order */
    bool has[NEURON_RANK_LIMIT];
};

/*
 * Reads axes from an input, or where that is left out from the attribute "axes". Each is brought to
 * the front, and stands there once.
 *
 * input  the number of the input; UINT32_MAX for an operator that has none.
 * rank   of what the axes are of.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_call_axes(const struct neuron_onnx_call *call, uint32_t input, uint32_t rank,
                      struct neuron_onnx_axes *axes);

/* Does the same with axes of a result that has one dimension more for each of them. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_call_axes_grown(const struct neuron_onnx_call *call, uint32_t input, uint32_t rank,
                            struct neuron_onnx_axes *axes);

/* Reads the attribute "axis", -rank to rank - 1. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_call_axis(const struct neuron_onnx_call *call, int64_t fallback, uint32_t rank,
                      uint32_t *axis);

#endif
