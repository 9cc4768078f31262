import type { DrawBoard } from "../../actions/board/ports.ts";
import type { BoardEnvironment, BoardResult } from "../../actions/board/result.ts";
import { logText } from "../log-lines.ts";
import { plainPaint } from "../paint.ts";
import { environmentSection, verdictOf } from "./board-environment.ts";
import { type Html, html } from "./html.ts";
import { fileText, livePage } from "./page.ts";

/** How the board is drawn. @param app its name, before anything is known. */
export function drawBoard(app: string): DrawBoard {
  const line = logText({ paint: plainPaint, hue: (_, text) => text, isWatched: true });
  return {
    page: (seen) => boardPage(app, seen),
    board: (seen) => board(seen).text,
    script: () => fileText("board-live.js").text,
    line,
  };
}

function boardPage(app: string, seen: BoardResult | undefined): string {
  return livePage(
    `${app}: what runs`,
    "board.js",
    html`<a class="skip" href="#board">To the environments</a>
      <header>
        <h1>${app}: what runs</h1>
        <p id="link" role="status">${seen === undefined ? "Looking for the first time …" : "As it was last seen."}</p>
        <noscript><p>Without JavaScript this page is of the moment at which it was opened: reload it.</p></noscript>
      </header>
      <main id="board" tabindex="-1">${seen === undefined ? html`` : board(seen)}</main>
      <footer>
        <p>
          Read only, and for this machine alone. While the page is in sight hosts are asked every ten seconds or so;
          what no host tells at least once a minute. <kbd>Ctrl</kbd>-<kbd>C</kbd> in the terminal ends it.
        </p>
      </footer>`,
  );
}

/** What changes from look to look. */
function board(seen: BoardResult): Html {
  const { environments, observedAt } = seen;
  const now = Date.parse(observedAt);
  if (environments.length === 0) return html`<p>No environment of threads.yml has hosts, so nothing runs there.</p>`;
  return html`<p class="unseen" id="news" role="status">${environments.map(verdictOf).map(sentence).join(" ")}</p>
    <nav aria-label="Environments">
      <ul class="environments">
        ${environments.map(entry)}
      </ul>
    </nav>
    ${environments.map((one) => environmentSection(one, now))}`;
}

function sentence({ environment, says }: ReturnType<typeof verdictOf>): string {
  return `${environment}: ${says}.`;
}

function entry(environment: BoardEnvironment): Html {
  const { environment: name, kind, says } = verdictOf(environment);
  return html`<li class="${kind}"><a href="#${name}">${name}</a> <span>${says}</span></li>`;
}
