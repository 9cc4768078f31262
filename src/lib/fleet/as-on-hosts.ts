import type { Config, RequestCheck } from "../config/config.ts";

/** A check is written for the smoke stack; what hosts are asked as stands beside their port. */
export function asOnHosts(
  check: RequestCheck,
  { host, forwardedProto }: Pick<Config["runtime"], "host" | "forwardedProto">,
): RequestCheck {
  return { ...(host !== undefined && { host }), ...(forwardedProto !== undefined && { forwardedProto }), ...check };
}
