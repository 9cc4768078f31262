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
}

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
  ...writes.map((name): [string, Rate] => [name, { bucket: name, perSecond: 3 }]),
  ...reads.map((name): [string, Rate] => [name, { bucket: "Get*Parameter*", perSecond: 40 }]),
]);

/** `now`: milliseconds. A bucket holds one second's worth of calls. */
export function createRateLimits(now: () => number = Date.now): RateLimits {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    enabled: false,
    take(operation) {
      const rate = rates.get(operation);
      if (!this.enabled || rate === undefined) return;
      const at = now();
      const last = buckets.get(rate.bucket) ?? { tokens: rate.perSecond, at };
      const tokens = Math.min(rate.perSecond, last.tokens + ((at - last.at) / 1000) * rate.perSecond);
      buckets.set(rate.bucket, { tokens: tokens < 1 ? tokens : tokens - 1, at });
      if (tokens < 1) throw new ServiceError("ThrottlingException", "Rate exceeded");
    },
  };
}
