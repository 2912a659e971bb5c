/* The C library's malloc, that gives way to other threads where an address is in nobody's hands. */
#include <sched.h>
#include <stddef.h>

void *__libc_malloc(size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

void *malloc(size_t bytes) {
  sched_yield();
  return __libc_malloc(bytes);
}

void *realloc(void *old, size_t bytes) {
  sched_yield();
  void *address = __libc_realloc(old, bytes);
  sched_yield();
  return address;
}

void free(void *address) {
  __libc_free(address);
  sched_yield();
}
