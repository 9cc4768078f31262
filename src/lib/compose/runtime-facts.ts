import { posix, relative } from "node:path";
import type { Config } from "../config/config.ts";
import type { CommittedFile } from "./carried.ts";
import type { RuntimeFacts } from "./runtime-model.ts";

/** What threads.yml and git say of the files that hosts run. @param committed see CarrierFacts */
export function runtimeFacts(
  { root, services, runtime }: Pick<Config, "root" | "services" | "runtime">,
  committed: readonly CommittedFile[] | undefined,
): RuntimeFacts {
  const [first = ""] = runtime.compose;
  const folder = posix.dirname(relative(root, first)).replace(/^\.$/, "");
  return { services, migrate: runtime.migrate, singletons: runtime.singletons, folder, committed };
}
