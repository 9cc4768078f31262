import type { OpenResult } from "../../actions/open/run.ts";
import type { Render } from "../paint.ts";

/** An address a line; one alone has nothing beside it, so that another program can take it. */
export const renderOpen: Render<OpenResult> = ({ urls, outcome, advice }, paint) => [
  ...urls.map(({ url, host }, index) => {
    const opened = index === 0 && outcome === "opened" ? paint.good(" opened") : "";
    return `${url}${host === null || urls.length === 1 ? "" : paint.dim(` ${host}`)}${opened}`;
  }),
  ...advice,
];
