/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An MPI program that checks what it is given: "mpi_check CASE [CODE]". Prints lines that are the
 * same under every launcher but for their order, and fails where MPI calculates wrongly. Built by
 * neuronrun_mpi.sh with the compiler of each MPI.
 */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BIG_COUNT = 100000, TAG = 7 };

static int rank;
static int size;

static void
require(int is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "mpi_check: rank %d: %s\n", rank, what);
        MPI_Abort(MPI_COMM_WORLD, 99);
    }
}

static int *
allocate(int count)
{
    int *numbers = calloc((size_t)count, sizeof(*numbers));

    require(numbers != NULL, "out of memory");
    return numbers;
}

static void
check_hello(void)
{
    int major = 0;
    int minor = 0;

    MPI_Get_version(&major, &minor);
    require(major >= 3, "an MPI older than 3");
    printf("rank %d of %d\n", rank, size);
}

/* A number goes round, and every rank adds its own. */
static void
check_ring(void)
{
    int sum = rank;

    if (rank > 0) {
        MPI_Recv(&sum, 1, MPI_INT, rank - 1, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        sum += rank;
    }
    if (rank + 1 < size) {
        MPI_Send(&sum, 1, MPI_INT, rank + 1, TAG, MPI_COMM_WORLD);
    }
    require(sum == rank * (rank + 1) / 2, "the ring lost count");
    printf("ring at %d: %d\n", rank, sum);
}

/* More than fits into one message of any transport. */
static void
check_big_messages(void)
{
    int *sent = allocate(BIG_COUNT);
    int *received = allocate(BIG_COUNT);
    int left = (rank + size - 1) % size;

    for (int i = 0; i < BIG_COUNT; i += 1) {
        sent[i] = rank * BIG_COUNT + i;
    }
    MPI_Sendrecv(sent, BIG_COUNT, MPI_INT, (rank + 1) % size, TAG, received, BIG_COUNT, MPI_INT,
                 left, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    require(received[0] == left * BIG_COUNT &&
                received[BIG_COUNT - 1] == (left + 1) * BIG_COUNT - 1,
            "a big message is damaged");
    MPI_Allreduce(sent, received, BIG_COUNT, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    require(received[5] == (size - 1) * BIG_COUNT + 5, "a big reduction is wrong");
    free(sent);
    free(received);
}

static void
check_reductions(void)
{
    int all = size * (size - 1) / 2;
    int sum = 0;
    int one = rank;

    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    require(sum == all, "MPI_Allreduce");
    sum = 0;
    MPI_Reduce(&rank, &sum, 1, MPI_INT, MPI_SUM, size - 1, MPI_COMM_WORLD);
    require(rank != size - 1 || sum == all, "MPI_Reduce");
    MPI_Scan(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    require(sum == rank * (rank + 1) / 2, "MPI_Scan");
    sum = 0;
    MPI_Exscan(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    require(rank == 0 || sum == rank * (rank - 1) / 2, "MPI_Exscan");
    int *each = allocate(size);
    for (int i = 0; i < size; i += 1) {
        each[i] = i;
    }
    MPI_Reduce_scatter_block(each, &one, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    require(one == rank * size, "MPI_Reduce_scatter_block");
    free(each);
    printf("reductions at %d: %d\n", rank, all);
}

static void
check_exchanges(void)
{
    int *all = allocate(size);
    int *own = allocate(size);
    int value = rank == 0 ? 42 : 0;

    MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
    require(value == 42, "MPI_Bcast");
    MPI_Gather(&rank, 1, MPI_INT, all, 1, MPI_INT, 0, MPI_COMM_WORLD);
    require(rank != 0 || all[size - 1] == size - 1, "MPI_Gather");
    MPI_Scatter(all, 1, MPI_INT, &value, 1, MPI_INT, 0, MPI_COMM_WORLD);
    require(value == rank, "MPI_Scatter");
    MPI_Allgather(&rank, 1, MPI_INT, all, 1, MPI_INT, MPI_COMM_WORLD);
    for (int i = 0; i < size; i += 1) {
        require(all[i] == i, "MPI_Allgather");
        own[i] = rank * size + i;
    }
    MPI_Alltoall(own, 1, MPI_INT, all, 1, MPI_INT, MPI_COMM_WORLD);
    for (int i = 0; i < size; i += 1) {
        require(all[i] == i * size + rank, "MPI_Alltoall");
    }
    MPI_Barrier(MPI_COMM_WORLD);
    free(all);
    free(own);
    printf("exchanges at %d\n", rank);
}

/* Rank i gives i + 1 numbers. */
static void
check_uneven_exchanges(void)
{
    int total = size * (size + 1) / 2;
    int *counts = allocate(size);
    int *places = allocate(size);
    int *own = allocate(rank + 1);
    int *all = allocate(total);

    for (int i = 0; i < size; i += 1) {
        counts[i] = i + 1;
        places[i] = i * (i + 1) / 2;
    }
    for (int i = 0; i <= rank; i += 1) {
        own[i] = rank;
    }
    MPI_Allgatherv(own, rank + 1, MPI_INT, all, counts, places, MPI_INT, MPI_COMM_WORLD);
    require(all[total - 1] == size - 1 && all[0] == 0, "MPI_Allgatherv");
    memset(all, 0, (size_t)total * sizeof(*all));
    MPI_Gatherv(own, rank + 1, MPI_INT, all, counts, places, MPI_INT, 0, MPI_COMM_WORLD);
    require(rank != 0 || all[total - 1] == size - 1, "MPI_Gatherv");
    MPI_Scatterv(all, counts, places, MPI_INT, own, rank + 1, MPI_INT, 0, MPI_COMM_WORLD);
    require(own[rank] == rank, "MPI_Scatterv");
    free(counts);
    free(places);
    free(own);
    free(all);
    printf("uneven exchanges at %d\n", rank);
}

static void
check_nonblocking(void)
{
    MPI_Request requests[4];
    MPI_Status statuses[4];
    int *all = allocate(size);
    int value = rank == size - 1 ? 5 : 0;
    int sum = 0;

    MPI_Ibcast(&value, 1, MPI_INT, size - 1, MPI_COMM_WORLD, &requests[0]);
    MPI_Iallreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &requests[1]);
    MPI_Iallgather(&rank, 1, MPI_INT, all, 1, MPI_INT, MPI_COMM_WORLD, &requests[2]);
    MPI_Ibarrier(MPI_COMM_WORLD, &requests[3]);
    /* The checker does not know MPI_Ibarrier(). */
    MPI_Waitall(4, requests, statuses); /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker) */
    require(value == 5 && sum == size * (size - 1) / 2 && all[size - 1] == size - 1,
            "a non-blocking collective");
    free(all);
    printf("non-blocking at %d\n", rank);
}

/* All ranks are on one machine, share memory, and see each other's writes. */
static void
check_shared_memory(void)
{
    MPI_Comm shared = MPI_COMM_NULL;
    MPI_Win window = MPI_WIN_NULL;
    MPI_Aint part_bytes = 0;
    int unit_bytes = 0;
    int shared_size = 0;
    int *own = NULL;
    int *next = NULL;

    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &shared);
    MPI_Comm_size(shared, &shared_size);
    require(shared_size == size, "ranks of one machine that do not know of each other");
    MPI_Win_allocate_shared(sizeof(*own), sizeof(*own), MPI_INFO_NULL, shared, &own, &window);
    MPI_Win_fence(0, window);
    *own = rank + 100;
    MPI_Win_fence(0, window);
    MPI_Win_shared_query(window, (rank + 1) % size, &part_bytes, &unit_bytes, &next);
    require(*next == (rank + 1) % size + 100, "a window that is not shared");
    MPI_Win_fence(0, window);
    MPI_Win_free(&window);
    MPI_Comm_free(&shared);
    printf("shared memory at %d: %d\n", rank, shared_size);
}

static void
check_split(void)
{
    MPI_Comm half = MPI_COMM_NULL;
    int half_size = 0;

    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
    MPI_Comm_size(half, &half_size);
    require(half_size == (size + 1 - rank % 2) / 2, "MPI_Comm_split");
    MPI_Comm_free(&half);
    printf("split at %d: %d\n", rank, half_size);
}

static void
check_all(void)
{
    check_hello();
    check_ring();
    check_big_messages();
    check_reductions();
    check_exchanges();
    check_uneven_exchanges();
    check_nonblocking();
    check_shared_memory();
    check_split();
}

/* The last rank ends in its own way, while the others wait for it. */
static void
end_badly(const char *how, int code)
{
    if (rank == size - 1 && strcmp(how, "abort") == 0) {
        MPI_Abort(MPI_COMM_WORLD, code);
    }
    if (rank == size - 1 && strcmp(how, "exit") == 0) {
        exit(code); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
    if (rank == size - 1 && strcmp(how, "crash") == 0) {
        (void)raise(SIGSEGV);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

int
main(int argument_count, char **arguments)
{
    const char *what = argument_count > 1 ? arguments[1] : "hello";

    MPI_Init(&argument_count, &arguments);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (strcmp(what, "all") == 0) {
        check_all();
    } else if (strcmp(what, "hello") == 0) {
        check_hello();
    } else if (strcmp(what, "wait") == 0) {
        printf("waiting\n");
        (void)fflush(stdout);
        end_badly("wait", rank == size - 1 ? MPI_Recv(&size, 1, MPI_INT, rank, TAG, MPI_COMM_WORLD,
                                                      MPI_STATUS_IGNORE)
                                           : 0);
    } else {
        end_badly(what, argument_count > 2 ? (int)strtol(arguments[2], NULL, 10) : 0);
    }
    MPI_Finalize();
    return 0;
}
