import type { Container, Task } from "@aws-sdk/client-ecs";
import { list } from "../text/words.ts";

/** Ends for which a release is to blame, and not ECS, a machine or a person. */
const own = new Set<string>(["TaskFailedToStart", "EssentialContainerExited"]);

/** Whether a task ended because of what it runs. */
export function endedByItself({ stopCode }: Pick<Task, "stopCode">): boolean {
  return own.has(stopCode ?? "");
}

/** Why a task is over, in one sentence: ECS forgets it after an hour. */
export function whyStopped({ stoppedReason = "", stopCode, containers = [] }: Task): string {
  const ended = containers.flatMap(containerText);
  const reason = stoppedReason === "" ? (stopCode ?? "") : stoppedReason;
  if (ended.length === 0) return reason === "" ? "it stopped, and ECS does not say why" : reason;
  return own.has(stopCode ?? "") ? list(ended) : `${reason} (${list(ended)})`;
}

/** An exit code is absent where a container never ran, which is not 0. */
function containerText({ name = "", exitCode, reason = "", lastStatus }: Container): string[] {
  if (exitCode === undefined) return reason === "" ? [] : [`${name} never ran: ${reason}`];
  if (exitCode === 0 && reason === "") return lastStatus === "STOPPED" ? [`${name} ended`] : [];
  const because = reason === "" ? (signals[exitCode] ?? "") : reason;
  return [`${name} ended with exit code ${exitCode}${because === "" ? "" : ` (${because})`}`];
}

const signals: Readonly<Record<number, string>> = {
  137: "killed, after its time to stop or by the kernel",
  143: "told to stop",
};

/** What to do about an end that ECS names (`CannotPullContainerError: …`). */
export function adviceFor(text: string): readonly string[] {
  return advice.filter(([pattern]) => pattern.test(text)).map(([, says]) => says);
}

const advice: readonly (readonly [RegExp, string])[] = [
  [
    /CannotPullContainerError/,
    "ECS could not pull an image: look whether the execution role may (ecr:BatchGetImage, ecr:GetDownloadUrlForLayer), whether the subnets lead to ECR, and whether the image is still there",
  ],
  [
    /unable to pull secrets|retrieve secret/i,
    "ECS could not read a setting: look whether it is there, and whether the execution role may read it (ssm:GetParameters, kms:Decrypt)",
  ],
  [
    /logging driver|logger args/i,
    "ECS could not write a log: look whether the log group is there, and the execution role may write to it",
  ],
  [/OutOfMemory/, "a container was killed for its memory: raise memory of its task in threads.yml"],
  [/health check/i, "the task ran, and its health check did not pass: its log tells why"],
  [
    /RESOURCE:|Capacity is unavailable|unable to place/i,
    "there was no room for a task: the cluster has too few machines, or AWS has none free at the moment",
  ],
];
