/** Tag of a service that says which application and environment it is of: a name tells it not. */
export const ownerTag = "threads:application";

interface Place {
  readonly app: string;
  readonly environment: string;
}

/** What is written onto services of an application: so that nobody takes them for another's. */
export function ownerOf({ app, environment }: Place): string {
  return `${app}/${environment}`;
}

interface Foreign {
  readonly name: string;
  /** Its name. */
  readonly cluster: string;
  /** As its tag says it. */
  readonly owner: string;
}

/** Each would take the other's service for its own, and one's way back would take it away. */
export function foreignService(
  { name, cluster, owner }: Foreign,
  place: Place,
): { readonly says: string; readonly advice: string } {
  return {
    says: `service ${name} in cluster ${cluster} is of ${owner}, and not of ${ownerOf(place)}`,
    advice: `give it another name in threads.yml (environments.${place.environment}.ecs.services), or take another cluster`,
  };
}
