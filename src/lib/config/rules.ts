import type { ThreadsYaml } from "./schema.ts";
import { suggest } from "./suggest.ts";

interface Broken {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What the schema cannot say: names that must refer to something. */
export function rules(file: ThreadsYaml): Broken[] {
  return [...twice(file), ...singletonsAreServices(file), ...bundleIsNoService(file)];
}

function twice({ services }: ThreadsYaml): Broken[] {
  return services.flatMap((service, index) =>
    services.indexOf(service) === index
      ? []
      : [{ path: ["services", index], message: `service "${service}" is named twice` }],
  );
}

function singletonsAreServices({ services, runtime }: ThreadsYaml): Broken[] {
  return runtime.singletons.flatMap((name, index) => {
    if (services.includes(name)) return [];
    const meant = suggest(name, services);
    return [
      {
        path: ["runtime", "singletons", index],
        message: `"${name}" is not a service${meant === undefined ? "" : `, did you mean "${meant}"?`}`,
      },
    ];
  });
}

function bundleIsNoService({ services, registry }: ThreadsYaml): Broken[] {
  if (!services.includes(registry.bundle)) return [];
  return [
    {
      path: ["registry", "bundle"],
      message: `"${registry.bundle}" is a service; the bundle needs a repository of its own`,
    },
  ];
}
