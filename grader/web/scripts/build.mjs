// Bundles the pages' scripts into ../static/built: one file per entry, named by its content, gzipped
// beside itself; manifest.json says which name an entry has; licences.txt holds those of what is inside.
import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "built");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const done = await build({
  absWorkingDir: here,
  entryPoints: ["exercise.js", "attempt.js", "zone.js", "gradebook.js", "regrades.js", "order.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2021"],
  charset: "utf8",
  legalComments: "none",
  entryNames: "[name]-[hash]",
  outdir: out,
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
const packages = new Set();
for (const [path, made] of Object.entries(done.metafile.outputs)) {
  const name = basename(path);
  manifest[basename(made.entryPoint, ".js")] = name;
  const file = join(out, name);
  const bytes = gzipSync(readFileSync(file), { level: 9 });
  writeFileSync(`${file}.gz`, bytes);
  console.log(`${name}: ${(bytes.length / 1024).toFixed(0)} KiB gzipped`);
  for (const input of Object.keys(made.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) packages.add(found[1]);
  }
}
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest));

const licences = [];
for (const name of [...packages].sort()) {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  licences.push(`${name} ${about.version} (${about.license})\n\n${text}`);
}
writeFileSync(join(out, "licences.txt"), licences.join("\n\n----\n\n"));
