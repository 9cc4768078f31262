import { execScript } from "../docker/commands.ts";
import type { Processes } from "../process/processes.ts";
import { hostLog } from "../script/host-scripts.ts";
import { objectName } from "./layout.ts";
import type { SandboxState } from "./state.ts";

/** What the script of a deployment has come to on a host. */
export interface HostStep {
  readonly host: string;
  /** Of the host's script: `migrate`; `back` where it went back. */
  readonly step: string;
  /** To the second, in milliseconds since the epoch. */
  readonly at: number;
}

const line = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (?:== ([a-z]+)$|-- going back to )/;

/** The steps of a deployment on every host, oldest first, from their logs: this machine's clock is theirs. */
export async function hostSteps(
  number: number,
  state: SandboxState,
  { processes }: { readonly processes: Processes },
): Promise<readonly HostStep[]> {
  const all = await Promise.all(
    state.hosts.map(async ({ name }) => {
      const read = execScript(objectName(state.id, name), `cat ${hostLog(number)}`);
      // A host whose turn never came has no log.
      const { stdout } = await processes.run(read, { allowFailure: true });
      return stepsIn(stdout).map((step) => ({ host: name, ...step }));
    }),
  );
  return all.flat().toSorted((one, other) => one.at - other.at);
}

function stepsIn(log: string): readonly Omit<HostStep, "host">[] {
  return log.split("\n").flatMap((text) => {
    const [found, time = "", step = "back"] = line.exec(text) ?? [];
    return found === undefined ? [] : [{ step, at: Date.parse(time) }];
  });
}
