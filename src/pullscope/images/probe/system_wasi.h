/* The probe on WASI: the calls of wasi_snapshot_preview1, without a C library.
 *
 * A WASI program reaches files only through directories that were opened for it, numbered from 3: the container's root
 * and its volumes. WASI has no signals: whoever runs the program ends it. */

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) extern

typedef unsigned long long u64;

enum { FIRST_DIRECTORY = 3, FOLLOW_LINKS = 1, OPEN_DIRECTORY = 2, READ_DIRECTORY = 1 << 14, ENOENT = 44 };

struct span {
    const char *text;
    size length;
};

struct opened { /* prestat */
    int kind;
    size name_length;
};

struct entry { /* dirent; the name follows */
    u64 cookie, inode;
    unsigned name_length, type;
};

struct subscription { /* to a clock: relative, in nanoseconds */
    u64 user;
    int kind;
    int clock __attribute__((aligned(8)));
    u64 timeout, precision;
    int flags;
};

WASI(args_sizes_get) int args_sizes_get(size *count, size *length);
WASI(fd_write) int fd_write(int fd, const struct span *spans, size count, size *written);
WASI(fd_prestat_get) int fd_prestat_get(int fd, struct opened *opened);
WASI(fd_prestat_dir_name) int fd_prestat_dir_name(int fd, char *name, size length);
WASI(path_open) int path_open(int fd, int look, const char *path, size length, int how, u64 rights, u64 inherited,
                              int flags, int *opened);
WASI(fd_readdir) int fd_readdir(int fd, void *buffer, size length, u64 cookie, size *used);
WASI(fd_close) int fd_close(int fd);
WASI(poll_oneoff) int poll_oneoff(const struct subscription *wanted, void *events, size count, size *happened);
WASI(proc_exit) _Noreturn void proc_exit(int code);

static _Noreturn void end(int code)
{
    proc_exit(code);
}

static void write_all(int stream, const char *text, size length)
{
    while (length) {
        struct span span = {text, length};
        size written = 0;
        if (fd_write(stream, &span, 1, &written) || !written)
            end(1);
        text += written;
        length -= written;
    }
}

/* DIRECTORY as a file descriptor: a volume mounted there, else the one in the root; minus an error number. */
static int open_directory(void)
{
    int fd, result, within = -ENOENT;
    const char *path = FOLDER;
    struct opened opened;
    for (fd = FIRST_DIRECTORY; fd_prestat_get(fd, &opened) == 0; fd++) {
        char name[sizeof DIRECTORY] = {0};
        if (opened.name_length >= sizeof name || fd_prestat_dir_name(fd, name, opened.name_length))
            continue;
        if (compare(name, DIRECTORY) == 0) {
            within = fd;
            path = ".";
            break;
        }
        if (compare(name, "/") == 0)
            within = fd;
    }
    if (within < 0)
        return within;
    int error = path_open(within, FOLLOW_LINKS, path, length_of(path), OPEN_DIRECTORY, READ_DIRECTORY, 0, 0, &result);
    return error ? -error : result;
}

/* What fits is given, the last entry cut; reading goes on after the last whole one. */
static int for_each_name(visitor *visit)
{
    static char buffer[4096] __attribute__((aligned(8)));
    static char name[NAME_LIMIT];
    int error, directory = open_directory();
    u64 cookie = 0;
    size used;
    if (directory < 0)
        return directory == -ENOENT ? 0 : -1;
    do {
        used = 0;
        error = fd_readdir(directory, buffer, sizeof buffer, cookie, &used);
        for (size at = 0; !error && at + sizeof(struct entry) <= used;) {
            struct entry entry;
            __builtin_memcpy(&entry, buffer + at, sizeof entry);
            at += sizeof entry;
            if (at + entry.name_length > used)
                break;
            cookie = entry.cookie;
            if (entry.name_length < sizeof name) {
                __builtin_memcpy(name, buffer + at, entry.name_length);
                name[entry.name_length] = 0;
                visit(name);
            }
            at += entry.name_length;
        }
    } while (!error && used == sizeof buffer);
    fd_close(directory);
    return error ? -1 : 0;
}

static _Noreturn void sleep_without_end(void)
{
    static const struct subscription forever = {.timeout = ~0ULL};
    static char event[32];
    size happened;
    for (;;)
        poll_oneoff(&forever, event, 1, &happened);
}

static _Noreturn void run(int once);

__attribute__((export_name("_start"))) void _start(void)
{
    size count = 0, length;
    run(!args_sizes_get(&count, &length) && count > 1); /* the program's own name is one of them */
}
