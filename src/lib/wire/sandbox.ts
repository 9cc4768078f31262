import { ThreadsError } from "../errors/threads-error.ts";
import type { SandboxPorts } from "../sandbox/sandbox.ts";
import { remoteUrl } from "../source/remote-url.ts";
import { boundPortOf } from "./bound-port.ts";
import type { World } from "./world.ts";
import { wordsOf } from "../errors/words-of.ts";

/** The ports of the sandbox's life cycle. @throws ThreadsError usage, for a wrong configuration */
export async function openSandbox(
  world: Pick<World, "config" | "processes" | "progress" | "clock" | "signal" | "env">,
): Promise<SandboxPorts> {
  const { processes, progress, clock, signal, env } = world;
  const config = await world.config();
  const elsewhere = async (): Promise<readonly string[]> => {
    const { dockerCompose } = await import("../compose/docker-compose.ts");
    const { elsewhereIn } = await import("../compose/runtime-model.ts");
    try {
      const raw = await dockerCompose({ processes, clock, env }).openModel(config.runtime.compose, signal);
      return Object.keys(elsewhereIn(raw, { services: config.services, migrate: config.runtime.migrate }));
    } catch (error) {
      // The world comes up without the application, too.
      progress.warn(`${wordsOf(error)}: repositories are made for the services of threads.yml only`);
      return [];
    }
  };
  const bound = async (): Promise<string | undefined> => {
    const found = await boundPortOf(config);
    return found && `${found.service} publishes ${found.written}`;
  };
  const origin = (): Promise<string | undefined> => remoteUrl(config.root, processes);
  const environmentIn = async (text: string): Promise<ReadonlyMap<string, string>> => {
    const { dockerCompose } = await import("../compose/docker-compose.ts");
    const explain = (why: (name: string) => string): ThreadsError =>
      new ThreadsError("SANDBOX_ENV", { message: why("sandbox.env"), advice: ["correct sandbox.env of threads.yml"] });
    const { values } = await dockerCompose({ processes, clock, env }).environment(text, { set: {}, signal, explain });
    return values;
  };
  return { config, elsewhere, bound, environmentIn, origin, processes, progress, clock, signal };
}
