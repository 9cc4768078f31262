import { healthHint } from "../compose/health-hint.ts";

/** How the host's script begins with what a health check said; the lines after it name their service. */
const heading = "-- its health check said:";

/** What the answer to the health path gives away, by the words of verify in script/look.sh. */
const answers: readonly { readonly says: RegExp; readonly advice: string }[] = [
  {
    says: /\(status 30[12378] to https:/,
    advice:
      "the application sends the health path to https: runtime.forwarded_proto: https has it asked as the load balancer would",
  },
  {
    says: /\(status 400\)/,
    advice:
      "an application that answers to its own names only (Django's ALLOWED_HOSTS) refuses the host name 127.0.0.1: runtime.host is the one to ask for",
  },
  {
    says: /\(status 50[24]\)/,
    advice:
      "what has the port does not reach the service behind it: it may have another name or port, or an address that a proxy has looked up once (nginx: resolver 127.0.0.11)",
  },
];

/** @param says the sentence of a host on which the release did not answer */
export function answerAdvice(says: string): string[] {
  return answers.filter((one) => one.says.test(says)).map(({ advice }) => advice);
}

/** What the words of a failed health check, as a host reports them, give away. @param tail the end of the host's log, see script/report.sh */
export function healthAdvice(tail: readonly string[]): string[] {
  const said = tail.slice(tail.findLastIndex((line) => line.endsWith(heading)) + 1);
  const [, service] = /^(\S+) \| /.exec(said[0] ?? "") ?? [];
  if (service === undefined || said.length === tail.length) return [];
  const mark = `${service} | `;
  const own = said.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  return [healthHint(service, own) ?? []].flat();
}

/** What the last words of a container that does not run give away. @param tail the end of the host's log, see script/report.sh */
export function startAdvice(tail: readonly string[]): string[] {
  const line = tail.map((one) => /^(\S+) \| .*exec.*: exec format error$/i.exec(one)).find((found) => found !== null);
  if (line === undefined) return [];
  return [
    `${line[1] ?? ""} cannot run on this host: its image is for another processor, or the script that it begins with lacks its first line (#!/bin/sh)`,
  ];
}
