/** Bump allocation into the runs of free lines of one area, upwards. */
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import type { Column } from "../../space/columns.ts";
import type { Address, Space } from "../../space/space.ts";
import { Bump } from "../bump.ts";
import { AREA, type Areas } from "./areas.ts";

export class Cursor extends Bump {
  private readonly areas: Areas;
  /** [the area, plus 1; 0 for none]. */
  private readonly area: Column<Int32Array>;

  constructor(space: Space, shape: BlockShape, areas: Areas) {
    super(space, shape);
    this.areas = areas;
    this.area = space.columns.int32(1);
  }

  /** Gives up its area. */
  override close(): void {
    super.close();
    this.area.data[0] = 0;
  }

  /** On to the next run of its area. Whether there is one. */
  nextRun(): boolean {
    const area = this.area.data[0] - 1;
    return area >= 0 && this.begin(this.limit, area);
  }

  /** On to the first run of `area`. Whether there is one. */
  enter(area: number): boolean {
    this.area.data[0] = area + 1;
    return this.begin(area * AREA, area);
  }

  private begin(from: Address, area: number): boolean {
    const start = this.areas.runFrom(from, area);
    return this.open(start, this.areas.runEnd(start, area));
  }
}
