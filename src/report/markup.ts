/** Markup from template literals: what is put into a blank is escaped, unless it is markup itself. */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Html | string | number | readonly Piece[];

export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(String.raw({ raw: parts }, ...pieces.map(markup)));
}

function markup(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  return typeof piece === "object" ? piece.map(markup).join("") : escaped(String(piece));
}

/** For text and for values of attributes in double quotes. */
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
