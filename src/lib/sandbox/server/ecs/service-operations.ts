import { type Operation, ServiceError } from "../protocol.ts";
import { mostTags, tagsOf } from "./check-definition.ts";
import {
  clusterOf,
  type EcsParts,
  type Input,
  invalid,
  keyOf,
  lastPart,
  lookUp,
  nameRule,
  newNumber,
  newShortId,
  page,
  read,
  requestOf,
  seconds,
  serviceArn,
  serviceOf,
} from "./parts.ts";
import { checkLoadBalancers } from "./load-balancers.ts";
import { deploy, scale } from "./schedule/change.ts";
import type { Service } from "./schedule/service.ts";
import { alternateShare } from "./schedule/shift.ts";
import { configurationOf, definitionFor, deploying, launchTypeOf, settingsOf } from "./service-input.ts";
import { serviceView, tasksOf } from "./service-view.ts";
import { at } from "./state.ts";

/** Services (API reference, 2014-11-13). */
export function serviceOperations(parts: EcsParts): Readonly<Record<string, Operation>> {
  return {
    CreateService: (input, { identity }) => createService(parts, input, identity.arn),
    UpdateService: (input) => updateService(parts, input),
    DeleteService: (input) => deleteService(parts, input),
    DescribeServices: async (input) => describeServices(parts, input),
    ListServices: async (input) => listServices(parts, input),
    TagResource: (input) => tagService(parts, input),
  };
}

async function createService(parts: EcsParts, input: Input, createdBy: string): Promise<unknown> {
  const name = read.string(input, "serviceName", nameRule);
  const cluster = clusterOf(parts, input).name;
  const { type = "ECS" } = (read.optionalRecord(input, "deploymentController") ?? {}) as { readonly type?: string };
  if (type !== "ECS") throw invalid(`The sandbox knows no deployment controller but ECS, and not ${type}.`);
  const definition = definitionFor(parts, read.string(input, "taskDefinition"), input);
  const strategy = read.optionalOneOf(input, "schedulingStrategy", ["REPLICA", "DAEMON"] as const) ?? "REPLICA";
  if (strategy === "DAEMON") throw invalid("The sandbox knows no scheduling strategy but REPLICA, and not DAEMON.");
  const desiredCount = read.number(input, "desiredCount", { min: 0, max: 5_000 });
  const configuration = configurationOf(input);
  checkLoadBalancers(parts, input, { ...definition, ...configuration });
  const now = seconds(parts);
  const token = read.optionalString(input, "clientToken", { max: 36 });
  const wanted: Service = {
    name,
    cluster,
    status: "ACTIVE",
    desiredCount,
    launchType: launchTypeOf(input, definition),
    createdAt: now,
    createdBy,
    graceSeconds: read.optionalNumber(input, "healthCheckGracePeriodSeconds", { min: 0 }) ?? 0,
    configuration,
    settings: settingsOf(input, { availabilityZoneRebalancing: "ENABLED" }),
    tags: tagsOf(input),
    deployments: [],
    revisions: [],
    history: [],
    events: [],
    steady: false,
  };
  const key = `${cluster}/${name}`;
  const made = { ...wanted, ...(token !== undefined && { madeBy: { token, request: requestOf(input) } }) };
  const service = await parts.store.update(({ services }) => {
    const before = at(services, key);
    if (before?.status === "ACTIVE" && isSame(before.madeBy, made.madeBy)) return before;
    if (before?.status === "ACTIVE") throw invalid("Creation of service was not idempotent.");
    if (before?.status === "DRAINING") throw invalid("Unable to Start a service that is still Draining.");
    return (services[key] = begin(parts, made, keyOf(definition)));
  });
  return { service: serviceView(parts, service, ["TAGS"]) };
}

/** Asked again with the same token and the same words it is the same service (API reference, CreateService: clientToken). */
function isSame(one: Service["madeBy"], other: Service["madeBy"]): boolean {
  return one !== undefined && one.token === other?.token && one.request === other.request;
}

function begin(parts: EcsParts, service: Service, definition: string): Service {
  const ids = { deployment: `ecs-svc/${newNumber()}`, revision: newNumber(), serviceDeployment: newShortId() };
  const target = { definition, ids, tasks: tasksOf(parts, service) };
  return deploy(service, target, { now: seconds(parts), red: parts.settings.redAlarms });
}

/** What changes how tasks are begins a deployment; numbers, limits and the breaker alone do not. */
async function updateService(parts: EcsParts, input: Input): Promise<unknown> {
  const service = activeService(parts, input);
  const before = service.deployments[0]?.definition ?? "";
  const settings = settingsOf(input, service.settings);
  const text = read.optionalString(input, "taskDefinition");
  // A revision that was deregistered goes on running, and is not deployed again.
  const isNew =
    read.optionalBoolean(input, "forceNewDeployment") === true || deploying.some((name) => input[name] != null);
  const definition = isNew ? definitionFor(parts, text ?? before, settings) : undefined;
  const configuration = configurationOf(input, service.configuration);
  const runs = definition ?? at(parts.store.state.definitions, before);
  const isAsked = definition !== undefined || configuration.strategy !== service.configuration.strategy;
  if (isAsked && runs !== undefined) checkLoadBalancers(parts, settings, { ...runs, ...configuration });
  requireWayBack(service, configuration);
  const grace = read.optionalNumber(input, "healthCheckGracePeriodSeconds", { min: 0 }) ?? service.graceSeconds;
  const desired = read.optionalNumber(input, "desiredCount", { min: 0, max: 5_000 });
  const updated = await parts.store.update(({ services }) => {
    const key = `${service.cluster}/${service.name}`;
    const current = { ...(services[key] ?? service), configuration, settings, graceSeconds: grace };
    const scaled = desired === undefined ? current : scale(current, desired);
    const isSame = definition !== undefined && keyOf(definition) === before && !forces(input, service.settings);
    return (services[key] = definition === undefined || isSame ? scaled : begin(parts, scaled, keyOf(definition)));
  });
  return { service: serviceView(parts, updated) };
}

/** Rolling tasks begin in the first target group alone: requests that go to the other one would find nobody. */
function requireWayBack(service: Service, { strategy }: Service["configuration"]): void {
  if (strategy === "ROLLING" && alternateShare(service).production > 0)
    throw invalid(
      "The sandbox changes no service to the ROLLING deployment strategy whose alternate target group gets requests: deploy it once more before.",
    );
}

/** The definition that it has already, and nothing else that is new, is no change. */
function forces(input: Input, before: Input): boolean {
  if (input["forceNewDeployment"] === true) return true;
  const others = deploying.filter((name) => name !== "taskDefinition");
  return others.some((name) => input[name] != null && JSON.stringify(input[name]) !== JSON.stringify(before[name]));
}

function activeService(parts: EcsParts, input: Input): Service {
  const named = read.string(input, "service");
  const service = serviceOf(parts, clusterOf(parts, input).name, named);
  if (service.status !== "ACTIVE") throw new ServiceError("ServiceNotActiveException", "Service was not ACTIVE.");
  return service;
}

async function deleteService(parts: EcsParts, input: Input): Promise<unknown> {
  const service = serviceOf(parts, clusterOf(parts, input).name, read.string(input, "service"));
  const force = read.optionalBoolean(input, "force") ?? false;
  if (service.status === "INACTIVE") throw new ServiceError("ServiceNotFoundException", "Service not found.");
  if (service.desiredCount > 0 && !force) throw invalid("The service cannot be stopped while it is scaled above 0.");
  const draining = await parts.store.update(({ services }) => {
    const next: Service = { ...scale(service, 0), status: "DRAINING" };
    return (services[`${service.cluster}/${service.name}`] = next);
  });
  return { service: serviceView(parts, draining) };
}

/** One tag for each key: what is there under it is replaced (API reference, TagResource). */
async function tagService(parts: EcsParts, input: Input): Promise<unknown> {
  const arn = read.string(input, "resourceArn");
  const [kind, cluster = "", name = ""] = arn.slice(arn.lastIndexOf(":") + 1).split("/");
  if (!arn.startsWith("arn:") || kind !== "service") throw invalid("The sandbox tags services alone, by their ARN.");
  const given = tagsOf(input);
  await parts.store.update(({ services }) => {
    const service = services[`${cluster}/${name}`];
    if (service === undefined || service.status === "INACTIVE") throw invalid("The specified service is not there.");
    const tags = [...service.tags.filter(({ key }) => !given.some((one) => one.key === key)), ...given];
    if (tags.length > mostTags) throw invalid(`A resource takes ${mostTags} tags.`);
    services[`${cluster}/${name}`] = { ...service, tags };
  });
  return {};
}

function describeServices(parts: EcsParts, input: Input): unknown {
  const cluster = clusterOf(parts, input).name;
  const asked = read.strings(input, "services");
  if (asked.length === 0) throw invalid("Services cannot be empty.");
  if (asked.length > 10) throw invalid("Services cannot be more than 10.");
  const include = read.optionalStrings(input, "include") ?? [];
  const { found: services, failures } = lookUp(
    asked.map(lastPart),
    (name) => {
      const one = at(parts.store.state.services, `${cluster}/${name}`);
      return one && serviceView(parts, one, include);
    },
    (name) => serviceArn(parts, { cluster, name }),
  );
  return { services, failures };
}

function listServices(parts: EcsParts, input: Input): unknown {
  const cluster = clusterOf(parts, input).name;
  const type = read.optionalOneOf(input, "launchType", ["EC2", "FARGATE"] as const);
  const all = Object.values(parts.store.state.services).filter(
    (one) => one.cluster === cluster && one.status !== "INACTIVE" && (type === undefined || one.launchType === type),
  );
  const { items, ...more } = page(all, input, { key: ({ name }) => name, usual: 10, most: 100 });
  return { serviceArns: items.map((one) => serviceArn(parts, one)), ...more };
}
