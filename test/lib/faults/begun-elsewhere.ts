import { checksOfSmoke } from "../../../src/lib/config/checks-for.ts";
import { publish, type PublishPorts } from "../../../src/lib/actions/publish/run.ts";
import { passed } from "./promote-ports.ts";
import { pull } from "./pull.ts";
import type { CommandWorld, RoleWorld } from "./role-world.ts";
import { type Process, startProcess } from "./world.ts";

const begun = new WeakMap<object, Pick<PublishPorts, "source" | "docker">>();

/** A commit of which another machine has published everything but the bundle; here it is built once more. */
export async function beginElsewhere({ faults, config }: RoleWorld): Promise<void> {
  const head = faults.commit();
  const other = await startProcess({ ...faults, config }, head, 1);
  const { registry, source, docker } = other.ports;
  const stopped = new Error("killed");
  const tag: typeof registry.tag = (repository, manifest, name, known) =>
    name === head.revision && repository.endsWith(config.registry.bundle)
      ? Promise.reject(stopped)
      : registry.tag(repository, manifest, name, known);
  await publish({ dryRun: false }, { ...other.ports, registry: { ...registry, tag } }).catch((error: unknown) => {
    if (error !== stopped) throw error;
  });
  other.end();
  for (const service of config.services) {
    const name = `${config.app}-${service}:${head.revision}`;
    const { labels = {} } = faults.docker.images.get(name) ?? {};
    faults.docker.images.set(name, { config: `${service}, built elsewhere`, labels });
  }
  begun.set(faults, { source, docker });
}

/** Finishes that, with the rights of whoever runs it. */
export function adoptBegun(process: Process, _: CommandWorld, { faults, config }: RoleWorld): Promise<unknown> {
  const smoke: PublishPorts["smoke"] = async ({ images }) => {
    await pull(process, Object.values(images));
    return passed(checksOfSmoke(config));
  };
  return publish({ dryRun: false, adopt: true }, { ...process.ports, ...begun.get(faults), smoke });
}
