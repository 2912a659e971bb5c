/** Trade-offs between two figures: the points to which no other is preferable (V. Pareto, Manuel d'economie politique, 1909). */

/** Both of them less the better. */
export type Point = readonly [x: number, y: number];

/** Indices of the points of which no other is at least as good in both and better in one, by rising x. Equal ones are all there. */
export function paretoFront(points: readonly Point[]): number[] {
  const order = points
    .map((_, at) => at)
    .sort((a, b) => points[a][0] - points[b][0] || points[a][1] - points[b][1] || a - b);
  const front: number[] = [];
  for (const at of order) {
    const last = front.length > 0 ? points[front[front.length - 1]] : undefined;
    const [x, y] = points[at];
    if (!last || y < last[1] || (x === last[0] && y === last[1])) front.push(at);
  }
  return front;
}
