/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines where there is little room. */
#ifndef NEURON_TOOLS_NODE_SHORT_COMMAND_H
#define NEURON_TOOLS_NODE_SHORT_COMMAND_H

/* A command line from the name of its program on, without the folder of that one: "serve.py --all"
   of "/opt/serve.py --all". Points into the text. */
const char *
neuron_short_command(const char *command);

#endif
