/*
 * Loaded into a program before its libraries (LD_PRELOAD), this writes down every call that it makes of malloc and
 * its family. It takes no memory from the heap that it watches, holds no lock, and what it has written stays when the
 * program is killed: the records lie in a file that is mapped and shared, so the kernel keeps them.
 *
 * The file named by HEAPSCAPE_RECORDING is made by who starts the program: sparse, a header in its first page, then
 * records. raw-layout.ts reads it; the two structures below are the format.
 *
 * One global order: a record's place is drawn from one counter, before the call for what gives memory back and after
 * the call for what hands it out. So where an address is used again, its free comes before its next malloc, whatever
 * the threads. realloc does both, and has two records.
 *
 * The process that first opens the file is the one that is recorded, through any exec. Its forked children find their
 * state wiped (MADV_WIPEONFORK, Linux 4.14), however they were made, write one record that says so, and stay silent.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define FORMAT 1
#define HEADER_BYTES 4096
/* The file is touched, and given back once read, in steps of so many bytes. */
#define STEP (1 << 20)
#define LEAST_FILE (8ull << 20)
/* The program waits for its reader when it is further ahead than this: 128 MiB. */
#define MOST_AHEAD ((128u << 20) / sizeof(struct record))

struct header {
  uint32_t format;              /* FORMAT, by who made the file */
  _Atomic uint32_t pid;         /* of the process that is recorded; 0 before it has begun */
  uint64_t file_bytes;          /* length of the sparse file */
  _Atomic uint64_t drawn;       /* places drawn: records, written or about to be */
  _Atomic uint64_t room;        /* places that there is room for; those beyond are lost */
  _Atomic uint64_t consumed;    /* records that the reader is done with */
  _Atomic uint64_t given_back;  /* bytes of the file that were */
  _Atomic uint32_t threads;     /* seen so far in this image */
  uint32_t reader;              /* process that reads */
};

enum kind {
  NONE, MALLOC, CALLOC, MEMALIGN, FREE, REALLOC_FROM, REALLOC_TO,
  IMAGE,  /* the process begins, or goes on with another program: text is the path of it */
  THREAD, /* thread `thread` is the system's `argument` */
  MODULE, /* address .. address + bytes - 1 is code, `site` its offset in the file that the text names */
  TEXT,   /* RECORD_TEXT bytes of the text of the record before */
  CHILD,  /* process `argument` was forked off and is left out */
};

struct record {
  _Atomic uint64_t what; /* kind << 56 | address; written last, so 0 is a record that is not there yet */
  uint64_t bytes;        /* asked for; CALLOC: of one element; IMAGE, MODULE: of the text in `argument` */
  uint64_t site;         /* the caller's return address */
  uint64_t time;         /* ns, CLOCK_MONOTONIC */
  uint32_t argument;     /* CALLOC: the count; MEMALIGN: the alignment */
  uint32_t thread;       /* from 0, in the order of their first calls */
};
#define RECORD_TEXT 32 /* bytes of text in a record: all but `what` */

/* A page that fork wipes: where it is empty and `file` is not, this is a child. */
struct mine {
  struct header *file;
};
static struct mine *mine;
static struct mine silent;
static struct header *file;
static uint64_t mapped_bytes;
static atomic_int ahead;

/* Code that the reader has been told of: ranges[forgotten .. known - 1]. Those before are of before a dlclose. */
struct range {
  uintptr_t start, length;
};
#define MOST_RANGES 8192
static struct range ranges[MOST_RANGES];
static _Atomic uint32_t known, forgotten;
static atomic_flag telling = ATOMIC_FLAG_INIT;

#define PER_THREAD static __thread __attribute__((tls_model("initial-exec")))
PER_THREAD uint32_t thread_plus_one;
PER_THREAD struct range last;
PER_THREAD uint32_t last_forgotten;
/* Who called operator new, which then calls malloc. */
PER_THREAD void *caller;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

static struct record *place(struct header *to, uint64_t at) {
  return (struct record *)((char *)to + HEADER_BYTES) + at;
}

/* The first record in a step of the file makes the next step's pages, and gives back steps that were read. */
static void next_step(struct header *to, uint64_t end) {
  int before = errno;
  uint64_t next = (end / STEP + 1) * STEP;
  if (next + STEP <= mapped_bytes && madvise((char *)to + next, STEP, MADV_POPULATE_WRITE) != 0 && errno == EFAULT)
    atomic_store(&to->room, (next - HEADER_BYTES) / sizeof(struct record)); /* the disk is full */
  uint64_t read = (HEADER_BYTES + atomic_load(&to->consumed) * sizeof(struct record)) / STEP * STEP;
  uint64_t given = atomic_load(&to->given_back);
  uint64_t from = given == 0 ? HEADER_BYTES : given;
  if (read > from && atomic_compare_exchange_strong(&to->given_back, &given, read))
    madvise((char *)to + from, read - from, MADV_REMOVE);
  if (atomic_load(&to->drawn) - atomic_load(&to->consumed) > MOST_AHEAD) atomic_store(&ahead, 1);
  errno = before;
}

/* Before a place is drawn: the reader never gets past one that is not written. Without a reader, nothing is recorded. */
static void wait_for_reader(struct header *to) {
  int before = errno;
  struct timespec pause = {0, 1000000};
  while (atomic_load(&to->drawn) - atomic_load(&to->consumed) > MOST_AHEAD / 2) {
    if (kill((pid_t)to->reader, 0) != 0 && errno == ESRCH) {
      atomic_store(&to->room, 0);
      break;
    }
    nanosleep(&pause, NULL);
  }
  atomic_store(&ahead, 0);
  errno = before;
}

/* Draws `count` places in a row. NULL where there is no room. */
static struct record *draw(struct header *to, uint32_t count) {
  uint64_t at = atomic_fetch_add_explicit(&to->drawn, count, memory_order_relaxed);
  uint64_t from = HEADER_BYTES + at * sizeof(struct record);
  uint64_t end = from + count * sizeof(struct record);
  if (at + count > atomic_load_explicit(&to->room, memory_order_relaxed)) return NULL;
  if (from / STEP != end / STEP) next_step(to, end);
  return place(to, at);
}

static void publish(struct record *record, enum kind kind, uint64_t address) {
  uint64_t what = (uint64_t)kind << 56 | (address & (((uint64_t)1 << 56) - 1));
  atomic_store_explicit(&record->what, what, memory_order_release);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Of this thread, which is told of before its first call. */
static uint32_t thread_number(struct header *to) {
  if (__builtin_expect(thread_plus_one == 0, 0)) {
    thread_plus_one = atomic_fetch_add(&to->threads, 1) + 1;
    struct record *record = draw(to, 1);
    if (record != NULL) {
      record->argument = (uint32_t)syscall(SYS_gettid);
      record->thread = thread_plus_one - 1;
      publish(record, THREAD, 0);
    }
  }
  return thread_plus_one - 1;
}

static void put_text(struct header *to, enum kind kind, uint64_t address, uint64_t bytes, uint64_t site, const char *text,
                     uint32_t length) {
  uint32_t pieces = (length + RECORD_TEXT - 1) / RECORD_TEXT;
  struct record *record = draw(to, 1 + pieces);
  if (record == NULL) return;
  for (uint32_t i = 0; i < pieces; i++) {
    uint32_t at = i * RECORD_TEXT;
    memcpy(&record[1 + i].bytes, text + at, length - at < RECORD_TEXT ? length - at : RECORD_TEXT);
    publish(&record[1 + i], TEXT, 0);
  }
  record->bytes = bytes;
  record->site = site;
  record->time = now();
  record->argument = length;
  record->thread = 0;
  publish(record, kind, address);
}

static void add_range(uintptr_t start, uintptr_t length) {
  uint32_t at = atomic_load(&known);
  if (at == MOST_RANGES) return;
  ranges[at].start = start;
  ranges[at].length = length;
  atomic_store(&known, at + 1);
}

/* The range of code that `site` lies in, kept in `last`. */
static int find_range(uintptr_t site) {
  uint32_t from = atomic_load(&forgotten);
  for (uint32_t i = atomic_load(&known); i > from; i--)
    if (site - ranges[i - 1].start < ranges[i - 1].length) {
      last = ranges[i - 1];
      last_forgotten = from;
      return 1;
    }
  return 0;
}

static uint64_t hex(const char **at) {
  uint64_t value = 0;
  for (;; (*at)++) {
    char c = **at;
    if (c >= '0' && c <= '9') value = value * 16 + (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f') value = value * 16 + (uint64_t)(c - 'a' + 10);
    else return value;
  }
}

/* A line of /proc/self/maps: START-END PERMISSIONS OFFSET DEVICE INODE      PATH */
static void tell_mapping(struct header *to, const char *line, const char *end) {
  const char *at = line;
  uint64_t start = hex(&at);
  at++;
  uint64_t stop = hex(&at);
  if (at + 5 >= end || at[3] != 'x') return;
  at += 6;
  uint64_t offset = hex(&at);
  for (int fields = 0; fields < 3; fields++) {
    while (at < end && *at == ' ') at++;
    if (fields < 2)
      while (at < end && *at != ' ') at++;
  }
  if (find_range(start)) return;
  add_range(start, stop - start);
  put_text(to, MODULE, start, stop - start, offset, at, (uint32_t)(end - at));
}

/* Tells the reader of all code that it has not been told of; one thread at a time, and the others do not wait. */
static void tell_modules(struct header *to, uintptr_t site) {
  static char text[16384];
  if (find_range(site) || atomic_load(&known) == MOST_RANGES || atomic_flag_test_and_set(&telling)) return;
  int before = errno;
  int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps >= 0) {
    size_t held = 0;
    for (ssize_t got; held < sizeof text && (got = read(maps, text + held, sizeof text - held)) > 0;) {
      held += (size_t)got;
      char *line = text;
      for (char *end; (end = memchr(line, '\n', held - (size_t)(line - text))) != NULL; line = end + 1)
        tell_mapping(to, line, end);
      held -= (size_t)(line - text);
      memmove(text, line, held);
    }
    close(maps);
  }
  if (!find_range(site)) add_range(site & ~(uintptr_t)4095, 4096); /* code that nobody knows is asked for once */
  errno = before;
  atomic_flag_clear(&telling);
}

/* As much of the file as the limits of this process allow. */
static struct header *map_file(int raw, uint64_t bytes) {
  for (mapped_bytes = bytes; mapped_bytes >= LEAST_FILE; mapped_bytes /= 2) {
    if (mapped_bytes > SIZE_MAX / 2) continue;
    void *map = mmap(NULL, (size_t)mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0);
    if (map != MAP_FAILED) return map;
  }
  return NULL;
}

/* Once, by the first call of all or before main, whichever is first: the program has one thread then. */
static void begin(void) {
  static int begun;
  if (begun) return;
  begun = 1;
  mine = &silent;
  const char *name = getenv("HEAPSCAPE_RECORDING");
  int raw = name == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);
  struct header head;
  if (raw < 0) return;
  struct mine *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED || madvise(page, 4096, MADV_WIPEONFORK) != 0) return;
  if (pread(raw, &head, sizeof head, 0) != sizeof head || head.format != FORMAT) return;
  struct header *map = map_file(raw, head.file_bytes);
  close(raw);
  if (map == NULL) return;
  uint32_t pid = 0;
  uint32_t self = (uint32_t)getpid();
  if (!atomic_compare_exchange_strong(&map->pid, &pid, self) && pid != self) {
    file = map; /* a child that became another program */
    mine = page;
    return;
  }
  atomic_store(&map->threads, 0);
  if (mapped_bytes < head.file_bytes) atomic_store(&map->room, (mapped_bytes - HEADER_BYTES) / sizeof(struct record));
  uint64_t reached = HEADER_BYTES + atomic_load(&map->drawn) * sizeof(struct record);
  madvise((char *)map + reached / STEP * STEP, 2 * STEP, MADV_POPULATE_WRITE);
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program);
  put_text(map, IMAGE, 0, 0, 0, program, length < 0 ? 0 : (uint32_t)length);
  page->file = map;
  file = map;
  mine = page;
}

/* Says once that this process is a child; from then on it is silent. */
static void leave_out(void) {
  mine = &silent;
  struct record *record = draw(file, 1);
  if (record == NULL) return;
  record->time = now();
  record->argument = (uint32_t)getpid();
  publish(record, CHILD, 0);
}

/* The file to write to; NULL for a process that is not recorded. */
static inline struct header *recording(void) {
  struct header *to = mine->file;
  if (__builtin_expect(to == NULL, 0) && mine != &silent) leave_out();
  return to;
}

static void put(struct header *to, enum kind kind, void *address, size_t bytes, uint32_t argument, void *site) {
  uintptr_t code = (uintptr_t)site;
  if (__builtin_expect(code - last.start >= last.length || last_forgotten != atomic_load(&forgotten), 0))
    tell_modules(to, code);
  if (__builtin_expect(atomic_load_explicit(&ahead, memory_order_relaxed), 0)) wait_for_reader(to);
  uint32_t thread = thread_number(to);
  struct record *record = draw(to, 1);
  if (record == NULL) return;
  record->bytes = bytes;
  record->site = code;
  record->time = now();
  record->argument = argument;
  record->thread = thread;
  publish(record, kind, (uintptr_t)address);
}

/* Memory for dlsym, should it want some while malloc is looked up: never recorded, never given back. */
static _Alignas(16) char early[8192];
static size_t early_used;

static void *early_malloc(size_t bytes) {
  size_t length = (bytes + 31) & ~(size_t)15; /* its size lies before it */
  if (length > sizeof early - early_used) return NULL;
  char *at = early + early_used + 16;
  early_used += length;
  memcpy(at - 16, &bytes, sizeof bytes);
  return at;
}

static int is_early(const void *address) {
  return (uintptr_t)address - (uintptr_t)early < sizeof early;
}

static void resolve(void) {
  static int resolving;
  if (resolving) return;
  resolving = 1;
  void *found = dlsym(RTLD_NEXT, "malloc");
  real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
  real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
  real_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
  begin();
  real_malloc = (void *(*)(size_t))found;
}

/* Whether calls can be passed on; not while they are being looked up. */
static inline int ready(void) {
  if (__builtin_expect(real_malloc == NULL, 0)) resolve();
  return real_malloc != NULL;
}

__attribute__((constructor(101))) static void at_start(void) {
  ready();
}

/* Whoever called us, or operator new. */
#define SITE (caller != NULL ? caller : __builtin_return_address(0))
#define EXPORT __attribute__((visibility("default")))

EXPORT void *malloc(size_t bytes) {
  if (!ready()) return early_malloc(bytes);
  void *site = SITE;
  caller = NULL;
  void *address = real_malloc(bytes);
  struct header *to = recording();
  if (to != NULL) put(to, MALLOC, address, bytes, 0, site);
  return address;
}

EXPORT void *calloc(size_t count, size_t bytes) {
  if (!ready()) return count != 0 && bytes > SIZE_MAX / count ? NULL : early_malloc(count * bytes);
  void *address = real_calloc(count, bytes);
  struct header *to = recording();
  if (to != NULL)
    put(to, CALLOC, address, bytes, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count, __builtin_return_address(0));
  return address;
}

EXPORT void free(void *address) {
  if (is_early(address) || !ready()) return;
  struct header *to = recording();
  if (to != NULL) put(to, FREE, address, 0, 0, __builtin_return_address(0));
  real_free(address);
}

static void *reallocate(void *old, size_t bytes, void *site) {
  if (!ready()) return NULL;
  if (is_early(old)) {
    size_t length;
    memcpy(&length, (char *)old - 16, sizeof length);
    void *address = malloc(bytes);
    return address == NULL ? NULL : memcpy(address, old, length < bytes ? length : bytes);
  }
  struct header *to = recording();
  if (to != NULL) put(to, REALLOC_FROM, old, bytes, 0, site);
  void *address = real_realloc(old, bytes);
  if (to != NULL) put(to, REALLOC_TO, address, bytes, 0, site);
  return address;
}

EXPORT void *realloc(void *old, size_t bytes) {
  return reallocate(old, bytes, __builtin_return_address(0));
}

EXPORT void *reallocarray(void *old, size_t count, size_t bytes) {
  size_t product;
  if (__builtin_mul_overflow(count, bytes, &product)) {
    errno = ENOMEM;
    return NULL;
  }
  return reallocate(old, product, __builtin_return_address(0));
}

/* malloc's relatives that are rarely used are looked up when they are. */
#define REAL(type, name) \
  static type real; \
  if (real == NULL) real = (type)dlsym(RTLD_NEXT, name); \
  if (!ready() || real == NULL) return NONE_FOUND

static void aligned(void *address, size_t align, size_t bytes, void *site) {
  struct header *to = recording();
  if (to != NULL) put(to, MEMALIGN, address, bytes, align > UINT32_MAX ? UINT32_MAX : (uint32_t)align, site);
}

static size_t page_bytes(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

typedef void *aligner(size_t, size_t);
typedef void *pager(size_t);
typedef int posix_aligner(void **, size_t, size_t);

#define NONE_FOUND NULL
EXPORT void *memalign(size_t align, size_t bytes) {
  REAL(aligner *, "memalign");
  void *address = real(align, bytes);
  aligned(address, align, bytes, __builtin_return_address(0));
  return address;
}

EXPORT void *aligned_alloc(size_t align, size_t bytes) {
  REAL(aligner *, "aligned_alloc");
  void *address = real(align, bytes);
  aligned(address, align, bytes, __builtin_return_address(0));
  return address;
}

EXPORT void *valloc(size_t bytes) {
  REAL(pager *, "valloc");
  void *address = real(bytes);
  aligned(address, page_bytes(), bytes, __builtin_return_address(0));
  return address;
}

EXPORT void *pvalloc(size_t bytes) {
  REAL(pager *, "pvalloc");
  void *address = real(bytes);
  size_t page = page_bytes();
  aligned(address, page, (bytes + page - 1) / page * page, __builtin_return_address(0));
  return address;
}
#undef NONE_FOUND

#define NONE_FOUND ENOMEM
EXPORT int posix_memalign(void **out, size_t align, size_t bytes) {
  REAL(posix_aligner *, "posix_memalign");
  int failed = real(out, align, bytes);
  aligned(failed ? NULL : *out, align, bytes, __builtin_return_address(0));
  return failed;
}
#undef NONE_FOUND

/* What lies at an address may be another library from now on. */
EXPORT int dlclose(void *handle) {
  typedef int closer(void *);
  static closer *real;
  if (real == NULL) real = (closer *)dlsym(RTLD_NEXT, "dlclose");
  int failed = real(handle);
  atomic_store(&forgotten, atomic_load(&known));
  return failed;
}

/* C++: the caller of operator new says more than operator new does. */
#define NEW(name, parameters, arguments) \
  EXPORT void *name parameters { \
    static void *(*real) parameters; \
    if (real == NULL) real = (void *(*)parameters)dlsym(RTLD_NEXT, #name); \
    caller = __builtin_return_address(0); \
    void *address = real arguments; \
    caller = NULL; \
    return address; \
  }
NEW(_Znwm, (size_t bytes), (bytes))
NEW(_Znam, (size_t bytes), (bytes))
NEW(_ZnwmRKSt9nothrow_t, (size_t bytes, const void *nothrow), (bytes, nothrow))
NEW(_ZnamRKSt9nothrow_t, (size_t bytes, const void *nothrow), (bytes, nothrow))
