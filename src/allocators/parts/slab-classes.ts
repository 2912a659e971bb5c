/**
 * Size classes for slabs, and how each class's slabs are laid out (Bonwick 1994, section 3.2):
 *
 *   objects below an eighth of a page   a slab is one page; its header lies at the end, in the page
 *   larger ones                         the least number of pages of which no more than an eighth is left over;
 *                                       the header lies elsewhere
 *   slack                               what is left over, by which slabs are coloured
 */
import { OptionError, type TextOption } from "../../options/options.ts";

/** Every object starts at a multiple of it. */
export const SLAB_ALIGNMENT = 8;

const TABLES: Readonly<Record<string, readonly number[]>> = {
  // kmem_alloc_sizes of illumos (usr/src/uts/common/os/kmem.c) up to half a page of 8 KiB.
  sunos: [
    8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896,
    1152, 1344, 1600, 2048, 2688, 4096,
  ],
  powers: [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096],
};

export const SLAB_CLASSES = {
  type: "text",
  default: "sunos",
  pattern: "sunos|powers|[1-9][0-9]{0,6}(/[1-9][0-9]{0,6})*",
  form: "sunos, powers, or SIZE/SIZE/... in bytes, such as 32/200",
  about:
    "sizes of the caches: those of SunOS's kmem_alloc, powers of two, or your own; larger requests get pages",
} as const satisfies TextOption;

export interface SlabClass {
  /** Bytes of an object. */
  readonly size: number;
  /** Pages of a slab. */
  readonly pages: number;
  /** Objects of a slab. */
  readonly capacity: number;
  /** Bytes of a slab that hold neither objects nor its header. */
  readonly slack: number;
  /** Bytes of the header at the slab's end, 0 where it lies elsewhere. */
  readonly header: number;
}

/** The classes of a table, for pages and slab headers of so many bytes. */
export function slabClasses(table: string, page: number, header: number): readonly SlabClass[] {
  const sizes = TABLES[table] ?? table.split("/").map(Number);
  return sizes.map((size, i) => {
    if (size % SLAB_ALIGNMENT !== 0 || (i > 0 && size <= sizes[i - 1]))
      throw new OptionError(
        `policy slab: classes is "${table}"; sizes must ascend and be multiples of ${SLAB_ALIGNMENT}`,
      );
    const inside = size < page / 8 ? header : 0;
    let pages = 1;
    if (inside === 0) while (pages * page < size || ((pages * page) % size) * 8 > pages * page) pages++;
    const room = pages * page - inside;
    return { size, pages, capacity: Math.floor(room / size), slack: room % size, header: inside };
  });
}
