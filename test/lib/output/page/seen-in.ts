import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What a browser and axe-core make of a page at one width. */
export interface SeenPage {
  /** Rules of axe-core that are broken, and by what. */
  readonly violations: readonly string[];
  /** How many of its rules had something to look at, and were kept. */
  readonly passes: number;
  /** Whether it can be moved to the side. */
  readonly overflows: boolean;
  /** Colour of the paper. */
  readonly paper: string;
  /** Charts that are shown. */
  readonly charts: number;
}

const names = ["chromium", "chromium-browser", "google-chrome"];
const browser = names.find((name) => spawnSync(name, ["--version"]).status === 0);

function browse(...args: readonly string[]): string {
  if (browser === undefined) throw new Error(`no browser: one of ${names.join(", ")} is needed; bin/setup installs it`);
  const always = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const { stdout, status, stderr } = spawnSync(browser, [...always, ...args], { encoding: "utf8", timeout: 100_000 });
  if (status !== 0) throw new Error(`${browser} ended with ${String(status)}: ${stderr}`);
  return stdout;
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "threads-page-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Looks at the page within a frame, since a browser without a window does not get as narrow as a telephone. */
const look = `axe.run().then(({ violations, passes }) => parent.postMessage(JSON.stringify({
  violations: violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))),
  passes: passes.length,
  overflows: document.documentElement.scrollWidth > innerWidth,
  paper: getComputedStyle(document.body).backgroundColor,
  charts: [...document.querySelectorAll("svg")].filter((one) => one.getBoundingClientRect().width > 0).length,
}), "*"))`;
const show = `addEventListener("message", ({ data }) => { document.querySelector("pre").textContent = data; })`;

/** Opens the page from a file. */
export function seenIn(
  page: string,
  { width, scheme }: { readonly width: number; readonly scheme: "light" | "dark" },
): SeenPage {
  return inFolder((folder) => {
    writeFileSync(join(folder, "page.html"), `${page}<script>${axe}</script><script>${look}</script>`);
    const frame = join(folder, "frame.html");
    writeFileSync(
      frame,
      `<pre></pre><iframe src="page.html" width="${width}" height="900"></iframe><script>${show}</script>`,
    );
    const colours = `--blink-settings=preferredColorScheme=${scheme === "dark" ? 0 : 1}`;
    const dom = browse(colours, "--virtual-time-budget=20000", "--dump-dom", pathToFileURL(frame).href);
    const [, told = ""] = /<pre>(\{.*\})<\/pre>/s.exec(dom) ?? [];
    return JSON.parse(told.replaceAll("&gt;", ">").replaceAll("&lt;", "<").replaceAll("&amp;", "&")) as SeenPage;
  });
}

/** How many sheets of paper it takes. */
export function sheetsOf(page: string): number {
  return inFolder((folder) => {
    const [file, pdf] = [join(folder, "page.html"), join(folder, "page.pdf")];
    writeFileSync(file, page);
    browse(`--print-to-pdf=${pdf}`, pathToFileURL(file).href);
    return readFileSync(pdf, "latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  });
}
