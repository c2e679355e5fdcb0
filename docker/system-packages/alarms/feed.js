// A feed of alarms: tells the controller what the trigger's owner asks for. Which feed it is, is the name of the action.
async function main({ lifecycleEvent, triggerName, authKey, ...parameters }) {
  const feed = process.env.__OW_ACTION_NAME.split('/').pop();
  const [, namespace, trigger] = String(triggerName).match(/^\/?([^/]+)\/([^/]+)$/) ?? [];
  if (trigger === undefined) return { error: `triggerName has to be /namespace/trigger, and is ${triggerName}` };
  const path = `/hearth/v1/alarms/${encodeURIComponent(namespace)}/${encodeURIComponent(trigger)}`;
  const answer = await fetch(process.env.__OW_API_HOST + path, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(String(authKey)).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ lifecycleEvent, feed, parameters }),
  });
  const body = await answer.json();
  return answer.ok ? body : { error: body.error };
}

exports.main = main;
