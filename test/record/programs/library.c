/* A library with one function, NAME, that allocates. */
#include <stdlib.h>

void *NAME(void) {
  return malloc(BYTES);
}
