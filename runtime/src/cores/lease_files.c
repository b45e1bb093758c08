/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder on a file system that every process of the machine sees and that does not outlive the
 * machine's run, with a file per core. All users share it: the folder is sticky and open to all
 * like /tmp, the files may be written by all, and nothing is ever removed from it.
 *
 * An existing file is opened without O_CREAT, because the kernel refuses that for other users'
 * files in such folders (fs.protected_regular).
 */
#include "cores/lease_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cores/topology_body.h"
#include "neuron/process_identity.h"

/* How long to wait for another claim, which is decided in microseconds, and how often to look. */
static const long ns_per_s = 1000000000L;
static const long patience_ns = 10 * 1000000000L;
static const long first_pause_ns = 10000L;
static const long longest_pause_ns = 5000000L;

/* The first on machines that have it: there, nothing is removed when its owner logs out. */
static const char preferred_place[] = "/run/lock";
static const char preferred_directory[] = "/run/lock/neuron-core-leases";
static const char other_directory[] = "/dev/shm/neuron-core-leases";

/* Who holds a core at a depth, in the file of owners. */
struct owner {
    int64_t pid; /* 0 for nobody */
    uint64_t start_ticks;
};

/* A folder in which others may replace our files keeps no leases. */
static enum neuron_status
check_directory(const struct neuron_lease_files *files, struct neuron_error *error)
{
    struct stat status = {0};

    if (fstat(files->directory, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read the folder of core leases %s: %s",
                           files->path, strerrordesc_np(errno));
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (status.st_mode & S_ISVTX) == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "others may remove files from the folder of core leases %s; make it "
                           "sticky (chmod +t)",
                           files->path);
    }
    return NEURON_OK;
}

static enum neuron_status
open_directory(struct neuron_lease_files *files, struct neuron_error *error)
{
    const mode_t mode = S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;

    if (mkdir(files->path, mode) == 0) {
        /* Past the umask. */
        (void)chmod(files->path, mode);
    } else if (errno != EEXIST) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot make the folder of core leases %.100s: %s; set "
                           "NEURON_RT_LEASE_DIRECTORY to one that all processes can write",
                           files->path, strerrordesc_np(errno));
    }
    files->directory = open(files->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (files->directory < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot open the folder of core leases %s: %s; it must be a folder, and "
                           "no link to one",
                           files->path, strerrordesc_np(errno));
    }
    return check_directory(files, error);
}

/* Others may not give us a file that is more than a lock file. */
static enum neuron_status
check_file(const struct neuron_lease_files *files, const char *name, int file,
           struct neuron_error *error)
{
    struct stat status = {0};

    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "the core lease file %s/%s is no plain file of its own; remove it",
                       files->path, name);
}

/* What a user can do about a lock file that cannot be opened. */
static const char *
advise(int reason)
{
    switch (reason) {
    case EMFILE:
        return "; raise the limit (ulimit -n)";
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOSPC:
        return "; set NEURON_RT_LEASE_DIRECTORY to a folder that all processes can write";
    default:
        return "";
    }
}

static int
open_file(const struct neuron_lease_files *files, const char *name, struct neuron_error *error)
{
    const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    int file = openat(files->directory, name, flags);

    if (file < 0 && errno == ENOENT) {
        file = openat(files->directory, name, flags | O_CREAT | O_EXCL, mode);
        if (file >= 0) {
            (void)fchmod(file, mode);
        } else if (errno == EEXIST) {
            file = openat(files->directory, name, flags);
        }
    }
    if (file < 0) {
        neuron_error_set(error, NEURON_SYSTEM, "cannot open the core lease file %.80s/%s: %s%s",
                         files->path, name, strerrordesc_np(errno), advise(errno));
        return -1;
    }
    if (check_file(files, name, file, error) != NEURON_OK) {
        (void)close(file);
        return -1;
    }
    return file;
}

const char *
neuron_lease_files_place(void)
{
    struct stat place = {0};
    bool is_there = stat(preferred_place, &place) == 0 && S_ISDIR(place.st_mode);

    return is_there ? preferred_directory : other_directory;
}

enum neuron_status
neuron_lease_files_open(struct neuron_lease_files *files, const struct neuron_topology *topology,
                        const char *directory, struct neuron_error *error)
{
    char name[64] = "";

    *files = (struct neuron_lease_files){.directory = -1, .claims = -1, .owners = -1};
    directory = directory == NULL ? neuron_lease_files_place() : directory;
    if (snprintf(files->path, sizeof(files->path), "%s", directory) >= (int)sizeof(files->path)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the folder of core leases has a name of more than %zu bytes",
                           sizeof(files->path) - 1);
    }
    /* Behind a slash the kernel follows a link, which open_directory() is to refuse. */
    for (size_t length = strlen(files->path); length > 1 && files->path[length - 1] == '/';
         length -= 1) {
        files->path[length - 1] = '\0';
    }
    if (neuron_topology_is_invented(topology)) {
        (void)snprintf(files->prefix, sizeof(files->prefix), "invented-%016llx-",
                       (unsigned long long)neuron_topology_fingerprint(topology));
    }
    enum neuron_status status = open_directory(files, error);
    if (status != NEURON_OK) {
        return status;
    }
    (void)snprintf(name, sizeof(name), "%sclaims", files->prefix);
    files->claims = open_file(files, name, error);
    (void)snprintf(name, sizeof(name), "%sowners", files->prefix);
    files->owners = files->claims < 0 ? -1 : open_file(files, name, error);
    if (files->owners < 0) {
        neuron_lease_files_close(files);
        return NEURON_SYSTEM;
    }
    return NEURON_OK;
}

static void
close_file(int *file)
{
    if (*file >= 0) {
        (void)close(*file);
    }
    *file = -1;
}

void
neuron_lease_files_close(struct neuron_lease_files *files)
{
    close_file(&files->directory);
    close_file(&files->claims);
    close_file(&files->owners);
}

enum neuron_status
neuron_lease_files_enter(const struct neuron_lease_files *files, struct neuron_error *error)
{
    /*
     * A lock of the open file, not of the process: it keeps out the other threads of this process,
     * too. It is given back explicitly, also for a child that was forked in between.
     */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct timespec pause = {.tv_nsec = first_pause_ns};
    long waited_ns = 0;

    while (fcntl(files->claims, F_OFD_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "cannot lock %s/%sclaims: %s", files->path,
                               files->prefix, strerrordesc_np(errno));
        }
        if (waited_ns >= patience_ns) {
            return NEURON_FAIL(error, NEURON_TIMED_OUT,
                               "somebody holds %s/%sclaims for %ld s, which takes microseconds; "
                               "find and end that process (fuser)",
                               files->path, files->prefix, patience_ns / ns_per_s);
        }
        (void)nanosleep(&pause, NULL);
        waited_ns += pause.tv_nsec;
        pause.tv_nsec = pause.tv_nsec < longest_pause_ns ? pause.tv_nsec * 2 : longest_pause_ns;
    }
    return NEURON_OK;
}

void
neuron_lease_files_leave(const struct neuron_lease_files *files)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

    (void)fcntl(files->claims, F_OFD_SETLK, &lock);
}

int
neuron_lease_files_open_core(const struct neuron_lease_files *files, uint32_t core,
                             struct neuron_error *error)
{
    char name[64] = "";

    (void)snprintf(name, sizeof(name), "%score-%u", files->prefix, core);
    return open_file(files, name, error);
}

static off_t
owner_offset(uint32_t core, uint32_t depth)
{
    return (off_t)(((uint64_t)core * NEURON_LEASE_DEPTH_LIMIT + depth) * sizeof(struct owner));
}

static struct owner
read_owner(const struct neuron_lease_files *files, uint32_t core, uint32_t depth)
{
    struct owner owner = {0};

    if (pread(files->owners, &owner, sizeof(owner), owner_offset(core, depth)) !=
        (ssize_t)sizeof(owner)) {
        return (struct owner){0};
    }
    return owner;
}

static bool
is_this_process(struct owner owner)
{
    return owner.pid == getpid() && owner.start_ticks == neuron_process_start_ticks(getpid());
}

void
neuron_lease_files_note_owner(const struct neuron_lease_files *files, uint32_t core, uint32_t depth)
{
    struct owner owner = {.pid = getpid(), .start_ticks = neuron_process_start_ticks(getpid())};
    ssize_t written = pwrite(files->owners, &owner, sizeof(owner), owner_offset(core, depth));

    (void)written;
}

void
neuron_lease_files_forget_owner(const struct neuron_lease_files *files, uint32_t core,
                                uint32_t depth)
{
    struct owner nobody = {0};

    if (is_this_process(read_owner(files, core, depth))) {
        ssize_t written = pwrite(files->owners, &nobody, sizeof(nobody), owner_offset(core, depth));

        (void)written;
    }
}

bool
neuron_lease_files_is_own(const struct neuron_lease_files *files, uint32_t core)
{
    for (uint32_t depth = 0; depth < NEURON_LEASE_DEPTH_LIMIT; depth += 1) {
        if (is_this_process(read_owner(files, core, depth))) {
            return true;
        }
    }
    return false;
}
