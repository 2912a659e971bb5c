/* Calls operator new, by the name that it has in C++. */
#include <stddef.h>

void *_Znwm(size_t);

void *volatile kept;

void make_one(void) {
  kept = _Znwm(333);
}

int main(void) {
  make_one();
  return 0;
}
