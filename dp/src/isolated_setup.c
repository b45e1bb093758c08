/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "isolated_protocol.h"

static const uint32_t magic = 0x54455349U; /* "ISET" */

/* Writes bytes at the end of a file in memory, which takes them whole or not at all. */
static bool
append(int descriptor, const void *bytes, size_t size_bytes)
{
    return write(descriptor, bytes, size_bytes) == (ssize_t)size_bytes;
}

enum neuron_status
neuron_isolated_setup_write(const struct neuron_isolated_setup *setup, const char *config,
                            int *descriptor, struct neuron_error *error)
{
    struct neuron_isolated_setup written = *setup;
    size_t config_bytes = config == NULL ? 0 : strlen(config) + 1;

    if (config_bytes > NEURON_ISOLATED_CONFIG_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the config of an isolated custom program has %zu bytes; it may have %d",
                           config_bytes, NEURON_ISOLATED_CONFIG_LIMIT);
    }
    written.magic = magic;
    written.version = NEURON_ISOLATED_VERSION;
    written.config_bytes = config_bytes;
    written.options.visible_cores = NULL;
    written.options.group_sizes = NULL;
    written.options.lease.directory = NULL;
    written.options.process_tag = NULL;
    int file = memfd_create("neuron-setup", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0 || !append(file, &written, sizeof(written)) ||
        (config_bytes > 0 && !append(file, config, config_bytes)) ||
        fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        int reason = errno;

        if (file >= 0) {
            (void)close(file);
        }
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write the setup of an executor: %s",
                           strerrordesc_np(reason));
    }
    *descriptor = file;
    return NEURON_OK;
}

static bool
ends(const char *text, size_t size_bytes)
{
    return memchr(text, '\0', size_bytes) != NULL;
}

/* Says whether a setup is one that this program can follow. */
static bool
is_right(const struct neuron_isolated_setup *setup)
{
    bool has_texts = ends(setup->cores, sizeof(setup->cores)) &&
                     ends(setup->lease_folder, sizeof(setup->lease_folder)) &&
                     ends(setup->tag, sizeof(setup->tag)) &&
                     ends(setup->address, sizeof(setup->address)) &&
                     ends(setup->library, sizeof(setup->library)) &&
                     ends(setup->options.cache_folder, sizeof(setup->options.cache_folder));
    bool has_subject =
        setup->subject == NEURON_ISOLATED_MODEL || setup->subject == NEURON_ISOLATED_LIBRARY;

    return has_texts && has_subject && setup->run_rows >= 1 &&
           setup->config_bytes <= NEURON_ISOLATED_CONFIG_LIMIT;
}

/* Reads the config, behind a setup that was checked. */
static enum neuron_status
read_config(int descriptor, size_t size_bytes, char **config, struct neuron_error *error)
{
    char *text = NULL;

    if (size_bytes > 0) {
        text = malloc(size_bytes);
        if (text == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a config");
        }
        if (pread(descriptor, text, size_bytes, (off_t)sizeof(struct neuron_isolated_setup)) !=
                (ssize_t)size_bytes ||
            text[size_bytes - 1] != '\0') {
            free(text);
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the config of the setup is cut");
        }
    }
    *config = text;
    return NEURON_OK;
}

enum neuron_status
neuron_isolated_setup_read(int descriptor, struct neuron_isolated_setup *setup, char **config,
                           struct neuron_error *error)
{
    ssize_t size_bytes = pread(descriptor, setup, sizeof(*setup), 0);

    if (size_bytes < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read the setup: %s",
                           strerrordesc_np(errno));
    }
    if (size_bytes != (ssize_t)sizeof(*setup) || setup->magic != magic ||
        setup->version != NEURON_ISOLATED_VERSION) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "descriptor %d holds no setup of version %d", descriptor,
                           NEURON_ISOLATED_VERSION);
    }
    if (!is_right(setup)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the setup is damaged");
    }
    setup->options.visible_cores = setup->cores;
    setup->options.group_sizes = NULL;
    setup->options.lease.directory = setup->lease_folder;
    setup->options.process_tag = setup->tag;
    return read_config(descriptor, (size_t)setup->config_bytes, config, error);
}
