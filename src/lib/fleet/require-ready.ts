import { ThreadsError } from "../errors/threads-error.ts";
import { hostText, isApplication, shellOn } from "./hosts.ts";
import { dockerTells } from "./judge.ts";
import type { Observed } from "./target.ts";
import { chainOf, knownPauses, stepAt } from "./paused-steps.ts";
import { approveText } from "./step-text.ts";
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
  requireUnheld(intention);
}

/** What waits for a person on ECS only the same release goes on with, and only a way back takes back. */
function requireUnheld({ observed, kind, environment, release, standing }: Intention): void {
  const held = observed.flatMap(({ summary }) => summary?.pauses ?? []);
  const own = new Set(chainOf(standing, release.bundle.digest).map(({ intent }) => intent.number));
  const other = held.find(({ number }) => !own.has(number));
  if (other === undefined || kind === "rollback") return;
  const { unsettled } = standing;
  const chain = unsettled === undefined ? [] : chainOf(standing, unsettled.intent.bundle.digest);
  const step = stepAt(held, knownPauses(chain));
  throw new ThreadsError("HOST_BUSY", {
    message: `deployment ${other.number} of ${environment.name} waits for a person: ${other.service} is held at ${other.stage}`,
    next: [
      approveText(environment.name, { step }),
      `threads rollback -e ${environment.name}`,
      `threads status -e ${environment.name}`,
    ],
  });
}

function workText(busy: readonly Observed[]): string {
  // ECS may wait for a person there, which does not end by itself.
  const steps = busy.flatMap(({ host, summary }) => (isApplication(host) ? (summary?.step ?? "") : ""));
  if (steps.some((step) => step !== "")) return steps.join("; ");
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
