/**
 * The file into which preload.c writes: a page of header, then records in the order of their calls. All numbers are
 * unsigned and have their lowest byte first. The file is sparse; a record of which no more than zeros is there has not
 * been written yet.
 */

export const FORMAT = 1;
export const HEADER_BYTES = 4096;
export const RECORD_BYTES = 40;
/** Bytes of text in a record of kind `text`: all but its first 8. */
export const TEXT_BYTES = 32;

/** Where the header's fields are, in bytes. */
export const Header = {
  /** 32 bits: FORMAT */
  format: 0,
  /** 32 bits: the process that is recorded, 0 before it has begun. */
  pid: 4,
  /** 64 bits, as all that follow: length of the file. */
  fileBytes: 8,
  /** Records that have their place; the last ones of them may not be written yet. */
  drawn: 16,
  /** Records that there is room for; those beyond are lost. */
  room: 24,
  /** Records that have been read, for the writer to give their pages back. */
  consumed: 32,
  /** 32 bits: the process that reads, for which the program waits when it is far ahead. */
  reader: 52,
} as const;

/** Where a record's fields are, in 32-bit words. Those of 64 bits have their lower half first. */
export const Field = {
  /** 64 bits: kind * 2^56 + address. Written last. */
  what: 0,
  /** 64 bits: asked for; of one element where it is calloc; length of a module. */
  bytes: 2,
  /** 64 bits: the return address of the call; a module's offset in its file. */
  site: 4,
  /** 64 bits: nanoseconds on a clock that never goes back. */
  time: 6,
  /** calloc: the count; memalign: the alignment; thread, child: the system's number; image, module: bytes of text. */
  argument: 8,
  /** From 0, in the order of first calls, anew in each image. */
  thread: 9,
} as const;
export const RECORD_WORDS = RECORD_BYTES / 4;

export const Kind = {
  none: 0,
  malloc: 1,
  calloc: 2,
  memalign: 3,
  free: 4,
  /** realloc begins: the old address, which may be used by other threads from here on. */
  reallocFrom: 5,
  /** realloc of the same thread ends: the new address, 0 if it failed or freed. */
  reallocTo: 6,
  /** The process begins, or goes on with another program by exec: text is its path. */
  image: 7,
  thread: 8,
  /** Code at `address`: text is its file. */
  module: 9,
  text: 10,
  /** A process that was forked off says that it is left out. */
  child: 11,
} as const;
