import { ThreadsError } from "../errors/threads-error.ts";
import { statusScript } from "../script/host-scripts.ts";
import type { HostPorts } from "./ports.ts";
import { sampleDeployment } from "./sample-deployment.ts";

/**
 * Whether hosts of an environment would take what a deployment tells them, before anything is sent: where they take orders by
 * documents of our own, those have to be there. @throws ThreadsError HOST_DOCUMENT (refused), which names each that is not
 */
export async function requireOrders(
  environment: string,
  ports: Pick<HostPorts, "config" | "registryHost" | "region" | "remote">,
): Promise<void> {
  const scripts = [sampleDeployment({ ...ports, environment }), statusScript({ app: ports.config.app, nonce: "n" })];
  const ends = await Promise.allSettled(scripts.map((script) => ports.remote.check({ script, environment })));
  const failures = ends.flatMap((end): unknown[] => (end.status === "rejected" ? [end.reason] : []));
  const [first] = failures;
  if (first === undefined) return;
  const lacking = failures.filter((one) => one instanceof ThreadsError && one.code === "HOST_DOCUMENT");
  // What AWS does not let us look at says nothing of the documents.
  if (lacking.length < failures.length) throw failures.find((one) => !lacking.includes(one));
  if (lacking.length === 1 || !(first instanceof ThreadsError)) throw first;
  throw first.with({
    message: `hosts of ${environment} take orders by documents alone, and ${lacking.length} of them are not what they must be`,
    details: (lacking as ThreadsError[]).map(({ message }) => message),
  });
}
