import { requestsOfVerify } from "../config/checks-for.ts";
import type { Config, StressRequest } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { LoadRequest } from "../load/load.ts";
import { asked } from "../probe/request-check.ts";

/** What an application is asked for under load. */
export interface LoadRequests {
  readonly requests: readonly LoadRequest[];
  /** One answer may take so long until its last byte. */
  readonly timeoutMs: number;
  /** The same in the words of a result. */
  readonly shares: readonly RequestShare[];
}

export interface RequestShare {
  readonly method: string;
  readonly path: string;
  /** Of a hundred requests. */
  readonly share: number;
}

type AskedConfig = Pick<Config, "checks" | "stress" | "runtime" | "file">;

const timeoutMs = 10_000;

/**
 * The requests of `stress`; where it names none, all checks that only look, alike.
 * @param isHost a host is asked by the name by which people know it; at an address that is the address
 * @throws ThreadsError NOTHING_TO_ASK (refused)
 */
export function loadRequests(config: AskedConfig, { isHost }: { readonly isHost: boolean }): LoadRequests {
  const { stress, runtime, file } = config;
  const named: readonly StressRequest[] =
    stress.requests ?? requestsOfVerify(config).map((check) => ({ ...check, weight: 1 }));
  if (named.length === 0)
    throw new ThreadsError("NOTHING_TO_ASK", {
      message: `${file} has no check that only looks, and no stress.requests`,
      advice: ["write below stress: requests: [{ path: / }]"],
    });
  const all = named.reduce((sum, { weight }) => sum + weight, 0);
  return {
    requests: named.map((one) => overTheWire(one, isHost ? runtime : {})),
    timeoutMs,
    shares: named.map(({ method, path, weight }) => ({
      method,
      path,
      share: Math.round((weight * 1000) / all) / 10,
    })),
  };
}

function overTheWire(request: StressRequest, runtime: Partial<Config["runtime"]>): LoadRequest {
  const { host, forwardedProto } = runtime;
  const named = { ...(host !== undefined && { host }), ...(forwardedProto !== undefined && { forwardedProto }) };
  const { path, status, weight } = request;
  return { path, status, weight, ...asked({ ...named, ...request }) };
}
