/**
 * The `.heaptrace` format, version 2: a trace in at most 6 bytes an event, 12 with what a recorder noted, written and read in
 * constant memory, and refused when a single byte of it is wrong or missing.
 *
 *     file      = magic block*
 *     magic     = 89 48 54 52 43 0d 0a 1a            ("\x89HTRC\r\n\x1a": what mangles line ends mangles it)
 *     block     = head body
 *     head      = kind argument length checksum headChecksum      (20 bytes: kind is 4 letters, the others are
 *                                                                  32-bit unsigned, lowest byte first)
 *     body      = `length` bytes, at most 2^26
 *     checksum  = CRC-32 (as in gzip) of the body, of ROWS that of word-sum.ts; headChecksum = CRC-32 of the 16 bytes before it
 *
 * Blocks come as one HEAD, then CHNK and ROWS blocks, then one DONE, which ends the file. A reader skips a block of another
 * kind when its first letter is small, and refuses it otherwise. Below, `n` is a number as in varints.ts (7 bits a
 * byte, lowest first), `z` a zigzagged one, `text` is n bytes of UTF-8 behind their n, `b` is a byte.
 *
 * **HEAD** (argument: the format's version) is the directory of columns:
 *
 *     n columns, then for each: n number, b required, text name
 *
 * A reader skips a column with a number that it does not know, and refuses the file if the column is required (1).
 *
 * **CHNK** (argument: events, at most 65536) is the next events, column by column. It says nothing about other
 * chunks: what is relative starts from 0 in each.
 *
 *     n bytes of each column, in the order of the directory; then the columns
 *
 *     0 op        b for two events, the first one in the low half. Of its 4 bits the low 3 are the operation: 0 malloc,
 *                 1 calloc, 2 memalign, 3 realloc, 4 free, 5 store, 6 malloc with FIELDS, 7 see the column operation.
 *                 8 more: the object's id is NEXT, which the column id leaves out. The high half behind an odd last
 *                 event is 0.
 *     1 id        z, the id minus that of the event before. NEXT is one more than the id of the last malloc, calloc
 *                 or memalign. An event without an object has none, and is skipped here.
 *     2 bytes     n for each malloc, calloc, memalign and realloc: the bytes asked for; for calloc those of one element.
 *     3 argument  n for calloc: the count; n for memalign: log2 of the alignment; n for malloc with FIELDS: those;
 *                 n for store: the field.
 *     4 phase     n events since the phase before (or the start of the chunk), text name, text detail, for each phase.
 *     5 target    n for each store: 0 for null, otherwise one more than z, the target's id minus NEXT's base: the id of
 *                 the last malloc, calloc or memalign.
 *     6 operation n for each 7 in the column op: its number in trace.ts (Op). 6 root, 7 unroot, 8 pin, 9 unpin have an
 *                 object; 10 young collection, 11 full collection, 12 print have none.
 *
 * **ROWS** (argument: events, at most 65536), of version 2, is the next events too, in columns of fixed width that are read
 * five times as fast. They are malloc without FIELDS, calloc, memalign, realloc and free, and each object that is born in it
 * has an id of one more than the one before.
 *
 *     4 b the id of the first object that is born, lowest byte first; b each the bytes of one number in row, bytes and
 *     argument: 0 (all of them are 0) to 4; 9 b 0. Then these columns, each of which has as many b 0 behind it as
 *     lack to a multiple of 16:
 *
 *     op        as column 0 above, without NEXT
 *     row       for each event, the row of its object, by the rule of trace.ts; lowest byte first, as the others
 *     bytes     for each event, as column 2 above; for free 0
 *     argument  for each event: of calloc the count, of memalign the alignment; for others 0
 *
 *     n bytes of each column from phase on, in the order of the directory; then those columns, as in CHNK
 *
 * A writer takes ROWS where they can be had for 6 bytes an event, without what was recorded besides, else CHNK; a file
 * with more operations than those has CHNK blocks only, and says version 1.
 *
 * What was recorded besides, which no reader needs (required: 0):
 *
 *     7 time      for each event, its nanoseconds less those of the event before, as w: 2 * w, or -2 * w - 1 for less
 *                 than 0.
 *     8 thread    n events, n thread, for each run of events of one thread. Threads are counted from 0.
 *     9 address   n shift; then w for each malloc, calloc, memalign and realloc: the payload's address without its low
 *                 `shift` bits, which are 0 in all of the chunk, less that of the one before.
 *     10 site     n for each malloc, calloc, memalign and realloc: its call site, counted from 1; 0 is none.
 *
 * A **thrd** block gives the system's numbers of threads, each n, in the order in which the events count them. A
 * **site** block gives call sites: n frames, text frame for each, n sites, and for each of those n caller's site, 0 for
 * none, n frame, counted from 0. Both go on from the block of their kind before; they come before the chunk that needs
 * them.
 *
 * A file whose events are all malloc, calloc, memalign, realloc and free has columns 0 to 4 only, and is what earlier
 * readers know; the others refuse it by the names of the columns that they lack.
 *
 * **DONE** (argument: CHNK and ROWS blocks) is what the events must come to:
 *
 *     n events, n objects, n rows, n peakLiveBytes, 8 b hash (as its 16 hex digits), n fidelity (0 exact, 1 partial,
 *     2 ambiguous, 3 derived), n anomalies, then for each: n count, text kind
 *
 * A reader whose checksums were right may take the hash as it is; `heapscape validate`
 * computes it.
 */
import { crc32 } from "./crc32.ts";
import { type Fidelity, RECORDED } from "./trace.ts";
import { wordSum } from "./word-sum.ts";

export const MAGIC = Uint8Array.of(0x89, 0x48, 0x54, 0x52, 0x43, 0x0d, 0x0a, 0x1a);
export const VERSION = 2;
/** That of a file without ROWS. */
export const VERSION_OF_CHUNKS = 1;
export const HEAD_LENGTH = 20;
export const LONGEST_BODY = 1 << 26;

/** The four letters of a kind as a 32-bit number, first letter in the lowest byte. */
const kind = (letters: string): number =>
  letters.charCodeAt(0) |
  (letters.charCodeAt(1) << 8) |
  (letters.charCodeAt(2) << 16) |
  (letters.charCodeAt(3) << 24);

export const HEAD = kind("HEAD");
export const CHNK = kind("CHNK");
export const ROWS = kind("ROWS");
export const DONE = kind("DONE");
export const SITE = kind("site");
export const THRD = kind("thrd");

/** Of a block's body. */
export const checksumOf = (kind: number, body: Uint8Array): number =>
  kind === ROWS ? wordSum(body) : crc32(body);

/** Their places are their numbers in the directory, which never change. */
export const COLUMNS = [
  ...["op", "id", "bytes", "argument", "phase", "target", "operation"],
  ...RECORDED, // time, thread, address, site
];
/** The first so many of them are in every file. */
export const BASE_COLUMNS = 5;
/** The first so many have another place in ROWS. */
export const ROWS_COLUMNS = 4;
/** So many of them are what the events are; the others were recorded besides. */
export const EVENT_COLUMNS = 7;
/** Operations of the column op beyond those of `Op` up to `store`. */
export const FIELDED = 6;
export const ESCAPED = 7;
/** Added to the operation when the id is one more than that of the last birth. */
export const NEXT = 8;

/** Their places are their numbers in the footer. */
export const FIDELITIES: readonly Fidelity[] = ["exact", "partial", "ambiguous", "derived"];
