import type { Render } from "../output/paint.ts";
import type { Addresses } from "../output/render/address.ts";
import type { World } from "../wire/world.ts";

/** A renderer that knows where environments answer. @param load gives what makes it of that */
export async function withAddresses<T>(
  world: World,
  load: () => Promise<(addresses: Addresses) => Render<T>>,
): Promise<Render<T>> {
  const { environmentUrls } = await import("../wire/environment-urls.ts");
  return (await load())(await environmentUrls(world));
}
