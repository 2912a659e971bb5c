/** The tree of topics with retained messages (src/retain.c). Its nodes stay when their message goes. */
import { HashTable } from "./hash-table.ts";
import { type Memory, SIZES, utf8Length } from "./memory.ts";
import type { Message } from "./message.ts";
import { parseTopic, tokens } from "./topics.ts";

interface Node {
  readonly children: Map<string, Node>;
  readonly table: HashTable;
  message: Message | undefined;
}

export class Retained {
  private readonly memory: Memory;
  private readonly roots = new Map<string, Node>();
  private readonly table: HashTable;
  /** Messages that are retained. */
  count = 0;

  constructor(memory: Memory) {
    this.memory = memory;
    this.table = new HashTable(memory, "retainedTable");
    for (const level of ["", "$SYS"]) this.grow(this.roots, this.table, level);
  }

  /** In place of the one before; an empty one forgets it. */
  store(message: Message): void {
    const { levels } = parseTopic(message.topic, false);
    let node = this.roots.get(levels[0]) ?? this.grow(this.roots, this.table, levels[0]);
    for (const level of levels)
      node = node.children.get(level) ?? this.grow(node.children, node.table, level);
    if (node.message) {
      this.count--;
      node.message.release();
    }
    node.message = message.payload > 0 ? message.hold() : undefined;
    if (node.message) this.count++;
  }

  /** Calls for each message that a filter matches, in the order in which their topics came to be. */
  match(filter: string, now: number, found: (message: Message) => void): void {
    const looking = tokens(this.memory, filter);
    const { levels } = parseTopic(filter, true);
    const root = this.roots.get(levels[0]);
    if (root) this.search(root, levels, 0, (node) => this.give(node, now, found));
    this.memory.freeAll(looking);
  }

  private give(node: Node, now: number, found: (message: Message) => void): void {
    if (!node.message) return;
    if (now >= node.message.expires) {
      node.message.release();
      node.message = undefined;
      this.count--;
    } else found(node.message);
  }

  private search(node: Node, levels: readonly string[], depth: number, found: (node: Node) => void): void {
    const level = levels[depth];
    const last = depth === levels.length - 1;
    const branches =
      level === "+" || level === "#" ? [...node.children.values()] : [node.children.get(level)];
    for (const branch of branches) {
      if (!branch) continue;
      if (level === "#") {
        found(branch);
        this.search(branch, levels, depth, found);
        continue;
      }
      if (!last) this.search(branch, levels, depth + 1, found);
      // `a/#` matches `a` as well.
      if (last || (levels[depth + 1] === "#" && depth > 0)) found(branch);
    }
  }

  private grow(siblings: Map<string, Node>, table: HashTable, level: string): Node {
    const { memory } = this;
    const node = { children: new Map(), table: new HashTable(memory, "retainedTable"), message: undefined };
    memory.calloc("retainedNode", SIZES.retainedNode);
    memory.malloc("retainedNode", utf8Length(level) + 1);
    table.add();
    siblings.set(level, node);
    return node;
  }
}
