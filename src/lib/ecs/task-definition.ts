// What ECS is told of a release, as its API takes it (RegisterTaskDefinition, CreateService): only what threads writes.

export interface TaskDefinition {
  readonly family: string;
  readonly networkMode: "awsvpc";
  readonly requiresCompatibilities: readonly ("FARGATE" | "EC2")[];
  /** Texts, both: CPU units, and MiB. */
  readonly cpu: string;
  readonly memory: string;
  readonly executionRoleArn: string;
  readonly taskRoleArn?: string;
  readonly runtimePlatform?: { readonly operatingSystemFamily: "LINUX"; readonly cpuArchitecture: "X86_64" | "ARM64" };
  readonly containerDefinitions: readonly ContainerDefinition[];
  /** Empty at each start of a task, shared by its containers. */
  readonly volumes?: readonly { readonly name: string }[];
  readonly tags: readonly Tag[];
}

export interface ContainerDefinition {
  readonly name: string;
  /** `host/repository@sha256:…`. */
  readonly image: string;
  /** Its end is the end of the task. */
  readonly essential: boolean;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly environment?: readonly Variable[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly portMappings?: readonly PortMapping[];
  readonly healthCheck?: HealthCheck;
  readonly dependsOn?: readonly Dependency[];
  /** Seconds. */
  readonly stopTimeout?: number;
  /** CPU units. */
  readonly cpu?: number;
  /** MiB, the limit and what is set aside. */
  readonly memory?: number;
  readonly memoryReservation?: number;
  readonly readonlyRootFilesystem?: boolean;
  readonly interactive?: boolean;
  readonly pseudoTerminal?: boolean;
  readonly dockerSecurityOptions?: readonly string[];
  readonly dockerLabels?: Readonly<Record<string, string>>;
  readonly ulimits?: readonly { readonly name: string; readonly softLimit: number; readonly hardLimit: number }[];
  readonly linuxParameters?: LinuxParameters;
  readonly mountPoints?: readonly MountPoint[];
  readonly logConfiguration: { readonly logDriver: "awslogs"; readonly options: Readonly<Record<string, string>> };
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface PortMapping {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

/** Times in whole seconds. */
export interface HealthCheck {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod?: number;
}

export interface Dependency {
  readonly containerName: string;
  readonly condition: "START" | "SUCCESS" | "HEALTHY";
}

export interface LinuxParameters {
  readonly initProcessEnabled?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly tmpfs?: readonly Tmpfs[];
}

export interface Tmpfs {
  readonly containerPath: string;
  /** MiB. */
  readonly size: number;
  readonly mountOptions?: readonly string[];
}

export interface MountPoint {
  readonly sourceVolume: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A service but for its task definition, which is known once that is registered. */
export interface ServiceSettings {
  readonly cluster: string;
  readonly serviceName: string;
  readonly launchType: "FARGATE" | "EC2";
  /** When it is made; later it belongs to whoever scales it, and is never sent again. */
  readonly desiredCount: number;
  readonly deploymentController: { readonly type: "ECS" };
  readonly deploymentConfiguration: {
    readonly minimumHealthyPercent: number;
    readonly maximumPercent: number;
    readonly deploymentCircuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
    /** Of a service whose new tasks come beside the old ones; tasks replaced one by one where absent. */
    readonly strategy?: "BLUE_GREEN" | "CANARY" | "LINEAR";
    readonly bakeTimeInMinutes?: number;
    readonly canaryConfiguration?: Readonly<Record<string, number>>;
    readonly linearConfiguration?: Readonly<Record<string, number>>;
    /** At which each deployment waits for a person. */
    readonly lifecycleHooks?: readonly {
      readonly targetType: "PAUSE";
      readonly lifecycleStages: readonly string[];
      readonly timeoutConfiguration?: { readonly timeoutInMinutes?: number; readonly action?: "ROLLBACK" | "CONTINUE" };
    }[];
  };
  readonly availabilityZoneRebalancing: "ENABLED" | "DISABLED";
  readonly networkConfiguration: {
    readonly awsvpcConfiguration: {
      readonly subnets: readonly string[];
      readonly securityGroups: readonly string[];
      readonly assignPublicIp: "ENABLED" | "DISABLED";
    };
  };
  readonly loadBalancers?: readonly LoadBalancer[];
  readonly healthCheckGracePeriodSeconds?: number;
  readonly propagateTags: "TASK_DEFINITION";
}

export interface LoadBalancer {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  readonly advancedConfiguration?: {
    readonly alternateTargetGroupArn: string;
    readonly productionListenerRule: string;
    readonly testListenerRule?: string;
    readonly roleArn: string;
  };
}
