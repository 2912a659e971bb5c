/** Two fingers on a map: where they come to be farther apart, or nearer, by a factor, the zoom goes on by a step. */

const FACTOR = 1.5;

export class Pinch {
  private readonly fingers = new Map<number, { x: number; y: number }>();
  /** Of the two fingers at the last step, in CSS pixels; 0 with one finger. */
  private apart = 0;

  /** Whether there are two fingers, or were since the last one left. */
  active = false;

  down({ pointerId, clientX, clientY }: PointerEvent): void {
    this.fingers.set(pointerId, { x: clientX, y: clientY });
    this.apart = this.distance();
    this.active = this.fingers.size > 1;
  }

  /** 1 for a step nearer, -1 for one farther, 0 for none. */
  move({ pointerId, clientX, clientY }: PointerEvent): 1 | -1 | 0 {
    if (!this.fingers.has(pointerId)) return 0;
    this.fingers.set(pointerId, { x: clientX, y: clientY });
    const now = this.distance();
    const grown = this.apart === 0 ? 1 : now / this.apart;
    if (grown < FACTOR && grown > 1 / FACTOR) return 0;
    this.apart = now;
    return grown > 1 ? 1 : -1;
  }

  up({ pointerId }: PointerEvent): void {
    this.fingers.delete(pointerId);
    this.apart = 0;
  }

  /** The point between the fingers. */
  middle(): { clientX: number; clientY: number } {
    const all = [...this.fingers.values()];
    const mean = (of: (finger: { x: number; y: number }) => number) =>
      all.reduce((sum, each) => sum + of(each), 0) / all.length;
    return { clientX: mean(({ x }) => x), clientY: mean(({ y }) => y) };
  }

  private distance(): number {
    const [a, b] = this.fingers.values();
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  }
}
