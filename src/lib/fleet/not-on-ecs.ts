import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** Why, and what tells something of it there, unless the command itself has a line that does its work. */
const reasons: Readonly<Record<string, readonly [why: string, look?: (environment: string) => string]>> = {
  exec: ["no host is there that could be sent a command"],
  stress: ["no host tells what its containers take under load", (name) => `threads status -e ${name}`],
  rehearse: [
    "no throw-away environment is made of it: what would change there, render tells",
    (name) => `threads ecs render -e ${name} --diff`,
  ],
};

/** What threads can do on hosts alone. The one place where it is said. @param line the command as it was typed */
export function notOnEcs(environment: string, line: string, { next, advice }: Next): ThreadsError {
  const verb = line.split(" ")[1] ?? "";
  const [why = "", look] = reasons[verb] ?? [];
  return new ThreadsError("NOT_ON_ECS", {
    message: `${environment} runs on ECS, where \`threads ${verb}\` can do nothing: ${why}`,
    next: look === undefined ? next : [look(environment), ...next],
    advice,
  });
}
