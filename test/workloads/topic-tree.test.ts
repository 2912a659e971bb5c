import { expect, test } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { BrokerMemory } from "../../src/workloads/mqtt/memory.ts";
import { ApplicationMessage } from "../../src/workloads/mqtt/message.ts";
import { isTopicFilter, TopicTree } from "../../src/workloads/mqtt/topic-tree.ts";
import { Random } from "../../src/workloads/random.ts";

function makeTree(...filters: readonly string[]) {
  const builder = new TraceBuilder("tree");
  const memory = new BrokerMemory(builder, 4);
  const tree = new TopicTree<string>(memory);
  for (const filter of filters) tree.subscribe(filter, filter, 0);
  return { builder, memory, tree };
}

const matches = (filter: string, topic: string): boolean => makeTree(filter).tree.matching(topic).has(filter);

/** Level by level, straight from MQTT 3.1.1 section 4.7. */
function naive(filter: string, topic: string): boolean {
  const compare = (filters: readonly string[], levels: readonly string[], first: boolean): boolean => {
    const hidden = first && topic.startsWith("$");
    if (filters[0] === "#") return !hidden;
    if (filters.length === 0 || levels.length === 0) return filters.length === 0 && levels.length === 0;
    if (filters[0] === "+" ? hidden : filters[0] !== levels[0]) return false;
    if (levels.length === 1 && filters.length === 2 && filters[1] === "#") return true;
    return compare(filters.slice(1), levels.slice(1), false);
  };
  return compare(filter.split("/"), topic.split("/"), true);
}

test.each([
  // 4.7.1.2
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "sport/tennis/player1", true],
  ["sport/tennis/#", "sport/tennis/player1/ranking", true],
  // 4.7.1.3
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player2", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+", "sport", true],
  ["+/tennis/#", "sport/tennis/player1", true],
  ["sport/+/player1", "sport/tennis/player1", true],
  ["/finance", "/finance", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  // 4.7.2
  ["#", "$SYS/monitor/Clients", false],
  ["+/monitor/Clients", "$SYS/monitor/Clients", false],
  ["$SYS/#", "$SYS/monitor/Clients", true],
  ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
  // 4.7.3
  ["ACCOUNTS", "Accounts", false],
  ["Accounts payable", "Accounts payable", true],
] as const)("the specification's example: %s and %s: %s", (filter, topic, expected) => {
  expect(matches(filter, topic)).toBe(expected);
  expect(naive(filter, topic)).toBe(expected);
});

test.each([
  ["#", true],
  ["+", true],
  ["sport/tennis/#", true],
  ["+/tennis/#", true],
  ["/", true],
  ["sport/tennis#", false],
  ["sport/tennis/#/ranking", false],
  ["sport+", false],
  ["", false],
] as const)("%s is a topic filter: %s", (filter, expected) => {
  expect(isTopicFilter(filter)).toBe(expected);
  if (!expected) expect(() => makeTree(filter)).toThrow(`"${filter}" is no topic filter`);
});

test("finds what a matcher finds that compares level by level", () => {
  const random = new Random(11);
  const level = (): string => random.pick(["a", "b", "", "$s"]);
  const topicOf = (): string => Array.from({ length: random.between(1, 4) }, level).join("/");
  const filterOf = (): string => {
    const levels = Array.from({ length: random.between(1, 4) }, () => (random.chance(300) ? "+" : level()));
    return [...levels, ...(random.chance(300) ? ["#"] : [])].join("/");
  };
  for (let round = 0; round < 50; round++) {
    const filters = [...new Set(Array.from({ length: 30 }, filterOf))].filter(isTopicFilter);
    const { builder, memory, tree } = makeTree(...filters);
    const topics = [...new Set(Array.from({ length: 20 }, topicOf))].filter((topic) => topic !== "");
    for (const topic of topics) {
      const expected = filters.filter((filter) => naive(filter, topic)).toSorted();
      expect([...tree.matching(topic).keys()].toSorted()).toEqual(expected);
    }
    for (const topic of topics) {
      const message = new ApplicationMessage(memory, topic, 1, 0);
      tree.retain(topic, message);
      message.release();
    }
    for (const filter of filters) {
      const expected = topics.filter((topic) => naive(filter, topic)).toSorted();
      expect(
        tree
          .retained(filter)
          .map((message) => message.topic)
          .toSorted(),
      ).toEqual(expected);
    }
    for (const filter of filters) tree.unsubscribe(filter, filter);
    tree.clear();
    expect(builder.liveObjects).toBe(0);
  }
});

test("a subscriber with overlapping filters is found once, at the highest QoS", () => {
  const { tree } = makeTree();
  tree.subscribe("a/#", "x", 0);
  tree.subscribe("a/+", "x", 2);
  tree.subscribe("a/b", "x", 1);
  expect([...tree.matching("a/b")]).toEqual([["x", 2]]);
});

test("a second subscription to the same filter replaces the first and takes no memory", () => {
  const { builder, tree } = makeTree();
  tree.subscribe("a/b", "x", 2);
  const { liveObjects } = builder;
  tree.subscribe("a/b", "x", 1);
  expect(builder.liveObjects).toBe(liveObjects);
  expect([...tree.matching("a/b")]).toEqual([["x", 1]]);
});

test("levels are shared: a node and its text for each level that is new, a structure for each subscription", () => {
  const { builder, tree } = makeTree("a/b/c");
  expect(builder.liveObjects).toBe(3 * 2 + 1);
  tree.subscribe("a/b/d", "x", 0);
  expect(builder.liveObjects).toBe(3 * 2 + 1 + 2 + 1);
  tree.unsubscribe("a/b/c", "a/b/c");
  expect(builder.liveObjects).toBe(3 * 2 + 1);
  tree.unsubscribe("a/b/d", "x");
  expect(builder.liveObjects).toBe(0);
});

test("unsubscribing from what was never asked for changes nothing", () => {
  const { builder, tree } = makeTree("a/b");
  const { events } = builder;
  tree.unsubscribe("a", "a/b");
  tree.unsubscribe("a/b/c", "a/b");
  tree.unsubscribe("a/b", "another");
  expect(builder.events).toBe(events);
});

test("a retained message gives way to the next one and goes with the empty one", () => {
  const { builder, memory, tree } = makeTree();
  for (const length of [10, 20]) {
    const message = new ApplicationMessage(memory, "a/b", length, 0);
    tree.retain("a/b", message);
    message.release();
  }
  expect(tree.retained("a/#").map((message) => message.length)).toEqual([20]);
  expect(builder.liveObjects).toBe(2 * 2 + 3);
  tree.retain("a/b", undefined);
  expect(builder.liveObjects).toBe(0);
});
