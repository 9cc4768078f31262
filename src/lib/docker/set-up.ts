import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** In a checkout of threads; a package that was installed has no such script. */
const script = fileURLToPath(new URL("../../../bin/setup", import.meta.url));

/** The command that brings Docker and the base images, as it is typed here; nothing where it is not at hand. */
export function setUp(path = script): readonly string[] {
  if (!existsSync(path)) return [];
  // An application may have a bin/setup of its own.
  return [existsSync("bin/setup") && realpathSync("bin/setup") === realpathSync(path) ? "bin/setup" : path];
}

/** The same, or what shows that it is still missing once a person has brought it another way. */
export function setUpOr(otherwise: string): readonly string[] {
  const found = setUp();
  return found.length > 0 ? found : [otherwise];
}

/** Where somebody without that script finds what to do. */
export const installDocker = "Docker Engine and Compose are installed as https://docs.docker.com/engine/install says";
