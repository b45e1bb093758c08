/* SPDX-License-Identifier: Apache-2.0 */
#include "score/scored_model.h"

#include <stddef.h>

#include "neuron/model_weights.h"

enum neuron_status
neuron_scored_model_load(const struct neuron_score_options *options, struct neuron_model **model,
                         struct neuron_error *error)
{
    struct neuron_model *loaded = NULL;
    enum neuron_status status = neuron_model_load(options->model_path, &loaded, error);

    if (status != NEURON_OK || options->weights_path == NULL) {
        *model = status == NEURON_OK ? loaded : *model;
        return status;
    }
    status = neuron_model_replace_weights(loaded, options->weights_path, model, error);
    /* The one with the weights holds what it needs of the other. */
    neuron_model_destroy(loaded);
    return status;
}
