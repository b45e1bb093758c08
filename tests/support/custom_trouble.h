/* SPDX-License-Identifier: Apache-2.0 */
/* What the custom program of custom_trouble.c can be told to do. */
#ifndef NEURON_TESTS_CUSTOM_TROUBLE_H
#define NEURON_TESTS_CUSTOM_TROUBLE_H

/* A row of TROUBLE_ROW + an order is that order for its run alone. */
enum { TROUBLE_ROW = 1000000 };

/* In its input "order". */
enum trouble {
    TROUBLE_NONE = 0,     /* y = 2 * x */
    TROUBLE_HANG = 1,     /* sleeps for ever */
    TROUBLE_ABORT = 2,    /* a signal of its own */
    TROUBLE_EXIT = 3,     /* exits with status 7 */
    TROUBLE_SCRIBBLE = 4, /* fills all tensors of the run with 0xA5, and says that all is well */
    TROUBLE_REFUSE = 5,   /* NEURON_UNSUPPORTED_MODEL with a text */
    TROUBLE_GARBLE = 6,   /* an error whose text is no text, without an end */
    TROUBLE_UNPLUG = 7,   /* closes every descriptor from 3 on, then sleeps for ever */
    TROUBLE_TRUNCATE = 8, /* tries to shorten every file that the process has */
    TROUBLE_PRINT = 9,    /* prints to the standard output, and y = 2 * x */
    TROUBLE_LOSE = 10,    /* NEURON_PEER_LOST, which only the library says */
    TROUBLE_SPIN = 11,    /* computes for ever */
    TROUBLE_FREEZE = 13,  /* stops the parent with SIGSTOP, and y = 2 * x */
    TROUBLE_SLOW = 14,    /* sleeps for 200 ms, and y = 2 * x */
    TROUBLE_NAN = 15,     /* NEURON_NUMERICAL_ERROR with a text, and writes nothing */
    TROUBLE_ONCE = 12     /* a signal of its own if it can remove the file that its config names */
};

#endif
