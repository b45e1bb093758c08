/* SPDX-License-Identifier: Apache-2.0 */
/* Why something failed: one line for a person. */
#ifndef DIGITS_ERROR_H
#define DIGITS_ERROR_H

/*
 * Calls of this example that can fail return false and write the reason here. Libraries of their
 * own would use struct neuron_error; only digits-compile needs the neuron package, so that the
 * other programs build with nothing but libc and libm.
 */
struct digits_error {
    char text[240]; /* what, where, what to do; no line end */
};

/* Writes the line. Text that does not fit is cut. */
void
digits_error_set(struct digits_error *error, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes "what path: reason", with the reason that errno gives. */
void
digits_error_set_system(struct digits_error *error, const char *what, const char *path);

#endif
