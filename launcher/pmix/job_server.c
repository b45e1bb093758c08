/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library calls back on a thread of its own, which must never wait for ours: an upcall sends a
 * packet to neuronrun, and says that all is done. Two things are left to our thread. The answer to
 * a logged text, because the library holds a lock while it calls, which the answer takes again. And
 * an early acknowledgement: clients write a message in small pieces without TCP_NODELAY, so that
 * each piece waits for the acknowledgement of the one before, which the kernel delays by 40 ms.
 */
#include "job_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <pmix.h>
#include <pmix_server.h>

#include "cpu_topology.h"
#include "help_text.h"
#include "job_keys.h"
#include "pmix_message.h"

enum {
    PATH_BYTES = 512,
    HOST_BYTES = 65,
    SECRET_WORDS = 4,
    ACKNOWLEDGE_NS = 1000000, /* after the first piece, before the second could be missed */
    FILES_LIMIT = 65536
};

/* A text that was logged, to be answered by our thread. */
struct answer {
    pmix_op_cbfunc_t call;
    void *argument;
};

/* The one of this process. Set before any thread runs, and constant from then on. */
static struct {
    struct neuron_job_server_options options;
    pmix_nspace_t name_space;
    char host[HOST_BYTES];
    char server_folder[PATH_BYTES];
    char job_folder[PATH_BYTES];
    pmix_topology_t topology; /* the library keeps a pointer to it */
    pmix_info_t settings[4];  /* as it does to these */
    int answers[2];           /* a pipe of struct answer */
    int timer;
} server = {.answers = {-1, -1}, .timer = -1};

static void
tell(enum neuron_pmix_message_kind kind, const pmix_proc_t *process, int code, const char *text)
{
    struct neuron_pmix_message message = {.kind = kind, .rank = process->rank, .code = code};

    neuron_pmix_message_set_text(&message, text);
    (void)neuron_pmix_message_send(server.options.socket, &message);
}

/* Upcalls. The library decides on their parameters: NOLINTBEGIN(readability-function-size) */

static pmix_status_t
take_connected(const pmix_proc_t *process, void *object, pmix_info_t info[], size_t info_count,
               pmix_op_cbfunc_t call, void *argument)
{
    (void)object, (void)info, (void)info_count, (void)call, (void)argument;
    tell(NEURON_PMIX_CONNECTED, process, 0, "");
    return PMIX_OPERATION_SUCCEEDED;
}

static pmix_status_t
take_finalized(const pmix_proc_t *process, void *object, pmix_op_cbfunc_t call, void *argument)
{
    (void)object, (void)call, (void)argument;
    tell(NEURON_PMIX_FINALIZED, process, 0, "");
    return PMIX_OPERATION_SUCCEEDED;
}

static pmix_status_t
take_abort(const pmix_proc_t *process, void *object, int status, const char text[],
           pmix_proc_t processes[], size_t process_count, pmix_op_cbfunc_t call, void *argument)
{
    (void)object, (void)processes, (void)process_count, (void)call, (void)argument;
    tell(NEURON_PMIX_ABORTED, process, status, text == NULL ? "" : text);
    return PMIX_OPERATION_SUCCEEDED;
}

static pmix_status_t
take_fence(const pmix_proc_t processes[], size_t process_count, const pmix_info_t info[],
           size_t info_count, char *data, size_t data_bytes, pmix_modex_cbfunc_t call,
           void *argument)
{
    const struct itimerspec soon = {.it_value.tv_nsec = ACKNOWLEDGE_NS};

    (void)processes, (void)process_count, (void)info, (void)info_count, (void)data_bytes;
    (void)call, (void)argument;
    free(data);
    (void)timerfd_settime(server.timer, 0, &soon, NULL);
    return PMIX_OPERATION_SUCCEEDED;
}

/* Files that a client asks to be removed lie in the folder of the job, which goes as a whole. */
static pmix_status_t
take_job_control(const pmix_proc_t *requestor, const pmix_proc_t targets[], size_t target_count,
                 const pmix_info_t directives[], size_t directive_count, pmix_info_cbfunc_t call,
                 void *argument)
{
    (void)requestor, (void)targets, (void)target_count, (void)directives, (void)directive_count;
    (void)call, (void)argument;
    return PMIX_OPERATION_SUCCEEDED;
}

static void
take_logged(const pmix_info_t *info, const pmix_proc_t *process)
{
    char text[NEURON_PMIX_TEXT_BYTES] = "";
    const pmix_value_t *value = &info->value;

    if (PMIX_CHECK_KEY(info, PMIX_LOG_MSG) && value->type == PMIX_BYTE_OBJECT) {
        (void)neuron_help_text_decode((const uint8_t *)value->data.bo.bytes, value->data.bo.size,
                                      text, sizeof(text));
    } else if ((PMIX_CHECK_KEY(info, PMIX_LOG_STDERR) || PMIX_CHECK_KEY(info, PMIX_LOG_STDOUT)) &&
               value->type == PMIX_STRING && value->data.string != NULL) {
        (void)snprintf(text, sizeof(text), "%s", value->data.string);
    }
    if (text[0] != '\0') {
        tell(NEURON_PMIX_LOGGED, process, 0, text);
    }
}

static void
take_log(const pmix_proc_t *process, const pmix_info_t data[], size_t data_count,
         const pmix_info_t directives[], size_t directive_count, pmix_op_cbfunc_t call,
         void *argument)
{
    const struct answer answer = {.call = call, .argument = argument};

    (void)directives, (void)directive_count;
    for (size_t i = 0; i < data_count; i += 1) {
        take_logged(&data[i], process);
    }
    if (call != NULL) {
        (void)!write(server.answers[1], &answer, sizeof(answer));
    }
}

/* NOLINTEND(readability-function-size) */

static pmix_server_module_t module = {
    .client_connected2 = take_connected,
    .client_finalized = take_finalized,
    .abort = take_abort,
    .fence_nb = take_fence,
    .job_control = take_job_control,
    .log = take_log,
};

/* Whoever knows the name and the port may join the job: nobody else shall. */
static bool
make_name_space(char *text, size_t size_bytes)
{
    uint32_t secret[SECRET_WORDS] = {0};

    if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret)) {
        return false;
    }
    (void)snprintf(text, size_bytes, "neuronrun-%08x%08x%08x%08x", secret[0], secret[1], secret[2],
                   secret[3]);
    return true;
}

static bool
make_folders(void)
{
    const char *folder = server.options.folder;

    if (snprintf(server.server_folder, PATH_BYTES, "%s/server", folder) >= PATH_BYTES ||
        snprintf(server.job_folder, PATH_BYTES, "%s/job", folder) >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        return false;
    }
    return mkdir(server.server_folder, 0700) == 0 && mkdir(server.job_folder, 0700) == 0;
}

/* Each rank takes some descriptors here. */
static void
raise_file_limit(void)
{
    struct rlimit files = {0};

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max < FILES_LIMIT ? files.rlim_max : FILES_LIMIT;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* By hand: a copy that the library's own calls make would be destroyed with what it points to. */
static size_t
fill_settings(void)
{
    bool is_shared = true;
    size_t count = 0;

    (void)PMIx_Info_load(&server.settings[count++], PMIX_SERVER_TMPDIR, server.server_folder,
                         PMIX_STRING);
    (void)PMIx_Info_load(&server.settings[count++], PMIX_SYSTEM_TMPDIR, server.server_folder,
                         PMIX_STRING);
    (void)PMIx_Info_load(&server.settings[count++], PMIX_SERVER_SHARE_TOPOLOGY, &is_shared,
                         PMIX_BOOL);
    server.topology.source = strdup("hwloc");
    server.topology.topology = neuron_cpu_topology_load();
    if (server.topology.topology != NULL) {
        (void)snprintf(server.settings[count].key, sizeof(server.settings[count].key), "%s",
                       PMIX_TOPOLOGY2);
        server.settings[count].value.type = PMIX_TOPO;
        server.settings[count].value.data.topo = &server.topology;
        count += 1;
    }
    return count;
}

const char *
neuron_job_server_start(const struct neuron_job_server_options *options)
{
    server.options = *options;
    if (gethostname(server.host, sizeof(server.host) - 1) != 0) {
        return "this machine has no name";
    }
    server.host[strcspn(server.host, ".,;")] = '\0';
    if (!make_folders()) {
        return strerrordesc_np(errno);
    }
    server.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (server.timer < 0 || pipe2(server.answers, O_CLOEXEC) != 0 ||
        fcntl(server.answers[0], F_SETFL, O_NONBLOCK) != 0 ||
        !make_name_space(server.name_space, sizeof(server.name_space))) {
        return strerrordesc_np(errno);
    }
    raise_file_limit();
    pmix_status_t status = PMIx_server_init(&module, server.settings, fill_settings());
    return status == PMIX_SUCCESS ? NULL : PMIx_Error_string(status);
}

static void
ignore_end(pmix_status_t status, void *argument)
{
    (void)status, (void)argument;
}

/* One after the other is worked off, so that it is enough to wait for the last. */
static pmix_status_t
register_ranks(uint32_t rank_count)
{
    pmix_proc_t process = {0};
    pmix_status_t status = PMIX_SUCCESS;

    PMIX_LOAD_NSPACE(process.nspace, server.name_space);
    for (uint32_t i = 0; status == PMIX_SUCCESS && i < rank_count; i += 1) {
        process.rank = i;
        status = PMIx_server_register_client(&process, getuid(), getgid(), NULL,
                                             i + 1 == rank_count ? NULL : ignore_end, NULL);
        if (status == PMIX_OPERATION_SUCCEEDED) {
            status = PMIX_SUCCESS;
        }
    }
    return status;
}

const char *
neuron_job_server_register(const struct neuron_pmix_job *job)
{
    const struct neuron_job_place place = {.name_space = server.name_space,
                                           .host = server.host,
                                           .folder = server.options.folder,
                                           .job_folder = server.job_folder};
    pmix_data_array_t keys = {0};
    pmix_status_t status = neuron_job_keys_make(job, &place, &keys);

    if (status == PMIX_SUCCESS) {
        status = PMIx_server_register_nspace(server.name_space, (int)job->rank_count, keys.array,
                                             keys.size, ignore_end, NULL);
    }
    if (status == PMIX_SUCCESS || status == PMIX_OPERATION_SUCCEEDED) {
        status = register_ranks(job->rank_count);
    }
    /* Only now: the library reads the keys until all is done. */
    PMIX_DATA_ARRAY_DESTRUCT(&keys);
    return status == PMIX_SUCCESS ? NULL : PMIx_Error_string(status);
}

char **
neuron_job_server_variables(void)
{
    pmix_proc_t process = {0};
    char **variables = calloc(1, sizeof(*variables));

    PMIX_LOAD_NSPACE(process.nspace, server.name_space);
    if (variables == NULL || PMIx_server_setup_fork(&process, &variables) != PMIX_SUCCESS) {
        return NULL;
    }
    return variables;
}

void
neuron_job_server_prepare(struct pollfd *waits)
{
    waits[0] = (struct pollfd){.fd = server.answers[0], .events = POLLIN};
    waits[1] = (struct pollfd){.fd = server.timer, .events = POLLIN};
}

/* Any descriptor that is no TCP socket refuses the option. */
static void
acknowledge_all(void)
{
    struct rlimit files = {0};
    int is_wanted = 1;
    int highest = fcntl(server.answers[0], F_DUPFD_CLOEXEC, 0);

    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    /* The lowest free descriptor: those of clients lie below it, but for gaps. */
    if (highest >= 0) {
        (void)close(highest);
    }
    for (int i = STDERR_FILENO + 1; i < highest + 16; i += 1) {
        (void)setsockopt(i, IPPROTO_TCP, TCP_QUICKACK, &is_wanted, sizeof(is_wanted));
    }
}

void
neuron_job_server_run(void)
{
    struct answer answer = {0};
    uint64_t ticks = 0;

    while (read(server.answers[0], &answer, sizeof(answer)) == (ssize_t)sizeof(answer)) {
        answer.call(PMIX_SUCCESS, answer.argument);
    }
    if (read(server.timer, &ticks, sizeof(ticks)) == (ssize_t)sizeof(ticks) &&
        server.options.hurries_answers) {
        acknowledge_all();
    }
}
