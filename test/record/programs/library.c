/* A library with one function, NAME, that allocates; and operator new as C++ has it. */
#include <stdlib.h>

void *NAME(void) {
  return malloc(BYTES);
}
