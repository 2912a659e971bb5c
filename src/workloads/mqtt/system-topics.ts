/** What a broker says of itself under `$SYS/` (the names are Mosquitto's; MQTT 3.1.1 section 4.7.2): retained texts. */
import type { TraceBuilder } from "../../traces/builder.ts";
import type { Broker } from "./broker.ts";

export function announceStatus(broker: Broker, builder: TraceBuilder): void {
  const { queued, dropped, published } = broker.totals;
  let sessions = 0;
  let connected = 0;
  let subscriptions = 0;
  let inflight = 0;
  for (const session of broker.sessions) {
    sessions++;
    if (session.connection) connected++;
    subscriptions += session.filters.length;
    inflight += session.inflight;
  }
  const values: readonly (readonly [topic: string, text: string])[] = [
    ["version", "heapscape model broker"],
    ["uptime", `${Math.floor(broker.network.agenda.now / 1000)} seconds`],
    ["clients/total", `${sessions}`],
    ["clients/connected", `${connected}`],
    ["clients/disconnected", `${sessions - connected}`],
    ["subscriptions/count", `${subscriptions}`],
    ["messages/stored", `${queued + inflight}`],
    ["publish/messages/dropped", `${dropped}`],
    ["publish/messages/received", `${published}`],
    ["heap/current", `${builder.liveBytes}`],
  ];
  for (const [topic, text] of values) broker.announce(`$SYS/broker/${topic}`, text.length);
}
