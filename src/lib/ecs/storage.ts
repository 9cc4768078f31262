import type { RawMount, Resources } from "../compose/raw-model.ts";
import type { EcsFacts } from "./facts.ts";
import type { ImageFacts } from "./image-facts.ts";
import type { ServiceReport } from "./report.ts";
import type { MountPoint } from "./task-definition.ts";
import { filled, isTrue } from "./variables.ts";

/** A mount in compose's long form, with what else it may say. */
interface WrittenMount extends RawMount {
  readonly read_only?: boolean | string;
}

/** Who mounts a volume: one container, several of one task, or those of several tasks. */
export type Reach = "container" | "task" | "tasks";

export interface Mounting {
  readonly service: string;
  readonly mounts: readonly WrittenMount[];
  readonly user: string | number | undefined;
  readonly image: ImageFacts | undefined;
  readonly reachOf: (volume: string) => Reach;
}

export interface Mounts {
  readonly mountPoints: readonly MountPoint[];
  /** In the words of `tmpfs:`, what lies in memory for one container alone. */
  readonly tmpfs: readonly string[];
}

/**
 * Only what may be lost with a task is mounted: an unnamed volume, or one that lies in memory on a host, too. Whatever a host keeps
 * would be empty in each new task, and nobody would say so.
 */
export function mountsOf(
  mounting: Mounting,
  { model: { volumes = {} }, ecs }: { readonly model: Pick<Resources, "volumes">; readonly ecs: EcsFacts["ecs"] },
  report: ServiceReport,
): Mounts {
  const [mountPoints, tmpfs]: [MountPoint[], string[]] = [[], []];
  for (const [at, written] of mounting.mounts.entries()) {
    const { type, source, target = "", read_only: readOnly } = written;
    const isReadOnly = isTrue(readOnly);
    const mount = (sourceVolume: string): void => {
      if (ecs.launchType === "FARGATE") requireWritable(target, mounting, report);
      mountPoints.push({ sourceVolume, containerPath: target, readOnly: isReadOnly });
    };
    if (type !== "volume") refuse(written, report);
    else if (source === undefined) mount(`${mounting.service}-${at + 1}`);
    else {
      const options = optionsInMemory(source, volumes, report);
      const reach = mounting.reachOf(source);
      if (options === undefined)
        report.refuse(
          `keeps data in the volume ${source}, which would be empty in each new task: keep it outside (RDS, ElastiCache, S3)`,
        );
      else if (reach === "tasks")
        report.refuse(
          `shares the volume ${source} with another task: containers that share files are containers of one task`,
        );
      else if (reach === "container") tmpfs.push(tmpfsText(target, [...options, ...(isReadOnly ? ["ro"] : [])]));
      else {
        const lost = options.length === 0 ? "" : `, without its ${options.join(",")}`;
        report.note(`shares the volume ${source}, which is in memory on a host and on the task's disk on ECS${lost}`);
        mount(source);
      }
    }
  }
  return { mountPoints, tmpfs };
}

function refuse({ type, source, target = "" }: RawMount, report: ServiceReport): void {
  report.refuse(
    type === "bind"
      ? `mounts ${source ?? target}, and a task has no files beside it: copy them into the image in its Dockerfile`
      : `mounts ${target} as ${type ?? "nothing"}, for which ECS has nothing: write it as tmpfs:`,
  );
}

/** What a volume in memory has as `o`. @returns undefined for a volume that keeps data */
function optionsInMemory(
  name: string,
  volumes: NonNullable<Resources["volumes"]>,
  report: ServiceReport,
): readonly string[] | undefined {
  const { type, o = "" } = volumes[name]?.driver_opts ?? {};
  if (type !== "tmpfs") return undefined;
  const { text, open } = filled(o, new Map());
  if (open.length > 0)
    report.refuse(
      `mounts the volume ${name}, whose o takes ${open.join(", ")} of a host: write a default into the compose file`,
    );
  return text.split(",").filter((option) => option !== "");
}

function tmpfsText(target: string, options: readonly string[]): string {
  return options.length === 0 ? target : `${target}:${options.join(",")}`;
}

/**
 * A volume of Fargate is root's, but where the image has a VOLUME of that path: then it is whose that is (developer guide, "Use bind
 * mounts with Amazon ECS"). What the image says is seen once it is published.
 */
function requireWritable(target: string, { user: own, image }: Mounting, report: ServiceReport): void {
  if (image === undefined) return;
  const user = String(own ?? image.user);
  const isRoot = /^(?:|root|0)(?::|$)/.test(user);
  const path = target.replace(/(?<=.)\/+$/, "");
  if (isRoot || image.volumes.includes(path)) return;
  report.refuse(
    `runs as ${user}, and its volume at ${path} would be root's on Fargate: make that folder the user's own in its Dockerfile, with VOLUME ${path} after it`,
  );
}
