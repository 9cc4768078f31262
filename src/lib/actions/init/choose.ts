import { ThreadsError } from "../../errors/threads-error.ts";
import type { ComposeFile, ComposeService } from "../../project/compose-file.ts";
import { healthPath } from "../../project/health.ts";
import type { Project } from "../../project/look.ts";
import { servicesOf } from "../../project/merge.ts";
import { list } from "../../text/words.ts";
import { entriesOf, type Entry, isData, isMigration, isSingle } from "./entry.ts";
import type { Finding } from "./result.ts";
import { chooseStacks, type Stacks } from "./stacks.ts";

/** What was found, with the questions that a person could answer better. */
export interface Choice {
  readonly app: Finding;
  readonly services: Finding & { readonly names: readonly string[] };
  readonly entries: readonly Entry[];
  readonly stacks: Stacks;
  readonly project: Project;
}

/** What a person has said, or would say to every question: the first choice. */
export interface Answers {
  readonly app: string;
  readonly entry: Entry;
  readonly health: string;
  readonly environments: readonly string[];
}

/**
 * Pure: what of the project matters to threads.
 * @param remote URL that git pushes to
 * @throws ThreadsError usage NOTHING_TO_RUN, where no compose file could be run, or nothing in it answers
 */
export function choose(project: Project, remote: string | undefined): Choice {
  const stacks = chooseStacks(project.compose);
  if (stacks === undefined) throw nothingToRun(project);
  const built = servicesOf(stacks.smoke);
  const entries = entriesOf(servicesOf([...stacks.smoke, ...stacks.runtime]));
  if (entries.length === 0) throw noEntry(stacks.smoke, built);
  return { app: nameOf(project, remote), services: released(built), entries, stacks, project };
}

function nameOf({ folder }: Project, remote: string | undefined): Finding {
  const [, last] = /([^/:]+?)(?:\.git)?\/*$/.exec(remote ?? "") ?? [];
  const because = last === undefined ? "name of the folder" : "name of the repository that git pushes to";
  const short = `${last ?? folder}, the ${because}, cannot be one`;
  const plain = (last ?? folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 31)
    .replace(/-+$/, "");
  return { key: "app", value: plain.length < 2 ? "app" : plain, because: plain.length < 2 ? short : because };
}

/** What is built here; where nothing is, what is no database. */
function released(services: readonly ComposeService[]): Choice["services"] {
  const usual = services.filter(({ profiles }) => profiles.length === 0);
  const built = usual.filter((service) => service.built);
  const rest = built.filter(({ name }) => !isMigration(name));
  // Of a service that runs the image of another one, only what threads has to be told is listed.
  const shared = rest.filter(
    ({ name, recipe }, at) => rest.findIndex((other) => other.recipe === recipe) < at && !isSingle(name),
  );
  const own = (rest.length > 0 ? rest : built).filter((service) => !shared.includes(service));
  const names = (built.length > 0 ? own : usual.filter((service) => !isData(service))).map(({ name }) => name);
  const share =
    shared.length === 0 ? "" : `, and ${list(shared.map(({ name }) => name))} of the same image as one of them`;
  const because = built.length > 0 ? `built here${share}` : "nothing is built here, and these are no databases";
  return { key: "services", value: list(names), because, names };
}

/** What is said where nobody is asked. */
export function firstAnswers({ app, entries, project }: Choice): Answers {
  const [entry] = entries;
  if (entry === undefined) throw new RangeError("a choice has an entry");
  return {
    app: app.value,
    entry,
    health: healthPath(entry.service, project.sources).path,
    environments: ["staging", "prod"],
  };
}

function nothingToRun({ compose }: Project): ThreadsError {
  const faults = compose.flatMap(({ fault }) => fault ?? []);
  return new ThreadsError("NOTHING_TO_RUN", {
    message:
      faults.length > 0 ? "no compose file here can be read" : "there is no compose file here that runs anything",
    details: faults,
    next: ["threads init --help"],
    advice: [
      "describe the application in a compose.yaml: its services with `build:`, and the port of the one that answers",
    ],
  });
}

function noEntry(files: readonly ComposeFile[], services: readonly ComposeService[]): ThreadsError {
  const [file] = files;
  const hidden = services.find(({ profiles, ports }) => profiles.length > 0 && ports.length > 0);
  const behind = hidden === undefined ? "" : `, but ${hidden.name}, which the profile ${hidden.profiles[0]} hides`;
  return new ThreadsError("NOTHING_TO_RUN", {
    message: `no service of ${file?.path ?? "the compose file"} publishes a port${behind}, so nothing can be checked from outside`,
    next: ["threads init --help"],
    advice: [
      ...(hidden === undefined ? [] : [`take \`profiles\` off what every environment runs`]),
      'write `ports: ["8080:8080"]` under the service that answers HTTP, with its own port',
    ],
  });
}
