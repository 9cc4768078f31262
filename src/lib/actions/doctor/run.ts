import { ThreadsError } from "../../errors/threads-error.ts";
import { step } from "../../progress/progress.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import { type Check, type DoctorFinding, unseen } from "./check.ts";
import { accountCheck } from "./checks/account.ts";
import { composeCheck } from "./checks/compose.ts";
import { configurationCheck } from "./checks/configuration.ts";
import { dockerCheck } from "./checks/docker.ts";
import { documentsCheck } from "./checks/documents.ts";
import { ecsCheck } from "./checks/ecs.ts";
import { ecsServicesCheck } from "./checks/ecs-services.ts";
import { gitCheck } from "./checks/git.ts";
import { githubCheck } from "./checks/github.ts";
import { hostsCheck } from "./checks/hosts.ts";
import { leftoversCheck } from "./checks/leftovers.ts";
import { ledgerCheck } from "./checks/ledger.ts";
import { lifecycleCheck } from "./checks/lifecycle.ts";
import { logGroupCheck } from "./checks/log-group.ts";
import { policyCheck } from "./checks/policy.ts";
import { parametersCheck } from "./checks/parameters.ts";
import { mutabilityCheck, repositoriesCheck, scanningCheck } from "./checks/repositories.ts";
import { runtimeCheck } from "./checks/runtime.ts";
import { fix } from "./fix.ts";
import type { CheckPorts, DoctorPorts } from "./ports.ts";
import type { DoctorCheckResult, DoctorResult } from "./result.ts";

/** In the order in which they are shown: what others depend on comes first. */
const checks: readonly Check[] = [
  runtimeCheck,
  configurationCheck,
  composeCheck,
  ecsCheck,
  gitCheck,
  dockerCheck,
  leftoversCheck,
  accountCheck,
  repositoriesCheck,
  mutabilityCheck,
  scanningCheck,
  lifecycleCheck,
  hostsCheck,
  ecsServicesCheck,
  documentsCheck,
  logGroupCheck,
  ledgerCheck,
  policyCheck,
  parametersCheck,
  githubCheck,
];

export interface DoctorOptions {
  /** All of them where it is undefined. */
  readonly environment: string | undefined;
  /** Makes what is missing, as far as it can, before it looks; undefined: only looks. */
  readonly fix?: { readonly dryRun: boolean } | undefined;
}

/**
 * Looks at everything that a release needs, all at once, and writes nothing unless it is told to fix what it can. What cannot
 * be looked at is a finding too. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), and what keeps it from fixing
 */
export async function doctor({ environment, fix: fixing }: DoctorOptions, ports: DoctorPorts): Promise<DoctorResult> {
  await requireEnvironment(environment, ports);
  const environments: CheckPorts["environments"] = async () =>
    Object.values((await ports.config()).environments).filter(
      ({ name }) => environment === undefined || name === environment,
    );
  const fixed = fixing === undefined ? [] : await fix(await environments(), fixing, ports);
  const looks = await step(ports.progress, "Look at everything that a release needs", () =>
    Promise.all(checks.map((check) => look(check, { ...ports, environments }))),
  );
  const results = explain(looks);
  return {
    outcome: results.every(({ state }) => state !== "fail") ? "passed" : "failed",
    observedAt: new Date(ports.clock.now()).toISOString(),
    fixed,
    checks: results,
    next: results.flatMap(({ next }) => next),
    advice: results.flatMap(({ advice }) => advice),
  };
}

async function requireEnvironment(name: string | undefined, ports: DoctorPorts): Promise<void> {
  // An unreadable configuration is a finding, and comes later.
  const config = await ports.config().catch(() => undefined);
  if (name !== undefined && config !== undefined && config.environments[name] === undefined)
    deployableEnvironment(config, name, (other) => `threads doctor -e ${other}`);
}

interface Look {
  readonly check: Check;
  readonly findings: readonly DoctorFinding[];
  readonly failure: ThreadsError | undefined;
}

async function look(check: Check, ports: CheckPorts): Promise<Look> {
  try {
    return { check, findings: await check.look(ports), failure: undefined };
  } catch (error) {
    if (error instanceof ThreadsError && error.outcome !== "interrupted")
      return { check, findings: [], failure: error };
    throw error;
  }
}

/** What several checks stumble over is told by the first of them; the others name it. */
function explain(looks: readonly Look[]): DoctorCheckResult[] {
  return looks.flatMap(({ check, findings, failure }) => {
    if (failure === undefined) return findings.map((finding) => shown(check, finding));
    const first = looks.find((one) => one.failure?.code === failure.code);
    // Each denial is a permission of its own.
    const isTold = first === undefined || first.check === check || failure.code === "ACCESS_DENIED";
    return [shown(check, isTold ? unseen(failure) : unseenFor(first.check))];
  });
}

function unseenFor(cause: Check): DoctorFinding {
  return { state: "warn", says: `not looked at, for the same reason as ${cause.title}` };
}

function shown(
  { id, title }: Check,
  { of, state, says, details = [], next = [], advice = [] }: DoctorFinding,
): DoctorCheckResult {
  return { check: id, title: of === undefined ? title : `${title} of ${of}`, state, says, details, next, advice };
}
