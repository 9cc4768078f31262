import type { RepositoryState } from "../ecr/index-state.ts";
import { type Exchange, reply } from "../exchange.ts";

/** `tags/list` with `n` and `last` (OCI distribution specification, listing tags), from the index: the registry behind knows no tags. */
export function listTags(exchange: Exchange, repository: RepositoryState, query: URLSearchParams): void {
  const last = query.get("last");
  const limit = query.get("n") === null ? Infinity : Math.max(0, Number(query.get("n")) || 0);
  const rest = Object.keys(repository.tags)
    .sort()
    .filter((tag) => last === null || tag > last);
  const tags = rest.slice(0, limit);
  const end = tags.at(-1);
  const more = rest.length > tags.length && end !== undefined;
  const next = new URLSearchParams({ n: String(limit), last: end ?? "" }).toString();
  reply(exchange, {
    status: 200,
    headers: {
      "content-type": "application/json",
      ...(more ? { link: `</v2/${repository.name}/tags/list?${next}>; rel="next"` } : {}),
    },
    body: JSON.stringify({ name: repository.name, tags }),
  });
}
