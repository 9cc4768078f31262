import { count, span } from "../text/words.ts";
import type { Begun } from "./begin-service.ts";
import type { OrderPorts } from "./order-ports.ts";
import type { Pause } from "../script/pause.ts";
import { approve, pausesIn } from "./pauses.ts";
import { isOver, readRollouts, type SeenRollout } from "./rollouts.ts";
import { describeServices, type SeenService } from "./services.ts";
import { pauseText, stageText } from "./stages.ts";
import { readTasks } from "./tasks.ts";
import { adviceFor, endedByItself, whyStopped } from "./why-stopped.ts";

/** How often ECS is looked at, in milliseconds. */
export const everyMs = 5_000;
/** ECS is eventually consistent: so long after its beginning a deployment that it does not know is not gone. */
const unknownForMs = 60_000;
/** So many tasks of it that ended by themselves are no accident: a task that ran and died ECS's own breaker does not count. */
const mostDeaths = 3;

/**
 * What became of a service that was told to run something. paused: it waits at a pause for a person. back: ECS has gone back by itself. taken: somebody else has told it
 * something else, or stopped it. stuck: neither the one nor the other runs whole. failing, late: it goes on, and there is no
 * point in waiting.
 */
export interface ServiceEnd {
  readonly service: string;
  readonly end: "done" | "paused" | "back" | "taken" | "stuck" | "failing" | "late";
  /** ARN of the service deployment. */
  readonly deployment: string | undefined;
  /** Of one that is paused. */
  readonly pauses: readonly Pause[];
  /** One sentence without the service's name; empty where all is well. */
  readonly says: string;
  readonly tail: readonly string[];
  readonly advice: readonly string[];
  readonly warnings: readonly string[];
}

interface Watching {
  readonly signal: AbortSignal;
  /** By our clock. */
  readonly deadline: number;
  /** We may not see what ECS deploys: what each service itself says has to do, which is enough for what it is to run again. */
  readonly blind?: boolean;
  /** Hook ids of pauses that are answered: ECS may show them for a moment as if they were not. */
  readonly answered?: readonly string[];
  /** On a way back nobody is asked: pauses are answered as they come. */
  readonly passes?: boolean;
}

/**
 * Until each has ended or waits for a person, one has failed, or time is up. Only the end of the very deployments that were begun counts: a service is
 * "stable" after it has gone back, too. Rejects with the signal's reason.
 */
export async function watchServices(
  begun: readonly Begun[],
  { signal, deadline, blind = false, answered = [], passes = false }: Watching,
  ports: OrderPorts,
): Promise<readonly ServiceEnd[]> {
  const beganAt = ports.clock.now();
  const deployments = new Map(begun.map(({ service, deployment }) => [service, deployment]));
  const ends = new Map<string, ServiceEnd>();
  const known = new Set(answered);
  for (;;) {
    const open = begun.filter(({ service }) => !ends.has(service));
    const services = await describeServices(
      ports.application,
      open.map(({ service }) => service),
      ports.call,
    );
    for (const { name, deployment } of services)
      if (deployments.get(name) === undefined) deployments.set(name, deployment);
    const arns = blind ? [] : open.flatMap(({ service }) => deployments.get(service) ?? []);
    const rollouts = (await readRollouts(arns, ports.call)).map((one) => without(known, one));
    const late = ports.clock.now() >= deadline;
    for (const one of open) {
      const seen = services.find(({ name }) => name === one.service);
      const rollout = rollouts.find(({ arn }) => arn === deployments.get(one.service));
      const pauses = rollout === undefined ? [] : pausesIn(one.service, rollout);
      const waiting = passes ? await letThrough(pauses, known, ports) : pauses;
      const end = await endOf({ one, seen, rollout, beganAt, late, blind, waiting }, ports);
      if (end !== undefined) ends.set(one.service, end);
    }
    if (ends.size === begun.length || [...ends.values()].some(isBad)) return [...ends.values()];
    const rolloutOf = ({ service }: Begun): SeenRollout | undefined =>
      rollouts.find(({ arn }) => arn === deployments.get(service));
    ports.tell(open.map((one) => progressText(one, rolloutOf(one))).join(", "));
    await ports.clock.sleep(everyMs, signal);
  }
}

/** @returns that nothing of it waits any more */
async function letThrough(pauses: readonly Pause[], known: Set<string>, ports: OrderPorts): Promise<readonly []> {
  for (const pause of pauses) {
    await approve(pause, ports);
    known.add(pause.hookId);
  }
  return [];
}

/** Whether there is no point in waiting for the others. */
function isBad({ end }: ServiceEnd): boolean {
  return end !== "done" && end !== "paused";
}

/** As it is once ECS itself has taken note of the answers. */
function without(answered: ReadonlySet<string>, { stage, ...rollout }: SeenRollout): SeenRollout {
  if (stage === undefined) return { ...rollout, stage };
  return { ...rollout, stage: { ...stage, pauses: stage.pauses.filter(({ hookId }) => !answered.has(hookId)) } };
}

function progressText({ service }: Begun, rollout: SeenRollout | undefined): string {
  if (rollout === undefined) return `${service} begins`;
  const { running, wanted, old, failures, stage } = rollout;
  const staged = stage && stageText(stage);
  if (staged !== undefined) return `${service} ${staged}`;
  const ending = running >= wanted && old > 0 ? `, ${count(old, "old one")} ${old === 1 ? "ends" : "end"}` : "";
  return `${service}: ${running} of ${wanted} tasks run${ending}${failures > 0 ? `, ${failures} failed` : ""}`;
}

interface Look {
  readonly one: Begun;
  readonly seen: SeenService | undefined;
  readonly rollout: SeenRollout | undefined;
  readonly beganAt: number;
  readonly late: boolean;
  readonly blind: boolean;
  readonly waiting: readonly Pause[];
}

async function endOf(look: Look, ports: OrderPorts): Promise<ServiceEnd | undefined> {
  const { one, seen, rollout, beganAt, late, waiting } = look;
  const end = (kind: ServiceEnd["end"], says: string, more: Partial<ServiceEnd> = {}): ServiceEnd => ({
    service: one.service,
    end: kind,
    deployment: rollout?.arn,
    pauses: [],
    says,
    tail: [],
    advice: [],
    warnings: [],
    ...more,
  });
  if (seen === undefined) return end("taken", "is not there any more");
  if (rollout === undefined) return withoutRollout(look, end, ports);
  const status = rollout.status;
  const because = rollout.reason === undefined ? "" : `: ${rollout.reason}`;
  if (status === "SUCCESSFUL")
    return seen.definition === one.definition ? end("done", "", warned(look)) : other(seen, end);
  // The end of an older one, which has left there what is wanted now.
  if (status === "ROLLBACK_SUCCESSFUL" && seen.definition === one.definition) return end("done", "");
  if (isOver(rollout) || status === "STOP_REQUESTED") {
    const deaths = await deathsOf(one, seen, ports);
    const known = { tail: deaths.tail, advice: deaths.advice };
    const cause = deaths.says === "" ? because : `: ${deaths.says}`;
    if (status === "ROLLBACK_SUCCESSFUL") return end("back", `did not come up, and ECS has gone back${cause}`, known);
    if (status === "ROLLBACK_FAILED") return end("stuck", `did not come up, and ECS could not go back${cause}`, known);
    return end("taken", `was told something else by somebody meanwhile (its deployment is ${status})`, known);
  }
  if (status.startsWith("ROLLBACK")) return undefined;
  const { count: dead, says, ...known } = await deathsOf(one, seen, ports);
  if (dead >= mostDeaths) return end("failing", `did not come up: ${says} (${dead} tasks)`, known);
  const [pause] = waiting;
  if (pause !== undefined) return end("paused", pauseText(pause), { pauses: waiting, ...warned(look) });
  if (!late) return undefined;
  return end("late", lateText(rollout, span(ports.clock.now() - beganAt), says), known);
}

/** What had come up, and did not come to its end, is told by the stage that it was at. */
function lateText({ stage }: SeenRollout, within: string, why: string): string {
  const staged = stage && stageText(stage);
  const because = why === "" ? "" : `: ${why}`;
  if (staged === undefined) return `did not come up within ${within}${because}`;
  return `did not come to its end within ${within}, and ${staged}${because}`;
}

type MakeEnd = (kind: ServiceEnd["end"], says: string, more?: Partial<ServiceEnd>) => ServiceEnd;

/** ECS shows no deployment: there was nothing to do, or it does not know of it yet. */
function withoutRollout(
  { one, seen, beganAt, late, blind }: Look,
  end: MakeEnd,
  { clock }: OrderPorts,
): ServiceEnd | undefined {
  if (seen !== undefined && seen.definition !== one.definition) return other(seen, end);
  if (seen?.rolloutState === "COMPLETED") return end("done", "");
  if (!late && (blind || clock.now() < beganAt + unknownForMs)) return undefined;
  return end("stuck", `was told, and ECS shows no deployment of it within ${span(clock.now() - beganAt)}`);
}

function other({ definition }: SeenService, end: MakeEnd): ServiceEnd {
  return end(
    "taken",
    `was told something else by somebody meanwhile: it is to run ${definition.slice(definition.lastIndexOf("/") + 1)}`,
  );
}

/** An alarm that is red when a deployment begins is ignored for all of it. */
function warned({ one, seen, rollout }: Look): Partial<ServiceEnd> {
  if (seen === undefined || seen.alarms.length === 0 || rollout?.blind !== true) return {};
  return {
    warnings: [
      `ECS has not looked at the alarms of ${one.service} (${seen.alarms.join(", ")}): one was red when it began`,
    ],
  };
}

/** Tasks of what was told last that have ended by themselves: read at once, since ECS forgets them within an hour. */
async function deathsOf(
  { definition }: Begun,
  { name }: SeenService,
  { application, call }: OrderPorts,
): Promise<{
  readonly count: number;
  readonly says: string;
  readonly tail: readonly string[];
  readonly advice: readonly string[];
}> {
  const stopped = await readTasks(application, { by: { serviceName: name }, desiredStatus: "STOPPED" }, call);
  const own = stopped.filter((task) => task.taskDefinitionArn === definition);
  const deaths = own.filter(endedByItself);
  const sick = own.filter(({ stoppedReason = "" }) => /health check/i.test(stoppedReason));
  const [last] = [...deaths, ...sick].toSorted((a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0));
  if (last === undefined) return { count: 0, says: "", tail: [], advice: [] };
  const says = whyStopped(last);
  return {
    count: deaths.length,
    says,
    tail: [
      `task ${last.taskArn ?? ""}`,
      ...(last.containers ?? []).map(
        ({ name: own = "", reason = "", exitCode }) =>
          `${own}: ${exitCode === undefined ? "no exit code" : `exit code ${exitCode}`}${reason === "" ? "" : `, ${reason}`}`,
      ),
    ],
    advice: adviceFor(`${says} ${last.stoppedReason ?? ""}`),
  };
}
