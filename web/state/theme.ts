/** Light or dark: the system's, until it is chosen here. */
import { effect, signal } from "@preact/signals";
import type { ThemeName } from "../worker/protocol.ts";

const KEY = "heapscape.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = signal<ThemeName | undefined>(stored());
const system = signal<ThemeName>(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => {
  system.value = dark.matches ? "dark" : "light";
});

export const theme = signal<ThemeName>(chosen.value ?? system.value);
effect(() => {
  theme.value = chosen.value ?? system.value;
  document.documentElement.dataset.theme = theme.value;
});

export function toggleTheme(): void {
  chosen.value = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, chosen.value);
  } catch {
    // A page that may store nothing forgets the choice.
  }
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

function stored(): ThemeName | undefined {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : undefined;
  } catch {
    return undefined;
  }
}
