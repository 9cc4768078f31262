import { type Html, html } from "./html.ts";

/** A table that a keyboard can scroll where it is wider than the page. @param label what whoever cannot see it is told */
export function table(label: string, columns: readonly string[], rows: readonly Html[], kind = ""): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${kind}">
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
