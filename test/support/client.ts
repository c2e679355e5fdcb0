// The real `openwhisk` npm client, pointed at a platform.
import openwhisk from 'openwhisk';
import type { Platform } from './platform';

export function clientOf(platform: Pick<Platform, 'apiHost' | 'apiKey'>, apiKey = platform.apiKey): openwhisk.Client {
  return openwhisk({ apihost: platform.apiHost, api_key: apiKey });
}
