/** How the maps look: what colours stand for, and what stands out. */
import { signal } from "@preact/signals";
import type { Colouring } from "../worker/colouring.ts";
import type { Filter } from "../worker/protocol.ts";

export const colouring = signal<Colouring>("object");
export const filter = signal<Filter | undefined>(undefined);
