// The URL of an action (`path`: name or package/name), of a trigger (`trigger`), or of a web action (`web`, `ext`) of the caller's namespace.
const extensions = ['.json', '.text', '.html', '.http'];

function main({ path = '', web = false, ext, trigger = false }) {
  if (web && trigger) return { error: 'triggers are not allowed for web actions.' };
  if (web && ext && !extensions.includes(ext)) {
    return { error: `extension for web action must be one of ${JSON.stringify(extensions)}.` };
  }
  if (trigger && path.includes('/')) return { error: 'triggers are not allowed in packages.' };
  const { __OW_API_HOST: host, __OW_NAMESPACE: namespace } = process.env;
  const api = `${host}/api/v1`;
  const base = web ? `${api}/web/${namespace}` : `${api}/namespaces/${namespace}/${trigger ? 'triggers' : 'actions'}`;
  if (!path) return { url: base };
  if (!web) return { url: `${base}/${path}` };
  return { url: `${base}/${path.includes('/') ? path : `default/${path}`}${ext || '.json'}` };
}

exports.main = main;
