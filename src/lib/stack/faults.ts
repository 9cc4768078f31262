import { basename, dirname } from "node:path";
import { composeFileFault } from "../compose/file-fault.ts";
import type { StackModel } from "../compose/stack-model.ts";
import { logHint } from "../compose/log-hint.ts";
import { imageLabels } from "../compose/override.ts";
import type { LocalImage } from "../docker/image.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CheckResult } from "../probe/check.ts";
import { commandText } from "../process/processes.ts";
import type { Config } from "../config/config.ts";
import type { RanImage } from "./result.ts";
import { shortRevision } from "../release/revision.ts";
import { count } from "../text/words.ts";

/** Services in which checks run commands. */
export function servicesAsked(checks: Config["checks"]): string[] {
  return checks.flatMap((check) => (check.kind === "command" ? [check.service] : []));
}

/** A compose file that lacks what threads.yml speaks of. */
export function modelFault(
  model: StackModel,
  { services, smoke, checks }: Pick<Config, "services" | "smoke" | "checks">,
  files: string,
): ThreadsError | undefined {
  const known = model.services.map(({ name }) => name);
  const listed = services.find((service) => !known.includes(service));
  if (listed !== undefined)
    return composeFileFault(
      `${files} has no service ${listed}, but threads.yml lists it`,
      `its services are ${known.join(", ")}`,
    );
  const asked = servicesAsked(checks).find((service) => !known.includes(service));
  if (asked !== undefined)
    return composeFileFault(
      `${files} has no service ${asked}, but a check in threads.yml runs a command in it`,
      `its services are ${known.join(", ")}`,
    );
  if (known.includes(smoke.entry.service)) return undefined;
  return composeFileFault(
    `${files} has no service ${smoke.entry.service}, but smoke.entry in threads.yml names it`,
    `set smoke.entry.service to one of: ${known.join(", ")}`,
  );
}

/** It is published for each run; docker says nothing of it where the container cannot have one of its own. */
export function portNotPublished(entry: { readonly service: string; readonly port: number }): ThreadsError {
  return composeFileFault(
    `port ${entry.port} of ${entry.service} cannot be published, so it cannot be checked from outside`,
    `take network_mode away from ${entry.service}, or name another service as smoke.entry in threads.yml`,
  );
}

/** What runs the same again: what is published is not built anew. */
export function smokeLine({ build, revision }: { readonly build: boolean; readonly revision: string }): string {
  return build ? "threads smoke" : `threads smoke --release ${revision}`;
}

/** A release of another time, or of another branch, than the threads.yml that lies here. @param file absolute path of that */
export function servicesDiffer(service: string, revision: string, file: string): ThreadsError {
  const short = shortRevision(revision);
  // By its own folder: git takes a path without a dot for one from its top, and the person may stand anywhere.
  const show = ["-C", dirname(file), "show", `${short}:./${basename(file)}`];
  return new ThreadsError("SERVICES_DIFFER", {
    message: `the release ${short} has no image of ${service}, which threads.yml lists`,
    next: [commandText({ file: "git", args: show })],
    advice: ["test a release by a threads.yml that has its services: that of its own commit, for example"],
  });
}

/**
 * @param logs the last lines of each service of the release
 * @param again what runs the same once more
 */
export function checkFailure(
  results: readonly CheckResult[],
  logs: readonly { readonly service: string; readonly lines: readonly string[] }[],
  again: string,
): ThreadsError {
  const failed = results.filter((result) => !result.ok);
  const [first] = failed;
  const others = failed.length > 1 ? `, and ${failed.length - 1} more` : "";
  const known = logs.flatMap(({ service, lines }) => logHint(service, lines) ?? []);
  return new ThreadsError("CHECKS_FAILED", {
    message: `${failed.length} of ${count(results.length, "check")} failed: ${first?.path} ${first?.detail}${others}`,
    details: [
      ...failed.map((result) => `${result.path}: ${result.detail}`),
      ...logs.flatMap(({ service, lines }) => lines.map((line) => `${service} | ${line}`)),
    ],
    next: [again],
    advice: [...known, `correct what the checks say; \`${again} --keep\` leaves the stack for a look`],
  });
}

/** What ran must be the image that was meant: given by digest, or built here from this revision. */
export function imageMismatch(
  ran: readonly RanImage[],
  images: readonly LocalImage[],
  wanted: { readonly app: string; readonly revision: string; readonly references: Readonly<Record<string, string>> },
): ThreadsError | undefined {
  for (const image of ran) {
    const reference = wanted.references[image.service];
    if (reference?.includes("@") === true && !image.digests.includes(reference) && image.reference !== reference)
      return mismatch(`${image.service} ran ${image.reference}, not ${reference}`);
    const found = images.find((one) => one.id === image.id);
    if (found === undefined || reference?.startsWith(`${wanted.app}-${image.service}:candidate-`) !== true) continue;
    const says = found.labels[imageLabels.revision];
    if (says !== wanted.revision)
      return mismatch(`the image of ${image.service} says revision ${says ?? "nothing"}, not ${wanted.revision}`);
  }
  return undefined;
}

function mismatch(message: string): ThreadsError {
  return new ThreadsError("WRONG_IMAGE", {
    message,
    advice: ["somebody changed an image or its tag while the stack ran: run it again"],
  });
}
