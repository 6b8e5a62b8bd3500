/* The probe: says which web archives the image it runs from holds, and stays.
 *
 *     Deployed "/deployments/registry.war"      one line for each /deployments/NAME.war, in byte order of the names
 *     ready
 *
 * Then it sleeps without end; with any argument it ends with exit code 0 instead, as an init container has to. SIGTERM or
 * SIGINT ends it with exit code 143 (128 + SIGTERM), also as process 1 of a container. Exit code 1, with a line on stderr,
 * when /deployments cannot be read or stdout not be written.
 *
 * It stands alone, without a C library: so it is a few kB for each platform, a rebuild takes no time and gives the
 * same bytes anywhere, and no other project's code is inside. What differs between platforms is in system_*.h.
 */

#define FOLDER "deployments"
#define DIRECTORY "/" FOLDER
#define NAME_LIMIT 256 /* NAME_MAX and its NUL */

typedef unsigned long size;
typedef void visitor(const char *name);

/* What a platform provides (system_*.h). */
static void write_all(int stream, const char *text, size length);
static int for_each_name(visitor *visit); /* every name in DIRECTORY; 0 when done or absent, else -1 */
static _Noreturn void sleep_without_end(void);
static _Noreturn void end(int code);

static size length_of(const char *text)
{
    size length = 0;
    while (text[length])
        length++;
    return length;
}

static int compare(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return (unsigned char)*one - (unsigned char)*other;
}

#if defined(__wasm__)
#include "system_wasi.h"
#elif defined(__linux__)
#include "system_linux.h"
#else
#error "no such platform"
#endif

static int is_archive(const char *name)
{
    size length = length_of(name);
    return length >= 4 && length < NAME_LIMIT && compare(name + length - 4, ".war") == 0;
}

/* The directory is read once for each archive: the next name is the smallest one after the last that was printed.
 * So there is no list, no limit on their number, and no allocation. */
static char last[NAME_LIMIT], next[NAME_LIMIT];

/* Returns where the copy's NUL is. */
static char *copy(char *target, const char *text)
{
    while ((*target = *text++))
        target++;
    return target;
}

static void consider(const char *name)
{
    if (is_archive(name) && compare(name, last) > 0 && (!next[0] || compare(name, next) < 0))
        copy(next, name);
}

/* In one write, so that no reader sees half a line. */
static void print_deployed(const char *name)
{
    static char line[sizeof "Deployed \"" DIRECTORY "/\"\n" + NAME_LIMIT];
    char *at = copy(line, "Deployed \"" DIRECTORY "/");
    at = copy(at, name);
    at = copy(at, "\"\n");
    write_all(1, line, (size)(at - line));
}

static void print_archives(void)
{
    static const char failed[] = "probe: cannot read " DIRECTORY "\n";
    for (;;) {
        next[0] = 0;
        if (for_each_name(consider) < 0) {
            write_all(2, failed, sizeof failed - 1);
            end(1);
        }
        if (!next[0])
            return;
        print_deployed(next);
        copy(last, next);
    }
}

static _Noreturn void run(int once)
{
    static const char ready[] = "ready\n";
    print_archives();
    write_all(1, ready, sizeof ready - 1);
    if (once)
        end(0);
    sleep_without_end();
}
