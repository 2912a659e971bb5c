/* Children of every kind, which allocate much; then another program by exec, which is this one with an argument. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block;

static void allocate(int times) {
  for (int i = 0; i < times; i++) block = malloc(7);
}

int main(int count, char **arguments) {
  if (count > 1) {
    allocate(20);
    return 3;
  }
  allocate(5);
  if (fork() == 0) {
    allocate(1000);
    _exit(0);
  }
  wait(NULL);
  if (syscall(SYS_fork) == 0) { /* of which no handler of fork knows */
    allocate(1000);
    execl("/proc/self/exe", arguments[0], "again", NULL);
  }
  wait(NULL);
  char *again[] = {arguments[0], "again", NULL};
  pid_t child;
  if (posix_spawn(&child, "/proc/self/exe", NULL, NULL, again, environ) != 0) return 1;
  wait(NULL);
  allocate(5);
  execl("/proc/self/exe", arguments[0], "again", NULL);
  return 1;
}
