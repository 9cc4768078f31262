import { composeFileFault } from "../compose/file-fault.ts";
import type { StackModel } from "../compose/model.ts";
import type { LocalImage } from "../docker/image.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CheckResult } from "../probe/checks.ts";
import { imageVariable } from "../release/release.ts";
import type { RanImage } from "./result.ts";

/** A compose file that does not run the images it is given would test something else. */
export function modelFault(
  model: StackModel,
  references: Readonly<Record<string, string>>,
  file: string,
): ThreadsError | undefined {
  for (const [service, reference] of Object.entries(references)) {
    const found = model.services.find((one) => one.name === service);
    const fault =
      found === undefined
        ? `${file} has no service ${service}, but threads.yml lists it`
        : found.image === reference
          ? undefined
          : `${file} runs ${found.image ?? "an image without a name"} as ${service}, not the one under test`;
    if (fault !== undefined)
      return composeFileFault(fault, `write \`image: \${${imageVariable(service)}}\` under \`${service}:\` in ${file}`);
  }
  return undefined;
}

export function portNotPublished(entry: { readonly service: string; readonly port: number }): ThreadsError {
  return composeFileFault(
    `${entry.service} does not publish its port ${entry.port}, so it cannot be checked from outside`,
    `write \`ports: ["127.0.0.1:\${HTTP_PORT:-0}:${entry.port}"]\` under \`${entry.service}:\``,
  );
}

export function checkFailure(results: readonly CheckResult[], logs: readonly string[]): ThreadsError {
  const failed = results.filter((result) => !result.ok);
  const [first] = failed;
  const others = failed.length > 1 ? `, and ${failed.length - 1} more` : "";
  return new ThreadsError("CHECKS_FAILED", {
    message: `${failed.length} of ${results.length} checks failed: ${first?.path} ${first?.detail}${others}`,
    details: [...failed.map((result) => `${result.path}: ${result.detail}`), ...logs],
    next: ["threads smoke"],
    advice: ["correct what the checks say"],
  });
}

/** Images given by digest must be what ran; images built here must carry the revision that they were built from. */
export function imageMismatch(
  ran: readonly RanImage[],
  images: readonly LocalImage[],
  wanted: { readonly revision: string; readonly references: Readonly<Record<string, string>> },
): ThreadsError | undefined {
  for (const image of ran) {
    const reference = wanted.references[image.service];
    if (reference?.includes("@") === true && !image.digests.includes(reference) && image.reference !== reference)
      return mismatch(`${image.service} ran ${image.reference}, not ${reference}`);
    const says = images.find((one) => one.id === image.id)?.labels["org.opencontainers.image.revision"];
    if (says !== wanted.revision)
      return mismatch(`the image of ${image.service} says revision ${says ?? "nothing"}, not ${wanted.revision}`);
  }
  return undefined;
}

function mismatch(message: string): ThreadsError {
  return new ThreadsError("WRONG_IMAGE", {
    message,
    advice: ["pass REVISION as build argument and put it into the label org.opencontainers.image.revision"],
  });
}
