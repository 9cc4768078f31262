/** How many tasks a rolling deployment leaves running, and how many it may have at once (developer guide, deployment-type-ecs). */
export function boundsOf(
  desired: number,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): { readonly least: number; readonly most: number } {
  return { least: Math.ceil((desired * minimum) / 100), most: Math.floor((desired * maximum) / 100) };
}

/** Whether it can stop a task or start one: otherwise it hangs, and only an event says so. */
export function canMove(desired: number, percent: { readonly minimum: number; readonly maximum: number }): boolean {
  const { least, most } = boundsOf(desired, percent);
  return desired === 0 || least < desired || most > desired;
}
