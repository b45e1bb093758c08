# shellcheck shell=sh disable=SC2034,SC2154 # variables of the scripts that read this
# SPDX-License-Identifier: Apache-2.0
# Hosts for the tests of several: network namespaces on one bridge, each with a host name, an own
# environment and a service that starts what it is asked to, as sshd would. Sourced behind
# launcher_checks.sh. Gives make_hosts, $hosts and end_hosts; skips where namespaces cannot be had.
bridge=nb$$
net=10.$(($$ % 200 + 20)).$(($$ / 200 % 250))
hosts=
services=

if [ "$(id -u)" -ne 0 ] || ! command -v ip >/dev/null || ! command -v mpirun >/dev/null ||
    ! command -v nsenter >/dev/null; then
    echo "skipped: needs root, ip, nsenter and mpirun"
    exit 77
fi

end_hosts() {
    for service in $services; do
        kill -KILL "$service" 2>/dev/null
    done
    for host in $hosts; do
        ip netns pids "$host" 2>/dev/null | while read -r process; do
            kill -KILL "$process" 2>/dev/null
        done
        ip netns del "$host" 2>/dev/null
    done
    ip link del "$bridge" 2>/dev/null
    for process in $(marked); do
        kill -KILL "$process" 2>/dev/null
    done
    rm -rf "$folder"
}
trap end_hosts EXIT
trap 'exit 1' INT TERM HUP

# on_host NAME COMMAND...: runs it in the host's network. "ip netns exec" would also mount, which takes
# a root that is a mount point.
on_host() {
    network=/run/netns/$1
    shift
    nsenter --net="$network" "$@"
}

# make_host NAME NUMBER: a host at $net.NUMBER.
make_host() {
    ip netns add "$1" || return 1
    hosts="$hosts $1"
    ip link add "v$2n$$" type veth peer name eth0 netns "$1" || return 1
    ip link set "v$2n$$" master "$bridge" up
    on_host "$1" ip addr add "$net.$2/24" dev eth0
    on_host "$1" ip link set eth0 up
    on_host "$1" ip link set lo up
    mkdir -m 1777 "$folder/leases-$1"
    mkfifo "$folder/ask-$1"
    # shellcheck disable=SC2016 # for the shell inside
    env NEURON_RT_LEASE_DIRECTORY="$folder/leases-$1" ON_HOST="$1" \
        nsenter --net="/run/netns/$1" unshare -u sh -c 'hostname "$1"
            exec 3<>"$2"
            while read -r line <&3; do sh -c "$line" 3<&- </dev/null >/dev/null 2>&1 & done' \
        sh "$1" "$folder/ask-$1" &
    services="$services $!"
}

# make_hosts COUNT: hosts h1-PID, h2-PID, ... and the options $many that reach them.
make_hosts() {
    if ! ip link add "$bridge" type bridge 2>/dev/null; then
        echo "skipped: no network namespaces here"
        exit 77
    fi
    ip addr add "$net.1/24" dev "$bridge"
    ip link set "$bridge" up
    number=0
    while [ "$number" -lt "$1" ]; do
        number=$((number + 1))
        make_host "h$number-$$" $((number + 10)) || fail "cannot make a host"
    done
    # What ssh gets: options, the host, and words to run there. Names stand for addresses here.
    cat >"$folder/agent" <<EOF
#!/bin/sh
while [ "\${1#-}" != "\$1" ]; do shift; done
host=\$1
shift
[ -p "$folder/ask-\$host" ] || { echo "ssh: Could not resolve hostname \$host: Name or service not known" >&2; exit 255; }
echo "\$*" >"$folder/ask-\$host"
EOF
    chmod +x "$folder/agent"
    many="--mca plm_rsh_agent $folder/agent --mca oob_tcp_if_include $bridge,eth0"
    many="$many --mca plm_rsh_no_tree_spawn 1"
}
