/* SPDX-License-Identifier: Apache-2.0 */
#include "job_log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "argument_template.h"

enum { SIZE_LIMIT_BYTES = 256 * 1024 * 1024 };

static enum neuron_status
refuse(const struct neuron_job_log_file *log, const char *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write the job log %.150s: %s", log->path,
                       reason);
}

/* The command of a rank, in new memory. */
static enum neuron_status
make_command(const struct neuron_command_line *line, const struct neuron_job_log_file *log,
             uint32_t rank, char **command, struct neuron_error *error)
{
    char *const *arguments = neuron_command_line_program(line, rank)->arguments;
    const struct neuron_argument_values values = {
        .rank = rank, .rank_count = log->rank_count, .host = log->host};
    char **expanded = NULL;
    enum neuron_status status =
        neuron_argument_template_expand(arguments, &values, &expanded, error);

    if (status == NEURON_OK) {
        *command = neuron_job_log_join(expanded == NULL ? arguments : expanded);
        free(expanded);
    }
    if (status == NEURON_OK && *command == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the job log");
    }
    return status;
}

static enum neuron_status
make_commands(const struct neuron_command_line *line, struct neuron_job_log_file *log,
              struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    log->commands = calloc(log->rank_count, sizeof(*log->commands));
    log->done = calloc(log->rank_count, sizeof(*log->done));
    if (log->commands == NULL || log->done == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the job log");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < log->rank_count; i += 1) {
        status = make_command(line, log, i, &log->commands[i], error);
    }
    return status;
}

/* Opens the file, which must be a plain one. A pipe is not waited for. */
static enum neuron_status
open_file(struct neuron_job_log_file *log, size_t *size_bytes, struct neuron_error *error)
{
    const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    struct stat status = {0};

    log->file = open(log->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode);
    if (log->file < 0 || fstat(log->file, &status) != 0) {
        return refuse(log, strerrordesc_np(errno), error);
    }
    if (!S_ISREG(status.st_mode)) {
        return refuse(log, "it is no plain file", error);
    }
    if (status.st_size > SIZE_LIMIT_BYTES) {
        return refuse(log, "it is longer than 256 MiB; name another file", error);
    }
    *size_bytes = (size_t)status.st_size;
    return NEURON_OK;
}

/* Reads as much as there is of so many bytes. Returns 0 or an errno. */
static int
read_text(int file, char *text, size_t size_bytes, size_t *length)
{
    *length = 0;
    while (*length < size_bytes) {
        ssize_t count = pread(file, text + *length, size_bytes - *length, (off_t)*length);

        if (count < 0 && errno != EINTR) {
            return errno;
        }
        if (count == 0) {
            break;
        }
        *length += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* Writes a text at once. Returns 0 or an errno. */
static int
append(struct neuron_job_log_file *log, const char *text)
{
    size_t size_bytes = strlen(text);
    ssize_t count = 0;

    do {
        count = write(log->file, text, size_bytes);
    } while (count < 0 && errno == EINTR);
    int reason = count < 0 ? errno : ENOSPC;
    if (count == (ssize_t)size_bytes) {
        log->is_torn = false;
        return 0;
    }
    log->is_torn = log->is_torn || count > 0;
    return reason;
}

/* Learns from the text of the log what there is to learn, and makes it ready for lines. */
static enum neuron_status
take_text(struct neuron_job_log_file *log, bool resumes, const char *text, size_t length,
          struct neuron_error *error)
{
    const struct neuron_job_log_question question = {
        .path = log->path, .commands = log->commands, .rank_count = log->rank_count};
    enum neuron_status status = neuron_job_log_check(text, length, log->path, error);

    if (status == NEURON_OK && resumes) {
        status = neuron_job_log_read(text, length, &question, log->done, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < log->rank_count; i += 1) {
        log->done_count += log->done[i] ? 1 : 0;
    }
    const char *prelude = neuron_job_log_prelude(text, length);
    int reason = prelude[0] == '\0' ? 0 : append(log, prelude);
    return reason == 0 ? NEURON_OK : refuse(log, strerrordesc_np(reason), error);
}

enum neuron_status
neuron_job_log_file_open(const struct neuron_command_line *line, uint32_t rank_count,
                         struct neuron_job_log_file *log, struct neuron_error *error)
{
    size_t size_bytes = 0;
    size_t length = 0;

    if (line->job_log_path == NULL || (log->path != NULL && log->rank_count == rank_count)) {
        return NEURON_OK;
    }
    neuron_job_log_file_close(log);
    log->path = line->job_log_path;
    log->file = -1;
    log->rank_count = rank_count;
    (void)gethostname(log->host, sizeof(log->host) - 1);
    enum neuron_status status = make_commands(line, log, error);
    if (status == NEURON_OK) {
        status = open_file(log, &size_bytes, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    char *text = malloc(size_bytes + 1);
    if (text == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the job log");
    }
    int reason = read_text(log->file, text, size_bytes, &length);
    status = reason == 0 ? take_text(log, line->resumes, text, length, error)
                         : refuse(log, strerrordesc_np(reason), error);
    free(text);
    return status;
}

void
neuron_job_log_file_add(struct neuron_job_log_file *log, struct neuron_job_log_entry *entry)
{
    entry->host = log->host;
    entry->command = log->commands[entry->rank];
    char *line = neuron_job_log_format(entry);
    int reason = line == NULL ? ENOMEM : 0;

    if (reason == 0 && log->is_torn) {
        reason = append(log, "\t\n");
    }
    if (reason == 0) {
        reason = append(log, line);
    }
    log->failure = log->failure == 0 ? reason : log->failure;
    free(line);
}

enum neuron_status
neuron_job_log_file_check(const struct neuron_job_log_file *log, struct neuron_error *error)
{
    return log->failure == 0 ? NEURON_OK : refuse(log, strerrordesc_np(log->failure), error);
}

void
neuron_job_log_file_close(struct neuron_job_log_file *log)
{
    if (log->path != NULL && log->file >= 0) {
        (void)close(log->file);
    }
    for (uint32_t i = 0; log->commands != NULL && i < log->rank_count; i += 1) {
        free(log->commands[i]);
    }
    free(log->commands);
    free(log->done);
    *log = (struct neuron_job_log_file){0};
}
