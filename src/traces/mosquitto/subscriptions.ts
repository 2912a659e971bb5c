/** The trees of filters (src/subs.c): a node a level with a table of its children, a leaf a subscriber. */
import { HashTable } from "./hash-table.ts";
import { type Memory, SIZES, utf8Length } from "./memory.ts";
import { parseTopic, type Topic, tokens } from "./topics.ts";

/** What a tree knows of a subscriber: a session that may be taken over by the client's next connection. */
export interface Subscriber {
  readonly clientId: string;
  readonly subscriptions: SubscriptionList;
}

export interface Leaf<S extends Subscriber> {
  subscriber: S;
  qos: number;
  /** Subscription Identifier (MQTT 5.0 section 3.8.2.1.2); 0 = none. */
  identifier: number;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly block: number;
}

interface Node<S extends Subscriber> {
  readonly level: string;
  readonly parent: Node<S> | undefined;
  readonly children: Map<string, Node<S>>;
  readonly table: HashTable;
  readonly blocks: readonly number[];
  leaves: Leaf<S>[];
  readonly groups: Map<string, { leaves: Leaf<S>[]; readonly blocks: readonly number[] }>;
  readonly groupTable: HashTable;
}

/** The client's own list: an array of pointers that has gaps, and a block a filter. */
export class SubscriptionList {
  readonly entries: ({ readonly filter: string; readonly block: number } | undefined)[] = [];
  private array = 0;

  add(memory: Memory, filter: string): void {
    const entry = { filter, block: block(memory, filter) };
    const gap = this.entries.indexOf(undefined);
    if (gap >= 0) this.entries[gap] = entry;
    else {
      const pointers = this.entries.length + 1;
      this.array = memory.realloc("clientSubscriptions", this.array, pointers * SIZES.pointer);
      this.entries.push(entry);
    }
  }

  remove(memory: Memory, filter: string): void {
    const at = this.entries.findIndex((entry) => entry?.filter === filter);
    if (at < 0) return;
    memory.free(this.entries[at]?.block ?? 0);
    this.entries[at] = undefined;
  }

  free(memory: Memory): void {
    memory.free(this.array);
    this.array = 0;
    this.entries.length = 0;
  }
}

const block = (memory: Memory, filter: string): number =>
  memory.calloc("clientSubscription", SIZES.clientSubscription + utf8Length(filter) + 1);

export type SubscribeOptions = Pick<Leaf<Subscriber>, "qos" | "identifier" | "noLocal" | "retainAsPublished">;

export class Subscriptions<S extends Subscriber> {
  private readonly memory: Memory;
  /** Plain and shared filters have a tree each; the roots are the first levels, "" or one that begins with `$`. */
  private readonly plain: { readonly roots: Map<string, Node<S>>; readonly table: HashTable };
  private readonly shared: { readonly roots: Map<string, Node<S>>; readonly table: HashTable };
  /** Subscriptions, shared ones apart. */
  readonly counts = { plain: 0, shared: 0 };

  constructor(memory: Memory) {
    this.memory = memory;
    const tree = () => ({ roots: new Map(), table: new HashTable(memory, "subscriptionTable") });
    this.plain = tree();
    this.shared = tree();
    this.root({ levels: [""], share: "" });
    this.root({ levels: [""] });
    this.root({ levels: ["$SYS"] });
  }

  /** True when the client did not have that filter. */
  add(subscriber: S, filter: string, options: SubscribeOptions): boolean {
    const { memory } = this;
    const looking = tokens(memory, filter);
    const topic = parseTopic(filter, true);
    let node = this.root(topic);
    for (const level of topic.levels)
      node = node.children.get(level) ?? this.grow(node.children, node.table, level, node);
    const leaves = topic.share === undefined ? node.leaves : this.group(node, topic.share).leaves;
    const present = leaves.find((leaf) => leaf.subscriber.clientId === subscriber.clientId);
    if (present) {
      present.qos = options.qos;
      present.identifier = options.identifier;
      // 2.0.11 forgets this block where a plain filter is subscribed to again: it is never freed.
      if (topic.share === undefined) block(memory, filter);
    } else {
      leaves.push({ ...options, subscriber, block: memory.calloc("leaf", SIZES.leaf) });
      subscriber.subscriptions.add(memory, filter);
      this.counts[topic.share === undefined ? "plain" : "shared"]++;
    }
    memory.freeAll(looking);
    return !present;
  }

  remove(subscriber: S, filter: string): void {
    const looking = tokens(this.memory, filter);
    const topic = parseTopic(filter, true);
    const root = this.tree(topic).roots.get(topic.levels[0]);
    const path = root && this.path(root, topic.levels);
    if (path) {
      const node = path[path.length - 1];
      const had = this.removeLeaf(node, topic.share, subscriber);
      if (had) subscriber.subscriptions.remove(this.memory, filter);
      for (const each of path.reverse()) this.prune(each);
    }
    this.memory.freeAll(looking);
  }

  /** Everything of a session that ends. */
  removeAll(subscriber: S): void {
    const { subscriptions } = subscriber;
    for (const entry of subscriptions.entries) {
      if (!entry) continue;
      const topic = parseTopic(entry.filter, true);
      const root = this.tree(topic).roots.get(topic.levels[0]);
      const path = root ? this.path(root, topic.levels) : undefined;
      if (path) this.removeLeaf(path[path.length - 1], topic.share, subscriber);
      this.memory.free(entry.block);
      for (const each of path?.reverse() ?? []) if (!this.prune(each)) break;
    }
    subscriptions.free(this.memory);
  }

  /** The session goes on with `to`, whose list has been handed over. */
  handOver(from: S, to: S): void {
    for (const entry of to.subscriptions.entries) {
      if (!entry) continue;
      const topic = parseTopic(entry.filter, true);
      const root = this.tree(topic).roots.get(topic.levels[0]);
      const node = root && this.path(root, topic.levels)?.at(-1);
      const leaves = topic.share === undefined ? node?.leaves : node?.groups.get(topic.share)?.leaves;
      for (const leaf of leaves ?? []) if (leaf.subscriber === from) leaf.subscriber = to;
    }
  }

  /**
   * Calls for each subscription that a topic matches, in Mosquitto's order: the exact level, then `+`, then `#`; of a
   * shared one only for the subscriber whose turn it is. Returns whether there was one.
   */
  match(topic: Topic, found: (leaf: Leaf<S>) => void): boolean {
    let any = false;
    for (const { roots } of [this.plain, this.shared]) {
      const root = roots.get(topic.levels[0]);
      if (root && this.search(root, topic.levels, 0, found)) any = true;
    }
    return any;
  }

  private search(
    node: Node<S>,
    levels: readonly string[],
    depth: number,
    found: (leaf: Leaf<S>) => void,
  ): boolean {
    let any = false;
    if (depth < levels.length)
      for (const level of [levels[depth], "+"]) {
        const child = node.children.get(level);
        if (!child) continue;
        if (this.search(child, levels, depth + 1, found)) any = true;
        if (depth === levels.length - 1 && this.call(child, found)) any = true;
      }
    const rest = node.children.get("#");
    if (rest && rest.children.size === 0 && this.call(rest, found)) any = true;
    return any;
  }

  private call(node: Node<S>, found: (leaf: Leaf<S>) => void): boolean {
    for (const group of node.groups.values()) {
      found(group.leaves[0]);
      group.leaves = [...group.leaves.slice(1), group.leaves[0]];
    }
    for (const leaf of [...node.leaves]) found(leaf);
    return node.leaves.length > 0 || node.groups.size > 0;
  }

  private tree({ share }: Topic) {
    return share === undefined ? this.plain : this.shared;
  }

  private root(topic: Topic): Node<S> {
    const { roots, table } = this.tree(topic);
    return roots.get(topic.levels[0]) ?? this.grow(roots, table, topic.levels[0], undefined);
  }

  private grow(
    siblings: Map<string, Node<S>>,
    table: HashTable,
    level: string,
    parent: Node<S> | undefined,
  ): Node<S> {
    const { memory } = this;
    const structure = memory.calloc("subscriptionNode", SIZES.subscriptionNode);
    const node: Node<S> = {
      level,
      parent,
      children: new Map(),
      table: new HashTable(memory, "subscriptionTable"),
      blocks: [memory.text("subscriptionNode", level), structure],
      leaves: [],
      groups: new Map(),
      groupTable: new HashTable(memory, "sharedTable"),
    };
    table.add();
    siblings.set(level, node);
    return node;
  }

  private group(node: Node<S>, name: string) {
    const present = node.groups.get(name);
    if (present) return present;
    const structure = this.memory.calloc("shared", SIZES.shared);
    const group = { leaves: [] as Leaf<S>[], blocks: [this.memory.text("shared", name), structure] };
    node.groupTable.add();
    node.groups.set(name, group);
    return group;
  }

  /** The nodes from the root's child on; undefined where there is none for a level. */
  private path(root: Node<S>, levels: readonly string[]): Node<S>[] | undefined {
    const path: Node<S>[] = [];
    let node: Node<S> | undefined = root;
    for (const level of levels) {
      node = node.children.get(level);
      if (!node) return undefined;
      path.push(node);
    }
    return path;
  }

  private removeLeaf(node: Node<S>, share: string | undefined, subscriber: S): boolean {
    const group = share === undefined ? undefined : node.groups.get(share);
    const holder = share === undefined ? node : group;
    const leaf = holder?.leaves.find((each) => each.subscriber === subscriber);
    if (!holder || !leaf) return false;
    holder.leaves = holder.leaves.filter((each) => each !== leaf);
    this.memory.free(leaf.block);
    this.counts[share === undefined ? "plain" : "shared"]--;
    if (group && share !== undefined && group.leaves.length === 0) {
      node.groupTable.remove();
      this.memory.freeAll(group.blocks);
      node.groups.delete(share);
    }
    return true;
  }

  /** Frees a node that nothing passes through any more. True when it did. */
  private prune(node: Node<S>): boolean {
    if (!node.parent || node.children.size > 0 || node.leaves.length > 0 || node.groups.size > 0)
      return false;
    node.parent.children.delete(node.level);
    node.parent.table.remove();
    this.memory.freeAll(node.blocks);
    return true;
  }
}
