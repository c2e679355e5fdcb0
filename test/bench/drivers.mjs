// What a container driver needs on this machine: images, and for docker an engine of the bench's own.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from './agent/dockerd.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules/.cache/hearth-images');
const kind = 'nodejs:20';

/** A layout of our image for runc; with `env` also the engine's copy. Answers the layout's directory. */
export function makeImages(env = {}) {
  const words = [join(root, 'tools/images.mjs'), '--kind', kind, '--from', 'host'];
  const more = env.DOCKER_HOST === undefined ? ['--oci', join(cache, 'images')] : [];
  try {
    execFileSync(process.execPath, [...words, ...more], { env: { ...process.env, HEARTH_DATA_DIR: cache, ...env } });
  } catch (error) {
    throw new Error(`npm run images failed: ${String(error.stdout || error.stderr || error.message).trim()}`, {
      cause: error,
    });
  }
  return join(cache, 'images');
}

/** `{socket, end}`, or `{reason}`. */
export async function engineOrReason(children) {
  try {
    const engine = await startEngine(children);
    try {
      makeImages({ DOCKER_HOST: `unix://${engine.socket}` });
      return engine;
    } catch (error) {
      await engine.end();
      throw error;
    }
  } catch (error) {
    return { reason: error.message };
  }
}
