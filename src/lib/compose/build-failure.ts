import type { FailedStep } from "../docker/build-output.ts";
import { linesOf, machineFault } from "../docker/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import type { BuildPlace } from "./build-place.ts";
import { composeFailure } from "./failure.ts";

/** Characters of a step's name in a sentence; a RUN may be a whole script. */
const nameLength = 100;

/**
 * Why images were not built: the step that failed and the last that it printed.
 * @param steps those that failed, as BuildKit told while it built
 * @param place of the first of them, or of the line that cannot be read
 */
export function buildFailure(failure: CommandFailed, steps: readonly FailedStep[], place?: BuildPlace): ThreadsError {
  if (failure.exitCode === undefined) return composeFailure(failure, building);
  const [first] = steps;
  const sentence = failure.tail.findLast((line) => line.includes(unsolved)) ?? "";
  // A program of the Dockerfile, or a file that it wants from elsewhere, may speak of networks too: that is no image.
  const machine = first?.ran === true || / ADD /.test(first?.name ?? "") ? undefined : machineFault(sentence, failure);
  if (machine !== undefined) return machine;
  const why = first === undefined ? sentence.replace(unsolved, "").trim() : first.reason;
  const at = [place?.shown ?? [], first === undefined ? [] : shortened(first.name)].flat().join(", ");
  const log = steps.flatMap((step) => (steps.length === 1 ? step.log : [`${shortened(step.name)}:`, ...step.log]));
  return new ThreadsError("COMPOSE_FAILED", {
    message:
      why === ""
        ? `${building} failed (exit code ${failure.exitCode})`
        : `${building} failed${at === "" ? "" : ` at ${at}`}: ${why}`,
    advice: ["correct what the lines above say, then run this again"],
    details: log.length > 0 ? log : linesOf(failure),
    place,
    cause: failure,
  });
}

const building = "docker compose build";
/** Before BuildKit's own last sentence; bake puts the image's name before it. */
const unsolved = "failed to solve: ";

/** BuildKit's own last sentence; empty where there is none. */
export function sentenceOf({ tail }: Pick<CommandFailed, "tail">): string {
  const line = tail.findLast((one) => one.includes(unsolved)) ?? "";
  return line.slice(line.indexOf(unsolved) + unsolved.length);
}

/** Cut between words: half a secret would not be recognised, and not be masked. */
function shortened(name: string): string {
  if (name.length <= nameLength) return name;
  const words = name.split(" ");
  while (words.length > 1 && words.join(" ").length > nameLength) words.pop();
  return `${words.join(" ")} …`;
}
