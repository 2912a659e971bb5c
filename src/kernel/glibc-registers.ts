/**
 * Which of its registers, counted from OF_POLICY, glibc uses for what: see src/allocators/glibc.
 *
 * This file is TypeScript and AssemblyScript: both sides read it.
 */

/** Bytes of a word; the granule from which on chunks are mapped by themselves. */
export const WORD = 0;
export const LIMIT = 1;
/** Tags, and for how many units there are any; rows of chunks, how many there is room for, and which are used. */
export const TAGS = 2;
export const TAG_COUNT = 3;
export const CHUNKS = 4;
export const CHUNK_ROWS = 5;
export const CHUNK_STATE = 6;
/** The slot below the first chunk. */
export const LOWEST = 7;
/** The thread cache: how many chunks a bin of it may have, their first ones, and how many they have. */
export const CACHE_LIMIT = 8;
export const CACHE_HEADS = 9;
export const CACHE_COUNTS = 10;
export const FAST_HEADS = 11;
export const MARKS = 12;
export const TOP = 13;
export const LAST_REMAINDER = 14;
