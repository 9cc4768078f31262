import { suggest } from "../../config/suggest.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { hostText, shellOn } from "../../fleet/hosts.ts";
import type { Member } from "../../fleet/target.ts";
import type { ExecReport } from "../../script/exec-report.ts";
import type { HostSummary } from "../../script/summary.ts";
import { type ExecOptions, execLine } from "./options.ts";

/** A service on a host, and how it was typed. */
export interface Asked {
  readonly environment: string;
  readonly host: Member;
  readonly service: string;
  readonly options: ExecOptions;
}

type Found = Pick<ExecReport, "end" | "code" | "container" | "state" | "services">;

/** What a look at a host tells of a service, in the words of a report. */
export function foundBy({ docker, containers, services }: HostSummary, service: string): Found {
  const all = (containers ?? []).filter(({ oneoff }) => !oneoff);
  const own = all.filter((one) => one.service === service);
  const one = own.find(({ state }) => state === "running") ?? own[0];
  const known = services ?? [...new Set(all.map((each) => each.service))];
  const place = { code: one?.exitCode ?? 0, container: one?.name ?? "", state: one?.state ?? "", services: known };
  if (!docker || containers === undefined) return { ...place, end: "no-docker" };
  return { ...place, end: one?.state === "running" ? "ran" : "not-running" };
}

/** @throws ThreadsError UNKNOWN_SERVICE (usage), NOT_RUNNING, HOST_NOT_READY (refused) */
export function requireContainer({ end, code, state, services }: Found, asked: Asked): void {
  if (end === "ran" || end === "timed-out") return;
  const { environment, host, service } = asked;
  const look = `threads status -e ${environment}`;
  if (end === "no-docker")
    throw new ThreadsError("HOST_NOT_READY", {
      message: `Docker does not answer on ${hostText(host)}`,
      next: [look, shellOn(host)],
    });
  if (state !== "" || services.includes(service))
    throw new ThreadsError("NOT_RUNNING", {
      message: `${service} does not run on ${hostText(host)}: ${stateText(state, code)}`,
      next: [look],
    });
  throw unknownService(services, asked);
}

function stateText(state: string, code: number): string {
  if (state === "") return "it has no container there";
  return state === "exited" || state === "dead" ? `it is ${state} (exit code ${code})` : `it is ${state}`;
}

function unknownService(services: readonly string[], { environment, host, service, options }: Asked): ThreadsError {
  if (services.length === 0)
    return new ThreadsError("NOT_RUNNING", {
      message: `nothing of the application runs on ${hostText(host)}`,
      next: [`threads status -e ${environment}`],
    });
  const meant = suggest(service, services);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new ThreadsError("UNKNOWN_SERVICE", {
    message: `there is no service ${JSON.stringify(service)} on ${hostText(host)}, only ${services.join(", ")}${hint}`,
    next: meant === undefined ? [`threads status -e ${environment}`] : [execLine(options, { service: meant })],
  });
}
