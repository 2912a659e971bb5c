/** The treap of long ranges: src/allocators/parts/length-tree.ts. A link is known by where it lies, in bytes. */
import { OF_POLICY } from "../../registers";
import { lengthOf, placeOf } from "./free-list";
import { address } from "../memory";

const SPREAD: i32 = 0x9e3779b1;
const MIX: i32 = 0x85ebca6b;

let links: usize = 0;

export function bindLengthTree(): void {
  links = address(OF_POLICY + 9);
}

@inline
function left(range: i32): usize {
  return links - ((<usize>range) << 3);
}

@inline
function right(range: i32): usize {
  return left(range) + 4;
}

@inline
function priority(range: i32): i32 {
  const hash = range * SPREAD;
  return (hash ^ (hash >>> 15)) * MIX;
}

/** Whether the range comes before (length, place). */
@inline
function isBefore(range: i32, length: i32, place: i32): bool {
  const its = lengthOf(range);
  return its < length || (its == length && placeOf(range) < place);
}

export function insertLong(range: i32, length: i32, place: i32): void {
  const own = priority(range);
  let at = links;
  let node = load<i32>(at);
  while (node != 0 && priority(node) > own) {
    at = isBefore(node, length, place) ? right(node) : left(node);
    node = load<i32>(at);
  }
  store<i32>(at, range);
  let below = left(range);
  let above = right(range);
  while (node != 0)
    if (isBefore(node, length, place)) {
      store<i32>(below, node);
      below = right(node);
      node = load<i32>(below);
    } else {
      store<i32>(above, node);
      above = left(node);
      node = load<i32>(above);
    }
  store<i32>(below, 0);
  store<i32>(above, 0);
}

export function removeLong(range: i32, length: i32, place: i32): void {
  let at = links;
  for (let node = load<i32>(at); node != range; node = load<i32>(at))
    at = isBefore(node, length, place) ? right(node) : left(node);
  let below = load<i32>(left(range));
  let above = load<i32>(right(range));
  while (below != 0 && above != 0)
    if (priority(below) > priority(above)) {
      store<i32>(at, below);
      at = right(below);
      below = load<i32>(at);
    } else {
      store<i32>(at, above);
      at = left(above);
      above = load<i32>(at);
    }
  store<i32>(at, below != 0 ? below : above);
}

export function firstLong(length: i32): i32 {
  let found = 0;
  let node = load<i32>(links);
  while (node != 0)
    if (lengthOf(node) < length) node = load<i32>(right(node));
    else {
      found = node;
      node = load<i32>(left(node));
    }
  return found;
}
