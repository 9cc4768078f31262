import { type Command, Help } from "@oclif/core";
import { outcomes } from "../errors/exit-codes.ts";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";

/** The order in which a release travels; commands that are not of the journey follow, by alphabet. */
const train = ["test", "smoke", "publish", "promote", "deploy", "rollback", "status", "history"];

/** oclif's help with the exit codes under the root page, made from the one map; a page that there is not is wrong usage. */
export default class ThreadsHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    const firstFlag = argv.findIndex((word) => word.startsWith("-"));
    const words = (firstFlag === -1 ? argv : argv.slice(0, firstFlag)).filter((word) => word !== "help");
    const page = longestKnown(words, (id) => (this.config.findCommand(id) ?? this.config.findTopic(id)) !== undefined);
    if (words.length === 0 || page !== undefined) return super.showHelp(page ?? []);
    const { notUnderstood } = await import("./not-understood.ts");
    const options = { terminal: describeTerminal(process, process.env), json: false, debug: false };
    process.exitCode = await reportFailure(notUnderstood(words.join(" "), this.config, ["--help"]), options);
  }

  override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    const codes = Object.values(outcomes).map(({ exit, meaning }) => [String(exit), meaning] as [string, string]);
    this.log(`${this.section("EXIT CODES", codes)}\n`);
  }

  protected override formatCommands(commands: Command.Loadable[]): string {
    const place = (id: string): number => (train.includes(id) ? train.indexOf(id) : train.length);
    return super.formatCommands(commands.toSorted((a, b) => place(a.id) - place(b.id)));
  }
}

/** What follows a command may be its arguments: `status prod --help`. */
function longestKnown(words: readonly string[], isKnown: (id: string) => boolean): string[] | undefined {
  const lengths = words.map((_, index) => words.length - index);
  const length = lengths.find((one) => isKnown(words.slice(0, one).join(":")));
  return length === undefined ? undefined : words.slice(0, length);
}
