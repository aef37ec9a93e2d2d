// Builds src/bevlogen_web/cockpit/static/cockpit/figures.min.js; run by hand (npm ci && npm run build), the result is committed.
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const to = "../src/bevlogen_web/cockpit/static/cockpit/figures.min.js";

// Parts of Vega for maps of the earth, networks and clouds of words: no figure here has them, and every page is lighter without.
const LEFT_OUT = /^vega-(force|wordcloud|crossfilter|hierarchy|geo|label|voronoi|regression)$/;
const leaveOut = {
  name: "leave-out",
  setup(on) {
    on.onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: "left-out" }));
    on.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "export {};", loader: "js" }));
  },
};
const made = await build({
  entryPoints: ["figures.js"],
  outfile: to,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  plugins: [leaveOut],
  metafile: true,
});
const inputs = Object.keys(Object.values(made.metafile.outputs)[0].inputs);
const used = [...new Set(inputs.map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean))].sort();
const about = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
const texts = new Map(); // the text of a licence -> the packages under it
for (const name of used) {
  const file = readdirSync(`node_modules/${name}`).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? readFileSync(`node_modules/${name}/${file}`, "utf8").trim() : about(name).license;
  texts.set(text, [...(texts.get(text) ?? []), `${name} ${about(name).version}`]);
}
const licences = [...texts].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`).join("\n----\n\n");
writeFileSync(to.replace(".min.js", ".LICENSE.txt"), licences);
const said = ["vega", "vega-lite", "vega-interpreter"].map((name) => `${name} ${about(name).version}`).join(", ");
writeFileSync(to, `/* ${said}; licences in figures.LICENSE.txt */\n${readFileSync(to, "utf8")}`);

// Who asks for money is no part of a lock.
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const one of Object.values(lock.packages)) delete one.funding;
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
