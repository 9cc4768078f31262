import type { Server } from "node:http";
import { type AccessControl, openAccessControl } from "./iam/access-control.ts";
import { openGithubOidc } from "./iam/github-oidc.ts";
import { createEcr } from "./ecr/ecr.ts";
import { openEcr } from "./ecr/parts.ts";
import type { JsonService } from "./protocol.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import { createSandboxServer } from "./server.ts";
import { createSettings, type Settings } from "./settings.ts";
import { createSts } from "./sts.ts";
import type { Upstream } from "./upstream.ts";

export interface SandboxSettings {
  /** Where the bytes lie; whoever puts the server together closes it. */
  readonly upstream: Upstream;
  readonly stateDir: string;
  /** `host:port` as clients know it. */
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sandboxId: string;
  /** Milliseconds. */
  readonly now: () => number;
  /** Takes each line of the request log. */
  readonly sink?: (line: string) => void;
  /** The services beside ECR and STS; they share the limits, and who may do what. */
  readonly others: (limits: RateLimits, access: AccessControl, settings: Settings) => Promise<readonly JsonService[]>;
}

export interface Sandbox {
  readonly server: Server;
  readonly log: RequestLog;
  readonly settings: Settings;
}

/** Puts the server together from its settings; the caller listens. */
export async function composeServer(wanted: SandboxSettings): Promise<Sandbox> {
  const { account, region, endpoint, stateDir, now, sandboxId, accessKeyId, secretAccessKey, upstream } = wanted;
  const limits = createRateLimits(now);
  const settings = createSettings(limits);
  const log = createRequestLog(wanted.sink === undefined ? {} : { sink: wanted.sink });
  const credentials = { accessKeyId, secretAccessKey, region };
  const access = await openAccessControl({ stateDir, account, credentials, now });
  const github = await openGithubOidc({ stateDir, endpoint, credentials, now });
  const ecr = await openEcr({ access, account, region, endpoint, stateDir, upstream, settings, now });
  const dispatch = {
    services: [createEcr(ecr), ...(await wanted.others(limits, access, settings))],
    settings,
    credentials,
    access,
    now,
  };
  const control = { sandboxId, settings, log, upstream, access, github, endpoint };
  const sts = createSts({ access, credentials, account, github, now });
  return {
    server: createSandboxServer({ dispatch, sts, ecr, control }),
    log,
    settings,
  };
}
