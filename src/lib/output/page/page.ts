import { readFileSync } from "node:fs";
import { Html, html } from "./html.ts";

/** A page as one file that opens from a disk: nothing in it is fetched, and nothing in it runs. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${new Html(readFileSync(new URL("page.css", import.meta.url), "utf8"))}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
