import { type Html, html } from "./html.ts";

/** How large a chart is drawn: on a phone the same at a width at which its words can be read. */
export interface Size {
  readonly name: "wide" | "narrow";
  readonly width: number;
  readonly height: number;
}

export interface Drawing {
  /** What is seen, in a sentence, for whoever does not see it. */
  readonly says: string;
  readonly inside: (size: Size) => readonly Html[];
}

/** Room for the numbers beside and below. */
export const margin = { left: 56, right: 12, top: 16, bottom: 24 };

/** A chart in both sizes, of which a page shows one. */
export function chart(id: string, height: number, { says, inside }: Drawing): Html {
  const sizes: readonly Size[] = [
    { name: "wide", width: 960, height },
    { name: "narrow", width: 400, height },
  ];
  return html`<div class="chart">
    ${sizes.map(
      (size) =>
        html`<svg
          class="${size.name}"
          viewBox="0 0 ${size.width} ${size.height}"
          role="img"
          aria-labelledby="${id}-${size.name}"
        >
          <title id="${id}-${size.name}">${says}</title>
          ${inside(size)}
        </svg>`,
    )}
  </div>`;
}

interface Marked {
  readonly at: number;
  readonly text: string;
}

/** Lines across, each with its number to the left. */
export function yAxis(ticks: readonly Marked[], { width }: Size): readonly Html[] {
  return ticks.map(
    ({ at, text }) =>
      html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${round(at)}" y2="${round(at)}" />
        <text class="tick" x="${margin.left - 8}" y="${round(at + 4)}" text-anchor="end">${text}</text>`,
  );
}

/** Numbers below. */
export function xAxis(ticks: readonly Marked[], { height }: Size): readonly Html[] {
  return ticks.map(
    ({ at, text }) => html`<text class="tick" x="${round(at)}" y="${height - 6}" text-anchor="middle">${text}</text>`,
  );
}

/** A hundredth of a pixel is seen by nobody. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
