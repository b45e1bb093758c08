# shellcheck shell=sh disable=SC2034,SC2154 # variables of the scripts that read this
# SPDX-License-Identifier: Apache-2.0
# A small Slurm: its controller here, a node daemon on each of the hosts of host_checks.sh, all of
# its state in $folder. Sourced behind that one, whose end_hosts ends the node daemons. Gives
# start_slurm, in_slurm and await_job; skips where Slurm is missing or does not start.
for program in slurmctld slurmd sbatch srun scontrol munged; do
    if ! command -v "$program" >/dev/null; then
        echo "skipped: no $program (Debian: slurmctld slurmd slurm-client munge)"
        exit 77
    fi
done

daemons=
end_slurm() {
    for daemon in $daemons; do
        kill -TERM "$daemon" 2>/dev/null
        polls=100
        while kill -0 "$daemon" 2>/dev/null && [ "$polls" -gt 0 ]; do
            polls=$((polls - 1))
            sleep 0.05
        done
        kill -KILL "$daemon" 2>/dev/null
    done
    end_hosts
}
trap end_slurm EXIT

# start_munge: the tickets by which Slurm's daemons know each other.
start_munge() {
    mkdir -m 755 "$folder/munge"
    head -c 1024 /dev/urandom >"$folder/munge/key"
    chmod 400 "$folder/munge/key"
    munged --foreground --force --key-file="$folder/munge/key" --num-threads=2 \
        --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
        --seed-file="$folder/munge/seed" --log-file="$folder/munge/log" \
        >"$folder/munge/out" 2>&1 </dev/null &
    daemons="$daemons $!"
}

write_slurm() {
    mkdir -p "$folder/slurm/state"
    cat >"$folder/slurm.conf" <<EOF
ClusterName=test
SlurmctldHost=$(hostname)($net.1)
SlurmctldPort=$((20000 + $$ % 10000))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/slurm/state
SlurmdSpoolDir=$folder/slurm/spool-%n
TmpFS=$folder/slurm/tmp-%n
SlurmctldPidFile=$folder/slurm/controller.pid
SlurmdPidFile=$folder/slurm/%n.pid
SlurmctldLogFile=$folder/slurm/controller.log
SlurmdLogFile=$folder/slurm/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog=$folder/slurm/prolog
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MailProg=/bin/true
EOF
    for host in $hosts; do
        number=${host%%-*}
        mkdir "$folder/slurm/tmp-$host"
        echo "NodeName=$host NodeAddr=$net.$((${number#h} + 10)) CPUs=2 State=UNKNOWN"
    done >>"$folder/slurm.conf"
    echo "PartitionName=all Nodes=ALL Default=YES MaxTime=10 State=UP" >>"$folder/slurm.conf"
    # Each host has leases of its own, although all share this machine's cores.
    cat >"$folder/slurm/prolog" <<EOF
#!/bin/sh
echo "export NEURON_RT_LEASE_DIRECTORY=$folder/leases-\$SLURMD_NODENAME"
echo "export ON_HOST=\$SLURMD_NODENAME"
EOF
    chmod +x "$folder/slurm/prolog"
}

# in_slurm COMMAND...: with this Slurm.
in_slurm() {
    SLURM_CONF="$folder/slurm.conf" "$@"
}

nodes_are_idle() {
    [ "$(in_slurm timeout 5 sinfo -h -N -o %T 2>/dev/null | grep -cx idle)" -eq "$1" ]
}

# start_slurm: once the hosts are made.
start_slurm() {
    start_munge
    write_slurm
    # Not by in_slurm: $! is to be the controller, not a shell around it.
    SLURM_CONF="$folder/slurm.conf" slurmctld -D -f "$folder/slurm.conf" >"$folder/slurm/out" 2>&1 </dev/null &
    daemons="$daemons $!"
    for host in $hosts; do
        echo "SLURM_CONF=$folder/slurm.conf exec slurmd -D -N $host -f $folder/slurm.conf" \
            >"$folder/ask-$host"
    done
    count=$(echo "$hosts" | wc -w)
    polls=300
    until nodes_are_idle "$count"; do
        polls=$((polls - 1))
        if [ "$polls" -eq 0 ]; then
            echo "skipped: Slurm does not start here:"
            tail -n 3 "$folder/slurm/"*.log "$folder/munge/out" "$folder/slurm/out"
            exit 77
        fi
        sleep 0.1
    done
}

job_is_over() {
    state=$(in_slurm timeout 5 scontrol show job "$1" 2>/dev/null |
        sed -n 's/.*JobState=\([A-Z_]*\) .*/\1/p' | sort -u | tr '\n' ' ')
    case $state in
    *PENDING* | *RUNNING* | *COMPLETING* | *REQUEUED* | '') return 1 ;;
    esac
}

# await_job SECONDS ID: waits until it has ended; $state says how.
await_job() {
    state=
    wait_until "$1" "job $2 does not end" job_is_over "$2"
}
