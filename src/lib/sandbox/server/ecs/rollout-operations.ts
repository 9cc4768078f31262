import { type Operation, ServiceError } from "../protocol.ts";
import { continueDeployment } from "./continue-deployment.ts";
import {
  clusterArn,
  clusterOf,
  definitionArn,
  type EcsParts,
  type Input,
  invalid,
  lookUp,
  padded,
  page,
  read,
  seconds,
  serviceArn,
  serviceOf,
} from "./parts.ts";
import { changeHistory, type Revision, type Service, type ServiceDeployment } from "./schedule/service.ts";
import { deploymentArn, deploymentBrief, deploymentView, revisionArn, tasksOf } from "./service-view.ts";
import { at } from "./state.ts";
import { below, deploymentAt } from "./deployment-at.ts";

const statuses = [
  "PENDING",
  "SUCCESSFUL",
  "STOPPED",
  "STOP_REQUESTED",
  "IN_PROGRESS",
  "ROLLBACK_REQUESTED",
  "ROLLBACK_IN_PROGRESS",
  "ROLLBACK_SUCCESSFUL",
  "ROLLBACK_FAILED",
] as const;
/** How long service deployments are known ("View service history using Amazon ECS service deployments"). */
const rememberedSeconds = 90 * 24 * 3600;

/** How many can be described at once (API reference). */
const several = { min: 1, max: 20 } as const;

/** Service deployments and revisions (API reference, 2014-11-13). */
export function rolloutOperations(parts: EcsParts): Readonly<Record<string, Operation>> {
  return {
    ListServiceDeployments: async (input) => listDeployments(parts, input),
    DescribeServiceDeployments: async (input) => {
      const { found: serviceDeployments, failures } = lookUpBelow(
        parts,
        read.strings(input, "serviceDeploymentArns", several),
        (service, id) => {
          const one = remembered(parts, service).find((each) => each.id === id);
          return one && deploymentView(parts, service, one);
        },
      );
      return { serviceDeployments, failures };
    },
    DescribeServiceRevisions: async (input) => {
      const { found: serviceRevisions, failures } = lookUpBelow(
        parts,
        read.strings(input, "serviceRevisionArns", several),
        (service, id) => {
          const one = service.revisions.find((each) => each.id === id);
          return one && revisionView(parts, service, one);
        },
      );
      return { serviceRevisions, failures };
    },
    StopServiceDeployment: (input) => stopDeployment(parts, input),
    ContinueServiceDeployment: (input) => continueDeployment(parts, input),
  };
}

function remembered(parts: EcsParts, { history }: Service): readonly ServiceDeployment[] {
  const oldest = seconds(parts) - rememberedSeconds;
  return history.filter(({ createdAt }) => createdAt >= oldest);
}

function listDeployments(parts: EcsParts, input: Input): unknown {
  const service = serviceOf(parts, clusterOf(parts, input).name, read.string(input, "service"));
  const wanted = read.optionalStrings(input, "status") ?? [];
  for (const status of wanted) read.oneOf({ status }, "status", statuses);
  const { after = 0, before = Number.MAX_VALUE } = (read.optionalRecord(input, "createdAt") ?? {}) as {
    readonly after?: number;
    readonly before?: number;
  };
  const all = remembered(parts, service).filter(
    ({ status, createdAt }) =>
      (wanted.length === 0 || wanted.includes(status)) && createdAt >= after && createdAt <= before,
  );
  // Of those of one moment the id decides.
  const key = ({ createdAt, id }: ServiceDeployment): string => `${padded(Math.round(createdAt * 1000))} ${id}`;
  const { items, ...more } = page(all, input, { key, descending: true, usual: 20, most: 100 });
  return { serviceDeployments: items.map((one) => deploymentBrief(parts, service, one)), ...more };
}

/** Looks up `…/<cluster>/<service>/<id>`. */
function lookUpBelow(
  parts: EcsParts,
  asked: readonly string[],
  view: (service: Service, id: string) => Input | undefined,
): ReturnType<typeof lookUp> {
  return lookUp(
    asked,
    (text) => {
      const { service, id } = below(parts, text);
      return service && view(service, id);
    },
    (text) => text,
  );
}

function revisionView(parts: EcsParts, service: Service, one: Revision): Input {
  const { loadBalancers = [], networkConfiguration } = one.settings;
  return {
    serviceRevisionArn: revisionArn(parts, service, one.id),
    serviceArn: serviceArn(parts, service),
    clusterArn: clusterArn(parts, service.cluster),
    taskDefinition: definitionArn(parts, one.definition),
    launchType: one.launchType,
    loadBalancers,
    serviceRegistries: [],
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    containerImages: imagesOf(parts, service, one),
    guardDutyEnabled: false,
    createdAt: one.createdAt,
  };
}

/** What was really pulled: known once a task has pulled it, and what a definition pins before that. */
function imagesOf(parts: EcsParts, service: Service, { id, definition }: Revision): readonly Input[] {
  const own = new Set(service.deployments.filter(({ revision }) => revision === id).map((one) => one.id));
  const pulled = tasksOf(parts, service)
    .filter(({ startedBy = "" }) => own.has(startedBy))
    .flatMap(({ containers }) => containers);
  const containers = at(parts.store.state.definitions, definition)?.body.containerDefinitions ?? [];
  return containers.map((container) => {
    const image = String(container["image"]);
    const pinned = image.split("@")[1];
    const digest = pinned ?? pulled.find((one) => one.name === container["name"] && one.imageDigest)?.imageDigest;
    return { containerName: container["name"], image, ...(digest !== undefined && { imageDigest: digest }) };
  });
}

const stoppable = new Set(["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"]);

/** Goes back, whether or not the service was told to by itself ("Stopping Amazon ECS service deployments"). */
async function stopDeployment(parts: EcsParts, input: Input): Promise<unknown> {
  const arn = read.string(input, "serviceDeploymentArn");
  const type = read.optionalOneOf(input, "stopType", ["ABORT", "ROLLBACK"] as const) ?? "ROLLBACK";
  if (type === "ABORT") throw invalid("stopType must be ROLLBACK.");
  const { service, one } = deploymentAt(parts, arn);
  const { id } = one;
  if (!stoppable.has(one.status))
    throw new ServiceError(
      "ConflictException",
      `The service deployment is ${one.status} and can no longer be stopped.`,
    );
  if (one.status === "PENDING" || one.status === "IN_PROGRESS")
    await parts.store.update(({ services }) => {
      const change = { status: "ROLLBACK_REQUESTED" as const, updatedAt: seconds(parts) };
      services[`${service.cluster}/${service.name}`] = changeHistory(service, id, change);
    });
  return { serviceDeploymentArn: deploymentArn(parts, service, id) };
}
