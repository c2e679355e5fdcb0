// The report in a real browser: it loads without a request to anywhere, nothing of it is cut off or broken, and every plot is drawn.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { FakeApiHost } from '../support/fake-api-host';
import { WorkloadDesk } from '../support/workload-command';

const desk = new WorkloadDesk();
let host: FakeApiHost;
beforeAll(async () => {
  host = await FakeApiHost.start(({ n }) => ({
    delayMs: 5 + (n % 50),
    ...(n % 40 === 0 && { status: 429, body: '{"error":"too many"}' }),
  }));
});
afterAll(async () => {
  await host.stop();
  desk.clear();
});

it('is whole', async () => {
  const file = desk.file(`
name: browser
about: "<b>not bold</b>"
scenarios:
  - { name: one, requests: 200, arrivals: { poisson: { perSecond: 100 } } }
  - { name: two, requests: 200, arrivals: { closed: { users: 4 } } }`);
  await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('report'), '--plots', 'png']);
  for (const name of [
    'latency-distribution',
    'latency-over-time',
    'throughput',
    'containers-over-time',
    'latency-heat-map',
    'start-paths',
  ]) {
    const png = readFileSync(`${desk.out('report')}/${name}.png`);
    expect([png.toString('latin1', 1, 4), png.length > 5_000]).toEqual(['PNG', true]);
  }
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1_180, height: 900 } });
    const [asked, errors]: [string[], string[]] = [[], []];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => errors.push(message.text()));
    const url = pathToFileURL(`${desk.out('report')}/report.html`).href;
    await page.goto(url);
    expect([asked, errors]).toEqual([[url], []]);
    expect(await page.locator('.about').innerText()).toBe('<b>not bold</b>');
    expect(await page.locator('.remark').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringContaining('throttled')]),
    );
    const plots = await page.locator('.plots svg').all();
    expect(plots).toHaveLength(6);
    for (const plot of plots) {
      const box = (await plot.boundingBox())!;
      expect(box.width).toBeGreaterThan(400);
      expect(box.height).toBeGreaterThan(100);
      expect(await plot.locator('polyline, rect[fill^="rgb"], rect title').count()).toBeGreaterThan(0);
    }
    // The page is not wider than its window.
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
  } finally {
    await browser.close();
  }
}, 60_000);
