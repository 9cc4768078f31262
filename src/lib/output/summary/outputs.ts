import type { Told } from "./told.ts";

/** Names and values for the steps that come after this one. */
export type Outputs = Readonly<Record<string, string | number | null>>;

/** Of each command that a workflow runs, what the next one has to be told: full shas and digests, never a tag. */
const outputs: { readonly [Command in keyof Told]: (result: Told[Command]) => Outputs } = {
  test: ({ revision }) => ({ release: revision }),
  smoke: (result) => ({
    release: result.revision,
    digest: result.outcome === "passed" ? (result.saved?.digest ?? null) : null,
  }),
  publish: ({ revision, bundle }) => ({ release: revision, bundle: bundle.digest }),
  promote: ({ revision, bundle }) => ({ release: revision, bundle: bundle.digest }),
  deploy: rollout,
  converge: rollout,
  rollback: rollout,
  verify: ({ revision, bundle, deployment }) => ({ release: revision, bundle, deployment }),
  report: ({ revision }) => ({ release: revision }),
};

function rollout({ release, number }: Told["deploy"]): Outputs {
  return { release: release.revision, bundle: release.bundle, deployment: number };
}

/**
 * The lines of a step's GITHUB_OUTPUT; what is not known has none. A value that could be more than one line has no place there.
 * @param result of that command, as --json prints it
 */
export function outputText<Command extends keyof Told>(command: Command, result: Told[Command]): string {
  const all: Outputs = { outcome: result.outcome, ...outputs[command](result) };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${String(value ?? "")}\n`);
  return lines.filter((line) => /^[a-z]+=[\w:.+-]+\n$/.test(line)).join("");
}
