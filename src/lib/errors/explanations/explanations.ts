import type { Code } from "../codes.ts";
import { aws } from "./aws.ts";
import { checks } from "./checks.ts";
import { commandLine } from "./command-line.ts";
import { configuration } from "./configuration.ts";
import { docker } from "./docker.ts";
import { ecs } from "./ecs.ts";
import type { Explanation } from "./explanation.ts";
import { gates } from "./gates.ts";
import { git } from "./git.ts";
import { hosts } from "./hosts.ts";
import { ledger } from "./ledger.ts";
import { load } from "./load.ts";
import { registry } from "./registry.ts";
import { releases } from "./releases.ts";
import { sandbox } from "./sandbox.ts";
import { signatures } from "./signatures.ts";
import { steps } from "./steps.ts";

/** Of every code; long texts that no other command loads. */
export const explanations: Readonly<Record<Code, Explanation>> = {
  ...aws,
  ...checks,
  ...commandLine,
  ...configuration,
  ...docker,
  ...ecs,
  ...gates,
  ...git,
  ...hosts,
  ...ledger,
  ...load,
  ...registry,
  ...releases,
  ...sandbox,
  ...signatures,
  ...steps,
};
