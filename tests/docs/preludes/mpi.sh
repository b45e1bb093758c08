# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# MPI programs of both kinds that add their ranks up, and a Python script that does the same by the C
# library, as one with mpi4py would.
cat >ranks.c <<'END'
#include <mpi.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
    int rank = -1, size = 0, sum = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Finalize();
    return size == atoi(getenv("WORLD_SIZE")) && sum == size * (size - 1) / 2 ? 0 : 1;
}
END
for docs_kind in openmpi mpich; do
    command -v "mpicc.$docs_kind" >/dev/null || {
        echo "skipped: no mpicc.$docs_kind here"
        exit 77
    }
    "mpicc.$docs_kind" -O1 -o "$docs_kind" ranks.c
done
cp openmpi mpi_program
cp openmpi my_open_mpi_program
cp mpich my_mpich_program
cat >script_with_mpi4py.py <<'END'
import ctypes
import os

mpi = ctypes.CDLL("libmpi.so.40", ctypes.RTLD_GLOBAL)
size = ctypes.c_int()
world = ctypes.addressof(ctypes.c_char.in_dll(mpi, "ompi_mpi_comm_world"))
assert mpi.MPI_Init(None, None) == 0
assert mpi.MPI_Comm_size(ctypes.c_void_p(world), ctypes.byref(size)) == 0
assert mpi.MPI_Finalize() == 0
assert size.value == int(os.environ["WORLD_SIZE"])
END
