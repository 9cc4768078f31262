import { type Hook, loadHelpClass } from "@oclif/core";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";

/** oclif's hook for a command that does not exist: `help`, or one that was probably meant and is named. */
const commandNotFound: Hook<"command_not_found"> = async ({ id, argv = [], config }) => {
  const [first, ...rest] = id.split(":");
  if (first === "help") {
    const Help = await loadHelpClass(config);
    return new Help(config).showHelp(rest);
  }
  const { notUnderstood } = await import("./not-understood.ts");
  const terminal = describeTerminal(process, process.env);
  const json = argv.includes("--json");
  const failure = notUnderstood(id.replaceAll(":", " "), config, argv);
  process.exitCode = await reportFailure(failure, { terminal, json, debug: false });
};

export default commandNotFound;
