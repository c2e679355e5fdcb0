'use strict';
// Turns the code of an /init into the action's main function.
//
// Text is evaluated as OpenWhisk does it: `main` may be a function in the text's scope, a global, or an export; text with import or export
// statements is loaded as an ES module. Binary code is a zip or tar.gz in base64, unpacked into a directory of its own which becomes the
// working directory; its package.json or index.js is required, or imported when it is an ES module. `file.name` names another file of the
// archive, and names may be dotted. Throws what /init should report: a sentence, or the user's own error.
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

/** What V8 says about module syntax outside a module; Node's own detection goes by the same sentences. */
const moduleSyntax = [
  'Cannot use import statement outside a module',
  "Unexpected token 'export'",
  "Cannot use 'import.meta' outside a module",
  'await is only valid in async functions and the top level bodies of modules',
];
const identifiers = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u;

async function loadAction({ main, code, binary }) {
  const handler = binary ? await loadArchive(code, main) : await loadText(code, main);
  if (typeof handler !== 'function') throw `Action entrypoint '${main}' is not a function.`;
  return handler;
}

async function loadText(code, main) {
  const file = path.join(process.cwd(), 'action.js');
  const module = { exports: {}, filename: file, id: '.', loaded: false };
  let evaluate;
  try {
    evaluate = compile(code, main, file);
  } catch (error) {
    if (!(error instanceof SyntaxError && moduleSyntax.some((sentence) => error.message.startsWith(sentence))))
      throw error;
    const moduleFile = path.join(newDirectory(), 'action.mjs');
    fs.writeFileSync(moduleFile, code);
    return pick(await importFile(moduleFile), main);
  }
  const inScope = evaluate(module.exports, createRequire(file), module, file, path.dirname(file));
  return typeof inScope === 'function' ? inScope : (pick(module.exports, main) ?? inScope);
}

/**
 * An indirect eval, not vm.compileFunction: only so does import() work in the text without an experimental warning in the user's log.
 * What follows the text is as upstream has it, since it shapes the parser's sentences about unfinished text.
 */
function compile(code, main, file) {
  const scoped = identifiers.test(main) ? main : 'undefined';
  return (0, eval)(`(function (exports, require, module, __filename, __dirname) {${code}
               try {
                 return ${scoped}
               } catch (e) {
                 if (e.name !== 'ReferenceError') throw e
               }
           })
//# sourceURL=${file}`);
}

async function loadArchive(code, main) {
  const parts = /^([^.]+)$|^([^.]+)\.(.+)$/.exec(main);
  if (parts === null) throw 'Name of main function is not valid.';
  const [, whole, file, name] = parts;
  const directory = newDirectory();
  // Loaded only now: a text action starts without it.
  const { unpackInto } = require('./unpack.js');
  unpackInto(directory, Buffer.from(code, 'base64'));
  process.chdir(directory);
  const has = (entry) => fs.existsSync(path.join(directory, entry));
  if (file === undefined && !has('package.json') && !has('index.js') && !has('index.mjs')) {
    throw 'Zipped actions must contain either package.json or index.js at the root.';
  }
  installPackages(directory);
  return pick(await loadModule(directory, entryOf(directory, file)), name ?? whole);
}

function entryOf(directory, file) {
  const asked = path.join(directory, file ?? '');
  try {
    return createRequire(path.join(directory, 'index.js')).resolve(asked);
  } catch (error) {
    const esModule = file === undefined ? path.join(directory, 'index.mjs') : `${asked}.mjs`;
    if (fs.existsSync(esModule)) return esModule;
    throw error;
  }
}

async function loadModule(directory, file) {
  if (isEsModule(directory, file)) return importFile(file);
  try {
    return createRequire(file)(file);
  } catch (error) {
    if (error?.code === 'ERR_REQUIRE_ESM' || error?.code === 'ERR_REQUIRE_ASYNC_MODULE') return importFile(file);
    throw error;
  }
}

function isEsModule(directory, file) {
  if (file.endsWith('.mjs')) return true;
  if (!file.endsWith('.js')) return false;
  for (let at = path.dirname(file); at.startsWith(directory); at = path.dirname(at)) {
    const manifest = path.join(at, 'package.json');
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
  }
  return false;
}

const importFile = (file) => import(pathToFileURL(file).href);

/** The function that a dotted name leads to in a module's exports, or in its default export. */
function pick(exported, main) {
  const follow = (from) => main.split('.').reduce((at, name) => at?.[name], from);
  return follow(exported) ?? follow(exported?.default);
}

/** Off unless the deployment asks for it: an install needs a network and more time than most actions. */
function installPackages(directory) {
  if (process.env.OW_ENABLE_INIT_INSTALL !== 'true' || fs.existsSync(path.join(directory, 'node_modules'))) return;
  const manifest = path.join(directory, 'package.json');
  if (!fs.existsSync(manifest)) return;
  const { dependencies } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  if (Object.keys(dependencies ?? {}).length === 0) return;
  require('node:child_process').execFileSync('npm', ['install', '--omit=dev', '--no-audit', '--no-fund'], {
    cwd: directory,
    stdio: 'pipe',
  });
}

/** In the working directory, as upstream, or where temporary files go when that is read-only. */
function newDirectory() {
  try {
    return fs.realpathSync(fs.mkdtempSync(path.join(process.cwd(), 'action-')));
  } catch {
    return fs.realpathSync(fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'action-')));
  }
}

module.exports = { loadAction };
