#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run by check_packages.sh inside a root in which the packages were installed, beside a model and
# rows for it: starts every program, and goes the way of a user.
set -eu
cd "$(dirname "$0")"

fail()
{
    echo "try_packages.sh: $*" >&2
    exit 1
}

# Every program and library finds what it is linked with.
for file in $(dpkg -L neuron-tools libneuron0 | grep -E '^/usr/(bin|libexec/.*|lib/.*)/[^/]+$'); do
    [ -f "$file" ] || continue
    ! ldd "$file" | grep 'not found' || fail "$file lacks these libraries"
done
for program in $(dpkg -L neuron-tools | grep '^/usr/bin/.'); do
    "$program" --version || fail "$program does not start"
done
ldconfig -p | grep -q 'libneuron_dp\.so\.0' || fail "the linker does not know the libraries"

neuron-cc compile product.onnx -o product.neff --batch 8 >compile.log
ranks=2
[ "$(nproc)" -ge 2 ] || ranks=1
neuronrun -np "$ranks" --uneven -q -- neuron-score --quiet --model product.neff \
    --input rows.npy --output scores.npy || fail "ranks do not score"
# In processes of their own, by the program that comes with the library.
neuron-score --quiet --isolate --model product.neff --input rows.npy --output isolated.npy ||
    fail "isolated replicas do not score"
cmp scores.npy isolated.npy || fail "isolated replicas score differently"
# Behind an MPI program stands one more program.
# shellcheck disable=SC2016 # the rank's shell expands
neuronrun -np 1 --mpi pmix -q -- sh -c 'test -n "$PMIX_NAMESPACE"' || fail "PMIx is not served"
