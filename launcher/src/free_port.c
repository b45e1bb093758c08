/* SPDX-License-Identifier: Apache-2.0 */
#include "free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

uint16_t
neuron_free_port_find(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET}; /* any address, any port */
    socklen_t size_bytes = sizeof(address);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t port = 0;

    if (made < 0) {
        return 0;
    }
    if (bind(made, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        getsockname(made, (struct sockaddr *)&address, &size_bytes) == 0) {
        port = ntohs(address.sin_port);
    }
    (void)close(made);
    return port;
}
