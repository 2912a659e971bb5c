/** What every page of the handbook has around it. */
import { type Html, html, type Piece } from "../markup.ts";

export interface Settings {
  /** Markup for the head that only the builder of the site knows: style sheet, icon, theme. */
  readonly head: Html;
}

export interface Page {
  /** In the handbook's folder: `tlsf.html`. */
  readonly file: string;
  readonly title: string;
  /** One sentence, for search engines. */
  readonly about: string;
  readonly body: Piece;
}

/** The pages besides those of policies, which are named after them. */
export const INDEX = "index.html";
export const COST = "search-steps.html";

/** Heapscape's own page, from the handbook's folder: relative, so that both work under any path. */
export const HEAPSCAPE = "../index.html";

const PLACES = [
  [INDEX, "Handbook"],
  [COST, "Cost of a search"],
] as const;

export function document({ file, title, about, body }: Page, { head }: Settings): string {
  const links = PLACES.map(
    ([to, name]) => html`<a href="${to}"${to === file ? html` aria-current="page"` : ""}>${name}</a>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${about}">
<title>${title} · Heapscape</title>
${head}
</head>
<body>
<header class="bar">
<a class="mark" href="${HEAPSCAPE}"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M1 3h18v3H1zM1 8.5h7v3H1zM14 8.5h5v3h-5zM1 14h11v3H1z" fill="currentColor"/><path d="M8.75 8.5h4.5v3h-4.5zM12.75 14H19v3h-6.25z" fill="var(--hot-fill)"/></svg>Heapscape</a>
<nav aria-label="Handbook">${links}</nav>
</header>
<main>
${body}
</main>
</body>
</html>
`.text;
}
