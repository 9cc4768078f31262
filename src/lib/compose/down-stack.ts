import { outputLines, type Run } from "../docker/run.ts";
import type { RunOptions } from "../process/processes.ts";
import { composeDown, listOf, type Stack } from "./commands.ts";

interface Downing {
  /** Look what is left though compose says that all is gone. */
  readonly check: boolean;
  readonly options: RunOptions & { readonly signal: AbortSignal };
}

interface Programs {
  readonly compose: Run;
  readonly docker: Run;
}

/** Takes everything of a stack down, volumes too. @returns names of what is still there */
export async function downStack(
  stack: Stack,
  { check, options }: Downing,
  { compose, docker }: Programs,
): Promise<string[]> {
  const { signal } = options;
  const down = composeDown(stack);
  const first = await compose(down, options);
  if (first.exitCode === 0 && !check) return [];
  // The engine may have finished creating something after its client was stopped: look, and take it down again.
  if ((await leftovers(stack.name, docker, signal)).length === 0) return [];
  await compose(down, options);
  return leftovers(stack.name, docker, signal);
}

async function leftovers(project: string, docker: Run, signal: AbortSignal): Promise<string[]> {
  const kinds = ["container", "network", "volume"] as const;
  const left = kinds.map(async (kind) => {
    const ids = await outputLines(docker, listOf(kind, project), { signal });
    return ids.map((id) => `${kind} ${id.slice(0, 40)}`);
  });
  return (await Promise.all(left)).flat();
}
