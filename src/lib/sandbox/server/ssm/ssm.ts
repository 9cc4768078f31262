import { openJsonStore, type StateDir, stateFile } from "../json-store.ts";
import type { JsonService } from "../protocol.ts";
import type { RateLimits } from "../rate-limits.ts";
import { ssmAccesses } from "./accesses.ts";
import { orderDirectory } from "./agent.ts";
import { calendarOperations, type CalendarState } from "./calendar-operations.ts";
import { commandOperations } from "./command-operations.ts";
import { openCommandLog } from "./commands.ts";
import { createDelivery } from "./delivery.ts";
import { dockerEngine } from "./docker-engine.ts";
import { dockerHosts } from "./docker-hosts.ts";
import { documentOperations } from "./document-operations.ts";
import { documentsOfEachType } from "./document-types.ts";
import type { DocumentState } from "./documents.ts";
import { realPace } from "./hosts.ts";
import type { HostExecutor, Pace } from "./hosts.ts";
import { logOutput, type OutputPorts } from "./log-output.ts";
import { instanceOperations } from "./instance-operations.ts";
import { parameterReads } from "./parameter-reads.ts";
import { parameterWrites } from "./parameter-writes.ts";
import { select } from "./parameters.ts";
import type { ParameterState } from "./parameters.ts";
import { sendCommand } from "./send-command.ts";
import { isFinal } from "./statuses.ts";
import type { ParameterLookup } from "./substitution.ts";

/** Right after SendCommand the real service does not know the command yet; milliseconds. */
const defaultHiddenFor = 300;

export interface SsmSettings {
  /** Commands and parameters are kept in `<stateDir>/ssm`. */
  readonly stateDir: string;
  /** Hosts are the containers labelled `threads.sandbox=<sandboxId>`. */
  readonly sandboxId: string;
  /** Path of the Docker Engine's unix socket. */
  readonly dockerSocket: string;
  /** Taken by the core before each operation. */
  readonly limits: RateLimits;
  /** How long a new command stays invisible to the reading calls; milliseconds, default 300, 0 = off. */
  readonly hiddenFor?: number;
  readonly logs?: LogPorts;
}

/** Where agents write what commands print, and by whose leave. */
export type LogPorts = Pick<OutputPorts, "store" | "access" | "roleFile">;

/** Run Command with its documents, Parameter Store and Change Calendar, on the sandbox's hosts. Commands that an earlier server left unfinished are taken up again. */
export function createSsm(settings: SsmSettings): Promise<JsonService> {
  return createSsmOn({
    stateDir: settings.stateDir,
    executor: dockerHosts(dockerEngine(settings.dockerSocket), settings.sandboxId),
    pace: realPace,
    hiddenFor: settings.hiddenFor ?? defaultHiddenFor,
    report: (line) => console.error(line),
    logs: settings.logs,
  });
}

/** The same service on any hosts and at any pace. */
export async function createSsmOn(ports: {
  readonly stateDir: StateDir;
  readonly executor: HostExecutor;
  readonly pace: Pace;
  readonly hiddenFor: number;
  readonly report: (line: string) => void;
  readonly logs?: LogPorts | undefined;
}): Promise<JsonService> {
  const { executor, pace, hiddenFor, report } = ports;
  const file = (name: string) => stateFile(ports.stateDir, "ssm", name);
  const store = await openJsonStore<ParameterState>(file("parameters.json"), () => ({ parameters: {} }));
  const documents = {
    store: await openJsonStore<DocumentState>(file("documents.json"), () => ({ documents: {} })),
    pace,
    hiddenFor,
  };
  const calendars = await openJsonStore<CalendarState>(file("calendars.json"), () => ({ calendars: {} }));
  const log = await openCommandLog(file("commands"), () => pace.now());
  const output = ports.logs && logOutput({ ...ports.logs, executor, log, pace, report, directoryOf: orderDirectory });
  const delivery = createDelivery({ executor, log, pace, lookUp: plainParameter(store.state), report, output });
  const unfinished = log.all().filter((one) => one.invocations.some((invocation) => !isFinal(invocation.details)));
  for (const command of unfinished.toReversed()) delivery.dispatch(command);
  return {
    target: "AmazonSSM",
    operations: {
      SendCommand: sendCommand({ executor, log, delivery, pace, documents }),
      ...commandOperations({ log, delivery, pace, hiddenFor }),
      ...instanceOperations({ executor, pace }),
      ...documentsOfEachType({
        commands: documentOperations(documents),
        calendars: calendarOperations({ store: calendars, pace }),
        holds: (name) =>
          Object.hasOwn(documents.store.state.documents, name)
            ? "commands"
            : Object.hasOwn(calendars.state.calendars, name)
              ? "calendars"
              : undefined,
      }),
      ...parameterWrites({ store, pace }),
      ...parameterReads({ store, pace }),
    },
    accesses: ssmAccesses(executor),
  };
}

/** `{{ssm:…}}` reaches plain parameters only. */
function plainParameter(state: ParameterState): ParameterLookup {
  return (reference) => {
    try {
      const { parameter, version } = select(state, reference);
      return parameter.type === "SecureString" ? undefined : version.value;
    } catch {
      return undefined;
    }
  };
}
