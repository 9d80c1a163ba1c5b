// Runs markdownlint-cli2 for the detector of that name, and says everything that came of it in one JSON object.
//
//   node markdownlint.mjs SCRIPT-OF-MARKDOWNLINT-CLI2 [--fix] [its own arguments…] ./FILE…
//
// Its command line gives no whole report: what it prints, and whether it changes files, is the configuration's to say,
// and it does not name the files that it found clean. So it is called as the library that it also is.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const NAMES = [".markdownlint-cli2.jsonc", ".markdownlint-cli2.yaml", ".markdownlint-cli2.cjs", ".markdownlint-cli2.mjs"];

const posix = (name) => name.split(path.sep).join("/");

// What would mean something else than itself in a pattern. There is no way to quote all of it: such a name is given as a
// literal one, for which `gitignore` does not count.
const isPlain = (name) => /^(?:\.\/)(?![#!:\\])[^*?[\](){}!+@|\\,$^]*$/u.test(name);

async function load(folder, name) {
  return import(pathToFileURL(path.join(folder, name)).href);
}

// The options of the folder that it is started in, as it would read them.
async function rootOptions(folder) {
  const name = NAMES.find((one) => fs.existsSync(one));
  if (name === undefined) {
    return {};
  }
  if (name.endsWith("js")) {
    return (await load(process.cwd(), name)).default ?? {};
  }
  const parser = await load(folder, `parsers/${name.endsWith("yaml") ? "yaml" : "jsonc"}-parse.mjs`);
  return parser.default(fs.readFileSync(name, "utf8")) ?? {};
}

const [script, ...words] = process.argv.slice(2);
const folder = path.dirname(fs.realpathSync(script));
const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
if (words.includes("--version")) {
  console.log(version);
} else {
  const names = words.filter((word) => word.startsWith("./"));
  const fix = words.includes("--fix");
  const options = await rootOptions(folder);
  const globs = options.globs ?? [];
  const looksFor = globs.filter((glob) => !/^[!#]/u.test(glob));
  const micromatch = createRequire(path.join(folder, "package.json"))("micromatch");
  const wanted = names.filter((name) => looksFor.length === 0 || micromatch.isMatch(name.slice(2), looksFor, { dot: true }));
  const read = new Set();
  const results = [];
  const { main } = await load(folder, "markdownlint-cli2.mjs");
  if (wanted.length > 0) {
    const code = await main({
      argv: [
        ...words.filter((word) => !names.includes(word) && word !== "--fix"),
        ...wanted.map((name) => (isPlain(name) ? name.slice(2) : `:${name}`)),
        ...globs.filter((glob) => /^[!#]/u.test(glob)),
      ],
      fs: {
        ...fs,
        readFile(name, ...rest) {
          read.add(posix(path.relative(process.cwd(), name)));
          return fs.readFile(name, ...rest);
        },
      },
      logError: (message) => console.error(message),
      noGlobs: true,
      optionsOverride: { fix, outputFormatters: [[({ results: some }) => results.push(...some)]] },
    });
    if (code > 1) {
      throw new Error(`it was asked for something else: ${words.join(" ")}`);
    }
  }
  const files = names.map((name) => posix(path.normalize(name)));
  console.log(
    JSON.stringify({
      version,
      judged: files.filter((name) => read.has(name)),
      missing: files.filter((name) => !fs.existsSync(name)),
      results,
    }),
  );
  process.exitCode = results.length > 0 ? 1 : 0;
}
