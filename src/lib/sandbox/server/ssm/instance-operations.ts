import { inputReader } from "../input.ts";
import { ServiceError } from "../protocol.ts";
import type { Operation } from "../protocol.ts";
import type { HostExecutor, ManagedHost, Pace } from "./hosts.ts";
import { page } from "./paging.ts";

type Input = Readonly<Record<string, unknown>>;

interface Filter {
  readonly key: string;
  readonly values: readonly string[];
}

const read = inputReader("ValidationException");
/** A release that hands parameters to scripts as environment variables; the observations in agent.ts are of this line. */
const agentVersion = "3.3.3572.0";

/** DescribeInstanceInformation over the hosts that exist at this moment. */
export function instanceOperations(ports: {
  readonly executor: HostExecutor;
  readonly pace: Pace;
}): Record<string, Operation> {
  const pings = new Map<string, number>();
  const lastPing = (host: ManagedHost): number => {
    if (host.running) pings.set(host.reference, ports.pace.now() / 1000);
    return pings.get(host.reference) ?? host.registeredAt;
  };
  return {
    async DescribeInstanceInformation(input) {
      const size = read.optionalNumber(input, "MaxResults", { min: 5, max: 50 }) ?? 50;
      const filters = readFilters(input);
      const hosts = await ports.executor.hosts();
      const matching = hosts.filter((host) => filters.every((filter) => matches(host, filter)));
      const request = {
        size,
        token: read.optionalString(input, "NextToken"),
        key: (host: ManagedHost) => host.instanceId,
      };
      const found = page(matching, request);
      return {
        InstanceInformationList: found.items.map((host) => instanceView(host, lastPing(host))),
        ...(found.nextToken === undefined ? {} : { NextToken: found.nextToken }),
      };
    },
  };
}

/** Both generations of the filter exist; a request has one of them. */
function readFilters(input: Input): readonly Filter[] {
  const modern = read.optionalRecords(input, "Filters");
  const legacy = read.optionalRecords(input, "InstanceInformationFilterList");
  if (modern !== undefined && legacy !== undefined) {
    throw new ServiceError("ValidationException", "Filters and InstanceInformationFilterList exclude each other.");
  }
  const size = { min: 1, max: 100 };
  const list =
    modern?.map((one) => ({ key: read.string(one, "Key", { min: 1 }), values: read.strings(one, "Values", size) })) ??
    legacy?.map((one) => ({ key: read.string(one, "key", { min: 1 }), values: read.strings(one, "valueSet", size) })) ??
    [];
  for (const filter of list) checkFilter(filter);
  return list;
}

function checkFilter(filter: Filter): void {
  const known = [
    "InstanceIds",
    "PingStatus",
    "PlatformTypes",
    "AgentVersion",
    "ResourceType",
    "SourceTypes",
    "SourceIds",
  ];
  if (!known.includes(filter.key) && !/^tag:.+/.test(filter.key) && filter.key !== "tag-key") {
    throw new ServiceError("InvalidFilterKey", `The filter key ${filter.key} is not valid.`);
  }
  const bad =
    filter.key === "InstanceIds" ? filter.values.find((id) => !/^(i-(\w{8}|\w{17})|mi-\w{17})$/.test(id)) : undefined;
  if (bad !== undefined) throw new ServiceError("InvalidInstanceId", `The instance id ${bad} is not valid.`);
}

function matches(host: ManagedHost, filter: Filter): boolean {
  const has = (value: string | undefined) => value !== undefined && filter.values.includes(value);
  if (filter.key.startsWith("tag:")) return has(host.tags[filter.key.slice("tag:".length)]);
  if (filter.key === "tag-key") return Object.keys(host.tags).some((key) => has(key));
  const values: Readonly<Record<string, string>> = {
    InstanceIds: host.instanceId,
    SourceIds: host.instanceId,
    PingStatus: pingStatus(host),
    PlatformTypes: "Linux",
    AgentVersion: agentVersion,
    ResourceType: "EC2Instance",
    SourceTypes: "AWS::EC2::Instance",
  };
  return has(values[filter.key]);
}

/** A host that is stopped or does not answer loses its connection; it stays registered. */
function pingStatus(host: ManagedHost): "Online" | "ConnectionLost" {
  return host.running ? "Online" : "ConnectionLost";
}

/** @param lastPing epoch seconds. */
function instanceView(host: ManagedHost, lastPing: number) {
  return {
    InstanceId: host.instanceId,
    PingStatus: pingStatus(host),
    LastPingDateTime: lastPing,
    AgentVersion: agentVersion,
    IsLatestVersion: false,
    PlatformType: "Linux",
    PlatformName: "Debian GNU/Linux",
    PlatformVersion: "13",
    ResourceType: "EC2Instance",
    IPAddress: host.ipAddress,
    ComputerName: host.computerName,
    SourceId: host.instanceId,
    SourceType: "AWS::EC2::Instance",
  };
}
