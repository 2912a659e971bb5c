/* What a program asks of malloc, as it says itself: kept aside, printed at the end as OP ADDRESS BYTES, a line each. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

static struct {
  const char *op;
  uintptr_t address;
  size_t bytes;
} journal[100000];
static unsigned entries;

static void *note(const char *op, void *address, size_t bytes) {
  journal[entries].op = op;
  journal[entries].address = (uintptr_t)address;
  journal[entries++].bytes = bytes;
  return address;
}

static void print_journal(void) {
  for (unsigned i = 0; i < entries; i++)
    printf("%s %lu %zu\n", journal[i].op, (unsigned long)journal[i].address, journal[i].bytes);
}
