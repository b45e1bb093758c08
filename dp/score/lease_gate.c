/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question has the frames version, number, domain, address, identity, mechanism, and, as the
 * server knows no other mechanism than CURVE, the public key whose secret half was proved. The
 * answer: version, number, status, its text, user, metadata.
 */
#include "score/lease_gate.h"

#include <stddef.h>
#include <string.h>

#include <zmq.h>

enum { FRAME_COUNT = 7, NUMBER_FRAME = 1, KEY_FRAME = 6, FRAME_BYTES = 256 };

struct question {
    char frames[FRAME_COUNT][FRAME_BYTES];
    size_t sizes[FRAME_COUNT]; /* as they were: a frame may be longer than what is kept of it */
    int count;                 /* may be more than are kept */
};

bool
neuron_lease_gate_open(void *gate)
{
    const int none = 0;

    return gate != NULL && zmq_setsockopt(gate, ZMQ_LINGER, &none, sizeof(none)) == 0 &&
           zmq_bind(gate, "inproc://zeromq.zap.01") == 0;
}

/* Takes the next question; false when there is none. */
static bool
take(void *gate, struct question *question)
{
    int more = 1;
    size_t more_bytes = sizeof(more);

    while (more != 0) {
        char beyond[FRAME_BYTES] = "";
        bool is_kept = question->count < FRAME_COUNT;
        char *frame = is_kept ? question->frames[question->count] : beyond;
        int size_bytes = zmq_recv(gate, frame, FRAME_BYTES, ZMQ_DONTWAIT);

        if (size_bytes < 0) {
            return false;
        }
        if (is_kept) {
            question->sizes[question->count] = (size_t)size_bytes;
        }
        question->count += 1;
        if (zmq_getsockopt(gate, ZMQ_RCVMORE, &more, &more_bytes) != 0) {
            return false;
        }
    }
    return true;
}

static bool
is_allowed(const struct question *question, const unsigned char allowed[NEURON_SECRET_KEY_BYTES])
{
    return question->count == FRAME_COUNT &&
           question->sizes[KEY_FRAME] == NEURON_SECRET_KEY_BYTES &&
           memcmp(question->frames[KEY_FRAME], allowed, NEURON_SECRET_KEY_BYTES) == 0;
}

void
neuron_lease_gate_answer(void *gate, const unsigned char allowed[NEURON_SECRET_KEY_BYTES])
{
    struct question question = {.count = 0};

    while (take(gate, &question)) {
        size_t number_bytes = question.sizes[NUMBER_FRAME];

        if (number_bytes > FRAME_BYTES) {
            number_bytes = FRAME_BYTES;
        }
        (void)zmq_send(gate, "1.0", 3, ZMQ_SNDMORE);
        (void)zmq_send(gate, question.frames[NUMBER_FRAME], number_bytes, ZMQ_SNDMORE);
        (void)zmq_send(gate, is_allowed(&question, allowed) ? "200" : "400", 3, ZMQ_SNDMORE);
        (void)zmq_send(gate, "", 0, ZMQ_SNDMORE);
        (void)zmq_send(gate, "", 0, ZMQ_SNDMORE);
        (void)zmq_send(gate, "", 0, 0);
        question = (struct question){.count = 0};
    }
}
