import { type DefaultTreeAdapterMap, parse } from "parse5";
import { expect, test } from "vitest";
import { stressPage } from "../../../../src/lib/output/page/stress-page.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { aStressResult } from "./results.ts";

type Node = DefaultTreeAdapterMap["node"];
type Element = DefaultTreeAdapterMap["element"];

function elementsOf(node: Node): Element[] {
  const below = "childNodes" in node ? node.childNodes.flatMap(elementsOf) : [];
  return "tagName" in node ? [node, ...below] : below;
}

function textOf(node: Node): string {
  return "value" in node ? node.value : "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

function read(page: string): { readonly elements: readonly Element[]; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const document = parse(page, { onParseError: ({ code }) => faults.push(code) });
  return { elements: elementsOf(document), faults };
}

const attribute = ({ attrs }: Element, name: string): string | undefined =>
  attrs.find((one) => one.name === name)?.value;
const page = stressPage(asPrinted("stress", aStressResult()));
const { elements, faults } = read(page);
const of = (tag: string, name = ""): Element[] =>
  elements.filter((one) => one.tagName === tag && (name === "" || attribute(one, "class") === name));
const texts = (tag: string, name = ""): string[] =>
  of(tag, name).map((one) => textOf(one).replaceAll(/\s+/g, " ").trim());

test("a page is HTML without a fault, fetches nothing, and runs nothing", () => {
  expect(faults).toEqual([]);
  expect(elements.filter(({ tagName }) => ["script", "link", "img", "iframe", "object"].includes(tagName))).toEqual([]);
  const fetching = new Set(["src", "href", "srcset", "action"]);
  expect(
    elements.flatMap(({ attrs }) => attrs).filter(({ name }) => fetching.has(name) || name.startsWith("on")),
  ).toEqual([]);
  expect(textOf(of("style")[0]!)).not.toMatch(/url\(|@import/);
});

test("what a server or a path says is text", () => {
  const errors = [{ says: `<img src=x onerror="alert(1)">`, count: 1 }];
  const { elements: all } = read(stressPage(aStressResult({ errors })));
  expect(all.filter(({ tagName }) => tagName === "img" || tagName === "b")).toEqual([]);
  expect(texts("th").filter((text) => text.includes("<b>"))).toEqual(["GET /?a=<b>&c"]);
});

test("the verdict, the budget, what came of requests, hosts and the release before stand in it", () => {
  expect(texts("h1")).toEqual(["ceec8014909d did not keep its budget"]);
  expect(texts("li")).toEqual([
    "p99=200ms kept",
    "errors=0 18 errors are more than 0",
    "status 502, 18 times",
    "not on record: 94e6079ac460 was being deployed meanwhile (#13), and may have answered",
  ]);
  expect(texts("h3").slice(0, 2)).toEqual(["staging-1 p99 188 ms", "staging-2 p99 188 ms"]);
  const names = texts("th");
  expect(names.slice(names.indexOf("all")).slice(0, 5)).toEqual([
    "all",
    "GET /?a=<b>&c",
    "staging-1",
    "staging-2",
    "94e6079ac460, the release before",
  ]);
});

test("each second has its bar, each error shows in it, and a deployment lies where it was", () => {
  const isWide = (one: Element): boolean => attribute(one.parentNode as Element, "class") === "wide";
  const bars = (name: string): Element[] => of("rect", name).filter(isWide);
  // Sixty seconds, and what of the histogram is not empty.
  expect(bars("bad")).toHaveLength(6);
  expect(bars("good").length).toBeGreaterThan(60);
  // On all charts of seconds: two, one a host, and two of what containers took.
  const bands = bars("deploying");
  expect(bands).toHaveLength(6);
  const [band] = bands;
  // From 28 s to 40 s of 60, between the margins.
  const inside = 960 - 56 - 12;
  expect(Number(attribute(band!, "x"))).toBeCloseTo(56 + (28 / 60) * inside, 0);
  expect(Number(attribute(band!, "width"))).toBeCloseTo((12 / 60) * inside, 0);
});

test("each step of a deployment lies where it was, has its name where there is room, and is marked on the latencies", () => {
  const isWide = (one: Element): boolean => attribute(one.parentNode as Element, "class") === "wide";
  const steps = of("rect", "step").filter(isWide);
  expect(steps).toHaveLength(4);
  const inside = 960 - 56 - 12;
  expect(Number(attribute(steps[2]!, "x"))).toBeCloseTo(56 + (30.4 / 60) * inside, 0);
  expect(Number(attribute(steps[2]!, "width"))).toBeCloseTo((6.1 / 60) * inside, 0);
  expect(of("text", "step-name").filter(isWide).map(textOf)).toEqual(["switch", "retire"]);
  // On the chart of all, and one a host.
  expect(of("line", "begun").filter(isWide)).toHaveLength(3 * 4);
});

test("a deployment whose record tells no steps is a band, and no empty chart", () => {
  const [deployment] = aStressResult().deployments;
  const { elements: all } = read(stressPage(aStressResult({ deployments: [{ ...deployment!, steps: [] }] })));
  const classes = all.map((one) => attribute(one, "class"));
  expect(classes).toContain("deploying");
  expect(classes.filter((one) => one === "step" || one === "begun")).toEqual([]);
  expect(all.filter((one) => one.tagName === "svg" && attribute(one, "class") === "wide")).toHaveLength(7);
});

test("what containers took is drawn and written down by service, and who did not tell is named", () => {
  expect(texts("h3").slice(2)).toEqual([
    "staging-1 20 samples, of which docker did not answer 1",
    "staging-2 not known: offline: SSM has lost the connection",
  ]);
  const isWide = (one: Element): boolean => attribute(one.parentNode as Element, "class") === "wide";
  // A line over seconds in which no container ran would be made up.
  expect(of("path", "line took-1").filter(isWide)).toHaveLength(2);
  expect(of("path", "line took-0").filter(isWide)).toHaveLength(2 * 2);
  const rows = texts("tr");
  expect(rows).toContain("web 20 63 % 70 % 154 MiB 154 MiB");
  expect(rows).toContain("27 62 % 154 MiB 9.2 % 96 MiB");
  expect(rows).toContain("30 63 % 154 MiB - -");
});

test("of hosts that were not asked nothing is said", () => {
  expect(stressPage(aStressResult({ stats: [] }))).not.toContain("What containers took");
});

test("every chart says in words what it shows, and is a table, too", () => {
  const charts = of("svg", "wide");
  expect(charts).toHaveLength(8);
  expect(
    charts.map((one) => textOf(one.childNodes.find((child) => "tagName" in child && child.tagName === "title")!)),
  ).toEqual([
    "Latency second by second: p99 is at most 1.17 s, in second 31 of 60; that of the release before was 188 ms.",
    "Steps of deploy 94e6079ac460 (#13): pull from second 28.2 for 1.8 s, migrate from second 30.0 for 0.4 s, switch from second 30.4 for 6.1 s, retire from second 36.5 for 3.4 s.",
    "Requests second by second, at most 200: 18 errors in 6 seconds.",
    expect.stringMatching(/^How many answers took about how long, from 1.00 ms to 1.58 s\.$/),
    expect.stringMatching(/^Latency second by second: p99 is at most 140 ms/),
    expect.stringMatching(/^Latency second by second: p99 is at most 1.17 s/),
    "CPU of the containers on staging-1, second by second, at most: web 64 %, celery 11 %.",
    "Memory of the containers on staging-1, second by second, at most: web 154 MiB, celery 96 MiB.",
  ]);
  expect(of("tr")).toHaveLength(1 + 60 + (1 + 4) + 1 + 5 + (1 + 2) + (1 + 20));
  const ids = elements.flatMap((one) => attribute(one, "id") ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a load of which nothing came is a page as well", () => {
  const nothing = { requests: 0, errors: 0, p50Ms: null, p90Ms: null, p99Ms: null, maxMs: null };
  const gone = { seconds: [], latencies: [], deployments: [], byTarget: [], before: null };
  const { faults: none } = read(stressPage(aStressResult({ ...gone, total: nothing, outcome: "interrupted" })));
  expect(none).toEqual([]);
});
