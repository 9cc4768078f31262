import type { EcsEnvironment } from "../../../ecs/environment-on-ecs.ts";
import { hasEcs } from "../../../ecs/environment-on-ecs.ts";
import { awsLine, type PreflightFinding } from "../../../ecs/preflight/finding.ts";
import { judgeCluster } from "../../../ecs/preflight/judge-cluster.ts";
import { judgeService } from "../../../ecs/preflight/judge-service.ts";
import type { Task } from "../../../ecs/translate.ts";
import { are, count, list } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok, unseen } from "../check.ts";
import { ThreadsError } from "../../../errors/threads-error.ts";
import type { CheckPorts } from "../ports.ts";
import { translated, unresolved } from "./ecs.ts";

/** Whether the services of an environment on ECS could be deployed to now, and would come back from a release that does not come up. */
export const ecsServicesCheck: Check = {
  id: "ecs-services",
  title: "ECS services",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(hasEcs);
    if (environments.length === 0) return [];
    const config = await ports.config();
    const committed = await ports.committed().catch(() => undefined);
    const { model } = await ports.stack(config.runtime.compose);
    const found = environments.map(async (environment): Promise<readonly DoctorFinding[]> => {
      const translation = translated(environment, model, { config, committed });
      if (translation === undefined) return [{ of: environment.name, ...unresolved }];
      const findings = await lookOrSay(environment, translation.tasks, ports);
      return findings.map((one) => ({ of: environment.name, ...one }));
    });
    return (await Promise.all(found)).flat();
  },
};

/** One environment that cannot be looked at hides no other. */
async function lookOrSay(
  environment: EcsEnvironment,
  tasks: readonly Task[],
  ports: CheckPorts,
): Promise<readonly DoctorFinding[]> {
  try {
    return await lookAt(environment, tasks, ports);
  } catch (error) {
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return [unseen(error)];
    throw error;
  }
}

async function lookAt(
  environment: EcsEnvironment,
  tasks: readonly Task[],
  ports: CheckPorts,
): Promise<readonly DoctorFinding[]> {
  const { cluster } = environment.ecs;
  const wrong = judgeCluster(await (await ports.ecs()).cluster(cluster), cluster);
  if (wrong.length > 0) return wrong;
  const [services, groups] = await Promise.all([
    judgeServices(environment, tasks, ports),
    judgeLogGroups(tasks, ports),
  ]);
  const findings = [...services.findings, ...groups];
  return findings.length > 0 ? findings : [ok(readyText(services, cluster))];
}

interface Services {
  readonly there: readonly string[];
  readonly absent: readonly string[];
  readonly findings: readonly PreflightFinding[];
}

/** What is not there yet the first deployment makes. */
function readyText({ there, absent }: Pick<Services, "there" | "absent">, cluster: string): string {
  const all = count(there.length + absent.length, "service");
  const made = `${list(absent)} ${are(absent.length)} made by the first one`;
  return `${all} of the cluster ${cluster}, ready for a deployment${absent.length === 0 ? "" : `: ${made}`}`;
}

async function judgeServices(
  { name: environment, ecs: { cluster } }: EcsEnvironment,
  tasks: readonly Task[],
  ports: Pick<CheckPorts, "config" | "ecs" | "clock" | "deploymentLog">,
): Promise<Services> {
  const names = tasks.flatMap(({ service }) => service?.serviceName ?? []);
  const [{ app }, ecs] = await Promise.all([ports.config(), ports.ecs()]);
  const services = await ecs.services(cluster, names);
  const absent = names.filter((name) => !services.has(name));
  const isDeployed = absent.length > 0 && (await wasDeployed(environment, ports));
  const now = ports.clock.now();
  const found = tasks.map(async ({ name: task, taskDefinition: definition, service: wanted }) => {
    if (wanted === null) return [];
    const service = services.get(wanted.serviceName);
    const arn = service?.taskDefinition;
    const runs = arn === undefined ? undefined : await ecs.definition(arn);
    return judgeService({ app, environment, task, wanted, definition, service, isDeployed, runs, now });
  });
  const there = names.filter((name) => services.has(name));
  return { there, absent, findings: (await Promise.all(found)).flat() };
}

/** Where the ledger cannot be read, which is a finding of its own, what is not there is told. */
async function wasDeployed(environment: string, ports: Pick<CheckPorts, "deploymentLog">): Promise<boolean> {
  try {
    return (await ports.deploymentLog(environment)).deployments.length > 0;
  } catch (error) {
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return true;
    throw error;
  }
}

/** Without it no task starts: the execution role may not make it (logs:CreateLogGroup), and is not told to. */
async function judgeLogGroups(
  tasks: readonly Task[],
  { hasLogGroup }: Pick<CheckPorts, "hasLogGroup">,
): Promise<readonly PreflightFinding[]> {
  const containers = tasks.flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions);
  const names = new Set(containers.flatMap(({ logConfiguration }) => logConfiguration.options["awslogs-group"] ?? []));
  const absent = await Promise.all([...names].map(async (name) => ((await hasLogGroup(name)) ? [] : [name])));
  return absent.flat().map((name) => ({
    state: "fail",
    says: `there is no log group ${name}, and without it no task starts`,
    next: [awsLine("logs", "create-log-group", "--log-group-name", name)],
  }));
}
