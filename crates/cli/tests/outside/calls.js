// Ten calls by the real client of Node; a line for each that was answered as it should be.

'use strict';

const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { Agent } = require('node:https');
const { Rsa, Wechatpay } = require('wechatpay-axios-plugin');

const { FOLDER, GATEWAY } = process.env;
const file = name => readFileSync(`${FOLDER}/${name}`);
const mchid = '1900000109';
const platform = 'PUB_KEY_ID_0114232134912410000000000000';
const wxpay = new Wechatpay({
  baseURL: GATEWAY,
  mchid,
  serial: '3775B6A45ACD588826D15E583A95F5DD12345678',
  privateKey: file('apiclient_key.pem'),
  certs: { [platform]: file('pub_key.pem') },
  secret: file('apiv2.key').toString(),
  merchant: { cert: file('apiclient_cert.pem'), key: file('apiclient_key.pem') },
  httpsAgent: new Agent({ ca: file('authority.pem') }),
});

async function call(what, promise, check) {
  const { data } = await promise;
  assert.ok(check(data), `${what}: ${JSON.stringify(data)}`);
  console.log(what);
}

async function refused(what, promise, status, code) {
  await assert.rejects(promise, ({ response }) => response.status === status && response.data.code === code);
  console.log(what);
}

const order = number => ({
  appid: 'wx8888888888888888', mchid, description: '咖啡', out_trade_no: number, notify_url: 'https://shop.example/paid',
  amount: { total: 100, currency: 'CNY' },
});

(async () => {
  const { v2, v3 } = wxpay;
  await call('an order', v3.pay.transactions.native.post(order('node-order-1')), data => data.code_url.startsWith('weixin://'));
  await call('an order for a mini program', v3.pay.transactions.jsapi.post({ ...order('node-order-2'), payer: { openid: 'o-MYE42l80oelYMDE34nYD456Xoy' } }), data => data.prepay_id);
  await call('a query', v3.pay.transactions.outTradeNo._out_trade_no_.get({ params: { mchid }, out_trade_no: 'node-order-1' }), data => data.trade_state === 'NOTPAY');
  await call('a close', v3.pay.transactions.outTradeNo._out_trade_no_.close.post({ mchid }, { out_trade_no: 'node-order-1' }), data => data === '');
  await refused('no such order', v3.pay.transactions.outTradeNo._out_trade_no_.get({ params: { mchid }, out_trade_no: 'none' }), 404, 'ORDER_NOT_EXIST');
  const receiver = {
    appid: 'wx8888888888888888', type: 'PERSONAL_OPENID', account: 'o-MYE42l80oelYMDE34nYD456Xoy',
    name: Rsa.encrypt('张三', file('pub_key.pem')), relation_type: 'USER',
  };
  await call('a name that is encrypted', v3.profitsharing.receivers.add.post(receiver, { headers: { 'Wechatpay-Serial': platform } }), data => data.account === receiver.account);

  const old = number => ({
    appid: 'wx8888888888888888', mch_id: mchid, body: 'coffee', out_trade_no: number, total_fee: 100, spbill_create_ip: '127.0.0.1',
    notify_url: 'https://shop.example/paid', trade_type: 'NATIVE', product_id: '1',
  });
  await call('an order of APIv2', v2.pay.unifiedorder.post(old('node-order-3')), data => data.code_url.startsWith('weixin://'));
  await call('its query', v2.pay.orderquery.post({ appid: 'wx8888888888888888', mch_id: mchid, out_trade_no: 'node-order-3' }), data => data.trade_state === 'NOTPAY');
  await call('its close', v2.pay.closeorder.post({ appid: 'wx8888888888888888', mch_id: mchid, out_trade_no: 'node-order-3' }), data => data.result_code === 'SUCCESS');
  const packet = {
    wxappid: 'wx8888888888888888', mch_id: mchid, mch_billno: '190000010920261128000001', send_name: 'shop', re_openid: 'o-MYE42l80oelYMDE34nYD456Xoy',
    total_amount: 100, total_num: 1, wishing: 'luck', client_ip: '127.0.0.1', act_name: 'act', remark: 'remark',
  };
  // With the client's certificate; what it answers is not signed.
  await call('a red packet', v2.mmpaymkttransfers.sendredpack.post(packet, { security: true }), data => data.result_code === 'SUCCESS');
})().catch(error => {
  console.error(error.response?.data ?? error);
  process.exitCode = 1;
});
