import type { EcsFacts } from "./facts.ts";
import type { ServiceReport } from "./report.ts";
import type { ContainerDefinition, LinuxParameters, Tmpfs } from "./task-definition.ts";
import { isTrue } from "./variables.ts";

/** What a compose file says of a container and its kernel. */
export interface WrittenLimits {
  readonly init?: boolean | string;
  readonly read_only?: boolean | string;
  readonly cap_add?: readonly string[] | null;
  readonly cap_drop?: readonly string[] | null;
  readonly security_opt?: readonly string[] | null;
  readonly tmpfs?: string | readonly string[];
  readonly ulimits?: Readonly<
    Record<string, number | string | { readonly soft: number | string; readonly hard: number | string }>
  >;
}

type Facts = Pick<EcsFacts, "ecs" | "environment">;

/** @param memory MiB of the whole task: what is written to a tmpfs counts as that */
export function limitsOf(
  written: WrittenLimits,
  memory: number,
  facts: Facts,
  report: ServiceReport,
): Pick<ContainerDefinition, "readonlyRootFilesystem" | "dockerSecurityOptions" | "ulimits" | "linuxParameters"> {
  const linux = linuxParameters(written, memory, facts, report);
  const options = securityOptions(written.security_opt ?? [], facts, report);
  const ulimits = ulimitsOf(written.ulimits ?? {}, facts, report);
  return {
    ...(isTrue(written.read_only) && { readonlyRootFilesystem: true }),
    ...(options.length > 0 && { dockerSecurityOptions: options }),
    ...(ulimits.length > 0 && { ulimits }),
    ...(Object.keys(linux).length > 0 && { linuxParameters: linux }),
  };
}

function linuxParameters(
  { init, cap_add: add, cap_drop: drop, tmpfs = [] }: WrittenLimits,
  memory: number,
  { ecs }: Facts,
  report: ServiceReport,
): LinuxParameters {
  const bare = (names: typeof add): string[] => (names ?? []).map((name) => name.replace(/^CAP_/i, "").toUpperCase());
  const [added, dropped] = [bare(add), bare(drop)];
  const more = added.filter((name) => name !== "SYS_PTRACE");
  // API reference, KernelCapabilities: "For tasks that use the Fargate launch type … the only supported … is SYS_PTRACE".
  if (ecs.launchType === "FARGATE" && more.length > 0)
    report.refuse(`adds the capability ${more.join(", ")}, and Fargate gives none but SYS_PTRACE: take cap_add away`);
  const mounts = [tmpfs].flat().map((text) => tmpfsOf(text, memory, report));
  const capabilities = {
    ...(added.length > 0 && { add: added }),
    ...(dropped.length > 0 && { drop: dropped }),
  };
  return {
    ...(isTrue(init) && { initProcessEnabled: true }),
    ...(Object.keys(capabilities).length > 0 && { capabilities }),
    ...(mounts.length > 0 && { tmpfs: mounts }),
  };
}

/** `/tmp:size=64m,mode=1777`: ECS wants a size, and docker has none where nobody gives one. */
function tmpfsOf(text: string, memory: number, report: ServiceReport): Tmpfs {
  const [containerPath = "", options = ""] = text.split(/:(.*)/s);
  const all = options.split(",").filter((option) => option !== "");
  const written = all.find((option) => option.startsWith("size="))?.slice("size=".length);
  const mountOptions = all.filter((option) => !option.startsWith("size="));
  const size = written === undefined ? Math.floor(memory / 2) : mebibytesIn(written);
  if (written === undefined)
    report.note(
      `gets ${size} MiB for ${containerPath}, half of its task's memory: write ${containerPath}:size=… to have more or less`,
    );
  if (size === undefined) report.refuse(`has a tmpfs ${text} with a size that is no number of bytes`);
  return { containerPath, size: size ?? 0, ...(mountOptions.length > 0 && { mountOptions }) };
}

const units: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Whole MiB of `536870912`, `512m` or `1.5g`, rounded up. @returns undefined for what is none */
export function mebibytesIn(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([bkmg]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.ceil((Number(number) * (units[unit.toLowerCase()] ?? 1)) / 1024 ** 2);
}

/** API reference, ContainerDefinition: dockerSecurityOptions "isn't valid for containers in tasks using the Fargate launch type". */
function securityOptions(written: readonly string[], { ecs, environment }: Facts, report: ServiceReport): string[] {
  return written.flatMap((option) => {
    const isPrivileges = /^no-new-privileges(?:[:=]true)?$/.test(option);
    if (/^no-new-privileges[:=]false$/.test(option)) return [];
    if (ecs.launchType === "EC2" && isPrivileges) return ["no-new-privileges"];
    if (ecs.launchType === "EC2" && /^(?:apparmor|label)[:=]/.test(option)) return [option.replace("=", ":")];
    if (isPrivileges) {
      if (ecs.without.includes("no-new-privileges")) return [];
      report.refuse(
        `has security_opt ${option}, which Fargate does not know: go without it by environments.${environment}.ecs.without: [no-new-privileges], or use launch_type: EC2`,
      );
      return [];
    }
    const where = ecs.launchType === "EC2" ? "ECS" : "Fargate";
    report.refuse(`has security_opt ${option}, which ${where} does not know: take it away`);
    return [];
  });
}

function ulimitsOf(
  written: NonNullable<WrittenLimits["ulimits"]>,
  { ecs }: Facts,
  report: ServiceReport,
): NonNullable<ContainerDefinition["ulimits"]>[number][] {
  return Object.entries(written).map(([name, limit]) => {
    // Developer guide, "Task resource limits": on Fargate the operating system's, but for nofile.
    if (ecs.launchType === "FARGATE" && name !== "nofile")
      report.refuse(`sets the limit ${name}, and on Fargate only nofile can be set: take it away`);
    const { soft, hard } = typeof limit === "object" ? limit : { soft: limit, hard: limit };
    return { name, softLimit: Number(soft), hardLimit: Number(hard) };
  });
}
