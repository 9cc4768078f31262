import { composeFileFault } from "../../compose/file-fault.ts";
import { sentence } from "../../compose/problem.ts";
import type { UseOfImage } from "../../compose/runtime-model.ts";
import { runsScheduler } from "../../compose/schedulers.ts";
import type { Config } from "../../config/config.ts";
import type { LocalImage } from "../../docker/image.ts";
import type { DockerImages } from "../../docker/images.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Progress } from "../../progress/progress.ts";
import type { LocalNames } from "./plan.ts";

interface Here {
  readonly names: Pick<LocalNames, "nameOf">;
  /** By local name. */
  readonly local: ReadonlyMap<string, LocalImage>;
}

/** What only the images tell of what hosts run. @throws ThreadsError COMPOSE_FILE */
export async function lookInside(
  { uses }: { readonly uses: readonly UseOfImage[] },
  here: Here,
  ports: {
    readonly config: Pick<Config, "runtime">;
    readonly docker: Pick<DockerImages, "bakedFiles">;
    readonly progress: Pick<Progress, "warn">;
  },
): Promise<void> {
  requireNoScheduler(uses, here, ports.config);
  for (const text of await filesUnderVolumes(uses, here, ports)) ports.progress.warn(text);
}

/** What a compose file leaves to the image that it runs. @throws ThreadsError COMPOSE_FILE where a service runs what may be there once only */
function requireNoScheduler(
  uses: readonly UseOfImage[],
  { names, local }: Here,
  { runtime }: Pick<Config, "runtime">,
): void {
  const details = uses
    .filter(({ service }) => !runtime.singletons.includes(service))
    .flatMap((one) => {
      const says = runsScheduler(one, local.get(names.nameOf(one.image)) ?? {});
      return says === undefined ? [] : [sentence({ service: one.service, says })];
    });
  if (details.length === 0) return;
  throw composeFileFault(`hosts cannot run this as it is: ${details[0] ?? ""}`, "correct what it says", { details });
}

/** They only make git keep a folder. */
const placeholder = /(?:^|\/)\.(?:git)?(?:keep|ignore)$/;

/**
 * Files of a release that nobody will see: docker fills a volume from the image once, when it is new, and from then on shows what
 * is in it in place of what any later image has there. The smoke test has new volumes only, and passes.
 * @returns a sentence for each mount
 */
async function filesUnderVolumes(
  uses: readonly UseOfImage[],
  { names, local }: Here,
  { docker }: { readonly docker: Pick<DockerImages, "bakedFiles"> },
): Promise<string[]> {
  const mounts = uses.flatMap(({ service, image, volumes }) =>
    volumes.flatMap(({ source, target }): Mount[] => {
      const name = names.nameOf(image);
      // A variable of the host decides where it is; and what is not here is not published.
      return target === undefined || target.includes("$") || !local.has(name)
        ? []
        : [{ image: name, target, where: `${service} mounts ${volumeText(source)} over ${target}` }];
    }),
  );
  const told = [...Map.groupBy(mounts, ({ image }) => image)].map(async ([image, its]): Promise<string[]> => {
    try {
      const files = await docker.bakedFiles({ image, paths: its.map(({ target }) => target) });
      return its.flatMap(({ where, target }) => hiddenText(where, files.get(target) ?? []));
    } catch (error) {
      if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
      return its.map(
        ({ where }) => `${where}: whether that hides files of its image, docker does not tell (${error.message})`,
      );
    }
  });
  return (await Promise.all(told)).flat();
}

interface Mount {
  readonly image: string;
  readonly target: string;
  /** Who mounts what there. */
  readonly where: string;
}

const volumeText = (source: string | undefined): string => (source === undefined ? "a volume" : `the volume ${source}`);

function hiddenText(where: string, all: readonly string[]): string[] {
  const files = all.filter((one) => !placeholder.test(one));
  const [first] = files;
  if (first === undefined) return [];
  const more = files.length === 1 ? "" : " and more";
  return [
    `${where}, where its image has files (${first}${more}): on a host the volume keeps those of the release that filled it, and hides these. Take them from another path, or have them copied when the container starts`,
  ];
}
