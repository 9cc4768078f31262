import { type Command, Help, type Interfaces } from "@oclif/core";
import { outcomes } from "../errors/exit-codes.ts";
import { findPage, pageNames } from "../help/pages.ts";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";

/** The root page by what a person wants, the way of a release first; the rest has a heading of its own. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  "THE WAY OF A RELEASE": ["test", "smoke", "publish", "promote", "deploy", "rollback", "converge"],
  "LOOK AT WHAT RUNS": [
    "status",
    "board",
    "verify",
    "stress",
    "rehearse",
    "logs",
    "history",
    "metrics",
    "report",
    "open",
    "exec",
  ],
  DECIDE: ["gates", "approve", "reject", "freeze", "lock"],
  "SET UP AND UNDERSTAND": ["init", "config", "doctor", "explain", "prune", "completion", "help"],
};

/** oclif's help with the exit codes under the root page, made from the one map; a page that there is not is wrong usage. */
export default class ThreadsHelp extends Help {
  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, { hideCommandSummaryInDescription: true, ...options });
  }

  override async showHelp(argv: string[]): Promise<void> {
    const firstFlag = argv.findIndex((word) => word.startsWith("-"));
    const words = (firstFlag === -1 ? argv : argv.slice(0, firstFlag)).filter((word) => word !== "help");
    try {
      await this.showPage(words);
    } catch (error) {
      const options = { terminal: describeTerminal(process, process.env), json: false, debug: false };
      process.exitCode = await reportFailure(error, options);
    }
  }

  /** The page of a command, a topic, or threads itself. @throws ThreadsError UNKNOWN_COMMAND */
  async showPage(words: readonly string[]): Promise<void> {
    const page = words.length === 0 ? [] : longestKnown(words, (id) => this.#isKnown(id));
    if (page !== undefined) return super.showHelp(page);
    const { notUnderstood } = await import("./not-understood.ts");
    throw notUnderstood(words.join(" "), this.config, ["--help"]);
  }

  #isKnown(id: string): boolean {
    return (this.config.findCommand(id) ?? this.config.findTopic(id)) !== undefined;
  }

  override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    const codes = Object.values(outcomes).map(({ exit, meaning }) => [String(exit), meaning] as [string, string]);
    this.log(`${this.section("EXIT CODES", codes)}\n`);
    const subjects = this.wrap(`${this.config.bin} help SUBJECT: ${pageNames().join(", ")}`);
    this.log(`${this.section("SUBJECTS", subjects)}\n`);
  }

  /** A command may be only a part of a subject of its name. */
  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    await super.showCommandHelp(command);
    if (findPage(command.id) !== undefined)
      this.log(`${this.section("MORE", `$ ${this.config.bin} help ${command.id}`)}\n`);
  }

  /** oclif wraps all but what a page begins with. */
  protected override log(...parts: string[]): void {
    const fit = (line: string): string => (/^\S/.test(line) ? this.wrap(line) : line);
    super.log(...parts.map((part) => part.split("\n").map(fit).join("\n")));
  }

  /** A command with commands below it is listed once. */
  protected override formatTopics(topics: Interfaces.Topic[]): string {
    return super.formatTopics(topics.filter(({ name }) => this.config.findCommand(name) === undefined));
  }

  protected override formatCommands(commands: Command.Loadable[]): string {
    const grouped = Object.entries(groups).map(([title, ids]) => ({
      title,
      own: ids.flatMap((id) => commands.filter((command) => command.id === id)),
    }));
    const others = commands.filter(({ id }) => !Object.values(groups).flat().includes(id));
    return [...grouped, { title: "COMMANDS", own: others }]
      .filter(({ own }) => own.length > 0)
      .map(({ title, own }) => super.formatCommands(own).replace("COMMANDS", title))
      .join("\n\n");
  }
}

/** What follows a command may be its arguments: `status prod --help`. */
function longestKnown(words: readonly string[], isKnown: (id: string) => boolean): string[] | undefined {
  const lengths = words.map((_, index) => words.length - index);
  const length = lengths.find((one) => isKnown(words.slice(0, one).join(":")));
  return length === undefined ? undefined : words.slice(0, length);
}
