/** A small MQTT broker under a fleet of devices and the dashboards that watch them; mqtt/broker.ts is the broker. */
import { defineWorkload } from "./contract.ts";
import { Fleet } from "./mqtt/fleet.ts";
import { MQTT_OPTIONS } from "./mqtt/options.ts";

export const mqtt = defineWorkload({
  name: "mqtt",
  summary:
    "A small MQTT broker: devices come, publish and go; dashboards subscribe with wildcards, some go offline.",
  source:
    "MQTT Version 3.1.1 (OASIS, 2014); the mix of sizes, QoS and sessions follows the loads `fleet` and `offline` that were recorded from Mosquitto 2.0.11",
  options: MQTT_OPTIONS,
  generate(builder, options, seed) {
    builder.phase("connect", `${options.devices} devices, ${options.subscribers} subscribers`);
    const fleet = new Fleet(builder, options, seed);
    fleet.connect();
    builder.phase("steady");
    fleet.publish(options.messages);
    for (let cycle = 1; options.backlog > 0 && cycle <= options.cycles; cycle++) {
      builder.phase("offline", `${cycle}`);
      fleet.goOffline();
      fleet.publish(options.backlog);
      builder.phase("drain", `${cycle}`);
      fleet.comeBack();
    }
    if (!options.shutdown) return;
    builder.phase("shutdown");
    fleet.broker.shutDown();
  },
});
