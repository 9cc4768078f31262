import { readFileSync } from "node:fs";

/** Where each of the files beside this one goes in an application's repository. */
const places = {
  "action.yml": ".github/actions/threads/action.yml",
  "release.yml": ".github/workflows/release.yml",
  "deploy.yml": ".github/workflows/deploy.yml",
} as const;

export const workflowPaths: readonly string[] = Object.values(places);

/** The workflows of an application, by path. @param version of the npm package that they install */
export function workflowsFor(environments: readonly string[], version: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(places).map(([name, place]) => [
      place,
      readFileSync(new URL(`workflows/${name}`, import.meta.url), "utf8")
        .replace("options: [staging, prod]", `options: [${environments.join(", ")}]`)
        .replace('default: "0.1.0"', `default: "${version}"`),
    ]),
  );
}
