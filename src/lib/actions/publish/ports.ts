import type { Clock } from "../../clock/clock.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import type { Config } from "../../config/config.ts";
import type { DockerImages } from "../../docker/images.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import type { Progress } from "../../progress/progress.ts";
import type { CheckProvenance, ReadFiles } from "../../provenance/provenance.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Source } from "../../source/source.ts";
import type { SmokeImages } from "../../stack/smoke-published.ts";
import type { TakePorts } from "./handed-over.ts";
import type { SignPorts } from "./sign.ts";

export interface PublishPorts extends Pick<TakePorts, "archive">, Pick<SignPorts, "signatures"> {
  readonly config: Config;
  readonly source: Source;
  readonly repo: EcrRepo;
  readonly registry: Registry;
  readonly docker: DockerImages;
  readonly provenance: CheckProvenance;
  readonly readFiles: ReadFiles;
  /** Of a release that another machine has begun to publish. */
  readonly smoke: SmokeImages;
  readonly compose: Pick<Compose, "environment" | "openModel" | "readAsHost" | "images" | "pull" | "runAlone">;
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface PushPorts {
  readonly repo: Pick<EcrRepo, "tagFor">;
  readonly registry: Registry;
  readonly docker: Pick<DockerImages, "exporting" | "signedIn">;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Counts each push as a part of the publication. */
  readonly write: WritePart;
}
