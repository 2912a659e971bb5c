/* Threads that free each other's blocks, so that an address soon goes from one to another. Prints its own counts. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 6
#define ROUNDS 10000
#define PLACES 64

static _Atomic(void *) shared[PLACES];
static atomic_long mallocs, reallocs, frees;

static void *work(void *seed) {
  unsigned random = (unsigned)(size_t)seed * 2654435761u + 1;
  for (int i = 0; i < ROUNDS; i++) {
    random = random * 1664525u + 1013904223u;
    size_t bytes = random >> 16 & 511;
    void *block = malloc(bytes + 1);
    mallocs++;
    if (bytes % 8 == 0) {
      block = realloc(block, bytes * 3 + 1);
      reallocs++;
    }
    void *other = atomic_exchange(&shared[random >> 26 & (PLACES - 1)], block);
    if (other != NULL) {
      free(other);
      frees++;
    }
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  for (size_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("%ld %ld %ld\n", mallocs, reallocs, frees);
  return 0;
}
