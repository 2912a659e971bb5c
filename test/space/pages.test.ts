import { describe, expect, it } from "vitest";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay, replay } from "../../src/replay/replay.ts";
import { Columns } from "../../src/space/columns.ts";
import { PAGE, Pages } from "../../src/space/pages.ts";
import { Counter, Space } from "../../src/space/space.ts";
import { mixedTrace, sequenceOf } from "../../src/testing/sequences.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";

describe("resident pages", () => {
  it("agree with a set of pages through random touches and give-backs", () => {
    const pages = new Pages(new Columns());
    const naive = new Set<number>();
    const below = sequenceOf(11);
    for (let i = 0; i < 5000; i++) {
      const from = below(200 * PAGE);
      const to = from + below(3 * PAGE);
      if (below(2) === 0) {
        pages.touch(from, to);
        for (let at = from; at < to; at++) naive.add(Math.floor(at / PAGE));
      } else {
        pages.forget(from, to);
        for (let page = Math.ceil(from / PAGE); (page + 1) * PAGE <= to; page++) naive.delete(page);
      }
      expect(pages.residentBytes).toBe(naive.size * PAGE);
    }
    for (let page = 0; page < 210; page++) expect(pages.isResident(page * PAGE + 7)).toBe(naive.has(page));
  });

  it("are touched by payloads and headers, but not by calloc on fresh pages", () => {
    const trace = new TraceBuilder("fresh");
    const large = trace.callocate(1, 10 * PAGE);
    trace.reallocate(large, 10 * PAGE - 8);
    trace.free(large);
    trace.allocate(3 * PAGE);
    const built = trace.finish();
    const run = new Replay({ ...choosePolicy("first-fit"), heap: "grow" });
    const resident: number[] = [];
    run.feed(built.chunks[0], () => resident.push(run.space.residentBytes / PAGE));
    expect(resident).toEqual([1, 10, 10, 10]);
  });

  it("go with the addresses, and leave on purge", () => {
    const space = new Space({ granule: 16, heap: "grow" });
    space.extend(10 * PAGE);
    space.touch(0, 10 * PAGE);
    space.purge(PAGE / 2, 3 * PAGE);
    expect(space.residentBytes).toBe(8 * PAGE);
    space.trim(5 * PAGE);
    expect(space.residentBytes).toBe(3 * PAGE);
    const segment = space.map(2 * PAGE);
    space.touch(space.start(segment), space.start(segment) + 1);
    expect(space.residentBytes).toBe(4 * PAGE);
    space.unmap(segment);
    expect(space.residentBytes).toBe(3 * PAGE);
  });

  it("are resident once where several share the memory of one", () => {
    const space = new Space({ granule: 16, heap: "grow" });
    space.extend(10 * PAGE);
    space.touch(0, PAGE);
    space.touch(2 * PAGE, 4 * PAGE);
    const resident = () => [0, 1, 2, 3].map((page) => space.isResident(page * PAGE));
    space.share(0, 2 * PAGE, 2 * PAGE); // two of three pages become one
    expect(space.residentBytes).toBe(2 * PAGE);
    expect(resident()).toEqual([true, true, true, true]);
    space.touch(0, 2 * PAGE);
    expect(space.residentBytes).toBe(2 * PAGE);
    space.purge(0, PAGE); // no longer shares, and has nothing
    expect(resident()).toEqual([false, true, true, true]);
    space.touch(0, 1);
    expect(space.residentBytes).toBe(3 * PAGE);
    space.share(4 * PAGE, PAGE, 5 * PAGE); // neither is resident yet
    space.touch(4 * PAGE, 4 * PAGE + 1);
    expect(space.isResident(5 * PAGE)).toBe(true);
    space.share(0, 2 * PAGE, 8 * PAGE); // what shared the memory of one shares that of another
    space.purge(8 * PAGE, 2 * PAGE); // and goes with it
    expect(resident()).toEqual([false, false, true, true]);
    expect(() => space.share(100, PAGE, 2 * PAGE)).toThrow("[100, 4196) cannot share the pages from 8192 on");
    expect(() => space.share(0, 2 * PAGE, PAGE)).toThrow("cannot share");
  });

  it.each(["first-fit", "slab", "mark-compact", "semispace", "glibc"])(
    "hold every live payload of malloc and realloc on %s, lie inside segments, and are played back",
    (name) => {
      const trace = mixedTrace({ events: 4000, seed: 3, live: 200, most: 9000 });
      const choice = choosePolicy(name);
      const run = new Replay({ ...choice, heap: "grow" });
      const resident: number[] = [];
      run.feed(trace.chunks[0], (i) => {
        resident.push(run.space.residentBytes);
        if (i % 97 !== 0) return;
        const { space } = run;
        let room = 0;
        for (const segment of space.segments()) room += Math.ceil(space.segmentLength(segment) / PAGE) * PAGE;
        expect(space.residentBytes).toBeLessThanOrEqual(room);
        for (const segment of space.segments())
          for (let node = space.next(segment); node !== segment; node = space.next(node))
            if (node > 0 && space.state(node) === 2) expect(space.isResident(space.start(node))).toBe(true);
      });
      const { recording, metrics } = replay(trace, { ...choice, heap: "grow" });
      expect(metrics.peakResidentBytes).toBe(resident.reduce((a, b) => Math.max(a, b)));
      const playback = new Playback(trace, recording);
      for (const event of [1, 500, 4000, 2222, 3999]) {
        playback.seek(event);
        expect(playback.space.residentBytes).toBe(resident[event - 1]);
        expect(playback.space.counter(Counter.heapBytes)).toBeGreaterThan(0);
      }
    },
  );
});
