import type { CompletionInstalled } from "../../actions/completion/result.ts";
import { nextLines } from "../next.ts";
import type { Render } from "../paint.ts";

const says: Readonly<Record<CompletionInstalled["outcome"], string>> = {
  installed: "wrote",
  replaced: "replaced",
  "up-to-date": "is there already:",
  removed: "removed",
  "not-installed": "was not installed:",
  planned: "nothing was changed:",
};

/** What became of the file, and what makes the shell look there. */
export const renderCompletion: Render<CompletionInstalled> = (result, paint) => [
  `${result.outcome === "planned" ? "" : `${paint.good("✔")} `}${says[result.outcome]} ${result.path}`,
  ...nextLines(result, paint),
];
