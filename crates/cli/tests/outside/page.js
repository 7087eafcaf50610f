// The page in Chromium: node page.js MERCHANT WECHATPAY STATE, with PAGE in the environment. Ends with 1 at what is not as it
// should be. With SCREENSHOTS set to a folder, it leaves pictures there.

'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { delimiter, join } = require('node:path');
const { chromium } = require('playwright-core');

const [, , merchant, wechatpay, state] = process.argv;
const { PAGE, SCREENSHOTS } = process.env;

/** A call by the command line, which finds the sandbox by its state. */
const call = (...words) => execFileSync(wechatpay, ['--profile', 'sandbox', ...words], { env: { ...process.env, WECHATPAY_SANDBOX_STATE: state }, stdio: 'pipe' });

const place = (number, description) => call('post', 'v3/pay/transactions/native', '-d', JSON.stringify({
  appid: 'wx8888888888888888', mchid: '1900000109', description, out_trade_no: number, notify_url: merchant, amount: { total: 2800 },
}));

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.PATH.split(delimiter).map(folder => join(folder, 'chromium')).find(existsSync), args: ['--no-sandbox'] });
  const wrong = [];

  /** A page that is live. Whatever its console says, and whatever it loads from elsewhere, is wrong. */
  async function open(width, height, colorScheme, locale) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('console', message => wrong.push(message.text()));
    page.on('pageerror', error => wrong.push(error.message));
    page.on('request', request => request.url().startsWith(PAGE) || wrong.push(request.url()));
    await page.goto(PAGE);
    await page.waitForSelector('#live.on');
    return page;
  }

  const picture = (page, name) => SCREENSHOTS && page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });

  // A payment, from the order to the reply.
  const desk = await open(1280, 860, 'light', 'en-US');
  await desk.getByText('No orders yet').waitFor();
  place('page-order-1', '拿铁咖啡 大杯');
  const order = desk.locator('[data-key="order-page-order-1"]');
  await order.waitFor();
  await order.getByText('QR code').click();
  await desk.waitForFunction(() => document.querySelector('img.qr')?.naturalWidth > 0);
  await order.getByRole('button', { name: 'The customer pays' }).click();
  await order.getByText('success').waitFor();
  const notification = desk.locator('#notification-list details').first();
  await notification.getByText('204 acknowledged').waitFor();
  await notification.locator('summary').first().click();
  await notification.getByText('"out_trade_no": "page-order-1"').waitFor();
  await notification.getByRole('button', { name: 'Send again' }).click();
  await notification.locator('.result.good').getByText('204 acknowledged').waitFor();

  // The request, step by step; each entry of the ledger.
  const request = desk.locator('#request-list details').first();
  await request.locator('summary').first().click();
  await request.locator('.steps .passed').nth(5).waitFor();
  assert.match(await request.locator('pre').first().textContent(), /^POST\n\/v3\/pay\/transactions\/native\n\d+\n/);
  assert.strictEqual(await desk.locator('#ledger-list .entry').count(), 2);
  await picture(desk, 'desk');

  // A fault, switched on, seen and switched off.
  await desk.getByText('Switch on a fault').click();
  await desk.locator('#kind').selectOption('status');
  assert.strictEqual(await desk.getByLabel('Status', { exact: true }).inputValue(), '500');
  await desk.getByLabel('Status', { exact: true }).fill('200');
  await desk.getByRole('button', { name: 'Switch on', exact: true }).click();
  await desk.getByText('the status of a failure must be from 400 to 599').waitFor();
  await desk.getByLabel('Status', { exact: true }).fill('503');
  await desk.getByLabel('How often').fill('2');
  await desk.getByRole('button', { name: 'Switch on', exact: true }).click();
  await desk.locator('#fault-list').getByText('left 2').waitFor();
  assert.throws(() => call('get', 'v3/marketing/partnerships'), ({ status, stderr }) => status === 5 && /503/.test(stderr));
  await desk.locator('#request-list').getByText('A status of failure 503').waitFor();
  await desk.locator('#fault-list').getByText('left 1').waitFor();
  await desk.getByRole('button', { name: 'Switch off' }).click();
  await desk.getByText('No fault is on').waitFor();
  call('get', 'v3/marketing/partnerships');

  // What is filtered away comes back.
  await desk.getByLabel('Filter by path or status').fill('503');
  assert.strictEqual(await desk.locator('#request-list details').count(), 1);
  await desk.getByLabel('Filter by path or status').fill('');
  assert.strictEqual(await desk.locator('#request-list details').count(), 3);

  // Both languages have every word, and every fault has a name.
  const [zh, en, unnamed] = await desk.evaluate(() => [
    Object.keys(TEXTS.zh),
    Object.keys(TEXTS.en),
    [...[...document.querySelectorAll('[data-text], [data-hint]')].flatMap(({ dataset }) => [dataset.text, dataset.hint]).filter(name => name && !TEXTS.en[name]),
      ...state.fault_kinds.map(kind => kind.fault).filter(name => !FAULTS[name])],
  ]);
  assert.deepStrictEqual([zh.sort(), unnamed], [en.sort(), []]);

  // On a phone, dark, in Chinese by the browser's language, and with the keyboard alone.
  place('page-order-2', '抹茶拿铁');
  const phone = await open(375, 812, 'dark', 'zh-CN');
  assert.strictEqual(await phone.title(), '微信支付沙箱');
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the phone');
  await picture(phone, 'phone');
  /** Presses Tab until what is focused says this. */
  async function reach(text) {
    for (let pressed = 0; pressed < 80; pressed += 1) {
      await phone.keyboard.press('Tab');
      const said = await phone.evaluate(() => document.activeElement.textContent.trim());
      if (said.includes(text)) {
        const outline = await phone.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        return assert.notStrictEqual(outline, 'none', `the focus on ${text} is to be seen`);
      }
    }
    assert.fail(`Tab does not reach ${text}`);
  }
  await reach('跳到请求');
  await phone.keyboard.press('Enter');
  await reach('/v3/pay/transactions/native');
  await phone.keyboard.press('Enter');
  await phone.getByText('逐步验签').waitFor();
  await reach('顾客付款');
  await phone.keyboard.press('Enter');
  await phone.locator('[data-key="order-page-order-2"]').getByText('成功').waitFor();
  await phone.locator('#notification-list details').nth(1).waitFor();

  // The language is switched, and stays so.
  await phone.getByRole('button', { name: 'English' }).click();
  assert.strictEqual(await phone.title(), 'WeChat Pay sandbox');
  await phone.reload();
  await phone.waitForSelector('#live.on');
  assert.strictEqual(await phone.evaluate(() => document.documentElement.lang), 'en');

  // The browser itself says that the impossible fault was refused, and nothing else.
  assert.deepStrictEqual(wrong.map(text => /status of (\d+)/.exec(text)?.[1] ?? text), ['422']);
  await browser.close();
})().catch(error => {
  console.error(error);
  process.exit(1);
});
