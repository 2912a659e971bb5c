/** The maps as a file: all lanes below each other, as they are on the page. PNG as painted, SVG from what lies there. */
import { boxesOf, digitsFor, label, type Sheet } from "../map/geometry.ts";
import { LETTERS } from "../panels/letters.ts";
import { engine, event, lanes, moments } from "../state/session.ts";
import { pictures, sizes } from "../state/show.ts";
import { theme } from "../state/theme.ts";
import { PALETTES } from "../worker/palette.ts";
import type { Detail } from "../worker/protocol.ts";

/** CSS pixels. */
const MARGIN = 16;
const HEAD = 26;
/** Ranges of one lane that a drawing may have; of more, the painted picture goes into it. */
const MOST_SHAPES = 6000;

const titleOf = (lane: number): string =>
  `${LETTERS[lane]}  ${lanes.value[lane].policy}, after event ${event.value.toLocaleString("en")}`;

export async function mapsPng(): Promise<Blob> {
  const stages = [...document.querySelectorAll<HTMLElement>(".map-stage")];
  const ratio = sizes.value[0]?.ratio ?? 1;
  const width = Math.max(...stages.map((stage) => stage.clientWidth)) + 2 * MARGIN;
  const height = stages.reduce((sum, stage) => sum + stage.clientHeight + HEAD, MARGIN);
  const canvas = new OffscreenCanvas(Math.round(width * ratio), Math.round(height * ratio));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no pictures");
  const { page, ink, sans } = styles();
  context.fillStyle = page;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(ratio, ratio);
  let y = 0;
  stages.forEach((stage, lane) => {
    context.fillStyle = ink;
    context.font = `600 14px ${sans}`;
    context.fillText(titleOf(lane), MARGIN, y + HEAD - 8);
    y += HEAD;
    for (const layer of stage.querySelectorAll("canvas"))
      context.drawImage(layer, MARGIN + layer.offsetLeft, y, layer.clientWidth, layer.clientHeight);
    y += stage.clientHeight;
  });
  return canvas.convertToBlob({ type: "image/png" });
}

export async function mapsSvg(): Promise<string> {
  const { page, ink, sans } = styles();
  const parts: string[] = [];
  let width = 0;
  let y = 0;
  for (const lane of lanes.value.keys()) {
    const sheet = sheetOf(lane);
    if (!sheet) continue;
    const digits = digitsFor(sheet.picture.rows.at(-1)?.end ?? 0);
    const left = MARGIN + (digits + 3) * 7;
    y += HEAD;
    parts.push(
      `<text x="${MARGIN}" y="${y - 8}" font-family="${quoted(sans)}" font-size="14" font-weight="600" fill="${ink}">${quoted(titleOf(lane))}</text>`,
      `<g transform="translate(${left} ${y})">`,
      ...(await shapesOf(lane, sheet)),
      ...labelsOf(sheet, digits, ink),
      "</g>",
    );
    width = Math.max(width, left + sheet.picture.width / sheet.ratio + MARGIN);
    y += sheet.picture.height / sheet.ratio;
  }
  const size = `width="${round(width)}" height="${round(y + MARGIN)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n<rect width="100%" height="100%" fill="${page}"/>\n${parts.join("\n")}\n</svg>\n`;
}

async function shapesOf(lane: number, sheet: Sheet): Promise<string[]> {
  const { rows } = sheet.picture;
  const from = rows[0]?.start ?? 0;
  const to = rows.at(-1)?.end ?? 0;
  const found = await engine.call((laboratory) => laboratory.list(lane, from, to, MOST_SHAPES + 1));
  if (found.length > MOST_SHAPES) return [await painted(lane, sheet)];
  return found.map((detail) => shape(detail, sheet));
}

/** With what it is as its title. */
function shape(detail: Detail, sheet: Sheet): string {
  const { hole, garbage, control, tones } = PALETTES[theme.value];
  const fill = { hole, garbage, control, live: tones[detail.tone] }[detail.kind];
  const name = detail.id >= 0 ? `${detail.kind} ${detail.id}` : detail.kind;
  const title = `<title>${name}, ${detail.length} B at 0x${detail.start.toString(16)}</title>`;
  const boxes = boxesOf(sheet, detail.start, detail.length).map(
    ({ x, y, width, height }) =>
      `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0.3, width - 0.4))}" height="${round(height)}" fill="${fill}">${title}</rect>`,
  );
  return boxes.join("");
}

async function painted(lane: number, { picture, ratio }: Sheet): Promise<string> {
  const canvas = document.querySelectorAll<HTMLCanvasElement>(".map-picture")[lane];
  const [width, height] = [picture.width / ratio, picture.height / ratio].map(round);
  return `<image width="${width}" height="${height}" href="${canvas.toDataURL("image/png")}"/>`;
}

function labelsOf({ picture, ratio }: Sheet, digits: number, ink: string): string[] {
  const { rowHeight } = picture.view;
  let free = Number.NEGATIVE_INFINITY;
  return picture.rows.flatMap(({ start, y }) => {
    const middle = y / ratio + rowHeight / ratio / 2 + 4;
    if (middle < free) return [];
    free = middle + 15;
    return `<text x="-8" y="${round(middle)}" text-anchor="end" font-family="monospace" font-size="11" fill="${ink}">${label(start, digits)}</text>`;
  });
}

function sheetOf(lane: number): Sheet | undefined {
  const picture = pictures.value[lane];
  const size = sizes.value[lane];
  return picture && size && moments.value[lane] ? { picture, ratio: size.ratio } : undefined;
}

function styles() {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return { page: value("--page"), ink: value("--ink"), sans: value("--sans") };
}

const round = (value: number): number => Math.round(value * 100) / 100;

const quoted = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
