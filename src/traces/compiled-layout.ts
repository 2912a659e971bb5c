/**
 * Where in the memory that compiled reading shares with the reader everything lies: byte addresses, all of them fixed, so
 * that they are no registers of the loops. Regions that are walked side by side start at different lines of the cache.
 *
 * This file is TypeScript and AssemblyScript: both sides read it.
 */

/** Words of what both sides know: of LiveObjects, of the hash, and of one call. */
export const COUNT = 1024;
export const ROWS = 1028;
export const BIRTHS = 1032;
export const LARGEST_ID = 1036;
export const CONSECUTIVE = 1040;
export const REALLOCATED = 1044;
/** Objects that a younger one drove out of the window for the first time in this call; all that are; the window's mask. */
export const DRIVEN_OUT = 1048;
export const OLDER = 1052;
export const MASK = 1056;
/** Live bytes and the most of them, as 64-bit floating point numbers. */
export const BYTES_NOW = 1064;
export const PEAK_BYTES = 1072;
/** The state of the hash: three words. */
export const HASH = 1088;
/** Events that the call has read. */
export const DONE = 1104;
/** Rows that there are. */
export const ROOM = 1108;

/** Sixteen words of a checksum. */
export const LANES = 1152;

/** The columns of the chunk that is being written; behind each there is room for what unpacking writes too much. */
export const OP_COLUMN = 0x10000;
export const ROW_COLUMN = 0x20440;
export const ID_COLUMN = 0x60880;
export const BYTES_COLUMN = 0xa0cc0;
export const ARGUMENT_COLUMN = 0xe1100;

/** Ids and rows of the objects that were driven out. */
export const DRIVEN = 0x130000;
/** A piece of the input, and as many bytes more, which are 0. */
export const INPUT = 0x1c0000;
export const INPUT_BYTES = 0x200000;
export const INPUT_PAD = 64;

/** Most objects that live at once, and the tables of LiveObjects for so many: 4, 8 and 32 times 4 bytes a row. */
export const MOST_ROWS = 0x400000;
export const ORDER = 0x3d0200;
export const OBJECTS = 0x13e0640;
export const WINDOW = 0x33e0a80;
export const SIZE = 0x23400000;
