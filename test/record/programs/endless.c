/* Allocates for ever, and counts the calls that are over in a file that others can read. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int count, char **arguments) {
  int file = open(count > 1 ? arguments[1] : "count", O_RDWR | O_CREAT, 0600);
  if (ftruncate(file, 4096) != 0) return 1;
  _Atomic unsigned *calls = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  for (;;) {
    void *volatile block = malloc(48);
    (*calls)++;
    free(block);
    (*calls)++;
  }
}
