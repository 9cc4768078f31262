import type { Engine } from "../../../docker/engine.ts";
import { installDocker, setUp } from "../../../docker/set-up.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";
import { compareVersions } from "./runtime.ts";

export const dockerCheck: Check = {
  id: "docker",
  title: "Docker",
  look: async (ports) => {
    // The engine first: its failure explains a missing buildx.
    const engine = await ports.engine();
    return [judgeDocker(engine, await ports.buildx())];
  },
};

/** What everything here is tested with; older ones may do. */
const testedEngine = "26";

export function judgeDocker({ engine, compose }: Engine, buildx: string | undefined): DoctorFinding {
  // "github.com/docker/buildx v0.13.1 788433953af1…", with or without the v.
  const version = buildx?.split(" ").find((word) => /^v?\d/.test(word)) ?? buildx;
  const says = `engine ${engine}, compose ${compose}, ${version === undefined ? "no buildx" : `buildx ${version}`}`;
  const fix = { next: setUp(), advice: [installDocker] };
  if (version === undefined) return { state: "warn", says: `${says}: images cannot be built`, ...fix };
  if (compareVersions(engine, testedEngine) < 0)
    return {
      state: "warn",
      says: `${says}: threads is tested with engine ${testedEngine} and newer`,
      ...fix,
    };
  return ok(says);
}
