/* Every relative of malloc, in constructors as in main, with all descriptors closed. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "journal.h"

static void *early;

__attribute__((constructor)) static void before_main(void) {
  early = note("malloc", malloc(1000), 1000);
}

static void release(void *address) {
  note("free", address, 0);
  free(address);
}

int main(void) {
  for (int file = 3; file < 1024; file++) close(file);
  void *kept[64];
  int count = 0;
  kept[count++] = note("malloc", malloc(0), 0);
  kept[count++] = note("calloc", calloc(7, 12), 84);
  kept[count++] = note("calloc", calloc(0, 12), 0);
  kept[count++] = note("memalign", memalign(256, 100), 100);
  kept[count++] = note("memalign", aligned_alloc(64, 128), 128);
  kept[count++] = note("memalign", valloc(33), 33);
  kept[count++] = note("memalign", pvalloc(33), 4096);
  void *at = NULL;
  if (posix_memalign(&at, 32, 77) != 0) return 1;
  kept[count++] = note("memalign", at, 77);
  kept[count++] = note("malloc", realloc(NULL, 55), 55);
  kept[count++] = note("malloc", reallocarray(NULL, 5, 11), 55);
  kept[count++] = note("malloc", malloc(300000), 300000); /* mapped by itself */
  void *chain = note("malloc", malloc(10), 10);
  for (size_t bytes = 20; bytes < 500000; bytes += bytes / 2) chain = note("realloc", realloc(chain, bytes), bytes);
  chain = note("realloc", reallocarray(chain, 3, 8), 24);
  if (malloc_usable_size(chain) < 24) return 1;
  note("free", chain, 0);
  chain = realloc(chain, 0);
  if (reallocarray(kept[0], SIZE_MAX / 2, 3) != NULL) return 1; /* refused before malloc is asked */
  if (realloc(kept[0], PTRDIFF_MAX) != NULL) return 1;          /* fails: a call, and no event */
  if (calloc(SIZE_MAX / 2, 3) != NULL || malloc(PTRDIFF_MAX) != NULL) return 1;
  for (int i = 0; i < 1500; i++) {
    void *block = note("malloc", malloc((size_t)(i * 37 % 4001)), (size_t)(i * 37 % 4001));
    memset(block, 1, (size_t)(i * 37 % 4001));
    release(block);
  }
  for (int i = 0; i < count; i++) release(kept[i]);
  release(early);
  print_journal();
  return 0;
}
