// Each documented call once more, by the real client of Node, which signs it anew; a line of JSON for each: what became of it, and
// whether the answer was verified.

'use strict';

const { readFileSync } = require('node:fs');
const { Agent } = require('node:https');
const { Formatter, Hash, Rsa, Wechatpay } = require('wechatpay-axios-plugin');

const { FOLDER, GATEWAY } = process.env;
const file = name => readFileSync(`${FOLDER}/${name}`);
const mchid = '1900000109';
const secret = file('apiv2.key').toString();
const platform = Rsa.from(file('pub_key.pem'), Rsa.KEY_TYPE_PUBLIC);
const wxpay = new Wechatpay({
  baseURL: GATEWAY,
  mchid,
  serial: '3775B6A45ACD588826D15E583A95F5DD12345678',
  privateKey: file('apiclient_key.pem'),
  certs: { PUB_KEY_ID_0114232134912410000000000000: platform },
  secret,
  merchant: { cert: file('apiclient_cert.pem'), key: file('apiclient_key.pem') },
  httpsAgent: new Agent({ ca: file('authority.pem'), keepAlive: true }),
});

// The fields of the merchant in APIv2, of which the client compares one with its own.
function withOwnId(fields) {
  const names = ['mch_id', 'mchid', 'combine_mch_id'].filter(name => name in fields);
  return { ...fields, ...Object.fromEntries((names.length ? names : ['mch_id']).map(name => [name, mchid])) };
}

// As its user writes it: the path segment by segment. One segment has the name of a method, and goes by `chain`.
function send({ chain, options, verb }) {
  const { base_uri, json, query, sink, timeout, xml, ...rest } = options;
  const is_apiv2 = chain[0] === 'v2';
  const own = fields => (is_apiv2 && fields ? withOwnId(fields) : fields);
  // A bill of APIv2 is no XML, as which the client would read it.
  const as_it_is = is_apiv2 && sink ? { transformResponse: [] } : {};
  const config = { ...rest, ...as_it_is, params: own(query) };
  const resource = chain.reduce((at, segment) => (segment === 'delete' ? at.chain(segment) : at[segment]), wxpay);
  const has_body = verb !== 'get' && verb !== 'delete';
  return has_body ? resource[verb](json ?? own(xml), config) : resource[verb](config);
}

// The client does not look at the signature of an answer that is an error.
function isSigned({ data, headers }) {
  if (data.return_code) {
    const kind = data.sign?.length === 64 ? Hash.ALGO_HMAC_SHA256 : Hash.ALGO_MD5;
    return Hash.sign(kind, data, secret) === data.sign;
  }
  const [timestamp, nonce, signature] = ['timestamp', 'nonce', 'signature'].map(name => headers[`wechatpay-${name}`]);
  const body = data && JSON.stringify(data);
  return Rsa.verify(Formatter.response(timestamp, nonce, body), signature, platform);
}

async function outcome(record) {
  try {
    const { status } = await send(record);
    return { status, is_verified: true };
  } catch ({ code, message, response }) {
    const is_error = code === 'ERR_BAD_REQUEST' || code === 'EV2_RES_STATUS_CODE_NOT_SUCESS';
    return { status: response?.status, is_verified: is_error && isSigned(response), why: code ?? message };
  }
}

(async () => {
  for (const name of process.argv.slice(2)) {
    for (const line of readFileSync(name, 'utf8').trim().split('\n')) {
      const record = JSON.parse(line);
      console.log(JSON.stringify({ id: record.id, ...await outcome(record) }));
    }
  }
  process.exit(0);
})();
