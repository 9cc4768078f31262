import type { Hook } from "@oclif/core";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";

/** oclif's hook for a command that does not exist: the one that was probably meant is named. */
const commandNotFound: Hook<"command_not_found"> = async ({ id, argv = [], config }) => {
  const { forWhomever, notUnderstood } = await import("./not-understood.ts");
  const terminal = describeTerminal(process, process.env);
  const json = argv.includes("--json");
  const failure = forWhomever(notUnderstood(id.replaceAll(":", " "), config, argv), config, process.env);
  process.exitCode = await reportFailure(failure, { terminal, json, debug: false });
};

export default commandNotFound;
