/** What ECS fills in by itself where a definition does not say it (API reference, ContainerDefinition), by its path. */
const ofContainers: Readonly<Record<string, string>> = {
  cpu: "0",
  essential: "true",
  interactive: "false",
  privileged: "false",
  pseudoTerminal: "false",
  disableNetworking: "false",
  readonlyRootFilesystem: "false",
  versionConsistency: "enabled",
  "healthCheck.interval": "30",
  "healthCheck.timeout": "5",
  "healthCheck.retries": "3",
  "healthCheck.startPeriod": "0",
  "linuxParameters.initProcessEnabled": "false",
};
const ofTasks: Readonly<Record<string, string>> = {
  enableFaultInjection: "false",
  "runtimePlatform.operatingSystemFamily": "LINUX",
  "runtimePlatform.cpuArchitecture": "X86_64",
};

export function withoutContainerDefaults(leaves: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return kept(leaves, (path, text) => {
    if (ofContainers[path] === text) return false;
    if (/^mountPoints\..+\.readOnly$/.test(path)) return text !== "false";
    const port = /^portMappings\.(\d+)\/\w+\.hostPort$/.exec(path)?.[1];
    // With awsvpc they are the same, and ECS writes both.
    return port === undefined || (text !== port && text !== "0");
  });
}

export function withoutTaskDefaults(leaves: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return kept(leaves, (path, text) => ofTasks[path] !== text);
}

function kept(
  leaves: ReadonlyMap<string, string>,
  keep: (path: string, text: string) => boolean,
): ReadonlyMap<string, string> {
  return new Map([...leaves].filter(([path, text]) => keep(path, text)));
}
