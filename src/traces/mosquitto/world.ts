/** What the parts of the broker have in common. */
import type { Client } from "./client.ts";
import type { Memory } from "./memory.ts";
import type { Retained } from "./retained.ts";
import type { Settings } from "./settings.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Counters } from "./system-topics.ts";

export interface World {
  readonly memory: Memory;
  readonly settings: Settings;
  readonly subscriptions: Subscriptions<Client>;
  readonly retained: Retained;
  readonly counters: Counters;
  /** Seconds since the start. */
  now: number;
  /** Counts something odd. */
  readonly anomaly: (kind: string) => void;
}
