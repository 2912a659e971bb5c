/*
 * One round of the process's malloc (the C library's, or the one of LD_PRELOAD): TRACE, a file of packed-trace.ts.
 * Prints CPU time per event in ns, the events it is taken over, and the library that malloc came from.
 *
 * Only malloc, calloc, posix_memalign, realloc and free are called, and payloads are not written: what is compared is
 * the allocator's own work, and our models write no payload either. What it touches itself (headers, links in free
 * memory, the copy of realloc, the zeroes of calloc) and the faults of those pages are its own work and are counted.
 * Trace and pointers lie in mapped memory, faulted in beforehand, so that the heap holds nothing but the trace's blocks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define HEADER_BYTES 24

enum { ALLOCATE, CALLOCATE, MEMALIGN, REALLOCATE, FREE };

static int64_t cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *aligned(size_t align, size_t bytes) {
  void *block;
  return posix_memalign(&block, align < sizeof(void *) ? sizeof(void *) : align, bytes) == 0 ? block : NULL;
}

int main(int argc, char **argv) {
  struct stat file;
  int in = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (in < 0 || fstat(in, &file) != 0) return perror("native-replay TRACE"), 2;
  const char *trace = mmap(NULL, file.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, in, 0);
  if (trace == MAP_FAILED) return perror(argv[1]), 2;

  const uint32_t *header = (const uint32_t *)trace;
  const uint32_t events = header[0], rows = header[1], from = header[3];
  const int32_t *row = (const int32_t *)(trace + HEADER_BYTES), *bytes = row + events, *argument = bytes + events;
  const uint8_t *op = (const uint8_t *)(argument + events);

  const size_t table = (size_t)(rows + 1) * sizeof(void *);
  void **held = mmap(NULL, table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (held == MAP_FAILED) return perror("mmap"), 2;

  int64_t start = cpu_ns();
  for (uint32_t i = 0; i < events; i++) {
    if (i == from) start = cpu_ns();
    void **object = &held[row[i]];
    switch (op[i]) {
      case ALLOCATE: *object = malloc(bytes[i]); break;
      case CALLOCATE: *object = calloc(1, bytes[i]); break;
      case MEMALIGN: *object = aligned(argument[i], bytes[i]); break;
      /* Of 0 bytes it would be free. */
      case REALLOCATE: *object = realloc(*object, bytes[i] ? bytes[i] : 1); break;
      case FREE: free(*object); break;
    }
  }
  const int64_t ns = cpu_ns() - start;

  Dl_info library = {0};
  dladdr((void *)(uintptr_t)malloc, &library);
  printf("%.3f %u %s\n", (double)ns / (events - from), events - from, library.dli_fname);
  return 0;
}
