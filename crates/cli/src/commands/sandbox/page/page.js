// What the sandbox does, live. What others have written becomes text, never markup.

'use strict';

const TEXTS = {
  zh: {
    title: '微信支付沙箱', parts: '页面各部分', skip: '跳到请求', live: '实时', lost: '正在重连…', language: 'English',
    requests: '请求', orders: '订单与转账', notifications: '通知', faults: '故障', ledger: '账本',
    gateway: '网关', mchid: '商户号', key: '平台密钥', folder: '文件夹',
    filter: '按路径或状态码过滤',
    no_requests: '还没有请求。把程序的 base_uri 指向上面的网关，或运行文件夹里的示例程序。',
    no_match: '没有符合过滤条件的请求。',
    no_orders: '还没有订单。下单之后，可以在这里替顾客付款。',
    no_notifications: '还没有通知。订单付款、退款、转账完成之后，会通知到请求里的 notify_url（仅限本机）。',
    no_faults: '没有打开的故障：一切正常应答。', no_ledger: '平台上还没有发生任何事。',
    gate: '逐步验签', not_checked: '没有检查：由故障直接应答，或请求过大。', signed_message: '待签名串',
    request_headers: '请求头', request_body: '请求体', answer_headers: '应答头', answer_body: '应答体',
    signed_by: '应答签名所用密钥', unsigned: '应答没有 APIv3 签名。', effects: '产生的结果', fault_struck: '故障',
    bytes: '字节', cut: '只显示开头部分', nothing: '（空）',
    passed: '通过', failed: '未通过', not_reached: '未检查到',
    pay: '顾客付款', confirm: '用户确认收款', fail: '转账失败', qr: '二维码', qr_of: '订单二维码',
    resend: '再发一次', resource: '解密后的内容', notice_body: '通知正文', notice_headers: '通知头', reply: '商户的应答',
    acknowledged: '已确认', not_acknowledged: '未确认', no_reply: '没有应答',
    send_one: '发送任意通知', event: '事件', url: '发送到', set: '修改字段（JSON）', send: '发送', not_json: '不是合法的 JSON 对象',
    next_one: '让下一条通知出错', what_happens: '会怎样', apply: '应用', applied: '下一条通知将如此。',
    n_probe: '先发一条验签探测', n_tampered: '先发一条被篡改的', n_duplicate: '发两次', n_out_of_order: '排到再下一条之后', n_lost: '丢失',
    add_fault: '打开一个故障', fault: '故障', on: '只在这个路径', on_hint: '留空为所有路径', times: '次数', share: '比例（%）', share_hint: '留空为每次',
    without_effect: '不产生任何结果', switch_on: '打开', switch_off: '关闭', all_off: '全部关闭', switched_on: '已打开。',
    left: '剩余', each_call: '所有路径', a_status: '状态码', a_seconds: '秒', a_bytes: '字节', a_header: '应答头',
    paid_at: '付款于', refunded: '已退', unknown_error: '出错了', unit: '¥',
  },
  en: {
    title: 'WeChat Pay sandbox', parts: 'Parts of the page', skip: 'Skip to requests', live: 'live', lost: 'reconnecting…', language: '中文',
    requests: 'Requests', orders: 'Orders and transfers', notifications: 'Notifications', faults: 'Faults', ledger: 'Ledger',
    gateway: 'Gateway', mchid: 'Merchant', key: 'Platform key', folder: 'Folder',
    filter: 'Filter by path or status',
    no_requests: 'No requests yet. Point base_uri of a program at the gateway above, or run one of the programs in the folder.',
    no_match: 'No request matches the filter.',
    no_orders: 'No orders yet. Once one is placed, you can pay it here as its customer.',
    no_notifications: 'No notifications yet. After a payment, a refund or a transfer, one goes to the notify_url of the request, if that is on this machine.',
    no_faults: 'No fault is on: everything is answered as it should be.', no_ledger: 'Nothing has happened at the platform yet.',
    gate: 'The signature, step by step', not_checked: 'Not checked: a fault has answered, or the request is too large.', signed_message: 'The message to sign',
    request_headers: 'Headers of the request', request_body: 'Body of the request', answer_headers: 'Headers of the answer', answer_body: 'Body of the answer',
    signed_by: 'The answer is signed by', unsigned: 'The answer has no signature of APIv3.', effects: 'What has happened', fault_struck: 'Fault',
    bytes: 'bytes', cut: 'only the beginning is shown', nothing: '(empty)',
    passed: 'passed', failed: 'failed', not_reached: 'not reached',
    pay: 'The customer pays', confirm: 'The user confirms', fail: 'It fails', qr: 'QR code', qr_of: 'QR code of the order',
    resend: 'Send again', resource: 'Decrypted content', notice_body: 'Body', notice_headers: 'Headers', reply: 'Reply of the merchant',
    acknowledged: 'acknowledged', not_acknowledged: 'not acknowledged', no_reply: 'no reply',
    send_one: 'Send any notification', event: 'Event', url: 'To', set: 'Fields to change (JSON)', send: 'Send', not_json: 'This is not a JSON object',
    next_one: 'Spoil the next notification', what_happens: 'What happens', apply: 'Apply', applied: 'The next notification will be so.',
    n_probe: 'A signature probe is sent before it', n_tampered: 'A tampered one is sent before it', n_duplicate: 'It is sent twice', n_out_of_order: 'It is sent after the next one', n_lost: 'It is lost',
    add_fault: 'Switch on a fault', fault: 'Fault', on: 'Only on this path', on_hint: 'empty: all paths', times: 'How often', share: 'Share (%)', share_hint: 'empty: each call',
    without_effect: 'Nothing takes effect', switch_on: 'Switch on', switch_off: 'Switch off', all_off: 'Switch all off', switched_on: 'It is on.',
    left: 'left', each_call: 'all paths', a_status: 'Status', a_seconds: 'Seconds', a_bytes: 'Bytes', a_header: 'Header',
    paid_at: 'paid', refunded: 'refunded', unknown_error: 'Something went wrong', unit: '¥',
  },
};

/** The steps of the gate: names, and what each of them asks for. */
const STEPS = {
  headers: ['请求头', 'Headers'], authorization: ['Authorization', 'Authorization'], clock: ['时间戳', 'Timestamp'],
  client_certificate: ['客户端证书', 'Client certificate'], fields: ['参数', 'Fields'], signer: ['商户与证书序列号', 'Signer and serial'],
  sign_type: ['签名类型', 'sign_type'], signature: ['签名', 'Signature'], nonce: ['随机串', 'Nonce'],
  certificate_owner: ['证书的所有者', 'Owner of the certificate'],
};

const ASKED = {
  headers: ['有 Accept 和 User-Agent', 'there are Accept and User-Agent'],
  authorization: ['认证类型和格式正确', 'right in scheme and form'],
  clock: ['相差不超过 5 分钟', 'at most 5 minutes off'],
  client_certificate: ['需要时已出示', 'presented, if one is needed'],
  fields: ['可以读取', 'they can be read'],
  signer: ['均有效', 'both are known'],
  sign_type: ['MD5 或 HMAC-SHA256', 'MD5 or HMAC-SHA256'],
  signature: ['与下面的待签名串一致', 'that of the message below'],
  nonce: ['没有用过', 'not used before'],
  certificate_owner: ['是该商户，且未作废', 'this merchant, and not revoked'],
};

const EFFECTS = {
  OrderPlaced: ['下单', 'Order placed'], OrderPaid: ['付款', 'Order paid'], OrderClosed: ['关单', 'Order closed'],
  OrderRefunded: ['退款', 'Refunded'], CouponSent: ['发券', 'Coupon sent'], RedPacketSent: ['发红包', 'Red packet sent'],
  TransferCreated: ['发起转账', 'Transfer created'], TransferSucceeded: ['转账成功', 'Transfer succeeded'],
  TransferFailed: ['转账失败', 'Transfer failed'], TransferCancelled: ['撤销转账', 'Transfer cancelled'],
  ReceiverAdded: ['添加分账接收方', 'Receiver added'], ReceiverDeleted: ['删除分账接收方', 'Receiver deleted'],
  ProfitShared: ['分账', 'Profit shared'], ProfitReturned: ['分账回退', 'Profit returned'],
  ProfitUnfrozen: ['解冻剩余资金', 'Profit unfrozen'], UploadStored: ['上传文件', 'File stored'], Other: ['调用', 'Called'],
};

const STATES = {
  NOTPAY: ['未支付', 'not paid', 'warn'], SUCCESS: ['成功', 'success', 'good'], CLOSED: ['已关闭', 'closed', ''],
  REFUND: ['有退款', 'refunded', ''], WAIT_USER_CONFIRM: ['待用户确认', 'waits for the user', 'warn'],
  FAIL: ['失败', 'failed', 'bad'], CANCELLED: ['已撤销', 'cancelled', ''],
};

const FAULTS = {
  bad_signature: ['应答签名错误', 'Bad signature'], missing_header: ['缺少应答头', 'A header is missing'],
  clock_off: ['应答时间戳偏差', 'Timestamp is off'], unknown_serial: ['未知的平台密钥', 'Unknown key of the platform'],
  status: ['失败的状态码', 'A status of failure'], busy: ['频率超限 429', 'Busy, 429'],
  empty_status: ['无签名的空应答', 'An empty answer, unsigned'], html: ['无签名的 HTML', 'An HTML page, unsigned'],
  redirect: ['重定向 307', 'Redirect, 307'], see_other: ['生效后 303', '303 after the effect'],
  redirect_elsewhere: ['重定向到其他主机', 'Redirect to another host'], redirect_loop: ['无尽重定向', 'Redirect loop'],
  odd_status: ['怪异的状态码', 'An odd status'], close_before_answer: ['应答前断开', 'Closed before the answer'],
  close_in_answer: ['应答中断开', 'Closed in the answer'], close_after_answer: ['应答后断开', 'Closed after the answer'],
  delay: ['延迟', 'Delay'], wrong_length: ['长度不符', 'Wrong length'], smuggled: ['夹带第二个应答', 'A smuggled answer'],
  endless: ['应答体没有尽头', 'Endless body'], rotation: ['更换平台证书', 'Rotation of the certificate'],
};

/** What a fault may have beside its own value. */
const RULE = ['fault', 'on', 'times', 'share', 'without_effect'];

/** Rows of each list. */
const MOST = 300;

/** @type {{request: object[], ledger: object[], notification: object[], orders: object[], transfers: object[], faults: object[], fault_kinds: object[], events: string[], sandbox: ?object}} */
const state = { request: [], ledger: [], notification: [], orders: [], transfers: [], faults: [], fault_kinds: [], events: [], sandbox: null };
let language = localStorage.getItem('language') || (navigator.language.startsWith('zh') ? 'zh' : 'en');

const $ = id => document.getElementById(id);
const t = name => TEXTS[language][name] ?? name;
const named = (table, name) => table[name] ? table[name][language === 'zh' ? 0 : 1] : name;
const money = fen => `${t('unit')}${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
const clock = milliseconds => new Date(milliseconds).toLocaleTimeString(language === 'zh' ? 'zh-CN' : 'en-GB', { hour12: false });

/** An element; a text is a child, and nothing becomes markup. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== null && child !== false));
  return element;
}

const pill = (text, kind = '') => h('span', { class: `pill ${kind}` }, text);

/** Tells whoever listens instead of looking. */
function say(text) { $('said').textContent = text; }

async function ask(method, path, body) {
  const headers = body === undefined && method !== 'POST' ? {} : { 'Content-Type': 'application/json' };
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value?.error ?? t('unknown_error'));
  return value;
}

/** A button that asks for something, and says what is wrong beside it. */
function act(label, quiet, press) {
  const button = h('button', { type: 'button', class: quiet ? 'quiet' : '', click: async () => {
    button.disabled = true;
    try {
      await press();
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  } }, label);
  const problem = h('span', { class: 'result bad', role: 'status' });
  return [button, problem];
}

// ---------------------------------------------------------------- requests

function gateOf(request) {
  if (!request.is_checked) return pill('–');
  return request.refused ? pill(`✗ ${named(STEPS, request.refused.step)}`, 'bad long') : pill('✓', 'good');
}

function shownFault(fault) {
  const value = Object.entries(fault).find(([name]) => !RULE.includes(name));
  return named(FAULTS, fault.fault) + (value ? ` ${value[1]}` : '');
}

const shownEffect = effect => effect.effect === 'Other'
  ? named(EFFECTS, 'Other')
  : `${named(EFFECTS, effect.effect)} ${effect.name}${effect.amount === null ? '' : ` ${money(effect.amount)}`}`;

const statusKind = status => status < 300 ? 'good' : status < 400 ? '' : 'bad';

function requestRow(request) {
  const row = h('details', { class: 'row request', 'data-key': `request-${request.number}`, toggle: () => {
    if (row.open && !row.querySelector('.inside')) row.append(requestInside(request));
  } },
  h('summary', {},
    h('span', { class: 'when' }, clock(request.time)),
    h('span', { class: 'method' }, request.method),
    h('span', { class: 'path' }, request.target),
    pill(String(request.status), statusKind(request.status)),
    gateOf(request),
    h('span', { class: 'ms' }, `${request.ms < 10 ? request.ms.toFixed(1) : Math.round(request.ms)} ms`),
    h('span', { class: 'more' },
      request.fault && pill(`⚡ ${shownFault(request.fault)}`, 'warn long'),
      request.effects.map(effect => pill(`+ ${shownEffect(effect)}`, 'long')))));
  return row;
}

function requestInside(request) {
  const marks = { passed: '✓', failed: '✗', not_reached: '○' };
  const steps = request.gate.map(step => h('li', { class: step.result },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, marks[step.result]),
    h('span', {}, named(STEPS, step.step), ' ', h('span', { class: 'asked' }, named(ASKED, step.step)),
      h('span', { class: 'hidden' }, `: ${t(step.result)}`), step.why && h('span', { class: 'why' }, step.why))));
  return h('div', { class: 'inside' },
    part(t('gate'), steps.length ? h('ol', { class: 'steps' }, steps) : h('p', { class: 'note' }, t('not_checked'))),
    request.signed_message !== null && part(t('signed_message'), h('pre', {}, request.signed_message)),
    part(t('request_body'), body(request.body, request.body_bytes)),
    part(t('answer_body'), body(request.answer.body, request.answer.body_bytes)),
    h('p', { class: 'note' }, request.answer.serial ? [`${t('signed_by')} `, h('code', {}, request.answer.serial)] : t('unsigned')),
    fold(t('request_headers'), names(request.headers)),
    fold(t('answer_headers'), names(request.answer.headers)));
}

const part = (name, ...content) => h('div', {}, h('h3', {}, name), ...content);
const fold = (name, content) => h('details', { class: 'fold' }, h('summary', {}, name), content);
const names = pairs => h('dl', { class: 'names' }, pairs.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));

/** JSON with room between its parts, anything else as it is. */
function body(text, length) {
  if (!length) return h('p', { class: 'note' }, t('nothing'));
  let shown = text;
  // Numbers that JavaScript cannot hold would change.
  if (!/\d{16}/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ''))) {
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* It is not JSON. */ }
  }
  const bytes = new TextEncoder().encode(text).length;
  return [h('pre', { tabindex: '0' }, shown || `${length} ${t('bytes')}`),
    bytes < length && h('p', { class: 'note' }, `${length} ${t('bytes')}, ${t('cut')}`)];
}

// ---------------------------------------------------------------- orders and transfers

function orderCard(order) {
  const [name, kind] = [named(STATES, order.state), STATES[order.state]?.[2] ?? ''];
  return h('article', { class: 'order', 'data-key': `order-${order.number}` },
    h('div', { class: 'line' }, h('span', { class: 'what' }, order.description ?? order.number), h('span', { class: 'sum' }, money(order.total)), pill(name, kind)),
    h('div', { class: 'about' }, h('code', {}, order.number), ` · ${order.trade_type} · ${clock(order.created * 1000)}`,
      order.paid !== null && ` · ${t('paid_at')} ${clock(order.paid * 1000)}`, order.refunded > 0 && ` · ${t('refunded')} ${money(order.refunded)}`),
    order.transaction_id && h('div', { class: 'about' }, h('code', {}, order.transaction_id)),
    order.state === 'NOTPAY' && h('div', { class: 'acts' }, act(t('pay'), false, async () => {
      await ask('POST', `/api/orders/${encodeURIComponent(order.number)}/pay`);
      say(`${t('paid_at')} ${order.number}`);
      await refreshOrders();
    })),
    order.address && order.state === 'NOTPAY' && code(order));
}

function code(order) {
  const details = h('details', { class: 'fold', toggle: () => {
    if (details.open && !details.querySelector('img')) {
      details.append(h('img', { class: 'qr', width: 200, height: 200, src: `/api/orders/${encodeURIComponent(order.number)}/qr`, alt: `${t('qr_of')} ${order.number}` }),
        h('p', { class: 'note mono' }, order.address));
    }
  } }, h('summary', {}, t('qr')));
  return details;
}

function transferCard(transfer) {
  const end = how => async () => {
    await ask('POST', `/api/transfers/${encodeURIComponent(transfer.number)}/${how}`);
    await refreshOrders();
  };
  return h('article', { class: 'order', 'data-key': `transfer-${transfer.number}` },
    h('div', { class: 'line' }, h('span', { class: 'what' }, transfer.remark ?? transfer.number), h('span', { class: 'sum' }, money(transfer.amount)),
      pill(named(STATES, transfer.state), STATES[transfer.state]?.[2] ?? '')),
    h('div', { class: 'about' }, h('code', {}, transfer.number), ` · ${clock(transfer.created * 1000)}`),
    transfer.state === 'WAIT_USER_CONFIRM' && h('div', { class: 'acts' }, act(t('confirm'), false, end('confirm')), act(t('fail'), true, end('fail'))));
}

// ---------------------------------------------------------------- notifications, faults, the ledger

function notificationRow(notification) {
  const [text, kind] = notification.error !== null ? [t('no_reply'), 'bad']
    : notification.is_acknowledged ? [`${notification.reply.status} ${t('acknowledged')}`, 'good'] : [`${notification.reply.status} ${t('not_acknowledged')}`, 'bad'];
  const row = h('details', { class: 'row', 'data-key': `notification-${notification.number}`, toggle: () => {
    if (row.open && !row.querySelector('.inside')) row.append(notificationInside(notification));
  } }, h('summary', {}, h('span', { class: 'path' }, notification.event ?? 'APIv2'), pill(text, kind),
    h('span', { class: 'more' }, h('span', { class: 'when mono' }, notification.url))));
  return row;
}

function notificationInside(notification) {
  const result = h('p', { class: 'result', role: 'status' });
  const pretty = value => h('pre', { tabindex: '0' }, JSON.stringify(value, null, 2));
  return h('div', { class: 'inside' },
    notification.resource !== null && part(t('resource'), pretty(notification.resource)),
    part(t('reply'), notification.error !== null ? h('p', { class: 'note' }, notification.error) : body(notification.reply.body, notification.reply.body.length)),
    fold(t('notice_body'), body(notification.body, notification.body.length)),
    fold(t('notice_headers'), names(notification.headers)),
    h('div', { class: 'acts' }, act(t('resend'), true, async () => show(result, await ask('POST', `/api/notifications/${notification.number}/resend`)))),
    result);
}

/** What a merchant has replied. */
function show(result, delivery) {
  result.className = `result ${delivery.is_acknowledged ? 'good' : 'bad'}`;
  result.textContent = `${delivery.status} ${t(delivery.is_acknowledged ? 'acknowledged' : 'not_acknowledged')} ${delivery.body.slice(0, 200)}`;
}

function faultRow({ id, fault }) {
  const about = [fault.on ?? t('each_call'), fault.times !== undefined && `${t('left')} ${fault.times}`,
    fault.share !== undefined && `${fault.share * 100} %`, fault.without_effect && t('without_effect')];
  return h('div', { class: 'entry', 'data-key': `fault-${id}` },
    h('span', { class: 'rule' }, `⚡ ${shownFault(fault)}`, h('small', {}, about.filter(Boolean).join(' · '))),
    act(t('switch_off'), true, async () => {
      await ask('DELETE', `/api/faults/${id}`);
      await refreshFaults();
    }));
}

function entryRow(entry) {
  return h('div', { class: 'entry' }, h('span', { class: 'when' }, clock(entry.time * 1000)), h('span', {}, named(EFFECTS, entry.effect)),
    h('span', { class: 'name' }, entry.name), entry.amount !== null && h('span', { class: 'sum' }, money(entry.amount)));
}

// ---------------------------------------------------------------- the lists

function fill(list, rows, nothing) {
  // Whoever has opened a row, or is on a button, stays there.
  const open = new Set([...list.querySelectorAll(':scope > details[open], :scope > * details[open]')].map(each => each.closest('[data-key]')?.dataset.key));
  const focused = list.contains(document.activeElement) ? document.activeElement.closest('[data-key]')?.dataset.key : undefined;
  list.replaceChildren(...(rows.length ? rows : [h('div', { class: 'empty' }, ...[nothing].flat().map(text => h('p', {}, text)))]));
  for (const row of rows) {
    const key = row.dataset.key;
    if (open.has(key)) (row.tagName === 'DETAILS' ? row : row.querySelector('details'))?.setAttribute('open', '');
    if (key !== undefined && key === focused) row.querySelector('button, summary')?.focus();
  }
}

const matches = request => {
  const wanted = $('filter').value.trim().toLowerCase();
  return !wanted || `${request.method} ${request.target} ${request.status}`.toLowerCase().includes(wanted);
};

function drawRequests() {
  const shown = state.request.filter(matches).slice(-MOST).reverse();
  fill($('request-list'), shown.map(requestRow), state.request.length ? t('no_match') : t('no_requests'));
}

function drawOrders() {
  const rows = [...state.orders.map(order => [order.created, orderCard(order)]), ...state.transfers.map(transfer => [transfer.created, transferCard(transfer)])];
  fill($('order-list'), rows.sort(([a], [b]) => b - a).map(([, row]) => row), t('no_orders'));
}

function drawNotifications() {
  fill($('notification-list'), state.notification.slice(-MOST).reverse().map(notificationRow), t('no_notifications'));
}

function drawFaults() {
  fill($('fault-list'), state.faults.map(faultRow), t('no_faults'));
  $('clear').hidden = state.faults.length < 2;
}

function drawLedger() {
  fill($('ledger-list'), state.ledger.slice(-MOST).reverse().map(entryRow), t('no_ledger'));
}

function drawCounts() {
  const counts = { requests: state.request, orders: [...state.orders, ...state.transfers], notifications: state.notification, faults: state.faults, ledger: state.ledger };
  for (const [name, list] of Object.entries(counts)) $(`count-${name}`).textContent = list.length || '';
}

function drawAll() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll('[data-hint]')) element.placeholder = t(element.dataset.hint);
  $('language').textContent = t('language');
  $('language').lang = language === 'zh' ? 'en' : 'zh-CN';
  drawLive();
  if (state.sandbox) {
    const { base_uri: base, mchid, platform_serial: serial, folder } = state.sandbox;
    const facts = [['gateway', base], ['mchid', mchid], ['key', serial], ['folder', folder]];
    $('facts').replaceChildren(...facts.map(([name, value]) => h('div', {}, h('dt', {}, t(name)), h('dd', { class: 'mono' }, value))));
  }
  const chosen = $('kind').value;
  $('kind').replaceChildren(...state.fault_kinds.map(kind => h('option', { value: kind.fault }, named(FAULTS, kind.fault))));
  if (chosen) $('kind').value = chosen;
  $('events').replaceChildren(...state.events.map(event => h('option', { value: event })));
  drawArgument(false);
  [drawRequests, drawOrders, drawNotifications, drawFaults, drawLedger, drawCounts].forEach(draw => draw());
}

/** What the chosen fault needs, with a value that is often used. */
function drawArgument(isNew = true) {
  const kind = state.fault_kinds.find(kind => kind.fault === $('kind').value);
  const name = kind && argumentOf(kind);
  $('argument').hidden = !name;
  if (!name) return;
  $('argument-name').textContent = t(`a_${name}`);
  const input = $('inject').elements.argument;
  if (isNew || !input.value) input.value = kind[name];
}

const argumentOf = kind => Object.keys(kind).find(name => !RULE.includes(name));

function drawLive() {
  $('live').textContent = t(isLive ? 'live' : 'lost');
  $('live').classList.toggle('on', isLive);
}

// ---------------------------------------------------------------- what happens

let isLive = false;
/** The number of the last event that the state has; until it is there, events wait. */
let last = null;
let waiting = [];

const soon = new Map();

/** Does something once, a moment after the last time that it was asked for. */
function later(what) {
  clearTimeout(soon.get(what));
  soon.set(what, setTimeout(what, 120));
}

async function refreshOrders() {
  Object.assign(state, await ask('GET', '/api/orders'));
  drawOrders();
  drawCounts();
}

async function refreshFaults() {
  Object.assign(state, await ask('GET', '/api/faults'));
  drawFaults();
  drawCounts();
}

function take(kind, id, value) {
  if (last === null) return void waiting.push([kind, id, value]);
  if (id <= last) return;
  last = id;
  state[kind].push(value);
  if (state[kind].length > 500) state[kind].shift();
  if (kind === 'request') {
    const list = $('request-list');
    if (matches(value)) {
      list.querySelector('.empty')?.remove();
      const row = requestRow(value);
      row.classList.add('new');
      list.prepend(row);
      while (list.children.length > MOST) list.lastElementChild.remove();
    }
    if (value.fault) later(refreshFaults);
    if (value.refused) say(`${value.method} ${value.target}: ${named(STEPS, value.refused.step)}, ${t('failed')}`);
  } else if (kind === 'notification') {
    drawNotifications();
  } else {
    drawLedger();
    later(refreshOrders);
  }
  drawCounts();
}

async function load() {
  last = null;
  waiting = [];
  const { last: number, ...lists } = await ask('GET', '/api/state');
  Object.assign(state, lists);
  last = number;
  drawAll();
  for (const [kind, id, value] of waiting.splice(0)) take(kind, id, value);
}

function follow() {
  const events = new EventSource('/api/events');
  const turn = is => {
    isLive = is;
    drawLive();
  };
  // Also after it was interrupted: what was missed is in the state.
  events.onopen = () => load().then(() => turn(true), () => turn(false));
  events.onerror = () => {
    turn(false);
    // The browser tries again by itself, unless it was refused.
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  };
  for (const kind of ['request', 'ledger', 'notification']) {
    events.addEventListener(kind, event => take(kind, Number(event.lastEventId), JSON.parse(event.data)));
  }
}

// ---------------------------------------------------------------- what is pressed

$('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', language);
  drawAll();
});

$('filter').addEventListener('input', drawRequests);
$('kind').addEventListener('change', () => drawArgument());
$('clear').addEventListener('click', () => ask('DELETE', '/api/faults').then(refreshFaults));

/** A form that asks for something; it returns what to say. */
function submit(id, send) {
  const form = $(id);
  const result = form.querySelector('.result');
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    result.textContent = '';
    try {
      await send(form.elements, result);
    } catch (error) {
      result.className = 'result bad';
      result.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
}

function good(result, text) {
  result.className = 'result good';
  result.textContent = text;
}

submit('trigger', async (fields, result) => {
  let set;
  try { set = JSON.parse(fields.set.value || '{}'); } catch { throw new Error(t('not_json')); }
  show(result, await ask('POST', '/api/trigger', { event: fields.event.value, url: fields.url.value, set }));
});

submit('spoil', async (fields, result) => {
  await ask('POST', '/api/notification-faults', { fault: fields.fault.value });
  good(result, t('applied'));
});

submit('inject', async (fields, result) => {
  const kind = state.fault_kinds.find(kind => kind.fault === fields.fault.value);
  const rule = { fault: kind.fault };
  const name = argumentOf(kind);
  if (name) rule[name] = typeof kind[name] === 'number' ? Number(fields.argument.value) : fields.argument.value;
  if (fields.on.value.trim()) rule.on = fields.on.value.trim();
  if (fields.times.value) rule.times = Number(fields.times.value);
  if (fields.share.value) rule.share = Number(fields.share.value) / 100;
  if (fields.without_effect.checked) rule.without_effect = true;
  await ask('POST', '/api/faults', rule);
  good(result, t('switched_on'));
  await refreshFaults();
});

drawAll();
follow();
