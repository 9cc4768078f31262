import type { ServiceDeploymentBrief } from "@aws-sdk/client-ecs";
import { inParts } from "../aws/in-parts.ts";
import { pages } from "../aws/patient-calls.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { clusterName } from "./application.ts";
import type { OrderPorts } from "./order-ports.ts";
import type { SeenService } from "./services.ts";

type EvidencePorts = Pick<OrderPorts, "call" | "application">;

/** How many are described at once, and so many of the newest are looked at whole (API reference). */
const atOnce = 20;
/** How many are listed at once; ECS knows those of 90 days. */
const most = 100;

/**
 * ARNs of the definitions that ECS itself has brought a service to, or from, by its own record of that. Tags of a service or of a
 * definition are written by anybody who may tag: none of them is a reason to run something there.
 */
export async function haveRun(
  { name, definition }: Pick<SeenService, "name" | "definition">,
  ports: EvidencePorts,
): Promise<ReadonlySet<string>> {
  const { call } = ports;
  const all = await listDeployments(name, ports);
  const newest = all.slice(0, atOnce).flatMap(({ serviceDeploymentArn = [] }) => serviceDeploymentArn);
  // What it is told by now needs no deployment that is remembered.
  if (newest.length === 0) return new Set([definition]);
  const revisions = new Set([
    ...(await sourcesOf(newest, name, { call })),
    ...all.flatMap(({ status, targetServiceRevisionArn = [] }) =>
      status === "SUCCESSFUL" ? targetServiceRevisionArn : [],
    ),
  ]);
  return new Set([definition, ...(await definitionsOf([...revisions], name, { call }))]);
}

/** Newest first, all that ECS knows: what a busy service ran last week may be hundreds of deployments ago. */
async function listDeployments(
  name: string,
  { call, application: { cluster } }: EvidencePorts,
): Promise<readonly ServiceDeploymentBrief[]> {
  const read = (nextToken: string | undefined) =>
    call({
      doing: `looking at what ${name} has run`,
      send: (client, { ListServiceDeploymentsCommand }, options) =>
        client.send(
          new ListServiceDeploymentsCommand({ cluster, service: name, maxResults: most, nextToken }),
          options,
        ),
    });
  const all: ServiceDeploymentBrief[] = [];
  for await (const { serviceDeployments = [] } of pages(read)) all.push(...serviceDeployments);
  return all;
}

/** What those deployments left: an older one may be forgotten by now. Who may not see them goes by what they have brought alone. */
async function sourcesOf(
  serviceDeploymentArns: readonly string[],
  name: string,
  { call }: Pick<EvidencePorts, "call">,
): Promise<readonly string[]> {
  const { serviceDeployments = [] } = await call({
    doing: `looking at what ${name} has run`,
    send: (client, { DescribeServiceDeploymentsCommand }, options) =>
      client.send(
        new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [...serviceDeploymentArns] }),
        options,
      ),
    answers: { AccessDeniedException: () => ({ serviceDeployments: [], $metadata: {} }) },
  });
  return serviceDeployments
    .flatMap(({ sourceServiceRevisions = [] }) => sourceServiceRevisions)
    .flatMap(({ arn = [] }) => arn);
}

async function definitionsOf(
  revisions: readonly string[],
  name: string,
  { call }: Pick<EvidencePorts, "call">,
): Promise<readonly string[]> {
  const answers = await Promise.all(
    inParts(revisions, atOnce).map((serviceRevisionArns) =>
      call({
        doing: `reading what ${name} has run`,
        send: (client, { DescribeServiceRevisionsCommand }, options) =>
          client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }), options),
      }),
    ),
  );
  return answers
    .flatMap(({ serviceRevisions = [] }) => serviceRevisions)
    .flatMap(({ taskDefinition = [] }) => taskDefinition);
}

/** @throws ThreadsError HOST_NOT_READY where ECS has never run that there, whatever is written on the service */
export async function requireHasRun(service: SeenService, definition: string, ports: EvidencePorts): Promise<void> {
  if ((await haveRun(service, ports)).has(definition)) return;
  throw new ThreadsError("HOST_NOT_READY", {
    message: `${service.name} is said to have run ${clusterName(definition)} before (its tag threads:before), and by ECS's own record it has not: somebody else may have written that`,
    advice: [
      `look who has written its tags (CloudTrail, TagResource), and tell it what it is to run: aws ecs update-service --cluster ${clusterName(ports.application.cluster)} --service ${service.name} --task-definition …`,
    ],
  });
}
