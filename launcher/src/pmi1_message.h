/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire of PMI-1, by which MPICH programs find their world: lines of words "name=value", of
 * which the first is the command. Functions from values to values.
 */
#ifndef NEURON_LAUNCHER_PMI1_MESSAGE_H
#define NEURON_LAUNCHER_PMI1_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* With their ends; told to every program, which keeps to them. */
    NEURON_PMI1_SPACE_BYTES = 64,
    NEURON_PMI1_KEY_BYTES = 64,
    NEURON_PMI1_VALUE_BYTES = 1024,
    NEURON_PMI1_LINE_BYTES = 2048
};

enum neuron_pmi1_command {
    NEURON_PMI1_INIT,
    NEURON_PMI1_GET_MAXES,
    NEURON_PMI1_GET_APPNUM,
    NEURON_PMI1_GET_UNIVERSE_SIZE,
    NEURON_PMI1_GET_MY_KVSNAME,
    NEURON_PMI1_PUT,
    NEURON_PMI1_GET,
    NEURON_PMI1_BARRIER_IN,
    NEURON_PMI1_FINALIZE,
    NEURON_PMI1_ABORT,
    /* Refused, each in its own words. */
    NEURON_PMI1_SPAWN, /* goes on over further lines, to NEURON_PMI1_SPAWN_END */
    NEURON_PMI1_SPAWN_PART,
    NEURON_PMI1_SPAWN_END,
    NEURON_PMI1_PUBLISH_NAME,
    NEURON_PMI1_UNPUBLISH_NAME,
    NEURON_PMI1_LOOKUP_NAME
};

/* What a program asks for. Fields that the command does not use are empty. */
struct neuron_pmi1_request {
    enum neuron_pmi1_command command;
    int32_t code; /* of an abort */
    char space[NEURON_PMI1_SPACE_BYTES];
    char key[NEURON_PMI1_KEY_BYTES];
    char value[NEURON_PMI1_VALUE_BYTES];
};

/*
 * Reads a line, without its line end. Returns false for what is no request: no command that is
 * known, a name without a value, a field that is too long, a put or get without a key.
 */
bool
neuron_pmi1_request_parse(const char *line, struct neuron_pmi1_request *request);

/* What an answer tells. */
struct neuron_pmi1_answer {
    enum neuron_pmi1_command to;
    const char *space;      /* the name of the job's only store */
    const char *value;      /* for a get; NULL where there is no such key */
    bool is_refused;        /* a put without room, or with a key that is there */
    uint32_t universe_size; /* in ranks */
};

/* Writes an answer with its line end. Returns its length; 0 where no answer is due. */
size_t
neuron_pmi1_answer_format(const struct neuron_pmi1_answer *answer,
                          char text[NEURON_PMI1_LINE_BYTES]);

#endif
