import type { Clock } from "../../clock/clock.ts";
import type { DockerImages } from "../../docker/images.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Registry } from "../../registry/registry.ts";

export interface PushPorts {
  readonly registry: Registry;
  readonly docker: Pick<DockerImages, "exporting" | "signedIn">;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Counts each push as a part of the publication. */
  readonly write: WritePart;
}
