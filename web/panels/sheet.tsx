/** A button that opens a sheet below it; Escape or a press outside closes it. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  readonly label: ComponentChildren;
  readonly children: () => ComponentChildren;
}

export function Sheet({ label, children }: Props) {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open.value) return;
    keepInside(sheet.current!);
    const ended = new AbortController();
    const { signal } = ended;
    const inside = (target: EventTarget | null) =>
      [button, sheet].some(({ current }) => current?.contains(target as Node | null));
    addEventListener("pointerdown", (press) => !inside(press.target) && (open.value = false), { signal });
    addEventListener(
      "keydown",
      (press) => {
        if (press.key !== "Escape") return;
        open.value = false;
        button.current?.focus();
      },
      { signal },
    );
    return () => ended.abort();
  }, [open.value]);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        {label}
      </button>
      {open.value && (
        <div class="sheet" ref={sheet}>
          {children()}
        </div>
      )}
    </>
  );
}

/** CSS pixels between a sheet and the window's edge at least. */
const EDGE = 8;

/** Opens to the left as far as there is no room at the right. */
function keepInside(sheet: HTMLElement): void {
  const over = sheet.getBoundingClientRect().right - (document.documentElement.clientWidth - EDGE);
  if (over > 0) sheet.style.marginLeft = `${-over}px`;
}
