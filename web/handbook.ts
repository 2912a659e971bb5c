/** Builds the handbook beside the page: static HTML of what the registry says. The page's JavaScript has none of it. */
import type { Plugin } from "vite";
import { POLICIES } from "../src/replay/policies.ts";
import { html } from "../src/report/markup.ts";
import { handbook } from "../src/report/handbook.ts";

const STYLES = "handbook.css";

/** Light or dark before the first paint: what was chosen on the page (state/theme.ts), else the system's. */
const THEME = html`<script>
let theme;
try {
  theme = localStorage.getItem("heapscape.theme");
} catch {}
if (theme !== "light" && theme !== "dark") theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.theme = theme;
</script>`;

export function handbookPages({ styles, icon }: { styles: string; icon: string }): Plugin {
  return {
    name: "heapscape:handbook",
    apply: "build",
    generateBundle() {
      const emit = (name: string, source: string) =>
        this.emitFile({ type: "asset", fileName: `handbook/${name}`, source });
      const head = html`<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${STYLES}">
${THEME}`;
      emit(STYLES, styles);
      for (const [file, text] of handbook(POLICIES, { head })) emit(file, text);
    },
  };
}
