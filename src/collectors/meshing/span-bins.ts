/**
 * The spans of a class that are neither full nor the one in use, in four bins by how full they are (Mesh,
 * src/binnedtracker.h): bin b has those with b/4 of their places taken and less than (b + 1)/4.
 *
 *   bins[b][place] = page   where place is in the row of the span, and b + 1, 0 for none
 */
import type { Column } from "../../space/columns.ts";
import { SpaceError } from "../../space/space.ts";
import { OWN, type SizeSpans } from "../size-spans.ts";
import type { RandomWords } from "./random-words.ts";

const BINS = 4;
const BIN = OWN;
const PLACE = OWN + 1;

export class SpanBins {
  private readonly spans: SizeSpans;
  private readonly capacity: number;
  /** Pages, behind how many there are. */
  private readonly bins: readonly Column<Int32Array>[];

  constructor(spans: SizeSpans, kind: number) {
    this.spans = spans;
    this.capacity = spans.classes[kind].capacity;
    this.bins = Array.from({ length: BINS }, () => spans.space.columns.int32(1));
  }

  /** The span at `page` is where it belongs now: in a bin if it is partly full. */
  settle(page: number): void {
    const used = this.spans.used(page);
    const bin = used === 0 || used === this.capacity ? 0 : Math.floor((used * BINS) / this.capacity) + 1;
    if (bin === this.spans.own(page, BIN)) return;
    this.remove(page);
    if (bin === 0) return;
    const column = this.bins[bin - 1];
    const count = column.data[0] + 1;
    column.grow(count + 1);
    column.data[count] = page;
    column.data[0] = count;
    this.spans.setOwn(page, BIN, bin);
    this.spans.setOwn(page, PLACE, count);
  }

  /** The span is in no bin from now on. */
  remove(page: number): void {
    const { spans } = this;
    const bin = spans.own(page, BIN);
    if (bin === 0) return;
    const pages = this.bins[bin - 1].data;
    const place = spans.own(page, PLACE);
    const last = pages[pages[0]--];
    pages[place] = last;
    spans.setOwn(last, PLACE, place);
    spans.setOwn(page, BIN, 0);
  }

  /** A span of the fullest bin that has any, each equally likely, and taken out of it; -1 if all are empty. */
  takeFullest(random: RandomWords): number {
    for (let bin = BINS - 1; bin >= 0; bin--) {
      const pages = this.bins[bin].data;
      if (pages[0] === 0) continue;
      const page = pages[1 + random.below(pages[0])];
      this.remove(page);
      return page;
    }
    return -1;
  }

  /** All of them, the emptiest bin first. */
  pages(): number[] {
    return this.bins.flatMap(({ data }) => [...data.subarray(1, data[0] + 1)]);
  }

  validate(): void {
    for (const page of this.pages()) {
      const bin = Math.floor((this.spans.used(page) * BINS) / this.capacity) + 1;
      if (bin !== this.spans.own(page, BIN))
        throw new SpaceError(`the span at page ${page} is in the wrong bin`);
    }
  }
}
