/** A full walk of a space against everything that must hold. O(nodes): for tests and `validateEvery`. */
import { Counter, type Space, SpaceError, State } from "./space.ts";

/** Throws a SpaceError that says which invariant is broken and where. */
export function validate(space: Space): void {
  const found = {
    liveBytes: 0,
    liveBlocks: 0,
    blockBytes: 0,
    garbageBytes: 0,
    controlBytes: 0,
    heapBytes: 0,
  };
  const seen = new Set<number>();
  /** Granules of each hole, by row. */
  const lengths = new Map<number, number>();
  let holes = 0;
  let holeBytes = 0;
  let largest = 0;
  let behind = 0;
  for (const segment of space.segments()) {
    const fail = (message: string): never => {
      throw new SpaceError(`segment at ${space.start(segment)}: ${message}`);
    };
    if (space.start(segment) < behind) fail(`begins before the end of the one below, ${behind}`);
    behind = space.segmentEnd(segment);
    found.heapBytes += space.segmentLength(segment);
    let at = space.start(segment);
    let before = segment;
    for (let node = space.next(segment); node !== segment; before = node, node = space.next(node)) {
      const length = space.length(node);
      if (seen.has(node)) fail(`node ${node} is linked twice`);
      seen.add(node);
      if (space.previous(node) !== before) fail(`node ${node} at ${at} is not linked back to ${before}`);
      if (space.start(node) !== at)
        fail(`node ${node} starts at ${space.start(node)}, its neighbour ends at ${at}`);
      if (length <= 0) fail(`node ${node} at ${at} has ${length} bytes`);
      if (space.at(at) !== node || space.at(at + length - 1) !== node)
        fail(`the address index does not find ${node} at ${at}`);
      at += length;
      if (node < 0) {
        if (before < 0) fail(`holes ${before} and ${node} at ${space.start(node)} are neighbours`);
        holes++;
        lengths.set(-node, length / space.granule);
        holeBytes += length;
        largest = Math.max(largest, length);
        continue;
      }
      switch (space.state(node)) {
        case State.live:
          found.liveBytes += space.payload(node);
          found.liveBlocks++;
          found.blockBytes += length;
          if (space.payload(node) > length)
            fail(`${space.payload(node)} bytes are said to be in a block of ${length}`);
          break;
        case State.garbage:
          found.garbageBytes += length;
          if (space.payload(node) > length)
            fail(`${space.payload(node)} dead bytes are in a block of ${length}`);
          break;
        case State.control:
          found.controlBytes += length;
          break;
        default:
          fail(`slot ${node} at ${space.start(node)} is linked but holds nothing`);
      }
    }
    if (at !== behind) fail(`its nodes end at ${at}, it ends at ${behind}`);
    if (space.previous(segment) !== before) fail("its ring is not closed");
  }
  for (const [name, value] of Object.entries(found)) {
    const counted = space.counter(Counter[name as keyof typeof Counter]);
    if (counted !== value) throw new SpaceError(`${name} is counted as ${counted}, the walk finds ${value}`);
  }
  if (space.holes !== holes)
    throw new SpaceError(`${space.holes} holes are counted, the walk finds ${holes}`);
  if (space.holeBytes !== holeBytes)
    throw new SpaceError(`holeBytes is ${space.holeBytes}, the walk finds ${holeBytes}`);
  if (space.largestHole !== largest)
    throw new SpaceError(`largestHole is ${space.largestHole}, the walk finds ${largest}`);
  space.longest.validate(lengths);
  if (space.collecting) throw new SpaceError("a collection has begun and not ended");
  for (let slot = 1; slot < space.slotLimit; slot++) {
    const state = space.state(slot);
    if (state === State.asked)
      throw new SpaceError(`slot ${slot} is asked for, and neither placed nor discarded`);
    if (state !== State.vacant && state !== State.edge && !seen.has(slot))
      throw new SpaceError(`slot ${slot} holds something that no segment has`);
  }
  if (space.graph.on) space.graph.validate((slot) => space.state(slot) === State.vacant);
}
