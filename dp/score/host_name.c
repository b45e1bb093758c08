/* SPDX-License-Identifier: Apache-2.0 */
#include "score/host_name.h"

#include <stdio.h>
#include <sys/utsname.h>

void
neuron_host_read_name(char *name, size_t size_bytes)
{
    struct utsname machine = {0};

    (void)uname(&machine);
    (void)snprintf(name, size_bytes, "%.64s", machine.nodename);
}
