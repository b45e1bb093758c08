/* SPDX-License-Identifier: Apache-2.0 */
#include "pmix_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Three numbers of this machine, as both ends run on it, and the text without its end. */
enum { NUMBERS_BYTES = NEURON_PMIX_PACKET_BYTES - NEURON_PMIX_TEXT_BYTES };

size_t
neuron_pmix_message_encode(const struct neuron_pmix_message *message, uint8_t *packet)
{
    const uint32_t numbers[] = {(uint32_t)message->kind, message->rank, (uint32_t)message->code};
    size_t length = strnlen(message->text, NEURON_PMIX_TEXT_BYTES - 1);

    memcpy(packet, numbers, sizeof(numbers));
    memcpy(packet + NUMBERS_BYTES, message->text, length);
    return NUMBERS_BYTES + length;
}

bool
neuron_pmix_message_decode(const uint8_t *packet, size_t size_bytes,
                           struct neuron_pmix_message *message)
{
    uint32_t numbers[3] = {0};

    if (size_bytes < NUMBERS_BYTES || size_bytes >= NEURON_PMIX_PACKET_BYTES) {
        return false;
    }
    memcpy(numbers, packet, sizeof(numbers));
    if (numbers[0] < NEURON_PMIX_JOB || numbers[0] >= NEURON_PMIX_KIND_END ||
        memchr(packet + NUMBERS_BYTES, '\0', size_bytes - NUMBERS_BYTES) != NULL) {
        return false;
    }
    message->kind = (enum neuron_pmix_message_kind)numbers[0];
    message->rank = numbers[1];
    message->code = (int32_t)numbers[2];
    memcpy(message->text, packet + NUMBERS_BYTES, size_bytes - NUMBERS_BYTES);
    message->text[size_bytes - NUMBERS_BYTES] = '\0';
    return true;
}

void
neuron_pmix_message_set_text(struct neuron_pmix_message *message, const char *text)
{
    size_t length = strnlen(text, NEURON_PMIX_TEXT_BYTES - 1);

    memcpy(message->text, text, length);
    message->text[length] = '\0';
}

bool
neuron_pmix_message_send(int socket, const struct neuron_pmix_message *message)
{
    uint8_t packet[NEURON_PMIX_PACKET_BYTES] = {0};
    size_t size_bytes = neuron_pmix_message_encode(message, packet);
    ssize_t sent = 0;

    do {
        sent = send(socket, packet, size_bytes, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size_bytes;
}

enum neuron_pmix_receipt
neuron_pmix_message_receive(int socket, struct neuron_pmix_message *message)
{
    uint8_t packet[NEURON_PMIX_PACKET_BYTES] = {0};
    ssize_t received = 0;

    do {
        received = recv(socket, packet, sizeof(packet), MSG_DONTWAIT);
    } while (received < 0 && errno == EINTR);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return NEURON_PMIX_NOTHING;
    }
    if (received <= 0 || !neuron_pmix_message_decode(packet, (size_t)received, message)) {
        return NEURON_PMIX_ENDED;
    }
    return NEURON_PMIX_RECEIVED;
}
