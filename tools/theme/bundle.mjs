// Joins the municipal theme and the Designsystemet components we use into one small file.
// Usage: node bundle.mjs <theme.css> <designsystemet-css folder> <app/static folder>
// Icons that the vendor keeps as data: URLs become files, so that the page's policy can stay img-src 'self'.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const COMPONENTS = [
  "alert", "button", "card", "details", "error-summary", "field", "fieldset", "heading", "input",
  "label", "link", "list", "pagination", "paragraph", "skip-link", "table", "tag", "validation-message",
];
const DATA_URL = /url\("data:image\/svg\+xml;charset=utf-8,([^"]+)"\)/g;

const [theme, vendor, target] = process.argv.slice(2);
const version = JSON.parse(readFileSync(join(vendor, "package.json"), "utf8")).version;
const source = (name) => readFileSync(join(vendor, "dist/src", `${name}.css`), "utf8");

const withoutComments = (css) => css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@charset[^;]+;/g, "");
const squeezed = (css) => css.replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replace(/: /g, ":").replace(/;}/g, "}");

mkdirSync(join(target, "icons"), { recursive: true });
const iconsAsFiles = (css) => css.replace(DATA_URL, (_, encoded) => {
  const svg = decodeURIComponent(encoded);
  const name = `ds-${createHash("sha256").update(svg).digest("hex").slice(0, 8)}.svg`;
  writeFileSync(join(target, "icons", name), `${svg}\n`);
  return `url("../icons/${name}")`;
});

const css = [
  `/*! Designsystemet ${version}, MIT, see LICENSE-designsystemet.txt. Built by tools/build_css.sh: do not edit. */`,
  "@layer ds.theme,ds.base,ds.components;",
  // Paper is white: the dark scheme is for screens only.
  squeezed(withoutComments(readFileSync(theme, "utf8")))
    .replaceAll("@media (prefers-color-scheme:dark)", "@media screen and (prefers-color-scheme:dark)"),
  `@layer ds.base{${source("base")}}`,
  `@layer ds.components{${COMPONENTS.map(source).join("")}}`,
].join("\n");
writeFileSync(join(target, "css/designsystemet.css"), `${iconsAsFiles(css)}\n`);
