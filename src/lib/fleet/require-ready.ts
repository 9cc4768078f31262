import { ThreadsError } from "../errors/threads-error.ts";
import { hostText, isApplication, shellOn } from "./hosts.ts";
import { dockerTells } from "./judge.ts";
import type { Observed } from "./target.ts";
import { byReach } from "./out-of-reach.ts";
import type { Intention } from "./rollout-plan.ts";

/** What a host has said of itself is heard before the first one is touched. */
export function requireReady(intention: Intention): void {
  const { observed, again } = intention;
  const { name } = intention.environment;
  const look = `threads status -e ${name}`;
  const silent = observed.find((one) => one.summary === undefined);
  if (silent !== undefined)
    throw new ThreadsError("HOST_SILENT", {
      message: `${hostText(silent.host)} of ${name} gives ${silent.silence ?? "no answer"}`,
      next: [look, ...goingWithout(intention)],
    });
  const mute = observed.filter(({ summary }) => summary !== undefined && !dockerTells(summary));
  const [first] = mute.flatMap(({ summary }) => summary ?? []);
  if (first !== undefined)
    throw new ThreadsError("HOST_NOT_READY", {
      message:
        first.message === ""
          ? `Docker does not answer on ${hostsText(mute)} of ${name}`
          : `${hostsText(mute)} of ${name}: ${first.message}`,
      next: [...mute.map(({ host }) => shellOn(host)), look, ...goingWithout(intention)],
    });
  const busy = observed.filter(({ summary }) => summary?.busy === true);
  if (busy.length > 0)
    throw new ThreadsError("HOST_BUSY", {
      message: `${hostsText(busy)} of ${name} is busy: ${workText(busy)}`,
      // The same again is right once that has ended.
      next: [look, again],
    });
}

function workText(busy: readonly Observed[]): string {
  return busy.some(({ host }) => isApplication(host))
    ? "ECS is at work on a service, or a migration runs, and that will end by itself"
    : "the script of an earlier deployment is at work and will end by itself";
}

/** Of a deployment a person decides that; a rollback that reaches anybody goes on by itself, and is not refused. */
function goingWithout({ observed, again }: Intention): string[] {
  const { reached, leftOut } = byReach(observed);
  if (reached.length === 0) return [];
  return [`${again}${leftOut.map(({ id }) => ` --without ${id}`).join("")}`];
}

function hostsText(observed: readonly Observed[]): string {
  return observed.map(({ host }) => hostText(host)).join(", ");
}
