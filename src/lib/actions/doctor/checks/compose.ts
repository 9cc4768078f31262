import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { CommittedFile } from "../../../compose/carried.ts";
import type { RawModel } from "../../../compose/raw-model.ts";
import { runtimeFacts } from "../../../compose/runtime-facts.ts";
import { runtimeProblems } from "../../../compose/runtime-model.ts";
import type { Config } from "../../../config/config.ts";
import { suggest } from "../../../config/suggest.ts";
import type { ResolvedService, ResolvedStack } from "../../../project/resolve-stack.ts";
import { list } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";
import { placed } from "../placed.ts";
import type { CheckPorts } from "../ports.ts";

/** What `test`, `smoke` and hosts would find out of their compose files only when they run. */
export const composeCheck: Check = {
  id: "compose",
  title: "compose files",
  look: async (ports) => {
    const config = await ports.config();
    const lines = ports.lines(config);
    // Where git cannot tell, another check says why.
    const committed = await ports.committed().catch(() => undefined);
    return Promise.all(
      stacksOf(config).map(async (stack) =>
        judgeStack(stack, await ports.stack(stack.files), { config, lines, committed }),
      ),
    );
  },
};

interface Stack {
  readonly name: "test" | "smoke" | "runtime";
  readonly files: readonly string[];
  /** Services that threads.yml names, by the key that does. */
  readonly named: readonly (readonly [key: string, service: string])[];
  readonly entry?: Config["smoke"]["entry"];
}

function stacksOf({ services, test, smoke, runtime }: Config): Stack[] {
  const released = services.map((service, index) => [`services.${index}`, service] as const);
  return [
    ...(test === undefined
      ? []
      : [{ name: "test" as const, files: test.compose, named: [["test.service", test.service] as const] }]),
    {
      name: "smoke",
      files: smoke.compose,
      named: [...released, ["smoke.entry.service", smoke.entry.service] as const],
      entry: smoke.entry,
    },
    {
      name: "runtime",
      files: runtime.compose,
      named: [...released, ...(runtime.migrate === undefined ? [] : [["runtime.migrate", runtime.migrate] as const])],
    },
  ];
}

interface Context {
  readonly config: Config;
  readonly lines: ReturnType<CheckPorts["lines"]>;
  readonly committed: readonly CommittedFile[] | undefined;
}

/** Every fault with its file and line. */
function judgeStack(stack: Stack, resolved: ResolvedStack<RawModel>, context: Context): DoctorFinding {
  const { root } = context.config;
  const files = stack.files.map((file) => relative(root, file)).join(" + ");
  const faults =
    resolved.faults.length > 0
      ? resolved.faults
      : [
          ...unknownServices(stack, resolved, context),
          ...(stack.name === "runtime" && resolved.model !== undefined
            ? whatCannotTravel(resolved, resolved.model, context)
            : missingFiles(resolved, context)),
          ...wrongPort(stack, resolved),
        ];
  if (faults.length > 0)
    return {
      of: stack.name,
      state: "fail",
      says: `${files} cannot be run as threads.yml says`,
      details: faults,
      advice: ["correct what the lines above name"],
    };
  const names = list(resolved.services.map(({ name }) => name));
  if (resolved.external.length === 0) return { of: stack.name, ...ok(`${files}: ${names}`) };
  const where = stack.name === "runtime" ? "on every host" : "on this machine";
  return {
    of: stack.name,
    state: "warn",
    says: `${files} needs ${list(resolved.external)} ${where}: compose makes none of it`,
  };
}

function unknownServices({ named }: Stack, { services }: ResolvedStack, { config, lines }: Context): string[] {
  const known = services.map(({ name }) => name);
  const told = new Set<string>();
  return named.flatMap(([key, service]) => {
    if (known.includes(service) || told.has(service)) return [];
    told.add(service);
    const meant = suggest(service, known);
    const line = lines(key);
    const at = `${relative(config.root, config.file)}${line === null ? "" : `:${line}`}`;
    const hint = meant === undefined ? `it has ${list(known)}` : `did you mean ${meant}?`;
    return [`${at} ${key.replace(/\.\d+$/, "")} names ${service}, which is no service there: ${hint}`];
  });
}

/** All that publish would refuse; which services are missing is told already, with what was meant. */
function whatCannotTravel({ services }: ResolvedStack, model: RawModel, { config, committed }: Context): string[] {
  const { migrate, ...facts } = runtimeFacts(config, committed);
  const isThere = (name: string): boolean => model.services[name] !== undefined;
  const known = {
    ...facts,
    services: facts.services.filter(isThere),
    migrate: migrate !== undefined && isThere(migrate) ? migrate : undefined,
  };
  return runtimeProblems(model, known).map((problem) => placed(problem, services));
}

/** Docker makes an empty folder of a bind mount that is not there. The application's environment stands in for an env_file. */
function missingFiles({ services, folder }: ResolvedStack, { config }: Context): string[] {
  return services.flatMap(({ name, place, needs }) =>
    needs
      .filter((path) => !existsSync(join(folder, path)))
      .map((path) => `${place} ${name} needs ${relative(config.root, join(folder, path))}, which is not there`),
  );
}

function wrongPort({ entry }: Stack, { services }: ResolvedStack): string[] {
  const service: ResolvedService | undefined = services.find(({ name }) => name === entry?.service);
  if (entry === undefined || service === undefined) return [];
  const open = [...service.ports.map(({ target }) => target), ...service.exposed];
  if (open.length === 0 || open.includes(entry.port)) return [];
  return [`${service.place} ${service.name} opens port ${open.join(", ")}, but smoke.entry names ${entry.port}`];
}
