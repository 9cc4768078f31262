import { healthPath } from "../../project/health.ts";
import { type Answers, type Choice, firstAnswers } from "./choose.ts";

/** One question on a terminal. */
export interface Question {
  readonly what: string;
  /** What is meant where nothing is typed. */
  readonly first: string;
  readonly choices?: readonly string[];
  /** @returns what is wrong with an answer, or undefined */
  readonly check?: (answer: string) => string | undefined;
}

/** @returns the answer, never one that `check` or `choices` refuses */
export type Ask = (question: Question) => Promise<string>;

/** Asks what nobody can read from the files for sure; nothing where there is nobody to ask. */
export async function answersTo(choice: Choice, ask: Ask | undefined): Promise<Answers> {
  const first = firstAnswers(choice);
  if (ask === undefined) return first;
  const app = await ask({ what: "Name of the application", first: first.app, check: checkName });
  const names = choice.entries.map(({ service }) => service.name);
  const chosen =
    names.length === 1
      ? first.entry.service.name
      : await ask({ what: "Service that answers HTTP", first: first.entry.service.name, choices: names });
  const entry = choice.entries.find(({ service }) => service.name === chosen) ?? first.entry;
  const guess = healthPath(entry.service, choice.project.sources).path;
  const health = await ask({ what: "Path that answers 200 while it is well", first: guess, check: checkPath });
  const environments = await ask({
    what: "Environments with hosts, in the order of a release",
    first: first.environments.join(", "),
    check: (text) =>
      listed(text)
        .map(checkName)
        .find((fault) => fault !== undefined),
  });
  return { app, entry, health, environments: listed(environments) };
}

function listed(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function checkName(text: string): string | undefined {
  return /^[a-z](?:-?[a-z0-9]){1,30}$/.test(text)
    ? undefined
    : "lower-case letters and digits, with single - between them";
}

function checkPath(text: string): string | undefined {
  return text.startsWith("/") ? undefined : "a path begins with /";
}
