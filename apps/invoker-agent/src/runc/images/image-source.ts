// Where images come from: an OCI layout directory, or the local Docker engine.
import { z } from 'zod';

/** What of an image's configuration concerns its process; absent where the image says nothing. */
export const imageConfigSchema = z
  .object({
    config: z
      .object({
        Entrypoint: z.array(z.string()).nullish(),
        Cmd: z.array(z.string()).nullish(),
        Env: z.array(z.string()).nullish(),
        WorkingDir: z.string().nullish(),
        User: z.string().nullish(),
      })
      .nullish(),
  })
  .transform(({ config }) => ({
    command: [...(config?.Entrypoint ?? []), ...(config?.Cmd ?? [])],
    env: config?.Env ?? [],
    workingDirectory: config?.WorkingDir || '/',
    user: config?.User ?? '',
  }));
export type ImageConfig = z.infer<typeof imageConfigSchema>;

export interface FoundImage {
  /** Tells this image from any other, also from a later one of the same name. */
  readonly digest: string;
  /** Makes the image's files readable; what it has to write goes into `scratch`, an empty directory that the caller removes. */
  fetch(scratch: string): Promise<FetchedImage>;
}

export interface FetchedImage {
  readonly config: ImageConfig;
  /** Bottom first. */
  readonly layers: readonly Layer[];
}

export interface Layer {
  readonly digest: string;
  /** A tar file, compressed or not. */
  readonly path: string;
}

export interface ImageSource {
  /** For sentences: where images are looked for. */
  readonly where: string;
  /** Undefined if there is no such image. */
  find(image: string): Promise<FoundImage | undefined>;
}

/** `nginx`, `docker.io/library/nginx` and `nginx:latest` are one name. */
export function fullName(image: string): string {
  const name = image.replace(/^(docker\.io|index\.docker\.io)\//, '').replace(/^library\//, '');
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}
