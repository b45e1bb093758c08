/* SPDX-License-Identifier: Apache-2.0 */
/* Figures in few characters, as columns of a table have them. */
#ifndef NEURON_TOOLS_TOP_FIGURES_H
#define NEURON_TOOLS_TOP_FIGURES_H

#include <stdint.h>

enum { NEURON_FIGURE_BYTES = 16 /* room for any of them */ };

/* "0", "3.4", "812", "12.3k", "4.5M": five characters at most up to 10^12. Returns the text. */
const char *
neuron_figure_count(double value, char *text);

/* "52%", and beyond 100 % as many as it takes. */
const char *
neuron_figure_percent(double part, char *text);

/* "812ns", "1.23us", "45.6ms", "7.8s", "12m", "3.4h"; "-" for 0. */
const char *
neuron_figure_seconds(double seconds, char *text);

/* "0", "812B", "1.2K", "512M", "3.4G": in powers of 1024. */
const char *
neuron_figure_bytes(uint64_t bytes, char *text);

#endif
