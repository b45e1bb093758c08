/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/refused_operators.h"

#include <stddef.h>
#include <string.h>

static const char shape_of_data[] = "the shape of its result depends on the data of a run";
static const char control_flow[] = "it is control flow on the data of a run";
static const char sequences[] = "sequences and optional values are not imported";
static const char texts[] = "texts are not imported";
static const char maps[] = "there are no maps here; export the model for arrays";
static const char vectors[] = "support vectors are not computed; linear models and trees are";
static const char chance[] = "its result is random";
static const char training[] = "it is for training; export the model for inference";

static const struct {
    const char *name;
    const char *reason;
} refused[] = {
    {"NonZero", shape_of_data},
    {"NonMaxSuppression", shape_of_data},
    {"Unique", shape_of_data},
    {"Compress", shape_of_data},
    {"Loop", control_flow},
    {"Scan", control_flow},
    {"SequenceAt", sequences},
    {"SequenceConstruct", sequences},
    {"SequenceEmpty", sequences},
    {"SequenceErase", sequences},
    {"SequenceInsert", sequences},
    {"SequenceLength", sequences},
    {"SequenceMap", sequences},
    {"SplitToSequence", sequences},
    {"ConcatFromSequence", sequences},
    {"Optional", sequences},
    {"OptionalGetElement", sequences},
    {"OptionalHasElement", sequences},
    {"StringNormalizer", texts},
    {"TfIdfVectorizer", texts},
    {"CategoryMapper", texts},
    {"DictVectorizer", maps},
    {"SVMClassifier", vectors},
    {"SVMRegressor", vectors},
    {"Bernoulli", chance},
    {"Multinomial", chance},
    {"RandomNormal", chance},
    {"RandomNormalLike", chance},
    {"RandomUniform", chance},
    {"RandomUniformLike", chance},
    {"Gradient", training},
    {"Momentum", training},
    {"Adam", training},
    {"Adagrad", training},
};

const char *
neuron_onnx_refused_reason(const char *name)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        if (strcmp(refused[i].name, name) == 0) {
            return refused[i].reason;
        }
    }
    return "there is no such operator here";
}
