import { type Html, html } from "./html.ts";

/** What to type, where there is something. */
export function commands(next: readonly string[]): Html {
  if (next.length === 0) return html``;
  return html`<ul class="next" aria-label="What to type">
    ${next.map((line) => html`<li><code>${line}</code></li>`)}
  </ul>`;
}
