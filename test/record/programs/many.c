/* Makes so many pairs of calls as it is told, and ends at once. */
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
  for (int pairs = count > 1 ? atoi(arguments[1]) : 0; pairs > 0; pairs--) {
    void *volatile block = malloc(24);
    free(block);
  }
  _exit(0);
}
