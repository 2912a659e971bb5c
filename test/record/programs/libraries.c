/* Loads one library, lets go of it, and loads another, which lies where the first one was. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void *from(const char *file, const char *name, void **handle) {
  *handle = dlopen(file, RTLD_NOW);
  if (*handle == NULL) exit(1);
  void *(*allocate)(void) = (void *(*)(void))dlsym(*handle, name);
  free(allocate());
  return (void *)allocate;
}

int main(void) {
  void *handle;
  void *first = from("./one.so", "one", &handle);
  dlclose(handle);
  void *second = from("./two.so", "two", &handle);
  puts(first == second ? "same place" : "elsewhere");
  return 0;
}
