export { renderRollout as renderDeploy } from "./rollout.ts";
