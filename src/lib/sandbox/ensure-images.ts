import { buildOutput, type FailedStep } from "../docker/build-output.ts";
import { buildImage, listImages, pullImage } from "../docker/commands.ts";
import { pullFailure } from "../docker/failure.ts";
import { dockerRun } from "../docker/run.ts";
import { setUp } from "../docker/set-up.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import type { Task } from "../progress/progress.ts";
import { lines } from "./engine.ts";
import { foreignImages, type Recipe, type Recipes } from "./images.ts";
import type { SandboxPorts } from "./sandbox.ts";

/** What goes on where it stopped. */
const up = "threads sandbox up";

/**
 * Builds and pulls what the engine does not have; one process when it has everything.
 * @throws ThreadsError refused, where an image can neither be found nor made
 */
export async function ensureImages(recipes: Recipes, ports: SandboxPorts): Promise<void> {
  const present = new Set(await lines(ports.processes, listImages()));
  const wanted = [foreignImages.base, ...ports.config.sandbox.services.map((service) => foreignImages[service])];
  const missing = wanted.filter((reference) => !present.has(reference));
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
      // Where Docker Hub is out of reach, the set-up makes them.
      const docker = dockerRun(ports, (failure) => pullFailure(failure, reference, [...setUp(), up]));
      await docker(pullImage(reference));
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
      const docker = dockerRun(ports, (failure) => buildFailure(title, recipe, { failure, steps: output.failed() }));
      await docker(buildImage(recipe), { env: { BUILDKIT_PROGRESS: "plain" }, onLine });
      step.done(`Built the image of ${title}`);
    },
  };
}

function buildFailure(
  title: string,
  { dockerfile, context }: Pick<Recipe, "dockerfile" | "context">,
  { failure, steps: [first] }: { readonly failure: CommandFailed; readonly steps: readonly FailedStep[] },
): ThreadsError {
  const at = first === undefined ? "" : ` at ${first.name}: ${first.reason}`;
  const message = `the image of ${title} could not be built${at}`;
  const next = [`docker build --file ${dockerfile} ${context}`, up];
  // What the step printed explains it better than the last lines of docker.
  const details = first === undefined || first.log.length === 0 ? failure.tail : first.log;
  return new ThreadsError("IMAGE_BUILD", { message, details, next, cause: failure });
}
