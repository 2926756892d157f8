// As much of a browser's document as the report's page asks for. Reads {tree, script, steps} as JSON, runs the script on
// the tree, takes the steps one after another, and writes what the table of layers shows after each.
"use strict";
const { tree, script, steps, room } = JSON.parse(require("fs").readFileSync(0, "utf8"));

const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

class Node {
  constructor([tag, attributes, children], parent) {
    this.tag = tag;
    this.attributes = Object.fromEntries(attributes);
    this.parent = parent;
    this.children = [];
    this.parts = children.map((each) => (typeof each === "string" ? each : new Node(each, this)));
    this.children = this.parts.filter((each) => typeof each !== "string");
    this.listeners = {};
    this.styles = {};
    this.style = { setProperty: (name, value) => { this.styles[name] = value; } };
    this.value = "";
    this.dataset = {};
    for (const [name, value] of attributes) if (name.startsWith("data-")) this.dataset[camel(name.slice(5))] = value;
  }
  get classes() { return (this.attributes.class || "").split(" ").filter(Boolean); }
  get classList() {
    const set = (names) => { this.attributes.class = [...new Set(names)].join(" "); };
    return {
      contains: (name) => this.classes.includes(name),
      remove: (name) => set(this.classes.filter((each) => each !== name)),
      toggle: (name, on) => set(on ? [...this.classes, name] : this.classes.filter((each) => each !== name)),
    };
  }
  get textContent() { return this.parts.map((each) => (typeof each === "string" ? each : each.textContent)).join(""); }
  set textContent(text) { this.parts = [text]; this.children = []; }
  get firstElementChild() { return this.children[0] || null; }
  get tBodies() { return this.children.filter((each) => each.tag === "tbody"); }
  get tFoot() { return this.children.find((each) => each.tag === "tfoot"); }
  get parentElement() { return this.parent; }
  get scrollWidth() { return 1000 + (this.querySelector(".few") ? 0 : 400); }
  get clientWidth() { return room; }
  get rows() { return this.children.filter((each) => each.tag === "tr"); }
  get cells() { return this.children; }
  hasAttribute(name) { return name in this.attributes; }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  append(...nodes) { this.children = [...this.children.filter((each) => !nodes.includes(each)), ...nodes]; this.parts = this.children; }
  addEventListener(kind, run) { (this.listeners[kind] ??= []).push(run); }
  click() { for (const run of this.listeners.click || []) run({ target: this }); }
  focus() { Node.focused = this; }
  closest(tag) { return this.tag === tag ? this : null; }
  is(simple) {
    const [, tag, id, classes, attribute] = simple.match(/^([a-z]*)(?:#([\w-]+))?((?:\.[\w-]+)*)(?:\[([\w-]+)\])?$/);
    return (!tag || tag === this.tag) && (!id || this.attributes.id === id) && (!attribute || attribute in this.attributes)
      && classes.split(".").filter(Boolean).every((name) => this.classes.includes(name));
  }
  below() { return this.children.flatMap((each) => [each, ...each.below()]); }
  within(simple) { return this.parent !== null && (this.parent.is(simple) || this.parent.within(simple)); }
  querySelectorAll(selector) {
    const parts = selector.split(" ");
    const last = parts.pop();
    return this.below().filter((each) => each.is(last) && parts.every((part) => each.within(part)));
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0] || null; }
}

const root = new Node(tree, null);
const listeners = [];
globalThis.document = { documentElement: root, querySelector: (s) => root.querySelector(s), querySelectorAll: (s) => root.querySelectorAll(s) };
globalThis.addEventListener = (kind, run) => listeners.push(run);
new Function(script)();

const layers = root.querySelector("table.tree");
const input = root.querySelector("#search");
const doing = {
  sort: (title) => layers.querySelectorAll("thead button").find((each) => each.textContent === title).click(),
  fold: (path) => layers.querySelectorAll("tr").find((each) => each.dataset.path === path).querySelector(".fold").click(),
  search: (text) => { input.value = text; for (const run of input.listeners.input) run(); },
  open: (levels) => root.querySelectorAll("[data-open]").find((each) => each.dataset.open === levels).click(),
  line: (place) => root.querySelectorAll(".text [data-line]").find((each) => each.dataset.line === place).click(),
  key: (key) => listeners.forEach((run) => run({ key, target: {}, preventDefault() {} })),
  theme: () => root.querySelector(".theme").click(),
  columns: () => root.querySelector("#columns").click(),
  reset: () => root.querySelector("#reset").click(),
  nothing: () => {},
};

const shown = () => {
  const flat = layers.classes.includes("flat");
  const rows = layers.tBodies[0].rows.filter((each) => !each.classes.includes("off") && !(flat && each.classes.includes("block")));
  const share = layers.querySelectorAll("thead th").findIndex((each) => each.dataset.key === "share");
  const bars = rows.map((each) => parseFloat(each.cells[share].children[0].children[0].styles["--part"] || "0"));
  return {
    rows: rows.map((each) => each.dataset.path),
    shares: rows.map((each) => each.cells[share].children[1].textContent),
    longest: Math.max(0, ...bars),
    title: layers.querySelectorAll("thead th")[share].firstElementChild.textContent,
    sorted: layers.querySelectorAll("thead th").filter((each) => each.hasAttribute("aria-sort")).map((each) => each.attributes["aria-sort"]),
    count: root.querySelector("#count").textContent,
    focused: Node.focused === input,
    theme: root.dataset.theme || "",
    few: layers.classes.includes("few"),
    button: root.querySelector("#columns").textContent,
    still: root.classes.includes("still"),
  };
};
process.stdout.write(JSON.stringify(steps.map(([name, argument]) => { doing[name](argument); return shown(); })));
