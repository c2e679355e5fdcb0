// An API host as users write it: `http://127.0.0.1:3233`, `https://whisk.example.org`, or a bare name, which is https as for every OpenWhisk client. Pure.
import type { Endpoint } from './http-connection';

/** The endpoint, or one sentence that says what is wrong. */
export function readApiHost(text: string, isInsecure: boolean): Endpoint | string {
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `https://${text}`);
  } catch {
    return `"${text}" is no API host; give http://host:port.`;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `"${text}" is no API host; only http and https are.`;
  if (url.pathname !== '/' && !/^\/api\/v1\/?$/.test(url.pathname))
    return `"${text}" has a path; give http://host:port.`;
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(url.port || (isTls ? 443 : 80)), isTls, isInsecure };
}

export const hostHeader = ({ host, port, isTls }: Endpoint): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (isTls ? 443 : 80) ? name : `${name}:${port}`;
};
export const hostUrl = (endpoint: Endpoint): string => `http${endpoint.isTls ? 's' : ''}://${hostHeader(endpoint)}`;
