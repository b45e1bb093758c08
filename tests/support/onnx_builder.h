/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX files in memory, written field by field: the tests do not trust the generated code to read
 * what it wrote itself. Every call fails the test when there is no room left.
 */
#ifndef NEURON_TESTS_ONNX_BUILDER_H
#define NEURON_TESTS_ONNX_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ONNX_MESSAGE_BYTES = 1 << 16 };

/* A protobuf message under way. */
struct onnx_message {
    size_t size_bytes;
    unsigned char bytes[ONNX_MESSAGE_BYTES];
};

/* The types of ONNX that the tests use. */
enum {
    ONNX_FLOAT = 1,
    ONNX_UINT8 = 2,
    ONNX_INT8 = 3,
    ONNX_INT32 = 6,
    ONNX_INT64 = 7,
    ONNX_BOOL = 9,
    ONNX_FLOAT16 = 10,
    ONNX_DOUBLE = 11,
    ONNX_BFLOAT16 = 16
};

/* Appends a field: a number, bytes, a text, a float. */
void
onnx_put_number(struct onnx_message *message, uint32_t field, int64_t number);
void
onnx_put_bytes(struct onnx_message *message, uint32_t field, const void *bytes, size_t size_bytes);
void
onnx_put_text(struct onnx_message *message, uint32_t field, const char *text);
void
onnx_put_float(struct onnx_message *message, uint32_t field, float number);
void
onnx_put_message(struct onnx_message *message, uint32_t field, const struct onnx_message *part);

/* A model under way: its graph, and what stands beside it. */
struct onnx_model {
    struct onnx_message graph;
    struct onnx_message node; /* the one at hand, until onnx_end_node() */
    struct onnx_message file; /* the whole, after onnx_finish() */
    bool has_tables;          /* operators of ai.onnx.ml, whose version 3 the file then names */
};

/* A new model; the caller frees it with onnx_destroy(). */
struct onnx_model *
onnx_create(void);
void
onnx_destroy(struct onnx_model *model);

/* Adds an input or an output of float32. `dims` is a text such as "N,3,8,8": a name leaves a
   dimension open. */
void
onnx_add_input(struct onnx_model *model, const char *name, const char *dims);
void
onnx_add_output(struct onnx_model *model, const char *name);

/* Writes a tensor with raw bytes. `dims` is a text such as "2,3", or "" for a scalar. */
void
onnx_put_tensor(struct onnx_message *tensor, const char *name, int type, const char *dims,
                const void *bytes, size_t size_bytes);

/* Adds an initializer of float32 whose numbers depend on the seed. */
void
onnx_add_weights(struct onnx_model *model, const char *name, const char *dims, uint32_t seed);

/* The numbers that onnx_add_weights() wrote. */
void
onnx_fill_weights(float *numbers, size_t count, uint32_t seed);

/* Adds an initializer of int64, from a text such as "1,-1". */
void
onnx_add_integers(struct onnx_model *model, const char *name, const char *numbers);

/* Adds an initializer of any type with these bytes. */
void
onnx_add_tensor(struct onnx_model *model, const char *name, int type, const char *dims,
                const void *bytes, size_t size_bytes);

/* Adds an initializer of float32 whose bytes are in a file beside the model; the offset and the
   length are numbers as texts, or NULL for none. */
void
onnx_add_external(struct onnx_model *model, const char *name, const char *dims,
                  const char *location, const char *offset, const char *length);

/* Begins a node. `inputs` and `outputs` are names between blanks; "-" leaves one out. */
void
onnx_begin_node(struct onnx_model *model, const char *operator_type, const char *inputs,
                const char *outputs);
/* The same of the domain ai.onnx.ml. */
void
onnx_begin_table_node(struct onnx_model *model, const char *operator_type, const char *inputs,
                      const char *outputs);
void
onnx_add_integer(struct onnx_model *model, const char *name, int64_t number);
void
onnx_add_list(struct onnx_model *model, const char *name, const char *numbers);
void
onnx_add_float(struct onnx_model *model, const char *name, float number);
void
onnx_add_floats(struct onnx_model *model, const char *name, const float *numbers, size_t count);
/* A list of texts between blanks. */
void
onnx_add_texts(struct onnx_model *model, const char *name, const char *texts);
/* A list of float64 as a tensor. `dims` is its length as a text. */
void
onnx_add_doubles(struct onnx_model *model, const char *name, const char *dims,
                 const double *numbers, size_t count);
void
onnx_add_string(struct onnx_model *model, const char *name, const char *text);
/* Adds the graph of another model, which it destroys, as a sub-graph. */
void
onnx_add_graph(struct onnx_model *model, const char *name, struct onnx_model *inner);
void
onnx_end_node(struct onnx_model *model);

/* A node without attributes. */
void
onnx_add_node(struct onnx_model *model, const char *operator_type, const char *inputs,
              const char *outputs);

/* Puts the graph into a file of this opset, which then stands in `model->file`. */
void
onnx_finish(struct onnx_model *model, int64_t opset);

#endif
