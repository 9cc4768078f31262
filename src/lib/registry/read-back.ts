import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Digest } from "../image/digest.ts";
import type { Registry } from "./registry.ts";

/** How long what was just written may stay invisible: ECR promises no read-after-write. */
const settleMs = 15_000;

export interface Written {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
}

/** Reads a tag that was just written and makes sure that it names what was written. @throws ThreadsError TAG_CONFLICT, TAG_UNSETTLED */
export async function readBack(
  ports: {
    readonly registry: Pick<Registry, "find">;
    readonly clock: Clock;
    readonly signal?: AbortSignal | undefined;
  },
  { repository, tag, digest }: Written,
): Promise<void> {
  const there = await untilVisible(ports, () => ports.registry.find(repository, tag));
  if (there === undefined) throw tagUnsettled(repository, tag);
  if (there.digest !== digest) throw tagConflict({ repository, tag, there: there.digest, wanted: digest });
}

/** Looks until something that was just written shows. @returns undefined where it does not in time */
export function untilVisible<T>(
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  return until(look, { clock, signal, timeoutMs: settleMs, pausesOnly: true, pauseMs: 200 });
}

/** A tag that names something else: nothing was changed, and nothing will be. */
export function tagConflict(facts: {
  readonly repository: string;
  readonly tag: string;
  readonly there: Digest;
  readonly wanted: Digest;
}): ThreadsError {
  return new ThreadsError("TAG_CONFLICT", {
    message: `${facts.repository}:${facts.tag} is there already with other contents`,
    details: [`there:  ${facts.there}`, `wanted: ${facts.wanted}`],
    next: [`aws ecr describe-images --repository-name ${facts.repository} --image-ids imageTag=${facts.tag}`],
  });
}

/** A tag of which the registry says that it exists, but which it does not find. */
function tagUnsettled(repository: string, tag: string): ThreadsError {
  return new ThreadsError("TAG_UNSETTLED", {
    message: `${repository}:${tag} was written, but the registry does not find it`,
    advice: ["run the same command again: it goes on where this one stopped"],
  });
}
