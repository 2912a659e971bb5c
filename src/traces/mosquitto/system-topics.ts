/**
 * The topics under $SYS that Mosquitto keeps about itself (src/sys_tree.c), each a retained message that is written
 * anew when its value has changed. Sizes of messages follow the values' digits.
 */

/** What the broker has counted. */
export interface Counters {
  clients: number;
  disconnected: number;
  expired: number;
  subscriptions: number;
  sharedSubscriptions: number;
  retained: number;
  heap: number;
  heapPeak: number;
  messagesReceived: number;
  messagesSent: number;
  publishesReceived: number;
  publishesSent: number;
  bytesReceived: number;
  bytesSent: number;
  publishBytesReceived: number;
  publishBytesSent: number;
  sockets: number;
  connections: number;
}

export const NO_COUNTERS: Readonly<Counters> = {
  clients: 0,
  disconnected: 0,
  expired: 0,
  subscriptions: 0,
  sharedSubscriptions: 0,
  retained: 0,
  heap: 0,
  heapPeak: 0,
  messagesReceived: 0,
  messagesSent: 0,
  publishesReceived: 0,
  publishesSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  publishBytesReceived: 0,
  publishBytesSent: 0,
  sockets: 0,
  connections: 0,
};

const LOADS = [
  ["messages/received", "messagesReceived"],
  ["messages/sent", "messagesSent"],
  ["publish/received", "publishesReceived"],
  ["publish/sent", "publishesSent"],
  ["bytes/received", "bytesReceived"],
  ["bytes/sent", "bytesSent"],
  ["sockets", "sockets"],
  ["connections", "connections"],
] as const satisfies readonly (readonly [string, keyof Counters])[];

/** Moving averages: of so many minutes, with exp(-11 s / so many) as their weight; updates are 11 s apart. */
const AVERAGES = [
  ["1min", 0.8324885],
  ["5min", 0.9639974],
  ["15min", 0.9878522],
] as const;

/** Not counted here, so that they stay at 0. */
const CONSTANT = [
  "messages/stored",
  "store/messages/count",
  "store/messages/bytes",
  "publish/messages/dropped",
  ...AVERAGES.map(([minutes]) => `load/publish/dropped/${minutes}`),
];

const VALUES = [
  ["subscriptions/count", "subscriptions"],
  ["shared_subscriptions/count", "sharedSubscriptions"],
  ["retained messages/count", "retained"],
  ["heap/current", "heap"],
  ["heap/maximum", "heapPeak"],
  ["messages/received", "messagesReceived"],
  ["messages/sent", "messagesSent"],
  ["publish/messages/received", "publishesReceived"],
  ["publish/messages/sent", "publishesSent"],
  ["bytes/received", "bytesReceived"],
  ["bytes/sent", "bytesSent"],
  ["publish/bytes/received", "publishBytesReceived"],
  ["publish/bytes/sent", "publishBytesSent"],
] as const satisfies readonly (readonly [string, keyof Counters])[];

/** Seconds after which a value that was not written anew is forgotten. */
export const SYSTEM_EXPIRY = 60;

export class SystemTopics {
  private readonly before = new Map<string, string>();
  private readonly averages = new Map<string, number>();
  private lastCounters: Counters | undefined;
  private lastUpdate = 0;
  private mostClients = 0;

  /** Calls for each topic that must be written, with the bytes of its value. `now`: seconds since the start. */
  update(now: number, counters: Counters, publish: (topic: string, bytes: number) => void): void {
    const write = (name: string, value: string) => {
      if (this.before.get(name) === value) return;
      this.before.set(name, value);
      publish(`$SYS/broker/${name}`, value.length);
    };
    write("uptime", `${now} seconds`);
    this.clients(counters, write);
    const minutes = Math.max(1, now - this.lastUpdate) / 60;
    for (const [minute, weight] of AVERAGES)
      for (const [name, counter] of LOADS) {
        const topic = `load/${name}/${minute}`;
        const rate = (counters[counter] - (this.lastCounters?.[counter] ?? 0)) / minutes;
        const average = this.averages.get(topic);
        const value = average === undefined ? 0 : rate + weight * (average - rate);
        if (average === undefined || Math.abs(value - average) >= 0.01) write(topic, value.toFixed(2));
        this.averages.set(topic, value);
      }
    for (const name of CONSTANT) write(name, name.startsWith("load/") ? "0.00" : "0");
    for (const [name, counter] of VALUES) write(name, String(counters[counter]));
    this.lastCounters = { ...counters };
    this.lastUpdate = now;
  }

  private clients(
    { clients, disconnected, expired }: Counters,
    write: (name: string, value: string) => void,
  ): void {
    const total = String(clients);
    if (this.before.get("clients/total") !== total) {
      write("clients/total", total);
      if (clients > this.mostClients) {
        this.mostClients = clients;
        write("clients/maximum", total);
      }
    }
    for (const name of ["inactive", "disconnected"]) write(`clients/${name}`, String(disconnected));
    for (const name of ["active", "connected"]) write(`clients/${name}`, String(clients - disconnected));
    write("clients/expired", String(expired));
  }
}
