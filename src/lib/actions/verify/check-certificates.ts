import { certificatesOf } from "../../config/checks-for.ts";
import type { Config } from "../../config/config.ts";
import { runChecks } from "../../probe/checks.ts";
import { type CheckHostPorts, noCommand, shownCheck } from "./check-host.ts";
import type { HostCheck } from "./result.ts";

/** One is looked at in a round trip or two. */
const limitMs = 30_000;

/** Looks at the certificates of an environment once, from here: what shows them stands in front of all hosts. */
export async function checkCertificates(
  environment: string,
  {
    config,
    clock,
    signal,
  }: Pick<CheckHostPorts, "clock" | "signal"> & { readonly config: Pick<Config, "checks" | "environments"> },
): Promise<HostCheck[]> {
  const checks = certificatesOf(config, environment);
  const [longest = 0] = checks.map(({ withinMs }) => withinMs).toSorted((one, other) => other - one);
  const options = { base: "http://localhost", checks, revision: "", timeoutMs: limitMs + longest };
  const none = (): Promise<never> => Promise.reject(new Error("nothing is requested"));
  return (await runChecks(options, { get: none, exec: noCommand, clock, signal })).map(shownCheck);
}
