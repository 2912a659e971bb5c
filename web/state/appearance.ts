/** How maps and charts look: what colours stand for, what stands out, what they are compared with, what lies over them. */
import { signal } from "@preact/signals";
import type { Colouring } from "../worker/colouring.ts";
import type { Against, Filter } from "../worker/protocol.ts";
import type { Span } from "./place.ts";

export const colouring = signal<Colouring>("object");
export const filter = signal<Filter | undefined>(undefined);
export const against = signal<Against | undefined>(undefined);
/** The part of time that the charts show; undefined: all of it. */
export const part = signal<Span | undefined>(undefined);
/** Whether the policies' own lists lie over the maps. */
export const listed = signal(false);
/** Whether the keys are told. */
export const helping = signal(false);
