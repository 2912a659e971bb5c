/**
 * A table of uthash (https://troydhanson.github.io/uthash), as Mosquitto has one for the children of each node: there
 * while it has entries. It begins with 32 buckets of 16 bytes and doubles when a chain has ten entries; which chain is
 * the longest depends on the keys, so the model doubles at FULL entries a bucket, where that is about to be expected.
 */
import type { Memory } from "./memory.ts";
import type { Site } from "./sites.ts";

const TABLE_BYTES = 64;
const BUCKET_BYTES = 16;
const FIRST_BUCKETS = 32;
/** With keys in random buckets the longest of 32 to 1024 chains reaches ten at 4.7 to 3.2 entries a bucket. */
const FULL = 4;

export class HashTable {
  private readonly memory: Memory;
  private readonly site: Site;
  private table = 0;
  private buckets = 0;
  private bucketCount = 0;
  private entries = 0;

  constructor(memory: Memory, site: Site) {
    this.memory = memory;
    this.site = site;
  }

  add(): void {
    if (this.entries++ === 0) {
      this.table = this.memory.malloc(this.site, TABLE_BYTES);
      this.bucketCount = FIRST_BUCKETS;
      this.buckets = this.memory.malloc(this.site, FIRST_BUCKETS * BUCKET_BYTES);
    } else if (this.entries > FULL * this.bucketCount) {
      this.bucketCount *= 2;
      const wider = this.memory.malloc(this.site, this.bucketCount * BUCKET_BYTES);
      this.memory.free(this.buckets);
      this.buckets = wider;
    }
  }

  remove(): void {
    if (--this.entries > 0) return;
    this.memory.freeAll([this.buckets, this.table]);
  }
}
