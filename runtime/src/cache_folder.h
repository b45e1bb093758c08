/* SPDX-License-Identifier: Apache-2.0 */
/* Where what was computed once is kept for later. */
#ifndef NEURON_CACHE_FOLDER_H
#define NEURON_CACHE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* What the environment says of it; NULL for what is unset or empty. */
struct neuron_cache_variables {
    const char *cache_url;      /* NEURON_COMPILE_CACHE_URL */
    const char *xdg_cache_home; /* XDG_CACHE_HOME */
    const char *home;           /* HOME */
};

/*
 * Chooses the folder: that of the URL, a path or as "file:///path"; else "neuron" in the user's
 * folder for caches, or in ".cache" below the user's home where that names none. Paths of the
 * latter two that are not absolute count as unset, as the rules for them say.
 *
 * folder  receives the path, without a slash at its end. Unchanged where there is none.
 *
 * Returns false where there is none: nothing is set, it does not fit, or the URL is of a place that
 * is no folder of this machine ("s3://..."), where the caller keeps nothing.
 */
bool
neuron_cache_folder_choose(const struct neuron_cache_variables *variables, char *folder,
                           size_t size_bytes);

#endif
