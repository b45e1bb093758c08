/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of --help: a screen for a start, and one for each topic. */
#ifndef NEURON_LAUNCHER_COMMAND_HELP_H
#define NEURON_LAUNCHER_COMMAND_HELP_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Prints the help on a topic.
 *
 * topic  NULL for the first screen.
 *
 * Returns false, after a line to the standard error that lists the topics, where there is none of
 * that name.
 */
bool
neuron_command_help_print(const char *topic, FILE *stream);

#endif
