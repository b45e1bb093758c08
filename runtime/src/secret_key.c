/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/secret_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum neuron_status
neuron_secret_key_make(char text[NEURON_SECRET_KEY_DIGITS + 1], struct neuron_error *error)
{
    unsigned char key[NEURON_SECRET_KEY_BYTES];
    ssize_t count = -1;

    /* So few come whole or not at all; a signal may only end the wait for the kernel's first. */
    do {
        count = getrandom(key, sizeof(key), 0);
    } while (count < 0 && errno == EINTR);
    if (count != (ssize_t)sizeof(key)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot get random bytes for a key: %s",
                           strerrordesc_np(errno));
    }
    for (size_t i = 0; i < sizeof(key); i += 1) {
        (void)snprintf(text + 2 * i, 3, "%02x", key[i]);
    }
    return NEURON_OK;
}

/* The value of a hex digit; -1 for another character, the terminator too. */
static int
digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit == '\0' ? NULL : strchr(digits, digit);

    return found == NULL ? -1 : (int)((found - digits) % 16);
}

bool
neuron_secret_key_parse(const char *text, unsigned char key[NEURON_SECRET_KEY_BYTES])
{
    for (size_t i = 0; i < NEURON_SECRET_KEY_BYTES; i += 1) {
        int high = digit_value(text[2 * i]);
        int low = high < 0 ? -1 : digit_value(text[2 * i + 1]);

        if (low < 0) {
            return false;
        }
        key[i] = (unsigned char)(high * 16 + low);
    }
    return text[NEURON_SECRET_KEY_DIGITS] == '\0';
}
