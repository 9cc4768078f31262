import { runStack, type RunStackPorts } from "../../stack/run-stack.ts";
import type { ProductionSmoke } from "./smoke-evidence.ts";

/** The smoke stack, run from published digests: what passes is what will run, byte for byte. */
export function productionSmoke(ports: RunStackPorts): ProductionSmoke {
  return ({ images, revision, tree, dockerConfig }) =>
    runStack({ images, revision, tree, dockerConfig, build: false }, ports);
}
