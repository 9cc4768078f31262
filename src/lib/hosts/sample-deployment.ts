import type { Config } from "../config/config.ts";
import { deployScript } from "../script/host-scripts.ts";
import type { HostScript } from "../script/render.ts";
import { environmentSource } from "./environment-source.ts";

export interface DocumentPlace {
  readonly config: Pick<Config, "app" | "runtime" | "environments">;
  readonly environment: string;
  /** The registry's host, as it stands in references. */
  readonly registryHost: string;
  /** AWS's; hosts have their own where it is not named. */
  readonly region?: string;
}

/** A deployment of no release: what is fixed for every one of the environment is as in any other. */
export function sampleDeployment(place: DocumentPlace): HostScript {
  const { app, runtime } = place.config;
  const { envFile, port } = runtime;
  return deployScript({
    ...environmentSource(place),
    app,
    bundle: `${place.registryHost}/`,
    envFile,
    port,
    number: 0,
    nonce: "n",
    absent: [],
    drainMs: 0,
    healthPath: "/",
    healthTimeoutMs: 0,
    deadlineMs: 0,
    revision: "",
    images: {},
    variables: {},
    sentAt: 0,
    migrate: undefined,
  });
}
