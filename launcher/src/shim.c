/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop on one thread. The launcher says what to do; the shim decides by itself only when the
 * launcher has been silent for too long, or does not answer a wish of the engine to stop: then it
 * ends its rank as a stop does, and itself.
 *
 * The shim of the first rank of a host holds the cores of all ranks there, so each shim stays until
 * the launcher says that every rank has ended.
 */
#include "shim.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "descendants.h"
#include "exit_report.h"
#include "guardian.h"
#include "job_channel.h"
#include "job_start.h"
#include "session_folder.h"
#include "shim_join.h"
#include "shim_start.h"
#include "stop_order.h"

enum {
    WAIT_SIGNALS,
    WAIT_RANK,
    WAIT_ENGINE,
    WAIT_INPUT,
    WAIT_OUTPUT,
    WAIT_CHANNEL = WAIT_OUTPUT + 2,
    WAIT_COUNT = WAIT_CHANNEL + NEURON_JOB_CHANNEL_POLL_COUNT
};

enum {
    MISSED_LIMIT = 3,     /* heartbeats, after which the launcher counts as gone */
    ANSWER_MS = 2000,     /* for the launcher to answer that the engine wants a stop */
    CLAIM_AGAIN_MS = 200, /* between two tries to have cores that others hold */
    LINGER_MS = 5000
};

struct shim {
    uint32_t rank;
    struct neuron_job_channel *channel;
    struct neuron_shim_setup setup;
    struct neuron_launch_plan *plan; /* of the host: in the shim of its first rank */
    struct neuron_rank_table *table; /* of one rank */
    struct neuron_shim_pipes pipes;
    struct neuron_stop_order order;
    int signals;
    int engine;  /* pidfd of the engine's process on this host */
    char *input; /* what came for the rank and is not written yet */
    size_t input_start;
    size_t input_end;
    bool input_is_over;
    uint64_t room; /* how much output may still be sent */
    uint64_t heartbeat_ms;
    uint64_t heard_at_ms; /* UINT64_MAX while the launcher is suspended */
    uint64_t beat_at_ms;
    uint64_t answer_until_ms;
    uint64_t claim_at_ms;
    uint64_t claim_until_ms;
    bool is_orphaned; /* the engine's process is gone */
    bool is_leaving;
    bool is_done;
};

static void
send_message(struct shim *shim, struct neuron_job_message *message)
{
    void *bytes = NULL;
    size_t size_bytes = 0;
    struct neuron_error error;

    message->rank = shim->rank;
    if (neuron_job_message_encode(message, &bytes, &size_bytes, &error) == NEURON_OK) {
        neuron_job_channel_send(shim->channel, NULL, bytes, size_bytes);
        free(bytes);
    }
    shim->beat_at_ms = neuron_job_now_ms() + shim->heartbeat_ms;
}

static void
send_number(struct shim *shim, enum neuron_job_message_kind kind, uint64_t number)
{
    send_message(shim, &(struct neuron_job_message){.kind = kind, .numbers = {number}});
}

static void
refuse_start(struct shim *shim, int code, const struct neuron_error *error)
{
    const char *const texts[] = {error->text};

    send_message(shim, &(struct neuron_job_message){.kind = NEURON_JOB_REFUSED,
                                                    .numbers = {(uint64_t)code},
                                                    .texts = texts,
                                                    .text_count = 1});
}

static void
signal_rank(struct shim *shim, int signal_number)
{
    if (signal_number != 0) {
        neuron_rank_table_signal(shim->table, signal_number);
        if (signal_number != SIGTSTP && signal_number != SIGCONT) {
            neuron_rank_table_signal(shim->table, SIGCONT);
        }
    }
}

/* Stops the rank, because nobody else will. */
static void
abandon(struct shim *shim)
{
    signal_rank(shim, neuron_stop_order_ask(&shim->order, NEURON_STOP_SIGNAL, neuron_job_now_ms()));
    shim->answer_until_ms = UINT64_MAX;
    shim->is_done = shim->table->running_count == 0;
}

/* Tries to have cores for the ranks of this host, and tells which. */
static void
claim(struct shim *shim)
{
    struct neuron_error error = {0};
    char **texts = NULL;
    uint32_t count = 0;
    uint64_t now_ms = neuron_job_now_ms();
    enum neuron_status status = neuron_shim_claim(&shim->setup, &shim->plan, &error);

    shim->claim_at_ms = UINT64_MAX;
    if (status == NEURON_CORES_TAKEN && now_ms < shim->claim_until_ms) {
        shim->claim_at_ms = now_ms + CLAIM_AGAIN_MS;
        return;
    }
    if (status == NEURON_OK) {
        status = neuron_shim_describe(shim->plan, &texts, &count, &error);
    }
    if (status == NEURON_OK) {
        send_message(shim, &(struct neuron_job_message){.kind = NEURON_JOB_CLAIMED,
                                                        .texts = (const char *const *)texts,
                                                        .text_count = count});
    } else {
        refuse_start(shim, NEURON_EXIT_OWN_ERROR, &error);
    }
    for (uint32_t i = 0; texts != NULL && i < count; i += 1) {
        free(texts[i]);
    }
    free(texts);
}

static void
take_setup(struct shim *shim, const struct neuron_job_delivery *delivery)
{
    struct neuron_error error = {0};
    int code = NEURON_EXIT_OWN_ERROR;

    if (shim->setup.bytes != NULL) {
        return;
    }
    if (neuron_shim_setup_create(delivery->bytes, delivery->size_bytes, &shim->setup, &code,
                                 &error) != NEURON_OK) {
        refuse_start(shim, code, &error);
        return;
    }
    uint64_t wait_ms = shim->setup.line.lease_wait_ms;
    uint64_t now_ms = neuron_job_now_ms();
    shim->order.grace_ms = shim->setup.line.grace_ms;
    shim->heartbeat_ms = neuron_shim_setup_number(&shim->setup, NEURON_JOB_SETUP_HEARTBEAT_MS);
    shim->beat_at_ms = now_ms;
    shim->claim_until_ms = wait_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + wait_ms;
    if (neuron_shim_setup_number(&shim->setup, NEURON_JOB_SETUP_LOCAL_RANK) == 0) {
        claim(shim);
    }
}

static void
take_start(struct shim *shim, const struct neuron_job_message *message)
{
    struct neuron_error error = {0};

    if (shim->setup.path == NULL || shim->table->running_count > 0) {
        return;
    }
    if (neuron_shim_start_rank(&shim->setup, message->texts, shim->table, &shim->pipes, &error) !=
        NEURON_OK) {
        refuse_start(shim, NEURON_EXIT_OWN_ERROR, &error);
        return;
    }
    send_number(shim, NEURON_JOB_STARTED, (uint64_t)shim->table->ranks[0].process);
}

static void
close_input(struct shim *shim)
{
    if (shim->pipes.input >= 0) {
        (void)close(shim->pipes.input);
        shim->pipes.input = -1;
    }
}

static void
take_input(struct shim *shim, const struct neuron_job_message *message)
{
    size_t left = shim->input_end - shim->input_start;

    if (message->size_bytes == 0) {
        shim->input_is_over = true;
    }
    /* A rank that has closed its input takes everything. */
    if (shim->pipes.input < 0) {
        send_number(shim, NEURON_JOB_TAKEN, message->size_bytes);
        return;
    }
    if (left + message->size_bytes > NEURON_JOB_INPUT_WINDOW) {
        return;
    }
    memmove(shim->input, shim->input + shim->input_start, left);
    memcpy(shim->input + left, message->bytes, message->size_bytes);
    shim->input_start = 0;
    shim->input_end = left + message->size_bytes;
    if (shim->input_end == 0) {
        close_input(shim);
    }
}

/* Writes input to the rank as far as it has room. */
static void
write_input(struct shim *shim)
{
    ssize_t written = write(shim->pipes.input, shim->input + shim->input_start,
                            shim->input_end - shim->input_start);

    if (written < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    /* Nobody reads any more: the rest is taken, too. */
    size_t taken = written < 0 ? shim->input_end - shim->input_start : (size_t)written;
    shim->input_start += taken;
    send_number(shim, NEURON_JOB_TAKEN, taken);
    if (written < 0 || (shim->input_start == shim->input_end && shim->input_is_over)) {
        close_input(shim);
    }
}

/* Ends what the rank has left behind. What the pipes hold is sent before the shim goes. */
static void
take_leave(struct shim *shim)
{
    shim->is_leaving = true;
    signal_rank(shim, SIGKILL);
}

static void
take_order(struct shim *shim, const struct neuron_job_message *message)
{
    int signal_number = (int)message->numbers[0];

    if (signal_number <= 0 || signal_number >= NSIG) {
        return;
    }
    shim->answer_until_ms = UINT64_MAX;
    if (signal_number == SIGTSTP) {
        shim->heard_at_ms = UINT64_MAX;
    }
    signal_rank(shim, signal_number);
}

static void
take_message(struct shim *shim, const struct neuron_job_delivery *delivery)
{
    struct neuron_job_message message;
    struct neuron_error error = {0};

    if (neuron_job_message_decode(delivery->bytes, delivery->size_bytes, &message, &error) !=
        NEURON_OK) {
        neuron_job_message_clear(&message);
        refuse_start(shim, NEURON_EXIT_OWN_ERROR, &error);
        return;
    }
    shim->heard_at_ms = neuron_job_now_ms();
    switch ((int)message.kind) {
    case NEURON_JOB_SETUP:
        take_setup(shim, delivery);
        break;
    case NEURON_JOB_START:
        take_start(shim, &message);
        break;
    case NEURON_JOB_SIGNAL:
        take_order(shim, &message);
        break;
    case NEURON_JOB_INPUT:
        take_input(shim, &message);
        break;
    case NEURON_JOB_ROOM:
        shim->room += message.numbers[0];
        break;
    case NEURON_JOB_LEAVE:
        take_leave(shim);
        break;
    default:
        break;
    }
    neuron_job_message_clear(&message);
}

/* Sends what the rank has printed on one stream, as far as the launcher has room for it. */
static void
send_output(struct shim *shim, int stream)
{
    char bytes[NEURON_JOB_OUTPUT_BYTES];
    size_t most = shim->room < sizeof(bytes) ? (size_t)shim->room : sizeof(bytes);
    ssize_t length = read(shim->pipes.output[stream], bytes, most);

    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (length <= 0) {
        (void)close(shim->pipes.output[stream]);
        shim->pipes.output[stream] = -1;
        length = 0;
    }
    shim->room -= (uint64_t)length;
    send_message(shim, &(struct neuron_job_message){.kind = NEURON_JOB_OUTPUT,
                                                    .numbers = {(uint64_t)stream},
                                                    .bytes = bytes,
                                                    .size_bytes = (size_t)length});
}

static uint64_t
microseconds(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

static void
take_end(struct shim *shim)
{
    const struct neuron_rank *rank = neuron_rank_table_next_ended(shim->table, neuron_job_now_ms());

    if (rank == NULL) {
        return;
    }
    send_message(shim, &(struct neuron_job_message){
                           .kind = NEURON_JOB_ENDED,
                           .numbers = {
                               [NEURON_JOB_ENDED_STATUS] = (uint64_t)(uint32_t)rank->wait_status,
                               [NEURON_JOB_ENDED_STEP] = (uint64_t)rank->failure.step,
                               [NEURON_JOB_ENDED_REASON] = (uint64_t)(uint32_t)rank->failure.reason,
                               [NEURON_JOB_ENDED_ELAPSED_MS] = rank->ended_ms - rank->started_ms,
                               [NEURON_JOB_ENDED_PEAK_KIB] = (uint64_t)rank->usage.ru_maxrss,
                               [NEURON_JOB_ENDED_USER_US] = microseconds(&rank->usage.ru_utime),
                               [NEURON_JOB_ENDED_SYSTEM_US] = microseconds(&rank->usage.ru_stime),
                           }});
    close_input(shim);
    shim->is_done = shim->order.cause != NEURON_STOP_NONE;
}

/* The engine wants an end: the launcher decides, and the shim itself where it says nothing. */
static void
pass_wish(struct shim *shim, uint32_t signal_number)
{
    send_number(shim, NEURON_JOB_ASKED, signal_number);
    if (shim->answer_until_ms == UINT64_MAX) {
        shim->answer_until_ms = neuron_job_now_ms() + ANSWER_MS;
    }
}

static void
take_signals(struct shim *shim)
{
    struct signalfd_siginfo taken = {0};

    while (read(shim->signals, &taken, sizeof(taken)) == (ssize_t)sizeof(taken)) {
        switch ((int)taken.ssi_signo) {
        case SIGTERM:
        case SIGINT:
        case SIGHUP:
        case SIGQUIT:
            pass_wish(shim, taken.ssi_signo);
            break;
        case SIGCHLD:
            neuron_descendants_reap(neuron_rank_table_has, shim->table);
            break;
        default:
            break;
        }
    }
}

/* Says whether the launcher has been silent for too long. */
static bool
has_lost_launcher(const struct shim *shim, uint64_t now_ms)
{
    return shim->heartbeat_ms != 0 && shim->heard_at_ms != UINT64_MAX &&
           now_ms >= shim->heard_at_ms + MISSED_LIMIT * shim->heartbeat_ms;
}

static void
take_time(struct shim *shim)
{
    uint64_t now_ms = neuron_job_now_ms();

    if (now_ms >= shim->claim_at_ms) {
        claim(shim);
    }
    if (shim->order.cause == NEURON_STOP_NONE && !shim->is_leaving &&
        (has_lost_launcher(shim, now_ms) || now_ms >= shim->answer_until_ms)) {
        abandon(shim);
    }
    if (shim->is_leaving && has_lost_launcher(shim, now_ms)) {
        shim->is_done = true;
    }
    signal_rank(shim, neuron_stop_order_tick(&shim->order, now_ms));
    if (shim->heartbeat_ms != 0 && now_ms >= shim->beat_at_ms) {
        send_message(shim, &(struct neuron_job_message){.kind = NEURON_JOB_BEAT});
    }
}

static uint64_t
earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static int
milliseconds_to_wait(const struct shim *shim)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t next_ms = earlier(shim->claim_at_ms, shim->answer_until_ms);

    next_ms = earlier(next_ms, neuron_stop_order_deadline(&shim->order));
    if (shim->heartbeat_ms != 0) {
        next_ms = earlier(next_ms, shim->beat_at_ms);
    }
    if (neuron_job_channel_is_ready(shim->channel) || next_ms <= now_ms) {
        return 0;
    }
    return next_ms == UINT64_MAX ? -1 : (int)earlier(next_ms - now_ms, INT32_MAX);
}

static void
run_once(struct shim *shim)
{
    struct neuron_job_delivery delivery;
    struct pollfd waits[WAIT_COUNT] = {
        [WAIT_SIGNALS] = {.fd = shim->signals, .events = POLLIN},
        [WAIT_RANK] = {.fd = shim->table->ended, .events = POLLIN},
        [WAIT_ENGINE] = {.fd = shim->engine, .events = POLLIN},
        [WAIT_INPUT] = {.fd = shim->input_start < shim->input_end ? shim->pipes.input : -1,
                        .events = POLLOUT},
    };

    for (int i = 0; i < 2; i += 1) {
        waits[WAIT_OUTPUT + i] =
            (struct pollfd){.fd = shim->room > 0 ? shim->pipes.output[i] : -1, .events = POLLIN};
    }
    neuron_job_channel_prepare(shim->channel, &waits[WAIT_CHANNEL]);
    if (poll(waits, WAIT_COUNT, milliseconds_to_wait(shim)) < 0) {
        return;
    }
    for (int i = 0; i < 2; i += 1) {
        if (waits[WAIT_OUTPUT + i].revents != 0 && shim->room > 0) {
            send_output(shim, i);
        }
    }
    if (waits[WAIT_INPUT].revents != 0) {
        write_input(shim);
    }
    if (waits[WAIT_RANK].revents != 0) {
        take_end(shim);
    }
    if (waits[WAIT_SIGNALS].revents != 0) {
        take_signals(shim);
    }
    if (waits[WAIT_ENGINE].revents != 0) {
        send_message(shim, &(struct neuron_job_message){.kind = NEURON_JOB_ORPHANED});
        (void)close(shim->engine);
        shim->engine = -1;
        shim->is_orphaned = true;
        shim->answer_until_ms = neuron_job_now_ms() + ANSWER_MS;
    }
    while (neuron_job_channel_receive(shim->channel, &delivery)) {
        take_message(shim, &delivery);
    }
    take_time(shim);
}

static enum neuron_status
open_shim(struct shim *shim, struct neuron_error *error)
{
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    shim->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    shim->input = malloc(NEURON_JOB_INPUT_WINDOW);
    if (shim->signals < 0 || shim->input == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot set up a shim: %s",
                           strerrordesc_np(errno));
    }
    enum neuron_status status = neuron_rank_table_create(1, &shim->table, error);
    return status == NEURON_OK ? neuron_shim_connect(&shim->rank, &shim->channel, error) : status;
}

/* Sends the rest: nobody is left who could write. */
static void
leave(struct shim *shim)
{
    (void)neuron_descendants_kill();
    while (!shim->is_done && (shim->pipes.output[0] >= 0 || shim->pipes.output[1] >= 0)) {
        run_once(shim);
    }
    send_message(shim, &(struct neuron_job_message){.kind = NEURON_JOB_LEFT});
}

/* Removes the files of a daemon of Open MPI that was killed: nobody else does. */
static void
clear_engine(const struct shim *shim)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *files = getenv("PMIX_SERVER_TMPDIR");

    if (shim->is_orphaned && files != NULL) {
        neuron_session_folder_remove_foreign(files);
    }
}

static void
destroy_shim(struct shim *shim)
{
    clear_engine(shim);
    neuron_job_channel_destroy(shim->channel, shim->is_done ? 0 : LINGER_MS);
    neuron_rank_table_destroy(shim->table);
    neuron_launch_plan_destroy(shim->plan);
    neuron_shim_setup_destroy(&shim->setup);
    free(shim->input);
}

/* The shim proper, inside its guardian. */
static int
run(const void *engine)
{
    struct shim shim = {
        .pipes = {.input = -1, .output = {-1, -1}},
        .signals = -1,
        .engine = *(const int *)engine,
        .room = NEURON_JOB_OUTPUT_WINDOW,
        .answer_until_ms = UINT64_MAX,
        .claim_at_ms = UINT64_MAX,
        .heard_at_ms = UINT64_MAX,
    };
    struct neuron_error error = {0};
    int code = 0;

    if (open_shim(&shim, &error) == NEURON_OK) {
        neuron_shim_join(shim.channel, shim.rank);
        while (!shim.is_done && !(shim.is_leaving && shim.table->running_count == 0)) {
            run_once(&shim);
        }
        leave(&shim);
    } else {
        (void)fprintf(stderr, "neuronrun: %s\n", error.text);
        code = NEURON_EXIT_OWN_ERROR;
    }
    destroy_shim(&shim);
    return code;
}

int
neuron_shim_run(void)
{
    int engine = pidfd_open(getppid(), 0);

    return neuron_guardian_run(run, &engine);
}
