import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";
import type { Application } from "./application.ts";
import type { ReadDefinition } from "./definitions.ts";
import type { TaskTargetPorts } from "./ports.ts";

/** What an order is carried out with. */
export interface OrderPorts extends TaskTargetPorts {
  readonly environment: EcsEnvironment;
  readonly application: Application;
  readonly read: ReadDefinition;
  /** Says what it is at. */
  readonly tell: (text: string) => void;
}
