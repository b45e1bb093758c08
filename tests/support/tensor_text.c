/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Reads a type's name, if there is one before the bracket. */
static enum neuron_type
parse_type(const char **text)
{
    size_t length = strcspn(*text, "[");

    if (length == 0) {
        return NEURON_FLOAT32;
    }
    for (int type = NEURON_FLOAT32; type <= NEURON_BOOL; type += 1) {
        const char *name = neuron_type_name((enum neuron_type)type);

        if (strlen(name) == length && strncmp(*text, name, length) == 0) {
            *text += length;
            return (enum neuron_type)type;
        }
    }
    fail_msg("no type at \"%s\"", *text);
    return NEURON_NO_TYPE;
}

static struct neuron_tensor_view
parse_tensor(const char **text)
{
    struct neuron_tensor_view view = {.type = parse_type(text)};

    assert_int_equal(**text, '[');
    *text += 1;
    while (**text != ']') {
        char *end = NULL;

        assert_true(view.rank < NEURON_RANK_LIMIT);
        view.shape[view.rank] = strtoll(*text, &end, 10);
        assert_ptr_not_equal(end, *text);
        view.rank += 1;
        *text = *end == ',' ? end + 1 : end;
    }
    *text += 1;
    return view;
}

uint32_t
parse_tensors(const char *text, struct neuron_tensor_view views[TENSOR_TEXT_LIMIT])
{
    uint32_t count = 0;

    while (*text != '\0') {
        assert_true(count < TENSOR_TEXT_LIMIT);
        views[count] = parse_tensor(&text);
        count += 1;
        text += strspn(text, " ");
    }
    return count;
}

size_t
tensor_element_count(const struct neuron_tensor_view *view)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    size_t count = 0;

    assert_true(neuron_tensor_shape_element_count(&shape, &count));
    return count;
}

void
allocate_tensor(struct neuron_tensor_view *view)
{
    size_t count = tensor_element_count(view);

    view->data = calloc(count, neuron_type_size_bytes(view->type));
    assert_true(view->data != NULL || count == 0);
}

void
fill_tensor(const struct neuron_tensor_view *view, uint32_t seed)
{
    float *elements = view->data;
    size_t count = tensor_element_count(view);
    uint32_t bits = seed * 2654435761U + 1U;

    assert_int_equal(view->type, NEURON_FLOAT32);
    for (size_t i = 0; i < count; i += 1) {
        bits ^= bits << 13;
        bits ^= bits >> 17;
        bits ^= bits << 5;
        elements[i] = (float)(bits >> 8) / 8388608.0F - 1.0F;
    }
}

/* False for NaN, too. */
static bool
is_close(float actual, float expected, double tolerance)
{
    double limit = tolerance * fmax(1.0, fabs((double)expected));

    return fabs((double)actual - (double)expected) <= limit;
}

void
check_close(const struct neuron_tensor_view *actual, const struct neuron_tensor_view *expected,
            double tolerance, const char *what)
{
    struct neuron_tensor_shape actual_shape = neuron_tensor_view_shape(actual);
    struct neuron_tensor_shape expected_shape = neuron_tensor_view_shape(expected);
    const float *left = actual->data;
    const float *right = expected->data;
    size_t count = tensor_element_count(actual);
    size_t position = 0;

    assert_true(neuron_tensor_shape_equals(&actual_shape, &expected_shape));
    while (position < count && is_close(left[position], right[position], tolerance)) {
        position += 1;
    }
    if (position < count) {
        fail_msg("%s: element %zu of %zu is %.9g, expected %.9g", what, position, count,
                 (double)left[position], (double)right[position]);
    }
}

void
free_tensor(struct neuron_tensor_view *view)
{
    free(view->data);
    view->data = NULL;
}
