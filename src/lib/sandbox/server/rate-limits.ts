import { ServiceError } from "./protocol.ts";

/** Token buckets per operation, off by default. The core calls `take` before every operation; a service need not. */
export interface RateLimits {
  enabled: boolean;
  /** @throws ServiceError ThrottlingException when the bucket of the operation is empty. Operations without a known limit pass. */
  take(operation: string): void;
}

interface Rate {
  readonly bucket: string;
  readonly perSecond: number;
  /** How many pass at once; a second's worth where it is not said. */
  readonly burst?: number;
}

/** Actions of ECS share buckets by what they do (Amazon ECS API reference, "Request throttling for the Amazon ECS API"). */
const ecsRates: readonly (Rate & { readonly operations: readonly string[] })[] = [
  {
    bucket: "ecs: modify task definitions",
    perSecond: 1,
    burst: 20,
    operations: ["RegisterTaskDefinition", "DeregisterTaskDefinition"],
  },
  {
    bucket: "ecs: read task definitions",
    perSecond: 20,
    burst: 50,
    operations: ["DescribeTaskDefinition", "ListTaskDefinitions"],
  },
  {
    bucket: "ecs: modify services",
    perSecond: 5,
    burst: 50,
    operations: ["CreateService", "UpdateService", "DeleteService"],
  },
  { bucket: "ecs: read services", perSecond: 20, burst: 100, operations: ["DescribeServices", "ListServices"] },
  {
    bucket: "ecs: read service deployments",
    perSecond: 20,
    burst: 50,
    operations: ["ListServiceDeployments", "DescribeServiceDeployments"],
  },
  { bucket: "ecs: read service revisions", perSecond: 20, burst: 50, operations: ["DescribeServiceRevisions"] },
  { bucket: "ecs: run tasks", perSecond: 40, burst: 100, operations: ["RunTask", "StopTask"] },
  { bucket: "ecs: read tasks", perSecond: 20, burst: 100, operations: ["DescribeTasks", "ListTasks"] },
  { bucket: "ecs: read clusters", perSecond: 20, burst: 50, operations: ["DescribeClusters"] },
];

const writes = [
  "PutParameter",
  "DeleteParameter",
  "DeleteParameters",
  "LabelParameterVersion",
  "UnlabelParameterVersion",
  "GetParameterHistory",
];
const reads = ["GetParameter", "GetParameters", "GetParametersByPath"];

/** Default quotas per account and region: ECR user guide, service quotas; AWS General Reference, Systems Manager quotas; CloudWatch Logs user guide, quotas. */
const rates: ReadonlyMap<string, Rate> = new Map<string, Rate>([
  ["PutImage", { bucket: "PutImage", perSecond: 10 }],
  ["InitiateLayerUpload", { bucket: "InitiateLayerUpload", perSecond: 100 }],
  ["CompleteLayerUpload", { bucket: "CompleteLayerUpload", perSecond: 100 }],
  ["UploadLayerPart", { bucket: "UploadLayerPart", perSecond: 500 }],
  ["FilterLogEvents", { bucket: "FilterLogEvents", perSecond: 5 }],
  ["GetAuthorizationToken", { bucket: "GetAuthorizationToken", perSecond: 500 }],
  ...ecsRates.flatMap(({ operations, ...rate }) => operations.map((name): [string, Rate] => [name, rate])),
  ...writes.map((name): [string, Rate] => [name, { bucket: name, perSecond: 3 }]),
  ...reads.map((name): [string, Rate] => [name, { bucket: "Get*Parameter*", perSecond: 40 }]),
]);

/** `now`: milliseconds. */
export function createRateLimits(now: () => number = Date.now): RateLimits {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    enabled: false,
    take(operation) {
      const rate = rates.get(operation);
      if (!this.enabled || rate === undefined) return;
      const at = now();
      const { burst = rate.perSecond } = rate;
      const last = buckets.get(rate.bucket) ?? { tokens: burst, at };
      const tokens = Math.min(burst, last.tokens + ((at - last.at) / 1000) * rate.perSecond);
      buckets.set(rate.bucket, { tokens: tokens < 1 ? tokens : tokens - 1, at });
      if (tokens < 1) throw new ServiceError("ThrottlingException", "Rate exceeded");
    },
  };
}
