/** Every policy that can be named. A new one is a file and a line here. */
import { bestFit } from "./best-fit.ts";
import { buddy } from "./buddy.ts";
import { bump } from "./bump.ts";
import type { Policy } from "./contract.ts";
import { dlmalloc } from "./dlmalloc.ts";
import { emmalloc } from "./emmalloc.ts";
import { espTlsf } from "./esp-tlsf.ts";
import { firstFit } from "./first-fit.ts";
import { freertosHeap1 } from "./freertos-heap1.ts";
import { freertosHeap2 } from "./freertos-heap2.ts";
import { freertosHeap4 } from "./freertos-heap4.ts";
import { freertosHeap5 } from "./freertos-heap5.ts";
import { glibc } from "./glibc.ts";
import { kingsley } from "./kingsley.ts";
import { lwipMem } from "./lwip-mem.ts";
import { newlibNano } from "./newlib-nano.ts";
import { nextFit } from "./next-fit.ts";
import { o1heap } from "./o1heap.ts";
import { pool } from "./pool.ts";
import { slab } from "./slab.ts";
import { tlsf } from "./tlsf.ts";
import { umm } from "./umm.ts";
import { worstFit } from "./worst-fit.ts";
import { zephyr } from "./zephyr.ts";

/** Allocators, in the order in which they are listed. Collectors are in `collectors/registry.ts`. */
export const ALLOCATORS: readonly Policy[] = [
  firstFit,
  bestFit,
  nextFit,
  worstFit,
  kingsley,
  buddy,
  slab,
  bump,
  pool,
  tlsf,
  espTlsf,
  zephyr,
  umm,
  freertosHeap1,
  freertosHeap2,
  freertosHeap4,
  freertosHeap5,
  lwipMem,
  o1heap,
  newlibNano,
  dlmalloc,
  glibc,
  emmalloc,
];
