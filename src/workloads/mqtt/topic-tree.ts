/**
 * Subscriptions and retained messages by topic, one node a level (MQTT 3.1.1 section 4.7).
 *
 * A node is allocated when the first filter or retained message passes through it and freed with the last one.
 * Matching costs at most 2^levels nodes for `+` beside the level's own name, whatever the number of subscriptions.
 */
import type { BrokerMemory } from "./memory.ts";
import type { ApplicationMessage } from "./message.ts";

interface Subscription {
  readonly structure: number;
  qos: number;
}

interface TopicNode<Subscriber> {
  readonly level: string;
  readonly parent: TopicNode<Subscriber> | undefined;
  /** Structure and text; the root lies in the broker itself and has none. */
  readonly objects: readonly number[];
  readonly children: Map<string, TopicNode<Subscriber>>;
  readonly subscriptions: Map<Subscriber, Subscription>;
  retained: ApplicationMessage | undefined;
}

/** `#` only as the last level, `+` and `#` only alone in a level [MQTT-4.7.1-2, MQTT-4.7.1-3, MQTT-4.7.3-1]. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  return (
    filter.length > 0 &&
    levels.every(
      (level, i) => !/[+#]/.test(level) || level === "+" || (level === "#" && i === levels.length - 1),
    )
  );
}

export class TopicTree<Subscriber> {
  readonly #memory: BrokerMemory;
  readonly #root: TopicNode<Subscriber> = {
    level: "",
    parent: undefined,
    objects: [],
    children: new Map(),
    subscriptions: new Map(),
    retained: undefined,
  };

  constructor(memory: BrokerMemory) {
    this.#memory = memory;
  }

  /** A second subscription to the same filter replaces the first [MQTT-3.8.4-3]. */
  subscribe(filter: string, subscriber: Subscriber, qos: number): void {
    if (!isTopicFilter(filter)) throw new RangeError(`"${filter}" is no topic filter`);
    const node = this.#grow(filter);
    const present = node.subscriptions.get(subscriber);
    if (present) present.qos = qos;
    else node.subscriptions.set(subscriber, { structure: this.#memory.structure("subscription"), qos });
  }

  unsubscribe(filter: string, subscriber: Subscriber): void {
    const node = this.#find(filter);
    const subscription = node?.subscriptions.get(subscriber);
    if (!node || !subscription) return;
    node.subscriptions.delete(subscriber);
    this.#memory.free(subscription.structure);
    this.#prune(node);
  }

  /** Who gets a message on `topic`, and at which QoS at most: the highest of overlapping filters [MQTT-3.3.5-1]. */
  matching(topic: string): Map<Subscriber, number> {
    const levels = topic.split("/");
    const found = new Map<Subscriber, number>();
    const add = (node: TopicNode<Subscriber> | undefined): void => {
      for (const [subscriber, { qos }] of node?.subscriptions ?? [])
        found.set(subscriber, Math.max(qos, found.get(subscriber) ?? 0));
    };
    const visit = (node: TopicNode<Subscriber>, depth: number): void => {
      const wild = depth > 0 || !topic.startsWith("$");
      if (wild) add(node.children.get("#"));
      if (depth === levels.length) {
        add(node);
        return;
      }
      const exact = node.children.get(levels[depth]);
      if (exact) visit(exact, depth + 1);
      const any = wild && node.children.get("+");
      if (any) visit(any, depth + 1);
    };
    visit(this.#root, 0);
    return found;
  }

  /** Keeps `message` for later subscribers, in place of the one before; undefined forgets it [MQTT-3.3.1-10]. */
  retain(topic: string, message: ApplicationMessage | undefined): void {
    const node = message ? this.#grow(topic) : this.#find(topic);
    if (!node) return;
    const before = node.retained;
    node.retained = message?.hold();
    before?.release();
    if (!message) this.#prune(node);
  }

  /** The retained messages whose topic matches `filter`, in the order in which their topics came to be. */
  retained(filter: string): ApplicationMessage[] {
    const levels = filter.split("/");
    const found: ApplicationMessage[] = [];
    const visit = (node: TopicNode<Subscriber>, depth: number): void => {
      const level = levels[depth];
      if ((depth === levels.length || level === "#") && node.retained) found.push(node.retained);
      if (depth === levels.length) return;
      if (level !== "#" && level !== "+") {
        const child = node.children.get(level);
        if (child) visit(child, depth + 1);
        return;
      }
      for (const child of node.children.values())
        if (node !== this.#root || !child.level.startsWith("$"))
          visit(child, level === "#" ? depth : depth + 1);
    };
    visit(this.#root, 0);
    return found;
  }

  /** Forgets every retained message. */
  clear(): void {
    const visit = (node: TopicNode<Subscriber>): void => {
      for (const child of [...node.children.values()]) visit(child);
      if (!node.retained) return;
      node.retained.release();
      node.retained = undefined;
      this.#prune(node);
    };
    visit(this.#root);
  }

  #find(filter: string): TopicNode<Subscriber> | undefined {
    let node: TopicNode<Subscriber> | undefined = this.#root;
    for (const level of filter.split("/")) node = node?.children.get(level);
    return node;
  }

  #grow(filter: string): TopicNode<Subscriber> {
    let node = this.#root;
    for (const level of filter.split("/")) {
      let child = node.children.get(level);
      if (!child) {
        const objects = [this.#memory.structure("topicNode"), this.#memory.text(level)];
        child = {
          level,
          parent: node,
          objects,
          children: new Map(),
          subscriptions: new Map(),
          retained: undefined,
        };
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }

  /** Frees `node` and the nodes above it that nothing passes through any more. */
  #prune(node: TopicNode<Subscriber>): void {
    let at = node;
    while (at.parent && at.children.size === 0 && at.subscriptions.size === 0 && !at.retained) {
      for (const id of at.objects.toReversed()) this.#memory.free(id);
      at.parent.children.delete(at.level);
      at = at.parent;
    }
  }
}
