/**
 * What happens when: actions ordered by time, and at the same time in the order they were planned.
 * A binary heap (Williams, CACM 7:6, 1964): O(log n) to plan and to take; the order is total, so the run is fixed.
 */
interface Plan {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

export class Agenda {
  /** Milliseconds since the start. */
  now = 0;
  /** plans[i] is not after plans[2i + 1] and plans[2i + 2]. */
  readonly #plans: Plan[] = [];
  #planned = 0;

  /** `time` must not lie before `now`. */
  at(time: number, action: () => void): void {
    const plan = { time, order: this.#planned++, action };
    const plans = this.#plans;
    let i = plans.push(plan) - 1;
    while (i > 0 && before(plan, plans[(i - 1) >> 1])) {
      plans[i] = plans[(i - 1) >> 1];
      i = (i - 1) >> 1;
    }
    plans[i] = plan;
  }

  after(milliseconds: number, action: () => void): void {
    this.at(this.now + milliseconds, action);
  }

  /** Does what is planned, one action after the other, for as long as `condition` holds and anything is. */
  runWhile(condition: () => boolean): void {
    while (condition()) {
      const plan = this.#take();
      if (!plan) return;
      this.now = plan.time;
      plan.action();
    }
  }

  /** Does what is planned up to `time`, and sets the clock to it. */
  runUntil(time: number): void {
    this.runWhile(() => this.#plans.length > 0 && this.#plans[0].time <= time);
    this.now = time;
  }

  #take(): Plan | undefined {
    const plans = this.#plans;
    const first = plans[0];
    const last = plans.pop();
    if (!last || plans.length === 0) return last;
    let i = 0;
    for (let child = 1; child < plans.length; child = 2 * i + 1) {
      if (child + 1 < plans.length && before(plans[child + 1], plans[child])) child++;
      if (!before(plans[child], last)) break;
      plans[i] = plans[child];
      i = child;
    }
    plans[i] = last;
    return first;
  }
}

const before = (a: Plan, b: Plan): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);
