/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/host_addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ADDRESS_BYTES = 80 };

/* Adds "tcp://ADDRESS:PORT," where there is room. */
static void
add_address(char *addresses, const struct sockaddr *address, const char *port)
{
    char host[INET6_ADDRSTRLEN] = "";
    size_t length = strlen(addresses);

    if (address->sa_family == AF_INET) {
        struct sockaddr_in four = {0};

        memcpy(&four, address, sizeof(four));
        (void)inet_ntop(AF_INET, &four.sin_addr, host, sizeof(host));
    } else {
        struct sockaddr_in6 six = {0};

        memcpy(&six, address, sizeof(six));
        /* One of a single link would need the name that the other host has for the link. */
        if (!IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr)) {
            (void)inet_ntop(AF_INET6, &six.sin6_addr, host, sizeof(host));
        }
    }
    if (host[0] != '\0' && length + ADDRESS_BYTES < NEURON_HOST_ADDRESSES_BYTES) {
        (void)snprintf(addresses + length, ADDRESS_BYTES, "%stcp://%s%s%s:%s",
                       length == 0 ? "" : ",", strchr(host, ':') == NULL ? "" : "[", host,
                       strchr(host, ':') == NULL ? "" : "]", port);
    }
}

/* Adds those of the loopback, or all others. */
static void
add_addresses(const struct ifaddrs *interfaces, bool of_loopback, bool has_six, const char *port,
              char *addresses)
{
    for (const struct ifaddrs *next = interfaces; next != NULL; next = next->ifa_next) {
        bool is_loopback = (next->ifa_flags & IFF_LOOPBACK) != 0;
        sa_family_t family = next->ifa_addr == NULL ? AF_UNSPEC : next->ifa_addr->sa_family;
        bool is_fit = family == AF_INET || (family == AF_INET6 && has_six);

        if (is_fit && (next->ifa_flags & IFF_UP) != 0 && is_loopback == of_loopback) {
            add_address(addresses, next->ifa_addr, port);
        }
    }
}

enum neuron_status
neuron_host_addresses_list(bool has_six, const char *port, char *addresses,
                           struct neuron_error *error)
{
    struct ifaddrs *interfaces = NULL;

    addresses[0] = '\0';
    if (getifaddrs(&interfaces) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot list the addresses of this host: %s",
                           strerrordesc_np(errno));
    }
    add_addresses(interfaces, true, has_six, port, addresses);
    add_addresses(interfaces, false, has_six, port, addresses);
    freeifaddrs(interfaces);
    return NEURON_OK;
}
