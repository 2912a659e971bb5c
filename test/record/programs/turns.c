/*
 * Threads that take turns, so that none ever waits for a lock of malloc's, and free, resize and reuse each other's blocks.
 * No thread ends before all of them are through, as an ending thread gives its cache back.
 * ROUNDS turns of small requests; then TALL blocks of some 100 KB each, of which all are freed again: heaps come and go.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#define THREADS 6
#define PLACES 400

static sem_t turn[THREADS], through, end;
static void *shared[PLACES];
static unsigned long rounds, tall;
static unsigned state = 1;

static unsigned below(unsigned n) {
  state = state * 1664525u + 1013904223u;
  return (unsigned)(((unsigned long)state * n) >> 32);
}

static void step(unsigned long i) {
  unsigned at = below(PLACES);
  unsigned bytes = below(8) == 0 ? below(30000) : below(600);
  if (shared[at] == NULL) {
    unsigned how = below(10);
    if (how == 0) shared[at] = calloc(1, bytes);
    else if (how == 1) shared[at] = aligned_alloc(64u << below(5), bytes);
    else shared[at] = malloc(bytes);
  } else if (below(5) == 0) shared[at] = realloc(shared[at], bytes + 1);
  else {
    free(shared[at]);
    shared[at] = NULL;
  }
}

static void **blocks;

static void heap(unsigned long i) {
  if (i < tall) blocks[i] = malloc(80000 + below(48000));
  else {
    unsigned long at = tall - 1 - (i - tall);
    unsigned long other = at - below(at < 40 ? at + 1 : 40);
    void *block = blocks[other];
    blocks[other] = blocks[at];
    free(block);
  }
}

static void *work(void *number) {
  size_t me = (size_t)number;
  for (unsigned long i = me; i < rounds + 2 * tall; i += THREADS) {
    sem_wait(&turn[me]);
    if (i < rounds) step(i);
    else heap(i - rounds);
    sem_post(&turn[(me + 1) % THREADS]);
  }
  sem_post(&through);
  if (me > 0) sem_wait(&end);
  return NULL;
}

int main(int count, char **arguments) {
  pthread_t threads[THREADS];
  rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 6000;
  tall = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;
  rounds -= rounds % THREADS;
  tall -= tall % THREADS;
  blocks = calloc(tall + 1, sizeof *blocks);
  for (size_t i = 0; i < THREADS; i++) sem_init(&turn[i], 0, i == 0);
  sem_init(&through, 0, 0);
  sem_init(&end, 0, 0);
  for (size_t i = 1; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  work((void *)0);
  for (size_t i = 0; i < THREADS; i++) sem_wait(&through);
  for (size_t i = 1; i < THREADS; i++) sem_post(&end);
  for (size_t i = 1; i < THREADS; i++) pthread_join(threads[i], NULL);
  return 0;
}
