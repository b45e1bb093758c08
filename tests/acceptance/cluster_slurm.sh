#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Slurm scripts of examples/cluster, and neuronrun in allocations, under a real Slurm of two
# nodes, with Open MPI and with srun.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
# shellcheck source=tests/acceptance/host_checks.sh
. "$NEURON_SOURCE/tests/acceptance/host_checks.sh"
# shellcheck source=tests/acceptance/slurm_checks.sh
. "$NEURON_SOURCE/tests/acceptance/slurm_checks.sh"
make_hosts 2
start_slurm
scripts=$NEURON_SOURCE/examples/cluster
npy_tool=$NEURON_BUILD/tests/npy_tool
cd "$folder" || exit 1
mkdir bin
PATH=$folder/bin:$NEURON_BUILD/launcher:$PATH
export PATH SLURM_CONF="$folder/slurm.conf"

# submit OPTIONS... SCRIPT: $job is its number; its output goes to the file "log".
submit() {
    rm -f log
    job=$(sbatch --parsable --time=5 --cpus-per-task=1 --output=log "$@") || fail "sbatch $*"
}

# ends STATE: the job ends so.
ends() {
    await_job 50 "$job"
    [ "$state" = "$1 " ] || fail "the job is $state: $(cat log)"
}

"$NEURON_BUILD/tests/make_model" m.neff 8 6 0 || fail "no model"
"$npy_tool" make x.npy 1000 6
ln -s "$NEURON_BUILD/dp/score/neuron-score" bin/neuron-score

# All nodes of the job score one output; srun starts the ranks as well as Open MPI.
for engine in '' srun; do
    rm -f y.npy*
    submit --export="ALL,ENGINE=$engine,MODEL=m.neff,INPUT=x.npy,OUTPUT=y.npy" \
        "$scripts/slurm.sbatch"
    ends COMPLETED
    "$npy_tool" check y.npy 1000 6 || fail "wrong output with engine \"$engine\": $(cat log)"
    grep -q '(2 ranks)' log || fail "not two ranks: $(cat log)"
done

# What breaks off goes back to the queue, and is done at its second turn; or gives up.
rm bin/neuron-score y.npy*
cat >bin/neuron-score <<EOF
#!/bin/sh
[ "\$RANK" = 1 ] || exit 0
[ -e $folder/died ] || { : >$folder/died; exit 5; }
EOF
chmod +x bin/neuron-score
export MODEL=m.neff INPUT=x.npy OUTPUT=y.npy
submit "$scripts/slurm.sbatch"
ends COMPLETED
expect_text log "status 5, to be continued"
rm died
submit --export=ALL,MOST_RESTARTS=0 "$scripts/slurm.sbatch"
ends FAILED
expect_text log "given up after 0 restarts"

# Before its time ends the job's shell is told to stop, and ends the ranks with it.
rm bin/neuron-score
printf '#!/bin/sh\nexec sleep %s\n' "$marker" >bin/neuron-score
chmod +x bin/neuron-score
submit --export=ALL,MOST_RESTARTS=0 "$scripts/slurm.sbatch"
wait_until 20 "the ranks do not start: $(cat log 2>&1)" marked_are 2
scancel --batch --signal=TERM "$job"
ends FAILED
expect_text log "given up after 0 restarts"
wait_until 10 "ranks outlive their job" none_marked

# An array scores one shard a task; again, nothing is left to do; a task without a shard fails.
rm bin/neuron-score
ln -s "$NEURON_BUILD/dp/score/neuron-score" bin/neuron-score
mkdir rows
cp x.npy rows/a.npy
cp x.npy rows/b.npy
export SHARDS=rows RESULTS=scores
submit --array=0-1 "$scripts/job_array.sbatch"
ends COMPLETED
for shard in a b; do
    "$npy_tool" check scores/$shard.npy 1000 6 || fail "wrong scores of shard $shard"
done
submit --array=1 "$scripts/job_array.sbatch"
ends COMPLETED
expect_text log "scores/b.npy is complete"
submit --array=2 "$scripts/job_array.sbatch"
ends FAILED
expect_text log "there is no shard 2, only 2"
