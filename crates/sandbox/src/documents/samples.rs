//! Values that look real, by the names of fields.

use std::sync::LazyLock;

use super::chance::{Chance, Seed};
use super::given::Given;
use crate::clock;

/// No time is later, unless the request says one: 2026-01-15T12:00:00+08:00.
const LATEST: i64 = 1_768_449_600;

const DAY: u64 = 24 * 60 * 60;

const DIGITS: &[u8] = b"0123456789";
const HEX: &[u8] = b"0123456789abcdef";
pub(crate) const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CAPITALS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

/// The fields of a request that say how much it is about, the first that is there.
const TOTALS: [&str; 6] = ["total", "total_fee", "total_amount", "transfer_amount", "amount", "refund_fee"];

/// Who gets the answer, and how the operation writes it.
pub(crate) struct Reader<'a> {
    pub(crate) mchid: &'a str,
    pub(crate) currency: &'static str,
    pub(crate) is_apiv2: bool,
    /// What a notification is about; empty for an answer.
    pub(crate) event: &'a str,
}

/// The address of nobody.
const ELSEWHERE: &str = "https://example.com/";

/// The values of one answer, which agree with each other.
pub(crate) struct Samples<'a> {
    chance: Chance,
    reader: Reader<'a>,
    /// What it is about, in fen.
    total: u64,
    /// What is taken off that.
    part: u64,
    /// Between which times things began and were done, in Unix seconds.
    times: (i64, i64),
    /// Seconds from one thing to the next.
    pace: i64,
}

impl<'a> Samples<'a> {
    pub(crate) fn new(seed: Seed, given: &Given, reader: Reader<'a>) -> Samples<'a> {
        let mut chance = Chance::new(seed);
        let total = TOTALS.iter().find_map(|name| given.number(name)).filter(|total| (1..=1 << 40).contains(total));
        let total = total.unwrap_or_else(|| chance.below(990).saturating_add(10).saturating_mul(10));
        let pace = seconds(DAY.saturating_add(chance.below(9 * DAY)));
        let began = LATEST.saturating_sub(seconds(40 * DAY)).saturating_sub(seconds(chance.below(50 * DAY)));
        let times = given.times().unwrap_or((began, began));
        Samples { chance, reader, total, part: total / 10, times, pace }
    }

    /// A text for a field of this name.
    pub(crate) fn text(&mut self, name: &str) -> String {
        if let Some(make) = FOR_TEXTS.find(name) {
            return make(self, name);
        }
        match FOR_NUMBERS.find(name) {
            Some(make) => make(self, name).to_string(),
            None => self.chance.text("示例", 4, DIGITS),
        }
    }

    /// A time as of RFC 3339 for a field of this name.
    pub(crate) fn time(&mut self, name: &str) -> String {
        clock::rfc3339(self.moment(name))
    }

    /// A number for a field of this name.
    pub(crate) fn number(&mut self, name: &str) -> u64 {
        match FOR_NUMBERS.find(name) {
            Some(make) => make(self, name),
            None => self.up_to(9),
        }
    }

    /// Whether it is so, for a field of this name.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        !is_any(FALSE, name)
    }

    /// When what a name speaks of was: what begins is before what is done, and that before what ends.
    fn moment(&mut self, name: &str) -> i64 {
        let (first, last) = self.times;
        if is_any(BEGINNINGS, name) {
            first.saturating_sub(self.pace)
        } else if is_any(ENDS, name) {
            last.saturating_add(self.pace.saturating_mul(2))
        } else {
            last.saturating_add(self.pace / 2)
        }
    }

    fn up_to(&mut self, end: u64) -> u64 {
        self.chance.below(end).saturating_add(1)
    }

    fn digits(&mut self, before: &str, length: usize) -> String {
        self.chance.text(before, length.saturating_sub(before.len()), DIGITS)
    }

    /// A time as the protocol writes one.
    fn written_time(&mut self, name: &str) -> String {
        let time = self.time(name);
        if self.reader.is_apiv2 { digits_of(&time, 14) } else { time }
    }

    fn date(&mut self, name: &str) -> String {
        let time = self.time(name);
        if self.reader.is_apiv2 { digits_of(&time, 8) } else { time.get(..10).unwrap_or_default().to_owned() }
    }

    /// The number of an identity card, with its check digit.
    fn id_card(&mut self) -> String {
        let mut number = self.digits("11010119900307", 17);
        let weights = [7_u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let digits = number.bytes().map(|digit| u32::from(digit.saturating_sub(b'0')));
        let sum =
            digits.zip(weights).fold(0_u32, |sum, (digit, weight)| sum.saturating_add(digit.saturating_mul(weight)));
        number.extend("10X98765432".chars().nth(usize::try_from(sum % 11).unwrap_or_default()));
        number
    }

    /// How what it is about has ended: well, unless the event says otherwise.
    fn outcome(&self) -> &'static str {
        match self.reader.event.rsplit('.').next() {
            Some("CLOSED") => "CLOSED",
            Some("ABNORMAL") => "ABNORMAL",
            Some("FAIL" | "INDUSTRY_FAILED") => "FAIL",
            _ => "SUCCESS",
        }
    }

    fn person(&mut self) -> String {
        let surname = self.chance.one_of(&["王", "李", "张", "刘", "陈", "杨", "赵", "黄"]);
        let name = self.chance.one_of(&["伟", "芳", "娜", "敏", "静", "小明", "建国", "秀英"]);
        format!("{surname}{name}")
    }
}

/// How a value is made for a name.
type Make<T> = fn(&mut Samples<'_>, &str) -> T;

/// What the names of a kind are like, and how their values are made. A star stands for anything.
type Rule<T> = (&'static str, Make<T>);

/// The first that a name is like counts.
const TEXTS: &[Rule<String>] = &[
    ("mchid mch_id merchant_id combine_mch_id combine_mchid sp_mchid", |of, _| of.reader.mchid.to_owned()),
    ("*mchid* *mch_id *merchant_id*", |of, _| of.digits("19", 10)),
    ("*appid*", |of, _| of.chance.text("wx", 16, HEX)),
    ("*openid* unionid union_id", |of, _| of.chance.text("o", 27, LETTERS)),
    ("*refund_account*", |_, _| "REFUND_SOURCE_UNSETTLED_FUNDS".into()),
    ("*remark", |of, _| of.chance.text("示例说明", 4, DIGITS)),
    ("timestamp *_timestamp", |of, name| of.moment(name).to_string()),
    ("*time time_* *_time_* *_at", |of, name| of.written_time(name)),
    ("*_date date date_* *_date_*", |of, name| of.date(name)),
    // What did not happen: all that is answered has gone well.
    ("err_* *error* *fail_* *failed_* *reject* *_reason reason invalid_*", |_, _| String::new()),
    // There is but one page.
    ("next prev next_page_token", |_, _| String::new()),
    ("return_msg result_msg ret_msg rsp_msg msg sub_msg resp_desc", |_, _| "OK".into()),
    ("return_code result_code resp_code ret_code", |_, _| "SUCCESS".into()),
    ("*state *status *status_$* result", |of, _| of.outcome().to_owned()),
    ("event_type", |of, _| of.reader.event.to_owned()),
    ("trade_type", |_, _| "JSAPI".into()),
    ("coupon_type*", |_, _| "CASH".into()),
    ("refund_channel*", |_, _| "ORIGINAL".into()),
    ("*recv_accout* user_received_account", |_, _| "支付用户零钱".into()),
    ("*state_desc* *status_desc* *state_description trade_state_des", |_, _| "成功".into()),
    ("is_* *_is_subscribe", |_, _| "N".into()),
    // Numbers that the platform gives.
    ("transaction_id *_transaction_id *_trade_id", |of, _| of.digits("4200", 28)),
    ("refund_id* *_refund_id*", |of, _| of.digits("5030", 29)),
    ("prepay_id", |of, _| {
        let before = format!("wx{}", digits_of(&of.time("prepay"), 14));
        of.chance.text(&before, 20, HEX)
    }),
    ("out_*_no* *_billno *_request_no *_trade_no out_*_id", |of, _| of.digits("", 24)),
    ("serial_no", |of, _| of.chance.text("5", 39, b"0123456789ABCDEF")),
    ("*media_id *_pic *_pics *_copy", |of, _| of.chance.text("", 44, LETTERS)),
    // Persons and companies.
    ("*phone* *mobile*", |of, _| of.digits("138", 11)),
    ("*id_card_number *_id_number *_id_no *credential_id bal_account_no", |of, _| of.id_card()),
    ("*email", |of, _| format!("{}@example.com", of.chance.text("", 8, b"abcdefghijklmnopqrstuvwxyz"))),
    ("*bank_type", |_, _| "OTHERS".into()),
    ("*bank_name account_bank *bank_alias bank", |_, _| "招商银行".into()),
    ("*card_tail *number_tail", |of, _| of.digits("", 4)),
    ("*account_no *account_number *bank_account *card_no *card_number", |of, _| of.digits("6225", 16)),
    (
        "user_name *real_name true_name *_person *contact* *account_name individual_name payee reviewer \
         drawer driver_name principal* director* username nickname",
        |of, _| of.person(),
    ),
    ("*merchant_name *company_name *shortname *merchant *institution* *enterprise* *organization_name", |of, _| {
        of.chance.one_of(&["深圳市示例科技有限公司", "示例商贸有限公司", "北京示例餐饮管理有限公司"]).to_owned()
    }),
    ("*store_name *brand_name shop_name *parking_name", |of, _| of.chance.text("示例门店", 2, DIGITS)),
    ("*goods_name *coupon_name *stock_name *product_name *activity_name *title body subject", |of, _| {
        of.chance.text("示例商品", 2, DIGITS)
    }),
    ("*province*", |_, _| "广东省".into()),
    ("*city", |_, _| "深圳市".into()),
    ("*address *location", |of, _| of.digits("深圳市南山区示例路", 30)),
    ("longitude", |_, _| "113.9345".into()),
    ("latitude", |_, _| "22.5405".into()),
    ("*plate_number", |of, _| of.chance.text("粤B", 5, CAPITALS)),
    // Addresses.
    ("code_url", |of, _| of.chance.text("weixin://wxpay/bizpayurl?pr=", 9, LETTERS)),
    ("*url *url_list *link *_uri website* domains self", |of, _| of.chance.text(ELSEWHERE, 12, LETTERS)),
    ("*path jsapi_path_list", |_, _| "pages/index/index".into()),
    ("*_ip", |of, _| format!("198.51.100.{}", of.up_to(254))),
    // Money.
    ("*currency* *fee_type* *feetype", |of, _| of.reader.currency.to_owned()),
    // Digests, keys and codes.
    ("hash_type", |_, _| "SHA1".into()),
    ("hash_value", |of, _| of.chance.text("", 40, HEX)),
    ("*sha256 *_md5 *_hash *_sm3 *_digest", |of, _| of.chance.text("", 64, HEX)),
    ("sign_type", |_, _| "MD5".into()),
    ("algorithm", |_, _| "HMAC-SHA256".into()),
    ("encrypt_algorithm event_algorithm", |_, _| "AEAD_AES_256_GCM".into()),
    ("event_nonce", |of, _| of.chance.text("", 12, LETTERS)),
    ("nonce* *_nonce *token *ticket *_key key *_sign sandbox_signkey package*", |of, _| {
        of.chance.text("", 32, LETTERS)
    }),
    // What is left of numbers: the platform's own are of digits.
    ("*_id id *_id_list *_id_$* *_ids *listid", |of, _| of.digits("1", 20)),
    ("*_no *_no_* *_sn *serial* number *_number", |of, _| of.digits("", 20)),
    ("*code *codes *_code_*", |of, _| of.digits("", 12)),
    ("type *_type *_mode *_scene *channel", |_, _| "NORMAL".into()),
    ("name *_name", |of, _| of.chance.text("示例名称", 2, DIGITS)),
    ("*memo *desc *description attach *wording comment text content *detail", |of, _| {
        of.chance.text("示例说明", 4, DIGITS)
    }),
];

/// The first that a name is like counts.
const NUMBERS: &[Rule<u64>] = &[
    ("offset", |_, _| 0),
    ("limit *page_size", |_, _| 20),
    ("*index page", |_, _| 1),
    // Of a day, or of a week.
    ("begin_time start_time", |_, _| 8 * 60 * 60),
    ("end_time", |_, _| 22 * 60 * 60),
    ("*_time *timestamp", |of, name| u64::try_from(of.moment(name)).unwrap_or_default()),
    ("hours", |of, _| of.up_to(23)),
    ("minutes seconds", |of, _| of.up_to(59)),
    ("*expire*", |_, _| 7200),
    ("week_day", |of, _| of.up_to(7)),
    ("*percent* *rate *ratio", |of, _| of.up_to(99)),
    ("count *_count *_count_* *num *num_* *quantity *times *number max_coupons*", |of, _| of.up_to(5)),
    ("*mchid *mch_id", |of, _| of.reader.mchid.parse().unwrap_or_default()),
    ("*_id id *_no seq* *serial *code", |of, _| of.up_to(9_000_000).saturating_add(1_000_000)),
    // In fen. What is taken off and what is paid make up the total.
    ("*contribute* *discount* coupon_*fee* coupon_fee* coupon_amount *subsidy* *poundage* *reduce*", |of, _| of.part),
    ("payer_* cash_* settlement_* *net* paid_* actual_* pay_*", |of, _| of.total.saturating_sub(of.part)),
    (
        "*fee *fee_* *amount* *total* *price* *refund* *balance* *money* *fund advance threshold \
         transaction_minimum *quota* *_max duty* value *unsettle* settled *budget*",
        |of, _| of.total,
    ),
    ("*day* *duration* *period* *interval*", |of, _| of.up_to(28)),
];

/// What begins, as the names of times say it.
const BEGINNINGS: &str = "*begin* *start* *create* *accept* *apply* *initiate* *submit* *sign_time *signed* *from";

/// What ends.
const ENDS: &str =
    "*end *end_* *expire* *close* *terminat* *delete* *deactivate* *finish* *stop* *deadline* *invalid* *cancel* *_to";

/// What is not so.
const FALSE: &str = "has_more *disabled *hidden need_* is_overdue *refunded singleitem";

/// Rules, with their names taken apart.
struct Rules<T: 'static>(Vec<(Vec<&'static str>, Make<T>)>);

impl<T> Rules<T> {
    fn new(rules: &[Rule<T>]) -> Rules<T> {
        Rules(rules.iter().map(|(names, make)| (names.split(' ').collect(), *make)).collect())
    }

    fn find(&self, name: &str) -> Option<Make<T>> {
        let is_for = |patterns: &[&str]| patterns.iter().any(|pattern| is_like(pattern, name));
        self.0.iter().find(|(patterns, _)| is_for(patterns)).map(|(_, make)| *make)
    }
}

/// The rules for texts.
static FOR_TEXTS: LazyLock<Rules<String>> = LazyLock::new(|| Rules::new(TEXTS));

/// The rules for numbers.
static FOR_NUMBERS: LazyLock<Rules<u64>> = LazyLock::new(|| Rules::new(NUMBERS));

fn is_any(patterns: &str, name: &str) -> bool {
    patterns.split(' ').any(|pattern| is_like(pattern, name))
}

/// Whether a name is like a pattern with a star at one end or at both, or one in the middle and perhaps one at the end.
fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some(("", rest)) => match rest.strip_suffix('*') {
            Some(inside) => name.contains(inside),
            None => name.ends_with(rest),
        },
        Some((before, after)) => match name.strip_prefix(before) {
            None => false,
            Some(rest) => match after.strip_suffix('*') {
                Some(inside) => rest.contains(inside),
                None => rest.ends_with(after),
            },
        },
    }
}

fn digits_of(text: &str, count: usize) -> String {
    text.chars().filter(char::is_ascii_digit).take(count).collect()
}

fn seconds(count: u64) -> i64 {
    i64::try_from(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_shapes_of_real_ones() {
        let reader = Reader { mchid: "1900000109", currency: "CNY", is_apiv2: false, event: "REFUND.CLOSED" };
        let mut samples = Samples::new(Seed::new(), &Given::default(), reader);
        for (name, before, length) in [
            ("mchid", "1900000109", 10),
            ("sub_mchid", "19", 10),
            ("sub_appid", "wx", 18),
            ("payer_openid", "o", 28),
            ("transaction_id", "4200", 28),
            ("prepay_id", "wx2025", 36),
            ("payer_phone", "138", 11),
            ("create_time", "2025-", 25),
            ("bill_date", "2025-", 10),
            ("fail_reason", "", 0),
            ("refund_status", "CLOSED", 6),
            ("return_code", "SUCCESS", 7),
            ("settle_currency", "CNY", 3),
            ("event_nonce", "", 12),
            ("update_by_nobody", "示例", 10),
        ] {
            let text = samples.text(name);
            assert!(text.starts_with(before) && text.len() == length, "{name}: {text}");
        }
        assert_eq!(samples.text("payer_total"), samples.number("payer_total").to_string());
        assert!(samples.flag("checked_in") && !samples.flag("has_more"));

        // The check digit makes the weighted sum 1 modulo 11.
        let number = samples.text("id_card_number");
        let digits = number.bytes().map(|digit| if digit == b'X' { 10 } else { u32::from(digit - b'0') });
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
        assert_eq!(digits.zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11, 1, "{number}");
    }

    #[test]
    fn patterns_are_like_names() {
        for (pattern, name) in [
            ("a", "a"),
            ("*_id", "x_id"),
            ("is_*", "is_x"),
            ("*b*", "abc"),
            ("out_*_no", "out_x_no"),
            ("out_*_no*", "out_x_no_1"),
        ] {
            assert!(is_like(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a", "ab"), ("*_id", "x_ids"), ("is_*", "was_x"), ("*d*", "abc"), ("out_*_no", "in_x_no")]
        {
            assert!(!is_like(pattern, name), "{pattern} {name}");
        }
    }
}
