import { type Command, Help } from "@oclif/core";
import { outcomes } from "../errors/exit-codes.ts";

/** The order in which a release travels; commands that are not of the journey follow, by alphabet. */
const train = ["test", "smoke", "publish", "promote", "deploy", "rollback", "status", "history"];

/** oclif's help with the exit codes under the root page, made from the one map. */
export default class ThreadsHelp extends Help {
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
