/** The page comes part by part, each in a task of its own: maps first, then each lane's charts, then comparison and figures. */
import { batch, signal } from "@preact/signals";

const LAST = 3;

/** Parts after the maps that are on the page. */
export const unveiled = signal(0);
/** CSS pixels that the page keeps while parts are away, so that nothing jumps. */
export const kept = signal(0);

let coming = false;

/** Another trace is about to be shown. What is taken off the page goes in a task of its own as well. */
export async function veil(): Promise<void> {
  batch(() => {
    kept.value = document.querySelector("main")?.offsetHeight ?? 0;
    unveiled.value = 0;
  });
  await new Promise((resolve) => setTimeout(resolve));
}

/** The maps are drawn: behind the next frame comes the next part. */
export function unveil(): void {
  if (coming || unveiled.value === LAST) return;
  coming = true;
  requestAnimationFrame(() =>
    setTimeout(() => {
      coming = false;
      unveiled.value++;
      if (unveiled.value === LAST) kept.value = 0;
      unveil();
    }),
  );
}
