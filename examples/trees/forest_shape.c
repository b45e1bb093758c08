/* SPDX-License-Identifier: Apache-2.0 */
#include "forest_shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A number that a text may set. */
struct setting {
    const char *name;
    uint32_t *value;
    uint32_t least;
    uint32_t most;
};

/* Finds the setting that a text begins with, and moves the text behind its '='. */
static const struct setting *
find_setting(const struct setting *settings, size_t count, const char **text)
{
    for (size_t i = 0; i < count; i += 1) {
        size_t length = strlen(settings[i].name);

        if (strncmp(*text, settings[i].name, length) == 0 && (*text)[length] == '=') {
            *text += length + 1;
            return &settings[i];
        }
    }
    return NULL;
}

/* Reads digits, and moves the text behind them. What is above `most` stays above it. */
static bool
read_number(const char **text, uint32_t most, uint64_t *number)
{
    const char *first = *text;

    *number = 0;
    for (; **text >= '0' && **text <= '9'; *text += 1) {
        if (*number <= most) {
            *number = *number * 10 + (uint64_t)(**text - '0');
        }
    }
    return *text > first;
}

bool
forest_shape_parse(const char *config, struct forest_shape *shape, char *text, size_t text_bytes)
{
    struct forest_shape read = {.trees = 100, .depth = 8, .features = 30, .seed = 1};
    const struct setting settings[] = {
        {"trees", &read.trees, 1, 10000},
        {"depth", &read.depth, 1, 16},
        {"features", &read.features, 1, 4096},
        {"seed", &read.seed, 0, UINT32_MAX},
    };
    const char *rest = config == NULL ? "" : config;

    while (*rest != '\0') {
        const char *begin = rest;
        uint64_t number = 0;
        const struct setting *setting =
            find_setting(settings, sizeof(settings) / sizeof(settings[0]), &rest);

        if (setting == NULL || !read_number(&rest, setting->most, &number) ||
            (*rest != '\0' && *rest != ',')) {
            (void)snprintf(text, text_bytes,
                           "\"%.60s\" is no forest: write trees=100,depth=8,features=30,seed=1",
                           begin);
            return false;
        }
        if (number < setting->least || number > setting->most) {
            (void)snprintf(text, text_bytes, "\"%.60s\": %s must be %" PRIu32 " to %" PRIu32, begin,
                           setting->name, setting->least, setting->most);
            return false;
        }
        *setting->value = (uint32_t)number;
        rest += *rest == ',' ? 1 : 0;
    }
    *shape = read;
    return true;
}
