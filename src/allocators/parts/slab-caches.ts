/**
 * Caches of equal objects, each in slabs of its own (Bonwick 1994, sections 3.2 to 3.4, and 4 for colouring).
 *
 * A cache lists its slabs that have a free object: partial ones first, of these the one that was full last; then
 * empty ones, in which no object lives. (The paper calls these complete, and full ones empty.) A slab's free objects
 * are a list of their own, the last freed first; a new slab's is in descending order, as SunOS builds it.
 *
 *   object = slab + colour + index * size;   colours go 0, 8, 16 ... slack, 0, from each new slab to the next
 *   link[base + index] = index of the slab's next free object + 1; 0 ends the list
 *
 * Stretches of links are kept when a slab goes, for the cache's next one: 4 bytes an object, 28 a page.
 */
import type { Column } from "../../space/columns.ts";
import { type Address, Control, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";
import type { PageRuns } from "./page-runs.ts";
import { SLAB_ALIGNMENT, type SlabClass } from "./slab-classes.ts";

// A slab, by its first page. Pages are noted as page + 1, so that 0 is none. KIND is 0 where no slab begins.
const SLAB = 7;
const KIND = 0;
const USED = 1;
const FREE = 2;
const COLOUR = 3;
const BASE = 4;
const PREVIOUS = 5;
const NEXT = 6;

// A cache: its list's first and last slab, empty slabs in it, next colour, first spare stretch of links + 1.
const CACHE = 5;
const FIRST = 0;
const LAST = 1;
const EMPTY = 2;
const NEXT_COLOUR = 3;
const SPARE = 4;

export interface SlabSettings {
  readonly page: number;
  readonly colouring: boolean;
  /** Empty slabs that each cache keeps. */
  readonly reserve: number;
}

export class SlabCaches {
  readonly #space: Space;
  readonly #pages: PageRuns;
  readonly #classes: readonly SlabClass[];
  readonly #settings: SlabSettings;
  readonly #slabs: Column<Int32Array>;
  readonly #caches: Column<Int32Array>;
  readonly #links: Column<Int32Array>;
  /** [links in use or spare]. */
  readonly #state: Column<Int32Array>;

  constructor(space: Space, pages: PageRuns, classes: readonly SlabClass[], settings: SlabSettings) {
    this.#space = space;
    this.#pages = pages;
    this.#classes = classes;
    this.#settings = settings;
    this.#slabs = space.columns.int32(16 * SLAB);
    this.#caches = space.columns.int32(classes.length * CACHE);
    this.#links = space.columns.int32(256);
    this.#state = space.columns.int32(1);
  }

  /** An object of the class from a slab that there is; -1 if there is none. */
  take(kind: number): Address {
    const page = this.#caches.data[kind * CACHE + FIRST] - 1;
    if (page < 0) return -1;
    const slabs = this.#slabs.data;
    const row = page * SLAB;
    const index = slabs[row + FREE] - 1;
    slabs[row + FREE] = this.#links.data[slabs[row + BASE] + index];
    if (slabs[row + USED]++ === 0) this.#caches.data[kind * CACHE + EMPTY]--;
    if (slabs[row + FREE] === 0) this.#unlink(page);
    return page * this.#settings.page + slabs[row + COLOUR] + index * this.#classes[kind].size;
  }

  /** Makes a slab for the class; whether there was room. */
  add(kind: number): boolean {
    const { pages, capacity, slack, header } = this.#classes[kind];
    const page = this.#pages.take(pages);
    if (page < 0) return false;
    this.#slabs.grow((page + 1) * SLAB);
    const slabs = this.#slabs.data;
    const cache = this.#caches.data;
    const at = kind * CACHE;
    let base = cache[at + SPARE] - 1;
    if (base < 0) {
      base = this.#state.data[0];
      this.#state.data[0] += capacity;
      this.#links.grow(base + capacity);
    } else cache[at + SPARE] = this.#links.data[base];
    for (let index = 0; index < capacity; index++) this.#links.data[base + index] = index;
    const row = page * SLAB;
    slabs[row + KIND] = kind + 1;
    slabs[row + USED] = 0;
    slabs[row + FREE] = capacity;
    slabs[row + BASE] = base;
    slabs[row + COLOUR] = cache[at + NEXT_COLOUR];
    if (this.#settings.colouring) {
      const colour = cache[at + NEXT_COLOUR] + SLAB_ALIGNMENT;
      cache[at + NEXT_COLOUR] = colour > slack ? 0 : colour;
    }
    cache[at + EMPTY]++;
    this.#link(page, true);
    const end = (page + pages) * this.#settings.page;
    if (header > 0) this.#space.reserve(end - header, header, Control.header);
    return true;
  }

  /** Frees an object. An empty slab above the reserve goes back to the pages; returns whether one did. */
  give(address: Address): boolean {
    const page = this.#pages.first(address);
    const slabs = this.#slabs.data;
    const row = page * SLAB;
    const kind = slabs[row + KIND] - 1;
    const index = this.#index(page, address);
    const full = slabs[row + FREE] === 0;
    this.#links.data[slabs[row + BASE] + index] = slabs[row + FREE];
    slabs[row + FREE] = index + 1;
    if (--slabs[row + USED] > 0) {
      if (full) this.#link(page, true);
      return false;
    }
    if (!full) this.#unlink(page);
    this.#link(page, false);
    if (++this.#caches.data[kind * CACHE + EMPTY] <= this.#settings.reserve) return false;
    this.#destroy(page);
    return true;
  }

  /** Gives all empty slabs back to the pages, as when memory is tight. Returns whether there were any. */
  reap(): boolean {
    let any = false;
    for (let at = 0; at < this.#caches.data.length; at += CACHE)
      for (; this.#caches.data[at + EMPTY] > 0; any = true) this.#destroy(this.#caches.data[at + LAST] - 1);
    return any;
  }

  /** Class of the slab that begins at `page`; -1 if what begins there is no slab. */
  kind(page: number): number {
    return page * SLAB < this.#slabs.data.length ? this.#slabs.data[page * SLAB + KIND] - 1 : -1;
  }

  /** Start of the object of the slab at `page` that holds `address`. */
  object(page: number, address: Address): Address {
    const slabs = this.#slabs.data;
    const { size } = this.#classes[slabs[page * SLAB + KIND] - 1];
    return page * this.#settings.page + slabs[page * SLAB + COLOUR] + this.#index(page, address) * size;
  }

  show(show: InternalsSink): void {
    const slabs = this.#slabs.data;
    this.#classes.forEach(({ size, pages }, kind) => {
      let page = this.#caches.data[kind * CACHE + FIRST] - 1;
      if (page >= 0) show.list(`cache ${size}`);
      for (; page >= 0; page = slabs[page * SLAB + NEXT] - 1) {
        const state = slabs[page * SLAB + USED] === 0 ? "empty slab" : "partial slab";
        show.entry(page * this.#settings.page, pages * this.#settings.page, state);
      }
    });
  }

  /** Throws if a slab's free objects and its count differ, a full one is listed, or one with a free object is not. */
  validate(): void {
    const slabs = this.#slabs.data;
    const listed = new Set<number>();
    this.#classes.forEach((_, kind) => {
      let empty = 0;
      for (
        let page = this.#caches.data[kind * CACHE + FIRST] - 1;
        page >= 0;
        page = slabs[page * SLAB + NEXT] - 1
      ) {
        listed.add(page);
        if (slabs[page * SLAB + USED] === 0) empty++;
        else if (empty > 0) throw new SpaceError(`cache ${kind} lists a partial slab after an empty one`);
      }
      if (empty !== this.#caches.data[kind * CACHE + EMPTY])
        throw new SpaceError(`cache ${kind} has ${empty} empty slabs and counts another number`);
    });
    for (const page of this.#pages.runs()) {
      const kind = this.kind(page);
      if (kind < 0) continue;
      const row = page * SLAB;
      let free = 0;
      for (let i = slabs[row + FREE]; i !== 0 && free <= this.#classes[kind].capacity; free++)
        i = this.#links.data[slabs[row + BASE] + i - 1];
      if (free + slabs[row + USED] !== this.#classes[kind].capacity)
        throw new SpaceError(
          `the slab at page ${page} has ${slabs[row + USED]} objects in use and ${free} free`,
        );
      if (listed.has(page) !== free > 0)
        throw new SpaceError(`the slab at page ${page} is in the wrong list`);
    }
  }

  #index(page: number, address: Address): number {
    const slabs = this.#slabs.data;
    const into = address - page * this.#settings.page - slabs[page * SLAB + COLOUR];
    return Math.floor(into / this.#classes[slabs[page * SLAB + KIND] - 1].size);
  }

  #destroy(page: number): void {
    const slabs = this.#slabs.data;
    const row = page * SLAB;
    const kind = slabs[row + KIND] - 1;
    const { pages, header } = this.#classes[kind];
    const cache = this.#caches.data;
    this.#unlink(page);
    cache[kind * CACHE + EMPTY]--;
    this.#links.data[slabs[row + BASE]] = cache[kind * CACHE + SPARE];
    cache[kind * CACHE + SPARE] = slabs[row + BASE] + 1;
    slabs[row + KIND] = 0;
    if (header > 0) this.#space.unreserve((page + pages) * this.#settings.page - header);
    this.#pages.give(page);
  }

  /** Puts a slab into its cache's list, first or last. */
  #link(page: number, first: boolean): void {
    const slabs = this.#slabs.data;
    const cache = this.#caches.data;
    const at = (slabs[page * SLAB + KIND] - 1) * CACHE;
    const before = first ? 0 : cache[at + LAST];
    const after = first ? cache[at + FIRST] : 0;
    slabs[page * SLAB + PREVIOUS] = before;
    slabs[page * SLAB + NEXT] = after;
    if (before === 0) cache[at + FIRST] = page + 1;
    else slabs[(before - 1) * SLAB + NEXT] = page + 1;
    if (after === 0) cache[at + LAST] = page + 1;
    else slabs[(after - 1) * SLAB + PREVIOUS] = page + 1;
  }

  #unlink(page: number): void {
    const slabs = this.#slabs.data;
    const cache = this.#caches.data;
    const at = (slabs[page * SLAB + KIND] - 1) * CACHE;
    const before = slabs[page * SLAB + PREVIOUS];
    const after = slabs[page * SLAB + NEXT];
    if (before === 0) cache[at + FIRST] = after;
    else slabs[(before - 1) * SLAB + NEXT] = after;
    if (after === 0) cache[at + LAST] = before;
    else slabs[(after - 1) * SLAB + PREVIOUS] = before;
  }
}
