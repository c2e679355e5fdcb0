// The Docker engine, by its command line: whether it answers, whether it can pull a base, and how an image gets into it.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inputsAnnotation } from './oci-layout.mjs';

const answerMs = 10_000;
const pullMs = 300_000;
const buildMs = 600_000;

function docker(words, timeout, options = {}) {
  const { status, error, stdout, stderr } = spawnSync('docker', words, { encoding: 'utf8', timeout, ...options });
  if (status === 0) return { ok: true, out: stdout?.trim() };
  const why =
    error?.message ??
    (String(stderr ?? '')
      .trim()
      .split('\n')
      .at(-1) ||
      `exit code ${status}`);
  return { ok: false, why };
}

/** Undefined if it answers, else why it cannot be used. */
export function engineComplaint() {
  const { ok, why } = docker(['version', '--format', '{{.Server.Version}}'], answerMs);
  return ok ? undefined : why;
}

/** Undefined once the engine has it, else why not. */
export function pullComplaint(image) {
  if (docker(['image', 'inspect', image], answerMs).ok) return undefined;
  const { ok, why } = docker(['pull', '--quiet', image], pullMs);
  return ok ? undefined : why;
}

/** By a Dockerfile, from this base; with `target` only as far as that. */
export function buildImage(root, { image, dockerfile, base, target }) {
  const words = [
    'build',
    '--quiet',
    '--tag',
    image,
    '--file',
    join(root, dockerfile),
    '--build-arg',
    `BASE=${base}`,
    ...(target === undefined ? [] : ['--target', target]),
    root,
  ];
  const { ok, why } = docker(words, buildMs);
  if (!ok) throw new Error(`docker build of ${dockerfile} failed: ${why}`);
}

/** Whether the engine has this image as these inputs make it. */
export function engineHas(image, inputs) {
  const format = `{{index .Config.Labels "${inputsAnnotation}"}}`;
  return docker(['image', 'inspect', '--format', format, image], answerMs).out === inputs;
}

/** Streams an image of the layout into the engine. */
export async function loadImage(layout, image) {
  const { words, remove } = layout.archiveWords(image);
  try {
    const tar = spawn('tar', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const load = spawn('docker', ['load', '--quiet'], { stdio: [tar.stdout, 'ignore', 'inherit'] });
    tar.stdout.destroy();
    for (const [name, child] of [
      ['tar', tar],
      ['docker load', load],
    ]) {
      const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
      if (code !== 0) throw new Error(`${name} of ${image} ended with exit code ${code}`);
    }
  } finally {
    remove();
  }
}
