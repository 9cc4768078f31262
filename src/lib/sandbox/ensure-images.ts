import { buildOutput } from "../docker/build-output.ts";
import { buildImage, listImages, pullImage } from "../docker/commands.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed } from "../process/processes.ts";
import type { Task } from "../progress/progress.ts";
import { lines } from "./engine.ts";
import { foreignImages, type Recipe, type Recipes } from "./images.ts";
import type { SandboxPorts } from "./sandbox.ts";

/**
 * Builds and pulls what the engine does not have; one process when it has everything.
 * @throws ThreadsError refused, where an image can neither be found nor made
 */
export async function ensureImages(recipes: Recipes, ports: SandboxPorts): Promise<void> {
  const present = new Set(await lines(ports.processes, listImages()));
  const missing = Object.values(foreignImages).filter((reference) => !present.has(reference));
  await ports.progress.tasks(
    missing.map((reference) => pull(reference, ports)),
    { concurrent: true },
  );
  const recipe = Object.values(recipes) as Recipe[];
  await ports.progress.tasks(
    recipe.filter(({ tag }) => !present.has(tag)).map((each) => build(each, ports)),
    { concurrent: true },
  );
}

function pull(reference: string, ports: SandboxPorts): Task<void> {
  return {
    title: `Pull ${reference}`,
    run: async () => {
      await ports.processes.run(pullImage(reference), { signal: ports.signal }).catch((error: unknown) => {
        throw failed(error, {
          code: "IMAGE_MISSING",
          message: `${reference} is neither here nor in a registry that can be reached`,
          next: "bin/setup",
        });
      });
    },
  };
}

function build({ title, ...recipe }: Recipe, ports: SandboxPorts): Task<void> {
  return {
    title: `Build the image of ${title} (first time, or changed)`,
    run: async (step) => {
      const output = buildOutput();
      // "#7 [2/5] RUN apt-get …".
      const onLine = (line: string): void => {
        output.read(line);
        if (/^#\d+ \[/.test(line)) step.update(line.replace(/^#\d+ /, ""));
      };
      const options = { env: { BUILDKIT_PROGRESS: "plain" }, signal: ports.signal, onLine };
      await ports.processes.run(buildImage(recipe), options).catch((error: unknown) => {
        const [first] = output.failed();
        const at = first === undefined ? "" : ` at ${first.name}: ${first.reason}`;
        throw failed(error, {
          code: "IMAGE_BUILD",
          message: `the image of ${title} could not be built${at}`,
          next: `docker build --file ${recipe.dockerfile} ${recipe.context}`,
          said: first?.log,
        });
      });
      step.done(`Built the image of ${title}`);
    },
  };
}

interface Why {
  readonly code: SettledCode;
  readonly message: string;
  readonly next: string;
  /** What explains it better than the last lines of docker. */
  readonly said?: readonly string[] | undefined;
}

function failed(error: unknown, why: Why): unknown {
  if (!(error instanceof CommandFailed)) return error;
  return new ThreadsError(why.code, {
    message: why.message,
    details: why.said === undefined || why.said.length === 0 ? error.tail : why.said,
    next: [why.next, "threads sandbox up"],
    cause: error,
  });
}
