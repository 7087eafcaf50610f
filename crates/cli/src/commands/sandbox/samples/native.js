// npm install wechatpay-axios-plugin
// node native.js
//
// An order in the sandbox. The keys are good for nothing else.

const { readFileSync } = require('node:fs');
{{#tls}}const { Agent } = require('node:https');
const { Wechatpay } = require('wechatpay-axios-plugin');

const wxpay = new Wechatpay({
  baseURL: {{base_uri}},
  mchid: {{mchid}},
  serial: {{serial}},
  privateKey: readFileSync({{private_key}}),
  certs: { [{{platform_id}}]: readFileSync({{platform_file}}) },
  // For APIv2.
  secret: readFileSync({{secret_file}}, 'utf8').trim(),
  merchant: { cert: readFileSync({{certificate}}), key: readFileSync({{private_key}}) },
{{#tls}}  httpsAgent: new Agent({ ca: readFileSync({{authority}}) }),
});

wxpay.v3.pay.transactions.native.post({
  appid: 'wx8888888888888888',
  mchid: {{mchid}},
  description: '咖啡',
  out_trade_no: `node-${Date.now()}`,
  notify_url: 'http://127.0.0.1:8080/notify',
  amount: { total: 100, currency: 'CNY' },
}).then(({ data }) => console.info(JSON.stringify(data)))
  .catch(({ message, response }) => {
    console.error(response?.data ?? message);
    process.exitCode = 1;
  });
