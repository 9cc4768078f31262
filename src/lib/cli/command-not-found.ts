import type { Hook } from "@oclif/core";
import { describeTerminal } from "../output/terminal.ts";
import { programOf } from "./program.ts";
import { reportFailure } from "./report-failure.ts";

/** oclif's hook for a command that does not exist: the one that was probably meant is named. */
const commandNotFound: Hook<"command_not_found"> = async ({ id, argv = [], config }) => {
  const [{ notUnderstood }, { failureFor }] = await Promise.all([
    import("./not-understood.ts"),
    import("./next-for.ts"),
  ]);
  const terminal = describeTerminal(process, process.env);
  const json = argv.includes("--json");
  const commands = config.commandIDs.map((one) => one.replaceAll(":", " "));
  const failure = failureFor(notUnderstood(id.replaceAll(":", " "), config, argv), {
    line: { command: "", argv },
    commands,
    looksOnly: false,
    inSandbox: true,
    program: programOf(process.env),
  });
  process.exitCode = await reportFailure(failure, { terminal, json, debug: false });
};

export default commandNotFound;
