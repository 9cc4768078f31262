import { stringify } from "yaml";
import { imageVariable } from "../../src/lib/release/release.ts";

/** A compose file that hosts could run: each service by its image's variable, and the migration in the first one's. */
export function runtimeFile(services: readonly string[]): string {
  const image = (service: string): string => `\${${imageVariable(service)}}`;
  const all = services.map((service) => [service, { image: image(service) }]);
  const migrate = { image: image(services[0] ?? ""), profiles: ["migrate"] };
  return stringify({ services: { ...Object.fromEntries(all), migrate } });
}

/** A compose file that builds each service. */
export function smokeFile(services: readonly string[]): string {
  return stringify({ services: Object.fromEntries(services.map((service) => [service, { build: { context: "." } }])) });
}
