import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import type { Processes } from "../../src/lib/process/processes.ts";
import { buildToolsImage } from "./docker-tools.ts";

/** The real cosign, as Debian has it, for programs that find it on their PATH. */
export interface CosignProgram extends AsyncDisposable {
  readonly processes: Processes;
  /** Where keys lie. */
  readonly folder: string;
}

/** It runs in a container, and sees what it is given: the registry on this machine, its login and the keys. */
export async function cosignProgram(): Promise<CosignProgram> {
  const image = await buildToolsImage();
  const folder = await mkdtemp(join(tmpdir(), "threads-cosign-"));
  const programs = join(folder, "bin");
  await mkdir(programs);
  const seen = `--network host --label threads.test=cosign --volume ${tmpdir()}:${tmpdir()} --workdir "$PWD" --user "$(id -u):$(id -g)"`;
  const given = "--env HOME=/tmp --env COSIGN_PASSWORD --env THREADS_SIGNATURE_KEY --env DOCKER_CONFIG=$config";
  const script = `#!/bin/sh
config=$DOCKER_CONFIG
unset DOCKER_CONFIG
exec docker run --rm ${seen} ${given} ${image} cosign "$@"
`;
  await writeFile(join(programs, "cosign"), script);
  await chmod(join(programs, "cosign"), 0o755);
  const own = { PATH: `${programs}${delimiter}${process.env["PATH"] ?? ""}`, COSIGN_PASSWORD: "a password" };
  return {
    processes: {
      run: (command, options = {}) => systemProcesses.run(command, { ...options, env: { ...own, ...options.env } }),
    },
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
