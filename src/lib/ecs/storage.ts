import type { RawMount, Resources } from "../compose/raw-model.ts";
import type { ServiceReport } from "./report.ts";
import type { MountPoint } from "./task-definition.ts";

/** A mount in compose's long form, with what else it may say. */
interface WrittenMount extends RawMount {
  readonly read_only?: boolean | string;
}

interface WrittenVolume {
  readonly driver_opts?: Readonly<Record<string, string>>;
}

/**
 * Only what may be lost with a task is mounted: an unnamed volume, or one that lies in memory on a host, too. Whatever a host keeps
 * would be empty in each new task, and nobody would say so.
 * @param isShared whether a container of another task has that volume
 */
export function mountsOf(
  service: string,
  mounts: readonly WrittenMount[],
  { volumes = {} }: Pick<Resources, "volumes">,
  isShared: (volume: string) => boolean,
  report: ServiceReport,
): MountPoint[] {
  return mounts.flatMap(({ type, source, target = "", read_only: readOnly }, at): MountPoint[] => {
    const mount = (sourceVolume: string): MountPoint[] => [
      { sourceVolume, containerPath: target, readOnly: String(readOnly) === "true" },
    ];
    if (type === "volume" && source === undefined) return mount(`${service}-${at + 1}`);
    if (type === "volume" && source !== undefined) {
      const isInMemory = (volumes[source] as WrittenVolume | undefined)?.driver_opts?.["type"] === "tmpfs";
      if (isInMemory && !isShared(source)) return mount(source);
      report.refuse(
        isInMemory
          ? `shares the volume ${source} with another task: containers that share files are containers of one task`
          : `keeps data in the volume ${source}, which would be empty in each new task: keep it outside (RDS, ElastiCache, S3)`,
      );
      return [];
    }
    report.refuse(
      type === "bind"
        ? `mounts ${source ?? target}, and a task has no files beside it: copy them into the image in its Dockerfile`
        : `mounts ${target} as ${type ?? "nothing"}, for which ECS has nothing: write it as tmpfs:`,
    );
    return [];
  });
}
