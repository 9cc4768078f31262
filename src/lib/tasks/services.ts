import { inParts } from "../aws/in-parts.ts";
import type { Service } from "@aws-sdk/client-ecs";
import type { EcsCall } from "../aws/ecs-calls.ts";
import { pages } from "../aws/patient-calls.ts";
import { ownerOf } from "../ecs/owner.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { list } from "../text/words.ts";
import { type Application, clusterName } from "./application.ts";
import { type Marks, readMarks } from "./marks.ts";
import { lastsMs } from "./stages.ts";

/** A service as ECS describes it. */
export interface SeenService {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  /** ECS, CODE_DEPLOY, EXTERNAL. */
  readonly controller: string;
  readonly desired: number;
  readonly running: number;
  /** ARN of the task definition that it is to run. */
  readonly definition: string;
  /** Of the deployment that brings that: `ecs-svc/…`. */
  readonly primary: string;
  /** COMPLETED, FAILED, IN_PROGRESS; ECS tells it of tasks that are replaced one by one alone. */
  readonly rolloutState: string | undefined;
  /** ROLLING, BLUE_GREEN, CANARY, LINEAR. */
  readonly strategy: string;
  /** ARN of the service deployment that ECS works on, or worked on last. */
  readonly deployment: string | undefined;
  /** Somebody has put pauses into it, at which each deployment waits for a person. */
  readonly hasPauses: boolean;
  /** So long its own steps last, in milliseconds, whatever comes up. */
  readonly lastsMs: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** Whether ECS moves its tasks between zones. */
  readonly balanced: boolean;
  readonly alarms: readonly string[];
  readonly marks: Marks;
}

/** How many DescribeServices takes at once. */
const atOnce = 10;

/** The application's services that are there: those that threads.yml names, and others that a deployment of ours has made. */
export async function readServices(application: Application, call: EcsCall): Promise<readonly SeenService[]> {
  return (await readNamed(application, call)).own;
}

interface Named {
  readonly own: readonly SeenService[];
  /** Threads.yml names them, and another application or environment has deployed to them. */
  readonly foreign: readonly SeenService[];
}

/** Those that bear a name of the application's, by whose they are. */
export async function readNamed(application: Application, call: EcsCall): Promise<Named> {
  const listed = await listNames(application, call);
  const names = [...new Set([...application.services, ...listed])];
  const seen = await describeServices(application, names, call);
  const owner = ownerOf(application);
  const expected = seen.filter(({ name }) => application.services.includes(name));
  // Begins like ours and says not that it is: another's, whose name goes on where our environment's ends.
  const others = seen.filter(({ name, marks }) => !application.services.includes(name) && marks.owner === owner);
  const isForeign = ({ marks }: SeenService): boolean => marks.owner !== undefined && marks.owner !== owner;
  return { own: [...expected.filter((one) => !isForeign(one)), ...others], foreign: expected.filter(isForeign) };
}

async function listNames({ cluster, prefix }: Application, call: EcsCall): Promise<readonly string[]> {
  const names: string[] = [];
  const read = (nextToken: string | undefined) =>
    call({
      doing: `listing the services of cluster ${clusterName(cluster)}`,
      send: (client, { ListServicesCommand }, options) =>
        client.send(new ListServicesCommand({ cluster, maxResults: 100, nextToken }), options),
    });
  for await (const { serviceArns = [] } of pages(read))
    names.push(...serviceArns.map(clusterName).filter((name) => name.startsWith(prefix)));
  return names;
}

/** Those of these names that are there. @throws ThreadsError AWS_FAILURE where ECS leaves one out without a word */
export async function describeServices(
  { cluster }: Pick<Application, "cluster">,
  names: readonly string[],
  call: EcsCall,
): Promise<readonly SeenService[]> {
  const answers = await Promise.all(
    inParts(names, atOnce).map((services) =>
      call({
        doing: `looking at ${list([...services])} in cluster ${clusterName(cluster)}`,
        send: (client, { DescribeServicesCommand }, options) =>
          client.send(new DescribeServicesCommand({ cluster, services: [...services], include: ["TAGS"] }), options),
      }),
    ),
  );
  const found = answers.flatMap(({ services = [] }) => services);
  const failures = answers.flatMap((answer) => answer.failures ?? []);
  // Any other reason says nothing of whether it is there.
  const missing = new Set(failures.flatMap(({ arn = "", reason }) => (reason === "MISSING" ? [clusterName(arn)] : [])));
  const unsaid = names.filter((name) => !missing.has(name) && !found.some(({ serviceName }) => serviceName === name));
  // HTTP 200, and yet not all that was asked for: nobody may take that for a service that is not there.
  if (unsaid.length > 0)
    throw new ThreadsError("AWS_FAILURE", {
      message: `ECS answered for ${found.length} of ${names.length} services, and said nothing of ${list(unsaid)}`,
      advice: ["try again in a minute"],
    });
  return found.filter(({ status }) => status !== "INACTIVE").map(seenOf);
}

/** Where requests are shifted ECS tells no rollout state: what it works on no longer, and has one deployment, is through. */
function settledState(service: Service, strategy: string): string | undefined {
  const { deployments = [], currentServiceDeployment, runningCount, desiredCount } = service;
  if (strategy === "ROLLING" || currentServiceDeployment !== undefined) return undefined;
  return deployments.length === 1 && runningCount === desiredCount ? "COMPLETED" : undefined;
}

function seenOf(service: Service): SeenService {
  const { deployments = [], deploymentConfiguration: how = {} } = service;
  const { strategy = "ROLLING" } = how;
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  return {
    name: service.serviceName ?? "",
    arn: service.serviceArn ?? "",
    status: service.status ?? "",
    controller: service.deploymentController?.type ?? "ECS",
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    definition: primary?.taskDefinition ?? service.taskDefinition ?? "",
    primary: primary?.id ?? "",
    rolloutState: primary?.rolloutState ?? settledState(service, strategy),
    strategy,
    hasPauses: (how.lifecycleHooks ?? []).some(({ targetType }) => targetType === "PAUSE"),
    lastsMs: lastsMs(how),
    deployment: service.currentServiceDeployment,
    minimumHealthyPercent: how.minimumHealthyPercent ?? 100,
    maximumPercent: how.maximumPercent ?? 200,
    balanced: service.availabilityZoneRebalancing !== "DISABLED",
    alarms: how.alarms?.enable === true ? (how.alarms.alarmNames ?? []) : [],
    marks: readMarks(service.tags),
  };
}
