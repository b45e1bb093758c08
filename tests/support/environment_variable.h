/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of a test, which it changes while one thread runs. */
#ifndef NEURON_TESTS_ENVIRONMENT_VARIABLE_H
#define NEURON_TESTS_ENVIRONMENT_VARIABLE_H

/* Sets a variable, or takes it away for NULL. */
void
set_variable(const char *name, const char *value);

#endif
