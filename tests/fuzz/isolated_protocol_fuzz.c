/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of isolated executors: what is let in has a known kind and status, and a text that is a
 * line of UTF-8; it is let in again as it is. The same bytes as a setup are refused or whole.
 */
#include "isolated_protocol.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "isolated_setup.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "isolated_protocol_fuzz: %s\n", what);
        abort();
    }
}

static void
check_text(const char *text)
{
    size_t length = strnlen(text, NEURON_ERROR_TEXT_BYTES);

    require(length < NEURON_ERROR_TEXT_BYTES, "a text without an end");
    for (size_t i = 0; i < length; i += 1) {
        unsigned char byte = (unsigned char)text[i];

        require(byte >= ' ' && byte != 0x7F, "a text of more than a line");
        require(byte != 0xC0 && byte != 0xC1 && byte < 0xF5, "a text that is no UTF-8");
    }
    for (size_t i = length; i < NEURON_ERROR_TEXT_BYTES; i += 1) {
        require(text[i] == '\0', "bytes behind the end of a text");
    }
}

static void
check_message(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_isolated_message message = {.rows = -1};
    struct neuron_isolated_message again = {0};

    if (neuron_isolated_message_decode(bytes, size_bytes, &message, NULL) != NEURON_OK) {
        require(message.rows == -1, "a refused message was written");
        return;
    }
    require(message.kind >= NEURON_ISOLATED_READY && message.kind <= NEURON_ISOLATED_STOP,
            "a kind that there is not");
    require(message.kind == NEURON_ISOLATED_RUN ? message.rows >= 1 : message.rows == 0,
            "a number of rows that cannot be");
    require(message.status == NEURON_OK ||
                neuron_isolated_message_status(&message, NULL) != NEURON_OK,
            "a failure that is none");
    check_text(message.text);
    require(neuron_isolated_message_decode(&message, sizeof(message), &again, NULL) == NEURON_OK,
            "a message is not let in again");
    require(memcmp(&message, &again, sizeof(message)) == 0, "a message was changed again");
}

static void
check_setup(const uint8_t *bytes, size_t size_bytes)
{
    static struct neuron_isolated_setup setup;
    char *config = NULL;
    int file = memfd_create("setup", MFD_CLOEXEC);

    require(file >= 0 && write(file, bytes, size_bytes) == (ssize_t)size_bytes,
            "no file in memory");
    if (neuron_isolated_setup_read(file, &setup, &config, NULL) == NEURON_OK) {
        require(strlen(setup.cores) < sizeof(setup.cores), "cores without an end");
        require(strlen(setup.address) < sizeof(setup.address), "an address without an end");
        require(strlen(setup.library) < sizeof(setup.library), "a library without an end");
        require(setup.run_rows >= 1, "a run without rows");
        require((config == NULL ? 0 : strlen(config) + 1) <= setup.config_bytes, "a long config");
    }
    free(config);
    (void)close(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    check_message(bytes, size_bytes);
    check_setup(bytes, size_bytes);
    return 0;
}
