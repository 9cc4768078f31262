import { normalize } from "node:path";
import type { ComposeService } from "./compose-file.ts";
import type { TextFile } from "./look.ts";

/** Where an application tells that it is well, and how that is known. */
export interface HealthPath {
  readonly path: string;
  readonly because: string;
}

const usual = ["healthz", "readyz", "livez", "health", "healthcheck", "health-check", "_health", "api/health", "ping"];
/** A usual path as a whole text, as routes are written: `'/healthz'`, `"health/"`. */
const route = new RegExp(`["'\`]\\^?/?((?:${usual.join("|")})/?)\\$?["'\`]`);

/** A longer line is no code that somebody wrote: a library, pressed into a few lines, names all sorts of things. */
const longestRoute = 500;

/** What frameworks have of their own accord, by a word of the files that name them. */
const frameworks: readonly {
  readonly file: RegExp;
  readonly says: RegExp;
  readonly path: string;
  readonly name: string;
}[] = [
  {
    file: /(?:pom\.xml|build\.gradle(?:\.kts)?)$/,
    says: /spring-boot-starter-actuator/,
    path: "/actuator/health",
    name: "Spring Boot's actuator",
  },
  { file: /routes\.rb$/, says: /rails\/health#show/, path: "/up", name: "Rails" },
];

/** A proxy that hands everything on, so that what is behind it answers for it. */
const passesAll = /location\s+\/\s*\{[^}]*proxy_pass|reverse_proxy\s+\S+/;

/** The first that is found of: the service's own health check, a framework's path, a route in the sources; otherwise `/`. */
export function healthPath(
  entry: Pick<ComposeService, "name" | "healthcheck" | "context">,
  all: readonly TextFile[],
): HealthPath {
  const [, asked] = /https?:\/\/[^\s/"']+(\/[^\s"']*)/.exec(entry.healthcheck) ?? [];
  if (asked !== undefined) return { path: asked, because: `the health check of ${entry.name} asks for it` };
  const sources = answering(entry, all);
  for (const { file, says, path, name } of frameworks) {
    const found = sources.find((source) => file.test(source.path) && says.test(source.text));
    if (found !== undefined) return { path, because: `${name} has it (${found.path})` };
  }
  for (const { path, text } of sources) {
    const lines = text.split("\n");
    const at = lines.findIndex((line) => line.length < longestRoute && route.test(line));
    const [, found] = route.exec(lines[at] ?? "") ?? [];
    if (found !== undefined) return { path: `/${found}`, because: `${path}:${at + 1} names it` };
  }
  return { path: "/", because: "nothing tells of a path for health; one that asks the database, too, would be better" };
}

/** The sources of what answers: those that the service is built from, and the rest only behind a proxy that passes all. */
function answering({ context }: Pick<ComposeService, "context">, all: readonly TextFile[]): readonly TextFile[] {
  const folder = context === undefined ? undefined : normalize(`${context}/`);
  const own = folder === undefined || folder === "./" ? all : all.filter(({ path }) => path.startsWith(folder));
  return own.some(({ text }) => passesAll.test(text)) ? all : own;
}
