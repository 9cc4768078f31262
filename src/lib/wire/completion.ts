import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { type Manifested, factsOf } from "../actions/completion/facts.ts";
import type { InstallPorts } from "../actions/completion/run.ts";
import type { Subject } from "../actions/completion/script.ts";
import type { World } from "./world.ts";

/** What oclif knows of the commands. */
interface Manifest {
  readonly commands: readonly Manifested[];
  readonly topics: readonly { readonly name: string; readonly description?: string | undefined }[];
  readonly version: string;
}

/** What is completed: every command with its flags, as the CLI itself has them. */
export function completionSubject({ commands, topics, version }: Manifest): Subject {
  const named = topics.map(({ name, description = "" }) => [name.replaceAll(":", " "), description]);
  return { commands: factsOf(commands), topics: Object.fromEntries(named) as Record<string, string>, version };
}

/** The ports of `threads completion install` and `uninstall`. */
export function openCompletion(
  { env }: Pick<World, "env">,
  what: { readonly manifest: Manifest; readonly confirm: InstallPorts["confirm"] },
): InstallPorts {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
  return { subject: completionSubject(what.manifest), home: { folder: homedir(), env, read }, confirm: what.confirm };
}
