import type { Gate, GatesResult, GateState } from "../../gates/result.ts";
import { commands } from "./board-next.ts";
import { type Html, html } from "./html.ts";

const kinds: Readonly<Record<GateState, string>> = {
  passed: "passed",
  missing: "doubted",
  blocked: "failed",
  warned: "doubted",
  overridden: "doubted",
  "not-configured": "",
};

/** What stands between a release and an environment. Gates that nobody asks for are counted only. */
export function gateList(environment: string, { outcome, gates, next }: GatesResult): Html {
  const asked = gates.filter(({ state }) => state !== "not-configured");
  const others = gates.length - asked.length;
  const says = {
    open: "Every gate is open.",
    "smoke-missing": "All but its smoke test, which a promotion does itself.",
    shut: "Not every gate is open.",
  };
  return html`<p>${says[outcome]}</p>
    <ul class="gates" aria-label="Gates of ${environment}">
      ${asked.map(gateItem)}
    </ul>
    ${others === 0 ? html`` : html`<p><small>${others} more that threads.yml does not ask for.</small></p>`}
    ${commands(next)}`;
}

function gateItem({ gate, state, says, opensBy, reason }: Gate): Html {
  const more = [
    ...(opensBy === null || opensBy === "time" ? [] : [`opens by ${opensBy}`]),
    ...(reason === null ? [] : [`because ${reason}`]),
  ];
  return html`<li>
    <b>${gate}</b> <span class="${kinds[state]}">${state}</span>
    <small>${[says, ...more].join("; ")}</small>
  </li>`;
}
