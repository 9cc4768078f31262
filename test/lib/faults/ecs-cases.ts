import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { Fault } from "./ecs-door.ts";
import type { EcsFaultWorld } from "./ecs-world.ts";

/** So many lines lead to a good end, or none does. */
const mostLines = 5;

export interface Case {
  readonly world: EcsFaultWorld;
  readonly line: string;
  readonly fault: Fault;
  /** What services ran before the deployment that the line goes on with: where that goes back to. */
  readonly ran?: readonly string[];
}

/** One run of a line in which a call goes wrong, and then what is told to type, line by line. @returns what was not as it must be */
export async function breakCall({ world, line, fault, ran }: Case): Promise<readonly string[]> {
  const problems: string[] = [];
  const say = (what: string): void => void problems.push(`${fault.kind} at ${fault.call}: ${what}`);
  const before = await world.definitions();
  const migrated = (await world.migrations()).length;
  const { error: first, door } = await world.type(line, fault);
  if (!door.met) return [`${fault.kind} at ${fault.call} was not met: ${String(first)}`];
  const isOpen = door.dead || [6, 7].includes((first as Partial<ThreadsError> | undefined)?.exitCode ?? 0);
  const isBack = (first as Partial<ThreadsError> | undefined)?.exitCode === 5;
  const asBefore = (await world.definitions()).join() === (isBack ? (ran ?? before) : before).join();
  if (first !== undefined && !door.dead) for (const wrong of wrongEnd(first, asBefore)) say(wrong);
  let error = first;
  for (let lines = 0; error !== undefined; lines += 1) {
    // Long enough for a deployer to be dead, and within the hour in which ECS knows tasks that are over.
    await world.passes(600_000);
    const next = door.dead && lines === 0 ? await world.advised() : nextOf(error);
    if (next === undefined) break;
    if (lines === mostLines)
      return [...problems, `${fault.kind} at ${fault.call}: no end after ${next}: ${(error as Error).message}`];
    ({ error } = await world.type(next));
  }
  for (const wrong of await world.disagreement()) say(wrong);
  // What was taken back is migrated anew: its database may have been restored meanwhile.
  if (isOpen && (await world.migrations()).length > migrated + 1) say("it was migrated twice");
  return problems;
}

/** Every end is one sentence, and as bad as its exit code says. */
function wrongEnd(error: unknown, isAsBefore: boolean): readonly string[] {
  if (!(error instanceof ThreadsError) || error.exitCode < 2) return [`a bug: ${String((error as Error).stack)}`];
  const { message, exitCode, next, code } = error;
  return [
    ...(message.includes("\n") ? [`not one sentence: ${message}`] : []),
    ...([3, 5].includes(exitCode) && !isAsBefore
      ? [`exit code ${exitCode}, and not all is as before: ${message}`]
      : []),
    ...(next.some((one) => one.startsWith("threads ")) ? [] : [`nothing to type after ${code}: ${message}`]),
  ];
}

/** The first line that changes something; of what AWS has refused nothing comes of itself. */
function nextOf(error: unknown): string | undefined {
  const { next = [] } = error as Partial<ThreadsError>;
  return next.find((line) => /^threads (?:deploy|rollback) /.test(line));
}
