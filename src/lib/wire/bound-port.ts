import type { Config } from "../config/config.ts";
import type { BoundPort } from "../project/bound-port.ts";

/** As the compose files of hosts say now; what cannot be read says nothing. */
export async function boundPortOf({
  runtime,
}: {
  readonly runtime: Pick<Config["runtime"], "compose" | "port">;
}): Promise<BoundPort | undefined> {
  const [{ readFileSync }, { boundPort }, { readComposeFile }, { servicesOf }] = await Promise.all([
    import("node:fs"),
    import("../project/bound-port.ts"),
    import("../project/compose-file.ts"),
    import("../project/merge.ts"),
  ]);
  try {
    const files = runtime.compose.map((file) => readComposeFile(file, readFileSync(file, "utf8")));
    return boundPort(servicesOf(files), runtime.port);
  } catch {
    return undefined;
  }
}
