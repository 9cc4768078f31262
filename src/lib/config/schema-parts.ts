import { resolve } from "node:path";
import { z } from "zod";
import { parseShare, parseWeights, shareForm, weightsForm } from "./pace.ts";

// What several keys of threads.yml have in common.

/** How a file is parsed: it is checked once, so that to compile the checks costs more than they save. */
export const once = { jitless: true };

export const inFolder = (root: string) =>
  z
    .string()
    .min(1)
    .transform((path) => resolve(root, path));
export type Path = ReturnType<typeof inFolder>;
export const composeFiles = (path: Path) =>
  z
    .union([path, z.array(path).min(1)], "a path, or a list of paths")
    .transform((files) => (Array.isArray(files) ? files : [files]));
export const hostHeader = z.string().regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?$/, "a host name");
export const forwardedProto = z.enum(["http", "https"]);
/** Parameter Store by a path of at least one level, Secrets Manager by a secret's name or ARN. */
export const envFrom = z
  .string()
  .regex(
    /^(?:(?:\/[a-zA-Z0-9_.-]+)+\/?|secretsmanager:(?:[a-zA-Z0-9/_+=.@-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[a-zA-Z0-9/_+=.@-]+))$/,
    "a path of Parameter Store (/app/prod/), or secretsmanager: and the name or ARN of a secret",
  );
export const words = z.union([z.string().min(1), z.array(z.string()).min(1)], "a line for a shell, or a list of words");
export const share = z.union([z.number(), z.string()], shareForm).transform((written, context) => {
  const parsed = parseShare(written);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: shareForm });
  return z.NEVER;
});
export const weights = z.union([z.array(z.number()), z.string()], weightsForm).transform((written, context) => {
  const parsed = parseWeights(written);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: weightsForm });
  return z.NEVER;
});
export const seconds = z.number().int().positive();
export const urlPath = z.string().startsWith("/", "a path begins with /");

export const timeoutInMs = <Entry extends { timeout: number }>({ timeout, ...rest }: Entry) => ({
  ...rest,
  timeoutMs: timeout * 1000,
});
