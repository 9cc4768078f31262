export { renderRollout as renderRollback } from "./rollout.ts";
