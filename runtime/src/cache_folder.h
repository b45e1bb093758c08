/* SPDX-License-Identifier: Apache-2.0 */
/* Where what was computed once is kept for later. */
#ifndef NEURON_CACHE_FOLDER_H
#define NEURON_CACHE_FOLDER_H

#include <stddef.h>

#include "neuron/status.h"

/* What the environment says of it; NULL for what is unset or empty. */
struct neuron_cache_variables {
    const char *cache_url;      /* NEURON_COMPILE_CACHE_URL */
    const char *xdg_cache_home; /* XDG_CACHE_HOME */
    const char *home;           /* HOME */
};

/*
 * Chooses the folder: that of the URL, a path, one in the user's home as "~/path", or one as
 * "file:///path"; else "neuron" in the user's folder for caches, or in ".cache" below the user's
 * home where that names none. Paths of the latter two that are not absolute count as unset, as the
 * rules for them say.
 *
 * folder  receives the path, without a slash at its end; empty where nothing names one that fits,
 *         and the caller keeps nothing. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX for a URL of a place that is no folder of this machine
 * ("s3://..."), of a home where there is none, or that does not fit.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cache_folder_choose(const struct neuron_cache_variables *variables, char *folder,
                           size_t size_bytes, struct neuron_error *error);

/*
 * Makes the folders above a file, as far as they are not there, for this user alone.
 *
 * Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cache_folder_make_above(const char *path, struct neuron_error *error);

#endif
