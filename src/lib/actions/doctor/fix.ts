import type { EnvironmentConfig } from "../../config/config.ts";
import { hasHosts } from "../../fleet/hosts.ts";
import { step } from "../../progress/progress.ts";
import type { DoctorPorts } from "./ports.ts";
import type { DoctorFix } from "./result.ts";

interface FixOptions {
  /** Says what it would do, and writes nothing. */
  readonly dryRun: boolean;
}

/**
 * Makes what doctor can make: the documents by which hosts take orders. Another content under a version's own name is left
 * to a person. @throws ThreadsError WRONG_ACCOUNT, ACCESS_DENIED …
 */
export async function fix(
  environments: readonly EnvironmentConfig[],
  { dryRun }: FixOptions,
  ports: DoctorPorts,
): Promise<readonly DoctorFix[]> {
  const own = environments.filter(hasHosts).filter(({ hosts }) => hosts.documents === true);
  if (own.length === 0) return [];
  await ports.identity();
  const title = dryRun ? "Look at the documents" : "Make the documents";
  return step(ports.progress, title, async () => {
    const fixes: DoctorFix[] = [];
    // One after the other: SSM takes few writes a second.
    for (const { name: environment } of own) {
      for (const document of await ports.documents(environment)) {
        const { state } = await ports.findDocument(document);
        if (state === "there" || state === "forged") continue;
        if (!dryRun) await ports.writeDocument(document, state === "other");
        const did = state === "absent" ? "created" : "updated";
        fixes.push({ environment, document: document.name, version: document.version, did, done: !dryRun });
      }
    }
    return fixes;
  });
}
