# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Hosts of any name, and a host file with two: what stands for ssh starts a shim here under the host's
# name, with leases of its own. Real networks between hosts are the matter of the test hosts_launch.
unshare -u true 2>/dev/null && command -v mpirun >/dev/null || {
    echo "skipped: needs mpirun, and root, to give processes a host name"
    exit 77
}
cat >agent <<'END'
#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
leases=$(dirname "$0")/leases-$1
mkdir -p -m 1777 "$leases"
export NEURON_RT_LEASE_DIRECTORY="$leases"
exec unshare -u sh -c 'hostname "$0"; exec sh -c "$*"' "$@"
END
chmod +x agent
printf 'a slots=4\nb slots=4\n' >hosts
export OMPI_MCA_plm_rsh_agent=$PWD/agent
export OMPI_MCA_plm_rsh_no_tree_spawn=1
