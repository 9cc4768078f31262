import { pageNames } from "../../help/pages.ts";

/** What may stand in a place of the command line, and where it is known from; nothing where only the person knows. */
export type Kind =
  | "environments"
  | "services"
  | "releases"
  | "gates"
  | "codes"
  | "files"
  | "nothing"
  | readonly string[];

export interface FlagFacts {
  /** `--environment`. */
  readonly long: string;
  /** `-e`. */
  readonly short: string | undefined;
  readonly summary: string;
  /** Undefined for a switch. */
  readonly value: Kind | undefined;
}

export interface CommandFacts {
  /** `deploy`, `sandbox up`. */
  readonly words: string;
  readonly summary: string;
  readonly flags: readonly FlagFacts[];
  /** What stands in its first place, its second … */
  readonly args: readonly Kind[];
}

/** As much of a command of oclif's manifest as is looked at. */
export interface Manifested {
  readonly id: string;
  readonly summary?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly flags: Readonly<Record<string, ManifestedFlag>>;
  readonly args: Readonly<Record<string, { readonly name: string; readonly options?: readonly string[] | undefined }>>;
}

interface ManifestedFlag {
  readonly name: string;
  readonly type: string;
  readonly char?: string | undefined;
  readonly summary?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly options?: readonly string[] | undefined;
}

/** Flags and arguments by their names, which mean the same in every command. */
export const kinds: Readonly<Record<string, Kind>> = {
  environment: "environments",
  sure: "environments",
  service: "services",
  release: "releases",
  "changed-since": "releases",
  override: "gates",
  code: "codes",
  shell: ["bash", "zsh", "fish"],
  config: "files",
  from: "files",
  reports: "files",
  save: "files",
  report: "files",
  output: "files",
};

/** What may stand behind `help`, which takes any word: a command, or a subject. */
function helped(commands: readonly Manifested[]): Kind {
  return [...new Set([...commands.map(({ id }) => id.replace(/:.*/, "")), ...pageNames()])];
}

/** The commands as completions need them, made from the very manifest that the CLI runs by. */
export function factsOf(commands: readonly Manifested[]): CommandFacts[] {
  return commands
    .filter(({ hidden }) => hidden !== true)
    .map(({ id, summary = "", flags, args }) => ({
      words: id.replaceAll(":", " "),
      summary,
      flags: Object.values(flags)
        .filter(({ hidden }) => hidden !== true)
        .map(flagFacts),
      args:
        id === "help"
          ? [helped(commands)]
          : Object.values(args).map(({ name, options }) => options ?? kinds[name] ?? "nothing"),
    }))
    .toSorted((one, other) => (one.words < other.words ? -1 : 1));
}

function flagFacts({ name, type, char, summary = "", options }: ManifestedFlag): FlagFacts {
  const value = type === "boolean" ? undefined : (options ?? kinds[name] ?? "nothing");
  return { long: `--${name}`, short: char === undefined ? undefined : `-${char}`, summary, value };
}

/** A place in the tree of commands: nothing typed yet, a topic, or a command. */
export interface Level {
  /** The words that lead here; empty at the beginning. */
  readonly words: string;
  /** Words that may follow, each with its summary. */
  readonly next: readonly { readonly word: string; readonly summary: string }[];
  readonly flags: readonly FlagFacts[];
  readonly args: readonly Kind[];
}

/** @param topics summaries of words that are only beginnings: `sandbox` */
export function levelsOf(commands: readonly CommandFacts[], topics: Readonly<Record<string, string>>): Level[] {
  const places = new Set(["", ...Object.keys(topics), ...commands.map(({ words }) => words)]);
  return [...places].map((words) => {
    const own = commands.find((command) => command.words === words);
    const help: FlagFacts = { long: "--help", short: "-h", summary: "Show help", value: undefined };
    const below = [...places].filter((place) => place !== "" && place !== words && parentOf(place) === words);
    return {
      words,
      next: below.toSorted().map((place) => ({
        word: place.slice(words === "" ? 0 : words.length + 1),
        summary: commands.find((command) => command.words === place)?.summary ?? topics[place] ?? "",
      })),
      flags: [...(own?.flags ?? []), help],
      args: own?.args ?? [],
    };
  });
}

function parentOf(words: string): string {
  return words.split(" ").slice(0, -1).join(" ");
}
