// Draws each <figure data-figure> from the specification inside it, under a strict policy: nothing is evaluated.
import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const dark = matchMedia("(prefers-color-scheme: dark)");

// The figure takes its colours from the page, so that light, dark and print follow one style sheet.
function painted(value, style) {
  if (typeof value === "string") {
    return value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
  }
  if (Array.isArray(value)) return value.map((one) => painted(one, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, painted(one, style)]));
  }
  return value;
}

async function draw(figure) {
  const place = figure.querySelector("[data-place]");
  const spec = painted(JSON.parse(figure.querySelector("script").textContent), getComputedStyle(document.documentElement));
  if (figure.dataset.rows) {
    spec.data = { ...spec.data, values: await (await fetch(figure.dataset.rows)).json() };
  }
  const flow = parse(compile(spec).spec, null, { ast: true });
  const inside = document.createElement("div"); // the place itself says what the figure shows; the table has the figures
  inside.setAttribute("aria-hidden", "true");
  place.replaceChildren(inside);
  const view = new View(flow, { expr: expressionInterpreter, renderer: "svg", container: inside, hover: true });
  await view.runAsync();
  figure.figureView?.finalize();
  figure.figureView = view;
  view.addEventListener("click", (_event, item) => {
    const to = item?.datum?.address ?? item?.datum?.datum?.address;
    if (to) location.assign(to);
  });
  figure.dataset.drawn = "";
  figure.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
}

const drawAll = () => document.querySelectorAll("figure[data-figure]").forEach((figure) => draw(figure));
drawAll();
dark.addEventListener("change", drawAll);
