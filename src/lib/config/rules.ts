import { edgeName, imageVariable } from "../release/release.ts";
import type { ConfigFile } from "./config.ts";
import { addressOf, checksOfSmoke } from "./checks-for.ts";
import { ecsRules } from "./ecs-rules.ts";
import { suggest } from "./suggest.ts";

interface Broken {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What the schema cannot say: names that must refer to something. */
export function rules(file: ConfigFile): Broken[] {
  return [
    ...twice(file),
    ...alikes(file),
    ...namedAreServices(file),
    ...migrationsAreInAService(file),
    ...bundleIsNoService(file),
    ...edgeHasItsName(file),
    ...slotsHaveTheirServices(file),
    ...gatesReferToSomething(file),
    ...observationsEnd(file),
    ...smokeAsksSomething(file),
    ...certificatesAreOfSomebody(file),
    ...ecsRules(file),
  ];
}

function twice({ services }: ConfigFile): Broken[] {
  return services.flatMap((service, index) =>
    services.indexOf(service) === index
      ? []
      : [{ path: ["services", index], message: `service "${service}" is named twice` }],
  );
}

/** Compose files take a service's image by a variable: `a-b`, `a.b` and `a_b` would share one. */
function alikes({ services }: ConfigFile): Broken[] {
  return services.flatMap((service, index) => {
    const other = services.slice(0, index).find((one) => imageVariable(one) === imageVariable(service));
    if (other === undefined || other === service) return [];
    const message = `service "${service}" would share the variable ${imageVariable(service)} with "${other}"`;
    return [{ path: ["services", index], message }];
  });
}

function namedAreServices({ services, runtime }: ConfigFile): Broken[] {
  const { singletons, workers = [] } = runtime;
  return Object.entries({ singletons, workers }).flatMap(([key, names]) =>
    names.flatMap((name, index) => isService(name, services, ["runtime", key, index])),
  );
}

/** Only an image that smoke has run is asked. */
function migrationsAreInAService({ services, runtime: { migrations } }: ConfigFile): Broken[] {
  return migrations === undefined ? [] : isService(migrations.service, services, ["runtime", "migrations", "service"]);
}

function isService(name: string, services: readonly string[], path: Broken["path"]): Broken[] {
  if (services.includes(name)) return [];
  const meant = suggest(name, services);
  return [{ path, message: `"${name}" is not a service${meant === undefined ? "" : `, did you mean "${meant}"?`}` }];
}

function bundleIsNoService({ services, registry }: ConfigFile): Broken[] {
  if (!services.includes(registry.bundle)) return [];
  return [
    {
      path: ["registry", "bundle"],
      message: `"${registry.bundle}" is a service; the bundle needs a repository of its own`,
    },
  ];
}

/** The edge has a repository of its own, as the bundle has. */
function edgeHasItsName({ services, registry, runtime }: ConfigFile): Broken[] {
  if (runtime.strategy !== "slots") return [];
  const message = `"${edgeName}" is the repository of the proxy in front of the slots (runtime.strategy): call it otherwise`;
  const at = services.indexOf(edgeName);
  return [
    ...(at === -1 ? [] : [{ path: ["services", at], message }]),
    ...(registry.bundle === edgeName ? [{ path: ["registry", "bundle"], message }] : []),
  ];
}

/** A service that is switched, or runs once before the switch, is in the slots by its nature. */
function slotsHaveTheirServices({ smoke, runtime }: ConfigFile): Broken[] {
  const reasons = new Map([
    [smoke.entry.service, "answers HTTP (smoke.entry): each slot has its own"],
    [runtime.migrate, "is the migration (runtime.migrate): it comes with its release"],
  ]);
  return runtime.shared.flatMap((name, index) => {
    const reason = reasons.get(name);
    return reason === undefined ? [] : [{ path: ["runtime", "shared", index], message: `"${name}" ${reason}` }];
  });
}

const doneThere: Readonly<Record<string, string>> = {
  verified: "verified",
  verify: "verified",
  stress: "put under load",
};

/** A gate that nothing can ever open, or that says less than it seems to, is a mistake in the file. */
function gatesReferToSomething({ environments }: ConfigFile): Broken[] {
  return Object.entries(environments).flatMap(([name, { gates }]) => {
    const at = (key: string, message: string): Broken[] => [{ path: ["environments", name, "gates", key], message }];
    const others = Object.keys(environments).filter((other) => other !== name);
    const { verified, verify, stress, soakMs } = gates;
    const named = { verified, verify, stress: stress?.environment };
    const refers = Object.entries(named).flatMap(([key, other]) => {
      if (other === undefined) return [];
      if (!others.includes(other)) return at(key, notAmong(other, others));
      const { hosts, ecs } = environments[other] ?? {};
      if (hosts !== undefined) return [];
      const lacks = ecs === undefined ? "has no hosts, so nothing is ever" : "runs on ECS, so nothing can yet be";
      return at(key, `environment "${other}" ${lacks} ${doneThere[key] ?? ""} there`);
    });
    const isAimless = verified === undefined && soakMs > 0;
    return isAimless
      ? [...refers, ...at("soak", "soak needs `verified`: the environment in which the time is spent")]
      : refers;
  });
}

/** The first host is watched within the time of its deployment, and the others want some of that. */
function observationsEnd({ environments }: ConfigFile): Broken[] {
  return Object.entries(environments).flatMap(([name, { observeMs, timeoutMs }]) =>
    observeMs === 0 || observeMs < timeoutMs
      ? []
      : [
          {
            path: ["environments", name, "observe"],
            message: `observe must be less than the ${timeoutMs / 1000} seconds that a deployment may take (timeout)`,
          },
        ],
  );
}

function notAmong(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  return `"${name}" is not another environment${meant === undefined ? "" : `, did you mean "${meant}"?`}`;
}

/** What nobody has asked has passed nothing. */
function smokeAsksSomething(file: ConfigFile): Broken[] {
  if (checksOfSmoke(file).length > 0) return [];
  return [{ path: ["checks"], message: "none of the checks is for smoke: what nobody asks proves nothing" }];
}

function certificatesAreOfSomebody({ checks, environments }: ConfigFile): Broken[] {
  const hasAddress = Object.values(environments).some(({ url }) => addressOf(url) !== undefined);
  return checks.flatMap((check, index) =>
    check.kind === "certificate" && check.whose === undefined && !hasAddress
      ? [
          {
            path: ["checks", index, "tls"],
            message: "no environment has a url that begins with https://: give it one, or name the host here",
          },
        ]
      : [],
  );
}
