import { readFileSync } from "node:fs";
import { Html, html } from "./html.ts";

/** A page as one file that opens from a disk: nothing in it is fetched, and nothing in it runs. */
export function page(title: string, body: Html): string {
  return document(
    title,
    html`<style>
      ${fileText("page.css")}
    </style>`,
    body,
  );
}

/** A page that `threads board` serves, and that it goes on changing. @param script its address, as seen from the page */
export function livePage(title: string, script: string, body: Html): string {
  const styles = html`<style>
    ${fileText("page.css")}${fileText("board.css")}
  </style>`;
  return document(
    title,
    html`${styles}
      <script src="${script}" defer></script>`,
    body,
  );
}

/** A page that goes on to an address at once. */
export function leadingPage(address: string): string {
  return document(
    "threads",
    html`<meta name="referrer" content="no-referrer" /> <meta http-equiv="refresh" content="0; url=${address}" />`,
    html`<p><a href="${address}">On to the page</a></p>`,
  );
}

/** What lies beside this file. */
export function fileText(name: "page.css" | "board.css" | "board-live.js"): Html {
  return new Html(readFileSync(new URL(name, import.meta.url), "utf8"));
}

function document(title: string, head: Html, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${head}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
