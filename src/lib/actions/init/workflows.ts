import { readFileSync } from "node:fs";

/** What the workflows of an application depend on. */
export interface WorkflowChoice {
  /** Whose merges are published. */
  readonly branch: string;
  /** Environment of GitHub in whose name that is done: what `threads policy iam` lets the publisher be. */
  readonly publisher: string;
  /** With hosts, in the order of a release. */
  readonly environments: readonly string[];
  /** The one that takes promoted releases only; undefined where all take any. */
  readonly gated: string | undefined;
  /** What makes the suites run, as a block of `on:`; undefined where there are none. */
  readonly testOn: string | undefined;
  /** The action that makes `threads` a command. */
  readonly action: string;
}

/** The action beside the workflows that `threads init` writes. */
export const ownAction = "./.github/actions/threads";

/**
 * The workflows of an application, by path: test, release (smoke, publish, and the first environment), deploy, promote, rollback.
 * Those of this repository are made by the same hand.
 */
export function workflowsFor(choice: WorkflowChoice): Readonly<Record<string, string>> {
  const { environments, gated, testOn } = choice;
  const [first] = environments;
  // What is the last one as well is nothing that a merge alone should change.
  const isDeployed = gated !== undefined && first !== undefined && first !== gated;
  const texts = {
    ...(testOn !== undefined && { "test.yml": template("test.yml") }),
    "release.yml": `${template("release.yml")}${isDeployed ? template("then-deploy.yml").replace(/^jobs:/, "") : ""}`,
    "deploy.yml": template("deploy.yml"),
    ...(gated !== undefined && { "promote.yml": template("promote.yml") }),
    "rollback.yml": template("rollback.yml"),
  };
  const places: Readonly<Record<string, string | undefined>> = {
    ACTION: choice.action,
    BRANCH: choice.branch,
    ENVIRONMENTS: environments.join(", "),
    FIRST: first,
    GATED: gated,
    KEEP_RUNS: template("keep-runs.yml").trimEnd().replaceAll("\n", "\n        "),
    PUBLISHER: choice.publisher,
    TEST_ON: testOn?.replaceAll(/^/gm, "  ").replace(/^/, "\n"),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      `.github/workflows/${name}`,
      text.replaceAll(/__([A-Z_]+)__/g, (found, place: string) => places[place] ?? found).replaceAll(/ +$/gm, ""),
    ]),
  );
}

/** The action that installs this package, by path. @param version of it */
export function actionFor(version: string): Readonly<Record<string, string>> {
  const text = template("action.yml").replace('default: "0.1.0"', `default: "${version}"`);
  return { [`${ownAction.slice("./".length)}/action.yml`]: text };
}

function template(name: string): string {
  return readFileSync(new URL(`workflows/${name}`, import.meta.url), "utf8");
}
