/* Loaded before libc by the fault table: a wall clock that jumps and a disk that is slow, as two numbers in a file say.

   cc -shared -fPIC -O2 -o layer.so fault_layer.c -ldl; FAULT_LAYER=FILE LD_PRELOAD=layer.so COMMAND */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const long *told; /* seconds added to the wall clock; milliseconds a flush to disk takes longer */

__attribute__((constructor)) static void open_told(void) {
    const char *name = getenv("FAULT_LAYER");
    int file = name ? open(name, O_RDONLY) : -1;
    void *at = file < 0 ? MAP_FAILED : mmap(NULL, 2 * sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (at != MAP_FAILED) told = at;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int out = real(clock, now);
    if (told && clock == CLOCK_REALTIME) now->tv_sec += told[0];
    return out;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *out, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

static void wait_for_disk(void) {
    if (told && told[1]) usleep(1000 * told[1]);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_for_disk();
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_for_disk();
    return real(file);
}
