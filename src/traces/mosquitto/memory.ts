/** The broker's requests, each with its site; sizes are those of 64-bit systems. */
import type { TraceBuilder } from "../builder.ts";
import { SITES, type Site } from "./sites.ts";

/**
 * Bytes of the structures of Mosquitto 2.0.11 as Debian builds it for x86-64: its headers' sizeof, which the recorded
 * requests repeat.
 */
export const SIZES = {
  /** struct mosquitto */
  context: 648,
  /** struct mosquitto__packet */
  packet: 40,
  /** struct mosquitto_msg_store */
  stored: 112,
  /** struct mosquitto_client_msg */
  queued: 56,
  /** struct mosquitto__subhier */
  subscriptionNode: 104,
  /** struct mosquitto__subleaf */
  leaf: 32,
  /** struct mosquitto__subshared */
  shared: 72,
  /** struct mosquitto__client_sub, without the filter behind it */
  clientSubscription: 16,
  /** struct mosquitto__retainhier */
  retainedNode: 96,
  /** struct mosquitto_message_all */
  will: 88,
  /** struct will_delay_list, struct session_expiry_list */
  listItem: 24,
  /** mosquitto_property */
  property: 48,
  /** struct mosquitto__alias */
  alias: 16,
  pointer: 8,
} as const;

export class Memory {
  private readonly builder: TraceBuilder;
  /** Call sites: the function, called for the kind of thing that its memory is for. */
  private readonly sites: Readonly<Record<Site, number>>;

  /** The builder's trace must record sites. */
  constructor(builder: TraceBuilder) {
    this.builder = builder;
    const { sites } = builder;
    const site = ({ kind, at }: (typeof SITES)[Site]) => sites.add(sites.of(kind), at);
    this.sites = Object.fromEntries(
      Object.entries(SITES).map(([name, place]) => [name, site(place)]),
    ) as Record<Site, number>;
  }

  malloc(site: Site, bytes: number): number {
    this.builder.details.site = this.sites[site];
    return this.builder.allocate(bytes);
  }

  /** Zeroed memory for `count` of `size` bytes. */
  calloc(site: Site, size: number, count = 1): number {
    this.builder.details.site = this.sites[site];
    return this.builder.callocate(count, size);
  }

  /** A copy of a text with a zero byte behind it. */
  text(site: Site, text: string): number {
    return this.malloc(site, utf8Length(text) + 1);
  }

  /** realloc; of 0 it is malloc. */
  realloc(site: Site, id: number, bytes: number): number {
    if (id === 0) return this.malloc(site, bytes);
    this.builder.details.site = this.sites[site];
    this.builder.reallocate(id, bytes);
    return id;
  }

  /** free; of 0 it is nothing, as free(NULL) is. */
  free(id: number): void {
    if (id === 0) return;
    this.builder.details.site = 0;
    this.builder.free(id);
  }

  freeAll(ids: readonly number[]): void {
    for (const id of ids) this.free(id);
  }

  get liveBytes(): number {
    return this.builder.liveBytes;
  }
}

/** Bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Half of a surrogate pair stands for two of the four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
