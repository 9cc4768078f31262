import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import type { DockerImages } from "../../docker/images.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import type { Author } from "../../ledger/author.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Progress } from "../../progress/progress.ts";
import type { ReadAhead } from "../../provenance/provenance.ts";
import type { LifecycleWarning, ProtectedImage } from "../../registry/lifecycle/warnings.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Lineage } from "../../source/lineage.ts";
import type { Source } from "../../source/source.ts";
import type { Witnesses } from "../../gates/facts.ts";
import type { Overrides } from "../../gates/judge.ts";
import type { SmokeImages } from "../../stack/smoke-published.ts";

export interface PromotePorts extends Witnesses {
  readonly config: Config;
  readonly source: Pick<Source, "head" | "resolve" | "refs" | "history" | "difference">;
  readonly lineage: Lineage;
  readonly repo: EcrRepo;
  readonly registry: Registry;
  readonly ledger: Ledger;
  /** Which of these images a lifecycle rule would take. */
  readonly lifecycle: (images: readonly ProtectedImage[]) => Promise<readonly LifecycleWarning[]>;
  readonly docker: Pick<DockerImages, "signedIn">;
  readonly smoke: SmokeImages;
  readonly readAhead: ReadAhead;
  readonly author: Author;
  /** Of this CLI, for the records. */
  readonly version: string;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface PromoteOptions {
  /** A sha, a name of git's, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly environment: string;
  readonly dryRun: boolean;
  /** A version that everything is tagged with besides. */
  readonly as?: string | undefined;
  /** Go on once all is open that opens by itself, or by others, instead of ending as waiting. */
  readonly wait?: boolean;
  /** Test although evidence is there. */
  readonly repeatSmoke?: boolean;
  readonly overrides?: Overrides;
}
