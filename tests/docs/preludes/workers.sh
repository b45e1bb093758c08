# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Programs for launches: a worker and a server, which look whether they have a rank and cores of
# their own.
cat >worker <<'END'
#!/bin/sh
test "$RANK" -lt "$WORLD_SIZE" && test -n "$NEURON_RT_VISIBLE_CORES" &&
    echo "rank $RANK of $WORLD_SIZE on cores $NEURON_RT_VISIBLE_CORES"
END
chmod +x worker
cp worker server
