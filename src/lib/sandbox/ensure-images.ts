import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed } from "../process/processes.ts";
import type { Task } from "../progress/progress.ts";
import { buildImage, listImages, pullImage } from "./docker-words.ts";
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
      // BuildKit's plain progress: "#7 [2/5] RUN apt-get …".
      const onLine = (line: string): void => {
        if (/^#\d+ \[/.test(line)) step.update(line.replace(/^#\d+ /, ""));
      };
      await ports.processes.run(buildImage(recipe), { signal: ports.signal, onLine }).catch((error: unknown) => {
        throw failed(error, {
          code: "IMAGE_BUILD",
          message: `the image of ${title} could not be built`,
          next: `docker build --file ${recipe.dockerfile} ${recipe.context}`,
        });
      });
      step.done(`Built the image of ${title}`);
    },
  };
}

function failed(error: unknown, why: { code: string; message: string; next: string }): unknown {
  if (!(error instanceof CommandFailed)) return error;
  return new ThreadsError("refused", {
    code: why.code,
    message: why.message,
    details: error.tail,
    next: [why.next, "threads sandbox up"],
    cause: error,
  });
}
