/* SPDX-License-Identifier: Apache-2.0 */
#include "program_digest.h"

#include <stddef.h>
#include <string.h>

/* FNV-1a. */
static const uint64_t digest_basis = 0xCBF29CE484222325U;
static const uint64_t digest_prime = 0x00000100000001B3U;

static uint64_t
add_bytes(uint64_t digest, const void *bytes, size_t size_bytes)
{
    const unsigned char *each = bytes;

    for (size_t i = 0; i < size_bytes; i += 1) {
        digest = (digest ^ each[i]) * digest_prime;
    }
    return digest;
}

static uint64_t
add_number(uint64_t digest, uint64_t number)
{
    return add_bytes(digest, &number, sizeof(number));
}

/* Field by field: what lies between fields, and behind the end of a name, may be anything. */
static uint64_t
add_tensors(uint64_t digest, const struct neuron_custom_tensor *tensors, uint32_t count)
{
    digest = add_number(digest, count);
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *spec = &tensors[i].spec;

        digest = add_bytes(digest, spec->name, strlen(spec->name) + 1);
        digest = add_number(digest, (uint64_t)spec->shape.type);
        digest = add_number(digest, spec->shape.rank);
        for (uint32_t j = 0; j < spec->shape.rank; j += 1) {
            digest = add_number(digest, (uint64_t)spec->shape.dims[j]);
        }
        digest = add_number(digest, tensors[i].is_shared ? 1 : 0);
    }
    return digest;
}

uint64_t
neuron_program_digest(const struct neuron_custom_program *program)
{
    uint64_t digest = add_number(digest_basis, program->row_limit);

    digest = add_tensors(digest, program->inputs, program->input_count);
    return add_tensors(digest, program->outputs, program->output_count);
}
